"""The position of a stream, in a full listing or in the changes since, resumable at any page."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Self

from pydantic import BaseModel, ConfigDict, ValidationError


class Position(BaseModel):
    """The content of a cursor."""

    model_config = ConfigDict(frozen=True)

    plan: str
    """Digest of what is being read. If the settings have changed it, reading starts over."""
    listing: bool
    """Whether a full listing is being read, else changes."""
    name: str
    """Id of the last full listing."""
    listed_at: datetime
    """When the last full listing began, which is how current formulas are."""
    since: datetime
    """All changes before this time have been read."""
    until: datetime | None = None
    """When the changes being read were first requested; the next pass continues from there."""
    part: int = 0
    """Index in the stream of the object being read."""
    after: str | None = None
    """The id of the last record read; with `stamp` the position in an ordered result."""
    stamp: str | None = None
    job: str | None = None
    """The Bulk job being read."""
    locator: str | None = None
    read: int = 0
    """Number of records of the job that have been read."""
    behind: Mapping[int, datetime] = {}
    """Start of the period to request again, by object, after an empty answer, which could be wrong."""
    brought: int = 0
    """Number of records read of this object; in a listing, of those that Salesforce counts."""
    before: int = 0
    """The part of `brought` from before the job."""

    @classmethod
    def full(cls, plan: str, now: datetime, since: datetime) -> Self:
        """Begin a full listing, after which the changes from `since` on are read."""
        return cls(plan=plan, listing=True, name=_name(now), listed_at=now, since=since)

    @classmethod
    def resumed(cls, cursor: Mapping[str, Any] | None, plan: str) -> Self | None:
        """Parse a cursor. Return None if there is none, or if it belongs to other settings."""
        try:
            position = cls.model_validate(cursor)
        except ValidationError:
            return None
        return position if position.plan == plan else None

    @property
    def cursor(self) -> dict[str, Any]:
        """This position as JSON."""
        return self.model_dump(mode="json", exclude_defaults=True)

    def past(self, stamp: str | None, last_id: str) -> Self:
        """Return the position after a record of an ordered result."""
        return self.model_copy(update={"stamp": stamp, "after": last_id})

    def in_job(self, job: str) -> Self:
        """Return the position at the start of a Bulk job's result."""
        return self.model_copy(update={"job": job, "locator": None, "read": 0, "before": self.brought})

    def in_result(self, locator: str | None, read: int) -> Self:
        """Return the position at a page of a Bulk job's result."""
        return self.model_copy(update={"locator": locator, "read": read})

    def without_job(self) -> Self:
        """Return the position before the Bulk job, whose result is no longer available."""
        return self.model_copy(update={"job": None, "locator": None, "read": 0, "brought": self.before})

    def with_more(self, records: int) -> Self:
        """Return the position after this number of further records."""
        return self.model_copy(update={"brought": self.brought + records})

    def part_restarted(self) -> Self:
        """Return the position at the start of this object, because records were missing."""
        return self.model_copy(update=_START)

    def next_part(self) -> Self:
        """Return the position at the start of the next object."""
        return self.model_copy(update={"part": self.part + 1, "behind": self._behind(), **_START})

    @property
    def asked_since(self) -> datetime:
        """The time from which changes of this object are requested."""
        return self.behind.get(self.part, self.since)

    def _behind(self) -> dict[int, datetime]:
        """Keep the start time of an object without results, so that the next pass requests the same period again."""
        others = {part: since for part, since in self.behind.items() if part != self.part}
        return others if self.listing or self.brought else {**others, self.part: self.asked_since}

    def asked_at(self, at: datetime) -> Self:
        """Return the position in changes that were first requested at a time."""
        return self if self.listing or self.until else self.model_copy(update={"until": at})

    def listing_done(self) -> Self:
        """Return the position after a full listing, at the changes since it began."""
        return self.model_copy(update={"listing": False, "part": 0})

    def window_done(self) -> Self:
        """Return the position after a window of changes. It never moves back, even if the clock was set back."""
        since = max(self.until or self.since, self.since)
        return self.model_copy(update={"since": since, "until": None, "part": 0})

    def listed_again(self, now: datetime) -> Self:
        """Return the position at the start of another full listing, keeping the position in the changes."""
        return self.model_copy(update={"listing": True, "name": _name(now), "listed_at": now, "part": 0})


_START: Final[Mapping[str, Any]] = {
    "after": None,
    "stamp": None,
    "job": None,
    "locator": None,
    "read": 0,
    "brought": 0,
    "before": 0,
}
"""The fields reset at the start of an object."""


def _name(now: datetime) -> str:
    """Return a unique id, even for listings that began in the same second."""
    return f"{now.isoformat()} {secrets.token_hex(4)}"
