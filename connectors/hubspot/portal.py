"""Find out which sources the portal's subscription and the token's scopes give access to, by one small call each."""

from collections.abc import Callable, Mapping
from functools import partial
from threading import Lock
from typing import Any, Final

from connectors.hubspot.answers import NOT_FOUND, NotGranted, Rejected
from connectors.hubspot.settings import ActivitySettings
from connectors.hubspot.transport import Transport
from connectors.marked import sources
from vocabulary.findings import Finding

FORM_EVENT: Final = "e_form_submission_v2"
PAGE_EVENT: Final = "e_visited_page"


class Portal:
    """Knows which sources of activities are available."""

    def __init__(self, transport: Transport, activities: ActivitySettings) -> None:
        self._transport, self._activities = transport, activities
        self._answers: dict[str, NotGranted | None] = {}
        self._lock = Lock()

    def denial(self, source: str) -> NotGranted | None:
        """Return why a source is unavailable, or None if it is available."""
        with self._lock:
            if source not in self._answers:
                self._answers[source] = self._ask(self._probes()[source])
            return self._answers[source]

    def has(self, source: str) -> bool:
        """Return whether a source is available."""
        return self.denial(source) is None

    def reads_forms(self) -> bool:
        """Return whether submissions are read form by form."""
        if self._activities.forms != "auto":
            return self._activities.forms
        return not self._events_tell(FORM_EVENT)

    def misses(self, trace: str) -> bool:
        """Return whether derived activities must replace a kind of activity."""
        if self._activities.derived != "auto":
            return self._activities.derived
        lacks: dict[str, Callable[[], bool]] = {
            "page_views": self._lacks_page_views,
            "forms": self._lacks_forms,
            "email_events": lambda: bool(switched_on(self._activities.email_events)) and not self.has("email_events"),
            "email_replies": lambda: bool(self._activities.email_replies) and not self.has("emails"),
        }
        return lacks[trace]()

    def findings(self) -> list[Finding]:
        """Return a warning for each wanted source that is unavailable."""
        return [
            Finding("warning", source, f"Not read: {denial.message} {denial.answer}", denial.remedy)
            for source in self._wanted()
            if (denial := self.denial(source))
        ]

    def _wanted(self) -> list[str]:
        wanted: dict[str, Callable[[], bool]] = {
            "events": lambda: bool(switched_on(self._activities.events)),
            "email_events": lambda: bool(switched_on(self._activities.email_events)),
            "forms": self.reads_forms,
            "emails": lambda: bool(self._activities.emails or self._activities.email_replies),
        }
        marked = [one.name for _, value, one in sources(self._activities) if one.probe and one.wanted(value)]
        return [*(source for source, is_wanted in wanted.items() if is_wanted()), *marked]

    def _probes(self) -> dict[str, Callable[[], object]]:
        marked = {one.name: partial(one.probe, self._transport) for _, _, one in sources(self._activities) if one.probe}
        return {**{name: partial(probe, self) for name, probe in _PROBES.items()}, **marked}

    def _lacks_page_views(self) -> bool:
        return bool(self._activities.events.get(PAGE_EVENT)) and not self.has("events")

    def _lacks_forms(self) -> bool:
        wanted = bool(self._activities.events.get(FORM_EVENT)) or bool(self._activities.forms)
        return wanted and not self._events_tell(FORM_EVENT) and not (self.reads_forms() and self.has("forms"))

    def _events_tell(self, type_: str) -> bool:
        return bool(self._activities.events.get(type_)) and self.has("events")

    def _ask(self, probe: Callable[[], object]) -> NotGranted | None:
        try:
            probe()
        except NotGranted as denial:
            return denial
        except Rejected as rejected:
            if rejected.complaint.status != NOT_FOUND:
                raise
            return NotGranted("a source of activities", rejected.complaint)
        return None

    def _events(self) -> None:
        type_ = next(iter(switched_on(self._activities.events)), PAGE_EVENT)
        self._transport.get("events", [("eventType", type_), ("limit", "1")])

    def _email_events(self) -> None:
        self._transport.get("email_events", [("eventType", "OPEN"), ("limit", "1")])

    def _forms(self) -> None:
        self._transport.get("forms", [("limit", "1")])

    def _emails(self) -> None:
        self._transport.get("objects", [("limit", "1")], type="emails")


_PROBES: Final[dict[str, Callable[[Portal], None]]] = {
    "events": Portal._events,  # noqa: SLF001 - a table of this class's own methods
    "email_events": Portal._email_events,  # noqa: SLF001 - as above
    "forms": Portal._forms,  # noqa: SLF001 - as above
    "emails": Portal._emails,  # noqa: SLF001 - as above
}


def switched_on(kinds: Mapping[Any, str | None]) -> dict[str, str]:
    """Return the entries that have a kind."""
    return {name: kind for name, kind in kinds.items() if kind}
