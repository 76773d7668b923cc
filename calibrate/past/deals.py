"""Deals as they were: from when on there was one, until when it was open, and what is not known of then."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from calibrate.notes import Notes
from calibrate.past.outcome import DAY_US, days
from calibrate.statistics.fit import Floats
from scoring import Related, Scorecard
from scoring.card.figures import DealCondition, DealFigure
from scoring.figures import Figures
from scoring.frames import fields_of
from scoring.related import Deals
from vocabulary.fields import TIME, FieldType

CREATED: Final = "created_at"
WON_AT: Final = "won_at"
CLOSED_AT: Final = "closed_at"
OPEN: Final = "open"
WON: Final = "won"
MOMENTS: Final[Mapping[str, FieldType]] = {CREATED: "time", WON_AT: "time", CLOSED_AT: "time"}
ALWAYS: Final = frozenset({OPEN, WON, CREATED})
"""The fields of a deal that are known of every moment. What else it holds is taken as final once it is closed."""


@dataclass(frozen=True)
class PastDeals:
    """The deals whose creation is known."""

    frame: pl.DataFrame
    """`deal`, `lead`, `account`, the declared fields, in days `#begun` and `#closed`: infinite never, null unknown."""
    card: Scorecard
    """The scorecard that declares their fields."""

    @classmethod
    def of(cls, given: pl.DataFrame, card: Scorecard, notes: Notes) -> "PastDeals | None":
        """Return the deals; None if of none the creation is known."""
        own = {name: kind for name, kind in MOMENTS.items() if card.deals.get(name, kind) in {"time", "date"}}
        own |= {name: kind for name, kind in card.deals.items() if name in own or (name, kind) == (OPEN, "flag")}
        compared = given.select("deal", *fields_of(given.schema, {**MOMENTS, **own}, card.calendar))
        begun = compared[CREATED].cast(TIME)
        frame = given.with_columns(_days(begun, "#begun"), _closed(compared))
        known = frame.filter(pl.col("#begun").is_not_null())
        if known.is_empty():
            return None
        if lost := given.filter(begun.is_null())["deal"].n_unique():
            notes.add("deals", f"{lost} deals whose creation is not known were left out.")
        return cls(known, card)

    def at(self, day: float) -> pl.DataFrame:
        """Return the deals that existed on a day; what is not known of them then is missing."""
        closed = pl.col("#closed") <= day
        states = {OPEN: ~closed, WON: pl.col(WON) & closed}
        then = {name: state for name, state in states.items() if self.card.deals.get(name) == "flag"}
        columns = [
            then[name].alias(name) if name in then else pl.when(closed).then(pl.col(name)).alias(name)
            for name in self.card.deals
            if name in self.frame.columns and name != CREATED
        ]
        return self.frame.filter(pl.col("#begun") <= day).with_columns(columns).drop("#begun", "#closed")


def _days(moments: pl.Series, name: str) -> pl.Series:
    return pl.Series(name, days(moments)).fill_nan(None)


def _closed(deals: pl.DataFrame) -> pl.Series:
    """Return the day on which each deal was closed: won, or lost if it is not open any more."""
    won, closed = _days(deals[WON_AT].cast(TIME), WON_AT), _days(deals[CLOSED_AT].cast(TIME), CLOSED_AT)
    is_open = (
        deals[OPEN] if OPEN in deals.columns else pl.Series([None], dtype=pl.Boolean).new_from_index(0, len(deals))
    )
    frame = pl.DataFrame({WON_AT: won, CLOSED_AT: closed, OPEN: is_open})
    over = pl.when(pl.col(OPEN)).then(np.inf).when(~pl.col(OPEN)).then(pl.col(CLOSED_AT))
    return frame.select(pl.coalesce(WON_AT, over).alias("#closed")).to_series()


def replayed(card: Scorecard) -> list[str]:
    """Return the figures of deals whose past follows from what is known of deals."""
    return [name for name, one in card.figures.items() if isinstance(one, DealFigure) and _is_known(one)]


def _is_known(figure: DealFigure) -> bool:
    used = {*(figure.where.fields if figure.where else ()), *([figure.field] if figure.field else ())}
    return used <= ALWAYS or (figure.where is not None and _of_closed(figure.where))


def _of_closed(condition: DealCondition) -> bool:
    """Return whether only closed deals meet a condition."""
    said = {name: test.operators for name, test in condition.field_tests.items()}
    closed = _is(said.get(OPEN), "false") or _is(said.get(WON), "true")
    return closed or any(_of_closed(one) for one in condition.all or ())


def _is(operators: object, wanted: str) -> bool:
    return isinstance(operators, dict) and str(operators.get("is", "")).strip().lower() == wanted


def figures_then(card: Scorecard, past: PastDeals, ids: pl.Series, day: Floats) -> pl.DataFrame:
    """Return the figures of leads or accounts on a day each, as far as they follow from what is known."""
    names = replayed(card)
    rows = pl.DataFrame({"lead": ids, "day": day}).with_row_index("row")
    parts = [one.with_columns(_on(card, past, one)) for one in rows.partition_by("day")]
    if not names or not parts:
        return pl.DataFrame()
    return pl.concat(parts).sort("row").select(names)


def _on(card: Scorecard, past: PastDeals, rows: pl.DataFrame) -> Iterator[pl.Series]:
    """Yield the figures of one day."""
    ids, day = rows["lead"], float(rows["day"][0])
    deals = past.at(day)
    fields, calendar = past.card.deals, past.card.calendar
    if card.whose == "accounts":
        found = Deals.of_accounts(Related(deals), ids, fields, calendar)
    else:
        found = Deals.of(Related(deals.filter(pl.col("lead").is_in(ids.implode()))), fields, calendar)
    moments = np.full(len(ids), round(day * DAY_US), np.int64)
    wanted = set(replayed(card))
    yield from (one for one in Figures(card).from_deals(found, ids, moments) if one.name in wanted)
