"""The scorecard and the provers that all lint checks use."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

from config.documents import Path_
from config.lint import ranges
from config.lint.intervals import Numbers
from config.lint.logic import Reader
from config.lint.proofs import Prover
from scoring import Scorecard
from scoring.card import ActivityCondition, BaseRule, Group, LeadCondition
from scoring.card.letters import rank
from scoring.card.ranges import Range
from scoring.card.resets import Reset

SHOWN: Final = 3
"""Names that a message lists before it only counts the rest."""


class Slip(NamedTuple):
    """Something that is probably unintended: where it is, what is odd and what to do."""

    path: Path_
    message: str
    remedy: str
    names: tuple[str, ...] = ()
    """The names in the message, its subject first. Slips that differ only in names can be reported together."""


class Placed(NamedTuple):
    """A rule and its path in the scorecard."""

    path: Path_
    rule: BaseRule


class Around(NamedTuple):
    """What is around a rule."""

    group: Group
    resets: tuple[Reset, ...]
    """The resets of its place and of all places around that."""


@dataclass(frozen=True)
class Scene:
    """A scorecard with its rules and provers."""

    card: Scorecard

    @cached_property
    def groups(self) -> list[tuple[Path_, Group]]:
        """All groups of rules with their paths."""
        sections = self.card.score.sections if self.card.score else {}
        return [
            (("score", name, "groups", number), group)
            for name, section in sections.items()
            for number, group in enumerate(section.groups)
        ]

    @cached_property
    def rules(self) -> list[Placed]:
        """All rules with their paths."""
        return list(self._rules())

    def _rules(self) -> Iterator[Placed]:
        for path, group in self.groups:
            for place, rule in enumerate(group.faded):
                yield Placed((*path, "rules", place), rule)

    @cached_property
    def plain(self) -> Prover:
        """A prover for rules. It assumes nothing about the computed numbers, because these depend on the rules."""
        return Prover(self._reader)

    @cached_property
    def prover(self) -> Prover:
        """A prover for conditions on the computed numbers. It knows their possible values."""
        return Prover(self._reader, self._domains())

    @cached_property
    def _reader(self) -> Reader:
        return Reader(self.card.scope)

    def fires(self, rule: BaseRule) -> bool:
        """Return whether a rule may fire, as far as can be proved."""
        return self.why_silent(rule) is None

    def why_silent(self, rule: BaseRule) -> str | None:
        """Return why a rule never fires, or None if it may."""
        if id(rule) not in self._silent:
            self._silent[id(rule)] = next(filter(None, self._reasons(rule)), None)
        return self._silent[id(rule)]

    def _reasons(self, rule: BaseRule) -> Iterator[str | None]:
        """Yield why a rule never fires, each None if it does not keep it from firing."""
        yield from (self.plain.never(condition) for condition in conditions(rule))
        yield rule.never_enough()
        yield self._never_open(rule)
        for reset in self._around[id(rule)].resets:
            counted = rule.activity_conditions.values()
            if reset.activity and any(self.plain.follows(one, reset.activity) for one in counted):
                yield f"the reset '{reset.name}' hides whatever it counts"

    def _never_open(self, rule: BaseRule) -> str | None:
        """Return why a rule never fires in its group, which may be open.

        A rule with resets sees another history than its group, so that nothing follows from both together.
        """
        asked, when = rule.lead_conditions.values(), self._around[id(rule)].group.when
        if when is None or rule.resets or self.plain.never(when):
            return None
        return self.plain.never(LeadCondition.model_construct({"all"}, all=(when, *asked)))

    @cached_property
    def _around(self) -> dict[int, "Around"]:
        """What is around each rule, by its id."""
        of_card = self.card.reset
        return {
            id(rule): Around(group, (*of_card, *section.reset, *group.reset, *rule.resets))
            for section in self.card.sections.values()
            for group in section.groups
            for rule in group.faded
        }

    @cached_property
    def _silent(self) -> dict[int, str | None]:
        """A cache by id of the rule; safe because the card keeps its rules alive."""
        return {}

    def always(self, rule: BaseRule) -> bool:
        """Return whether a rule has conditions and none of them can fail."""
        asked = conditions(rule)
        return bool(asked) and all(self.plain.always(condition) for condition in asked)

    def _domains(self) -> dict[str, Numbers]:
        found: dict[str, Numbers] = {}
        if self.card.score:
            for name, section in self.card.score.sections.items():
                found[name] = _rounded(ranges.of_section(section, self.fires).cut(section))
            found["score"] = _rounded(ranges.of_score(self.card.score, self.fires).cut(self.card.score))
        if self.card.grade:
            found["grade"] = Numbers.of(rank(letter) for letter in self.card.grade.letters)
        if self.card.readiness:
            found["stage"] = Numbers.of(range(len(self.card.readiness.stages)))
        return found


def conditions(rule: BaseRule) -> list[LeadCondition | ActivityCondition]:
    """Return all conditions of a rule."""
    return [*rule.lead_conditions.values(), *rule.activity_conditions.values()]


def listed(names: Sequence[str]) -> str:
    """Return the first names in quotes and the number of the others: `'a', 'b', 'c' and 2 more`."""
    shown = [f"'{name}'" for name in names[:SHOWN]]
    last = f"{len(names) - SHOWN:,} more" if len(names) > SHOWN else shown.pop()
    return f"{', '.join(shown)} and {last}" if shown else last


def _rounded(points: Range) -> Numbers:
    """Return the range after rounding half away from zero."""
    return Numbers.between((_half_away(points.low), 0), (_half_away(points.high), 0))


def _half_away(number: float) -> float:
    return number if math.isinf(number) else math.copysign(math.floor(abs(number) + 0.5), number)
