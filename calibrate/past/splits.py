"""Splits snapshots into earlier ones to fit on and later ones to test on, with a gap; people of a company together."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from calibrate.past.panel import Codes, Mask, Panel
from calibrate.statistics.fit import Floats
from vocabulary.fields import FieldType
from vocabulary.outputs import Of

TEST_SHARE: Final = 0.25
TESTS: Final = ((None, 120), (120, 60), (40, 30))
"""The test part begins later while fewer conversions than the first number are left to fit on (None: fewer than are
tested on) and it keeps the second number; one after the other."""
STEPS: Final = 40
"""Later beginnings that are tried."""
TOLD_APART: Final = 0.8
"""Leads equal in every field count as one person if the fields distinguish at least this share of the leads."""
GROUP_NAMES: Final = (
    "account",
    "account_id",
    "company_id",
    "address",
    "email",
    "email_address",
    "household_id",
    "contact_id",
)


@dataclass(frozen=True)
class Split:
    """The snapshots to fit on and to test on; the rest is the gap."""

    train: Mask
    test: Mask
    """All that scoring would have met after the cut: those of older leads too, fitted on as they were earlier."""
    newer: Mask
    """Those of the test part whose leads were created after the cut, without people and companies fitted on."""
    message: str


def by_time(panel: Panel, created: Floats, horizon: float, units: Of = "leads") -> Split:
    """Test on what came after the newest quarter of the leads began, or later, and fit on what had ended by then."""
    if not len(panel):
        none = np.zeros(0, np.bool_)
        return Split(none, none, none, f"None of the {units} is old enough for its horizon to have ended.")
    cuts = _Cuts(panel, created[panel.lead], horizon)
    usual = float(np.quantile(created[np.unique(panel.lead)], 1 - TEST_SHARE))
    begin = usual
    for wanted, kept in TESTS:
        begin = cuts.later(begin, wanted, kept)
    train, test, newer = cuts.at(begin)
    return Split(train, test, newer, _said(cuts, usual, begin, units))


def _said(cuts: "_Cuts", usual: float, begin: float, units: Of) -> str:
    train, test, _ = cuts.at(begin)
    last, first = _date(begin - cuts.horizon), _date(begin)
    said = (
        f"Fitted on {units} as they were until {last}: the horizon of {cuts.horizon:.0f} days had ended by {first}. "
        f"Tested on all that were open after {first}, as scoring meets them: newer ones, and older ones as they were "
        "by then."
    )
    if rest := int((~train & ~test).sum()):
        said += f" {rest:,} snapshots are in the gap, or of people and companies on both sides, and are not used."
    if begin > usual:
        said += (
            f" The test part, {cuts.holds(begin)} conversions, begins later than the newest quarter of the {units}, "
            f"because only {cuts.left(usual)} conversions would be left to fit on."
        )
    return said


@dataclass(frozen=True)
class _Cuts:
    """What is fitted on and tested on if the test part begins on some day."""

    panel: Panel
    born: Floats
    horizon: float

    def at(self, begin: float) -> tuple[Mask, Mask, Mask]:
        """Return what is fitted on, what is tested on, and what of that is new."""
        tested = _tested(self.panel.group, self.born, begin)
        train = (self.panel.moment + self.horizon <= begin) & ~tested
        test = self.panel.moment >= begin
        return train, test, test & (self.born >= begin) & tested

    def left(self, begin: float) -> int:
        """Return how many leads there are to fit on: of those that converted and the others, the fewer."""
        train = self.at(begin)[0]
        won, all_ = np.unique(self.panel.lead[train & (self.panel.label > 0)]), np.unique(self.panel.lead[train])
        return min(len(won), len(all_) - len(won))

    def later(self, begin: float, wanted: int | None, kept: int) -> float:
        """Return the first beginning with enough to fit on, or the last one that leaves enough to test on."""
        for following in np.linspace(begin, float(self.panel.moment.max()), STEPS, endpoint=False)[1:]:
            enough = self.holds(begin) if wanted is None else wanted
            if self.left(begin) >= enough or self.holds(float(following)) < kept:
                break
            begin = float(following)
        return begin

    def holds(self, begin: float) -> int:
        """Return how many leads converted after a snapshot of the test part."""
        won = (self.panel.moment >= begin) & (self.panel.label > 0)
        return len(np.unique(self.panel.lead[won]))


def by_order(panel: Panel) -> Split:
    """Test on the last quarter of the rows."""
    begin = float(np.quantile(panel.moment, 1 - TEST_SHARE))
    tested = _tested(panel.group, panel.moment, begin)
    message = "Fitted on the first three quarters of the rows and tested on the rest."
    test = (panel.moment >= begin) & tested
    return Split((panel.moment < begin) & ~tested, test, test, message)


def _tested(group: Codes, when: Floats, begin: float) -> Mask:
    """Return the groups of the test part: the newer ones, and every second one of those on both sides."""
    groups, place = np.unique(group, return_inverse=True)
    first, last = np.full(len(groups), np.inf), np.full(len(groups), -np.inf)
    np.minimum.at(first, place, when)
    np.maximum.at(last, place, when)
    both = (first < begin) & (last >= begin)
    every_other = np.cumsum(both) % 2 == 0
    tested: Mask = ((first >= begin) | (both & every_other))[place]
    return tested


def _date(day: float) -> str:
    return str(np.datetime64("1970-01-01") + np.timedelta64(int(day), "D"))


def groups(
    leads: pl.DataFrame, column: str | None, fields: Mapping[str, FieldType], joined: Codes | None = None
) -> Codes:
    """Return a number for each lead, equal for leads with the same company or address or equal in every field.

    `joined`: numbers that are equal already for some of them.
    """
    keys = [column] if column else [name for name in GROUP_NAMES if name in leads.columns and is_key(leads[name])]
    codes = np.arange(leads.height, dtype=np.int64) if joined is None else joined
    for key in keys:
        codes = _joined(codes, leads[key])
    return codes if keys else _joined(codes, _twins(leads, fields))


def is_key(column: pl.Series) -> bool:
    """Return whether a column identifies small groups, rather than being a label that many leads share."""
    known = column.drop_nulls()
    return len(known) > 0 and known.n_unique() > len(known) / 20


def _twins(leads: pl.DataFrame, fields: Mapping[str, object]) -> pl.Series:
    """Return a key that is equal for leads equal in every field; null if these may be different people."""
    named = [name for name in fields if name in leads.columns]
    if len(named) < 5:  # noqa: PLR2004 - a few fields can be equal by chance
        return pl.Series([None] * len(leads), dtype=pl.UInt64)
    hashed = leads.select(named).hash_rows(seed=1)
    told_apart = hashed.n_unique() > TOLD_APART * len(leads)
    return hashed if told_apart else pl.Series([None] * len(leads), dtype=pl.UInt64)


def _joined(codes: Codes, key: pl.Series) -> Codes:
    """Merge groups that share a key, ignoring missing keys."""
    frame = pl.DataFrame({"code": codes, "key": key})
    smallest = pl.when(pl.col("key").is_null()).then(pl.col("code")).otherwise(pl.col("code").min().over("key"))
    return connected(codes, frame.select(smallest).to_series().to_numpy())[codes]


def connected(one: Codes, other: Codes) -> Codes:
    """Return the smallest of all numbers that each is connected with, given the pairs that are."""
    size = 1 + int(max(one.max(initial=-1), other.max(initial=-1)))
    graph = coo_array((np.ones(len(one)), (one, other)), shape=(size, size))
    label = connected_components(graph, directed=False)[1]
    least = np.full(size, size, np.int64)
    np.minimum.at(least, label, np.arange(size))
    found: Codes = least[label]
    return found
