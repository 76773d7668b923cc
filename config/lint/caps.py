"""Limits that never have an effect."""

from collections.abc import Iterator

from config.documents import Path_
from config.lint import ranges
from config.lint.scene import Scene, Slip
from scoring.card.ranges import Range
from scoring.card.score import Limited


def slips(scene: Scene) -> Iterator[Slip]:
    """Yield the limits of rules, groups, sections and the score that are never reached."""
    yield from _of_rules(scene)
    score = scene.card.score
    if score is None:
        return
    for name, section in score.sections.items():
        for number, group in enumerate(section.groups):
            path = ("score", name, "groups", number)
            yield from _idle(
                group, ranges.of_group(group, scene.fires), path, f"the group '{group.name}'", may_touch=False
            )
        yield from _idle(section, ranges.of_section(section, scene.fires), ("score", name), name, may_touch=True)
    yield from _idle(score, ranges.of_score(score, scene.fires), ("score",), "the score", may_touch=True)


def _of_rules(scene: Scene) -> Iterator[Slip]:
    for path, rule in scene.rules:
        most = max(rule.uncut.high, -rule.uncut.low)
        if rule.cap and scene.fires(rule) and most <= rule.cap:
            message = f"`maximum: {rule.cap:g}` has no effect: the rule '{rule.name}' gives at most {_points(most)}."
            yield Slip((*path, "maximum"), message, "Lower or remove it.", (rule.name,))


def _idle(limits: Limited, reach: Range, path: Path_, what: str, *, may_touch: bool) -> Iterator[Slip]:
    """Yield limits that the sum never goes beyond.

    A section's limits may equal its range, because they also define 100 % in the priority index.
    """
    top, bottom = limits.maximum, limits.minimum
    remedy = "Set it to a value that can be reached, or remove it." if may_touch else "Change or remove it."
    if top is not None and (reach.high < top or (reach.high == top and not may_touch)):
        message = f"`maximum: {top:g}` has no effect: {what} is at most {_points(reach.high)}."
        yield Slip((*path, "maximum"), message, remedy)
    if bottom is not None and (reach.low > bottom or (reach.low == bottom and not may_touch)):
        message = f"`minimum: {bottom:g}` has no effect: {what} is at least {_points(reach.low)}."
        yield Slip((*path, "minimum"), message, remedy)


def _points(number: float) -> str:
    return f"{round(number, 1):g}"
