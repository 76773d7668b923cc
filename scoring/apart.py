"""Takes what leads are related to apart, so that each chunk has what its leads and accounts need."""

from itertools import pairwise
from typing import Final

import numpy as np
import polars as pl

from scoring.accounts import account_ids
from scoring.card.accounts import ACCOUNT_ID
from scoring.chunks import Chunks
from scoring.related import Related

CHUNK: Final = "#chunk"


def without_leads(leads: pl.DataFrame, related: Related) -> int:
    """Return how many of the accounts that are given have no leads."""
    if related.accounts is None:
        return 0
    given = related.accounts[ACCOUNT_ID].cast(pl.String)
    return int((~given.is_in(account_ids(leads).drop_nulls().unique().implode())).sum())


def apart(related: Related, leads: pl.DataFrame, chunks: Chunks) -> list[Related]:
    """Return what each chunk of whole accounts is related to. Accounts without leads are in its last, empty chunks."""
    of_leads = pl.DataFrame({"lead": leads["lead"].cast(pl.String), CHUNK: chunks.places[0].astype(np.int64)})
    of_accounts = pl.DataFrame([account_ids(leads), of_leads[CHUNK]]).drop_nulls().unique(ACCOUNT_ID)
    accounts = _accounts(related, of_accounts, chunks)
    if accounts is not None:
        of_accounts = pl.concat([of_accounts, accounts.select(ACCOUNT_ID, CHUNK)]).unique(ACCOUNT_ID)
    deals = None if related.deals is None else _deals(related.deals, of_leads, of_accounts)
    previous = related.previous
    if previous is not None:
        previous = previous.join(of_accounts.rename({ACCOUNT_ID: "lead"}), on="lead", maintain_order="left")
    parts = (_parts(frame, len(chunks)) for frame in (deals, accounts, previous))
    return [Related(*each) for each in zip(*parts, strict=True)]


def _accounts(related: Related, of_accounts: pl.DataFrame, chunks: Chunks) -> pl.DataFrame | None:
    """Return the given accounts with their chunks."""
    if related.accounts is None:
        return None
    given = related.accounts.with_columns(pl.col(ACCOUNT_ID).cast(pl.String))
    found = given.join(of_accounts, on=ACCOUNT_ID, how="left", maintain_order="left")
    alone = found[CHUNK].is_null()
    return found.with_columns(found[CHUNK].scatter(np.flatnonzero(alone), chunks.of_alone(int(alone.sum()))))


def _deals(deals: pl.DataFrame, of_leads: pl.DataFrame, of_accounts: pl.DataFrame) -> pl.DataFrame:
    """Return deals with the chunks of their leads, and once more with those of their accounts where these differ."""
    if ACCOUNT_ID not in deals.columns:
        return deals.join(of_leads, on="lead", maintain_order="left")
    by_account = of_accounts.rename({CHUNK: "#other"})
    both = deals.join(of_leads, on="lead", how="left", maintain_order="left")
    both = both.join(by_account, on=ACCOUNT_ID, how="left", maintain_order="left")
    mine = both.filter(pl.col(CHUNK).is_not_null())
    others = both.filter(pl.col("#other").is_not_null() & pl.col("#other").ne_missing(pl.col(CHUNK)))
    return pl.concat([mine, others.with_columns(pl.col("#other").alias(CHUNK))]).drop("#other")


def _parts(frame: pl.DataFrame | None, count: int) -> list[pl.DataFrame | None]:
    """Return the rows of each chunk in their order."""
    if frame is None:
        return [None] * count
    ordered = frame.sort(CHUNK, maintain_order=True)
    bounds = np.searchsorted(ordered[CHUNK].to_numpy(), np.arange(count + 1)).tolist()
    rows = ordered.drop(CHUNK)
    return [rows.slice(start, end - start) for start, end in pairwise(bounds)]
