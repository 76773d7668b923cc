"""Pages put together: several pages as one, which is stored with a few statements."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import polars as pl

from vocabulary.pages import Page


def together(pages: Sequence[Page]) -> Iterator[Page]:
    """Yield what the pages bring on as few pages as can be: those of a stream in order, mere rows as one.

    The cursors of pages that were put together are lost but for the last.
    """
    streams: dict[str, list[Page]] = {}
    for page in pages:
        streams.setdefault(page.stream, []).append(page)
    adding = {name for name, of_stream in streams.items() if all(map(_only_adds, of_stream))}
    ordered = [of_stream for name, of_stream in streams.items() if name not in adding]
    for in_order in [*ordered, [page for page in pages if page.stream in adding]]:
        yield from map(_one, _runs(in_order))


def _only_adds(page: Page) -> bool:
    """Tell whether a page brings nothing but activities, outcomes and history, which have no order."""
    return not (len(page.leads) or len(page.accounts) or page.merged or page.listing or _takes_away(page))


def _takes_away(page: Page) -> bool:
    return bool(page.listed or _names_absent(page))


def _names_absent(page: Page) -> bool:
    return bool(page.gone or page.gone_activities or page.missing or page.missing_activities)


def _runs(pages: Sequence[Page]) -> Iterator[list[Page]]:
    """Cut the pages of a stream where the order of two pages means something."""
    run: list[Page] = []
    for page in pages:
        if run and not _goes_on(run, page):
            yield run
            run = []
        run.append(page)
    if run:
        yield run


def _goes_on(run: Sequence[Page], page: Page) -> bool:
    plain = not (_takes_away(run[-1]) or _names_absent(page))
    return plain and run[-1].listing == page.listing and not (page.merged and _met(run, page))


def _met(run: Sequence[Page], page: Page) -> bool:
    """Tell whether the page merges leads of which earlier pages speak."""
    ids = [*page.merged, *page.merged.values()]
    return any(
        not {*one.merged, *one.merged.values()}.isdisjoint(ids)
        or one.leads["lead"].is_in(ids).any()
        or one.activities["lead"].is_in(ids).any()
        for one in run
    )


def _one(pages: Sequence[Page]) -> Page:
    """Return the pages as one: all their rows and merges."""
    if len(pages) == 1:
        return pages[0]
    return replace(
        pages[-1],
        leads=_rows([page.leads for page in pages]),
        accounts=_rows([page.accounts for page in pages]),
        activities=_rows([page.activities for page in pages]),
        outcomes=_rows([page.outcomes for page in pages]),
        history=_rows([page.history for page in pages]),
        outputs=pl.concat([page.outputs for page in pages], how="diagonal"),
        merged={old: survivor for page in pages for old, survivor in page.merged.items()},
    )


def _rows(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    filled = [frame for frame in frames if frame.height]
    return pl.concat(filled) if filled else frames[-1]
