"""Activity rules that count the same activity twice.

Comparing all pairs of a thousand rules would take minutes. Two rules are compared only if they share a kind and one
names a text that the other's text contains, because no other pair can be proved to overlap.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, chain, product
from typing import Any, Final

from config.lint.logic import MOST, Alternative, Fact, Outcome, TooManyError
from config.lint.proofs import Prover
from config.lint.rules import kinds_of
from config.lint.scene import Placed, Scene, Slip, listed
from config.lint.texts import MEMBERS
from scoring.card import BaseRule
from scoring.card.conditions import ActivityCondition

MOST_COMPARED: Final = 20_000
"""The search stops after this many comparisons, which take a few seconds."""
_PARTS: Final = frozenset({"contains", "starts_with", "ends_with", "is", "in", "matches"})
"""If one of these operators fails, only a text that contains its operand, or a list of texts, contradicts that."""
Pair = tuple[int, int]


@dataclass(frozen=True, slots=True, order=True)
class Overlap:
    """A rule and the rules that count some of the same activities."""

    rule: int
    others: tuple[int, ...]
    kinds: tuple[str, ...]


def slips(scene: Scene) -> Iterator[Slip]:
    """Yield one slip for each rule that overlaps with others, and one if there were too many rules to compare."""
    rules, budget = counting(scene), Budget(MOST_COMPARED)
    for overlap in by_rule(overlapping(scene, rules, budget)):
        yield _slip(rules[overlap.rule], [rules[other].rule.name for other in overlap.others], overlap.kinds)
    if not budget.left:
        message = "too many rules count the same activities, so not all of them were compared."
        yield Slip(("score",), message, "Some rules that count an activity twice may be missing here.")


def counting(scene: Scene) -> list[Placed]:
    """Return the rules that count some activities and not others."""
    return [placed for placed in scene.rules if placed.rule.activity_conditions and _chooses(scene, placed.rule)]


def overlapping(scene: Scene, rules: Sequence[Placed], budget: "Budget") -> dict[Pair, tuple[str, ...]]:
    """Return the pairs of rules where one counts every activity of some kinds that the other counts, and these kinds.

    A rule that takes points and one that gives points may count the same activity: that is a correction.
    """
    claims = [
        _Claim(number, placed, scene.plain, condition, frozenset(kinds_of(scene, condition)))
        for number, placed in enumerate(rules)
        for condition in placed.rule.activity_conditions.values()
    ]
    twice: dict[Pair, list[str]] = defaultdict(list)
    for kind in sorted(frozenset().union(*(claim.kinds for claim in claims))) or [""]:
        for pair in _overlapping(claims, kind, budget):
            twice[pair].append(kind)
    if any(not claim.kinds for claim in claims) and any(claim.kinds for claim in claims):
        for pair in _overlapping([claim for claim in claims if not claim.kinds], "", budget):
            twice[pair].append("")
    return {pair: tuple(dict.fromkeys(filter(None, kinds))) for pair, kinds in twice.items()}


def by_rule(pairs: Mapping[Pair, tuple[str, ...]]) -> list[Overlap]:
    """Group pairs by the rule with the most overlaps, so that many rules with one kind in common give one overlap.

    A pair is left out if one overlap names both its rules already.
    """
    by_kinds: dict[tuple[str, ...], dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
    for (one, other), kinds in pairs.items():
        by_kinds[kinds][one].add(other)
        by_kinds[kinds][other].add(one)
    return sorted(overlap for kinds, partners in by_kinds.items() for overlap in _grouped(partners, kinds))


def _grouped(partners: dict[int, set[int]], kinds: tuple[str, ...]) -> Iterator[Overlap]:
    for rule in sorted(partners, key=lambda number: (-len(partners[number]), number)):
        if others := tuple(sorted(partners[rule])):
            yield Overlap(rule, others, kinds)
            named = {rule, *others}
            for each in named:
                partners[each] -= named


def _chooses(scene: Scene, rule: BaseRule) -> bool:
    """Return whether a rule counts some activities and not others; other checks report the rest."""
    return scene.fires(rule) and not scene.always(rule)


def _slip(placed: Placed, others: Sequence[str], kinds: Sequence[str]) -> Slip:
    name = placed.rule.name
    what = f"{' and '.join(kinds)} activities" if kinds else "activities"
    message = f"the rule '{name}' counts {what} that are also counted by {listed(others)}."
    return Slip(
        placed.path, message, "Exclude them from one of the rules with `not:`, or merge the rules.", (name, *others)
    )


@dataclass(slots=True)
class Budget:
    """The number of comparisons left."""

    left: int

    def spend(self) -> bool:
        """Use up one comparison; return whether any are left."""
        self.left = max(self.left - 1, 0)
        return self.left > 0


@dataclass(frozen=True)
class _Claim:
    """One activity condition of a rule."""

    rule: int
    placed: Placed
    prover: Prover
    condition: ActivityCondition
    kinds: frozenset[str]
    """The kinds it names."""

    @cached_property
    def holds(self) -> list[Alternative]:
        """The alternatives in which it holds; empty if there are too many."""
        return self._ways(Outcome.TRUE) or []

    @cached_property
    def fails(self) -> list[Alternative] | None:
        """The alternatives in which it does not hold; None if there are too many."""
        return self._ways(Outcome.NOT_TRUE)

    @cached_property
    def needs_its_kinds(self) -> bool:
        """Whether it can only hold for activities of the kinds it names."""
        return all(any(_names_kind(fact) for fact in way) for way in self.holds)

    def of_kind(self, kind: Alternative) -> list[Alternative]:
        """Return the alternatives in which it holds for activities of a kind."""
        return [both for way in self.holds if self.prover.can_be(both := way + kind)]

    def _ways(self, outcome: Outcome) -> list[Alternative] | None:
        try:
            ways = self.prover.reader.alternatives(self.condition, outcome)
        except TooManyError:
            return None
        return [way for way in ways if self.prover.can_be(way)]


def _names_kind(fact: object) -> bool:
    return isinstance(fact, Fact) and fact.subject == "kind" and fact.operator in {"is", "in"} and fact.outcome.holds


def _overlapping(claims: Iterable[_Claim], kind: str, budget: Budget) -> Iterator[Pair]:
    """Yield pairs of rules where one counts every activity of a kind that the other counts."""
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
    """The conditions that can hold for activities of a kind."""

    claims: Sequence[_Claim]
    ways: Sequence[list[Alternative]]
    """For each condition, the alternatives in which it holds for the kind."""

    @classmethod
    def of(cls, claims: Iterable[_Claim], kind: str) -> "_Bucket":
        """Return the bucket of a kind; an empty kind means any."""
        of_kind = [claim for claim in claims if not kind or kind in claim.kinds or not claim.needs_its_kinds]
        fact = _fact(of_kind[0].prover, kind) if of_kind else ()
        found = [(claim, ways) for claim in of_kind if (ways := claim.of_kind(fact))]
        return cls([claim for claim, _ in found], [ways for _, ways in found])

    def candidates(self) -> Iterator[tuple[int, int]]:
        """Yield pairs whose first condition could be proved to imply the second."""
        for wider, claim in enumerate(self.claims):
            if claim.fails is not None:
                yield from ((narrower, wider) for narrower in self._narrower_than(claim.fails))

    def inside(self, narrower: int, wider: int) -> bool:
        """Return whether one condition implies another: it cannot hold while the other fails."""
        claim, ways = self.claims[wider], self.ways[narrower]
        fails = claim.fails or []
        if len(ways) * len(fails) > MOST:
            return False
        return not any(claim.prover.can_be(way + failing) for way, failing in product(ways, fails))

    def _narrower_than(self, fails: Sequence[Alternative]) -> Iterable[int]:
        """Return the conditions whose first alternative contradicts one of `fails`: the easiest to look up."""
        for failing in fails:
            if all(isinstance(fact, Fact) and _is_lacking_text(fact) for fact in failing):
                return dict.fromkeys(chain.from_iterable(map(self._against, failing)))
        return range(len(self.claims))

    def _against(self, lacking: Any) -> Iterable[int]:
        """Return the conditions with a text that can contradict `lacking`."""
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
    """The texts that conditions name for one field, searchable by substring."""

    owners: Sequence[int]
    starts: Sequence[int]
    whole: str
    listed: Sequence[int]
    """The conditions that list every allowed value."""

    @classmethod
    def of(cls, facts: Sequence[tuple[Fact, int]]) -> "_Texts":
        """Concatenate the texts of facts, keeping their owners."""
        texts = [(str(operand), n) for fact, n in facts if fact.operator != "known" for operand in fact.operands]
        starts = accumulate((len(text) + 1 for text, _ in texts), initial=0)
        listed = [n for fact, n in facts if fact.operator in MEMBERS and fact.wants_member]
        return cls([n for _, n in texts], list(starts)[:-1], "\0".join(text for text, _ in texts), listed)

    def holders(self, part: str) -> Iterator[int]:
        """Yield the conditions with a text that contains this part."""
        found = self.whole.find(part)
        while found >= 0:
            entry = bisect_right(self.starts, found)
            yield self.owners[entry - 1]
            found = self.whole.find(part, self.starts[entry]) if entry < len(self.starts) else -1
