"""The neutral rows that pass from connectors through the store to scoring, whatever a CRM calls them."""

import hashlib
from typing import Final

import polars as pl

from vocabulary.fields import TIME

LEADS: Final = pl.Schema({"lead": pl.String(), "account": pl.String(), "address": pl.String(), "created_at": TIME})
"""The columns of every leads frame; the fields that the scorecards name follow as further columns (see `DTYPES`).

`account` is the CRM's id of the company, `address` the digest of the e-mail address (`address_digest`): the mirror
stores no address in clear.
"""

ACCOUNTS: Final = pl.Schema({"account": pl.String()})
"""Companies, each once; the fields mapped onto them follow. A lead takes those fields from its account."""

HELD: Final = pl.Schema({"lead": pl.String()})
"""What our fields hold in the CRM, for the leads of a page. A column for each output that was read follows, empty where
the field is: numbers, moments, and texts as they are."""

ACTIVITIES: Final = pl.Schema(
    {
        "lead": pl.String(),
        "address": pl.String(),
        "id": pl.String(),
        "kind": pl.String(),
        "occurred_at": TIME,
        "url": pl.String(),
        "name": pl.String(),
        "seconds": pl.Float64(),
        "value": pl.Float64(),
    }
)
"""What leads did. `lead` may be null where the CRM knows the activity by e-mail only: then `address` is the digest.

`(lead, id)` is unique, so a connector prefixes `id` with its source (`page:123`). `seconds` is time spent.
"""

OUTCOMES: Final = pl.Schema(
    {"lead": pl.String(), "account": pl.String(), "id": pl.String(), "outcome": pl.String(), "occurred_at": TIME}
)
"""Conversions, for `calibrate`: of a lead, or of every lead of an account where `lead` is null."""

FIELD_HISTORY: Final = pl.Schema(
    {"lead": pl.String(), "field": pl.String(), "since": TIME, "value": pl.String(), "before": pl.String()}
)
"""What a field held from `since` on, and before, as text; null where it was empty, or where the CRM does not tell."""


def address_digest(address: str | None) -> str | None:
    """Return the digest that the mirror keeps of an e-mail address: equal for equal addresses, unreadable otherwise."""
    folded = (address or "").strip().lower()
    return hashlib.blake2b(folded.encode(), digest_size=16).hexdigest() if folded else None
