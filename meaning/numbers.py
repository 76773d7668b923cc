"""Read numbers and ranges that people wrote: `1,001`, `10k`, `$1.5M`, `11-50`, `50+`, `10k–50k`."""

from typing import Final

import polars as pl

from meaning.words import by_distinct

_SCALES: Final = {
    **dict.fromkeys(("k", "tsd", "thousand", "mille", "mil"), 1e3),
    **dict.fromkeys(("m", "mm", "mn", "mln", "mio", "million", "millions", "millionen", "millones", "milhoes"), 1e6),
    **dict.fromkeys(("b", "bn", "mrd", "md", "billion", "billions", "milliarde", "milliarden"), 1e9),
    "万": 1e4,
    "億": 1e8,
    "亿": 1e8,
}
_NUMBER: Final = rf"(\d[\d.,'’ \u00a0\u202f]*|[.,]\d+)\s*(?:({'|'.join(_SCALES)})\b\.?)?"
_ALONE: Final = rf"^[^\d.,+\-]*([+\-])?[^\d.,+\-]*{_NUMBER}[^\d]*$"
_TWO: Final = rf"^[^\d]*{_NUMBER}[^\d]*?(?:-|to|bis|à|a|al|tot|und|and|~|〜|～|/)[^\d]*{_NUMBER}[^\d]*$"
_OPEN_BELOW: Final = (
    r"^\s*(?:<|≤|up to|under|less than|fewer than|below|bis(?: zu)?|unter|weniger als|moins de|jusqu|menos de|hasta"
    r"|meno di|fino a|minder dan|tot)"
)


def number(text: pl.Expr) -> pl.Expr:
    """Return the number in a text, or null where there is none or more than one.

    A comma or a point followed by exactly three digits separates thousands, except before a scale: `1.5M`, `1,500`.
    """
    return by_distinct(text, lambda texts: texts.select(_number(pl.col("text")).cast(pl.String).alias("told"))).cast(
        pl.Float64
    )


def _number(text: pl.Expr) -> pl.Expr:
    said = _plain(text)
    part = said.str.extract_groups(_ALONE).struct
    signed = pl.when(part[0] == "-").then(-1.0).otherwise(1.0)
    return pl.coalesce(said.cast(pl.Float64, strict=False).pipe(_finite, said), _value(part[1], part[2]) * signed)


def middle(text: pl.Expr) -> pl.Expr:
    """Return the middle of a range, the bound of one without an upper end, or the number in the text.

    `11-50` is 30.5, `50+` is 50, `<10` is 5. In `10-50k` both ends are thousands.
    """
    return by_distinct(text, lambda texts: texts.select(_middle(pl.col("text")).cast(pl.String).alias("told"))).cast(
        pl.Float64
    )


def ends(text: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """Return both ends of a range such as `11-50` or `$1m - $10m`, or null where a text is none."""
    part = _plain(text).str.extract_groups(_TWO).struct
    return _value(part[0], part[1].fill_null(part[3])), _value(part[2], part[3])


def _middle(text: pl.Expr) -> pl.Expr:
    said = _plain(text)
    low, high = ends(text)
    alone = _number(text)
    below = pl.when(said.str.contains(_OPEN_BELOW)).then(alone / 2).otherwise(alone)
    return pl.when(low <= high).then((low + high) / 2).when(low.is_null()).then(below)


def _plain(text: pl.Expr) -> pl.Expr:
    return text.str.to_lowercase().str.replace_all("[–—−‐‑]", "-").str.strip_chars()


def _finite(parsed: pl.Expr, said: pl.Expr) -> pl.Expr:
    """Keep what is a number as it is, unless its point may separate thousands."""
    return pl.when(parsed.is_finite() & ~said.str.contains(r"^[+\-]?[1-9]\d{0,2}\.\d{3}$")).then(parsed)


def _value(digits: pl.Expr, scale: pl.Expr) -> pl.Expr:
    bare = digits.str.replace_all(r"['’ \u00a0\u202f]", "").str.strip_chars_end(".,")
    points, commas = bare.str.count_matches(".", literal=True), bare.str.count_matches(",", literal=True)
    comma_last = bare.str.contains(r",[^.]*$")
    scaled = scale.is_not_null()
    thousands = bare.str.contains(r"^[1-9]\d{0,2}[.,]\d{3}$") & ~scaled
    both = (points > 0) & (commas > 0)
    comma_decimal = pl.when(both).then(comma_last).otherwise((commas == 1) & ~thousands)
    point_decimal = pl.when(both).then(~comma_last).otherwise((points == 1) & ~thousands)
    plain = (
        pl.when(comma_decimal)
        .then(bare.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True))
        .when(point_decimal)
        .then(bare.str.replace_all(",", "", literal=True))
        .otherwise(bare.str.replace_all("[.,]", ""))
    )
    is_number = bare.str.contains(r"^(?:\d*(?:[.,]\d+)?|\d{1,3}(?:[.,]\d{3})+(?:[.,]\d+)?)$")
    factor = scale.replace_strict(_SCALES, default=1.0, return_dtype=pl.Float64).fill_null(1.0)
    return pl.when(is_number).then(plain.cast(pl.Float64, strict=False)) * factor
