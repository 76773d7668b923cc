"""Activity rules that count one touch twice.

Comparing each rule with each other one would take minutes for a thousand. So only those are compared that have a kind
in common, and of which one names a text that the other's text contains: no other two can be proved to overlap.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, chain, product
from typing import Any, Final

from config.lint.logic import MOST, Alternative, Fact, Outcome, TooManyError
from config.lint.proofs import Prover
from config.lint.rules import kinds_of
from config.lint.scene import Placed, Scene, Slip
from config.lint.texts import MEMBERS
from scoring.card import BaseRule
from scoring.card.conditions import ActivityCondition

MOST_COMPARED: Final = 20_000
"""More comparisons than this are not made: a few seconds' worth."""
_PARTS: Final = frozenset({"contains", "starts_with", "ends_with", "is", "in", "matches"})
"""Operators whose failing only a text that has the operand in it can contradict, or a list of texts."""
Pair = tuple[int, int]


def slips(scene: Scene) -> Iterator[Slip]:
    """Yield pairs of rules of which one counts everything of some kind that the other counts as well.

    A rule that takes points away may look at the same touch as one that gives some: that is a correction.
    """
    rules = [placed for placed in scene.rules if placed.rule.activity_conditions and _chooses(scene, placed.rule)]
    claims = [
        _Claim(number, placed, scene.plain, condition, frozenset(kinds_of(scene, condition)))
        for number, placed in enumerate(rules)
        for condition in placed.rule.activity_conditions.values()
    ]
    budget = _Budget(MOST_COMPARED)
    twice: dict[Pair, list[str]] = defaultdict(list)
    for kind in sorted(frozenset().union(*(claim.kinds for claim in claims))) or [""]:
        for pair in _overlapping(claims, kind, budget):
            twice[pair].append(kind)
    if any(not claim.kinds for claim in claims) and any(claim.kinds for claim in claims):
        for pair in _overlapping([claim for claim in claims if not claim.kinds], "", budget):
            twice[pair].append("")
    yield from (_told(rules[first], rules[second], kinds) for (first, second), kinds in sorted(twice.items()))
    if not budget.left:
        message = "so many rules look at the same activities that not each was compared with each other one."
        yield Slip(("score",), message, "Some that count an activity twice may go without a warning.")


def _chooses(scene: Scene, rule: BaseRule) -> bool:
    """Return whether a rule counts some activities and not others; other checks report the rest."""
    return scene.fires(rule) and not scene.always(rule)


def _told(first: Placed, second: Placed, kinds: Sequence[str]) -> Slip:
    shared = ", ".join(dict.fromkeys(filter(None, kinds)))
    names = (first.rule.name, second.rule.name)
    message = f"the rules '{names[0]}' and '{names[1]}' count {shared or 'some activities'} twice."
    return Slip(second.path, message, "Leave those out of one of them with `not:`, or make one rule of both.", names)


@dataclass(slots=True)
class _Budget:
    """How many comparisons may still be made."""

    left: int

    def spend(self) -> bool:
        self.left = max(self.left - 1, 0)
        return self.left > 0


@dataclass(frozen=True)
class _Claim:
    """What one condition of a rule says of activities."""

    rule: int
    placed: Placed
    prover: Prover
    condition: ActivityCondition
    kinds: frozenset[str]
    """The kinds that it names."""

    @cached_property
    def holds(self) -> list[Alternative]:
        """The ways in which it holds; none where there are too many to follow."""
        return self._ways(Outcome.TRUE) or []

    @cached_property
    def fails(self) -> list[Alternative] | None:
        """The ways in which it does not hold; None where there are too many to follow."""
        return self._ways(Outcome.NOT_TRUE)

    @cached_property
    def needs_its_kinds(self) -> bool:
        """Whether it holds for no activity but of the kinds that it names."""
        return all(any(_names_kind(fact) for fact in way) for way in self.holds)

    def of_kind(self, kind: Alternative) -> list[Alternative]:
        """Return the ways in which it holds for activities of a kind."""
        return [both for way in self.holds if self.prover.can_be(both := way + kind)]

    def _ways(self, outcome: Outcome) -> list[Alternative] | None:
        try:
            ways = self.prover.reader.alternatives(self.condition, outcome)
        except TooManyError:
            return None
        return [way for way in ways if self.prover.can_be(way)]


def _names_kind(fact: object) -> bool:
    return isinstance(fact, Fact) and fact.subject == "kind" and fact.operator in {"is", "in"} and fact.outcome.holds


def _overlapping(claims: Iterable[_Claim], kind: str, budget: _Budget) -> Iterator[Pair]:
    """Yield the pairs of rules of which one counts all activities of a kind that the other one counts."""
    bucket = _Bucket.of(claims, kind)
    seen: set[tuple[int, int]] = set()
    for narrower, wider in bucket.candidates():
        one, other = bucket.claims[narrower], bucket.claims[wider]
        pair = (min(one.rule, other.rule), max(one.rule, other.rule))
        named = not kind or kind in one.kinds or kind in other.kinds
        if pair[0] == pair[1] or pair in seen or not named or one.placed.rule.sign != other.placed.rule.sign:
            continue
        if not budget.spend():
            return
        if bucket.inside(narrower, wider):
            seen.add(pair)
            yield pair


@dataclass(frozen=True)
class _Bucket:
    """The conditions that can hold for activities of one kind."""

    claims: Sequence[_Claim]
    ways: Sequence[list[Alternative]]
    """For each condition, how it holds for the kind."""

    @classmethod
    def of(cls, claims: Iterable[_Claim], kind: str) -> "_Bucket":
        """Gather them; a nameless kind stands for any."""
        of_kind = [claim for claim in claims if not kind or kind in claim.kinds or not claim.needs_its_kinds]
        fact = _fact(of_kind[0].prover, kind) if of_kind else ()
        found = [(claim, ways) for claim in of_kind if (ways := claim.of_kind(fact))]
        return cls([claim for claim, _ in found], [ways for _, ways in found])

    def candidates(self) -> Iterator[tuple[int, int]]:
        """Yield pairs of which the first may be proved to hold only where the second does."""
        for wider, claim in enumerate(self.claims):
            if claim.fails is not None:
                yield from ((narrower, wider) for narrower in self._narrower_than(claim.fails))

    def inside(self, narrower: int, wider: int) -> bool:
        """Return whether one holds only where the other does: no way of the first goes with a failing second."""
        claim, ways = self.claims[wider], self.ways[narrower]
        fails = claim.fails or []
        if len(ways) * len(fails) > MOST:
            return False
        return not any(claim.prover.can_be(way + failing) for way, failing in product(ways, fails))

    def _narrower_than(self, fails: Sequence[Alternative]) -> Iterable[int]:
        """Return the conditions whose first way has what contradicts one failing: the easiest to look up."""
        for failing in fails:
            if all(isinstance(fact, Fact) and _is_lacking_text(fact) for fact in failing):
                return dict.fromkeys(chain.from_iterable(map(self._against, failing)))
        return range(len(self.claims))

    def _against(self, lacking: Any) -> Iterable[int]:
        """Return the conditions that have a text by which they can contradict that it is lacking."""
        texts = self._texts(lacking.subject)
        listed = texts.listed if lacking.operator == "matches" else ()
        return chain(listed, *(texts.holders(str(operand)) for operand in lacking.operands))

    def _texts(self, subject: str) -> "_Texts":
        if subject not in self._by_subject:
            facts = [(fact, n) for n, ways in enumerate(self.ways) for fact in ways[0] if isinstance(fact, Fact)]
            self._by_subject[subject] = _Texts.of([(fact, n) for fact, n in facts if fact.subject == subject])
        return self._by_subject[subject]

    @cached_property
    def _by_subject(self) -> dict[str, "_Texts"]:
        return {}


def _fact(prover: Prover, kind: str) -> Alternative:
    if not kind:
        return ()
    (way,) = prover.reader.alternatives(ActivityCondition.model_validate({"kind": kind}), Outcome.TRUE)
    return way


def _is_lacking_text(fact: Fact) -> bool:
    return fact.type == "text" and fact.subject != "kind" and not fact.outcome.holds and fact.operator in _PARTS


@dataclass(frozen=True, slots=True)
class _Texts:
    """What conditions say of one text, searched for parts."""

    owners: Sequence[int]
    starts: Sequence[int]
    whole: str
    listed: Sequence[int]
    """The conditions that list all that will do."""

    @classmethod
    def of(cls, facts: Sequence[tuple[Fact, int]]) -> "_Texts":
        """Put the texts of facts and their owners one behind the other."""
        texts = [(str(operand), n) for fact, n in facts if fact.operator != "known" for operand in fact.operands]
        starts = accumulate((len(text) + 1 for text, _ in texts), initial=0)
        listed = [n for fact, n in facts if fact.operator in MEMBERS and fact.wants_member]
        return cls([n for _, n in texts], list(starts)[:-1], "\0".join(text for text, _ in texts), listed)

    def holders(self, part: str) -> Iterator[int]:
        """Yield who has a text with this part in it."""
        found = self.whole.find(part)
        while found >= 0:
            entry = bisect_right(self.starts, found)
            yield self.owners[entry - 1]
            found = self.whole.find(part, self.starts[entry]) if entry < len(self.starts) else -1
