"""Whom sales contacted: calls as evidence of selection, since what was never tried cannot be learned."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from calibrate.guards.population import of_sales
from calibrate.judging import validation
from calibrate.judging.promises import Group
from calibrate.judging.validation import PROPOSAL
from calibrate.notes import Notes
from calibrate.past.outcome import Timeline, days
from calibrate.past.panel import Codes, Mask, Panel
from calibrate.result import Band, Contacts, NeverTried, Performance
from calibrate.statistics import metrics
from calibrate.statistics.fit import Floats

FEWEST_CONTACTED: Final = 30
SOME: Final = 0.1
"""Where fewer are contacted than this share, nearly all groups are hardly tried."""
NEARLY_ALL: Final = 0.98
HARDLY: Final = 0.02
"""A group of which at most this share was contacted was practically never tried."""
FEWEST_LEADS: Final = 100
MOST_NAMED: Final = 5
BANDS: Final = 5
FEWEST_CONVERSIONS: Final = 20
MUCH: Final = 0.05
"""A loss of AUC among contacted leads that is worth saying."""


def contacted(
    activities: pl.DataFrame, touchpoints: pl.DataFrame, line: Timeline, said: pl.DataFrame | None = None
) -> Mask | None:
    """Return whom sales contacted before any conversion; None where that tells nothing.

    Of whom sales `said` what it found, it tried too. It tells nothing where next to nobody was contacted that we know
    of, or everybody was.
    """
    done = of_sales(activities, touchpoints).select("lead", "occurred_at")
    if said is not None:
        done = pl.concat([done, said.drop_nulls("said").select("lead", occurred_at="at")])
    done = done.drop_nulls("occurred_at")
    first = done.group_by("lead").agg(pl.col("occurred_at").min())
    found = line.leads.select("lead").join(first, on="lead", how="left", maintain_order="left")["occurred_at"]
    before = np.nan_to_num(line.converted, nan=np.inf)
    tried: Mask = np.nan_to_num(days(found), nan=np.inf) < np.minimum(before, line.now)
    told = tried.sum() >= FEWEST_CONTACTED and SOME <= tried.mean() <= NEARLY_ALL
    return tried if told else None


@dataclass(frozen=True)
class Evidence:
    """What contacts tell about a calibration. `tried`: whether each lead was contacted, by its number."""

    tried: Mask
    notes: Notes

    def share(self, leads: Codes) -> float:
        """Return the share of these leads that was contacted; NaN of none."""
        distinct = np.unique(leads)
        return float(self.tried[distinct].mean()) if len(distinct) else float("nan")

    def judged(self, firsts: Panel, groups: Iterable[Group], test: Panel, points: Floats) -> Contacts:
        """Return all figures. `firsts`: a snapshot of each lead, by which `groups` are told; `points`: of `test`."""
        tried = self.tried[firsts.lead]
        never = sorted(self._never(firsts, groups), key=lambda one: -one.leads)
        found = Contacts(
            leads=len(firsts),
            contacted=int(tried.sum()),
            rate=_rate(firsts.label[tried]),
            rate_of_others=_rate(firsts.label[~tried]),
            bands=tuple(self._bands(test, points)),
            never=tuple(never),
        )
        self._say(found)
        return found

    def _never(self, firsts: Panel, groups: Iterable[Group]) -> Iterator[NeverTried]:
        for group in groups:
            leads, tried = int(group.rows.sum()), int(self.tried[firsts.lead[group.rows]].sum())
            if leads >= FEWEST_LEADS and tried <= HARDLY * leads:
                yield NeverTried(group.scale, group.name, leads, tried, _rate(firsts.label[group.rows]))

    def _bands(self, test: Panel, points: Floats) -> Iterator[Band]:
        """Yield fifths of the leads of the test part by their best points, the best first."""
        leads, place = np.unique(test.lead, return_inverse=True)
        best, won = np.full(len(leads), -np.inf), np.zeros(len(leads), np.bool_)
        np.maximum.at(best, place, points)
        np.logical_or.at(won, place, test.label > 0)
        tried = self.tried[leads]
        for rows in np.array_split(np.argsort(-best, kind="stable"), BANDS):
            if len(rows):
                lows = float(best[rows].min()), float(best[rows].max())
                of_tried = rows[tried[rows]]
                yield Band(*lows, len(rows), len(of_tried), int(won[rows].sum()), int(won[of_tried].sum()))

    def _say(self, found: Contacts) -> None:
        units, share = self.notes.units, found.contacted / found.leads
        self.notes.add(
            "contacted",
            f"Sales contacted {found.contacted:,} of {found.leads:,} {units} ({share:.0%}) before they converted, if"
            f" they did. {found.rate:.1%} of these converted, and {found.rate_of_others:.1%} of the others.",
        )
        for one in found.never[:MOST_NAMED]:
            said = f"of {one.leads:,} {units} {one.tried:,} were ever contacted by sales"
            little = f"their conversion of {one.rate:.1%} says little about what calls would bring"
            named = f"{one.scale}, {one.group}"
            self.notes.add("never tried", f"{named}: {said}; {little}.", "warning", one.scale)

    def say_rules(self, names: Sequence[str]) -> None:
        """Warn of rules whose points rest on leads that were practically never tried."""
        if names:
            few = f"{self.notes.units} that sales hardly ever contacted"
            said = f"The points of {', '.join(names)} were learned from {few}"
            self.notes.add("never tried", f"{said}. Call some of them before you trust these points.", "warning")

    def among(
        self, test: Panel, scores: Mapping[str, Floats], chances: Mapping[str, Floats], seed: int
    ) -> list[Performance]:
        """Return the metrics among contacted leads of the test part; say if the points only repeat who was chosen."""
        rows = self.tried[test.lead]
        part = test.take(rows)
        if min(part.converted, part.leads - part.converted) < FEWEST_CONVERSIONS:
            return []
        mine, theirs = ({name: one[rows] for name, one in of.items()} for of in (scores, chances))
        figures, _ = validation.compared(part, mine, theirs, seed)
        whole = metrics.auc(test.label, scores[PROPOSAL])
        proposal = next(one for one in figures if one.name == PROPOSAL)
        if whole - proposal.auc > MUCH and proposal.auc_high < whole:
            apart = f"{proposal.auc:.2f} ({proposal.auc_low:.2f} to {proposal.auc_high:.2f}) among the contacted"
            said = f"The proposal tells {self.notes.units} apart with an AUC of {whole:.2f} among all, but {apart}"
            self.notes.add("selection", f"{said}: much of its points repeats whom sales chose to contact.", "warning")
        return figures


def _rate(label: Floats) -> float:
    return float(label.mean()) if len(label) else float("nan")
