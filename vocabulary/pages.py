"""What a pull brings: streams, their pages, and the cursors that resume them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from vocabulary.rows import ACCOUNTS, ACTIVITIES, FIELD_HISTORY, HELD, LEADS, OUTCOMES

Cursor = Mapping[str, Any]
"""JSON that resumes a stream. Only the connector that wrote it reads it."""


@dataclass(frozen=True, slots=True)
class Stream:
    """One ordered source of pages, such as contacts, companies or page visits."""

    name: str
    label: str
    lists: bool = False
    """True where a full read is a listing of leads, so that what it does not bring is missing (see `Page.listing`)."""
    fields: bool = False
    """True where it brings fields of leads or accounts: it is read again when a scorecard names a new field."""


@dataclass(frozen=True, slots=True)
class Page:
    """What one step of a pull brought, and the cursor that resumes after it.

    The store saves all of a page and its cursor in one transaction. Rows may come twice, never be missed.
    """

    stream: str
    cursor: Cursor
    leads: pl.DataFrame = field(default_factory=LEADS.to_frame().clone)
    accounts: pl.DataFrame = field(default_factory=ACCOUNTS.to_frame().clone)
    activities: pl.DataFrame = field(default_factory=ACTIVITIES.to_frame().clone)
    outcomes: pl.DataFrame = field(default_factory=OUTCOMES.to_frame().clone)
    history: pl.DataFrame = field(default_factory=FIELD_HISTORY.to_frame().clone)
    outputs: pl.DataFrame = field(default_factory=HELD.to_frame().clone)
    """What the output fields of its leads hold; a page that brings leads brings these too."""
    gone: Sequence[str] = ()
    """Leads that the CRM says it deleted."""
    gone_activities: Sequence[tuple[str | None, str]] = ()
    """Activities deleted in the CRM, as (lead or None for whichever lead, id)."""
    missing: Sequence[str] = ()
    """Leads that an answer lacks although it should bring them: they are asked for by id before they go."""
    missing_activities: Sequence[tuple[str | None, str]] = ()
    """Activities that an answer lacks although it brought them before; named as in `gone_activities`."""
    merged: Mapping[str, str] = field(default_factory=dict)
    """Lead that lost a merge, or was converted, onto the lead that carries on."""
    listing: str | None = None
    """Names the full listing of leads that this page belongs to: all pages of one listing carry the same."""
    listed: bool = False
    """True on the last page of a listing: leads that no page of this listing brought are missing."""
    total: int | None = None
    """How many leads the CRM says there are, where it says so; for the progress bar."""

    @property
    def rows(self) -> int:
        """How many rows the page brings, of all kinds."""
        return sum(len(frame) for frame in (self.leads, self.accounts, self.activities, self.outcomes, self.history))
