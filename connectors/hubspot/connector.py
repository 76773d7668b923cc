"""The HubSpot connector."""

import logging
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import chain
from math import ceil
from threading import Event, Lock
from types import MappingProxyType
from typing import Any, Final

import polars as pl

from connectors import segments
from connectors.adopting import refuse_unknown
from connectors.base import Budget, ConfigurationError, Cost, Located, Unavailable
from connectors.endings import expiries
from connectors.hubspot import frames
from connectors.hubspot.access import AppToken, access
from connectors.hubspot.answers import NOT_FOUND, NotGranted, Rejected
from connectors.hubspot.bulk import job, pays
from connectors.hubspot.checking import Checker
from connectors.hubspot.contacts import CONTACTS
from connectors.hubspot.echoes import Echoes
from connectors.hubspot.endings import ENDINGS
from connectors.hubspot.endings import Connection as EndingUse
from connectors.hubspot.entrants import ONE_BY_ONE, Recipients
from connectors.hubspot.events import Campaigns
from connectors.hubspot.exporting import remove_leftovers
from connectors.hubspot.feed.journal import Journal
from connectors.hubspot.feed.listening import Listening
from connectors.hubspot.feed.rereading import Rereading
from connectors.hubspot.feed.subscriptions import Subscriptions
from connectors.hubspot.feed.watched import Watched, watched
from connectors.hubspot.importing import Importer
from connectors.hubspot.locating import Locator
from connectors.hubspot.mapping import Fields
from connectors.hubspot.objects import LIST_PAGE, Objects
from connectors.hubspot.open_leads import OpenLeads, known_of
from connectors.hubspot.overview import Overview
from connectors.hubspot.portal import Portal
from connectors.hubspot.provisioning import Provisioner
from connectors.hubspot.settings import HubSpotSettings
from connectors.hubspot.sources import Make, Sources
from connectors.hubspot.spans import Readers
from connectors.hubspot.streams import Followed, Reader, Repeated, Source
from connectors.hubspot.submissions import Forms
from connectors.hubspot.surveying import Surveying
from connectors.hubspot.targets import TARGETS, by_target
from connectors.hubspot.transport import Transport
from connectors.hubspot.windows import Windows
from connectors.hubspot.writing import BATCH, Writer
from connectors.odd import OddValues
from vocabulary.doing import Pool
from vocabulary.expiries import Expiry, of_servers
from vocabulary.feeds import Heard
from vocabulary.fields import FieldType
from vocabulary.findings import Finding
from vocabulary.links import ID, Links
from vocabulary.outputs import Of, Output
from vocabulary.pages import Cursor, Page, Stream
from vocabulary.provisioned import NOTHING_KNOWN, Known, Provisioned
from vocabulary.survey import Survey
from vocabulary.writes import Pushed, Row, Value

logger = logging.getLogger(__name__)
_CHECK_ATTEMPTS: Final = 3
"""Attempts per call during `check`, while a person is waiting, and of the feed."""
_FEED_SECONDS: Final = 8.0
"""Seconds that a call of the feed may take: with its attempts and pauses, about as long as it may be silent (`ALIVE`).

After that it fails, and is begun anew by whoever listens. Meanwhile the streams bring what is new.
"""


class HubSpot:
    """Reads contacts and their activities, and writes results to properties of contacts and companies. Thread-safe."""

    crm = "hubspot"

    def __init__(
        self,
        settings: HubSpotSettings,
        wanted: Mapping[str, FieldType],
        outputs: Sequence[Output],
        *,
        of_deals: Mapping[str, FieldType] = MappingProxyType({}),
        stop: Event | None = None,
        hurried: bool = False,
    ) -> None:
        """Connect for the wanted fields of leads and, `of_deals`, of deals.

        With `hurried`, `check` and the like report a host that cannot be reached at once, as a person is waiting.
        """
        self._settings, self._outputs, self._hurried = settings, outputs, hurried
        self._wanted, self._of_deals = wanted, of_deals
        self._stop = stop or Event()
        remove_leftovers()
        self._access = access(settings)
        self._transport = Transport(settings, self._stop, self._access)
        self._quick_calls = 0
        self._parallel = settings.limits.parallel
        self._pool = Pool(self._parallel, "hubspot")
        self._portal = Portal(self._transport, settings.activities)
        of_contacts = [output for output in outputs if output.of == "leads"]
        self._open_leads = OpenLeads(self._transport, self._pool, self._parallel, of_contacts)
        self._copies = settings.lead_object == "auto"
        self._echoes = {of: Echoes(self._milliseconds, of) for of in TARGETS}
        self._sources = self._make_sources()
        self._makers: dict[str, Make] = {stream.name: make for stream, make in self._sources.table()}
        self._made: dict[str, Source] = {}
        self._lately: dict[str, int] = {}
        self._making = Lock()
        self._denied: dict[str, str] = {}

    def check(self, known: Known = NOTHING_KNOWN, *, reads_only: bool = False) -> list[Finding]:
        """Check whether credentials, scopes, mapped properties and output properties allow a run, or only reading."""
        with self._quickly() as transport:
            portal = Portal(transport, self._settings.activities)
            outputs = None if reads_only else self._outputs
            ours = frozenset([*(output.name for output in self._outputs), *(name.rpartition(".")[2] for name in known)])
            checker = Checker(transport, self._settings, self._wanted, self._of_deals, outputs, portal, known, ours)
            return [*checker.findings(), *self._check_feed()]

    def overview(self) -> list[Finding]:
        """Return the kind that each form, event type and type of task becomes, and how many there are."""
        with self._quickly() as transport:
            portal = Portal(transport, self._settings.activities)
            overview = Overview(transport, self._settings, self._wanted, self._of_deals, portal)
            return [*overview.findings(), *self._told()]

    def survey(self) -> Survey:
        """Look at properties, forms, pages, stages and won deals, to draft settings and a scorecard."""
        with self._quickly() as transport:
            return Surveying(transport, self._settings, Portal(transport, self._settings.activities)).survey()

    @contextmanager
    def _quickly(self) -> Iterator[Transport]:
        """Yield a transport that gives up soon; its calls count too."""
        quick = Transport(self._settings, self._stop, self._access, attempts=_CHECK_ATTEMPTS, hurried=self._hurried)
        with self._counted(quick) as transport:
            yield transport

    @contextmanager
    def _counted(self, transport: Transport) -> Iterator[Transport]:
        """Yield a transport, whose calls count in the end, and close it."""
        try:
            yield transport
        finally:
            self._quick_calls += transport.budget().calls
            transport.close()

    def streams(self) -> Sequence[Stream]:
        """Return the streams to read, in the order a pass reads them."""
        return [stream for stream, _ in self._sources.table()]

    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        """Yield the pages after `cursor`, skipping activities that the portal or the token does not give access to."""
        try:
            yield from self._source(stream.name).pull(cursor)
            self._denied.pop(stream.name, None)
        except NotGranted as denial:
            self._denied[stream.name] = f"{denial.wrong} {denial.remedy}".strip()
            if stream.fields or (stream.deals and self._sources.fields.deal):
                raise
            logger.warning("%s are not read: %s", stream.label.capitalize(), denial)

    def pull_for(self, stream: Stream, leads: Sequence[str]) -> Iterator[Page]:
        """Yield what a stream has about contacts that are new to the mirror."""
        try:
            of_leads = self._source(stream.name).of_leads
            for parts in of_leads(leads) if of_leads else ():
                yield Page(stream.name, {}, aside=True, **parts)
        except NotGranted as denial:
            logger.debug("%s are not read: %s", stream.label.capitalize(), denial)

    def read_leads(self, leads: Sequence[str]) -> Iterator[Page]:
        """Yield these contacts as they are now."""
        people = self._sources.people
        for start in range(0, len(leads), LIST_PAGE):
            rows = people.objects.read(leads[start : start + LIST_PAGE])
            yield Page(CONTACTS.name, {}, aside=True, **people.parts(rows))

    def present(self, stream: Stream, since: datetime | None) -> Iterator[Page]:
        """Yield which records of a stream there are, and of whom; nothing if the token may not read them."""
        source = self._source(stream.name)
        if isinstance(source, Followed | Repeated):
            try:
                yield from source.present(since)
            except NotGranted as denial:
                logger.debug("%s are not read: %s", stream.label.capitalize(), denial)

    def read_again(self, stream: Stream, records: Sequence[str], since: datetime | None) -> Iterator[Page]:  # noqa: ARG002 - engagements have no parents
        """Yield these engagements with their contacts."""
        source = self._source(stream.name)
        if records and isinstance(source, Followed) and source.again:
            for _, parts in source.again(records):
                yield Page(stream.name, {}, aside=True, **parts)

    def lists_instead(self, stream: Stream, leads: int) -> bool:
        """Return whether a stream is listed again, because it is read one contact at a time and they are many."""
        return leads > ONE_BY_ONE and self._sources.is_read_one_by_one(stream)

    def _told(self) -> Iterator[Finding]:
        """Yield which streams HubSpot tells of as they change, and which only passes bring; nothing without an app."""
        if self._settings.feed is None:
            return
        watching = watched(self._sources)
        told = {*(one.stream for one in watching.records), *(stream for _, stream in watching.hints)}
        split = {
            is_told: [one.label for one in self.streams() if (one.name in told) == is_told] for is_told in (True, False)
        }
        message = f"HubSpot tells of {', '.join(split[True])} as they change; passes bring {', '.join(split[False])}."
        yield Finding("note", "feed", message)

    def _check_feed(self) -> Iterator[Finding]:
        """Yield whether the app may read the journal, and what is not subscribed yet; nothing where no app is named."""
        if self._settings.feed is None:
            return
        try:
            with self._of_app() as transport:
                journal, subscriptions = self._journal(transport)
                journal.latest()
                lacking = subscriptions.lacking()
        except (ConfigurationError, Unavailable) as problem:
            message = f"HubSpot tells of no changes as they happen, so they wait for the next pass. {problem.wrong}"
            yield Finding("warning", "feed", message, problem.remedy)
            return
        if lacking:
            message = (
                f"Not subscribed to: {', '.join(lacking)}. The daemon asks for it when it begins to listen; what"
                " HubSpot refuses then is in its log."
            )
            yield Finding("note", "feed", message)

    def listen(self, cursor: Cursor | None) -> Iterator[Heard]:
        """Yield what HubSpot's webhooks journal tells after the cursor."""
        with self._of_app() as transport:
            yield from Listening(transport, *self._journal(transport), self._milliseconds).listen(cursor)

    def _journal(self, transport: Transport) -> tuple[Journal, Subscriptions]:
        portal = self.account_id()
        return Journal(transport, portal), Subscriptions(transport, portal, partial(watched, self._sources))

    def read_due(self, due: pl.DataFrame) -> Iterator[Page]:
        """Yield what is due as it is now."""
        sources = self._sources
        rereading = Rereading(
            *(self._transport, sources.people, self.streams(), self._source, self.pull_for, sources.recipients),
            self._lately,
        )
        yield from rereading.read(due)

    def floods(self, rows: int) -> bool:  # noqa: ARG002 - however many they are
        """Return False: the journal tells of subscribed properties alone, and none is subscribed that we write.

        It is exempt from the limits of the day: https://github.com/HubSpot/HubSpot-public-api-spec-collection (2026-11,
        `webhooksJournal.json`, `x-hubspot-rate-limit-exemptions`).
        """
        return False

    def watched(self) -> Watched:
        """Return what is watched, by which the events of a webhook make something due (`pushed.due_of`)."""
        return watched(self._sources)

    def account_id(self) -> int:
        """Return the id of the account that the token belongs to: its portal, by which events name it."""
        return int(self._transport.account()["portalId"])

    @contextmanager
    def _of_app(self) -> Iterator[Transport]:
        """Yield a transport with the token of the app, which gives up soon; its calls count too."""
        feed = self._settings.feed
        if feed is None:
            raise ConfigurationError(
                "HubSpot tells of changes as they happen only to an app of the developer platform, and none is named.",
                remedy="Add `feed: {client_id: …, client_secret: {env: NAME}}` to the connection (docs/hubspot.md), or"
                " set `schedule: {feed: off}`.",
            )
        seconds = min(self._settings.call_timeout, _FEED_SECONDS)
        settings = self._settings.model_copy(update={"call_timeout": seconds})
        quick = Transport(settings, self._stop, AppToken(feed), attempts=_CHECK_ATTEMPTS, longest=2 * _FEED_SECONDS)
        with self._counted(quick) as transport:
            yield transport

    def provision(
        self,
        outputs: Sequence[Output],
        known: Known = NOTHING_KNOWN,
        *,
        adopt: Collection[str] = (),
        dry_run: bool = False,
    ) -> list[Provisioned]:
        """Create the output properties, or add options to them."""
        refuse_unknown(adopt, [output.name for output in outputs])
        done = [
            one
            for target, some in by_target(outputs)
            for one in Provisioner(self._transport, target.type).provision(some, known, adopt, dry_run=dry_run)
        ]
        of_contacts = [output for output in outputs if output.of == "leads" and not output.by_sales]
        copies = self._open_leads.provision(of_contacts, known, adopt, dry_run=dry_run) if self._copies else ()
        return [*done, *copies]

    def remove(
        self, outputs: Sequence[Output], known: Known = NOTHING_KNOWN, *, dry_run: bool = False
    ) -> list[Provisioned]:
        """Archive the output properties that leadgauge made."""
        done = [
            one
            for target, some in by_target(outputs)
            for one in Provisioner(self._transport, target.type).remove(some, known, dry_run=dry_run)
        ]
        copied = [output for output in outputs if output.name in known_of(known)]
        return [*done, *(self._open_leads.remove(copied, known, dry_run=dry_run) if copied else ())]

    def push(self, rows: Sequence[Row], of: Of = "leads") -> Iterator[Sequence[Pushed]]:
        """Write rows and yield the answers batch by batch as they arrive."""
        decimals = {output.name: output.decimals for output in self._outputs}
        writer = Writer(self._transport, self._pool, self._parallel, decimals, TARGETS[of])
        began = time.monotonic()
        try:
            imported = self._import_pays(len(rows))
            answers = Importer(self._transport, writer).push(rows) if imported else writer.push(rows)
            yield from self._open_leads.along(rows, answers) if of == "leads" and self._copies else answers
        finally:
            if self.clock_offset() is not None:  # else HubSpot answered nothing, and so took nothing
                self._echoes[of].wrote(rows, time.monotonic() - began)

    def read(self, ids: Sequence[str], outputs: Sequence[str], of: Of = "leads") -> Mapping[str, Mapping[str, Value]]:
        """Return the current values of the output properties, omitting contacts or companies that do not exist."""
        objects = Objects(self._transport, TARGETS[of].type, tuple(outputs))
        batches = [ids[start : start + LIST_PAGE] for start in range(0, len(ids), LIST_PAGE)]
        rows = [row for found in self._pool.map(objects.read, batches) for row in found]
        return {str(row["id"]): self._values(row["properties"], outputs) for row in rows}

    def locate(self, leads: Sequence[str], controls: Sequence[str] = ()) -> Mapping[str, Located]:
        """Return where contacts are that a listing did not include."""
        return Locator(self._transport).locate(leads, controls)

    def find(self, address: str) -> str | None:
        """Return the id of the contact with this e-mail address."""
        try:
            found = self._transport.get("object", [("idProperty", "email")], type="contacts", id=address)
        except Rejected as rejected:
            if rejected.complaint.status != NOT_FOUND:
                raise
            return None
        return str(found["id"])

    def names(self, ids: Sequence[str], of: Of = "leads") -> Mapping[str, str]:
        """Return the names of contacts, or the address of one without a name, or the names of companies."""
        target = TARGETS[of]
        with self._quickly() as transport:
            rows = Objects(transport, target.type, tuple(chain(*target.names))).read(list(dict.fromkeys(ids)))
        said = {str(row["id"]): target.name_of(row["properties"]) for row in rows}
        return {id_: name for id_, name in said.items() if name}

    def links(self) -> Links:
        """Return the URLs of the pages of contacts and companies."""
        account = self._transport.account()
        domain, portal = account.get("uiDomain"), account.get("portalId")
        if not (domain and portal):
            return Links()
        pages = {of: {"": f"https://{domain}/contacts/{portal}/record/{one.id}/{ID}"} for of, one in TARGETS.items()}
        return Links(pages["leads"], pages["accounts"])

    def budget(self) -> Budget:
        """Return the calls made so far and what is left of the day."""
        budget = self._transport.budget()
        return replace(budget, calls=budget.calls + self._quick_calls)

    def expiries(self) -> Sequence[Expiry]:
        """Return when certificates of the hosts that were called end, and paths of the API that are in use."""
        use = EndingUse(self._settings, self._portal)
        return [*of_servers(self._transport.certificates), *expiries(ENDINGS, use)]

    def currency(self) -> str | None:
        """Return the currency of the account; None where deals may have others.

        `amount` is in the currency of the deal: `checking.Checker` says what to map then.
        """
        account = self._transport.account()
        mixed = account.get("additionalCurrencies") and "amount" in self._settings.deals.values()
        return None if mixed else account.get("companyCurrency")

    def unread(self) -> Mapping[str, str]:
        """Return which streams the portal or the token did not give access to in the last pull, and why."""
        return dict(self._denied)

    def clock_offset(self) -> timedelta | None:
        """Return HubSpot's clock minus this machine's, according to its last answer."""
        return self._transport.clock_offset()

    def cost_of_push(self, rows: int) -> Cost:
        """Estimate the cost of writing this number of rows."""
        return job(rows) if self._import_pays(rows) else self._cost_of_batches(rows)

    def rest(self) -> None:
        """Let go of idle threads and sockets."""
        self._pool.rest()
        self._transport.close()

    def close(self) -> None:
        """Release threads and connections."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._transport.close()

    def _import_pays(self, rows: int) -> bool:
        choice, least = self._settings.imports, self._settings.import_above
        return rows > 0 and pays(choice, rows, least, self._cost_of_batches(rows), self._transport.left_today)

    def _cost_of_batches(self, rows: int) -> Cost:
        calls = ceil(rows / BATCH)
        return Cost(calls, calls / self._transport.calls_per_second)

    def _make_sources(self) -> Sources:
        transport = self._transport
        readers = Readers(self._pool, self._parallel, transport.timing)
        reader = Reader(readers, Windows.of(self._settings), self._milliseconds, self._settings.listing_gap)
        fields = Fields.of(self._settings, self._wanted, self._of_deals)
        names = Forms(transport), Campaigns(transport)
        kept = OddValues(), Recipients(transport)
        lists = segments.named(self._settings.member_of, self._wanted)
        return Sources(
            transport,
            self._settings,
            fields,
            reader,
            self._portal,
            *names,
            *kept,
            self._echoes,
            lists,
            self._outputs,
            self._open_leads,
        )

    def _milliseconds(self) -> int:
        return int(self._transport.now().timestamp() * 1000)

    def _source(self, name: str) -> Source:
        with self._making:
            if name not in self._made:
                self._made[name] = self._makers[name]()
            return self._made[name]

    def _values(self, found: Mapping[str, Any], outputs: Sequence[str]) -> dict[str, Value]:
        types = {output.name: output.type for output in self._outputs}
        return {name: _value(found.get(name), types.get(name, "text")) for name in outputs}


def _value(text: Any, type_: str) -> Value:
    """Parse a property as the value that was written."""
    if text is None or text == "":
        return None
    match type_:
        case "number":
            return float(text)
        case "time":
            stamp: Value = frames.times([text])[0]
            return stamp
        case _:
            return str(text)
