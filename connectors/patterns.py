"""Regular expressions of the settings, by the engine that the scorecard uses too: Rust's, whose time is linear.

A name or an address comes from whoever visits a site. With an engine that backtracks, one of them could hold a pass for
ever. What that engine alone can do, looking around and referring back, is refused when the settings are read.
"""

import polars as pl


def checked(pattern: str) -> str:
    """Return a pattern, or raise ValueError with what the engine says about it."""
    try:
        pl.Series([""]).str.contains(f"(?i){pattern}")
    except pl.exceptions.ComputeError as error:
        raise ValueError(f"the regular expression '{pattern}' is not understood: {_complaint(str(error))}") from None
    return pattern


def found(pattern: str, value: pl.Expr) -> pl.Expr:
    """Return whether a pattern is found anywhere in a text, upper and lower case being the same; never null."""
    return value.str.contains(f"(?i){pattern}").fill_null(value=False)


def _complaint(said: str) -> str:
    """Return the line of the engine's message that says what is wrong."""
    lines = said.split("This error occurred", maxsplit=1)[0].strip().splitlines()
    return next((line.removeprefix("error: ") for line in lines if line.startswith("error: ")), lines[-1])
