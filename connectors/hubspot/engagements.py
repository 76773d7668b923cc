"""Engagements: calls, meetings, emails, notes, tasks and messages logged with contacts."""

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

import polars as pl

from connectors.hubspot import frames
from connectors.hubspot.call_outcomes import UNREACHED, CallOutcomes
from connectors.hubspot.contacts import associated
from connectors.hubspot.entrants import Linked
from connectors.hubspot.objects import Objects, Rows, changes, listing
from connectors.hubspot.settings import ActivitySettings
from connectors.hubspot.streams import Followed, Reader, Take
from connectors.hubspot.transport import Transport
from connectors.hubspot.windows import Relook
from vocabulary.pages import Stream

Found = Mapping[str, Any]
_PAGES_PER_ASSOCIATION_CALL: Final = 5
"""Search pages of 200 per associations call of 1,000."""


@dataclass(frozen=True, slots=True)
class Engagement:
    """How one type of engagement is read: its properties and their meaning."""

    type: str
    label: str
    time: Sequence[str]
    """Properties with the time it happened; the first that is set counts."""
    name: str | None
    read: tuple[str, ...]
    kind: Callable[[Found, ActivitySettings], str | None]
    """The kind of activity; None if it did not take place or is not wanted."""
    seconds: Callable[[Found], float | None] = lambda _found: None
    archive: bool = True
    """Whether deleted ones can be listed.

    For meetings and communications, HubSpot answers 400 "Paging through deleted objects is not yet supported".
    """

    @property
    def stream(self) -> Stream:
        """The stream of this type."""
        return Stream(self.type, self.label, compared=self.type)

    @property
    def properties(self) -> tuple[str, ...]:
        """The properties to read."""
        return tuple(dict.fromkeys((*self.time, *((self.name,) if self.name else ()), *self.read)))

    def wanted(self, settings: ActivitySettings) -> bool:
        """Return whether the settings give it a kind."""
        kinds = {"emails": (settings.emails, settings.email_replies)}
        return any(kinds.get(self.type, (getattr(settings, self.type),)))

    def counts(self, row: Found, settings: ActivitySettings) -> bool:
        """Return whether it took place and is wanted."""
        return self.kind(row["properties"], settings) is not None

    def rows(self, row: Found, leads: Sequence[str], settings: ActivitySettings) -> list[tuple[Any, ...]]:
        """Return one activity per participating lead."""
        found = row["properties"]
        kind = self.kind(found, settings)
        if kind is None:
            return []
        at = next((found[name] for name in self.time if found.get(name)), None)
        name = found.get(self.name) if self.name else None
        identity = engagement_id(self.type, str(row["id"]))
        return [(lead, None, identity, kind, at, None, name, self.seconds(found), None) for lead in leads]


def engagement_id(type_: str, object_id: str) -> str:
    """Return the activity's id."""
    return f"{type_}:{object_id}"


def _call_kind(found: Found, settings: ActivitySettings, outcomes: Container[Any] = UNREACHED) -> str | None:
    """Return the kind of a call; `outcomes` are those with which the lead was not reached."""
    if found.get("hs_call_status") in {"CANCELED", "FAILED", "QUEUED"}:
        return None
    missed = found.get("hs_call_status") in {"BUSY", "NO_ANSWER"}
    return settings.call_attempts if missed or found.get("hs_call_disposition") in outcomes else settings.calls


def _meeting_kind(found: Found, settings: ActivitySettings) -> str | None:
    outcome = found.get("hs_meeting_outcome")
    if outcome == "NO_SHOW":
        return settings.no_shows
    return None if outcome in {"CANCELED", "RESCHEDULED"} else settings.meetings


def _email_kind(found: Found, settings: ActivitySettings) -> str | None:
    if found.get("hs_email_direction") == "INCOMING_EMAIL":
        return settings.email_replies
    return None if found.get("hs_email_status") in {"FAILED", "BOUNCED", "SCHEDULED"} else settings.emails


def _task_kind(found: Found, settings: ActivitySettings) -> str | None:
    return settings.tasks if found.get("hs_task_status") == "COMPLETED" else None


def _call_seconds(found: Found) -> float | None:
    duration = _number(found.get("hs_call_duration"))  # milliseconds
    return None if duration is None else duration / 1000


def _meeting_seconds(found: Found) -> float | None:
    start, end = _stamp(found.get("hs_meeting_start_time")), _stamp(found.get("hs_meeting_end_time"))
    return max((end - start).total_seconds(), 0.0) if start and end else None


def _stamp(text: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        return None


def _number(text: Any) -> float | None:
    try:
        return float(text)
    except (TypeError, ValueError):
        return None


ENGAGEMENTS: Final = (
    Engagement(
        type="calls",
        label="calls",
        time=("hs_timestamp",),
        name="hs_call_title",
        read=("hs_call_duration", "hs_call_status", "hs_call_disposition"),
        kind=_call_kind,
        seconds=_call_seconds,
    ),
    Engagement(
        type="meetings",
        label="meetings",
        time=("hs_meeting_start_time", "hs_timestamp"),
        name="hs_meeting_title",
        read=("hs_meeting_end_time", "hs_meeting_outcome"),
        kind=_meeting_kind,
        seconds=_meeting_seconds,
        archive=False,
    ),
    Engagement(
        type="emails",
        label="one-to-one emails",
        time=("hs_timestamp",),
        name="hs_email_subject",
        read=("hs_email_direction", "hs_email_status"),
        kind=_email_kind,
    ),
    Engagement(
        type="notes", label="notes", time=("hs_timestamp",), name=None, read=(), kind=lambda _, settings: settings.notes
    ),
    Engagement(
        type="tasks",
        label="completed tasks",
        time=("hs_task_completion_date", "hs_timestamp"),  # a task's `hs_timestamp` is when it is due
        name="hs_task_subject",
        read=("hs_task_status",),
        kind=_task_kind,
    ),
    Engagement(
        type="communications",
        label="messages",
        time=("hs_timestamp",),
        name="hs_communication_channel_type",
        read=(),
        kind=lambda _, settings: settings.communications,
        archive=False,
    ),
)


def engagements(
    reader: Reader, transport: Transport, settings: ActivitySettings, engagement: Engagement, relook: Relook
) -> Followed:
    """Return the stream of one type of engagement, leaving out what happened and last changed before `since`.

    Neither an engagement nor a contact is modified when one is associated with the other, so those of the last weeks
    are searched again now and then, with their contacts: https://github.com/airbytehq/airbyte/issues/27199 (2026-11).
    """
    if engagement.type == "calls":
        outcomes = CallOutcomes(transport, settings.unreached)
        engagement = replace(engagement, kind=partial(_call_kind, outcomes=outcomes))
    objects = Objects(transport, engagement.type, engagement.properties, associations="contacts")
    read = _Engagements(reader, transport, settings, engagement, objects)
    return Followed(
        engagement.stream,
        reader,
        listing(objects, read.listed),
        changes(objects, read.changed, _PAGES_PER_ASSOCIATION_CALL),
        objects.count,
        read.of_leads,
        relook,
        read.ids,
        read.again,
    )


@dataclass(frozen=True, slots=True)
class _Engagements:
    """Makes activities of the engagements of one type."""

    reader: Reader
    transport: Transport
    settings: ActivitySettings
    engagement: Engagement
    objects: Objects

    def listed(self, rows: Rows) -> dict[str, Any]:
        """Return the recent activities of listed rows, which bring their associations."""
        return self._recent(rows, inline(self.transport, self.engagement.type, rows))

    def changed(self, rows: Rows) -> dict[str, Any]:
        """Return the activities of rows that a search found; it does not return associations."""
        return self._parts(rows, self._contacts(rows))

    def ids(self, since: datetime | None) -> Take:
        """Return the step that lists which activities there are, back to `since`."""

        def present(rows: Rows) -> dict[str, Any]:
            found: pl.DataFrame = self._parts(rows, inline(self.transport, self.engagement.type, rows))["activities"]
            earliest = self._earliest()
            kept = found.filter(pl.col("occurred_at") >= min(earliest, since or earliest))
            return {"present": kept.select("lead", "address", record="id")}

        return listing(self.objects, present)

    def again(self, records: Sequence[str]) -> Iterator[tuple[list[str], dict[str, Any]]]:
        """Yield the recent activities of engagements, by the ids of their activities."""
        rows = self.objects.read([record.partition(":")[2] for record in records])
        yield [str(row["id"]) for row in rows], self._recent(rows, self._contacts(rows))

    def of_leads(self, leads: Sequence[str]) -> Iterator[dict[str, Any]]:
        """Yield the recent activities of leads, who are some of an engagement's contacts."""
        yield {"activities": self._recent(*Linked(self.transport, self.objects).of(leads))["activities"]}

    def _contacts(self, rows: Rows) -> Mapping[str, Sequence[str]]:
        return associated(self.transport, self.engagement.type, "contacts", [str(row["id"]) for row in rows])

    def _earliest(self) -> datetime:
        return datetime.fromtimestamp(self.reader.now() / 1000, UTC) - self.settings.since

    def _parts(self, rows: Rows, leads: Mapping[str, Sequence[str]]) -> dict[str, Any]:
        engagement, settings = self.engagement, self.settings
        made = [engagement.rows(row, leads.get(str(row["id"]), ()), settings) for row in rows]
        undone = [row for row in rows if not engagement.counts(row, settings)]
        counted = [row for row in rows if engagement.counts(row, settings)]
        return {
            "activities": frames.activities(activity for activities in made for activity in activities),
            "gone_activities": _named(engagement, undone),
            "complete_activities": [engagement_id(engagement.type, str(row["id"])) for row in counted],
        }

    def _recent(self, rows: Rows, leads: Mapping[str, Sequence[str]]) -> dict[str, Any]:
        """Return parts without what happened and last changed before `since`."""
        found, earliest = self._parts(rows, leads), self._earliest()
        changed_at = frames.times([row.get("updatedAt") for row in rows])
        changed = [row for row, at in zip(rows, changed_at, strict=True) if at is not None and at >= earliest]
        fresh = [engagement_id(self.engagement.type, str(row["id"])) for row in changed]
        is_old = (pl.col("occurred_at") < earliest) & ~pl.col("id").is_in(fresh)
        old = set(found["activities"].filter(is_old)["id"])
        complete = [one for one in found["complete_activities"] if one not in old]
        return {**found, "activities": found["activities"].filter(~is_old), "complete_activities": complete}


def _named(engagement: Engagement, rows: Rows) -> list[tuple[None, str]]:
    return [(None, engagement_id(engagement.type, str(row["id"]))) for row in rows]


def inline(transport: Transport, type_: str, rows: Rows) -> dict[str, list[str]]:
    """Return the contacts in a listing's associations, requesting the full list where it was truncated."""
    linked = {str(row["id"]): row["associations"] for row in rows if row.get("associations")}
    told = {one: found["contacts"] for one, found in linked.items() if "contacts" in found}
    cut_off = [one for one, found in told.items() if found.get("paging")]
    leads = {one: list(dict.fromkeys(str(to["id"]) for to in found["results"])) for one, found in told.items()}
    return {**leads, **(associated(transport, type_, "contacts", cut_off) if cut_off else {})}
