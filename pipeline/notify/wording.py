"""What messages say: templates, ours or those of the settings, filled in with what is known now."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from jinja2 import TemplateError

from config.notify import ENVIRONMENT, About, Sink
from pipeline.notify.message import Message, from_text
from pipeline.notify.names import Names
from store.notices.reading import About as Lead
from vocabulary.links import Links
from vocabulary.outside import clean

SHOWN: Final = 25
"""How many leads of a kind a digest lists; the rest is counted."""
_NAME: Final = 100
_LEAD: Final = """\
{% if lead.name %}{{ lead.name }}, {% endif %}{% if lead.of == "accounts" %}account {% endif %}\
{{ lead.id }}{% if lead.owner %} (owner {{ lead.owner }}){% endif %}\
{% if lead.scorecard %}, scorecard {{ lead.scorecard }}{% endif %}{% if lead.link %} {{ lead.link }}{% endif %}

"""
"""One line: of two line breaks after a tag, one is kept."""
TEMPLATES: Final[Mapping[About, str]] = {
    "priority": """\
{% if leads | length == 1 %}New {{ leads[0].priority }} {{ leads[0].of[:-1] }}{% else %}New: {{ counted }}\
{% endif %} ({{ connection }})
{% for lead in leads %}
"""
    + _LEAD
    + """\
{% if lead.why_now %}  {{ lead.why_now }}
{% endif %}{% if lead.next_step %}  {{ lead.next_step }}
{% endif %}{% endfor %}""",
    "digest": """\
{{ new | length }} new and {{ cooling | length }} about to cool down ({{ connection }})
{% if new %}New in the first priority:
{% endif %}{% for lead in new[:shown] %}
"""
    + _LEAD
    + """\
{% endfor %}{% if new | length > shown %}… and {{ new | length - shown }} more
{% endif %}{% if cooling %}About to cool down within a day if nothing happens:
{% endif %}{% for lead in cooling[:shown] %}
"""
    + _LEAD
    + """\
  until {{ lead.expires_at }}
{% endfor %}{% if cooling | length > shown %}… and {{ cooling | length - shown }} more
{% endif %}""",
    "trouble": """\
{{ connection }}: {{ what }}
{{ message }}
""",
}
"""Our own words."""


class Unsayable(Exception):  # noqa: N818 - named for what the message is
    """A template of the settings cannot be filled in."""


@dataclass(frozen=True, slots=True)
class Words:
    """What all messages of a connection have in common."""

    connection: str
    links: Links
    zone: Any
    names: Names = field(default_factory=dict)
    """The names that messages say, if any."""

    def of_leads(self, sink: Sink, leads: Sequence[Lead], keys: Sequence[str]) -> Message:
        """Return the message about leads that are new in the first priority."""
        given = {"leads": self._plain(leads), "counted": _counted(leads)}
        return self._said(sink, "priority", given, keys)

    def of_digest(self, sink: Sink, new: Sequence[Lead], cooling: Sequence[Lead], keys: Sequence[str]) -> Message:
        """Return the daily digest."""
        given = {"new": self._plain(new), "cooling": self._plain(cooling), "shown": SHOWN}
        return self._said(sink, "digest", given, keys)

    def of_trouble(self, sink: Sink, facts: Mapping[str, Any], keys: Sequence[str]) -> Message:
        """Return the message about a pass that needs a person."""
        return self._said(sink, "trouble", {name: _clean(value) for name, value in facts.items()}, keys)

    def of_test(self, sink: Sink, name: str) -> Message:
        """Return a message that says where it came from."""
        facts = {"what": "a test message", "message": f"The sink {name} works. Nothing has to be done."}
        return self.of_trouble(sink, facts, (f"test:{self.connection}:{name}",))

    def _said(self, sink: Sink, about: About, given: Mapping[str, Any], keys: Sequence[str]) -> Message:
        facts = {"connection": self.connection, **given}
        try:
            text = ENVIRONMENT.from_string(sink.templates.get(about, TEMPLATES[about])).render(facts)
        except (TemplateError, ArithmeticError, TypeError, ValueError, LookupError) as error:
            raise Unsayable(f"the template `{about}` cannot be filled in: {clean(error)}") from None
        shown = [lead for value in given.values() if isinstance(value, list) for lead in value]
        return from_text(about, text, [lead["link"] for lead in shown if lead["link"]], keys, facts)

    def _plain(self, leads: Sequence[Lead]) -> list[dict[str, Any]]:
        return [self._about(lead) for lead in leads]

    def _about(self, lead: Lead) -> dict[str, Any]:
        """Return a lead as templates see it; everything from outside is one clean line."""
        until = lead.expires_at
        return {
            "id": _clean(lead.lead),
            "of": lead.of,
            "name": clean(self.names.get((lead.of, lead.lead), ""), limit=_NAME),
            "link": self.links.of(lead.lead, lead.of) or "",
            "scorecard": lead.prefix,
            "priority": _clean(lead.priority or ""),
            "score": lead.score,
            "owner": _clean(lead.owner or ""),
            "why_now": _clean(lead.why_now),
            "next_step": _clean(lead.next_step),
            "expires_at": "" if until is None else f"{until.astimezone(self.zone):%Y-%m-%d %H:%M %Z}",
        }


def _clean(value: Any) -> Any:
    return clean(value, limit=300) if isinstance(value, str) else value


def _counted(leads: Sequence[Lead]) -> str:
    """Return how many there are of each priority and kind, such as `2 P1 leads, 1 Now account`."""
    numbers = Counter((_clean(lead.priority or ""), lead.of) for lead in leads)
    return ", ".join(f"{count} {name} {of if count > 1 else of[:-1]}" for (name, of), count in numbers.items())
