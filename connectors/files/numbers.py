"""Numbers as people and programs write them: `1,200.5`, `$50`, `12 %`, and with a decimal comma `1.200,5`.

Whether the comma or the point is the decimal sign is asked of the whole column: `1.200` alone does not say so.
"""

from typing import Final

import polars as pl

SIGNS: Final = r"[\s\x{a0}\x{202f}$€£%]"
THOUSANDS: Final = r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$"
WITH_COMMA: Final = r"^[+-]?(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d+)?$"
"""What a cell of a column with decimal commas may be."""
TELLS_COMMA: Final = r"^[+-]?(?:\d{1,3}(?:\.\d{3})+,\d+|\d+,(?:\d{1,2}|\d{4,})|\d{1,3}(?:\.\d{3}){2,})$"
TELLS_POINT: Final = r"^[+-]?(?:\d{1,3}(?:,\d{3})+\.\d+|\d*\.(?:\d{1,2}|\d{4,})|\d{1,3}(?:,\d{3}){2,})$"


def number(text: pl.Expr, *, comma: bool = False) -> pl.Expr:
    """Return texts as numbers, null for anything else; what is not finite is no number."""
    bare = text.str.replace_all(SIGNS, "")
    if comma:
        fits = pl.when(bare.str.contains(WITH_COMMA)).then(bare)
        return (
            fits.str.replace_all(".", "", literal=True)
            .str.replace(",", ".", literal=True)
            .cast(pl.Float64, strict=False)
        )
    bare = pl.when(bare.str.contains(THOUSANDS)).then(bare.str.replace_all(",", "")).otherwise(bare)
    return bare.cast(pl.Float64, strict=False)


def may_tell(cells: pl.Series) -> bool:
    """Return whether some of these cells have a comma or a point, so that the others are worth asking."""
    return bool(cells.str.contains(r"\d[.,]\d").any())


def decimal_comma(cells: pl.Series) -> bool:
    """Return whether a column has decimal commas: some cell can be nothing else, and none has a decimal point."""
    bare = cells.str.replace_all(SIGNS, "")
    return bool(bare.str.contains(TELLS_COMMA).any()) and not bool(bare.str.contains(TELLS_POINT).any())
