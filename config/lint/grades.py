"""Criteria, profiles and letters that have no effect."""

from collections.abc import Iterator

from config.documents import Path_
from config.lint.scene import Scene, Slip
from scoring.card.grade import Criterion, Grade


def slips(scene: Scene) -> Iterator[Slip]:
    """Yield criteria that no lead or every lead matches, profiles that are never used, and unreachable letters."""
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
            yield Slip(("grade", "bands", letter), f"no lead can get {letter}: percentages end at 100.", "Lower it.")


def _profiles(scene: Scene, grade: Grade) -> Iterator[Slip]:
    for number, profile in enumerate(grade.profiles):
        path = ("grade", "profiles", number)
        before = [one for one in grade.profiles[:number] if one.applies is None or scene.prover.always(one.applies)]
        if before:
            message = (
                f"the profile '{profile.name}' is never used: the earlier '{before[0].name}' applies to every lead."
            )
            yield Slip(path, message, "Add `applies` to that one, or move this one above it.")
        elif profile.applies and (why := scene.prover.never(profile.applies)):
            yield Slip((*path, "applies"), f"the profile '{profile.name}' is never used: {why}.", "Change `applies`.")


def _criterion(scene: Scene, criterion: Criterion, path: Path_) -> Iterator[Slip]:
    name, prover = criterion.name, scene.prover
    if why := prover.never(criterion.match):
        yield Slip((*path, "match"), f"no lead can match '{name}': {why}.", "Change `match`.")
    elif prover.always(criterion.match):
        yield Slip((*path, "match"), f"every lead matches '{name}'.", "Change `match` or remove the criterion.")
    if criterion.partial is None:
        return
    if why := prover.never(criterion.partial):
        yield Slip((*path, "partial"), f"no lead can match '{name}' partially: {why}.", "Change `partial`.")
    elif prover.follows(criterion.partial, criterion.match):
        message = f"`partial` of '{name}' has no effect: every lead that meets it also meets `match`."
        yield Slip((*path, "partial"), message, "Make `partial` wider than `match`.")


def _disqualified(scene: Scene, grade: Grade) -> Iterator[Slip]:
    named = isinstance(grade.disqualified, tuple)
    for number, one in enumerate(grade.disqualifiers):
        path: Path_ = ("grade", "disqualified", number, "when") if named else ("grade", "disqualified")
        by = f" by '{one.name}'" if named else ""
        if why := scene.prover.never(one.when):
            yield Slip(path, f"no lead can be disqualified{by}: {why}.", "Change or remove it.")
        elif scene.prover.always(one.when):
            yield Slip(path, f"every lead is disqualified{by}.", "Change or remove it.")
