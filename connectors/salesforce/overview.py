"""What `check` shows of an org's campaigns, tasks and declared objects: the kind that each becomes, and how many."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Final

import polars as pl

from connectors.base import ConnectorError
from connectors.salesforce.activities import task_kind
from connectors.salesforce.describe import Descriptions
from connectors.salesforce.readings import QUERY_PAGE
from connectors.salesforce.session import Session
from connectors.salesforce.settings import KindOf, SalesforceSettings, Source
from connectors.salesforce.soql import all_of, literal
from vocabulary.findings import Finding

_LISTED: Final = 60
_Group = tuple[Sequence[str | None], int]


class Overview:
    """Counts records by the field that decides their kind, one grouped query per object."""

    def __init__(self, session: Session, descriptions: Descriptions) -> None:
        self._session, self._descriptions = session, descriptions

    @property
    def _settings(self) -> SalesforceSettings:
        return self._session.settings

    def findings(self) -> Iterator[Finding]:
        """Yield notes. A count that Salesforce refuses, such as for its size, is left out with a note."""
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

    def _campaigns(self) -> Iterator[Finding]:
        section = self._settings.activities.campaigns
        responded, added = _lower(section.responded), _lower(section.added)
        groups = self._groups("CampaignMember", ("Campaign.Type", "HasResponded"))
        by_type: dict[str | None, list[int]] = {}
        for (type_, has_responded), count in groups:
            counts = by_type.setdefault(type_, [0, 0])
            counts[0] += count
            counts[1] += count if has_responded == "true" else 0
        for type_, (members, responses) in sorted(by_type.items(), key=lambda one: -one[1][0])[:_LISTED]:
            key = (type_ or "").lower()
            response = responded.get(key) or section.otherwise or "left out"
            being = f", being added {added[key]}" if key in added else ""
            name = f"of type {type_}" if type_ else "without a type"
            yield Finding(
                "note",
                "activities.campaigns",
                f"Campaigns {name}: {members} members, {responses} responses. A response becomes {response}{being}.",
            )

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

    def _groups(self, name: str, fields: Sequence[str], where: str = "") -> list[_Group]:
        """Return how many records there are by these fields, the most frequent first."""
        aliases = [f"f{number}" for number in range(len(fields))]
        named = ", ".join(f"{field} {alias}" for field, alias in zip(fields, aliases, strict=True))
        condition = f" WHERE {where}" if where else ""
        soql = f"SELECT {named}, COUNT(Id) n FROM {name}{condition} GROUP BY {', '.join(fields)}"  # noqa: S608 - names are checked
        found = self._session.ask(QUERY_PAGE, "GET", "query/", params={"q": soql}).records
        rows = [{key.lower(): value for key, value in row.items()} for row in found]
        groups = [([_text(row.get(alias)) for alias in aliases], int(row.get("n") or 0)) for row in rows]
        return sorted(groups, key=lambda group: -group[1])


def _kinds_of_tasks(settings: SalesforceSettings, keys: Sequence[Sequence[str | None]]) -> list[str | None]:
    frame = pl.DataFrame(
        [(subtype, type_, None) for subtype, type_ in keys],
        {"TaskSubtype": pl.String, "Type": pl.String, "Subject": pl.String},
        orient="row",
    )
    return frame.select(task_kind(settings)).to_series().to_list()


def _lower(kinds: Mapping[str, str]) -> dict[str, str]:
    return {value.strip().lower(): kind for value, kind in kinds.items()}


def _text(value: object) -> str | None:
    if value is None or value == "":
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)
