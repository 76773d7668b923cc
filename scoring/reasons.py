"""Reasons: the strongest items of a score as text, which add up to it together with the others."""

from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from scoring.points import Ledger, half_away
from scoring.shares import NANO, Shares, by_weight, ranks
from vocabulary.arrays import Flags, Ints
from vocabulary.fields import TIME
from vocabulary.outputs import BY_NAME

STRONGEST: Final = 5
LONGEST: Final = BY_NAME["lead_score_reasons"].length
HALF: Final = 0.5
MINUS: Final = "\u2212"
TIMES: Final = "\u00d7"
ELLIPSIS: Final = "\u2026"
SEPARATOR: Final = " \u00b7 "


def reasons(ledger: Ledger, items: Shares, score: Ints, zone: ZoneInfo, before: pl.Series, alone: Flags) -> pl.Series:
    """Return each lead's strongest items of both signs and the sum of the others as text; dates are in `zone`.

    `before` has texts that stand before them, null for none; `alone` marks leads that have nothing else to read.
    """
    first = _cut_to(before, LONGEST)
    strongest = _strongest(items, score)
    frame = strongest.frame(_texts(ledger, strongest.items, zone)).with_columns(first.alias("before"))
    return _joined(frame).zip_with(pl.Series(~alone), first)


@dataclass(frozen=True, slots=True)
class _Strongest:
    """The strongest items of each lead, and the sum of all others."""

    items: Shares
    place: Ints
    """The position of each item among those of its lead."""
    others: Ints

    def frame(self, texts: pl.Series) -> pl.DataFrame:
        """Return one row for each lead: the texts and points of its items, and the points of the others."""
        leads = len(self.others)
        at, points = np.full((STRONGEST, leads), len(texts)), np.zeros((STRONGEST, leads), np.int64)
        at[self.place, self.items.lead] = np.arange(len(texts))
        points[self.place, self.items.lead] = self.items.whole
        padded = texts.extend_constant(None, 1)
        shown = {f"text{slot}": padded.gather(at[slot]) for slot in range(STRONGEST)}
        return pl.DataFrame(
            {**shown, **{f"points{slot}": points[slot] for slot in range(STRONGEST)}, "others": self.others}
        )


def _strongest(items: Shares, score: Ints) -> _Strongest:
    """Order each lead's items by size, ties in the order of the scorecard; items of no whole point are left out."""
    seen = np.flatnonzero(items.whole)
    lead, whole = items.lead[seen], items.whole[seen]
    count = np.bincount(lead, minlength=len(score))
    place = ranks(lead, count)
    shown = np.flatnonzero(place < STRONGEST)
    at = seen[by_weight(lead, count, np.abs(whole))[shown]]
    kept = Shares(items.number[at], lead[shown], items.line[at], items.points[at], items.whole[at])
    others = score - np.bincount(kept.lead, kept.whole, len(score)).astype(np.int64)
    return _Strongest(kept, place[shown], others)


def _texts(ledger: Ledger, items: Shares, zone: ZoneInfo) -> pl.Series:
    """Return one line for each item, such as `+17 Pricing page (3x, of 20, last 26 Feb 2026)`."""
    cells = items.number * ledger.history.leads + items.lead
    count, moments = ledger.count.take(cells), ledger.history.as_of[items.lead] - ledger.latest.take(cells)
    cut = np.abs(items.line - items.points) >= HALF - 1 / NANO
    of = np.where(cut & (items.line != 0), half_away(np.abs(items.line)), 0)
    named = pl.DataFrame(
        {
            "points": _once(pl.DataFrame({"points": items.whole}), _signed(pl.col("points"))),
            "name": ledger.names(items.number, items.lead),
        }
    )
    facts = pl.DataFrame({"count": count, "of": of, "day": _days(moments, count > 0, zone)})
    return named.select(pl.concat_str("points", pl.lit(" "), "name", _once(facts, _facts()))).to_series()


def _days(moments: Ints, there: Flags, zone: ZoneInfo) -> pl.Series:
    """Return the date of each moment, null where there is none."""
    local = pl.Series(moments).cast(TIME).dt.convert_time_zone(zone.key).dt.date()
    return local.set(pl.Series(~there), None)


def _once(frame: pl.DataFrame, text: pl.Expr) -> pl.Series:
    """Return a text for each row, writing each distinct one once."""
    distinct = frame.unique().with_columns(text.alias("text"))
    joined = frame.join(distinct, on=frame.columns, how="left", maintain_order="left", nulls_equal=True)
    return joined["text"]


def _signed(points: pl.Expr) -> pl.Expr:
    sign = pl.when(points < 0).then(pl.lit(MINUS)).otherwise(pl.lit("+"))
    return pl.concat_str(sign, points.abs())


def _facts() -> pl.Expr:
    """Return how often, of how many points and when, in parentheses; empty if there is nothing to say."""
    several, day = pl.col("count") > 1, pl.col("day").dt.strftime("%-d %b %Y")
    often = pl.when(several).then(pl.concat_str("count", pl.lit(TIMES)))
    of = pl.when(pl.col("of") > 0).then(pl.concat_str(pl.lit("of "), "of"))
    last = pl.when(several).then(pl.concat_str(pl.lit("last "), day)).otherwise(day)
    facts = pl.concat_str(often, of, last, separator=", ", ignore_nulls=True)
    return pl.when(facts == "").then(pl.lit("")).otherwise(pl.concat_str(pl.lit(" ("), facts, pl.lit(")")))


def _joined(frame: pl.DataFrame) -> pl.Series:
    """Join as many items as fit into a CRM field; the first one is cut if it does not fit."""
    joined = frame.select(_first(STRONGEST)).to_series()
    for size in reversed(range(1, STRONGEST)):
        long = joined.str.len_chars() > LONGEST
        if not long.any():
            return joined
        joined = joined.zip_with(~long, frame.select(_first(size)).to_series())
    cut = frame.select(_cut()).to_series()
    return joined.zip_with(joined.str.len_chars() <= LONGEST, cut)


def _first(size: int) -> pl.Expr:
    """Return the first items and the sum of the others."""
    return pl.concat_str(*_slots(size), _others(size), separator=SEPARATOR, ignore_nulls=True)


def _slots(size: int) -> list[pl.Expr]:
    return [pl.col("before"), *(pl.col(f"text{slot}") for slot in range(size))]


def _others(size: int) -> pl.Expr:
    """Return the sum of the items after the first ones as text; null if it is 0."""
    rest = pl.sum_horizontal("others", *(f"points{slot}" for slot in range(size, STRONGEST)))
    return pl.when(rest != 0).then(pl.concat_str(_signed(rest), pl.lit(" others")))


def _cut() -> pl.Expr:
    """Return the first item, cut so that the sum of the others still fits."""
    end = pl.concat_str(pl.lit(""), _others(1), separator=SEPARATOR, ignore_nulls=True)
    end = pl.when(_others(1).is_null()).then(pl.lit("")).otherwise(end)
    kept = pl.concat_str(*_slots(1), separator=SEPARATOR, ignore_nulls=True)
    return pl.concat_str(kept.str.head(LONGEST - 1 - end.str.len_chars()), pl.lit(ELLIPSIS), end)


def _cut_to(texts: pl.Series, most: int) -> pl.Series:
    return texts.zip_with((texts.str.len_chars() <= most).fill_null(value=True), texts.str.head(most - 1) + ELLIPSIS)
