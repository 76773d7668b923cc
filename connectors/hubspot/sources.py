"""The table of streams: which ones the settings enable, and how each is built."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import ceil
from typing import Final

from connectors import segments
from connectors.base import Cost
from connectors.hubspot import deals
from connectors.hubspot.bulk import pays
from connectors.hubspot.contacts import COMPANIES, CONTACTS, People, companies, contacts
from connectors.hubspot.deletions import DELETIONS, Deletions, RecycleBin
from connectors.hubspot.derived import Derived
from connectors.hubspot.echoes import Echoes
from connectors.hubspot.engagements import ENGAGEMENTS, Engagement, engagements, inline
from connectors.hubspot.entrants import Recipients
from connectors.hubspot.events import Campaigns, Email, Web, email_events, web_events
from connectors.hubspot.history import HISTORY, history
from connectors.hubspot.kinds import KindsOf, form_kinds, page_kinds
from connectors.hubspot.mapping import Fields
from connectors.hubspot.objects import LIST_PAGE
from connectors.hubspot.open_leads import OpenLeads, stream
from connectors.hubspot.plans import planned
from connectors.hubspot.portal import FORM_EVENT, PAGE_EVENT, Portal, switched_on
from connectors.hubspot.segments import Lists
from connectors.hubspot.settings import HubSpotSettings
from connectors.hubspot.streams import Reader, Source
from connectors.hubspot.submissions import FORMS, Forms, Submissions, submissions
from connectors.hubspot.transport import Transport
from connectors.hubspot.windows import Relook
from connectors.marked import sources as marked_sources
from connectors.odd import OddValues
from vocabulary.outputs import Of, Output
from vocabulary.pages import Stream

Make = Callable[[], Source]
_EVENT_LABELS: Final[Mapping[str, str]] = {PAGE_EVENT: "page views", FORM_EVENT: "form submissions (events)"}
_EMAIL_LABELS: Final[Mapping[str, str]] = {
    "OPEN": "email opens",
    "CLICK": "email clicks",
    "BOUNCE": "email bounces",
    "SPAMREPORT": "spam reports",
    "STATUSCHANGE": "unsubscribes",
}


@dataclass(frozen=True, slots=True)
class Sources:
    """Builds streams when they are pulled, because that may require calls to find out what the portal provides."""

    transport: Transport
    settings: HubSpotSettings
    fields: Fields
    reader: Reader
    portal: Portal
    forms: Forms
    campaigns: Campaigns
    odd: OddValues
    recipients: Recipients
    echoes: Mapping[Of, Echoes]
    segments: Sequence[str]
    """The lists whose members are read, as the settings name them."""
    outputs: Sequence[Output]
    """Our own properties, which are read along with contacts and companies."""
    open_leads: OpenLeads

    def table(self) -> list[tuple[Stream, Make]]:
        """Return every enabled stream, in the order a pass reads them, with what it is read with."""
        return [(planned(self.settings, stream), make) for stream, make in self._plain()]

    def _plain(self) -> list[tuple[Stream, Make]]:
        return [
            *([(self._of_companies, self._companies)] if self.reads_companies else []),
            (CONTACTS, self._contacts),
            *self._events(),
            *self._email_events(),
            *([(FORMS, self._forms)] if self.settings.activities.forms else []),
            *self._in_own_modules(),
            *((one.stream, partial(self._engagement, one)) for one in self._engagements()),
            *([(deals.STREAM, self._deals)] if self.reads_deals else []),
            *([(segments.STREAM, self._segments)] if self.segments else []),
            *([(stream(self._outputs("leads")), self._open_leads)] if self.settings.lead_object == "auto" else []),
            *([(HISTORY, self._history)] if self.settings.history and self.fields.contact else []),
            (DELETIONS, self._deletions),
        ]

    @property
    def people(self) -> People:
        """How contacts are read."""
        derived = Derived.without(self.portal.misses, self._of_page(), self._of_form())
        return People.of(self.transport, self.settings, self.fields, derived, self.odd, self._outputs("leads"))

    @property
    def reads_companies(self) -> bool:
        """Whether companies are read: for fields of theirs, or because results are written to them."""
        return bool(self.fields.company or self._outputs("accounts"))

    @property
    def _of_companies(self) -> Stream:
        """The stream of companies; only a full listing shows that somebody else changed our properties."""
        return replace(COMPANIES, relisted=bool(self._outputs("accounts")))

    def _outputs(self, of: Of) -> list[Output]:
        return [output for output in self.outputs if output.of == of]

    @property
    def since(self) -> int:
        """Milliseconds that the first pull looks back."""
        return round(self.settings.activities.since.total_seconds() * 1000)

    @property
    def full_reads(self) -> int:
        """Milliseconds between two reads of what HubSpot can only list in full."""
        return round(self.settings.full_reads_every.total_seconds() * 1000)

    def is_read_one_by_one(self, stream: Stream) -> bool:
        """Return whether HubSpot has to be asked for each contact, or form, on its own."""
        alone = [one.name for one, _ in (*self._events(), *self._email_events(), *self._in_own_modules())]
        return stream.name in {FORMS.name, *alone}

    def _engagements(self) -> list[Engagement]:
        return [one for one in ENGAGEMENTS if one.wanted(self.settings.activities)]

    def _of_page(self, kind: str = "page_view") -> KindsOf:
        return page_kinds(self.settings.activities.by_page, kind)

    def _of_form(self, kind: str = "form_submit") -> KindsOf:
        return form_kinds(self.settings.activities.by_form, kind)

    def _kind_of(self, event: str, kind: str) -> KindsOf:
        match event:
            case "e_visited_page":
                return self._of_page(kind)
            case "e_form_submission_v2":
                return self._of_form(kind)
            case _:
                return page_kinds((), kind)

    def _companies(self) -> Source:
        return companies(self.reader, self.people, self.odd, self._outputs("accounts"), self.echoes["accounts"])

    def _contacts(self) -> Source:
        return contacts(self.reader, self.people, self._export_pays, self.echoes["leads"])

    def _export_pays(self, total: int) -> bool:
        pages = ceil(total / LIST_PAGE)
        calls = Cost(pages, pages / self.transport.calls_per_second)
        return pays(self.settings.exports, total, self.settings.export_above, calls, self.transport.left_today)

    def _events(self) -> list[tuple[Stream, Make]]:
        wanted = switched_on(self.settings.activities.events)
        return [
            (
                stream := Stream(f"events.{event}", _EVENT_LABELS.get(event, event)),
                partial(self._web, stream, event, kind),
            )
            for event, kind in wanted.items()
        ]

    def _web(self, stream: Stream, event: str, kind: str) -> Source:
        web = Web(self.transport, event, self._kind_of(event, kind), self.forms.name)
        return web_events(self.reader, stream, web, self.since)

    def _email_events(self) -> list[tuple[Stream, Make]]:
        wanted = switched_on(self.settings.activities.email_events)
        streams = {type_: Stream(f"email_events.{type_}", _EMAIL_LABELS[type_]) for type_ in wanted}
        return [(streams[type_], partial(self._email, streams[type_], type_, kind)) for type_, kind in wanted.items()]

    def _email(self, stream: Stream, type_: str, kind: str) -> Source:
        source = Email(self.transport, type_, kind, self.campaigns)
        return email_events(self.reader, stream, source, self.since, self.recipients)

    def _forms(self) -> Source:
        overlap = self.reader.windows.overlap
        source = Submissions(self.transport, self.portal, self.forms, self._of_form(), overlap, self.since)
        return submissions(self.reader, source, self.full_reads)

    def _in_own_modules(self) -> list[tuple[Stream, Make]]:
        marked = marked_sources(self.settings.activities)
        return [entry for _, value, source in marked for entry in source.streams(self, value)]

    def _engagement(self, engagement: Engagement) -> Source:
        relook = Relook.of(self.settings)
        return engagements(self.reader, self.transport, self.settings.activities, engagement, relook)

    @property
    def reads_deals(self) -> bool:
        """Whether deals are read, for figures or as conversions."""
        return bool(self.fields.deal or self.settings.outcomes.opportunities)

    def _deals(self) -> Source:
        made = deals.Deals(self.transport, self.fields, self.odd, self.settings.outcomes.opportunities)
        return made.stream(self.reader, partial(inline, self.transport, "deals"), Relook.of(self.settings))

    def _segments(self) -> Source:
        return segments.Segments(Lists(self.transport, self.reader.now), self.segments, self.reader.gap)

    def _open_leads(self) -> Source:
        return self.open_leads.source(self.reader)

    def _history(self) -> Source:
        return history(self.reader, self.transport, self.fields)

    def _deletions(self) -> Source:
        marked = marked_sources(self.settings.activities)
        types = ["contacts", *(["companies"] if self.reads_companies else [])]
        types += ["deals"] if self.reads_deals else []
        types += [one.type for one in self._engagements() if one.archive]
        types += [source.deleted for _, value, source in marked if source.deleted and source.wanted(value)]
        every = round(self.settings.deletions_every.total_seconds() * 1000)
        return Deletions(self.reader, RecycleBin(self.transport, types), every)
