"""The texts that count as missing while learning, from tables, mirrors and histories alike; the proposal lists them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

import polars as pl

from calibrate.inputs.frames import Frames
from calibrate.notes import Notes
from connectors.files.parsing import LIST_SEPARATOR, PLACEHOLDERS
from scoring.card.accounts import ACCOUNT_ID

IDS: Final = frozenset({"lead", "id", "deal", ACCOUNT_ID, "address"})
"""Columns of texts that are no fields."""
BESIDE_A_NAME: Final = frozenset({"points", "rules", "when", "criteria", "since"})
"""Where one of these is, `name` is what a part of a scorecard is called, and no field."""


def counted(card: Mapping[str, Any] | None) -> frozenset[str]:
    """Return the texts that count as missing, in lower case: the usual ones, and those of a scorecard as plain data.

    A usual one that the scorecard compares with is a value.
    """
    written = card or {}
    listed = (str(one).strip().lower() for one in written.get("placeholders") or ())
    return frozenset(PLACEHOLDERS).difference(compared(written)).union(listed)


def compared(value: Any) -> set[str]:
    """Return the texts of a scorecard that it may compare with what leads hold, in lower case."""
    return set(_texts(value))


def _texts(value: Any) -> Iterator[str]:
    """Yield all texts in plain data but names and placeholders, those of keys too."""
    if isinstance(value, str):
        yield value.strip().lower()
    elif isinstance(value, Mapping):
        names = {"scorecard", "placeholders", *(("name",) if BESIDE_A_NAME & value.keys() else ())}
        yield from (text for key, one in value.items() if key not in names for text in (*_texts(key), *_texts(one)))
    elif isinstance(value, list | tuple):
        yield from (text for one in value for text in _texts(one))


def without(frame: pl.DataFrame, missing: Iterable[str], notes: Notes) -> pl.DataFrame:
    """Return rows whose fields of texts and lists do not hold the texts that count as missing; those met are noted."""
    texts = [one.name for one in frame if one.dtype == pl.String and one.name not in IDS]
    lists = [name for name, kind in frame.schema.items() if kind == pl.List(pl.String)]
    empty = [*missing]
    notes.met(met for name in texts for met in _met(frame[name], empty))
    notes.met(met for name in lists for met in _met(frame[name].explode(), empty))
    return frame.with_columns(
        *(_kept(pl.col(name), empty).alias(name) for name in texts),
        *(_entries(pl.col(name), empty).alias(name) for name in lists),
    )


def known(given: Frames, missing: Iterable[str], notes: Notes) -> Frames:
    """Return what a calibration is made from, without the texts that count as missing, in the past too."""
    empty = [*missing]
    leads = without(given.leads, empty, notes)
    accounts = None if given.accounts is None else without(given.accounts, empty, notes)
    past = None if given.account_history is None else _past(given.account_history, accounts, empty, notes)
    return replace(
        given,
        leads=leads,
        accounts=accounts,
        deals=None if given.deals is None else without(given.deals, empty, notes),
        history=_past(given.history, leads, empty, notes),
        account_history=past,
    )


def _past(history: pl.DataFrame, now: pl.DataFrame | None, empty: list[str], notes: Notes) -> pl.DataFrame:
    """Return a history without these texts; what is listed in a text of it has the separator of lists."""
    schema = {} if now is None else now.schema
    held = ("value", "before")
    texts = [name for name, kind in schema.items() if kind == pl.String]
    lists = [name for name, kind in schema.items() if kind == pl.List(pl.String)]
    of_texts = history.filter(pl.col("field").is_in(texts))
    notes.met(met for name in held for met in _met(of_texts[name], empty))
    split = {name: pl.col(name).str.split(LIST_SEPARATOR) for name in held}
    return history.with_columns(
        pl.when(pl.col("field") == ACCOUNT_ID)
        .then(pl.col(name))
        .when(pl.col("field").is_in(lists))
        .then(_kept(_entries(split[name], empty).list.join(LIST_SEPARATOR), empty))
        .otherwise(_kept(pl.col(name), empty))
        .alias(name)
        for name in held
    )


def _met(texts: pl.Series, empty: list[str]) -> list[str]:
    """Return these texts as a column writes them."""
    bare = texts.drop_nulls().unique().str.strip_chars()
    return bare.filter(bare.str.to_lowercase().is_in(empty)).unique().sort().to_list()


def _kept(text: pl.Expr, empty: list[str]) -> pl.Expr:
    bare = text.str.strip_chars()
    return pl.when((bare != "") & ~bare.str.to_lowercase().is_in(empty)).then(bare)


def _entries(entries: pl.Expr, empty: list[str]) -> pl.Expr:
    return entries.list.eval(_kept(pl.element(), empty)).list.drop_nulls()
