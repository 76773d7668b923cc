"""Visitor activities of Account Engagement (Pardot), API v5."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import Any, Final

import polars as pl

from connectors.base import ConnectorError
from connectors.salesforce.activities import NO_NUMBER, kind_by, lead_of
from connectors.salesforce.errors import Unreadable
from connectors.salesforce.frames import of_json
from connectors.salesforce.readings import ACTIVITIES
from connectors.salesforce.session import Session
from connectors.salesforce.settings import Pardot
from connectors.salesforce.wire import Answer
from vocabulary.fields import TIME
from vocabulary.findings import Finding
from vocabulary.pages import Page, Stream
from vocabulary.rows import address_digest, domain_number, number_of

PATH: Final = "/api/v5/objects/visitor-activities"
FIELDS: Final = (
    "id",
    "type",
    "createdAt",
    "details",
    "prospect.salesforceContactId",
    "prospect.salesforceLeadId",
    "prospect.email",
    "listEmailId",
    "emailId",
    "prospectId",
)
PAGE: Final = 1000
_ABSENT: Final = dict.fromkeys(("prospect", "details", "listEmailId", "emailId", "prospectId"))
"""What an activity need not have."""
SENT: Final = "6"
"""The type of the activity that tells when a mail was sent."""
_SENDS: Final = pl.Schema({"prospectId": pl.String(), "mail": pl.Int64(), "sent_at": TIME})
_KEPT: Final = timedelta(hours=1)
"""How long after sending an activity is worth its time: machines come sooner, and a page need not be kept in mind."""


@dataclass(frozen=True)
class PardotPull:
    """Reads visitor activities in the order of their ids, which are immutable.

    Account Engagement reports no totals, so an empty answer could be wrong: after a pass without results, the next one
    requests the same period again.
    """

    session: Session
    stream: Stream
    section: Pardot
    first: timedelta
    """How far the first pull looks back."""

    def pages(self, cursor: Mapping[str, Any] | None) -> Iterator[Page]:
        """Yield the pages after a cursor. Each pass overlaps the last one, for activities that appear late."""
        now = self.session.now()
        start = cursor or {"since": (now - self.first).isoformat()}
        since = datetime.fromisoformat(start["since"]) - self.session.settings.overlap
        until = start.get("until", self.session.clock.read_until().isoformat())
        after, sends = start.get("after", 0), _SENDS.to_frame()
        while (found := self._found(since, after, sends)).more:
            after, sends = found.last, found.sends
            here = {"since": start["since"], "until": until, "after": after}
            yield Page(self.stream.name, here, activities=found.activities)
        read_until = until if found.last else start["since"]
        yield Page(self.stream.name, {"since": read_until}, activities=found.activities)

    def check(self) -> list[Finding]:
        """Check whether the business unit can be read."""
        try:
            self._found(self.session.now(), 0, _SENDS.to_frame())
        except ConnectorError as error:
            remedy = error.remedy or "Check `activities.pardot`, the scope `pardot_api`, and the user's role in Pardot."
            return [Finding("error", "activities.pardot", f"{error.message} {error.answer}", remedy)]
        return []

    def _found(self, since: datetime, after: int, sends: pl.DataFrame) -> "_Found":
        """Request by id, not by page token, because a chain of tokens ends after 100,000 records."""
        params = {
            "fields": ",".join(FIELDS),
            "createdAtAfterOrEqualTo": since.isoformat(timespec="seconds"),
            "orderBy": "id",
            "limit": PAGE,
            **({"idGreaterThan": after} if after else {}),
        }
        headers = {"Pardot-Business-Unit-Id": self.section.business_unit}
        reading = partial(self._read, after, sends)
        return self.session.ask(reading, "GET", self.section.host + PATH, params=params, headers=headers)

    def _read(self, after: int, sends: pl.DataFrame, answer: Answer) -> "_Found":
        """Parse a page. Its ids must be ascending. If it is full or has a token, there may be another page."""
        page = ACTIVITIES(answer)
        ids = [value.get("id") for value in page.values]
        numbers = [number for number in ids if isinstance(number, int)]
        if len(numbers) != len(ids) or any(later <= earlier for earlier, later in pairwise([after, *numbers])):
            raise Unreadable("visitor activities without ascending ids")
        if page.nextPageToken and not numbers:
            raise Unreadable("an empty page that is not the last one")
        more = len(ids) == PAGE or bool(page.nextPageToken)
        rows = self._rows(page.values)
        known = _sends(sends, rows)
        activities = self._activities(rows.join(known, on=["prospectId", "mail"], how="left", maintain_order="left"))
        return _Found(activities, max(numbers, default=after), more, known)

    def _rows(self, values: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
        rows = of_json([{**_ABSENT, **value} for value in values], FIELDS)
        # In the API user's time zone, with its offset (recorded).
        at = pl.col("createdAt").str.to_datetime("%Y-%m-%dT%H:%M:%S%#z", time_unit="us", time_zone="UTC", strict=False)
        return rows.with_columns(occurred_at=at, mail=_mail())

    def _activities(self, rows: pl.DataFrame) -> pl.DataFrame:
        lead = lead_of(self.session.settings, "prospect.salesforceContactId", "prospect.salesforceLeadId")
        address = pl.col("prospect.email").map_elements(address_digest, return_dtype=pl.String)
        is_page = pl.col("details").str.starts_with("http")
        activities = rows.select(
            lead=lead,
            address=address,
            id=pl.lit("pardot:") + pl.col("id"),
            kind=kind_by("type", self.section.kinds),
            occurred_at=pl.col("occurred_at"),
            url=pl.when(is_page).then(pl.col("details")),
            name=pl.when(~is_page).then(pl.col("details")),
            seconds=NO_NUMBER,
            value=NO_NUMBER,
            mail=pl.col("mail"),
            sent_at=pl.col("sent_at"),
            mail_domain=pl.col("prospect.email").map_elements(domain_number, return_dtype=pl.Int64),
        )
        if activities["occurred_at"].null_count():
            raise Unreadable("visitor activities without their time")
        is_known = pl.col("kind").is_not_null() & (pl.col("lead").is_not_null() | pl.col("address").is_not_null())
        return activities.filter(is_known)


def _sends(before: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Return when mails were sent to prospects, of those before and on this page that are recent."""
    here = rows.filter(type=SENT).select("prospectId", "mail", sent_at="occurred_at").drop_nulls()
    both = pl.concat([before, here]).unique(["prospectId", "mail"], keep="last", maintain_order=True)
    oldest = rows.select(pl.col("occurred_at").min()).item()
    return both if oldest is None else both.filter(pl.col("sent_at") >= oldest - _KEPT)


def _mail() -> pl.Expr:
    """Return which mail an activity is of: a list email goes to each prospect once, other emails have an id each.

    Fields: https://developer.salesforce.com/docs/marketing/pardot/guide/visitor-activity-v5.html (2026-11).
    """
    named = pl.coalesce(pl.lit("list:") + pl.col("listEmailId"), pl.lit("email:") + pl.col("emailId"))
    return named.map_elements(number_of, return_dtype=pl.Int64)


@dataclass(frozen=True, slots=True)
class _Found:
    """One page of visitor activities."""

    activities: pl.DataFrame
    last: int
    """The id of the last one."""
    more: bool
    """Whether there may be another page."""
    sends: pl.DataFrame
    """When mails were sent, of those that the activities of the next page may be of."""
