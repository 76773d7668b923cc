"""Rules that never fire, always fire or give no points, and activity kinds that look misspelt."""

from collections.abc import Iterator
from difflib import get_close_matches

from config.kinds import KINDS
from config.lint.logic import Fact, Outcome, TooManyError
from config.lint.scene import Placed, Scene, Slip
from scoring.card.conditions import ActivityCondition
from scoring.card.ranges import NOTHING


def slips(scene: Scene) -> Iterator[Slip]:
    """Yield the slips of single rules."""
    for placed in scene.rules:
        found = list(_never(scene, placed) or _always(scene, placed) or _nothing(placed))
        yield from found
        yield from _misspelt(scene, placed)
        yield from _gaps(placed)
    yield from _closed(scene)


def _closed(scene: Scene) -> Iterator[Slip]:
    """Yield the groups that are open to no lead."""
    for path, group in scene.groups:
        if group.when is not None and (why := scene.plain.never(group.when)):
            message = f"the group '{group.name}' is for no lead: {why}."
            yield Slip((*path, "when"), message, "Change `when` or remove the group.", (group.name,))


def _gaps(placed: Placed) -> Iterator[Slip]:
    """Yield the gaps in ranges over days: an age is no whole number, so that 0-30 and 31-90 leave one out."""
    rule = placed.rule
    for one, later in rule.gaps:
        message = (
            f"the ranges '{one.written}' and '{later.written}' of '{rule.name}' leave a gap: days are not rounded."
        )
        remedy = f"Let the second begin at {one.end:g}: where ranges touch, the upper one has the number."
        yield Slip((*placed.path, "points"), message, remedy, (rule.name,))


def _never(scene: Scene, placed: Placed) -> list[Slip]:
    why = scene.why_silent(placed.rule)
    if why is None:
        return []
    return [
        Slip(
            placed.path,
            f"the rule '{placed.rule.name}' can never fire: {why}.",
            "Change its condition or remove it.",
            (placed.rule.name,),
        )
    ]


def _always(scene: Scene, placed: Placed) -> list[Slip]:
    if not scene.always(placed.rule):
        return []
    message = f"the rule '{placed.rule.name}' {placed.rule.too_wide}"
    remedy = "Change its condition so that it does not always hold, or remove the rule."
    return [Slip(placed.path, message, remedy, (placed.rule.name,))]


def _nothing(placed: Placed) -> list[Slip]:
    if placed.rule.reach != NOTHING:
        return []
    message = f"the rule '{placed.rule.name}' gives 0 points."
    return [Slip(placed.path, message, "Give it points or remove it.", (placed.rule.name,))]


def _misspelt(scene: Scene, placed: Placed) -> Iterator[Slip]:
    for option, condition in placed.rule.activity_conditions.items():
        for kind in sorted(kinds_of(scene, condition) - set(KINDS)):
            close = get_close_matches(kind, KINDS, n=1, cutoff=0.85)
            if close:
                message = f"the activity kind '{kind}' looks misspelt."
                yield Slip((*placed.path, option, "kind"), message, f"Did you mean `{close[0]}`?", (kind,))


def kinds_of(scene: Scene, condition: ActivityCondition) -> set[str]:
    """Return the kinds that a condition asks for."""
    try:
        alternatives = scene.plain.reader.alternatives(condition, Outcome.TRUE)
    except TooManyError:
        return set()
    facts = [fact for alternative in alternatives for fact in alternative if isinstance(fact, Fact)]
    named = [fact for fact in facts if fact.subject == "kind" and fact.operator in {"is", "in"} and fact.outcome.holds]
    return {str(kind) for fact in named for kind in fact.operands}
