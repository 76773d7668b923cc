"""Signals that rules can use: activity kinds, sections of the website, and the card's own rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from calibrate.past.outcome import days
from calibrate.past.panel import Signal
from calibrate.statistics.fit import Floats

MOST_SIGNALS: Final = 40
MOST_SECTIONS: Final = 12
FEWEST_LEADS: Final = 30
SECTION: Final = r"^(?:[a-z]+://[^/]*)?(/[^/?#]{2,40})"


@dataclass(frozen=True)
class Events:
    """Activities as arrays, oldest first: lead (position in the timeline), signal and time (days)."""

    lead: NDArray[np.int32]
    signal: NDArray[np.int16]
    moment: Floats


def found(activities: pl.DataFrame, touchpoints: pl.DataFrame) -> tuple[Signal, ...]:
    """Return signals for the kinds with enough leads and for the most visited sections of the website."""
    reached = activities.join(touchpoints, on="touchpoint").select("lead", "kind", "url")
    kinds = _common(
        reached.select("lead", pl.col("kind").str.to_lowercase().str.strip_chars()),
        "kind",
        MOST_SIGNALS - MOST_SECTIONS,
    )
    sections = reached.filter(pl.col("kind") == "page_view").select(
        "lead", pl.col("url").str.to_lowercase().str.extract(SECTION).alias("section")
    )
    by_kind = [Signal(_words(kind), {"kind": kind}) for kind in kinds]
    by_section = [
        Signal(f"Page {section}", {"kind": "page_view", "url": {"contains": section}})
        for section in _common(sections, "section", MOST_SECTIONS)
    ]
    return tuple(by_kind + by_section)


def _common(reached: pl.DataFrame, column: str, most: int) -> list[str]:
    leads = reached.drop_nulls().group_by(column).agg(pl.col("lead").n_unique())
    enough = leads.filter(pl.col("lead") >= FEWEST_LEADS).sort(["lead", column], descending=[True, False])
    return enough.head(most)[column].to_list()


def _words(kind: str) -> str:
    return kind.replace("_", " ").strip().capitalize() or kind


def matches(signal: Signal, touchpoints: pl.DataFrame) -> pl.Series:
    """Return the touchpoints that a generated signal matches, by kind and part of the URL."""
    test = pl.col("kind").str.to_lowercase().str.strip_chars().is_in(signal.kinds)
    if "url" in signal.condition:
        test &= pl.col("url").str.to_lowercase().str.contains(signal.condition["url"]["contains"], literal=True)
    return touchpoints.filter(test)["touchpoint"]


def events(activities: pl.DataFrame, reached: Sequence[tuple[int, pl.Series]], leads: pl.DataFrame) -> Events:
    """Return the activities of known leads for each signal they match, oldest first.

    `reached` pairs a signal's number with its touchpoints.
    """
    mapping = [
        pl.DataFrame(
            {"touchpoint": touchpoints, "signal": [number] * len(touchpoints)},
            schema={"touchpoint": pl.UInt32, "signal": pl.Int16},
        )
        for number, touchpoints in reached
    ]
    places = leads.select("lead", pl.int_range(pl.len(), dtype=pl.Int32).alias("place"))
    if not mapping:
        return Events(np.zeros(0, np.int32), np.zeros(0, np.int16), np.zeros(0))
    joined = (
        activities.lazy()
        .select("lead", "touchpoint", "occurred_at")
        .join(places.lazy(), on="lead")
        .join(pl.concat(mapping).lazy(), on="touchpoint")
        .select("place", "signal", "occurred_at")
        .sort("occurred_at", "place", "signal")
        .collect()
    )
    return Events(joined["place"].to_numpy(), joined["signal"].to_numpy(), days(joined["occurred_at"]))
