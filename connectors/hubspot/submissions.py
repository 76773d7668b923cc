"""Form submissions, read form by form, newest first. They carry no contact id, only the email address entered."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from connectors.hubspot import frames
from connectors.hubspot.answers import following
from connectors.hubspot.entrants import of_each
from connectors.hubspot.kinds import KindsOf, Named
from connectors.hubspot.portal import Portal
from connectors.hubspot.spans import Span, Step, onward
from connectors.hubspot.streams import Reader, Repeated
from connectors.hubspot.transport import Transport
from connectors.hubspot.windows import FIRST
from vocabulary.pages import Cursor, Stream
from vocabulary.rows import address_digest

FORMS: Final = Stream("forms", "form submissions", by_lead=False)
FORMS_QUERY: Final = (("limit", "100"), ("formTypes", "all"))
"""Without `formTypes=all`, only forms built in HubSpot are listed."""
_PAGE: Final = 50


class Forms:
    """The portal's forms by id, listed on first use."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._names: dict[str, str] | None = None

    def names(self) -> Mapping[str, str]:
        """Return the name of every form, including those not built in HubSpot."""
        if self._names is None:
            forms = self._transport.pages("forms", FORMS_QUERY, sure=True)
            self._names = {str(form["id"]): str(form.get("name") or "") for form in forms}
        return self._names

    def name(self, form: str) -> str | None:
        """Return a form's name, or None if it is unknown."""
        return self.names().get(form) or None


@dataclass(frozen=True, slots=True)
class Submissions:
    """Reads the submissions of each form back to the last pull."""

    transport: Transport
    portal: Portal
    forms: Forms
    kinds: KindsOf
    overlap: int
    since: int

    def parts(self, cursor: Cursor) -> list[Span]:
        """Return one span per form, back to the start of the last pull."""
        if not self.portal.reads_forms():
            return []
        last = int(cursor["since"])
        until = last - self.overlap if last else int(cursor["began"]) - self.since
        return [{"form": form, "until": until, **({} if last else {FIRST: True})} for form in self.forms.names()]

    def take(self, span: Span) -> Step:
        """Read one page of one form's submissions."""
        form = str(span["form"])
        query = [("limit", str(_PAGE)), *([("after", str(span["after"]))] if span.get("after") else [])]
        answer = self.transport.get("submissions", query, sure=FIRST in span, form=form)
        rows = answer["results"]
        fresh = [row for row in rows if int(row["submittedAt"]) >= int(span["until"])]
        after = following(answer)
        done = len(fresh) < len(rows)
        named = [(self.forms.name(form), row.get("pageUrl") or None) for row in fresh]
        activities = [self._activity(form, *one) for one in zip(fresh, named, self.kinds(named), strict=True)]
        parts = {"activities": frames.activities(activities)}
        return Step(parts, [] if done or after is None else [onward(span, after)])

    @staticmethod
    def _activity(form: str, row: Mapping[str, Any], named: Named, kind: str) -> tuple[Any, ...]:
        digest = address_digest(_address(row["values"]))
        at, (name, url) = row["submittedAt"], named
        identity = f"form:{row.get('conversionId') or f'{form}:{at}:{digest}'}"
        return None, digest, identity, kind, at, url, name, None, None


def _address(values: Sequence[Mapping[str, Any]]) -> str | None:
    return next((str(entry.get("value")) for entry in values if entry.get("name") == "email"), None)


def submissions(reader: Reader, source: Submissions, every: int) -> Repeated:
    """Return the stream of form submissions."""

    def newest(span: Span) -> Step:
        return replace(source.take(span), rest=())

    def of_leads(_leads: Sequence[str]) -> Iterator[Mapping[str, Any]]:
        spans = source.parts({"since": 0, "began": reader.now()})
        return of_each(reader, newest, [{"form": span["form"], "until": span["until"]} for span in spans])

    return Repeated(FORMS, reader, source.parts, source.take, every, of_leads)
