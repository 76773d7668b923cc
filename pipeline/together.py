"""Pages put together: several pages of a stream as one, which the store saves in one transaction."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

import polars as pl

from connectors.base import Page

ENOUGH: Final = 10_000
"""Rows of a transaction: with more, others wait long for the database and nothing is saved."""


def together(pages: Sequence[Page]) -> Iterator[Page]:
    """Yield the pages of each stream as few as they can be, in their order; a page that ends something ends one."""
    streams: dict[str, list[Page]] = {}
    for page in pages:
        streams.setdefault(page.stream, []).append(page)
    for of_stream in streams.values():
        yield from map(_one, _runs(of_stream))


def _runs(pages: Sequence[Page]) -> Iterator[list[Page]]:
    """Cut the pages of a stream where the order of two pages means something, and where they come to enough."""
    run: list[Page] = []
    rows = 0
    for page in pages:
        if run and (rows + page.rows > ENOUGH or not _goes_on(run[-1], page)):
            yield run
            run, rows = [], 0
        run.append(page)
        rows += page.rows
    if run:
        yield run


def _goes_on(before: Page, page: Page) -> bool:
    plain = not (before.gone or before.merged or before.gone_activities or before.listed or page.merged or page.gone)
    return plain and not page.gone_activities and before.listing == page.listing


def _one(pages: Sequence[Page]) -> Page:
    """Return the pages as one: all their rows, the last one's cursor."""
    if len(pages) == 1:
        return pages[0]
    return replace(
        pages[-1],
        leads=_rows([page.leads for page in pages]),
        accounts=_rows([page.accounts for page in pages]),
        activities=_rows([page.activities for page in pages]),
        outcomes=_rows([page.outcomes for page in pages]),
        history=_rows([page.history for page in pages]),
    )


def _rows(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    filled = [frame for frame in frames if frame.height]
    return pl.concat(filled) if filled else frames[-1]
