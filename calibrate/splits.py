"""Splits leads into older ones to fit on and newer ones to test on, with a gap, keeping companies together."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from calibrate.fit import Floats
from calibrate.panel import Codes, Mask, Panel
from vocabulary.fields import FieldType
from vocabulary.outputs import Of

TEST_SHARE: Final = 0.25
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
    message: str


def by_time(panel: Panel, created: Floats, horizon: float, units: Of = "leads") -> Split:
    """Test on the newest quarter of the leads, and fit on older ones whose horizon ended before those began."""
    if not len(panel):
        young = f"None of the {units} is old enough for its horizon to have ended."
        return Split(np.zeros(0, np.bool_), np.zeros(0, np.bool_), young)
    born = created[panel.lead]
    begin = float(np.quantile(created[np.unique(panel.lead)], 1 - TEST_SHARE))
    tested = _tested(panel.group, born, begin)
    train = (born < begin) & (panel.moment + horizon <= begin) & ~tested
    test = (born >= begin) & tested
    left_out = int((~train & ~test).sum())
    message = (
        f"Fitted on {units} created before {_date(begin)}, whose horizon of {horizon:.0f} days had ended by then; "
        f"tested on newer ones. {left_out:,} snapshots are used for neither, because they are in the gap or belong to "
        "people and companies on the other side."
    )
    return Split(train, test, message)


def by_order(panel: Panel) -> Split:
    """Test on the last quarter of the rows."""
    begin = float(np.quantile(panel.moment, 1 - TEST_SHARE))
    tested = _tested(panel.group, panel.moment, begin)
    message = "Fitted on the first three quarters of the rows and tested on the rest."
    return Split((panel.moment < begin) & ~tested, (panel.moment >= begin) & tested, message)


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
