"""Where a stream stands: in a full listing or in the changes since, resumable at any page."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Self

from pydantic import BaseModel, ConfigDict, ValidationError


class Position(BaseModel):
    """What a cursor says."""

    model_config = ConfigDict(frozen=True)

    plan: str
    """What was being read: where the settings now say otherwise, reading starts anew."""
    listing: bool
    """In a full listing, else in the changes."""
    name: str
    """Names the last full listing."""
    listed_at: datetime
    """When the last full listing began; formulas are as fresh as this."""
    since: datetime
    """All changes before this moment have been read."""
    until: datetime | None = None
    """When the changes being read were first asked for: the next pass goes on from there."""
    part: int = 0
    """The object being read, by its number in the stream."""
    after: str | None = None
    """The id of the last record read; with `stamp` the place in an ordered result."""
    stamp: str | None = None
    job: str | None = None
    """The Bulk job being read."""
    locator: str | None = None
    read: int = 0
    """How many records of the job have been read."""
    behind: Mapping[int, datetime] = {}
    """From when on objects are asked for that brought nothing since: an empty answer may be a wrong one."""
    brought: int = 0
    """How many records this object has brought; in a listing, of those that Salesforce counts."""
    before: int = 0
    """How many of them came before the job."""

    @classmethod
    def full(cls, plan: str, now: datetime, since: datetime) -> Self:
        """Begin a full listing, behind which the changes from `since` on are to be read."""
        return cls(plan=plan, listing=True, name=_name(now), listed_at=now, since=since)

    @classmethod
    def resumed(cls, cursor: Mapping[str, Any] | None, plan: str) -> Self | None:
        """Read a cursor; None where there is none, or where it belongs to other settings."""
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
        """Return the position behind a record of an ordered result."""
        return self.model_copy(update={"stamp": stamp, "after": last_id})

    def in_job(self, job: str) -> Self:
        """Return the position at the start of a Bulk job's result."""
        return self.model_copy(update={"job": job, "locator": None, "read": 0, "before": self.brought})

    def in_result(self, locator: str | None, read: int) -> Self:
        """Return the position at a page of a Bulk job's result."""
        return self.model_copy(update={"locator": locator, "read": read})

    def without_job(self) -> Self:
        """Return the position before the Bulk job, whose result is lost."""
        return self.model_copy(update={"job": None, "locator": None, "read": 0, "brought": self.before})

    def with_more(self, records: int) -> Self:
        """Return the position behind so many further records."""
        return self.model_copy(update={"brought": self.brought + records})

    def part_anew(self) -> Self:
        """Return the position at the start of this object, of which records are missing."""
        return self.model_copy(update=_START)

    def next_part(self) -> Self:
        """Return the position at the start of the next object."""
        return self.model_copy(update={"part": self.part + 1, "behind": self._behind(), **_START})

    @property
    def asked_since(self) -> datetime:
        """From when on changes of this object are asked for."""
        return self.behind.get(self.part, self.since)

    def _behind(self) -> dict[int, datetime]:
        """Leave an object where it is that brought nothing: the next pass asks for the same time once more."""
        others = {part: since for part, since in self.behind.items() if part != self.part}
        return others if self.listing or self.brought else {**others, self.part: self.asked_since}

    def asked_at(self, at: datetime) -> Self:
        """Return the position in changes that were first asked for at a time."""
        return self if self.listing or self.until else self.model_copy(update={"until": at})

    def listing_done(self) -> Self:
        """Return the position behind a full listing: the changes since it began come next."""
        return self.model_copy(update={"listing": False, "part": 0})

    def window_done(self) -> Self:
        """Return the position behind a window of changes; a clock set back takes nothing back that has been read."""
        since = max(self.until or self.since, self.since)
        return self.model_copy(update={"since": since, "until": None, "part": 0})

    def listed_again(self, now: datetime) -> Self:
        """Return the position at the start of a further full listing, which forgets no changes."""
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
"""Where the reading of an object begins."""


def _name(now: datetime) -> str:
    """Return a name that no other listing has, even one that began in the same second."""
    return f"{now.isoformat()} {secrets.token_hex(4)}"
