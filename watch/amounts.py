"""Pipeline and won amounts by the priority that a deal's leads had when it was made, by source and by quarter."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import polars as pl

from config.reporting import OF_DEALS
from scoring.card.calendar import MONTHS, Calendar
from scoring.frames import folded
from vocabulary.fields import TIME, FieldType
from vocabulary.outputs import PRIORITY
from vocabulary.units import counted
from watch.cohorts import WITHOUT
from watch.reading import Chunk, Ground
from watch.tables import RECORDS, Chart, Column, Figure, Section, Table, Told, key, said

NAME: Final = "amounts"
QUARTERS: Final = 4
SOURCES: Final = 8
"""How many sources are shown; the others are one."""
OTHERS: Final = "others"
DEALS: Final = pl.Schema(
    {"deal": pl.String(), "created_at": TIME, "won_at": TIME, "amount": pl.Float64(), "open": pl.Boolean()}
)
OWNERS: Final = pl.Schema({"deal": pl.String(), "lead": pl.String(), "priority": pl.String(), "source": pl.String()})
HAPPENED: Final[Mapping[str, str]] = {"created": "made", "won": "won"}
UNNAMED: Final = "in the CRM's currency"


def _columns(currency: str | None) -> Sequence[Column]:
    """Return the columns with the currency of those that are amounts."""
    of = f" ({currency})" if currency else ""
    return (
        Column("created", "Deals made", "count", records="created"),
        Column("pipeline", f"Pipeline{of}", "money"),
        Column("open", f"Of it still open{of}", "money"),
        Column("won", "Deals won", "count", records="won"),
        Column("amount", f"Won{of}", "money"),
    )


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of deals at all: a column of which nothing is known is a dash, not 0."""

    created: bool
    won: bool
    amounts: bool
    currency: str | None

    @classmethod
    def of(cls, found: pl.DataFrame, currency: str | None) -> "Known":
        """Look at all deals."""
        created, won, amounts = (found[name].count() > 0 for name in ("created_at", "won_at", "amount"))
        return cls(created, won or created, amounts, currency)  # with when deals are made, the CRM says which are won


def deals(ground: Ground) -> pl.DataFrame:
    """Return all deals (`DEALS`): their moments, what they are worth, and whether they are open.

    Null stands for what is not known.
    """
    asked, declared = ground.job.connection.report.amount, ground.job.mirror.declared("deals")
    wanted = {name: kind for name, kind in OF_DEALS.items() if declared.get(name) == kind}
    worth: dict[str, FieldType] = {asked: "number"} if asked is not None and asked in declared else {}
    found = ground.job.mirror.deals(wanted | worth)
    won = pl.col("won") if "won" in wanted else pl.lit(None, pl.Boolean)
    there = "closed_at" in wanted
    closed = folded(pl.col("closed_at"), "time", ground.active.card.calendar, pl.String()) if there else pl.lit(None)
    told = pl.when(won).then(closed.cast(TIME))
    over = pl.col("won_at").is_not_null() | won.fill_null(value=False)
    # Whether a deal that is not won was lost or is open still, only the CRM can say:
    open_ = pl.col("open") if "open" in wanted else pl.when(over).then(pl.lit(value=False))
    amount = pl.coalesce(*worth) if worth else pl.lit(None, pl.Float64)
    return found.with_columns(won_at=pl.coalesce("won_at", told), amount=amount, open=open_).select(*DEALS).cast(DEALS)


def owners(chunk: Chunk, made: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Return the leads of deals among some leads, with the priority when the deal was made, and the source."""
    dated = made.select("deal", at=pl.coalesce("created_at", "won_at")).drop_nulls("at")
    mine = pairs.join(chunk.line.select("lead").unique(), on="lead").join(dated, on="deal").sort("at")
    line = chunk.line.select("lead", since="at", priority=PRIORITY).sort("since")
    held = mine.join_asof(line, left_on="at", right_on="since", by="lead", strategy="backward", check_sortedness=False)
    field = chunk.ground.job.connection.report.source
    if field is None:
        return held.with_columns(source=pl.lit(None, pl.String)).select(*OWNERS)
    wanted = {field: chunk.ground.job.connection.wanted[field]}
    people = chunk.ground.job.mirror.people(mine["lead"].unique().to_list(), wanted)
    named = people.select("lead", source=pl.col(field).cast(pl.String))
    return held.join(named, on="lead", how="left").select(*OWNERS)


def credited(made: pl.DataFrame, owned: pl.DataFrame, priorities: Sequence[str]) -> pl.DataFrame:
    """Return each deal once, with its `lead` of the best `priority`; leads with a source go before those without."""
    places = {name: place for place, name in enumerate(priorities)}
    place = pl.col("priority").replace_strict(places, default=len(places), return_dtype=pl.Int64)
    best = owned.sort(place, pl.col("source").is_null(), "lead").unique("deal", keep="first", maintain_order=True)
    return made.join(best, on="deal").with_columns(pl.col("priority", "source").fill_null(WITHOUT))


def told(ground: Ground, found: pl.DataFrame, read: int = 0) -> Told:
    """Return the section. `found`: what `credited` returns. `read`: how many deals are read."""
    title = "Pipeline and won amounts"
    if found.is_empty():
        return Told(Section(NAME, title, [_NONE]))
    calendar, asked = ground.active.card.calendar, ground.job.connection.report
    quarters = begun(ground.as_of, calendar)
    rows, known = placed(found, quarters, calendar), Known.of(found, ground.currency)
    tables = [_table("priority", "By priority when the deal was made", rows, ground.priorities, known)]
    if asked.source is not None:
        tables.append(_table("source", "By source", _few_sources(rows), (), known))
    shown = _has_priorities(found)
    chart = _chart(ground, rows) if shown else None
    figures = list(_figures(rows, quarter_said(quarters[-1], calendar), quarters[-1], known)) if shown else []
    return Told(Section(NAME, title, list(_said(ground, found, read)), tables, chart), (), figures)


def _has_priorities(found: pl.DataFrame) -> bool:
    """Return whether any deal is of a lead that had a priority: without, nothing is to be said of priorities."""
    return bool((found["priority"] != WITHOUT).any())


def _figures(rows: pl.DataFrame, latest: str, quarter: datetime, known: Known) -> Iterator[Figure]:
    won = rows.filter(quarter=quarter, what="won")
    if known.amounts and known.won:
        value = said(float(won["amount"].sum()), "money")
        deals_, named = counted(won.height, "deals"), known.currency
        note = deals_ if named else f"{deals_}, {UNNAMED}"
        yield Figure(f"won in {latest}", f"{value} {named}" if named else value, note)


_NONE: Final = (
    "No deal of a scored lead is read. Map `deals` in the connection, and count them as conversions:"
    " `outcomes: {opportunities: …}`."
)


def begun(now: datetime, calendar: Calendar) -> list[datetime]:
    """Return the beginnings of the last quarters, oldest first, as the calendar counts them."""
    local, offset = now.astimezone(calendar.clocks), MONTHS.index(calendar.year_starts) % 3
    this = local.year * 12 + local.month - 1
    first = this - (this - offset) % 3
    numbers = [first - 3 * back for back in reversed(range(QUARTERS))]
    return [datetime(one // 12, one % 12 + 1, 1, tzinfo=calendar.clocks) for one in numbers]


def quarter_said(start: datetime, calendar: Calendar) -> str:
    """Return the name of a quarter: `Q3 2026`, or when it begins where years do not begin in January."""
    if calendar.year_starts == MONTHS[0]:
        return f"Q{(start.month + 2) // 3} {start.year}"
    return f"quarter from {start:%b %Y}"


def placed(found: pl.DataFrame, quarters: Sequence[datetime], calendar: Calendar) -> pl.DataFrame:
    """Return deals by `quarter` and `what` happened in it: made or won; a deal may stand in both."""
    starts = pl.DataFrame({"quarter": list(quarters)}, schema={"quarter": TIME})
    parts = [
        found.drop_nulls(moment)
        .sort(moment)
        .join_asof(starts, left_on=moment, right_on="quarter", strategy="backward")
        .drop_nulls("quarter")
        .with_columns(what=pl.lit(what), at=pl.col(moment))
        for what, moment in (("created", "created_at"), ("won", "won_at"))
    ]
    names = {start: quarter_said(start, calendar) for start in quarters}
    return pl.concat(parts).with_columns(
        pl.col("quarter").dt.convert_time_zone(str(calendar.clocks)),
        label=pl.col("quarter").replace_strict(list(names), list(names.values()), return_dtype=pl.String),
    )


def _few_sources(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with the sources of few deals as one."""
    common = (
        rows.filter(pl.col("source") != WITHOUT)["source"]
        .value_counts()
        .sort(["count", "source"], descending=[True, False])
    )
    kept = [*common.head(SOURCES)["source"], WITHOUT]
    return rows.with_columns(source=pl.when(pl.col("source").is_in(kept)).then("source").otherwise(pl.lit(OTHERS)))


def _table(by: str, title: str, rows: pl.DataFrame, order: Sequence[str], known: Known) -> Table:
    columns = [Column("quarter", "Quarter"), Column("value", by.capitalize()), *_columns(known.currency)]
    return Table(f"by_{by}", title, columns, list(_rows(by, rows, order, known)), folded=by == "source")


def _rows(by: str, rows: pl.DataFrame, order: Sequence[str], known: Known) -> Iterator[dict[str, Any]]:
    newest = rows.sort("quarter", descending=True)
    for (label,), these in newest.group_by("label", maintain_order=True):
        values = these[by].unique().sort().to_list()
        for value in [*(one for one in order if one in values), *(one for one in values if one not in order)]:
            base = key(NAME, by, str(label), value)
            yield {"quarter": label, "value": value, **_sums(these.filter(pl.col(by) == value), known), RECORDS: base}


def _sums(rows: pl.DataFrame, known: Known) -> dict[str, Any]:
    made, won = rows.filter(what="created"), rows.filter(what="won")
    open_ = _sum(made.filter("open"), known) if made["open"].null_count() == 0 else None
    of_made = {"created": made.height, "pipeline": _sum(made, known), "open": open_}
    return {
        **(of_made if known.created else dict.fromkeys(of_made)),
        "won": won.height if known.won else None,
        "amount": _sum(won, known) if known.won else None,
    }


def _sum(rows: pl.DataFrame, known: Known) -> float | None:
    """Return the sum of the amounts: 0 of no deals, and None if there are deals and no amount is known."""
    some = known.amounts and (rows.is_empty() or rows["amount"].count() > 0)
    return float(rows["amount"].sum()) if some else None


def _said(ground: Ground, found: pl.DataFrame, read: int) -> Iterator[str]:
    yield (
        "A deal counts once, for its lead of the best priority when it was made; `none` had no priority then, or was"
        " not scored yet. Pipeline is what the deals made in a quarter are worth, whatever became of them."
    )
    if found["amount"].count():
        yield f"Amounts are in {ground.currency}." if ground.currency else f"Amounts are {UNNAMED}."
    if read > found.height:
        yield f"{read - found.height:,} of {read:,} deals have no lead that was written to: they are not counted."
    if ground.job.connection.report.amount is None:
        yield "What deals are worth is not read: name it under `report` of the connection, such as `amount: amount`."
    elif lacking := found["amount"].null_count():
        yield f"{lacking:,} of {found.height:,} deals have no amount; they count as deals only."
    if not _has_priorities(found):
        yield (
            "Every deal was made before its leads had a priority, so all belong to `none`: amounts are on the first"
            " page, and drawn, once deals are made with leads that have one."
        )
    if found["created_at"].count() and found["open"].null_count():
        yield "Which deals are open still is not read: map `open` under `deals` of the connection."
    if not found["created_at"].count():
        yield "When deals were made is not read: `outcomes: {opportunities: …}` in the connection."
    if ground.job.connection.report.source is None:
        yield "By source, if `report` names the field: `source: …`."


def _chart(ground: Ground, rows: pl.DataFrame) -> Chart | None:
    """Return the won amounts by quarter and priority, if amounts are known."""
    won = rows.filter(pl.col("what") == "won", pl.col("amount").is_not_null())
    if won.is_empty():
        return None
    labels = won.sort("quarter")["label"].unique(maintain_order=True).to_list()
    sums = {
        (label, value): amount
        for label, value, amount in won.group_by("label", "priority").agg(pl.col("amount").sum()).iter_rows()
    }
    named = [one for one in (*ground.priorities, WITHOUT) if any((label, one) in sums for label in labels)]
    series = {one: [(label, float(sums.get((label, one), 0)), 0.0, 0.0) for label in labels] for one in named}
    return Chart("Won amounts by quarter and priority", "bars", f"won, {ground.currency or UNNAMED}", series)


def seen(chunk: Chunk, made: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Return what `owners` does, or nothing where there are no deals."""
    return owners(chunk, made, pairs) if made.height else OWNERS.to_frame()


def records(ground: Ground, by: str, label: str, value: str, what: str = "") -> pl.DataFrame:
    """Return the leads of the deals behind a figure: of those that were made, or won, or both."""
    if by not in {"priority", "source"} or what not in {"", *HAPPENED}:
        raise KeyError(by)
    made, pairs, calendar = deals(ground), ground.job.mirror.deal_leads(), ground.active.card.calendar
    owned = pl.concat([owners(chunk, made, pairs) for chunk in ground.chunks()])
    rows = placed(credited(made, owned, ground.priorities), begun(ground.as_of, calendar), calendar)
    chosen = _few_sources(rows) if by == "source" else rows
    found = chosen.filter(
        pl.col("label") == label, pl.col(by) == value, pl.col("what").is_in([what] if what else list(HAPPENED))
    )
    return found.select("lead", "at", what=pl.format("deal {} {}", "deal", pl.col("what").replace_strict(HAPPENED)))
