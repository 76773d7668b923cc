"""Coalescing pages, so that several are stored with a few statements."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

import polars as pl

from vocabulary.pages import Page


def coalesced(pages: Sequence[Page]) -> Iterator[Page]:
    """Yield the contents of the pages in as few pages as possible.

    The pages of a stream stay in order where that matters. A combined page has only the last of the cursors.
    """
    streams: dict[str, list[Page]] = {}
    for page in pages:
        streams.setdefault(page.stream, []).append(page)
    adding = {name for name, of_stream in streams.items() if all(map(_only_adds, of_stream))}
    ordered = [of_stream for name, of_stream in streams.items() if name not in adding]
    for in_order in [*ordered, [page for page in pages if page.stream in adding]]:
        yield from map(_one, _runs(in_order))


def _only_adds(page: Page) -> bool:
    """Return whether a page has only activities, outcomes and history, whose order does not matter."""
    rows = any(map(len, (page.leads, page.accounts, page.deals, page.deal_leads, page.memberships, page.further)))
    return not (rows or page.merged or page.listing or page.whole_segments or _removes(page))


def _removes(page: Page) -> bool:
    return bool(page.listed or _names_absent(page))


def _names_absent(page: Page) -> bool:
    return bool(
        page.gone
        or page.gone_activities
        or page.gone_accounts
        or page.gone_deals
        or page.merged_accounts
        or page.members
        or page.missing
        or page.missing_activities
    )


def _runs(pages: Sequence[Page]) -> Iterator[list[Page]]:
    """Split the pages of a stream wherever the order of two pages matters."""
    run: list[Page] = []
    for page in pages:
        if run and not _continues(run, page):
            yield run
            run = []
        run.append(page)
    if run:
        yield run


def _continues(run: Sequence[Page], page: Page) -> bool:
    plain = not (_removes(run[-1]) or _names_absent(page))
    apart = _names_anew(run, page)
    return plain and apart and run[-1].listing == page.listing and not (page.merged and _met(run, page))


def _names_anew(run: Sequence[Page], page: Page) -> bool:
    """Return whether the page names the leads of nothing completely that a page of the run did: it would decide."""
    return not any(_complete(page) & _complete(one) for one in run)


def _complete(page: Page) -> set[str]:
    return {*page.complete_activities, *page.deal_leads["id"]}


def _met(run: Sequence[Page], page: Page) -> bool:
    """Return whether the page merges leads that appear on earlier pages."""
    ids = [*page.merged, *page.merged.values()]
    return any(
        not {*one.merged, *one.merged.values()}.isdisjoint(ids)
        or one.leads["lead"].is_in(ids).any()
        or one.activities["lead"].is_in(ids).any()
        for one in run
    )


def _one(pages: Sequence[Page]) -> Page:
    """Return one page with the rows and merges of all."""
    if len(pages) == 1:
        return pages[0]
    outcomes, gone = _outcomes(pages)
    return replace(
        pages[-1],
        leads=_rows([page.leads for page in pages]),
        addresses=_addresses(pages),
        accounts=_rows([page.accounts for page in pages]),
        activities=_rows([page.activities for page in pages]),
        further=_rows([page.further for page in pages]),
        outcomes=outcomes,
        gone_outcomes=gone,
        history=_rows([page.history for page in pages]),
        deals=_rows([page.deals for page in pages]),
        deal_leads=_rows([page.deal_leads for page in pages]),
        memberships=_rows([page.memberships for page in pages]),
        whole_segments=_latest(pages),
        outputs=pl.concat([page.outputs for page in pages], how="diagonal"),
        account_outputs=pl.concat([page.account_outputs for page in pages], how="diagonal"),
        copies=pl.concat([page.copies for page in pages], how="diagonal"),
        complete_activities=[one for page in pages for one in page.complete_activities],
        merged={old: survivor for page in pages for old, survivor in page.merged.items()},
    )


def _latest(pages: Sequence[Page]) -> dict[str, datetime]:
    """Return when the last complete reading of each segment began."""
    found: dict[str, datetime] = {}
    for page in pages:
        found |= {one: max(began, found.get(one, began)) for one, began in page.whole_segments.items()}
    return found


def _addresses(pages: Sequence[Page]) -> pl.DataFrame:
    """Return the addresses of all pages: those of a lead from the last page that has the lead."""
    found = [page.addresses for page in pages]
    for place, page in enumerate(pages):
        if found[place].height:
            later = [one.leads["lead"] for one in pages[place + 1 :]]
            told_later = pl.concat([page.leads["lead"][:0], *later]).implode()
            found[place] = found[place].filter(~pl.col("lead").is_in(told_later))
    return _rows(found)


def _outcomes(pages: Sequence[Page]) -> tuple[pl.DataFrame, Sequence[tuple[str, str]]]:
    """Return the conversions that hold after all pages, and those that do not: the last page that names one decides."""
    if not any(page.gone_outcomes for page in pages):
        return _rows([page.outcomes for page in pages]), ()
    held: list[pl.DataFrame] = []
    gone: dict[tuple[str, str], None] = {}
    for page in pages:
        if page.gone_outcomes and held:
            taken_back = pl.DataFrame(list(page.gone_outcomes), {"lead": pl.String, "id": pl.String}, orient="row")
            held = [pl.concat(held).join(taken_back, on=["lead", "id"], how="anti")]
        held.append(page.outcomes)
        gone |= dict.fromkeys(page.gone_outcomes)
        for key in page.outcomes.select("lead", "id").iter_rows():
            gone.pop(key, None)
    return _rows(held), list(gone)


def _rows(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    filled = [frame for frame in frames if frame.height]
    return pl.concat(filled) if filled else frames[-1]
