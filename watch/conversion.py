"""How many leads converted, by what they had when the month began: by priority, stage, grade and tenth of the score."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final

import polars as pl

from watch import cohorts
from watch.cohorts import COUNTS, SCALES, WITHOUT
from watch.reading import Chunk, Ground
from watch.statistics import deviations, difference, wilson
from watch.tables import RECORDS, Chart, Column, Figure, Finding, Section, Table, Told, join, key, said
from watch.timeline import INDEX, NUMBERS

NAME: Final = "conversion"
TENTH: Final = "tenth"
HEADINGS: Final = {"priority": "Priority", "stage": "Stage", "grade": "Grade", TENTH: "Tenth of the score"}
ORDERED: Final = ("priority", "grade")
"""The scales whose better values promise more conversions: a stage may be that of customers."""
FEWEST: Final = 30
"""With fewer matured leads a rate is shown with its interval, and nothing is claimed."""
ASSOCIATION: Final = (
    "Sales calls the first priority first, so these rates show what goes together, not what the calls brought."
)

_RATE: Final = (
    Column("leads", "Leads", "count", records=""),
    Column("matured", "Matured", "count"),
    Column("converted", "Converted", "count", records="converted"),
    Column("rate", "Conversion", "share", bounds=("low", "high")),
)
_MONTH: Final = Column("month", "Month")
_SO_FAR: Final = Column("so_far", "Of the others so far", "count", records="so far")


def seen(chunk: Chunk) -> dict[str, pl.DataFrame]:
    """Return the counts of some leads by scale; that of the score is by its value."""
    rows = chunk.rows
    numbers = {name: cohorts.counted(rows, name) for name in NUMBERS}
    return {scale: cohorts.counted(rows, column) for scale, column in SCALES.items()} | numbers


def score_of(counts: Mapping[str, pl.DataFrame]) -> str | None:
    """Return the number whose past is known, the score before the others: its tenths are shown."""
    known = (name for name in (NUMBERS[0], INDEX, *NUMBERS) if counts[name]["value"].count())
    return next(known, None)


def told(ground: Ground, counts: Mapping[str, pl.DataFrame], orders: Mapping[str, Sequence[str]]) -> Told:
    """Return the section. `orders`: the values of each scale, best first."""
    pooled_months = cohorts.apart(ground.months, ground.horizon, ground.as_of)
    tables: list[Table] = []
    found: list[Finding] = []
    pooled: dict[str, list[dict[str, Any]]] = {}
    for scale, rows in _by_scale(counts, orders):
        pooled[scale] = list(_pooled(scale, rows, pooled_months, orders.get(scale)))
        tables.append(_table(scale, f"By {HEADINGS[scale].lower()}", pooled[scale], monthly=False))
        tables.append(
            _table(scale, f"By {HEADINGS[scale].lower()} and month", _monthly(scale, rows, orders), monthly=True)
        )
        if scale in ORDERED:
            found += _wrong_order(scale, pooled[scale])
    first = next(iter(pooled.get("priority", ())), None)
    section = Section(
        NAME,
        "Conversion by what leads had when the month began",
        list(_said(ground, pooled_months, score_of(counts))),
        tables if counts["priority"].height else (),
        _chart(pooled.get("priority", ())),
    )
    return Told(section, found, list(_figures(first)), _measures(pooled.get("priority", ())))


def _by_scale(
    counts: Mapping[str, pl.DataFrame], orders: Mapping[str, Sequence[str]]
) -> Iterator[tuple[str, pl.DataFrame]]:
    for scale in SCALES:
        if orders.get(scale):
            yield scale, counts[scale]
    number = score_of(counts)
    if number is not None:
        tens = cohorts.tenths(counts[number])
        yield TENTH, tens.with_columns(pl.col("value").cast(pl.String), number=pl.lit(number))


def _pooled(
    scale: str, rows: pl.DataFrame, chosen: Sequence[datetime], order: Sequence[str] | None
) -> Iterator[dict[str, Any]]:
    """Yield one row per value over months that do not overlap."""
    these = rows.filter(pl.col("month").is_in(list(chosen)))
    grouped = these.group_by("value").agg(pl.col(*COUNTS).sum()).rows_by_key("value", named=True, unique=True)
    names = "+".join(f"{one:%Y-%m}" for one in chosen)
    for value in _ordered(grouped, order):
        base = None if scale == TENTH else key(NAME, scale, names, value)
        yield {"value": value, **rated(grouped[value]), RECORDS: base}


def _monthly(scale: str, rows: pl.DataFrame, orders: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
    return list(_by_month(scale, rows, orders.get(scale)))


def _by_month(scale: str, rows: pl.DataFrame, order: Sequence[str] | None) -> Iterator[dict[str, Any]]:
    for (month,), these in rows.sort("month", descending=True).group_by("month", maintain_order=True):
        assert isinstance(month, datetime)
        found = these.rows_by_key("value", named=True, unique=True)
        for value in _ordered(found, order):
            one = found[value]
            named = f"{one['low']:g}..{one['high']:g}" if scale == TENTH else value
            base = key(NAME, one["number"] if scale == TENTH else scale, f"{month:%Y-%m}", named)
            yield {"month": f"{month:%Y-%m}", "value": value, **rated(one), "so_far": one["so_far"], RECORDS: base}


def _ordered(found: Mapping[str, Any], order: Sequence[str] | None) -> list[str]:
    """Return the values, best first; those that the card does not know any more come last."""
    if order is None:
        return sorted(found, key=float)
    return [*(one for one in order if one in found), *sorted(found.keys() - set(order) - {WITHOUT}), *_without(found)]


def _without(found: Mapping[str, Any]) -> list[str]:
    return [WITHOUT] if WITHOUT in found else []


def rated(counts: Mapping[str, Any]) -> dict[str, Any]:
    """Return counts with the rate of the matured leads and its interval; None without any."""
    matured, converted = int(counts["matured"]), int(counts["converted"])
    low, high = wilson(converted, matured)
    rate = converted / matured if matured else None
    return {
        "leads": int(counts["leads"]),
        "matured": matured,
        "converted": converted,
        "rate": rate,
        "low": low if matured else None,
        "high": high if matured else None,
    }


def _table(scale: str, title: str, rows: Sequence[Mapping[str, Any]], *, monthly: bool) -> Table:
    value = Column("value", HEADINGS[scale])
    columns = (_MONTH, value, *_RATE, _SO_FAR) if monthly else (value, *_RATE)
    return Table(f"{scale}_by_month" if monthly else scale, title, columns, rows, folded=monthly or scale != "priority")


def _said(ground: Ground, chosen: Sequence[datetime], number: str | None) -> Iterator[str]:
    days = ground.horizon.days
    yield (
        f"A lead converts if it does so within {days} days after the month began; leads that came in its course count"
        " with what they were first given. What they have today does not count."
    )
    if not ground.conversions:
        yield (
            "No conversion is known. Say in the settings what counts as one: `outcomes`, beside `fields` of the"
            " connection."
        )
    if chosen:
        names = ", ".join(f"{one:%b %Y}" for one in chosen)
        yield f"Over months whose {days} days do not overlap, so that no conversion counts twice: {names}."
    else:
        first = ground.months[0] + timedelta(days=31) + ground.horizon
        kept = ground.job.connection.keep
        yield f"No month is {days} days old yet, so nothing is claimed. " + (
            f"The first rates are there by {said(first, 'day')}."
            if ground.horizon + timedelta(days=62) <= kept
            else f"History is kept for {kept.days} days only: set `keep` to {days + 93}d or more."
        )
    if number != NUMBERS[0]:
        yield _without_score(ground, number)
    yield ASSOCIATION


def _without_score(ground: Ground, number: str | None) -> str:
    """Return what stands for the tenths of the score, what to write to have them, and from when they are known."""
    shown = (
        "By tenth of the score nothing is known, since no number of it is written."
        if number is None
        else f"Tenths are those of `{number}`, since `lead_score` is not written."
    )
    local = ground.as_of.astimezone(ground.active.card.zone)
    first = (local.replace(day=1, hour=0, minute=0, second=0, microsecond=0) + timedelta(days=32)).replace(day=1)
    return (
        f"{shown} With `outputs: {{lead_score: true}}` in the connection (then `leadgauge provision`) those of the"
        f" score are known for the month that begins on {said(first, 'day')}, and its conversion from"
        f" {said(first + ground.horizon, 'day')} on."
    )


def _wrong_order(scale: str, rows: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    """Yield neighbours of which the worse converts clearly more often."""
    asked = [one for one in rows if one["value"] != WITHOUT and one["matured"] >= FEWEST]
    reach = deviations(len(asked) - 1)
    for better, worse in pairwise(asked):
        pair = ((better["converted"], better["matured"]), (worse["converted"], worse["matured"]))
        low, high = difference(*pair, reach)
        if high < 0:
            yield Finding(
                "order",
                f"{HEADINGS[scale]} {better['value']} converts less often than {worse['value']}:"
                f" {said(better['rate'], 'share')} against {said(worse['rate'], 'share')}, a difference of"
                f" {-100 * high:.1f} to {-100 * low:.1f} percentage points.",
                f"Look at what gives leads {better['value']}: run `leadgauge calibrate`, and compare its proposal.",
                NAME,
                better["leads"],
                join(better[RECORDS], None),
            )


def _chart(rows: Sequence[Mapping[str, Any]]) -> Chart | None:
    """Return the rates by priority."""
    points = [
        (str(one["value"]), one["rate"], one["low"], one["high"])
        for one in rows
        if one["matured"] and one["value"] != WITHOUT
    ]
    return Chart("Conversion by priority, with its interval", "bars", "% converted", {"": points}) if points else None


def _figures(first: Mapping[str, Any] | None) -> Iterator[Figure]:
    if first is not None and first["matured"] >= FEWEST:
        bounds = f"{100 * first['low']:.1f} to {100 * first['high']:.1f} %"
        yield Figure(f"{first['value']} converts", said(first["rate"], "share"), bounds, first[RECORDS])


def _measures(rows: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, float]]:
    rates = {str(one["value"]): float(one["rate"]) for one in rows if one["matured"]}
    return {"conversion_ratio": rates}


def records(chunk: Chunk, scale: str, month: str, value: str, part: str = "") -> pl.DataFrame:
    """Return `lead` and `month` of the leads behind a figure in some buckets."""
    column = SCALES.get(scale, scale)
    chosen = pl.col("month").dt.convert_time_zone(str(chunk.ground.active.card.zone)).dt.strftime("%Y-%m")
    rows = chunk.rows.filter(chosen.is_in(month.split("+"))).filter(_has(column, value))
    if part == "converted":
        rows = rows.filter(pl.col("matured") & pl.col("came"))
    elif part:
        rows = rows.filter(~pl.col("matured") & pl.col("came"))
    return rows.select("lead", at="moment", what=pl.col(column).cast(pl.String))


def _has(column: str, value: str) -> pl.Expr:
    if column in NUMBERS:
        low, _, high = value.partition("..")
        return pl.col(column).is_between(float(low), float(high))
    return pl.col(column).is_null() if value == WITHOUT else pl.col(column) == value
