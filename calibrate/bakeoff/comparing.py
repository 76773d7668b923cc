"""Compares scores by the calls that each would have led to, on leads as they were."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
import polars as pl

from calibrate.bakeoff import assumptions, capacity, rivals
from calibrate.bakeoff.against import Against, Stood
from calibrate.bakeoff.capacity import Openings, Queue
from calibrate.bakeoff.duels import Duel, Frame, Lists, Side, duel
from calibrate.bakeoff.rivals import Rival
from calibrate.card.current_card import Old
from calibrate.card.replay import Reasons
from calibrate.errors import CalibrationError
from calibrate.past.outcome import days
from calibrate.past.panel import Mondays, Panel
from calibrate.past.snapshots import moment_of
from calibrate.statistics import metrics
from calibrate.statistics.fit import Floats
from scoring import Scorecard
from vocabulary.outputs import Of

LIKELIHOOD: Final = "Proposed likelihood"
POINTS: Final = "Proposed points"
CARD: Final = "Current scorecard"
SHARE: Final = 0.2
"""The share of the leads that is called if no capacity is stated."""
STEPS: Final = (0.0, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0)
"""The capacities of the picture, relative to the stated one."""


@dataclass(frozen=True)
class Ours:
    """A score of ours."""

    name: str
    score: Callable[[Panel], Floats]
    """NaN where a lead has none."""
    reasons: Callable[[Panel], Sequence[Reasons]]
    """What gave each snapshot how many points."""
    learned: bool = True
    chance: bool = False


@dataclass(frozen=True)
class Asked:
    """What to compare with, and how to look at the leads that there were to call."""

    rivals: tuple[Rival, ...]
    capacity: int | None
    leads: pl.DataFrame
    """`lead`: the ids, by the numbers in panels."""
    mondays: Mondays
    """A plain table has one for all."""
    reasons: Callable[[Panel], Sequence[Reasons]]
    """Returns what the current scorecard gave each snapshot."""
    dated: bool = True
    as_today: tuple[str, ...] = ()
    """The fields that the current scorecard reads as they are today, for want of a history."""
    within: tuple[str, ...] = ()
    """The other scores that the current scorecard uses itself."""


@dataclass(frozen=True)
class _Score:
    """A score on the openings."""

    name: str
    ours: bool
    given: Floats
    """NaN where there is none."""
    shown: pl.Series
    """As people read it."""
    reasons: Callable[[Panel], Sequence[Reasons]] | None = None

    @property
    def missing(self) -> float:
        """The share of snapshots without a value."""
        return float(np.isnan(self.given).mean()) if len(self.given) else 0.0

    @cached_property
    def ranked(self) -> Floats:
        """The score, with those that have none last."""
        known = self.given[~np.isnan(self.given)]
        return np.nan_to_num(self.given, nan=float(known.min(initial=0.0)) - 1)


def of_card(old: Old | None, scored: Callable[[Panel, Scorecard], pl.DataFrame], asked: Asked) -> list[Ours]:
    """Return the current scorecard as a score of ours, if it scores."""
    if old is None or not old.scored or old.card.score is None:
        return []
    card = old.scorecard

    def score(panel: Panel) -> Floats:
        return scored(panel, card)["lead_score"].cast(pl.Float64).fill_null(float("nan")).to_numpy()

    return [Ours(CARD, score, asked.reasons, learned=False)]


def compared(
    asked: Asked, ours: Sequence[Ours], train: Panel | None, horizon: float | None, seed: int, of: Of
) -> Against:
    """Return how the scores did at the calls of each week; the first of ours is the one that counts.

    `train`: what ours, or the order of a choice, was learned from. Only later moments are looked at.
    """
    learned = any(one.learned for one in ours) or any(rivals.by_rate(one) for one in asked.rivals)
    known = learned and train is not None and len(train)
    panel, sample = asked.mondays(float(train.moment.max()) + (horizon or 0.0) if known and train else -np.inf)
    comparison = _Comparison(asked, tuple(ours), train, panel, sample, horizon, seed, of)
    return comparison.result


@dataclass(frozen=True)
class _Comparison:
    """The steps of a comparison, each computed once."""

    asked: Asked
    ours: tuple[Ours, ...]
    train: Panel | None
    panel: Panel
    sample: float
    horizon: float | None
    seed: int
    of: Of

    @property
    def result(self) -> Against:
        """The comparison, or why there is none."""
        if why := self._why_not:
            return Against(of=self.of, message=why)
        return replace(
            self.frame,
            scores=tuple(self._stood(one) for one in self.scores),
            duels=tuple(self._duel(mine, other) for mine in self._mine for other in self._theirs),
            by_lot=self._curve(Queue.by(self.openings, np.zeros(len(self.panel)))),
            capacities=self.capacities,
            assumed=tuple(self._assumed),
            message="" if self.ours else self._nothing_of_ours,
        )

    @cached_property
    def frame(self) -> Against:
        """The comparison without its scores: whom it is about, and how many calls there are."""
        first, last = (moment_of(float(end)).date() for end in (self.panel.moment.min(), self.panel.moment.max()))
        return Against(
            of=self.of,
            capacity=self.capacity,
            weeks=self.openings.weeks,
            since=first if self.asked.dated else None,
            until=last if self.asked.dated else None,
            leads=self.panel.leads,
            conversions=self.openings.wins,
            sample=self.sample,
        )

    @property
    def _why_not(self) -> str:
        if not len(self.panel):
            return f"Nothing can be compared: no {self.of} were open at a moment whose horizon has passed."
        if not 0 < self.panel.converted < self.panel.leads:
            which = "none" if not self.panel.converted else "all"
            return f"Nothing can be compared: of the {self.of} that were open in the newer part, {which} converted."
        return ""

    @property
    def _nothing_of_ours(self) -> str:
        best = self.scores[0]
        alone = f"{best.name} alone would have caught {self._count(best):.0f} of {self.openings.wins:,} conversions"
        return (
            "There is no score of ours to compare with: nothing was learned, and no scorecard was given"
            f" (--scorecard). {alone}."
        )

    @cached_property
    def openings(self) -> Openings:
        """Who was open in which week."""
        panel = self.panel
        week = np.unique(panel.moment, return_inverse=True)[1] if self.asked.dated else np.zeros(len(panel), np.int64)
        order = np.argsort(week, kind="stable")
        assert np.array_equal(order, np.arange(len(panel))), "snapshots are in order of time"
        leads, place = np.unique(panel.lead, return_inverse=True)
        group = np.zeros(len(leads), np.int64)
        group[place] = panel.group
        return Openings(week.astype(np.int64), place.astype(np.int64), panel.label, group)

    @cached_property
    def capacity(self) -> int:
        """How many calls a week there are, in all of them."""
        return self.asked.capacity or max(1, round(self.openings.usual(SHARE) / self.sample))

    @property
    def calls(self) -> float:
        """How many calls a week the sample gets."""
        return self.capacity * self.sample

    @property
    def capacities(self) -> tuple[float, ...]:
        """The capacities of the picture."""
        return tuple(self.capacity * step for step in STEPS)

    @cached_property
    def scales(self) -> list[rivals.Scale]:
        """How each of the other scores ranks."""
        return [rivals.scale(one, self.asked.leads, self.train) for one in self.asked.rivals]

    @cached_property
    def scores(self) -> list[_Score]:
        """Our scores first."""
        return [*map(self._our, self.ours), *map(self._their, self.asked.rivals, self.scales)]

    @property
    def _mine(self) -> list[_Score]:
        return [one for one in self.scores if one.ours]

    @property
    def _theirs(self) -> list[_Score]:
        return [one for one in self.scores if not one.ours]

    def _our(self, one: Ours) -> _Score:
        given = one.score(self.panel)
        scaled, decimals = (100 * given, 1) if one.chance else (given, 0)
        texts = pl.Series([f"{value:.{decimals}f}{'%' if one.chance else ''}" for value in scaled], dtype=pl.String)
        return _Score(one.name, True, given, texts.set(pl.Series(np.isnan(given)), None), one.reasons)

    def _their(self, rival: Rival, scale: rivals.Scale) -> _Score:
        held = rival.held(self.asked.leads, self.panel)
        if held.null_count() == len(held):
            raise CalibrationError(_never_known(rival, self.panel))
        return _Score(rival.name, False, scale.of(held), held)

    @cached_property
    def _queues(self) -> dict[str, Queue]:
        return {one.name: Queue.by(self.openings, one.ranked) for one in self.scores}

    @cached_property
    def _parts(self) -> dict[str, Floats]:
        return {name: queue.called(self.calls) for name, queue in self._queues.items()}

    def _count(self, one: _Score) -> float:
        return float(self._parts[one.name] @ self.openings.won)

    @cached_property
    def _draws(self) -> dict[str, Floats]:
        return capacity.draws(self.openings, self._parts, self.seed)

    @cached_property
    def _aucs(self) -> dict[str, Floats]:
        ranked = {one.name: one.ranked for one in self.scores}
        return metrics.auc_draws(self.panel.label, ranked, self.panel.group, self.seed)

    def _auc(self, one: _Score) -> float:
        return metrics.auc(self.panel.label, one.ranked)

    def _ranked(self, one: _Score) -> tuple[float, float]:
        """Return the AUC and the upper end of its interval."""
        return self._auc(one), metrics.interval(self._aucs[one.name])[1]

    def _stood(self, one: _Score) -> Stood:
        low, high = metrics.interval(self._draws[one.name])
        auc = self._auc(one), *metrics.interval(self._aucs[one.name])
        curve = self._curve(self._queues[one.name])
        return Stood(one.name, one.ours, *auc, self._count(one), low, high, one.missing, curve)

    def _curve(self, queue: Queue) -> tuple[float, ...]:
        return capacity.curve(queue, [each * self.sample for each in self.capacities])

    def _side(self, one: _Score) -> Side:
        return Side(one.name, one.ranked, one.shown, self._parts[one.name])

    def _duel(self, mine: _Score, other: _Score) -> Duel:
        caught = self._count(mine), self._count(other)
        found = duel(
            (mine.name, other.name),
            caught,
            metrics.interval(self._draws[mine.name] - self._draws[other.name]),
            (self._auc(mine) - self._auc(other), *metrics.interval(self._aucs[mine.name] - self._aucs[other.name])),
            Frame(self.frame.calls, self.openings.wins, 1 - other.missing),
        )
        return self._listed(found, mine, other) if mine is self.scores[0] else found

    def _listed(self, found: Duel, mine: _Score, other: _Score) -> Duel:
        """Return a duel with the conversions that each side missed."""
        assert mine.reasons is not None, "ours have reasons"
        lists = Lists(self.panel, self.openings, self.asked.leads["lead"], mine.reasons, self.asked.dated)
        one, two = self._side(mine), self._side(other)
        they_missed, they_all = lists.only(one, one, two)
        we_missed, we_all = lists.only(two, one, two)
        return replace(
            found,
            they_missed=they_missed,
            they_missed_all=they_all,
            we_missed=we_missed,
            we_missed_all=we_all,
        )

    @property
    def _assumed(self) -> Iterator[str]:
        """Yield what the reader has to know."""
        asked = self.asked
        reached = max(float(parts.sum()) for parts in self._parts.values()) / self.panel.leads
        yield from assumptions.of_calls(self.frame, reached, stated=asked.capacity is not None)
        yield from assumptions.of_conversions(self.horizon)
        for rival, scale, one in zip(asked.rivals, self.scales, self._theirs, strict=True):
            yield from assumptions.of_theirs(rival, scale, one.missing, self._ranked(one), self.of)
        for ours, one in zip(self.ours, self._mine, strict=True):
            yield from assumptions.of_ours(one.name, one.missing, self.frame, learned=ours.learned)
            if not ours.learned:
                yield from assumptions.of_card(one.name, asked.as_today, asked.within)
        yield assumptions.of_intervals()


def _never_known(rival: Rival, panel: Panel) -> str:
    """Return that a score has no value at any of the moments, with what its history does hold."""
    said = f"--against {rival.name}: it has no value from before any of the moments to compare at"
    if rival.versions is None:
        return f"{said}."
    first, last = moment_of(float(days(rival.versions["since"]).min())), moment_of(float(panel.moment.max()))
    return f"{said}, the last of which is {last:%Y-%m-%d}: its history begins on {first:%Y-%m-%d}."
