"""Map forms and pages to kinds of activity, by name or URL."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Final

import polars as pl

from meaning.becoming import Becomes, own_kinds
from meaning.forms import kind_of_form, kind_of_page

Named = tuple[str | None, str | None]
"""A name and a URL."""
KindsOf = Callable[[Sequence[Named]], list[str]]
_NAME: Final = pl.col("name")
_URL: Final = pl.col("url")


def form_kinds(patterns: Sequence[Becomes], otherwise: str) -> KindsOf:
    """Return a function that maps forms to kinds: their name decides, their page only where the name says nothing.

    The patterns of the settings go before the shipped words.
    """

    def chosen() -> pl.Expr:
        by_name = [*own_kinds(patterns, _NAME), kind_of_form(_NAME)]
        by_page = [*own_kinds(patterns, _URL), kind_of_page(_URL)]
        return pl.coalesce(*by_name, *by_page, pl.lit(otherwise))

    return _kinds(chosen)


def page_kinds(patterns: Sequence[Becomes], otherwise: str) -> KindsOf:
    """Return a function that maps pages to the kind of the first pattern found in their title or URL."""
    if not patterns:
        return lambda named: [otherwise] * len(named)

    def chosen() -> pl.Expr:
        either = [kind for one in patterns for kind in (*own_kinds([one], _NAME), *own_kinds([one], _URL))]
        return pl.coalesce(*either, pl.lit(otherwise))

    return _kinds(chosen)


def _kinds(choose: Callable[[], pl.Expr]) -> KindsOf:
    chosen = cache(choose)

    def kinds_of(named: Sequence[Named]) -> list[str]:
        if not named:
            return []
        distinct = list(dict.fromkeys(named))  # a page of submissions has few forms
        frame = pl.DataFrame(distinct, {"name": pl.String, "url": pl.String}, orient="row", strict=False)
        kinds = dict(zip(distinct, frame.select(chosen()).to_series().to_list(), strict=True))
        return [kinds[one] for one in named]

    return kinds_of
