"""Contacts, the leads, and companies, their accounts."""

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Final

import polars as pl

from connectors.hubspot import frames
from connectors.hubspot.answers import following
from connectors.hubspot.derived import Derived
from connectors.hubspot.exporting import Export
from connectors.hubspot.objects import HISTORY_PAGE, LIST_PAGE, Objects, Rows, changes, listing
from connectors.hubspot.settings import HubSpotSettings
from connectors.hubspot.spans import Span, Step, onward
from connectors.hubspot.streams import Followed, Reader, Take
from connectors.hubspot.transport import Transport
from connectors.hubspot.windows import SECOND
from vocabulary.fields import FieldType
from vocabulary.outputs import Output
from vocabulary.pages import Stream
from vocabulary.rows import OUTCOMES

logger = logging.getLogger(__name__)

CONTACTS: Final = Stream("contacts", "contacts", lists=True, fields=True)
COMPANIES: Final = Stream("companies", "companies", fields=True)
COMPANY: Final = "company."
"""What a mapping begins with that means a property of the primary company."""
OWN: Final = ("email", "createdate", "associatedcompanyid", "hs_merged_object_ids", "hs_calculated_merged_vids")
"""Properties that are always read of a contact."""
_WASTE: Final = 0.03
"""The part of a listing's calls that may be lost by reading it in ranges."""
_MOST_RANGES: Final = 64


@dataclass(frozen=True, slots=True)
class Fields:
    """Which property of contact or company each field of the scorecard comes from, and its type."""

    contact: Mapping[str, str]
    company: Mapping[str, str]
    types: Mapping[str, FieldType]

    @classmethod
    def of(cls, mapping: Mapping[str, str], wanted: Mapping[str, FieldType]) -> "Fields":
        """Keep what the scorecards want, told apart by the object it stands on."""
        chosen = {name: source for name, source in mapping.items() if name in wanted}
        return cls(
            {name: source for name, source in chosen.items() if not source.startswith(COMPANY)},
            {name: source.removeprefix(COMPANY) for name, source in chosen.items() if source.startswith(COMPANY)},
            {name: wanted[name] for name in chosen},
        )


@dataclass
class OddValues:
    """Counts values that are not of their field's type; they are taken for missing, and said once a field."""

    counts: Counter[str] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock)

    def __call__(self, name: str, count: int) -> None:
        """Count, and warn at the first time."""
        with self._lock:
            first = not self.counts[name]
            self.counts[name] += count
        if first:
            logger.warning("Some values of the field %s are not of its type; they are taken for missing.", name)


@dataclass(frozen=True, slots=True)
class People:
    """Turns rows of contacts into the parts of a page."""

    objects: Objects
    fields: Fields
    derived: Derived
    customer: str | None
    odd: OddValues
    outputs: Sequence[Output] = ()

    @classmethod
    def of(
        cls,
        transport: Transport,
        settings: HubSpotSettings,
        fields: Fields,
        derived: Derived,
        odd: OddValues,
        outputs: Sequence[Output] = (),
    ) -> "People":
        """Read what the settings name of each contact, and what our own properties hold."""
        customer = settings.outcomes.customer
        named = (*OWN, *fields.contact.values(), *derived.properties, *filter(None, [customer]))
        properties = dict.fromkeys((*named, *(output.name for output in outputs)))
        objects = Objects(transport, "contacts", tuple(properties), "lastmodifieddate")
        return cls(objects, fields, derived, customer, odd, outputs)

    def parts(self, rows: Rows) -> dict[str, Any]:
        """Return leads, what our fields hold, merges, derived activities and conversions of a page of contacts."""
        return {
            "leads": frames.leads(rows, self.fields.contact, self.fields.types, self.odd),
            "outputs": frames.outputs(rows, self.outputs),
            "merged": merges(rows),
            "activities": self.derived.activities(rows),
            "outcomes": self._outcomes(rows),
        }

    def _outcomes(self, rows: Rows) -> pl.DataFrame:
        if not self.customer:
            return OUTCOMES.to_frame()
        won = [(str(row["id"]), at) for row in rows if (at := row["properties"].get(self.customer))]
        ids = [lead for lead, _ in won]
        columns = {
            "lead": ids,
            "account": [None] * len(won),
            "id": [f"customer:{lead}" for lead in ids],
            "outcome": ["customer"] * len(won),
            "occurred_at": frames.times([at for _, at in won]),
        }
        return pl.DataFrame(columns, OUTCOMES).drop_nulls("occurred_at")


def merges(rows: Rows) -> dict[str, str]:
    """Return which contacts were merged into which, from what the survivors say."""
    return {old: str(row["id"]) for row in rows for old in _merged_into(row) if old != str(row["id"])}


def _merged_into(row: Mapping[str, Any]) -> Sequence[str]:
    found = row["properties"]
    named = f"{found.get('hs_merged_object_ids') or ''};{found.get('hs_calculated_merged_vids') or ''}"
    return [entry.partition(":")[0].strip() for entry in named.split(";") if entry.strip()]


def contacts(reader: Reader, people: People, prefer_export: Callable[[int], bool]) -> Followed:
    """Return the stream of contacts; `prefer_export` is asked with their number."""
    page, export = listing(people.objects, people.parts), Export(people.objects, people.parts)
    everyone = Everyone(page, export, prefer_export)
    return Followed(CONTACTS, reader, everyone.take, changes(people.objects, people.parts), people.objects.count)


@dataclass(frozen=True, slots=True)
class Everyone:
    """Lists all contacts the cheapest way: page by page, in ranges of ids side by side, or as an export."""

    page: Take
    export: Export
    prefer_export: Callable[[int], bool]

    def take(self, span: Span) -> Step:
        """Read a page; after the first, decide how to go on."""
        if "task" in span:
            return self.export.take(span)
        step = self.page(span)
        return self._go_on(step) if "after" not in span and step.rest else step

    def _go_on(self, step: Step) -> Step:
        total, greatest = self.export.objects.extent()
        parts = {**step.parts, "total": total}
        if self.prefer_export(total):
            return Step(parts, [{"task": None}])
        after, last = str(step.rest[0]["after"]), int(step.parts["leads"]["lead"][-1])
        ranges = min(round(total / LIST_PAGE * _WASTE), _MOST_RANGES)
        if ranges < 2 or after not in {str(last), str(last + 1)}:  # noqa: PLR2004 - one range is no split
            return Step(parts, step.rest, step.rows)
        return Step(parts, id_ranges(int(after), greatest, ranges), step.rows)


def id_ranges(first: int, greatest: int, count: int) -> list[Span]:
    """Cut the ids from `first` on into ranges of equal width; the last has no end, for new contacts come there."""
    width = max((greatest - first) // count + 1, 1)
    starts = list(range(first, max(greatest, first) + 1, width))
    spans: list[Span] = [{"after": str(low), "end": low + width} for low in starts[:-1]]
    return [*spans, {"after": str(starts[-1])}]


def companies(reader: Reader, transport: Transport, people: People, odd: OddValues) -> Followed:
    """Return the stream of companies, whose changes reach their contacts without a word from them."""
    fields = people.fields
    objects = Objects(transport, "companies", tuple(dict.fromkeys(fields.company.values())))

    def parts(rows: Rows) -> dict[str, Any]:
        return {"accounts": frames.accounts(rows, fields.company, fields.types, odd)}

    return Followed(
        COMPANIES,
        reader,
        listing(objects, parts),
        Regrouped(people, objects, changes(objects, parts)).take,
        objects.count,
    )


@dataclass(frozen=True, slots=True)
class Regrouped:
    """Finds contacts that joined or left a company: HubSpot changes the company's count, but not the contact."""

    people: People
    companies: Objects
    change: Take

    def take(self, span: Span) -> Step:
        """Read changed companies; in the second look, also the contacts of those whose number of contacts changed."""
        step = self.change(span)
        if not span.get(SECOND):
            return step
        ids = self._regrouped(step.parts["accounts"]["account"].to_list(), int(span["low"]))
        rows = self.people.objects.read(sorted(self._members(ids)))
        return Step({**step.parts, **self.people.parts(rows)}, step.rest)

    def _regrouped(self, ids: Sequence[str], since: int) -> list[str]:
        return [
            one
            for start in range(0, len(ids), HISTORY_PAGE)
            for one in self._counted(ids[start : start + HISTORY_PAGE], since)
        ]

    def _counted(self, ids: Sequence[str], since: int) -> list[str]:
        body = {
            "inputs": [{"id": one} for one in ids],
            "properties": [],
            "propertiesWithHistory": ["num_associated_contacts"],
        }
        rows = self.companies.transport.post("read", body, type="companies")["results"]
        return [str(row["id"]) for row in rows if _changed_since(row, "num_associated_contacts", since)]

    def _members(self, ids: Sequence[str]) -> set[str]:
        return {
            contact
            for found in associated(self.companies.transport, "companies", "contacts", ids).values()
            for contact in found
        }


def _changed_since(row: Mapping[str, Any], name: str, since: int) -> bool:
    history = row["propertiesWithHistory"].get(name) or []  # absent where the portal lacks the property
    stamps = frames.times([entry.get("timestamp") for entry in history]).drop_nulls()
    return bool((stamps.dt.epoch("ms") >= since).any())


ASSOCIATIONS_PAGE: Final = 1000


def associated(transport: Transport, type_: str, to: str, ids: Sequence[str]) -> dict[str, list[str]]:
    """Return what objects are associated with, by id; objects without any are absent or have an empty list."""
    found: dict[str, list[str]] = {}
    trails: dict[str, Span] = {}
    inputs: list[dict[str, str]] = [{"id": one} for one in ids]
    while inputs:
        batch, inputs = inputs[:ASSOCIATIONS_PAGE], inputs[ASSOCIATIONS_PAGE:]
        for result in transport.post("associations", {"inputs": batch}, type=type_, to=to)["results"]:
            origin = str(result["from"]["id"])
            found.setdefault(origin, []).extend(str(one["toObjectId"]) for one in result["to"])
            if after := following(result):
                rest = onward(trails.get(origin, {}), after)
                trails[origin] = rest
                inputs.append({"id": origin, "after": after})
    return found
