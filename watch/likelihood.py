"""Whether the likelihood promised what came: on leads whose horizon is over, by what they were told then."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import polars as pl

from vocabulary.outputs import LIKELIHOOD
from watch import cohorts
from watch.reading import Ground
from watch.statistics import wilson
from watch.tables import RECORDS, Chart, Column, Figure, Finding, Section, Table, Told, key, said

NAME: Final = "likelihood"
GROUPS: Final = 10
FEWEST: Final = 100
"""With fewer matured leads nothing is said about all of them."""
TOLERATED: Final = 0.2
"""The share of what was promised that may be missing, or too much, without a word."""
_COLUMNS: Final = (
    Column("group", "Group", "text"),
    Column("matured", "Leads", "count", records=""),
    Column("promised", "Promised", "share"),
    Column("came", "Came", "share", bounds=("low", "high")),
    Column("converted", "Converted", "count", records="converted"),
)


def told(ground: Ground, counts: pl.DataFrame) -> Told:
    """Return the section. `counts`: those by likelihood in percent, by month."""
    chosen = cohorts.apart(ground.months, ground.horizon, ground.as_of)
    known = counts.drop_nulls("value").filter(pl.col("month").is_in(list(chosen)) & (pl.col("matured") > 0))
    rows = list(_groups(known, chosen))
    if not rows:
        return Told(Section(NAME, "Does the likelihood come true?", [_missing(ground, counts)]))
    whole = _whole(known)
    error = sum(one["matured"] * abs(one["promised"] - one["came"]) for one in rows) / whole["matured"]
    points = [(one["group"], one["promised"], one["came"], one["low"], one["high"]) for one in rows]
    section = Section(
        NAME,
        "Does the likelihood come true?",
        list(_said(ground, chosen, whole, error)),
        [Table("groups", "Promised and came, by groups of equal size", _COLUMNS, rows, folded=True)],
        Chart(
            "What was promised against what came",
            "lines",
            "% that converted",
            {"came": [(f"{100 * at:.4f}", rate, low, high) for _, at, rate, low, high in points]},
            diagonal=True,
        ),
    )
    figure = Figure(
        "off, the likelihood on average", f"{100 * error:.1f} points", f"{whole['matured']:,} matured leads"
    )
    return Told(section, list(_off(whole)), [figure], {"likelihood_error_ratio": {"": error}})


def _groups(known: pl.DataFrame, chosen: Sequence[datetime]) -> Iterator[dict[str, Any]]:
    """Yield ten groups of about equal size, lowest first; leads with the same likelihood stay together."""
    by_value = known.group_by("value").agg(pl.col("matured", "converted").sum()).sort("value")
    place = (pl.col("matured").cum_sum() - pl.col("matured") / 2) / pl.col("matured").sum()
    grouped = by_value.with_columns(group=(GROUPS * place).floor().clip(0, GROUPS - 1))
    names = "+".join(f"{one:%Y-%m}" for one in chosen)
    for _, these in grouped.group_by("group", maintain_order=True):
        low, high = (float(these["value"][place]) for place in (0, -1))
        base = key("conversion", LIKELIHOOD, names, f"{low:g}..{high:g}")
        yield {"group": f"{low:g} to {high:g} %", **_whole(these), RECORDS: base}


def _whole(known: pl.DataFrame) -> dict[str, Any]:
    matured, converted = int(known["matured"].sum()), int(known["converted"].sum())
    promised = float((known["value"] * known["matured"]).sum()) / 100 / matured
    low, high = wilson(converted, matured)
    counts = {"matured": matured, "converted": converted}
    return {**counts, "promised": promised, "came": converted / matured, "low": low, "high": high}


def _missing(ground: Ground, counts: pl.DataFrame) -> str:
    if ground.active.scorer.likelihood is None:
        return "No likelihood is fitted: `leadgauge calibrate --apply` learns one from your conversions."
    if not counts["value"].count():
        return "The likelihood was not written yet, so nothing was promised: the next passes write it."
    return f"No lead that was given a likelihood is {ground.horizon.days} days further yet, so nothing is claimed."


def _said(ground: Ground, chosen: Sequence[datetime], whole: Mapping[str, Any], error: float) -> Iterator[str]:
    names = ", ".join(f"{one:%b %Y}" for one in chosen)
    yield (
        f"{whole['matured']:,} leads, by what they were given in {names}: {said(whole['promised'], 'share')} were"
        f" promised within {ground.horizon.days} days and {said(whole['came'], 'share')} came"
        f" ({said(whole['low'], 'share')} to {said(whole['high'], 'share')})."
    )
    yield (
        f"Over ten groups the promise is off by {100 * error:.1f} percentage points on average (ECE). A part of that is"
        " chance: groups are small."
    )


def _off(whole: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield a finding if all leads together came clearly otherwise than promised."""
    outside = not whole["low"] <= whole["promised"] <= whole["high"]
    much = abs(whole["promised"] - whole["came"]) > TOLERATED * max(whole["promised"], whole["came"])
    if whole["matured"] >= FEWEST and outside and much:
        way = "less" if whole["came"] < whole["promised"] else "more"
        yield Finding(
            "likelihood",
            f"{way.capitalize()} came than the likelihood promised: {said(whole['came'], 'share')}"
            f" ({said(whole['low'], 'share')} to {said(whole['high'], 'share')}) instead of"
            f" {said(whole['promised'], 'share')}.",
            "Run `leadgauge calibrate` again; until then read the likelihood as an order, not as a percentage.",
            NAME,
            whole["matured"],
        )
