"""The Salesforce connector."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from threading import Event
from types import MappingProxyType

import polars as pl

from connectors import segments
from connectors.base import Budget, ConfigurationError, Cost, Located
from connectors.endings import expiries
from connectors.odd import OddValues
from connectors.salesforce import rest
from connectors.salesforce.activities import built_in, declared
from connectors.salesforce.campaigns import GAP, Campaigns
from connectors.salesforce.checking import Checking
from connectors.salesforce.describe import Descriptions
from connectors.salesforce.endings import ENDINGS
from connectors.salesforce.entrants import MANY, Entrants
from connectors.salesforce.errors import NOT_THERE, Rejected
from connectors.salesforce.expiring import of_sign_in
from connectors.salesforce.feed.allocation import Allocation
from connectors.salesforce.feed.channel import Channel
from connectors.salesforce.feed.checking import FeedChecking
from connectors.salesforce.feed.concerns import Concern, chosen, concerns
from connectors.salesforce.feed.extra import need_extra
from connectors.salesforce.fields import field_name, from_text
from connectors.salesforce.history import history
from connectors.salesforce.locating import Locator
from connectors.salesforce.money import Money, Rates
from connectors.salesforce.opportunities import mapped_on_deals, opportunities
from connectors.salesforce.overview import Overview
from connectors.salesforce.pardot import PardotPull
from connectors.salesforce.parts import DAYS, TIMES, PartById, StreamObject, of_parent
from connectors.salesforce.people import (
    KEY_PREFIXES,
    KINDS,
    Kind,
    Mapped,
    Target,
    accounts,
    mapped,
    mapped_on_accounts,
    people,
    target_of,
    targets,
)
from connectors.salesforce.plans import planned
from connectors.salesforce.provisioning import Provisioning
from connectors.salesforce.pulling import Pull
from connectors.salesforce.session import Session
from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.soql import Query, all_of, in_chunks, literal, one_of
from connectors.salesforce.surveying import Surveying
from connectors.salesforce.writing import Writer
from vocabulary.expiries import Expiry, of_servers
from vocabulary.feeds import Heard
from vocabulary.fields import FieldType
from vocabulary.findings import Finding
from vocabulary.links import ID, Links
from vocabulary.outputs import Of, Output
from vocabulary.pages import ACCOUNTS_OF, Cursor, Page, Stream
from vocabulary.provisioned import NOTHING_KNOWN, Known, Provisioned
from vocabulary.survey import Survey
from vocabulary.writes import Pushed, Row, Value

ACCOUNTS = Stream("accounts", "Accounts", fields=True, compared=ACCOUNTS_OF, compares="accounts")
LEADS = Stream("leads", "Contacts and leads", lists=True, fields=True, compared="conversion", compares="outcomes")
OPPORTUNITIES = Stream("opportunities", "Opportunities", deals=True, compared="opportunity", compares="deals")
HISTORY = Stream("history", "Field history", fields=True)
PARDOT = Stream("pardot", "Account Engagement activities", by_lead=False)
_SCORED: tuple[Of, ...] = ("leads", "accounts")
_UNFOLLOWED = frozenset({HISTORY.name, PARDOT.name, segments.STREAM.name})
"""Streams that no change event tells of."""


class Salesforce:
    """Reads leads, contacts and their activities from one org, and writes results to them and to accounts."""

    crm = "salesforce"

    def __init__(
        self,
        settings: SalesforceSettings,
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
        self._settings, self._wanted, self._of_deals = settings, wanted, of_deals
        self._odd = OddValues()
        self._corporate: str | None = None
        self._pulled: dict[str, set[str]] = {}
        self._outputs = {output.name: output for output in outputs}
        self._session = Session(settings, stop or Event(), hurried=hurried)
        self._descriptions = Descriptions(self._session)
        self._money = Money(self._session, self._descriptions)
        campaigns = segments.named(settings.member_of, wanted)
        self._segments = segments.Segments(Campaigns(self._session), campaigns, GAP)

    def check(self, known: Known = NOTHING_KNOWN, *, reads_only: bool = False) -> list[Finding]:
        """Check whether credentials, permissions, mapped fields and output fields allow a run, or only reading."""
        self._descriptions.forget()
        outputs = [] if reads_only else list(self._outputs.values())
        named = [*(field_name(one) for one in self._outputs), *(one.rpartition(".")[2] for one in known)]
        ours = frozenset(one.lower() for one in named)
        checking = Checking(self._session, self._descriptions, self._wanted, self._of_deals, outputs, known, ours)
        with self._session.briefly():
            findings = checking.findings()
            if not self._session.is_signed_in:
                return findings
            pardot = self._pardot()
            return [*findings, *(pardot.check() if pardot else ()), *self._of_feed()]

    def overview(self) -> list[Finding]:
        """Return the kind that each campaign, task and declared record becomes, and how many there are."""
        with self._session.briefly():
            return list(Overview(self._session, self._descriptions, self._wanted, self._of_deals).findings())

    def survey(self) -> Survey:
        """Look at fields, campaigns, pages and converted leads, to draft settings and a scorecard."""
        with self._session.briefly():
            return Surveying(self._session, self._descriptions).survey()

    def streams(self) -> Sequence[Stream]:
        """Return the enabled streams, in the order a pass reads them."""
        activities = self._settings.activities
        shared = [
            Stream(name, source.label, compared=source.prefix) for name, source in built_in(self._settings).items()
        ]
        sources = [
            Stream(source.name, source.name.replace("_", " ").capitalize(), compared=source.name)
            for source in activities.sources
        ]
        accounts_stream = replace(ACCOUNTS, relisted=self._writes("accounts"))
        made = [
            *([accounts_stream] if self._reads_accounts else []),
            LEADS,
            *shared,
            *sources,
            *([PARDOT] if activities.pardot else []),
            *([OPPORTUNITIES] if opportunities(self._settings, self._of_deals) else []),
            *([segments.STREAM] if self._segments.named else []),
            *([HISTORY] if history(self._settings, self._wanted) else []),
        ]
        return [planned(self._settings, stream) for stream in made]

    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        """Yield the pages after `cursor`: the full listing first, then the changes."""
        if stream.name == PARDOT.name:
            pardot = self._pardot()
            assert pardot is not None, "the stream exists only with the section"
            return pardot.pages(cursor)
        if stream.name == segments.STREAM.name:
            return self._segments.pull(cursor)
        parts = self._parts(stream)
        self._pulled[stream.name] = objects = {part.object for part in parts}
        self._session.missing -= objects
        return Pull(self._session, stream, parts, self._silence(stream)).pages(cursor) if parts else iter(())

    def pull_for(self, stream: Stream, leads: Sequence[str]) -> Iterator[Page]:
        """Yield what a stream has about leads and contacts that are new to the mirror."""
        if stream.name == PARDOT.name:
            return iter(())
        if stream.name == segments.STREAM.name:
            return (Page(stream.name, {}, aside=True, **parts) for parts in self._segments.of_leads(leads))
        return Entrants(self._session, stream, self._parts(stream)).pages(leads)

    def read_leads(self, leads: Sequence[str]) -> Iterator[Page]:
        """Yield these leads and contacts as they are now, if they meet the filter."""
        return Pull(self._session, LEADS, self._parts(LEADS)).of_ids(leads)

    def lists_instead(self, stream: Stream, leads: int) -> bool:
        """Return whether a stream is listed again, because the leads are many."""
        return leads > MANY and stream.name not in {ACCOUNTS.name, LEADS.name}

    def listen(self, cursor: Cursor | None) -> Iterator[Heard]:
        """Yield what change data capture tells after a cursor, as it happens."""
        feed = self._settings.feed
        if feed is None:
            message = "Nothing says that this connection has a feed of changes."
            raise ConfigurationError(message, remedy="Add `feed: true` to it, and run `leadgauge provision`.")
        need_extra()
        from connectors.salesforce.feed.listening import Listening  # noqa: PLC0415 - its libraries are an extra

        return Listening(self._session, feed.endpoint, feed.channels, self._concerns()).heard(cursor)

    def read_due(self, due: pl.DataFrame) -> Iterator[Page]:
        """Yield what is due: records by id, and what streams have about leads."""
        for stream in self.streams():
            mine = due.filter(pl.col("stream") == stream.name)
            by = {
                kind: mine.filter(pl.col("by") == kind)["id"].unique(maintain_order=True) for kind in ("lead", "record")
            }
            of_leads, records = by["lead"].to_list(), by["record"].to_list()
            if stream.name == LEADS.name:
                of_leads, records = [], list(dict.fromkeys([*of_leads, *records]))
            if records and stream.name not in _UNFOLLOWED:
                yield from Pull(self._session, stream, self._parts(stream)).due(records)
            if of_leads:
                yield from self.pull_for(stream, of_leads)

    def floods(self, rows: int) -> bool:
        """Return whether so many own writes would take much of the events that may be delivered today."""
        feed = self._settings.feed
        if feed is None or (feed.is_ours and rows <= self._settings.bulk_writes_above):
            return False  # the channel's filter leaves them out; whether it does with those of Bulk is not certain
        return Allocation(self._session).is_flooded_by(rows)

    def present(self, stream: Stream, since: datetime | None) -> Iterator[Page]:
        """Yield which activities of a stream exist, by ids only; nothing if the org does not have them."""
        parts = [PartById.of(part, since) for part in self._parts(stream) if part.in_listing]
        try:
            yield from Pull(self._session, stream, [part for part in parts if part]).listing()
        except Rejected as error:
            if error.code not in NOT_THERE:
                raise
            return
        yield Page(stream.name, {}, listed=True)

    def read_again(self, stream: Stream, records: Sequence[str], since: datetime | None) -> Iterator[Page]:
        """Yield these records, and those whose parent records changed since then."""
        if len(records) > self._settings.bulk_reads_above:
            yield from self.pull(stream, None)
            return
        ids = list(dict.fromkeys(record.split(":")[1] for record in records))
        parts = self._parts(stream)
        yield from Pull(self._session, stream, parts).again(ids)
        changed_since = since or self._session.now() - self._settings.activities.since
        for changed in [of_parent(part, parent) for part in parts for parent in part.parents]:
            yield from self._of_changed_parents(stream, changed, changed_since)

    def provision(
        self,
        outputs: Sequence[Output],
        known: Known = NOTHING_KNOWN,
        *,
        adopt: Collection[str] = (),
        dry_run: bool = False,
    ) -> list[Provisioned]:
        """Create the output fields, add missing choices, and grant them to the user; and make the feed's channel."""
        done = Provisioning(self._session, self._descriptions).provision(outputs, known, adopt, dry_run=dry_run)
        if self._settings.feed is None or not self._settings.feed.is_ours:
            return done
        channel = Channel(self._session)
        return [*done, *channel.provision(channel.wanted(self._chosen(), list(self._ours)), dry_run=dry_run)]

    def remove(
        self, outputs: Sequence[Output], known: Known = NOTHING_KNOWN, *, dry_run: bool = False
    ) -> list[Provisioned]:
        """Delete the output fields that leadgauge created, and its channel of change events."""
        done = Provisioning(self._session, self._descriptions).remove(outputs, known, dry_run=dry_run)
        is_whole = any(output.name in self._outputs for output in outputs)  # and not only what no scorecard writes
        if self._settings.feed is None or not is_whole:
            return done
        return [*done, *Channel(self._session).remove(dry_run=dry_run)]

    def push(self, rows: Sequence[Row], of: Of = "leads") -> Iterator[Sequence[Pushed]]:  # noqa: ARG002 - ids tell it
        """Write rows and yield the answers batch by batch as they arrive, exactly one answer per row."""
        return Writer(self._session).push(rows)

    def read(self, ids: Sequence[str], outputs: Sequence[str], of: Of = "leads") -> Mapping[str, Mapping[str, Value]]:
        """Return the current values of the output fields, omitting leads or accounts that do not exist."""
        held: dict[str, Mapping[str, Value]] = {}
        for target in targets(self._settings, of):
            for chunk in in_chunks(one for one in ids if target_of(one) == target):
                held |= self._held(target, chunk, outputs)
        return held

    def locate(self, leads: Sequence[str], controls: Sequence[str] = ()) -> Mapping[str, Located]:
        """Return where leads and contacts are that a listing did not include."""
        return Locator(self._session, self._settings).locate(leads, controls)

    def find(self, address: str) -> str | None:
        """Return the id of the contact, or else the open lead, with this email address."""
        for kind in self._kinds:
            is_open = "IsConverted = false" if kind == "Lead" else None
            query = Query(kind, ("Id",), all_of(f"Email = {literal(address)}", is_open), "CreatedDate, Id")
            if found := rest.rows(self._session, query)["Id"].to_list():
                return str(found[0])
        return None

    def names(self, ids: Sequence[str], of: Of = "leads") -> Mapping[str, str]:
        """Return the names of leads and contacts, or of accounts."""
        found: dict[str, str] = {}
        for target in targets(self._settings, of):
            for chunk in in_chunks(dict.fromkeys(one for one in ids if target_of(one) == target)):
                with self._session.briefly():
                    rows = rest.rows(self._session, Query(target, ("Id", "Name"), one_of("Id", chunk)))
                found |= dict(rows.drop_nulls("Name").select("Id", "Name").iter_rows())
        return found

    def links(self) -> Links:
        """Return the URLs of the pages of leads, contacts and accounts."""
        home = self._session.home.rstrip("/")
        pages = {one: {start: f"{home}/lightning/r/{one}/{ID}/view"} for one, start in KEY_PREFIXES.items()}
        return Links(pages["Contact"] | pages["Lead"], pages["Account"])

    def budget(self) -> Budget:
        """Return the calls made so far and what is left today."""
        return self._session.budget()

    def expiries(self) -> Sequence[Expiry]:
        """Return when certificates end, of hosts and of the sign-in, and versions of the API that are in use."""
        hosts = of_servers(self._session.certificates)
        return [*hosts, *of_sign_in(self._settings), *expiries(ENDINGS, self._settings)]

    def currency(self) -> str | None:
        """Return the corporate currency that amounts were converted to; None in an org with a single one.

        Such an org names its currency nowhere in the objects that are read.
        """
        return self._corporate

    def unread(self) -> Mapping[str, str]:
        """Return which streams have no object that the user can see, as of the last pull."""
        lost = {name: objects for name, objects in self._pulled.items() if objects <= self._session.missing}
        return {
            name: f"Salesforce does not show {' and '.join(sorted(objects)) or 'its objects'} to the integration user."
            " Check the permission set leadgauge."
            for name, objects in lost.items()
        }

    def clock_offset(self) -> timedelta | None:
        """Return Salesforce's clock minus ours, according to its last answer."""
        return self._session.clock.offset

    def cost_of_push(self, rows: int) -> Cost:
        """Estimate the cost of writing this number of rows."""
        return Writer(self._session).cost(rows)

    def rest(self) -> None:
        """Let go of idle sockets."""
        self._session.close()

    def close(self) -> None:
        """Release the connections."""
        self._session.close()

    @property
    def _kinds(self) -> list[Kind]:
        return [kind for kind in KINDS if getattr(self._settings.objects, kind).read]

    def _read(self) -> list[tuple[Stream, Sequence[StreamObject]]]:
        """Return what streams read of objects that the user sees, without our own fields."""
        read = [(stream, self._plain(stream)) for stream in self.streams() if stream.name not in _UNFOLLOWED]
        seen = cache(self._descriptions.sees)  # what is not there would be asked for again each time
        return [(stream, [part for part in parts if seen(part.object)]) for stream, parts in read]

    def _plain(self, stream: Stream) -> Sequence[StreamObject]:
        match stream.name:
            case ACCOUNTS.name:
                return accounts(self._settings, self._wanted)
            case LEADS.name:
                return people(self._settings, self._wanted)
            case OPPORTUNITIES.name:
                return opportunities(self._settings, self._of_deals)
            case name:
                return self._activities(name)

    def _concerns(self) -> dict[str, list[Concern]]:
        return concerns(self._read(), LEADS.name, self._ours, self._is_formula)

    @property
    def _ours(self) -> dict[str, list[str]]:
        """The fields that are written, by object; none where nothing is."""
        fields = {of: [field_name(one.name) for one in self._outputs.values() if one.of == of] for of in _SCORED}
        return {target: fields[of] for of in _SCORED for target in targets(self._settings, of) if fields[of]}

    def _chosen(self) -> list[str]:
        """Return the objects that the feed follows."""
        most = self._settings.feed.most_objects if self._settings.feed else 0
        return chosen([part.object for _, parts in self._read() for part in parts], most)

    def _of_feed(self) -> Iterator[Finding]:
        """Yield what `check` says of the feed."""
        if self._settings.feed is None:
            return
        read = {stream.name: [part.object for part in parts] for stream, parts in self._read()}
        streams = {stream.name: read.get(stream.name, []) for stream in self.streams()}
        feed, written = self._settings.feed, list(self._ours)
        yield from FeedChecking(self._session, feed, streams, self._chosen(), written).findings()

    def _is_formula(self, name: str, field: str) -> bool:
        """Return whether a field is a formula."""
        found = self._descriptions.fields(name).get(field.lower())
        return found is not None and found.formula

    def _pardot(self) -> PardotPull | None:
        section, since = self._settings.activities.pardot, self._settings.activities.since
        return PardotPull(self._session, PARDOT, section, since) if section else None

    def _parts(self, stream: Stream) -> Sequence[StreamObject]:
        """Return the objects that a stream reads."""
        match stream.name:
            case ACCOUNTS.name:
                outputs = self._seen("Account", "accounts")
                return accounts(self._settings, self._wanted, outputs, self._priced(), self._odd)
            case LEADS.name:
                seen = {kind: self._seen(kind) for kind in self._kinds}
                return people(self._settings, self._wanted, seen, self._priced(), self._odd)
            case OPPORTUNITIES.name:
                return opportunities(self._settings, self._of_deals, self._priced(), self._odd)
            case HISTORY.name:
                return history(self._settings, self._wanted)
            case name:
                return self._activities(name)

    def _priced(self) -> Callable[[str, Mapped], Mapped]:
        """Return what gives fields the rates of the org; they are asked for once, if a field needs them."""
        rates = cache(self._rates)

        def priced(name: str, field: Mapped) -> Mapped:
            needs = field.holds_number and self._money.needs_rates(name, field.path)
            return replace(field, rates=rates()) if needs else field

        return priced

    def _rates(self) -> Rates:
        """Ask for the rates of the org, and keep its corporate currency: amounts are converted to it."""
        found = self._money.rates()
        self._corporate = found.corporate
        return found

    @property
    def _reads_accounts(self) -> bool:
        return bool(mapped_on_accounts(self._settings, self._wanted)) or self._writes("accounts")

    def _writes(self, of: Of) -> bool:
        return any(output.of == of for output in self._outputs.values())

    def _seen(self, target: Target, of: Of = "leads") -> list[Output]:
        """Return the outputs whose fields the user can see, because one unknown column fails the whole query.

        A field without field-level security counts as unknown: INVALID_FIELD "No such column" (recorded).
        """
        mine = [output for output in self._outputs.values() if output.of == of]
        known = self._descriptions.fields(target) if mine else {}
        return [output for output in mine if field_name(output.name).lower() in known]

    def _activities(self, name: str) -> Sequence[StreamObject]:
        since = self._session.now() - self._settings.activities.since
        if shared := built_in(self._settings).get(name):
            return [self._dated(part) for part in shared.make(self._settings, since)]
        source = next((source for source in self._settings.activities.sources if source.name == name), None)
        if source is None:
            raise ConfigurationError(f"There is no stream '{name}' in this connection.")
        has_rates = source.value and self._money.needs_rates(source.object, source.value)
        rates = self._rates() if has_rates else None
        return [self._dated(part) for part in declared(self._settings, source, self._descriptions, since, rates)]

    def _of_changed_parents(self, stream: Stream, part: StreamObject, since: datetime) -> Iterator[Page]:
        try:
            for page in Pull(self._session, stream, [part]).changed(since):
                yield replace(page, cursor={}, aside=True)
        except Rejected as error:
            # A lookup to several objects, such as `What`, leads to the object Name, which has no SystemModstamp:
            # https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_name.htm
            # (2026-11).
            if error.code != "INVALID_FIELD":
                raise

    def _dated(self, part: StreamObject) -> StreamObject:
        """Return a part that knows the types of the times it is listed by, and leaves out what is no time."""
        own = [path for path in part.happened if path.rpartition(".")[2] not in TIMES]
        if not own or not self._descriptions.sees(part.object):
            return part
        types = {path: self._descriptions.field(part.object, path).type for path in own}
        happened = tuple(path for path in part.happened if types.get(path, "date") in ("date", "datetime"))
        return replace(part, happened=happened, days=DAYS | {path for path in own if types[path] == "date"})

    def _silence(self, stream: Stream) -> Callable[[], bool]:
        """Return a function that says whether fields of a stream change without modifying the record.

        Formulas and fields of parent records do, because `SystemModstamp` does not cover values from other records:
        https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/system_fields.htm (2026-11).
        """
        paths: list[tuple[str, str]] = []
        if stream.name == ACCOUNTS.name:
            paths = [
                ("Account", path) for field in mapped_on_accounts(self._settings, self._wanted) for path in field.paths
            ]
        elif stream.name == LEADS.name:
            fields = ((kind, mapped(self._settings, self._wanted, kind)) for kind in self._kinds)
            paths = [(kind, path) for kind, of_kind in fields for field in of_kind for path in field.paths]
        elif stream.name == OPPORTUNITIES.name:
            deals = mapped_on_deals(self._settings, self._of_deals)
            paths = [("Opportunity", path) for field in deals for path in field.paths]
        return lambda: any("." in path or self._descriptions.field(name, path).formula for name, path in paths)

    def _held(self, target: Target, ids: Sequence[str], outputs: Sequence[str]) -> dict[str, Mapping[str, Value]]:
        fields = {field_name(output): output for output in outputs}
        rows = rest.rows(self._session, Query(target, ("Id", *fields), one_of("Id", ids)))
        return {
            row["Id"]: {output: from_text(row[name], self._outputs.get(output)) for name, output in fields.items()}
            for row in rows.iter_rows(named=True)
        }
