"""What `check` shows of a portal's forms, event types and tasks: the kind that each becomes, and how many there are."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from connectors.base import ConnectorError
from connectors.brought import switches
from connectors.hubspot import properties
from connectors.hubspot.answers import Rejected, following
from connectors.hubspot.brings import brings
from connectors.hubspot.kinds import form_kinds
from connectors.hubspot.mapping import Fields
from connectors.hubspot.portal import FORM_EVENT, Portal, switched_on
from connectors.hubspot.settings import COMPANY, ActivitySettings, HubSpotSettings
from connectors.hubspot.submissions import FORMS_QUERY
from connectors.hubspot.transport import Transport
from meaning.derive import FieldSource
from vocabulary.fields import FieldType, option_of
from vocabulary.findings import Finding

_PAGE: Final = 50
_COUNTED: Final = 40
"""Forms whose submissions are counted, at one call each."""
_LISTED: Final = 200
_TASK_TYPES: Final = ("CALL", "EMAIL", "TODO")
_PROBES: Final = {
    "page views": "events",
    "other events": "events",
    "marketing emails": "email_events",
    "webinars": "marketing_events",
    "emails": "emails",
}
"""The probe of `Portal` that shows whether a source is available, by the name of the source; forms have two."""


@dataclass(frozen=True, slots=True)
class Overview:
    """Asks for the names that decide what an activity becomes."""

    transport: Transport
    settings: HubSpotSettings
    wanted: Mapping[str, FieldType]
    of_deals: Mapping[str, FieldType]
    portal: Portal

    @property
    def activities(self) -> ActivitySettings:
        """Which activities are read."""
        return self.settings.activities

    def findings(self) -> Iterator[Finding]:
        """Yield notes on fields, sources, forms, event types and tasks. What cannot be read is left out."""
        for part in (self._fields, self._stages, self._sources, self._forms, self._events, self._tasks):
            try:
                yield from part()
            except (Rejected, ConnectorError) as error:
                yield Finding("note", "activities", f"Some names could not be read, so they are not listed. {error}")

    def _fields(self) -> Iterator[Finding]:
        """Yield a note for each field of the scorecards: the property that feeds it."""
        fields = Fields.of(self.settings, self.wanted, self.of_deals)
        yield from self._fed("contacts", "", fields.contact)
        if fields.company:
            yield from self._fed("companies", COMPANY, fields.company)
        if fields.deal:
            yield from self._fed("deals", "", fields.deal, "deals")

    def _stages(self) -> Iterator[Finding]:
        """Yield a note on the stages of deals, if they are read: HubSpot names them by ids."""
        fields = Fields.of(self.settings, self.wanted, self.of_deals)
        if any("dealstage" in source.paths for source in fields.deal.values()):
            stages = [stage for pipeline in self.transport.get("pipelines")["results"] for stage in pipeline["stages"]]
            named = ", ".join(f"{stage['id']} ({stage['label']})" for stage in stages)
            yield Finding("note", "deals", f"Conditions name the stages of deals by their ids: {named}.")

    def _fed(
        self, type_: str, prefix: str, fields: Mapping[str, FieldSource], option: str = "fields"
    ) -> Iterator[Finding]:
        known = properties.listed(self.transport, type_)
        for name, source in fields.items():
            labels = [f"{prefix}{path} ({known[path].get('label') or path})" for path in source.paths if path in known]
            how = f", as {source.derivation.name}(…)" if source.derivation else ""
            subject = option_of(name) if option == "fields" else f"{option}.{name}"
            yield Finding("note", subject, f"{name} is read from {' or else '.join(labels)}{how}.")

    def _sources(self) -> Iterator[Finding]:
        denied = {source for source, probe in _PROBES.items() if not self.portal.has(probe)}
        if not self.portal.has("forms" if self.portal.reads_forms() else "events"):
            denied.add("forms")
        yield from switches(brings(self.settings), denied)

    def _forms(self) -> Iterator[Finding]:
        kind = self.activities.events.get(FORM_EVENT) or "form_submit"
        wanted = self.portal.reads_forms() or bool(switched_on(self.activities.events).get(FORM_EVENT))
        if not wanted or not self.portal.has("forms"):
            return
        forms = list(self.transport.pages("forms", FORMS_QUERY))
        named = [str(form.get("name") or "") for form in forms]
        kinds = form_kinds(self.activities.by_form, kind)([(name, None) for name in named])
        shipped = form_kinds((), kind)([(name, None) for name in named])
        told = zip(forms[:_LISTED], named, kinds, shipped, strict=False)
        for number, (form, name, becomes, by_words) in enumerate(told):
            count = f", {self._submissions(str(form['id']))}" if number < _COUNTED else ""
            why = _why(becomes, by_words, kind)
            yield Finding("note", "forms", f"The form '{name}' becomes {becomes}{count}: {why}.")
        if len(forms) > _LISTED:
            yield Finding("note", "forms", f"{len(forms) - _LISTED} further forms are not listed.")
        if forms:
            yield Finding(
                "note",
                "forms",
                f"{len(forms)} forms in all.",
                "Where a kind is wrong: `activities.by_form: [{match: NAME, kind: KIND}]`.",
            )

    def _submissions(self, form: str) -> str:
        found, more = submitted(self.transport, form)
        return f"with {found} submissions or more" if more else f"with {found} submissions"

    def _events(self) -> Iterator[Finding]:
        if not switched_on(self.activities.events) or not self.portal.has("events"):
            return
        types = _texts(self.transport.get("event_types").get("eventTypes"))
        read = switched_on(self.activities.events)
        unread = [one for one in types if one not in read]
        shown = ", ".join(f"{one} becomes {kind}" for one, kind in read.items())
        if unread:
            message = f"Of the event types, {shown}; not read: {', '.join(unread)}."
            remedy = "To read one: `activities.events: {TYPE: KIND}`, with the others that are to be read."
            yield Finding("note", "events", message, remedy)

    def _tasks(self) -> Iterator[Finding]:
        counts = {type_: self._completed(type_) for type_ in _TASK_TYPES}
        if not any(counts.values()):
            return
        told = ", ".join(f"{count} of type {type_}" for type_, count in counts.items() if count)
        kind = self.activities.tasks
        becomes = f"become {kind}" if kind else "are not read"
        yield Finding(
            "note",
            "tasks",
            f"Completed tasks {becomes}: {told}.",
            "" if kind else "To read them: `activities.tasks: KIND`.",
        )

    def _completed(self, type_: str) -> int:
        filters = [_equals("hs_task_status", "COMPLETED"), _equals("hs_task_type", type_)]
        body = {"filterGroups": [{"filters": filters}], "properties": ["hs_object_id"], "limit": 1}
        return int(self.transport.post("search", body, type="tasks")["total"])


def _why(becomes: str, by_words: str, otherwise: str) -> str:
    """Return why a form becomes a kind."""
    if becomes != by_words:
        return "`activities.by_form` says so"
    if becomes != otherwise:
        return "words of its name say so"
    return "its name says nothing more, unless the page that it is on does"


def submitted(transport: Transport, form: str) -> tuple[int, bool]:
    """Return how many submissions the first page of a form shows, and whether there are more."""
    answer = transport.get("submissions", [("limit", str(_PAGE))], form=form)
    return len(answer["results"]), following(answer) is not None


def _equals(name: str, value: str) -> Mapping[str, str]:
    return {"propertyName": name, "operator": "EQ", "value": value}


def _texts(found: Any) -> Sequence[str]:
    return [str(one) for one in found] if isinstance(found, list) else []
