"""Which column of a table is which: by the heading that the scorecard gives, by its name, or by what CRMs write.

Exports have headings for people (`Record ID`, `Lead Source`) or the names of their API (`CreatedDate`).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from connectors.files.dates import Order

ID_OF_LEADS: Final = (
    *("lead_id", "leadid", "record_id", "record_id_contact", "contact_id", "contactid", "prospect_id", "person_id"),
    *("lead_number", "lead_no", "lead_or_contact_id", "do_not_modify_lead", "do_not_modify_contact"),
    *("hs_object_id", "vid", "marketo_id", "lead"),
)
"""What `id` is called in tables of leads. In other tables these are no ids of their rows."""

KNOWN: Final[Mapping[str, tuple[str, ...]]] = {
    "lead_id": (
        *("lead", "id", "leadid", "record_id", "record_id_contact", "contact_id", "contactid", "prospect_id"),
        *("prospectid", "person_id", "who_id", "whoid", "lead_or_contact_id"),
        *("do_not_modify_lead", "do_not_modify_contact"),
    ),
    "account_id": (
        *("account", "accountid", "company_id", "record_id_company", "associated_company_id"),
        "associated_company_ids",
    ),
    "created_at": (
        *("created", "create_date", "createdate", "created_date", "createddate", "creation_date", "created_on"),
        *("createdon", "createdat", "lead_created_at", "date_created", "prospect_created_at", "created_time"),
        *("object_create_date_time", "hs_createdate"),
    ),
    "converted_at": (
        *("converted_date", "converteddate", "conversion_date", "became_a_customer_date"),
        *("hs_lifecyclestage_customer_date", "date_entered_customer_lifecycle_stage_pipeline"),
        *("hs_v2_date_entered_customer", "hs_date_entered_customer", "occurred_at", "closed_at", "close_date", "date"),
        *("qualified_on", "converted"),
    ),
    "occurred_at": ("timestamp", "time", "date", "activity_date", "activitydate", "created_at", "createdat"),
    "kind": ("type_name", "typename", "type", "activity_type", "event_type"),
}
"""What CRMs and people call the columns that are not fields, as `plain_name` writes them, the surest first.

HubSpot's and Dynamics' are the labels of their fields (`Record ID`, `Create Date`, `(Do Not Modify) Lead`, `Created
On`), Salesforce's the labels of reports or the names of the API, as its data export has them. Where each is from:
`tests/files/test_headings.py`. In a report of Salesforce, `Converted` is a check mark beside `Converted Date`.
"""

VAGUE: Final = ("occurred_at", "closed_at", "close_date", "date")
"""What says when a lead converted in a file of conversions, but not in one of leads."""
CONVERSIONS: Final = ("converted_at", *(name for name in KNOWN["converted_at"] if name not in VAGUE))
"""What a column of leads is called that says when they converted."""
ALREADY: Final = "already_converted"
"""The name of such a column where leads are scored, which want nothing of it but who is a customer."""


def plain_name(heading: str) -> str:
    """Return a heading as the name of a field: `lead_source` for `Lead Source`."""
    name = re.sub(r"[^0-9a-z]+", "_", heading.strip().lower()).strip("_")
    return name if name and not name[0].isdigit() else f"field_{name}"


@dataclass(frozen=True, slots=True)
class Columns:
    """What is said of the columns of a table."""

    named: Mapping[str, str] = field(default_factory=dict)
    """The headings that the command line gives, and the only ones for these columns."""
    declared: Mapping[str, str] = field(default_factory=dict)
    """The headings that the scorecard gives to its fields."""
    id_: Sequence[str] = ()
    """What else `id` may be called: `ID_OF_LEADS` in tables of leads."""
    activities: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """The headings of columns that hold activities, by kind (`wide`)."""
    dates: Order | None = None
    """Whether the day or the month comes first in dates such as `2/1/2018`; by default each column tells."""

    def found(self, wanted: Iterable[str], headings: Sequence[str]) -> dict[str, str]:
        """Return the heading of each wanted column that is there; a heading serves one column only.

        First come named headings, then declared ones, then exact names, then headings that read like the name, then
        what CRMs call it.
        """
        names = list(dict.fromkeys(wanted))
        named = {name: _like(self.named[name], headings) for name in names if name in self.named}
        ours = {name: heading for name, heading in named.items() if heading is not None}
        open_ = [name for name in names if name not in self.named]
        for way in (self._declared, _same, _alike, self._known):
            for name in (one for one in open_ if one not in ours):
                left = [one for one in way(name, headings) if one in headings and one not in ours.values()]
                if left:
                    ours[name] = left[0]
        return {name: ours[name] for name in names if name in ours}

    def _declared(self, name: str, headings: Sequence[str]) -> list[str]:
        there = _like(self.declared[name], headings) if name in self.declared else None
        return [] if there is None else [there]

    def _known(self, name: str, headings: Sequence[str]) -> list[str]:
        by_name = {plain_name(one): one for one in reversed(headings)}
        called = self.id_ if name == "id" else CONVERSIONS if name == ALREADY else KNOWN.get(name, ())
        return [by_name[one] for one in called if one in by_name]


AS_THEY_ARE: Final = Columns()
"""Nothing is said of the columns."""


def _like(heading: str, headings: Sequence[str]) -> str | None:
    """Return a heading that was given, or else the first that reads like it."""
    return heading if heading in headings else next(iter(_alike(heading, headings)), None)


def _same(name: str, _: Sequence[str]) -> list[str]:
    return [name]


def _alike(name: str, headings: Sequence[str]) -> list[str]:
    return [one for one in headings if plain_name(one) == plain_name(name)]
