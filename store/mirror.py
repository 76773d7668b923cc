"""The mirror: what the CRM holds, as far as a scorecard needs it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from connectors.base import Cursor, Page
from connectors.records import FieldType
from store.leases import Lease

BUCKETS: Final = 256


@dataclass(frozen=True, slots=True)
class Saved:
    """What a page brought: rows on it, and how many of them said something new."""

    leads: int = 0
    leads_new: int = 0
    leads_changed: int = 0
    accounts_changed: int = 0
    activities: int = 0
    activities_new: int = 0
    activities_changed: int = 0
    unclaimed: int = 0
    """Activities of nobody known yet; they wait for their lead."""
    gone: int = 0
    merged: int = 0


@dataclass(frozen=True, slots=True)
class Declared:
    """How the declared fields differ from those that the mirror was filled with."""

    added: tuple[str, ...]
    """New, or of another type: only reading the CRM again (`reset`) fills them."""
    removed: tuple[str, ...]
    """No longer declared: their values were erased."""


@dataclass(frozen=True, slots=True)
class Frames:
    """Leads with their activities, as `scoring.score` takes them."""

    leads: pl.DataFrame
    """`lead`, `account`, `address`, `created_at` and a column per field, filled from the account where the lead has none."""
    activities: pl.DataFrame
    """`lead id occurred_at touchpoint seconds value`."""
    touchpoints: pl.DataFrame
    """`touchpoint kind url name`: all touchpoints of the connection."""
    change: int
    """How far the mirror had come when this was read; `Outbox.stage` takes it, so that later changes stay dirty."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How much the mirror holds."""

    leads: int
    accounts: int
    activities: int
    unclaimed: int
    touchpoints: int
    outcomes: int


class Mirror:
    """The leads of one connection with their accounts, activities, outcomes and field history."""

    @property
    def buckets(self) -> range:
        """All buckets; a lead belongs to one by a stable hash of its id, so a sweep goes bucket by bucket."""
        return range(BUCKETS)

    def declare(self, fields: Mapping[str, FieldType], lease: Lease) -> Declared:
        """Say which fields the scorecards name now; what is no longer named is erased.

        Added fields are empty until the CRM is read again: reset the streams of leads and accounts.
        """
        raise NotImplementedError

    def cursor(self, stream: str) -> Cursor | None:
        """Return the cursor to resume the stream from; None before its first page."""
        raise NotImplementedError

    def reset(self, streams: Sequence[str], lease: Lease) -> None:
        """Forget the cursors of these streams, so that the next pull reads everything again."""
        raise NotImplementedError

    def save(self, page: Page, lease: Lease) -> Saved:
        """Store everything on the page and its cursor in one transaction. Saving a page twice changes nothing."""
        raise NotImplementedError

    def frames(self, of: int | Sequence[str], fields: Mapping[str, FieldType]) -> Frames:
        """Read the leads of a bucket, or the named leads, with these fields and all their activities.

        Leads that the mirror does not hold are absent; an id that lost a merge is not followed here (see `resolve`).
        """
        raise NotImplementedError

    def resolve(self, lead: str) -> str | None:
        """Return the id that carries this lead in the mirror: itself, or the survivor of its merges; else None."""
        raise NotImplementedError

    def lead_of_address(self, address: str) -> str | None:
        """Return the lead with this digest of an e-mail address (see `connectors.records.address_digest`)."""
        raise NotImplementedError

    def leads_of_account(self, account: str) -> list[str]:
        """Return the leads of an account."""
        raise NotImplementedError

    def outcomes(self) -> pl.DataFrame:
        """Return all conversions as `connectors.records.OUTCOMES`, those of an account once for each of its leads."""
        raise NotImplementedError

    def field_history(self, fields: Sequence[str]) -> pl.DataFrame:
        """Return what these fields held since when, as `connectors.records.FIELD_HISTORY`."""
        raise NotImplementedError

    def counts(self) -> Counts:
        """Count what the mirror holds."""
        raise NotImplementedError

    def forget(self, lead: str, lease: Lease) -> bool:
        """Erase a person from every table, and from the database's files; False when nothing was known."""
        raise NotImplementedError
