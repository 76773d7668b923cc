"""Values in words: dates, numbers and the values of fields, as sentences show them."""

from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from scoring.card.values import in_words
from vocabulary.arrays import Ints
from vocabulary.fields import TIME

ELLIPSIS: Final = "\u2026"
SEPARATOR: Final = " \u00b7 "
THOUSAND: Final = 1000
LONGEST: Final = 255
"""Characters that a CRM field takes."""


def local_days(moments: Ints, zone: ZoneInfo) -> pl.Series:
    """Return the day of each moment on the clocks of a zone."""
    return pl.Series(moments, dtype=pl.Int64).cast(TIME).dt.convert_time_zone(zone.key).dt.date()


def days_said(moments: Ints, as_of: Ints, zone: ZoneInfo) -> pl.Series:
    """Return each day as `27 Nov`, with the year if it is not the year of `as_of`."""
    frame = pl.DataFrame({"day": local_days(moments, zone), "now": local_days(as_of, zone)})
    distinct = frame.unique()
    alike = pl.col("day").dt.year() == pl.col("now").dt.year()
    text = pl.when(alike).then(pl.col("day").dt.strftime("%-d %b")).otherwise(pl.col("day").dt.strftime("%-d %b %Y"))
    said = distinct.with_columns(text.alias("text"))
    return frame.join(said, on=["day", "now"], how="left", maintain_order="left")["text"]


def lowered(name: str) -> str:
    """Return a name as written inside a sentence: `Company size` becomes company size, `SaaS` stays."""
    first = name.split(" ", maxsplit=1)[0]
    return name[:1].lower() + name[1:] if first[1:].islower() else name


def numbers_said(values: pl.Series, field: str) -> pl.Series:
    """Return each number with its field: `12 employees`, but `budget 12,000`."""
    name = field.replace("_", " ")
    counted = name.endswith("s")
    distinct = values.unique().drop_nulls()
    texts = [f"{number_said(value)} {name}" if counted else f"{name} {number_said(value)}" for value in distinct]
    return values.replace_strict(distinct, pl.Series(texts, dtype=pl.String), default=None, return_dtype=pl.String)


def number_said(value: float) -> str:
    """Return a number with separators of thousands; below 1,000 it has at most two decimals."""
    if abs(value) >= THOUSAND:
        return f"{value:,.0f}"
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def texts_said(values: pl.Series) -> pl.Series:
    """Return each text on one line and as people write it; a blank one is null."""
    flat = values.str.replace_all(r"\s+", " ").str.strip_chars()
    loud = flat.str.contains("_", literal=True) & (flat == flat.str.to_uppercase())
    at = np.flatnonzero(loud.fill_null(value=False).to_numpy())
    if len(at):
        flat = flat.scatter(at, [in_words(value) for value in flat.gather(at)])
    return flat.set(flat == "", None)


def cut(texts: pl.Series, most: int = LONGEST) -> pl.Series:
    """Return the texts, with an ellipsis where they are longer than a field."""
    fits = (texts.str.len_chars() <= most).fill_null(value=True)
    return texts.zip_with(fits, texts.str.head(most - 1) + ELLIPSIS)
