"""Contacts, the leads, and companies, their accounts."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from connectors.hubspot import frames
from connectors.hubspot.answers import following
from connectors.hubspot.derived import Derived
from connectors.hubspot.echoes import Echoes, without_echoes
from connectors.hubspot.exporting import Export
from connectors.hubspot.history import Past, of_feedback
from connectors.hubspot.mapping import Fields, properties_of
from connectors.hubspot.objects import HISTORY_PAGE, LIST_PAGE, MERGED, Objects, Rows, changes, listing
from connectors.hubspot.settings import HubSpotSettings
from connectors.hubspot.spans import Span, Step, onward
from connectors.hubspot.streams import Followed, Reader, Take
from connectors.hubspot.transport import Transport
from connectors.hubspot.windows import SECOND
from connectors.odd import OddValues
from vocabulary.outputs import Output
from vocabulary.pages import ACCOUNTS_OF, Stream
from vocabulary.rows import OUTCOMES

CONTACTS: Final = Stream("contacts", "contacts", lists=True, fields=True)
COMPANIES: Final = Stream("companies", "companies", fields=True, compared=ACCOUNTS_OF, compares="accounts")
OWN: Final = (
    "email",
    "hs_additional_emails",
    "createdate",
    "associatedcompanyid",
    *MERGED["contacts"],
)
"""Contact properties that are always read.

A person may have further addresses: those that somebody added, and those of contacts that were merged into this one:
https://developers.hubspot.com/docs/api-reference/legacy/crm/objects/contacts/v1/get-contacts-v1-secondary-email-v-id
(2026-11).
"""
_WASTE: Final = 0.03
"""Share of a listing's calls that reading it in ranges may waste, at one incomplete page per range."""
_MOST_RANGES: Final = 64


@dataclass(frozen=True, slots=True)
class People:
    """Converts rows of contacts into the parts of a page."""

    objects: Objects
    fields: Fields
    derived: Derived
    customer: str | None
    odd: OddValues
    outputs: Sequence[Output] = ()
    feedback: Past | None = None
    """Reads when sales said what."""

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
        """Read the contact properties that the settings name, and our output properties."""
        customer = settings.outcomes.customer
        named = (*OWN, *properties_of(fields.contact), *derived.properties, *filter(None, [customer]))
        properties = dict.fromkeys((*named, *(output.name for output in outputs)))
        # Contacts are the only object whose modification time is not called `hs_lastmodifieddate`:
        # https://developers.hubspot.com/docs/api/crm/search (2026-11).
        objects = Objects(transport, "contacts", tuple(properties), "lastmodifieddate")
        said = of_feedback(transport, settings, fields)
        return cls(objects, fields, derived, customer, odd, outputs, said)

    def parts(self, rows: Rows) -> dict[str, Any]:
        """Return leads, current output values, merges, derived activities and conversions of a page of contacts."""
        outcomes = self._outcomes(rows)
        return {
            "leads": frames.leads(rows, self.fields, self.odd),
            "addresses": frames.addresses(rows),
            "outputs": frames.outputs(rows, self.outputs),
            "merged": merges(rows),
            "activities": self.derived.activities(rows),
            "outcomes": outcomes,
            "gone_outcomes": self._taken_back(rows, outcomes),
            **({} if self.feedback is None else {"history": self.feedback.of_rows(rows)}),
        }

    def _taken_back(self, rows: Rows, outcomes: pl.DataFrame) -> list[tuple[str, str]]:
        """Return the conversions of contacts whose date of conversion is empty: it may have been cleared."""
        held = set(outcomes["lead"])
        leads = [str(row["id"]) for row in rows] if self.customer else []
        return [(lead, f"customer:{lead}") for lead in leads if lead not in held]

    def _outcomes(self, rows: Rows) -> pl.DataFrame:
        if not self.customer:
            return OUTCOMES.to_frame()
        won = [(str(row["id"]), at) for row in rows if (at := row["properties"].get(self.customer))]
        ids = [lead for lead, _ in won]
        columns = {
            "lead": ids,
            "id": [f"customer:{lead}" for lead in ids],
            "outcome": ["customer"] * len(won),
            "occurred_at": frames.times([at for _, at in won]),
        }
        return pl.DataFrame(columns, OUTCOMES).drop_nulls("occurred_at")


def merges(rows: Rows) -> dict[str, str]:
    """Map merged contacts to their survivors, according to the survivors.

    Survivors list the ids in `hs_merged_object_ids` ("1;2") and `hs_calculated_merged_vids` ("1:milliseconds;2:…").
    """
    return {old: str(row["id"]) for row in rows for old in _merged_into(row) if old != str(row["id"])}


def _merged_into(row: Mapping[str, Any]) -> Sequence[str]:
    found = row["properties"]
    named = f"{found.get('hs_merged_object_ids') or ''};{found.get('hs_calculated_merged_vids') or ''}"
    return [entry.partition(":")[0].strip() for entry in named.split(";") if entry.strip()]


def contacts(reader: Reader, people: People, prefer_export: Callable[[int], bool], echoes: Echoes) -> Followed:
    """Return the stream of contacts. `prefer_export` decides by their number; `echoes` are our own writes."""
    page, export = listing(people.objects, people.parts), Export(people.objects, people.parts)
    everyone = Everyone(page, export, prefer_export)
    changed = without_echoes(echoes, people.objects, changes(people.objects, people.parts))
    return Followed(CONTACTS, reader, everyone.take, changed, people.objects.count)


@dataclass(frozen=True, slots=True)
class Everyone:
    """Lists all contacts in the cheapest way: page by page, in parallel ranges of ids, or as an export."""

    page: Take
    export: Export
    prefer_export: Callable[[int], bool]

    def take(self, span: Span) -> Step:
        """Read a page. After the first one, decide how to continue."""
        if "task" in span:
            return self.export.take(span)
        step = self.page(span)
        return self._go_on(step) if "after" not in span and step.rest else step

    def _go_on(self, step: Step) -> Step:
        total, greatest = self.export.objects.extent()
        parts = {**step.parts, "total": total}
        if self.prefer_export(total):
            return Step(parts, [{"task": None}])
        # Ranges need `after` to be an id. It is opaque by contract; in practice it is the last id, or that plus one.
        after, last = str(step.rest[0]["after"]), int(step.parts["leads"]["lead"][-1])
        ranges = min(round(total / LIST_PAGE * _WASTE), _MOST_RANGES)
        if ranges < 2 or after not in {str(last), str(last + 1)}:  # noqa: PLR2004 - one range is no split
            return Step(parts, step.rest, step.rows)
        return Step(parts, id_ranges(int(after), greatest, ranges), step.rows)


def id_ranges(first: int, greatest: int, count: int) -> list[Span]:
    """Split the ids from `first` on into ranges of equal width. The last is open-ended, to include new contacts."""
    width = max((greatest - first) // count + 1, 1)
    starts = list(range(first, max(greatest, first) + 1, width))
    spans: list[Span] = [{"after": str(low), "end": low + width} for low in starts[:-1]]
    return [*spans, {"after": str(starts[-1])}]


def companies(reader: Reader, people: People, odd: OddValues, outputs: Sequence[Output], echoes: Echoes) -> Followed:
    """Return the stream of companies, whose changes do not modify their contacts. `echoes` are our own writes."""
    fields, transport = people.fields, people.objects.transport
    named = (*properties_of(fields.company), "hs_merged_object_ids", *(output.name for output in outputs))
    objects = Objects(transport, "companies", tuple(dict.fromkeys(named)))

    def parts(rows: Rows) -> dict[str, Any]:
        return {
            "accounts": frames.accounts(rows, fields, odd),
            "account_outputs": frames.outputs(rows, outputs),
            "merged_accounts": merges(rows),
        }

    changed = changes(objects, parts)

    def again(records: Sequence[str]) -> Iterator[tuple[list[str], dict[str, Any]]]:
        rows = objects.read([record.partition(":")[2] for record in records])
        yield [str(row["id"]) for row in rows], parts(rows)

    return Followed(
        COMPANIES,
        reader,
        listing(objects, parts),
        Regrouped(people, objects, without_echoes(echoes, objects, changed), changed).take,
        objects.count,
        ids=lambda _since: listing(Objects(transport, "companies", ()), _present),
        again=again,
    )


def _present(rows: Rows) -> dict[str, Any]:
    """Return which companies there are: one that lost a merge to one that was then deleted is in no bin."""
    return {"present": frames.records(f"{ACCOUNTS_OF}:{row['id']}" for row in rows)}


@dataclass(frozen=True, slots=True)
class Regrouped:
    """Finds contacts that joined or left a company: whoever is not among its contacts any more has left it.

    An association change does not modify the contact (reported for engagements:
    https://github.com/airbytehq/airbyte/issues/27199), but it changes the company's `num_associated_contacts`.
    """

    people: People
    companies: Objects
    first: Take
    again: Take
    """Also reads the companies that we wrote, since our write hides the time of another change."""

    def take(self, span: Span) -> Step:
        """Read changed companies and, on the second read, the contacts of those whose number of contacts changed."""
        if not span.get(SECOND):
            return self.first(span)
        step = self.again(span)
        ids = self._regrouped(step.parts["accounts"]["account"].to_list(), int(span["low"]))
        found = associated(self.companies.transport, "companies", "contacts", ids)
        members = {one: found.get(one, []) for one in ids}
        rows = self.people.objects.read(sorted({lead for people in members.values() for lead in people}))
        return Step({**step.parts, **self.people.parts(rows), "members": members}, step.rest)

    def _regrouped(self, ids: Sequence[str], since: int) -> list[str]:
        return [
            one
            for start in range(0, len(ids), HISTORY_PAGE)
            for one in self._counted(ids[start : start + HISTORY_PAGE], since)
        ]

    def _counted(self, ids: Sequence[str], since: int) -> list[str]:
        body = {
            "inputs": [{"id": one} for one in ids],
            "properties": MERGED["companies"],
            "propertiesWithHistory": ["num_associated_contacts"],
        }
        rows = self.companies.transport.post("read", body, type="companies")["results"]
        return [str(row["id"]) for row in rows if _changed_since(row, "num_associated_contacts", since)]


def _changed_since(row: Mapping[str, Any], name: str, since: int) -> bool:
    history = row["propertiesWithHistory"].get(name) or []  # absent if the portal lacks the property
    stamps = frames.times([entry.get("timestamp") for entry in history]).drop_nulls()
    return bool((stamps.dt.epoch("ms") >= since).any())


# "May not exceed 1000 IDs per request body":
# https://developers.hubspot.com/changelog/bug-fix-batch-read-limit-for-hubspot-associations-api (2026-11).
ASSOCIATIONS_PAGE: Final = 1000


def associated(transport: Transport, type_: str, to: str, ids: Sequence[str]) -> dict[str, list[str]]:
    """Return the associated ids by object id. Objects without associations are absent or have an empty list.

    HubSpot reports objects without associations as errors or omits them; ids in `to` are numbers, elsewhere strings:
    https://developers.hubspot.com/docs/api-reference/legacy/crm/associations/associate-records/batch/get-associations
    (2026-11).
    """
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
