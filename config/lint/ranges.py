"""The range of points of a group, a section and the whole score."""

from collections.abc import Callable

from scoring.card import BaseRule, Group, Score, Section
from scoring.card.ranges import Range, total

Fires = Callable[[BaseRule], bool]


def of_score(score: Score, fires: Fires) -> Range:
    """Return the range of the total before its own limits."""
    return total(of_section(section, fires).cut(section) for section in score.sections.values())


def of_section(section: Section, fires: Fires) -> Range:
    """Return the range of a section before its own limits."""
    groups = (of_group(group, fires).cut(group) for group in section.groups)
    return total([*(rule.reach for rule in section.direct), *groups])


def of_group(group: Group, fires: Fires) -> Range:
    """Return the range of a group before its own limits."""
    return total(rule.reach for rule in group.faded if fires(rule))
