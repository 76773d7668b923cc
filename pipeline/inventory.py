"""What leadgauge reads, keeps, writes and calls by its settings: for the person who has to approve it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from config.documents import read_document
from config.naming import named
from config.pages import ByOidc
from config.settings import AnyConnection, HubSpotConnection, ScorecardUse, Settings
from config.walking import models
from connectors.inventory import ACTIVITIES, AS_ACTIVITY, AS_ID, DIGEST, FIELD, IDENTITY, JOINING, WHY, Inventory, Read
from connectors.secret import Secret
from connectors.warehouse.settings import Rows, Warehouse
from pipeline.connect import output_fields
from scoring import Scorecard
from scoring.card.figures import DealFigure
from scoring.card.mistakes import Path
from scoring.card.walking import fields_of, named_fields, placed_conditions, placed_resets
from scoring.exclusion import fields_of as excluded_by
from vocabulary.feedback import FEEDBACK
from vocabulary.fields import ACCOUNT

DELETED: Final = "30 days after the CRM deleted the lead, at once if it was erased there or by `leadgauge forget`"
WHILE_THERE: Final = "as long as the CRM has the lead"
_DEALS: Final = "deals."


@dataclass(frozen=True, slots=True)
class Used:
    """A field that is read, and for what."""

    object: str
    field: str
    why: str
    used_by: tuple[str, ...]
    kept: str


@dataclass(frozen=True, slots=True)
class OfConnection:
    """The inventory of one connection."""

    name: str
    crm: str
    read: tuple[Used, ...]
    written: tuple[tuple[str, str], ...]
    """Object and label of each field that is written."""
    rights: tuple[Mapping[str, Any], ...]
    calls: tuple[str, ...]
    keep_history: str
    keep_deleted: str = DELETED
    keep_data: str = WHILE_THERE


@dataclass(frozen=True, slots=True)
class Taken:
    """The inventory of all settings."""

    connections: tuple[OfConnection, ...]
    secrets: tuple[tuple[str, str], ...]
    """Where each secret is in the settings, and where it is read from."""
    listens: tuple[str, ...]
    calls: tuple[str, ...]
    """Whom all of leadgauge calls besides the CRMs."""

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return asdict(self)


def taken(settings: Settings) -> Taken:
    """Take the inventory of settings, without a call."""
    made = tuple(_of_connection(name, one) for name, one in settings.connections.items())
    return Taken(made, tuple(_secrets(settings)), tuple(_listens(settings)), tuple(_calls(settings)))


def of_crm(connection: AnyConnection) -> Inventory:
    """Return what a connection reads of its CRM."""
    asked = connection.in_crm, connection.of_deals, output_fields(connection)
    if isinstance(connection, HubSpotConnection):
        from connectors.hubspot.inventory import inventory as of_hubspot  # noqa: PLC0415 - only the CRM in use

        return of_hubspot(connection, *asked)
    from connectors.salesforce.inventory import inventory as of_salesforce  # noqa: PLC0415 - as above

    return of_salesforce(connection, *asked)


def _of_connection(name: str, connection: AnyConnection) -> OfConnection:
    found, uses = of_crm(connection), _uses(connection)
    reads = [*found.reads, *(_in_warehouse(connection.warehouse) if connection.warehouse else ())]
    used = tuple(_used(read, uses) for read in reads)
    outputs = {output.name: output.label for output in output_fields(connection)}
    return OfConnection(
        name,
        connection.crm,
        used,
        tuple(outputs.items()),
        tuple(asdict(right) for right in found.rights),
        (*found.hosts, *(["the warehouse"] if connection.warehouse else [])),
        f"{connection.keep.days} days (`keep`)",
    )


def _used(read: Read, uses: Mapping[str, list[str]]) -> Used:
    by = tuple(dict.fromkeys(place for field in read.feeds for place in uses.get(field, ())))
    why = f"the field {', '.join(read.feeds)}" if read.purpose == FIELD else f"{read.purpose}: {WHY[read.purpose]}"
    return Used(read.object, read.field, why, by, read.kept)


def _uses(connection: AnyConnection) -> Mapping[str, list[str]]:
    """Return what uses each field of leads, accounts and deals, in words."""
    uses: dict[str, list[str]] = defaultdict(list)
    for use in connection.scorecards:
        for field, place in _of_scorecard(use):
            uses[field].append(place)
    for name, condition in connection.exclude.items():
        for field, _ in excluded_by(condition):
            uses[field].append(f"exclude '{name}'")
    for field in connection.owner_fields:
        uses[field].append("the owners in alerts")
    for field in connection.report.fields:
        uses[field].append("report")
    for field in connection.report.of_deals(connection.deals):
        uses[f"{_DEALS}{field}"].append("report")
    if connection.feedback is not None:
        uses[FEEDBACK].append("feedback: what sales says")
    return uses


def _of_scorecard(use: ScorecardUse) -> Iterator[tuple[str, str]]:
    data, file = read_document(use.file).data, use.file.name
    for field, path in _placed(use.card):
        yield field, f"{named(path, data)} ({file})"
    of_accounts = use.card.accounts.figures if use.card.accounts else {}
    for name, figure in {**use.card.figures, **of_accounts}.items():
        if isinstance(figure, DealFigure):
            tested = figure.where.fields if figure.where else ()
            for field in dict.fromkeys([*([figure.field] if figure.field else []), *tested]):
                yield f"{_DEALS}{field}", f"figure '{name}' ({file})"
    card = use.card_of("accounts")
    for field in named_fields(card) if card is not None else ():
        yield f"{ACCOUNT}{field}", f"accounts ({file})"
    by = use.card.accounts.by_domain if use.card.accounts else None
    if by is not None:
        yield by.lead, f"accounts.by_domain ({file})"
        yield f"{ACCOUNT}{by.account}", f"accounts.by_domain ({file})"


def _placed(card: Scorecard) -> Iterator[tuple[str, Path]]:
    """Yield the fields that conditions, rules and resets name, each with the path of its rule or condition."""
    for name, section in card.sections.items():
        for number, group in enumerate(section.groups):
            for place, rule in enumerate(group.rules):
                yield from ((field, ("score", name, "groups", number, "rules", place)) for field in fields_of(rule))
    for path, condition in placed_conditions(card):
        if "rules" not in path:
            yield from ((field, path) for field in condition.named_fields)
    for path, reset in placed_resets(card):
        yield from ((field, path) for field in reset.fields)


def _in_warehouse(warehouse: Warehouse) -> Iterator[Read]:
    """Yield the columns that are read of a warehouse."""
    for name, rows in warehouse.fields.items():
        for field, column in rows.columns_of.items():
            yield Read(_source(rows, name), column, FIELD, f"`further_fields`, as {field}", (field,))
        yield from _whose(rows, name)
    for name, acts in warehouse.activities.items():
        columns = [acts.at, acts.id, acts.url, acts.name, acts.seconds, acts.value]
        columns += [] if isinstance(acts.kind, str) else [acts.kind.column]
        for column in (one for one in columns if one):
            yield Read(_source(acts, name), column, ACTIVITIES, AS_ACTIVITY)
        yield from _whose(acts, name)


def _whose(rows: Rows, name: str) -> Iterator[Read]:
    for column, kept in ((rows.lead.email, DIGEST), (rows.lead.id, AS_ID)):
        if column:
            yield Read(_source(rows, name), column, JOINING, kept)
    if rows.changed_at:
        yield Read(_source(rows, name), rows.changed_at, IDENTITY, "`cursors`")


def _source(rows: Rows, name: str) -> str:
    return f"warehouse: {rows.table or rows.files or f'the query of {name}'}"


def _secrets(settings: Settings) -> Iterator[tuple[str, str]]:
    for name, connection in settings.connections.items():
        for secret in dict.fromkeys(one.place for one, _ in models(connection, name) if isinstance(one, Secret)):
            yield f"connections.{name}", secret
    for section in ("pages", "receive", "cluster"):
        part = getattr(settings, section, None)
        for secret in dict.fromkeys(one.place for one, _ in models(part, section) if isinstance(one, Secret)):
            yield section, secret
    yield "database", f"`{settings.database.shown}`"


def _listens(settings: Settings) -> Iterator[str]:
    for name, part in (("metrics", settings.metrics), ("pages", settings.pages), ("receive", settings.receive)):
        if part is not None:
            yield f"{part.host}:{part.port} ({name})"


def _calls(settings: Settings) -> Iterator[str]:
    if not settings.database.shown.startswith("sqlite"):
        yield "the database"
    for name, connection in settings.connections.items():
        sinks = connection.notify.sinks if connection.notify else {}
        yield from (f"the sink {sink} of {name} ({one.type})" for sink, one in sinks.items())
    if settings.pages is not None and isinstance(settings.pages.sign_in, ByOidc):
        yield f"the identity provider {settings.pages.sign_in.issuer}"
    if settings.cluster is not None:
        yield f"the Dask scheduler {settings.cluster.dask}"
    if settings.traces is not None:
        yield f"the collector of traces {settings.traces.endpoint or '(OTEL_EXPORTER_OTLP_ENDPOINT)'}"
