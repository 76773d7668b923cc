"""The CRM-neutral rows that connectors produce, the store keeps and scoring reads."""

import hashlib
from typing import Final

import polars as pl

from vocabulary.fields import TIME

LEADS: Final = pl.Schema({"lead": pl.String(), "account": pl.String(), "address": pl.String(), "created_at": TIME})
"""The leading columns of every leads frame, followed by one column per scorecard field (see `KEPT`).

`account` is the CRM's id of the company. `address` is the digest of the email address (`address_digest`): the mirror
never stores the address itself.
"""

ADDRESSES: Final = pl.Schema({"lead": pl.String(), "address": pl.String()})
"""Digests of the further e-mail addresses of leads, besides the one in `LEADS`; one row each."""

ACCOUNTS: Final = pl.Schema({"account": pl.String()})
"""Companies, one row each, followed by the fields mapped to them. A lead takes those fields from its account."""

HELD: Final = pl.Schema({"lead": pl.String()})
"""Current values of our fields in the CRM, for the leads or the accounts of a page.

One column per output that was read follows; null means that the field is empty.
"""

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
        "mail": pl.Int64(),
        "sent_at": TIME,
        "mail_domain": pl.Int64(),
    }
)
"""What leads did. If the CRM identifies the person by email only, `lead` is null and `address` holds the digest.

`(lead, id)` is unique, so connectors prefix `id` with the source (`page:123`). `seconds` is the time spent.

Opens and clicks have, as far as the CRM tells, which `mail` to this lead they are of, when it was sent, and the domain
of the address it was sent to (`number_of`): by these the clicks of machines are recognised.
"""

FURTHER: Final = pl.Schema({"lead": pl.String(), "address": pl.String(), "id": pl.String(), "changed_at": TIME})
"""Fields of leads from a warehouse, one row for each source and person, followed by a column per field (`KEPT`).

Either `lead` or `address`, a digest, says whose they are; `id` stands for the source and the person.
"""

PRESENT: Final = pl.Schema({"lead": pl.String(), "address": pl.String(), "record": pl.String()})
"""Which activities a CRM has, by ids only, one row for each record and each lead on it.

`record` is the id of an activity, or its beginning up to the second colon, if one record makes several activities.
Conversions are told alike. Accounts and deals have neither lead nor address: the `record` of an account is
`ACCOUNTS_OF` and its id, that of a deal `DEALS_OF`, its id and that of its account, if any, with colons in between. The
leads of a deal are told by the `id` that joins them.
"""

OUTCOMES: Final = pl.Schema({"lead": pl.String(), "id": pl.String(), "outcome": pl.String(), "occurred_at": TIME})
"""Conversions, for `calibrate`, besides those that follow from deals."""

ACCOUNT_OUTCOMES: Final = pl.Schema(
    {"account": pl.String(), "lead": pl.String(), "outcome": pl.String(), "occurred_at": TIME}
)
"""Conversions for accounts: those of their deals, and those of leads that follow from no deal of an account."""

DEALS: Final = pl.Schema(
    {"deal": pl.String(), "account": pl.String(), "created_at": TIME, "won_at": TIME, "for_account": pl.Boolean()}
)
"""Deals, one row each, followed by the declared fields of deals.

`created_at` and `won_at` are when it was created and won, if the settings count these as conversions: of its leads or,
`for_account`, of all leads of its account.
"""

DEAL_LEADS: Final = pl.Schema({"deal": pl.String(), "id": pl.String(), "lead": pl.String()})
"""The leads of deals, one row each. `id` is that of the deal, or of the record that joins the two.

The rows of an `id` are complete: it belongs to no other leads any more, and to nobody if its only `lead` is null.
"""

MEMBERSHIPS: Final = pl.Schema({"segment": pl.String(), "lead": pl.String(), "read_at": TIME})
"""Who belongs to which segment or campaign. `segment` is as the settings name it, `read_at` when its reading began."""

DEAL_STEPS: Final = {"opportunity_created": "created_at", "opportunity_won": "won_at"}
"""The conversions of a deal, and which time each has."""

FIELD_HISTORY: Final = pl.Schema(
    {"lead": pl.String(), "field": pl.String(), "since": TIME, "value": pl.String(), "before": pl.String()}
)
"""The value of a field from `since` on and the one before, as text; null if empty or unknown."""


def address_digest(address: str | None) -> str | None:
    """Return the digest that the mirror stores for an email address: the same for equal addresses, not reversible."""
    folded = (address or "").strip().lower()
    return hashlib.blake2b(folded.encode(), digest_size=16).hexdigest() if folded else None


def number_of(text: str | None) -> int | None:
    """Return a number that the mirror stores instead of a text: the same for equal texts, not reversible."""
    if not text:
        return None
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), signed=True)


def domain_number(address: str | None) -> int | None:
    """Return the number of the domain of an email address; None without one."""
    return number_of((address or "").strip().lower().partition("@")[2])
