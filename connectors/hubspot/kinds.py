"""Map forms and pages to kinds of activity, by name or URL."""

from collections.abc import Callable, Sequence

import polars as pl

from connectors.hubspot.settings import Becomes
from connectors.patterns import found

Named = tuple[str | None, str | None]
"""A name and a URL."""
KindsOf = Callable[[Sequence[Named]], list[str]]


def kinds(patterns: Sequence[Becomes], otherwise: str) -> KindsOf:
    """Return a function that maps names and URLs to the kind of the first pattern found in either, or `otherwise`."""
    chosen = pl.coalesce(
        *(
            pl.when(found(one.match, pl.col("name")) | found(one.match, pl.col("url"))).then(pl.lit(one.kind))
            for one in patterns
        ),
        pl.lit(otherwise),
    )

    def kinds_of(named: Sequence[Named]) -> list[str]:
        if not patterns or not named:
            return [otherwise] * len(named)
        frame = pl.DataFrame(named, {"name": pl.String, "url": pl.String}, orient="row", strict=False)
        kinds: list[str] = frame.with_columns(_words(pl.all())).select(chosen).to_series().to_list()
        return kinds

    return kinds_of


def _words(text: pl.Expr) -> pl.Expr:
    """Split `/request-a_demo` into words, so that word boundaries in patterns match."""
    return text.str.replace_all("[_-]", " ")
