"""Activities in the columns of a table of leads: the time of one in each, or how many there were in each month.

A count of a month becomes activities at its end, when all of them had happened: earlier, a count would tell what comes.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import polars as pl

from connectors.files.headings import plain_name
from vocabulary.fields import TIME, FieldType
from vocabulary.moments import first_moment

# HubSpot's headings are the labels of its contact properties, as its own exports of "all properties on records" have
# them (a public export of 2023-02-21), and as https://knowledge.hubspot.com/properties/hubspots-default-contact-properties
# (2025-01-29) describes them; beside them the names of the API. Salesforce's are those of
# https://developer.salesforce.com/docs/platform/field-reference (Lead and ActivityMetric, Winter '26).
FIRSTS: Final[Mapping[str, tuple[str, ...]]] = {
    "first_visit": (
        *("time_first_seen", "hs_analytics_first_timestamp", "time_of_first_session", "time_of_first_visit"),
        "hs_analytics_first_visit_timestamp",
    ),
    "first_form_submit": ("first_conversion_date",),
    "first_email_open": ("first_marketing_email_open_date", "hs_email_first_open_date"),
    "first_email_click": ("first_marketing_email_click_date", "hs_email_first_click_date"),
    "first_email_reply": ("first_marketing_email_reply_date", "hs_email_first_reply_date"),
    "first_call": ("first_call_date", "firstcalldatetime"),
    "first_sales_email": ("first_email_date", "firstemaildatetime"),
}
"""When something happened first, by the kind of activity that it becomes; headings as `plain_name` writes them.

What a first time says of any moment is true: by then it had happened, or it had not.
"""

LASTS: Final[Mapping[str, tuple[str, ...]]] = {
    "last_form_submit": ("recent_conversion_date",),
    "last_email_open": ("last_marketing_email_open_date", "hs_email_last_open_date"),
    "last_email_click": ("last_marketing_email_click_date", "hs_email_last_click_date"),
    "last_email_reply": ("last_marketing_email_reply_date", "hs_email_last_reply_date"),
    "last_email": ("last_marketing_email_send_date", "hs_email_last_send_date"),
    "last_sales_email_open": ("recent_sales_email_opened_date", "hs_sales_email_last_opened"),
    "last_sales_email_click": ("recent_sales_email_clicked_date", "hs_sales_email_last_clicked"),
    "last_sales_email_reply": ("recent_sales_email_replied_date", "hs_sales_email_last_replied"),
    "last_visit": (
        *("time_last_seen", "hs_analytics_last_timestamp", "time_of_last_session", "time_of_last_visit"),
        "hs_analytics_last_visit_timestamp",
    ),
    "last_meeting": ("date_of_last_meeting_booked_in_meetings_tool", "engagements_last_meeting_booked"),
    "last_contact": ("last_contacted", "notes_last_contacted", "last_engagement_date"),
    "last_activity": (
        *(
            "last_activity_date",
            "notes_last_updated",
            "last_activity",
            "lastactivitydate",
            "last_activity_at",
            "lastactivityat",
        ),
        *("last_call_date", "last_email_date", "last_interesting_moment_date"),
    ),
}
"""When something happened last before the export. At an earlier moment another one was the last."""

COUNTS: Final = frozenset(
    (
        *("number_of_pageviews", "hs_analytics_num_page_views", "average_pageviews", "hs_analytics_average_page_views"),
        *("number_of_sessions", "number_of_visits", "hs_analytics_num_visits", "total_visits", "totalvisits"),
        *("page_views_per_visit", "total_time_spent_on_website", "number_of_event_completions"),
        *("hs_analytics_num_event_completions", "number_of_form_submissions", "num_conversion_events"),
        *("number_of_unique_forms_submitted", "num_unique_conversion_events", "marketing_emails_opened"),
        *("marketing_emails_clicked", "marketing_emails_delivered", "marketing_emails_bounced"),
        *("marketing_emails_replied", "hs_email_open", "hs_email_click", "hs_email_delivered", "hs_email_bounce"),
        *("hs_email_replied", "sends_since_last_engagement", "number_of_sales_activities", "num_notes"),
        *("number_of_times_contacted", "num_contacted_notes"),
    )
)
"""What counts until the export."""

BEHAVIOUR: Final = re.compile(
    r"(^|_)(visit|session|page_?view|view|open|click|login|log_in|download|submission|submit|form|call|meeting|reply"
    r"|webinar|event|activit|chat|email|use|usage|search)(s|es|ies)?$"
)
"""Names of what leads do: their counts of months are taken without being asked for."""
MONTHLY: Final = re.compile(r"^(.*?[^\d])((?:19|20)\d{2})([ _.-]?)(0[1-9]|1[0-2])$")
PATTERN: Final = ("YYYY", "MM")
SERIES: Final = 2
"""As many months with the same name make a series."""


@dataclass(frozen=True, slots=True)
class WideColumn:
    """A column with activities of one kind."""

    kind: str
    heading: str
    month: date | None = None
    """The month whose activities it counts; None if it has their time."""

    @property
    def name(self) -> str:
        """What the column is called among those of a table: no field has such a name."""
        return f"#{self.kind}#{self.heading}"

    @property
    def type(self) -> FieldType:
        """What its cells are."""
        return "number" if self.month else "time"


def found(asked: Mapping[str, Sequence[str]], headings: Sequence[str]) -> list[WideColumn]:
    """Return the columns of these headings, by kind. `visits_YYYY_MM` are those of all months."""
    by_name = {plain_name(one): one for one in reversed(headings)}
    columns = []
    for kind, wanted in asked.items():
        for one in wanted:
            if all(part in one for part in PATTERN):
                columns += [WideColumn(kind, heading, month) for heading, month in _months(one, headings)]
            elif heading := one if one in headings else by_name.get(plain_name(one)):
                columns.append(WideColumn(kind, heading))
    return columns


def lacking(asked: Mapping[str, Sequence[str]], headings: Sequence[str]) -> dict[str, list[str]]:
    """Return the headings that are not there, by kind."""
    return {
        kind: [one for one in wanted if not found({kind: [one]}, headings)]
        for kind, wanted in asked.items()
        if not all(found({kind: [one]}, headings) for one in wanted)
    }


def _months(pattern: str, headings: Iterable[str]) -> list[tuple[str, date]]:
    """Return the headings of a pattern with their months."""
    written = (
        re.escape(pattern).replace("YYYY", r"(?P<year>(?:19|20)\d{2})", 1).replace("MM", r"(?P<month>0[1-9]|1[0-2])", 1)
    )
    matches = [(one, re.fullmatch(written, one, re.IGNORECASE)) for one in headings]
    return [(one, date(int(match["year"]), int(match["month"]), 1)) for one, match in matches if match]


def firsts(headings: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the headings of first times that CRMs write, by kind; one for each."""
    by_name = {plain_name(one): one for one in headings}
    ours = {kind: [by_name[one] for one in names if one in by_name] for kind, names in FIRSTS.items()}
    return {kind: (there[0],) for kind, there in ours.items() if there}


def lasts(headings: Iterable[str]) -> dict[str, str]:
    """Return the kind of each heading that says when something happened last."""
    kinds = {name: kind for kind, names in LASTS.items() for name in names}
    return {one: kinds[plain_name(one)] for one in headings if plain_name(one) in kinds}


def counts(headings: Iterable[str]) -> list[str]:
    """Return the headings of what counts until the export."""
    return [one for one in headings if plain_name(one) in COUNTS]


def monthly(headings: Iterable[str]) -> dict[str, str]:
    """Return the series of months, each as its name and its pattern: `visits`, `visits_YYYY_MM`."""
    series: dict[str, set[str]] = {}
    for match in filter(None, map(MONTHLY.match, headings)):
        series.setdefault(f"{match[1]}YYYY{match[3]}MM", set()).add(match[0])
    named = {pattern: plain_name(pattern.split("YYYY")[0]) for pattern, there in series.items() if len(there) >= SERIES}
    return {name: pattern for pattern, name in named.items()}


def activities(leads: pl.DataFrame, columns: Sequence[WideColumn], zone: str) -> pl.DataFrame:
    """Return the activities of leads (`lead`, and the columns by their names): `lead`, `id`, `kind`, `occurred_at`."""
    empty = pl.DataFrame(schema={"lead": pl.String, "id": pl.String, "kind": pl.String, "occurred_at": TIME})
    return pl.concat(
        [empty, *(_of(leads.select("lead", pl.col(one.name).alias("cell")), one, zone) for one in columns)]
    )


def _of(cells: pl.DataFrame, column: WideColumn, zone: str) -> pl.DataFrame:
    kind, known = pl.lit(column.kind).alias("kind"), cells.drop_nulls()
    if column.month is None:
        return known.select(
            "lead", pl.lit(column.name).alias("id"), kind, pl.col("cell").cast(TIME).alias("occurred_at")
        )
    over = first_moment(pl.lit(end_of(column.month)), zone).cast(TIME).alias("occurred_at")
    many = known.filter(pl.col("cell") >= 1).select(
        "lead", pl.int_ranges(1, pl.col("cell").floor().cast(pl.Int64) + 1).alias("number")
    )
    numbered = many.explode("number", empty_as_null=False)
    return numbered.select("lead", pl.format("{}#{}", pl.lit(column.name), "number").alias("id"), kind, over)


def end_of(month: date) -> date:
    """Return the first day of the next month."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)
