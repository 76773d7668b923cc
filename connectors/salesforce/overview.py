"""What `check` shows of an org's campaigns, tasks and declared objects: the kind that each becomes, and how many."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Final

import polars as pl

from connectors.base import ConnectorError
from connectors.brought import switches
from connectors.salesforce.activities import added_kind, built_in, response_kind, task_kind
from connectors.salesforce.brings import brings
from connectors.salesforce.describe import Descriptions
from connectors.salesforce.opportunities import mapped_on_deals
from connectors.salesforce.people import KINDS
from connectors.salesforce.readings import QUERY_PAGE
from connectors.salesforce.session import Session
from connectors.salesforce.settings import Campaigns, KindOf, SalesforceSettings, Source
from connectors.salesforce.soql import all_of, any_of, literal, one_of
from meaning.derive import FieldSource
from vocabulary.fields import ACCOUNT, FieldType, option_of
from vocabulary.findings import Finding

_LISTED: Final = 60
Group = tuple[Sequence[str | None], int]
Members = tuple[tuple[str | None, ...], int, int]
"""Fields of campaigns, and how many members and responses these have."""


class Overview:
    """Counts records by the field that decides their kind, one grouped query per object."""

    def __init__(
        self,
        session: Session,
        descriptions: Descriptions,
        wanted: Mapping[str, FieldType],
        of_deals: Mapping[str, FieldType],
    ) -> None:
        self._session, self._descriptions = session, descriptions
        self._wanted, self._of_deals = wanted, of_deals

    @property
    def _settings(self) -> SalesforceSettings:
        return self._session.settings

    def findings(self) -> Iterator[Finding]:
        """Yield notes. A count that Salesforce refuses, such as for its size, is left out with a note."""
        yield from self._fields()
        yield from self._sources()
        activities = self._settings.activities
        parts: list[tuple[str, Callable[[], Iterator[Finding]]]] = []
        if activities.campaigns.read and self._descriptions.sees("CampaignMember"):
            parts.append(("activities.campaigns", self._campaigns))
        if activities.tasks.read and self._descriptions.sees("Task"):
            parts.append(("activities.tasks", self._tasks))
        parts += [
            (f"activities.sources.{number}", partial(self._source, source, number))
            for number, source in enumerate(activities.sources)
            if isinstance(source.kind, KindOf)
        ]
        for subject, part in parts:
            try:
                yield from part()
            except ConnectorError as error:
                yield Finding("note", subject, f"Their kinds could not be counted. {error.wrong}")

    def _fields(self) -> Iterator[Finding]:
        """Yield a note for each field of the scorecards: the fields that feed it."""
        kinds = [kind for kind in KINDS if getattr(self._settings.objects, kind).read]
        for name in self._wanted:
            mapped = {kind: source for kind in kinds if (source := self._settings.field_of(name, kind))}
            fed = [f"{kind}: {self._labelled(kind, FieldSource.parse(text))}" for kind, text in mapped.items()]
            if fed:
                yield Finding("note", f"fields.{name}", f"{name} is read from {'; '.join(fed)}.")
            if text := self._settings.accounts.get(name.removeprefix(ACCOUNT)) if name.startswith(ACCOUNT) else None:
                labels = self._labelled("Account", FieldSource.parse(text))
                yield Finding("note", option_of(name), f"{name} is read from Account: {labels}.")
        for field in mapped_on_deals(self._settings, self._of_deals):
            message = f"{field.name} is read from Opportunity: {self._labelled('Opportunity', field.source)}."
            yield Finding("note", f"deals.{field.name}", message)

    def _labelled(self, kind: str, source: FieldSource) -> str:
        labels = [f"{path} ({self._descriptions.field(kind, path).label})" for path in source.paths]
        return " or else ".join(labels) + (f", as {source.derivation.name}(…)" if source.derivation else "")

    def _sources(self) -> Iterator[Finding]:
        known = built_in(self._settings)
        denied = [name for name, source in known.items() if not self._descriptions.sees(source.object)]
        yield from switches(brings(self._settings), denied)

    def _campaigns(self) -> Iterator[Finding]:
        """Yield campaigns by type, and by name those whose type gives no kind."""
        section = self._settings.activities.campaigns
        counted = self.counted(("Campaign.Type",))
        told, untold = _by_whether_told(section, counted)
        for (type_,), members, responses in told[:_LISTED]:
            yield self._campaign(f"Campaigns of type {type_}", (type_, None), members, responses)
        if not untold:
            return
        types = [type_ for (type_,), *_ in untold if type_]
        of_types = [one_of("Campaign.Type", types)] if types else []
        named = self.counted(("Campaign.Name", "Campaign.Type"), any_of("Campaign.Type = null", *of_types))
        for (name, of_type), members, responses in named[:_LISTED]:
            what = f"The campaign '{name}'" + (f" of type {of_type}" if of_type else "")
            yield self._campaign(what, (of_type, name), members, responses)
        if len(named) > _LISTED:
            yield Finding("note", "activities.campaigns", f"{len(named) - _LISTED} further campaigns are not listed.")
        remedy = "Where a kind is wrong: `campaigns: {by_campaign: [{match: NAME, kind: KIND}]}`."
        yield Finding("note", "activities.campaigns", f"{len(named)} campaigns have a type without a kind.", remedy)

    def counted(self, fields: Sequence[str], where: str = "") -> list[Members]:
        """Return how many members and responses campaigns have by these fields, the largest first."""
        found: dict[tuple[str | None, ...], list[int]] = {}
        for (*key, has_responded), count in self._groups("CampaignMember", (*fields, "HasResponded"), where):
            counts = found.setdefault(tuple(key), [0, 0])
            counts[0] += count
            counts[1] += count if has_responded == "true" else 0
        ordered = sorted(found.items(), key=lambda one: -one[1][0])
        return [(key, members, responses) for key, (members, responses) in ordered]

    def _campaign(self, what: str, typed: tuple[str | None, str | None], members: int, responses: int) -> Finding:
        section, columns = self._settings.activities.campaigns, {"Campaign.Type": pl.String, "Campaign.Name": pl.String}
        frame = pl.DataFrame([typed], columns, orient="row")
        kinds = frame.select(response_kind(section).alias("response"), added_kind(section).alias("added"))
        response, added = kinds.row(0)
        being = f", being added {added}" if added else ""
        message = (
            f"{what}: {members} members, {responses} responses. A response becomes {response or 'left out'}{being}."
        )
        return Finding("note", "activities.campaigns", message)

    def _tasks(self) -> Iterator[Finding]:
        since = datetime.now(UTC) - self._settings.activities.since
        where = all_of("IsClosed = true", f"CreatedDate >= {literal(since)}")
        tasks = self._settings.activities.tasks
        groups = self._groups("Task", ("TaskSubtype", "Type"), where)
        kinds = _kinds_of_tasks(self._settings, [list(keys) for keys, _ in groups])
        for ((subtype, type_), count), kind in list(zip(groups, kinds, strict=True))[:_LISTED]:
            named = f"subtype {subtype or 'none'}, type {type_ or 'none'}"
            if kind:
                yield Finding("note", "activities.tasks", f"{count} completed tasks of {named} become {kind}.")
            else:
                hint = "" if tasks.subjects else " unless `tasks.subjects` says more"
                message = f"{count} completed tasks of {named} are left out{hint}."
                yield Finding("note", "activities.tasks", message, "To read them: `tasks: {types: {TYPE: KIND}}`.")

    def _source(self, source: Source, number: int) -> Iterator[Finding]:
        assert isinstance(source.kind, KindOf)
        kinds = _lower(source.kind.kinds)
        for (value,), count in self._groups(source.object, (source.kind.field,), source.filter or "")[:_LISTED]:
            kind = kinds.get((value or "").strip().lower()) or source.kind.otherwise
            becomes = f"become {kind}" if kind else "are left out"
            message = f"{count} records of {source.object} whose {source.kind.field} is {value or 'empty'} {becomes}."
            yield Finding("note", f"activities.sources.{number}", message)

    def _groups(self, name: str, fields: Sequence[str], where: str = "") -> list[Group]:
        return groups(self._session, name, fields, where)


def groups(session: Session, name: str, fields: Sequence[str], where: str = "", most: int = 0) -> list[Group]:
    """Return how many records there are by these fields, the most frequent first; at most `most` of them if given."""
    aliases = [f"f{number}" for number in range(len(fields))]
    named = ", ".join(f"{field} {alias}" for field, alias in zip(fields, aliases, strict=True))
    condition = f" WHERE {where}" if where else ""
    limit = f" ORDER BY COUNT(Id) DESC LIMIT {most}" if most else ""
    soql = f"SELECT {named}, COUNT(Id) n FROM {name}{condition} GROUP BY {', '.join(fields)}{limit}"  # noqa: S608 - names are checked
    found = session.ask(QUERY_PAGE, "GET", "query/", params={"q": soql}).records
    rows = [{key.lower(): value for key, value in row.items()} for row in found]
    counted = [([_text(row.get(alias)) for alias in aliases], int(row.get("n") or 0)) for row in rows]
    return sorted(counted, key=lambda group: -group[1])


def _kinds_of_tasks(settings: SalesforceSettings, keys: Sequence[Sequence[str | None]]) -> list[str | None]:
    frame = pl.DataFrame(
        [(subtype, type_, None) for subtype, type_ in keys],
        {"TaskSubtype": pl.String, "Type": pl.String, "Subject": pl.String},
        orient="row",
    )
    return frame.select(task_kind(settings)).to_series().to_list()


def _by_whether_told(section: Campaigns, counted: Sequence[Members]) -> tuple[list[Members], list[Members]]:
    """Return the types that give a kind of their own, and those that do not."""
    known = {*_lower(section.responded), *_lower(section.added)}
    told = [one for one in counted if (one[0][0] or "").strip().lower() in known]
    return told, [one for one in counted if one not in told]


def _lower(kinds: Mapping[str, str]) -> dict[str, str]:
    return {value.strip().lower(): kind for value, kind in kinds.items()}


def _text(value: object) -> str | None:
    if value is None or value == "":
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)
