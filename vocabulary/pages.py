"""What a pull returns: streams, their pages, and the cursors that resume them."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

import polars as pl

from vocabulary.outputs import Of
from vocabulary.rows import (
    ACCOUNTS,
    ACTIVITIES,
    ADDRESSES,
    DEAL_LEADS,
    DEALS,
    FIELD_HISTORY,
    FURTHER,
    HELD,
    LEADS,
    MEMBERSHIPS,
    OUTCOMES,
    PRESENT,
)

Cursor = Mapping[str, Any]
"""JSON that resumes a stream. Opaque to everything but the connector that wrote it."""


Compared = Literal["activities", "outcomes", "accounts", "deals", "fields"]
ACCOUNTS_OF: Final = "*accounts"
DEALS_OF: Final = "*deals"
HISTORY_OF: Final = "*history"
FIELDS_OF: Final = "*fields"
"""How the ids of fields of a warehouse begin."""


def plan_of(*settings: object) -> str:
    """Return the digest of settings, for `Stream.plan`."""
    return hashlib.blake2b(repr(settings).encode(), digest_size=8).hexdigest()


@dataclass(frozen=True, slots=True)
class Stream:
    """One ordered source of pages, such as contacts, companies or page visits."""

    name: str
    label: str
    lists: bool = False
    """Whether a full read lists all leads, so that any it does not return are missing (see `Page.listing`)."""
    fields: bool = False
    """Whether it carries lead or account fields, so that it is read again when a scorecard uses a new field."""
    deals: bool = False
    """Whether it carries the fields of deals, likewise."""
    segments: bool = False
    """Whether it tells who belongs to segments, so that it is read again when the settings name a new one."""
    plan: str = ""
    """Digest of the settings that decide what it brings; if they change, it is read again from the start."""
    ids: tuple[str, ...] = ()
    """What the ids of its activities and outcomes begin with; `ACCOUNTS_OF`, `DEALS_OF` and `HISTORY_OF`
    stand for those rows.

    If the plan changes or the stream is switched off, these rows are deleted.
    """
    by_lead: bool = True
    """Whether the CRM can be asked for all that it has about one lead (see `Connector.pull_for`)."""
    relisted: bool = False
    """Whether a reconciliation reads it again from the start, because it may change without a trace."""
    compared: str = ""
    """The part of its rows' ids before the colon, if the CRM can list which it has (`ComparesActivities`)."""
    compares: Compared = "activities"
    """Which of its rows are compared."""

    @property
    def shows(self) -> Of | None:
        """Whose output fields its full listings show: those of leads, or those of accounts."""
        return "leads" if self.lists else "accounts" if self.relisted and self.compares == "accounts" else None

    @property
    def names_listings(self) -> bool:
        """Whether pages name the full listing that they belong to, by which fields that others changed are found."""
        return self.shows is not None


@dataclass(frozen=True, slots=True)
class Page:
    """The result of one step of a pull, and the cursor that resumes after it.

    The store saves a page and its cursor in one transaction. Rows are delivered at least once.
    """

    stream: str
    cursor: Cursor
    leads: pl.DataFrame = field(default_factory=LEADS.to_frame().clone)
    addresses: pl.DataFrame = field(default_factory=ADDRESSES.to_frame().clone)
    """Further e-mail addresses of its leads: all that they have besides the one in `leads`."""
    accounts: pl.DataFrame = field(default_factory=ACCOUNTS.to_frame().clone)
    activities: pl.DataFrame = field(default_factory=ACTIVITIES.to_frame().clone)
    further: pl.DataFrame = field(default_factory=FURTHER.to_frame().clone)
    """Fields of leads from elsewhere than the CRM."""
    outcomes: pl.DataFrame = field(default_factory=OUTCOMES.to_frame().clone)
    history: pl.DataFrame = field(default_factory=FIELD_HISTORY.to_frame().clone)
    deals: pl.DataFrame = field(default_factory=DEALS.to_frame().clone)
    deal_leads: pl.DataFrame = field(default_factory=DEAL_LEADS.to_frame().clone)
    memberships: pl.DataFrame = field(default_factory=MEMBERSHIPS.to_frame().clone)
    outputs: pl.DataFrame = field(default_factory=HELD.to_frame().clone)
    """Current values of the output fields of its leads. A page with leads always carries these too."""
    account_outputs: pl.DataFrame = field(default_factory=HELD.to_frame().clone)
    """The same of its accounts, if results are written to accounts; `lead` is the account."""
    copies: pl.DataFrame = field(default_factory=HELD.to_frame().clone)
    """What other records hold that shall have the same results as a lead: if they differ, its own are sent again."""
    gone: Sequence[str] = ()
    """Leads that the CRM reports as deleted."""
    gone_activities: Sequence[tuple[str | None, str]] = ()
    """Activities deleted in the CRM, as (lead, id); a lead of None means any lead."""
    gone_outcomes: Sequence[tuple[str, str]] = ()
    """Conversions that no longer hold, as (lead, id)."""
    gone_accounts: Sequence[str] = ()
    """Accounts that the CRM deleted."""
    gone_deals: Sequence[str] = ()
    """Deals that the CRM deleted, or merged into others."""
    merged_accounts: Mapping[str, str] = field(default_factory=dict)
    """Maps an account that lost a merge to its survivor."""
    whole_segments: Mapping[str, datetime] = field(default_factory=dict)
    """When the reading of each segment began that is now complete: whoever is only in earlier ones has left it."""
    unread_segments: Mapping[str, str] | None = None
    """Why segments could not be read, once all were looked at; empty if all could."""
    members: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Maps an account to all leads that may belong to it; others that the mirror counts as its leads left it."""
    missing: Sequence[str] = ()
    """Leads that an answer should have included but did not. They are looked up by id before they are deleted."""
    missing_activities: Sequence[tuple[str | None, str]] = ()
    """Activities that an earlier answer included and this one does not; in the form of `gone_activities`."""
    complete_activities: Sequence[str] = ()
    """Activities whose leads this page names completely: they belong to no others any more."""
    merged: Mapping[str, str] = field(default_factory=dict)
    """Maps a lead that lost a merge or was converted to its survivor."""
    listing: str | None = None
    """Id of the full listing that this page belongs to, if the stream names them; the same on all of its pages."""
    listed: bool = False
    """True on the last page of a listing: leads that none of its pages returned are missing."""
    present: pl.DataFrame = field(default_factory=PRESENT.to_frame().clone)
    """Which rows the CRM has; only on the pages of `ComparesActivities.present`, which are not stored."""
    total: int | None = None
    """Number of leads according to the CRM, if it says; for the progress bar."""
    aside: bool = False
    """Whether the page was read beside the stream, for some leads. Then its cursor is not stored."""

    @property
    def rows(self) -> int:
        """Number of rows of all kinds on the page."""
        of_leads = (self.leads, self.activities, self.outcomes, self.history, self.memberships, self.further)
        return sum(map(len, (*of_leads, self.accounts, self.deals, self.deal_leads)))
