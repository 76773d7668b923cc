"""Why now: the strongest thing that a lead did, and who it is, in one line with values and without points."""

from typing import Final

import numpy as np
import polars as pl

from scoring.card import Scorecard
from scoring.card.declarations import ACCOUNT
from scoring.doings import SAID
from scoring.points import Ledger
from scoring.shares import NANO, Shares, heaviest, settled
from scoring.wording import SEPARATOR, cut, days_said, numbers_said, texts_said
from vocabulary.arrays import Ints
from vocabulary.fields import FieldType

KNOWN: Final = 3
"""How many values say who the lead is."""
FAINT: Final = 0.5
"""With less than so many points before limits, nothing is named."""
NAME: Final = 60
"""Characters of an activity's name that are shown."""


def why_now(card: Scorecard, ledger: Ledger, items: Shares, leads: pl.DataFrame, before: pl.Series) -> pl.Series:
    """Return one line for each lead; leads with a text in `before` have that text alone."""
    did, who = (
        heaviest(items, worth_naming(items, rows), named, settled(items.points))
        for rows, named in ((rows_of_deeds(ledger), 1), (rows_of_fit(ledger), KNOWN))
    )
    slots = [_doings(card, ledger, items, did), *_values(card, ledger, items, leads, who)]
    frame = pl.DataFrame([slot.alias(str(place)) for place, slot in enumerate(slots)])
    known = pl.concat_str(*(pl.col(str(place)) for place in range(1, KNOWN + 1)), separator=", ", ignore_nulls=True)
    both = pl.concat_str(pl.col("0"), pl.when(known != "").then(known), separator=SEPARATOR, ignore_nulls=True)
    text = frame.select(pl.when(both != "").then(both)).to_series()
    return cut(before.zip_with(before.is_not_null(), text))


def worth_naming(items: Shares, rows: Ints) -> Ints:
    """Return the places of the items in some rows that can be named.

    Those that have something left after all limits, and before these at least what rounds to a point.
    """
    there = (settled(items.points) > 0) & (settled(items.line) >= FAINT * NANO)
    return np.flatnonzero(there & np.isin(items.number, rows))


def rows_of_deeds(ledger: Ledger) -> Ints:
    """Return the rows of rules that say what a lead did."""
    return np.array(sorted(ledger.counted), np.int64)


def rows_of_fit(ledger: Ledger) -> Ints:
    """Return the rows of rules that say who a lead is."""
    fit = [number for number in ledger.rules if ledger.rows[number].part == "fit" and number not in ledger.counted]
    return np.array(fit, np.int64)


def _doings(card: Scorecard, ledger: Ledger, items: Shares, did: tuple[Ints, Ints]) -> pl.Series:
    """Return what each lead did: `Asked for a demo on 27 Nov (Enterprise form)`; null if there is nothing."""
    at, history = did[0], ledger.history
    lead, number = items.lead[at], items.number[at]
    latest = _touched(ledger, lead, number)
    moments = history.as_of[lead] - ledger.latest[number, lead]
    names = pl.Series([row.name for row in ledger.rows], dtype=pl.String).gather(number)
    frame = latest.with_columns(
        pl.col("kind").replace_strict(SAID, default=names).alias("said"),
        days_said(moments, history.as_of[lead], card.zone).alias("day"),
    )
    name = cut(texts_said(frame["name"]), NAME)
    shown = pl.when(name.is_not_null()).then(pl.concat_str(pl.lit(" ("), name, pl.lit(")"))).otherwise(pl.lit(""))
    texts = frame.select(pl.concat_str("said", pl.lit(" on "), "day", shown)).to_series()
    return _spread(texts, lead, history.leads)


def _touched(ledger: Ledger, lead: Ints, number: Ints) -> pl.DataFrame:
    """Return kind and name of the latest activity of each lead and rule; of several at one moment, the first by both.

    All that match the rule are asked, since a limit may leave any of several at one moment.
    """
    history, parts = ledger.history, [pl.DataFrame(schema={"lead": pl.Int64, "kind": pl.String, "name": pl.String})]
    for each in np.unique(number):
        (condition,) = ledger.rules[int(each)].activity_conditions.values()
        wanted = np.full(history.leads, -1)
        mine = lead[number == each]
        wanted[mine] = ledger.latest[each, mine]
        found = history.matching(condition)
        found = found.only(found.age == wanted[found.lead])
        place = history.place[found.at]
        touched = history.touchpoints
        parts.append(
            pl.DataFrame(
                {"lead": found.lead, "kind": touched.frame["kind"].gather(place), "name": touched.names.gather(place)}
            )
        )
    first = pl.concat(parts).sort("lead", "kind", "name", nulls_last=False).unique("lead", keep="first")
    return pl.DataFrame({"lead": lead}).join(first, on="lead", how="left", maintain_order="left")


def _values(
    card: Scorecard, ledger: Ledger, items: Shares, leads: pl.DataFrame, who: tuple[Ints, Ints]
) -> list[pl.Series]:
    """Return up to three values of each lead, those with the most points first; null where there are fewer."""
    at, rank = who
    lead, number = items.lead[at], items.number[at]
    texts = ledger.names(number, lead)
    for each in np.unique(number):
        field = ledger.rules[int(each)].shown_field
        mine = np.flatnonzero(number == each)
        if field is None or field not in leads.columns:
            continue
        said = _said(leads[field].gather(lead[mine]), field, card.values[field])
        texts = texts.scatter(mine, said.zip_with(said.is_not_null(), texts.gather(mine)))
    slots = [
        _spread(texts.gather(np.flatnonzero(rank == slot)), lead[rank == slot], leads.height) for slot in range(KNOWN)
    ]
    return [_unless_said(slot, slots[:place]) for place, slot in enumerate(slots)]


def _said(values: pl.Series, field: str, kind: FieldType) -> pl.Series:
    """Return each value of a field in words; only texts and numbers speak for themselves."""
    if kind == "text":
        return texts_said(values.cast(pl.String))
    if kind == "number":
        return numbers_said(values.cast(pl.Float64).fill_nan(None), field.removeprefix(ACCOUNT))
    return pl.Series([None], dtype=pl.String).new_from_index(0, len(values))


def _unless_said(slot: pl.Series, others: list[pl.Series]) -> pl.Series:
    for other in others:
        slot = slot.set((slot == other).fill_null(value=False), None)
    return slot


def _spread(texts: pl.Series, lead: Ints, leads: int) -> pl.Series:
    """Return a text for each lead, null for those that have none."""
    place = np.full(leads, len(texts))
    place[lead] = np.arange(len(texts))
    return texts.extend_constant(None, 1).gather(place)
