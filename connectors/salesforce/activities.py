"""Convert Salesforce's activity records to neutral activities."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Final

import polars as pl

from connectors.marked import sources
from connectors.salesforce import frames
from connectors.salesforce.describe import Descriptions
from connectors.salesforce.money import Rates, iso_code
from connectors.salesforce.parts import NO_TEXT, Contents, StreamObject, Whose
from connectors.salesforce.people import KEY_PREFIXES, KINDS
from connectors.salesforce.settings import CampaignBecomes, Campaigns, Emails, KindOf, SalesforceSettings, Source
from connectors.salesforce.soql import all_of, any_of, literal, one_of
from meaning.becoming import matches
from meaning.calls import unreached
from vocabulary.fields import TIME
from vocabulary.patterns import found
from vocabulary.rows import address_digest, number_of

NO_NUMBER: Final = pl.lit(None, pl.Float64)
NO_MAIL: Final = pl.lit(None, pl.Int64)
NO_TIME: Final = pl.lit(None, TIME)


@dataclass(frozen=True, slots=True)
class Shape:
    """One activity that a record can represent, as expressions over its columns. A record may represent several."""

    kind: pl.Expr
    occurred_at: pl.Expr
    when: pl.Expr = field(default_factory=lambda: pl.lit(value=True))
    suffix: str = ""
    """Distinguishes the activities of one record."""
    url: pl.Expr = NO_TEXT
    name: pl.Expr = NO_TEXT
    seconds: pl.Expr = NO_NUMBER
    value: pl.Expr = NO_NUMBER
    mail: pl.Expr = NO_MAIL
    sent_at: pl.Expr = NO_TIME


@dataclass(frozen=True, slots=True)
class Reader:
    """Converts the records of one object to activities."""

    id: pl.Expr
    lead: pl.Expr
    shapes: Sequence[Shape]
    address: pl.Expr = NO_TEXT
    deleted: str = "IsDeleted"
    is_listed_exactly: bool = True
    """Whether all records that a full listing brings count, so that ids tell which activities exist."""

    def contents(self, rows: pl.DataFrame) -> Contents:
        """Return the activities of records."""
        return Contents(activities=pl.concat([self._activities(rows, shape) for shape in self.shapes]))

    def taken_back(self, rows: pl.DataFrame) -> list[tuple[str | None, str]]:
        """Return the activities that changed records do not represent, or no longer do."""
        return [pair for shape in self.shapes for pair in self._missing(rows, shape)]

    @property
    def whose(self) -> Whose:
        """How the leads of a record's activities are found when only ids are read."""
        holding = (shape.when & shape.kind.is_not_null() & shape.occurred_at.is_not_null() for shape in self.shapes)
        counts = pl.lit(value=True) if self.is_listed_exactly else pl.any_horizontal(*holding).fill_null(value=False)
        return Whose(self.id, self.lead, self.address, counts)

    @property
    def happened(self) -> tuple[str, ...]:
        """The fields with the times of the activities, besides that of the record itself."""
        names = (name for shape in self.shapes for name in shape.occurred_at.meta.root_names())
        return tuple(name for name in dict.fromkeys(names) if name != "CreatedDate")

    def _activities(self, rows: pl.DataFrame, shape: Shape) -> pl.DataFrame:
        return rows.filter(self._holds(shape)).select(
            lead=self.lead,
            address=self.address,
            id=self.id + shape.suffix,
            kind=shape.kind,
            occurred_at=shape.occurred_at.cast(TIME),
            url=shape.url,
            name=shape.name,
            seconds=shape.seconds,
            value=shape.value,
            mail=shape.mail,
            sent_at=shape.sent_at.cast(TIME),
            mail_domain=NO_MAIL,
        )

    def _holds(self, shape: Shape) -> pl.Expr:
        has_person = self.lead.is_not_null() | self.address.is_not_null()
        is_alive = pl.col(self.deleted) == "false"
        holds = is_alive & has_person & shape.when & shape.kind.is_not_null() & shape.occurred_at.is_not_null()
        return holds.fill_null(value=False)

    def _missing(self, rows: pl.DataFrame, shape: Shape) -> Iterable[tuple[str | None, str]]:
        return rows.filter(~self._holds(shape)).select(self.lead.alias("lead"), self.id + shape.suffix).iter_rows()


def lead_of(settings: SalesforceSettings, *references: str) -> pl.Expr:
    """Return the first lookup that points to a record of a scored object."""
    prefixes = [KEY_PREFIXES[kind] for kind in KINDS if getattr(settings.objects, kind).read]
    known = [pl.when(pl.col(name).str.slice(0, 3).is_in(prefixes)).then(pl.col(name)) for name in references]
    return pl.coalesce(known) if known else NO_TEXT


def kind_by(column: str, kinds: Mapping[str, str], otherwise: str | None = None) -> pl.Expr:
    """Return the kind that a field's value maps to, ignoring case."""
    if not kinds:
        return pl.lit(otherwise, pl.String)
    folded = {value.lower(): kind for value, kind in kinds.items()}
    said = pl.col(column).str.strip_chars().str.to_lowercase()
    return said.replace_strict(folded, default=otherwise, return_dtype=pl.String)


def is_true(column: str) -> pl.Expr:
    """Return whether a checkbox is set."""
    return pl.col(column) == "true"


Maker = Callable[[SalesforceSettings, datetime], list[StreamObject]]


def part(
    name: str,
    columns: Sequence[str],
    reader: Reader,
    *,
    since: datetime,
    listed: str | None = None,
    stamp: str = "SystemModstamp",
    parents: Sequence[str] = (),
) -> StreamObject:
    """Return how the records of one object are read; an org, or the user, may lack the object."""
    return StreamObject(
        name,
        tuple(columns),
        reader.contents,
        reader.taken_back,
        listed=listed,
        # Old tasks and events are archived, and only queryAll returns them:
        # https://developer.salesforce.com/docs/platform/api-rest/guide/resources-queryall.html (2026-11).
        archived=True,
        optional=True,
        stamp=stamp,
        deleted=reader.deleted,
        since=since,
        people=tuple(dict.fromkeys(reader.lead.meta.root_names())),
        happened=reader.happened,
        whose=reader.whose,
        parents=tuple(parents),
    )


def tasks(settings: SalesforceSettings, since: datetime) -> list[StreamObject]:
    """Return how completed tasks are read: for their lead and, with Shared Activities, for the other people on them."""
    section = settings.activities.tasks
    if not (settings.activities.task_kinds or section.types or section.subjects):
        return []
    make = partial(_tasks, settings, since)
    further = make("TaskRelation", "Task.", ("RelationId", "TaskId", "IsWhat"))
    return [make("Task", "", ("WhoId",)), *([further] if settings.activities.tasks.shared else [])]


_TASK_COLUMNS: Final = (
    "Subject",
    "TaskSubtype",
    "IsClosed",
    "CompletedDateTime",
    "ActivityDate",
    "CallDurationInSeconds",
    "CallDisposition",
)
_EVENT_COLUMNS: Final = (
    "Subject",
    "StartDateTime",
    "ActivityDate",
    "DurationInMinutes",
    "IsChild",
    "IsRecurrence",
    "GroupEventType",
)


def _tasks(settings: SalesforceSettings, since: datetime, name: str, at: str, own: Sequence[str]) -> StreamObject:
    shape = Shape(
        kind=_answered(settings, task_kind(settings, at), at),
        # `ActivityDate`, when the task is due, is a date without a time.
        occurred_at=frames.moment(f"{at}CompletedDateTime").fill_null(frames.moment(f"{at}ActivityDate")),
        when=is_true(f"{at}IsClosed"),
        name=pl.col(f"{at}Subject"),
        seconds=frames.number(f"{at}CallDurationInSeconds"),
    )
    section = settings.activities.tasks
    reader = Reader(
        pl.lit("task:") + pl.col("TaskId" if at else "Id"),
        lead_of(settings, own[0]),
        [shape],
        is_listed_exactly=bool(section.attempts) and not (section.types or section.subjects),
    )
    columns = (
        *own,
        *(at + column for column in (*_TASK_COLUMNS, *(["Type"] if settings.activities.tasks.types else []))),
    )
    listed, stamp = _listed_tasks(settings, at), f"{at}SystemModstamp"
    return part(name, columns, reader, since=since, listed=listed, stamp=stamp)


def task_kind(settings: SalesforceSettings, at: str = "") -> pl.Expr:
    """Return the kind of a task: by its subtype, else by its type, else by its subject."""
    section, subtype = settings.activities.tasks, f"{at}TaskSubtype"
    left_out = [one for one in section.kinds if one not in settings.activities.task_kinds]
    kinds = [kind_by(subtype, settings.activities.task_kinds)]
    if section.types:
        kinds.append(kind_by(f"{at}Type", section.types))
    kinds += [
        pl.when(found(match, pl.col(f"{at}Subject"))).then(pl.lit(kind)) for match, kind in section.subjects.items()
    ]
    return pl.when(~pl.col(subtype).is_in(left_out).fill_null(value=False)).then(pl.coalesce(kinds))


CALL: Final = "Call"
"""The `TaskSubtype` of calls."""


def _answered(settings: SalesforceSettings, kind: pl.Expr, at: str) -> pl.Expr:
    """Return the kind of a task, which is another one for a call that did not reach the lead."""
    section = settings.activities.tasks
    if CALL not in section.kinds:
        return kind
    is_call = (kind == section.kinds[CALL]).fill_null(value=False)
    missed = is_call & unreached(_result(at), section.unreached)
    return pl.when(missed).then(pl.lit(section.attempts, pl.String)).otherwise(kind)


def _result(at: str) -> pl.Expr:
    """Return what came of a call: its Call Result, such as "call unsuccessful", else its subject.

    A call that lasted is taken for one that was answered, whatever its subject says:
    https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_guidelines_callcenter.htm (2026-11).
    """
    lasted = frames.number(f"{at}CallDurationInSeconds") > 0
    subject = pl.when(~lasted.fill_null(value=False)).then(f"{at}Subject")
    return pl.coalesce(f"{at}CallDisposition", subject)


def _listed_tasks(settings: SalesforceSettings, at: str) -> str:
    section, closed = settings.activities.tasks, f"{at}IsClosed = true"
    if section.subjects:
        return closed
    known = [(f"{at}TaskSubtype", settings.activities.task_kinds), (f"{at}Type", section.types)]
    return all_of(closed, " OR ".join(one_of(field, values) for field, values in known if values))


def events(settings: SalesforceSettings, since: datetime) -> list[StreamObject]:
    """Return how meetings are read: for their lead or, with Shared Activities, for everybody on them.

    An answer to an invitation changes the relation, not the event, so relations are read when either changes.
    """
    make = partial(_events, settings, since)
    if not settings.activities.events.shared:
        return [make("Event", "", ("WhoId",))]
    relations = make("EventRelation", "Event.", ("RelationId", "EventId", "Status"))
    return [relations, replace(relations, stamp="Event.SystemModstamp", in_listing=False)]


def _events(settings: SalesforceSettings, since: datetime, name: str, at: str, own: Sequence[str]) -> StreamObject:
    section = settings.activities.events
    outcome = pl.col(at + section.outcome)
    told = [pl.when(found(match, outcome)).then(pl.lit(kind or LEFT_OUT)) for match, kind in section.outcomes.items()]
    kind = pl.coalesce(*told, pl.lit(section.kind))
    shape = Shape(
        kind=pl.when(kind != LEFT_OUT).then(kind),
        occurred_at=frames.moment(f"{at}StartDateTime").fill_null(frames.moment(f"{at}ActivityDate")),
        when=_took_place(at),
        name=pl.col(f"{at}Subject"),
        seconds=frames.number(f"{at}DurationInMinutes") * 60,
    )
    reader = Reader(
        pl.lit("event:") + pl.col("EventId" if at else "Id"),
        lead_of(settings, own[0]),
        [shape],
        is_listed_exactly=all(section.outcomes.values()),
    )
    columns = (*own, *(at + column for column in dict.fromkeys((*_EVENT_COLUMNS, section.outcome))))
    return part(name, columns, reader, since=since, listed=_meetings(at))


LEFT_OUT: Final = ""
"""The kind of an event that did not take place."""

SERIES: Final = "3"
"""The `GroupEventType` of a series in Lightning, "an event representing an event series recurrence pattern".

Each of its occurrences is an event of its own. In Classic, the series has `IsRecurrence`:
https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_event.htm
(2026-11).
"""

DECLINED: Final = "Declined"
"""The `Status` of an invitee who was not there:
https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_eventattendee.htm
(2026-11).
"""


def _took_place(at: str) -> pl.Expr:
    """Return whether a record is a meeting of its lead: no copy in a colleague's calendar, no series, not declined."""
    excluded = {f"{at}IsChild": "true", f"{at}IsRecurrence": "true", f"{at}GroupEventType": SERIES}
    if at:
        excluded["Status"] = DECLINED
    return pl.all_horizontal(pl.col(name).ne_missing(pl.lit(value)) for name, value in excluded.items())


def _meetings(at: str) -> str:
    """Return the same as a condition; in SOQL, an empty field differs from every value."""
    series = f"{at}IsRecurrence = false AND {at}GroupEventType != {literal(SERIES)}"
    declined = f"Status != {literal(DECLINED)}" if at else None
    return all_of(f"{at}IsChild = false", series, declined)


def campaigns(settings: SalesforceSettings, since: datetime) -> list[StreamObject]:
    """Return how campaign members are read: being added to a campaign, and responding to it.

    Campaign members are only ever hard-deleted, so `queryAll` never returns a removed one:
    https://github.com/airbytehq/airbyte/issues/44845 (2026-11).
    """
    section = settings.activities.campaigns
    responded = Shape(
        kind=response_kind(section),
        occurred_at=_first_response(section),
        when=is_true("HasResponded"),
        suffix=":responded",
        name=pl.col("Campaign.Name"),
    )
    added = Shape(
        kind=added_kind(section),
        occurred_at=frames.moment(section.added_at),
        suffix=":added",
        name=pl.col("Campaign.Name"),
    )
    reader = Reader(
        pl.lit("campaign:") + pl.col("Id"),
        lead_of(settings, "ContactId", "LeadId"),
        [responded, added],
        is_listed_exactly=not section.by_campaign,
    )
    times = (section.added_at, section.responded_at)
    columns = ("ContactId", "LeadId", "HasResponded", "Campaign.Name", "Campaign.Type", *times)
    listed = _counting(section)
    return [part("CampaignMember", columns, reader, since=since, listed=listed, parents=("Campaign",))]


def response_kind(section: Campaigns) -> pl.Expr:
    """Return the kind of a response: by the campaign's type, else by a pattern, else the one for all others."""
    by_name = _by_campaign([(one, one.kind) for one in section.by_campaign])
    return pl.coalesce(kind_by("Campaign.Type", section.responded), *by_name, pl.lit(section.otherwise, pl.String))


def added_kind(section: Campaigns) -> pl.Expr:
    """Return the kind of being added: by the campaign's type, else by a pattern."""
    by_name = _by_campaign([(one, one.added) for one in section.by_campaign])
    return pl.coalesce(kind_by("Campaign.Type", section.added), *by_name)


def _by_campaign(kinds: Sequence[tuple[CampaignBecomes, str | None]]) -> list[pl.Expr]:
    """Return the kind of the first pattern that is found in the name or the type, even if it gives none."""
    either = [matches(one, pl.col("Campaign.Name")) | matches(one, pl.col("Campaign.Type")) for one, _ in kinds]
    first = pl.lit(None, pl.String)
    for (_, kind), is_found in zip(reversed(kinds), reversed(either), strict=True):
        first = pl.when(is_found).then(pl.lit(kind, pl.String)).otherwise(first)
    return [first] if kinds else []


def _counting(section: Campaigns) -> str:
    """Return the condition for members who count: who responded, or was added to a campaign of a type that counts."""
    is_open = section.otherwise or section.by_campaign
    of_type = None if is_open else one_of("Campaign.Type", section.responded or [""])
    responded = all_of("HasResponded = true", f"{section.responded_at} != null", of_type)
    by_name = any(one.added for one in section.by_campaign)
    if not (section.added or by_name):
        return responded
    of_added_type = None if by_name else one_of("Campaign.Type", section.added)
    return any_of(responded, all_of(f"{section.added_at} != null", of_added_type))


def _first_response(section: Campaigns) -> pl.Expr:
    """Return when a member responded: never before being added, even if only the day is known.

    `FirstRespondedDate` is a date without a time.
    """
    responded, added = frames.moment(section.responded_at), frames.moment(section.added_at)
    is_same_day = responded.dt.date() == added.dt.date()
    return pl.when(is_same_day).then(pl.max_horizontal(responded, added)).otherwise(responded)


def emails(settings: SalesforceSettings, since: datetime) -> list[StreamObject]:
    """Return how email messages are read: through their relations, which hold the recipients."""
    reader = Reader(
        pl.lit("email:") + pl.col("EmailMessageId"),
        lead_of(settings, "RelationId"),
        _email_shapes(settings.activities.emails),
        deleted="EmailMessage.IsDeleted",
        is_listed_exactly=False,
    )
    columns = ("RelationId", "RelationType", "EmailMessageId", *(f"EmailMessage.{name}" for name in _EMAIL_COLUMNS))
    listed = one_of("RelationObjectType", KINDS)
    stamp = "EmailMessage.SystemModstamp"
    return [part("EmailMessageRelation", columns, reader, since=since, listed=listed, stamp=stamp)]


_EMAIL_COLUMNS: Final = ("Subject", "MessageDate", "Incoming", "FirstOpenedDate", "IsBounced")


def _email_shapes(section: Emails) -> list[Shape]:
    incoming = is_true("EmailMessage.Incoming")
    is_recipient = pl.col("RelationType").is_in(["ToAddress", "CcAddress", "BccAddress"]) & ~incoming
    is_sender = (pl.col("RelationType") == "FromAddress") & incoming
    sent_at, opened_at = frames.moment("EmailMessage.MessageDate"), frames.moment("EmailMessage.FirstOpenedDate")
    mail = pl.col("EmailMessageId").map_elements(number_of, return_dtype=pl.Int64)
    table = (
        (section.sent, sent_at, is_recipient, ""),
        (section.received, sent_at, is_sender, ":received"),
        (section.opened, opened_at, is_recipient, ":opened"),
        (section.bounced, sent_at, is_recipient & is_true("EmailMessage.IsBounced"), ":bounced"),
    )
    return [
        Shape(pl.lit(kind), occurred_at, when, suffix, name=pl.col("EmailMessage.Subject"), mail=mail, sent_at=sent_at)
        for kind, occurred_at, when, suffix in table
        if kind
    ]


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """A source of activities that every org may have; its option in the settings names it (`ReadBy`)."""

    label: str
    object: str
    """The object without which there is nothing to read."""
    make: Maker
    prefix: str = ""
    """The part of its activities' ids before the colon, if which of them exist can be told by ids only.

    Without it, what the source brought stays when it is switched off.
    """


TASKS: Final = BuiltIn("Tasks", "Task", tasks, "task")
EVENTS: Final = BuiltIn("Events", "Event", events, "event")
CAMPAIGNS: Final = BuiltIn("Campaign members", "CampaignMember", campaigns, "campaign")
EMAILS: Final = BuiltIn("E-mail messages", "EmailMessageRelation", emails, "email")


def built_in(settings: SalesforceSettings) -> dict[str, BuiltIn]:
    """Return the built-in sources that are switched on, by their option."""
    return {option: source for option, section, source in sources(settings.activities) if section.read}


def declared(
    settings: SalesforceSettings,
    source: Source,
    descriptions: Descriptions,
    since: datetime,
    rates: Rates | None = None,
) -> list[StreamObject]:
    """Return how an object declared in the settings is read; `rates` if its `value` has several currencies."""
    references = [
        name for path in source.lead for name in _with_conversion(settings, source.object, path, descriptions)
    ]
    address = pl.col(source.address).map_elements(address_digest, return_dtype=pl.String) if source.address else NO_TEXT
    shape = Shape(
        kind=_declared_kind(source.kind),
        occurred_at=frames.moment(source.time),
        url=pl.col(source.url) if source.url else NO_TEXT,
        name=pl.col(source.title) if source.title else NO_TEXT,
        seconds=frames.number(source.seconds) if source.seconds else NO_NUMBER,
        value=_value(source, rates),
    )
    reader = Reader(
        pl.lit(f"{source.name}:") + pl.col("Id"),
        lead_of(settings, *references),
        [shape],
        address,
        is_listed_exactly=isinstance(source.kind, str),
    )
    columns = (*references, *named_fields(source), *([iso_code(source.value)] if source.value and rates else []))
    return [
        StreamObject(
            source.object,
            columns,
            reader.contents,
            reader.taken_back,
            filter=source.filter,
            listed=f"{source.time} != null",
            since=since,
            people=tuple(references),
            address=source.address,
            happened=reader.happened,
            whose=reader.whose,
            parents=_parents(source),
            basis=rates.label if rates else "",
        ),
    ]


def _value(source: Source, rates: Rates | None) -> pl.Expr:
    if source.value is None:
        return NO_NUMBER
    return rates.converted(source.value) if rates else frames.number(source.value)


def _parents(source: Source) -> tuple[str, ...]:
    """Return the relationships that the fields of a declared source go through, such as `A__r` and `A__r.B__r`."""
    ways = (path.split(".")[:-1] for path in named_fields(source))
    return tuple(dict.fromkeys(".".join(way[: depth + 1]) for way in ways for depth in range(len(way))))


def named_fields(source: Source) -> list[str]:
    """Return the fields that a declared source names, without lookups."""
    kind = source.kind.field if isinstance(source.kind, KindOf) else None
    named = (source.time, source.address, kind, source.url, source.title, source.seconds, source.value)
    return [path for path in named if path]


def _declared_kind(kind: str | KindOf) -> pl.Expr:
    return pl.lit(kind) if isinstance(kind, str) else kind_by(kind.field, kind.kinds, kind.otherwise)


def _with_conversion(settings: SalesforceSettings, name: str, path: str, descriptions: Descriptions) -> list[str]:
    """Return a lookup, preceded by the contact that its lead was converted to if it points to leads."""
    field = descriptions.field(name, path)
    if "Lead" not in field.refers_to or len(field.refers_to) > 1 or not field.relationship:
        return [path]
    if not settings.objects.Contact.read:
        return [path]
    parents = path.rpartition(".")[0]
    return [f"{parents}.{field.relationship}.ConvertedContactId".lstrip("."), path]
