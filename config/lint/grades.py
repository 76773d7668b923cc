"""Criteria and profiles that can never matter."""

from collections.abc import Iterator

from config.documents import Path_
from config.lint.scene import Scene, Slip
from scoring.card.grade import Criterion, Grade


def slips(scene: Scene) -> Iterator[Slip]:
    """Yield criteria that nobody or everybody meets, profiles that are never used, and letters out of reach."""
    grade = scene.card.grade
    if grade is None:
        return
    yield from _profiles(scene, grade)
    for number, profile in enumerate(grade.profiles):
        for place, criterion in enumerate(profile.criteria):
            yield from _criterion(scene, criterion, ("grade", "profiles", number, "criteria", place))
    yield from _disqualified(scene, grade)
    for letter, bound in grade.bands.items():
        if bound > 100:  # noqa: PLR2004 - percent
            yield Slip(
                ("grade", "bands", letter), f"no lead ever gets {letter}: its percent goes up to 100.", "Lower it."
            )


def _profiles(scene: Scene, grade: Grade) -> Iterator[Slip]:
    for number, profile in enumerate(grade.profiles):
        path = ("grade", "profiles", number)
        before = [one for one in grade.profiles[:number] if one.applies is None or scene.prover.always(one.applies)]
        if before:
            message = f"the profile '{profile.name}' is never used: '{before[0].name}' applies to every lead before it."
            yield Slip(path, message, "Give that one `applies`, or put this one first.")
        elif profile.applies and (why := scene.prover.never(profile.applies)):
            yield Slip((*path, "applies"), f"the profile '{profile.name}' is never used: {why}.", "Change `applies`.")


def _criterion(scene: Scene, criterion: Criterion, path: Path_) -> Iterator[Slip]:
    name, prover = criterion.name, scene.prover
    if why := prover.never(criterion.match):
        yield Slip((*path, "match"), f"no lead ever matches '{name}': {why}.", "Change `match`.")
    elif prover.always(criterion.match):
        yield Slip((*path, "match"), f"every lead matches '{name}'.", "Change `match`, or take the criterion out.")
    if criterion.partial is None:
        return
    if why := prover.never(criterion.partial):
        yield Slip((*path, "partial"), f"no lead ever matches '{name}' in part: {why}.", "Change `partial`.")
    elif prover.follows(criterion.partial, criterion.match):
        message = f"`partial` of '{name}' never counts: whoever meets it meets `match`, too."
        yield Slip((*path, "partial"), message, "Make `partial` wider than `match`.")


def _disqualified(scene: Scene, grade: Grade) -> Iterator[Slip]:
    if grade.disqualified is None:
        return
    if why := scene.prover.never(grade.disqualified):
        yield Slip(("grade", "disqualified"), f"no lead is ever disqualified: {why}.", "Change it or take it out.")
    elif scene.prover.always(grade.disqualified):
        yield Slip(("grade", "disqualified"), "every lead is disqualified.", "Change it or take it out.")
