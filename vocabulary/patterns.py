"""Regular expressions from settings and scorecards, run by Rust's linear-time engine.

Names and URLs come from site visitors, and one of them could block a pass for ever with a backtracking engine. Patterns
that need backtracking (look-around, back-references) are refused when the file is read.
"""

from functools import lru_cache

import polars as pl


@lru_cache(maxsize=1024)
def checked(pattern: str) -> str:
    """Return a pattern unchanged, or raise ValueError with the engine's complaint."""
    try:
        pl.Series([""]).str.contains(f"(?i){pattern}")
    except pl.exceptions.ComputeError as error:
        raise ValueError(f"the regular expression '{pattern}' is not valid: {_complaint(str(error))}") from None
    return pattern


def found(pattern: str, value: pl.Expr) -> pl.Expr:
    """Return whether a pattern matches anywhere in a text, ignoring case; never null."""
    return value.str.contains(f"(?i){pattern}").fill_null(value=False)


def _complaint(said: str) -> str:
    """Return the line of the engine's message that names the problem."""
    lines = said.split("This error occurred", maxsplit=1)[0].strip().splitlines()
    return next((line.removeprefix("error: ") for line in lines if line.startswith("error: ")), lines[-1])
