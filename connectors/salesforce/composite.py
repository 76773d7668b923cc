"""Several calls of the Tooling API in one call, which counts once.

"You can have up to 25 subrequests in a single call":
https://developer.salesforce.com/docs/atlas.en-us.api_tooling.meta/api_tooling/tooling_resources_composite_composite.htm
(2026-11).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from connectors.salesforce.errors import (
    TRANSIENT_CODES,
    TRANSIENT_STATUSES,
    Problem,
    Rejected,
    Unreadable,
    code_and_text,
)
from connectors.salesforce.readings import COMPOSITE, CompositePart
from connectors.salesforce.session import Session
from connectors.salesforce.wire import Answer

PARTS_PER_CALL: Final = 25
_NO_SUCCESS: Final = 300


@dataclass(frozen=True, slots=True)
class Part:
    """One call: `path` is relative to `tooling/`, and `reading` parses the status and the body of its answer."""

    method: str
    path: str
    reading: Callable[[int, Any], Any]
    body: Any = None


def nothing(status: int, body: Any) -> None:
    """Parse the answer to a change, which has no body."""
    if body is not None:
        raise Unreadable(f"{status} with a body where none belongs")


def together(session: Session, parts: Sequence[Part], *, repeatable: bool = True) -> list[Any]:
    """Make calls in their order, and return for each its parsed answer, or the `Rejected` that refused it."""
    found: list[Any] = []
    for start in range(0, len(parts), PARTS_PER_CALL):
        chunk = parts[start : start + PARTS_PER_CALL]
        body = {"allOrNone": False, "compositeRequest": [_request(session, *each) for each in enumerate(chunk)]}
        reading = partial(_read, chunk)
        found += session.ask(reading, "POST", "tooling/composite", body=body, repeatable=repeatable)
    return found


def _request(session: Session, place: int, part: Part) -> dict[str, Any]:
    url = f"/services/data/v{session.settings.api_version}/tooling/{part.path}"
    request = {"method": part.method, "url": url, "referenceId": _reference(place)}
    return request if part.body is None else request | {"body": part.body}


def _reference(place: int) -> str:
    return f"part{place}"


def _read(parts: Sequence[Part], answer: Answer) -> list[Any]:
    """Parse the answers to the parts. There is one for each, in the same order."""
    found = COMPOSITE(answer).compositeResponse
    if [each.referenceId for each in found] != [_reference(place) for place in range(len(parts))]:
        raise Unreadable(f"answers to other parts than the {len(parts)} that were sent")
    return [_outcome(part, each) for part, each in zip(parts, found, strict=True)]


def _outcome(part: Part, answer: CompositePart) -> Any:
    """Return the parsed answer to a part, or its refusal. A passing failure makes the whole call fail."""
    if answer.httpStatusCode < _NO_SUCCESS:
        return part.reading(answer.httpStatusCode, answer.body)
    if not isinstance(answer.body, list):
        raise Unreadable(f"{answer.httpStatusCode} without an error")
    code, text = code_and_text(answer.body)
    if answer.httpStatusCode in TRANSIENT_STATUSES or code in TRANSIENT_CODES:
        raise Problem(answer.httpStatusCode, code, text)
    return Rejected(answer.httpStatusCode, code, text)
