"""Conditional requests: `If-Modified-Since` and `If-Unmodified-Since`, to the second."""

from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Final

from leadgauge_sandbox.salesforce.calls import Call, Reply
from leadgauge_sandbox.salesforce.errors import SalesforceError

NOT_MODIFIED: Final = 304


def unless_known(call: Call, changed: datetime, answer: Reply) -> Reply:
    """Return a response with Last-Modified, or 304 if the client already has it."""
    since = _moment(call, "if-modified-since")
    if since is not None and changed.replace(microsecond=0) <= since:
        return Reply(NOT_MODIFIED)
    answer.headers["Last-Modified"] = format_datetime(changed.astimezone(UTC), usegmt=True)
    return answer


def check_unmodified(call: Call, changed: datetime) -> None:
    """Refuse a change if the record has changed since the client read it."""
    since = _moment(call, "if-unmodified-since")
    if since is not None and changed.replace(microsecond=0) > since:
        message = "The record has been modified since the given date."
        raise SalesforceError("PRECONDITION_FAILED", message, status=412)


def _moment(call: Call, header: str) -> datetime | None:
    text = call.headers.get(header)
    try:
        return None if text is None else parsedate_to_datetime(text)
    except ValueError:
        raise SalesforceError("INVALID_HEADER", f"Invalid date in header {header}: {text}") from None
