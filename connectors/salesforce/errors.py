"""Classify Salesforce's failures: which to retry, which end the day's calls, and which need a person."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Self
from urllib.parse import urlsplit

import orjson
import requests
from simple_salesforce.exceptions import SalesforceAuthenticationFailed

from connectors.base import BudgetSpent, ConfigurationError
from connectors.deadlines import Overdue
from connectors.retrying import Fatal, Lost, Refused, Verdict
from connectors.salesforce.wire import TooLarge, request_of
from vocabulary.doing import told
from vocabulary.outside import clean

logger: Final = logging.getLogger(__name__)
_CODE: Final = 100
"""Maximum characters kept of an error code."""

NEXT_LOOK: Final = timedelta(hours=1)
"""Salesforce counts calls over a rolling 24 hours, so some become available every hour."""

REMEDIES: Final = {
    "INVALID_FIELD": "Check the name in `fields` and `activities`, and that the permission set lets the user see it.",
    "INVALID_TYPE": "Check the object's name, and that the integration user may read it.",
    "MALFORMED_QUERY": "Check the `filter` conditions of objects and sources: each must be valid SOQL.",
    "INSUFFICIENT_ACCESS": "Grant the integration user the permission by its profile or a permission set.",
    "INSUFFICIENT_ACCESS_OR_READONLY": "Grant the integration user the permission by its profile or a permission set.",
    "API_DISABLED_FOR_ORG": "The org's edition has no API access: ask Salesforce for it.",
    "API_CURRENTLY_DISABLED": "The integration user lacks the permission `API Enabled`.",
    "UNSUPPORTED_API_VERSION": "Set `api_version` to one that the org serves.",
    "FEATURENOTENABLED": "The feature is off in this org: switch the source off in `activities`.",
    "TXN_SECURITY_METERING_ERROR": "A transaction security policy stops the user: exempt the integration user.",
    "OPERATION_TOO_LARGE": "Grant the integration user `View All Data`, which is required above 100,000 parents.",
}
OF_FIELDS: Final = frozenset(
    {
        "INVALID_FIELD",
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        "NUMBER_OUTSIDE_VALID_RANGE",
        "REQUIRED_FIELD_MISSING",
        "STRING_TOO_LONG",
        "DUPLICATE_VALUE",
    }
)
"""Codes for a field that is missing, hidden, read-only or bounded. A Bulk job reports `InvalidBatch` (recorded)."""
# Account Engagement signals limits by a code in the body, not by HTTP 429:
# https://developer.salesforce.com/docs/marketing/pardot/guide/overview.html (2026-11).
NOT_THERE: Final = frozenset({"INVALID_TYPE", "INVALIDENTITY"})
"""The org lacks the object, or the user may not see it."""
PARDOT_DAY_SPENT: Final = "122"
PARDOT_TOO_MANY_AT_ONCE: Final = "66"
TRANSIENT_CODES: Final = frozenset({"UNABLE_TO_LOCK_ROW", "SERVER_UNAVAILABLE", "UNKNOWN_EXCEPTION"})
TURNED_AWAY: Final = frozenset({420, 429, 503})
"""The edge answered instead of the org, so the call was not carried out."""

REDIRECTS: Final = range(300, 400)
TRANSIENT_STATUSES: Final = TURNED_AWAY | frozenset({406, 408, 500, 502, 504})


LIMITED: Final = (
    "Too many long calls to the org are running: Salesforce allows 25 at a time, 5 in developer orgs, for all programs "
    "together. Pause others, or run leadgauge at another time. A later pass resumes from this point."
)
TURNED_AWAY_REMEDY: Final = (
    "Salesforce's servers are refusing calls: see https://status.salesforce.com for the org's instance. A later pass "
    "resumes from this point."
)
PARDOT_LIMITED: Final = (
    "Account Engagement allows five calls of an account at a time: pause other programs. A later pass resumes from "
    "this point."
)
IN_TROUBLE: Final = (
    "Either Salesforce has an outage (see https://status.salesforce.com), or something in between, such as a proxy or "
    "a login page, is answering instead. None of these answers was used; a later pass resumes from this point."
)
NO_REDIRECT: Final = (
    "leadgauge follows no redirects, because they would leak its session: check `domain` in the settings (a renamed My "
    "Domain redirects), and any proxy in between."
)


class Rejected(ConfigurationError):  # noqa: N818 - named for what happened, like its base's siblings
    """Salesforce refused a call for good: `status`, and `code` such as `INVALID_FIELD`."""

    def __init__(self, status: int, code: str, message: str) -> None:
        remedy = REMEDIES.get(code, "")
        super().__init__("Salesforce refused a call.", answer=f"{status} {code} {message}".strip(), remedy=remedy)
        self.status, self.code = status, code
        self.about_fields = code in OF_FIELDS


class Unreadable(Exception):  # noqa: N818 - named for what the answer is
    """An answer lacks a part that its endpoint always returns; the message says which."""


class Short(Exception):  # noqa: N818 - named for what the result is
    """A complete result has fewer records than Salesforce counts, so all of it must be read again."""


@dataclass
class Problem(Exception):  # noqa: N818 - raised and judged inside this package
    """An unsuccessful answer, not yet classified."""

    status: int
    code: str
    text: str
    retry_after: float | None = None
    is_fault: bool = False
    """Whether it is a SOAP fault, which always has status 500."""
    request: str | None = None
    """Salesforce's own id of the call."""

    def __str__(self) -> str:
        return " ".join(part for part in (str(self.status), self.code, self.text) if part)

    @classmethod
    def of(cls, status: int, headers: Mapping[str, str], content: bytes) -> Self:
        """Parse an error in any of Salesforce's formats: a list, an object, or an HTML page."""
        code, text = code_and_text(content)
        if target := headers.get("Location", "") if status in REDIRECTS else "":
            text = f"leads to {urlsplit(target)._replace(query='', fragment='').geturl()}"
        return cls(status, code, text, _seconds(headers.get("Retry-After")), request=request_of(headers))


class Expired(Problem):
    """The session has expired: the call is repeated after a new sign-in."""


def code_and_text(body: bytes | list[Any]) -> tuple[str, str]:
    """Return the code and the message of an error."""
    if isinstance(body, list):
        return _of_first(body)
    try:
        answer: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        return "", clean(body[:20_000].decode("utf-8", "replace"))
    return _of_first(answer)


def _of_first(answer: Any) -> tuple[str, str]:
    first = answer[0] if isinstance(answer, list) and answer else answer
    if not isinstance(first, dict):
        return "", str(answer)[:300]
    # In turn: REST (a list), Bulk API 1.0, OAuth, Account Engagement.
    code = first.get("errorCode") or first.get("exceptionCode") or first.get("error") or first.get("code") or ""
    text = first.get("message") or first.get("exceptionMessage") or first.get("error_description") or ""
    return str(code), str(text)


def _seconds(header: str | None) -> float | None:
    return float(header) if header and header.isdecimal() else None


def classify(error: Exception) -> Verdict:
    """Return whether a failed call may be repeated."""
    match error:
        case Problem():
            return _logged(error, _classify_answer(error))
        case SalesforceAuthenticationFailed():
            return _classify_login(error)
        case Unreadable() | TooLarge():
            return Lost(str(error), remedy=IN_TROUBLE)
        case requests.ConnectTimeout():
            return Refused(f"no connection: {_brief(error)}")
        case requests.RequestException() | Overdue():
            return Lost(f"no answer: {_brief(error)}")
        case _:
            return Fatal(error)


def _logged(problem: Problem, verdict: Verdict) -> Verdict:
    """Log a refused call with Salesforce's own id of it."""
    ends = isinstance(verdict, Fatal) and problem.status != requests.codes.not_found
    doing = told(status=problem.status, code=clean(problem.code, limit=_CODE), request=problem.request)
    logger.log(logging.INFO if ends else logging.DEBUG, "Salesforce refused a call", extra=doing)
    return verdict


def _classify_answer(problem: Problem) -> Verdict:
    match problem:
        case Problem(code="REQUEST_LIMIT_EXCEEDED"):
            return _classify_limit(problem)
        case Problem(code=code) if code == PARDOT_DAY_SPENT:
            return Fatal(day_is_spent(str(problem)))
        case Problem(code=code) if code == PARDOT_TOO_MANY_AT_ONCE:
            return Refused(str(problem), problem.retry_after, PARDOT_LIMITED)
        case Problem(status=status) if status in TURNED_AWAY:
            return Refused(str(problem), problem.retry_after, TURNED_AWAY_REMEDY)
        case _:
            return _classify_failure(problem)


def _classify_failure(problem: Problem) -> Verdict:
    if problem.status in REDIRECTS:
        return Lost(str(problem), remedy=NO_REDIRECT)
    transient = problem.status in TRANSIENT_STATUSES and not problem.is_fault
    if problem.status == requests.codes.ok or transient or problem.code in TRANSIENT_CODES:
        return Lost(str(problem), problem.retry_after, IN_TROUBLE)
    return Fatal(Rejected(problem.status, problem.code, problem.text))


def _classify_limit(problem: Problem) -> Verdict:
    """Distinguish the daily limit from too many concurrent calls, which share a code and differ only in the text.

    "TotalRequests Limit exceeded." means the rolling 24 hours, "ConcurrentRequests … Limit exceeded." calls at a time.
    """
    if problem.text.startswith("TotalRequests"):
        return Fatal(day_is_spent(str(problem)))
    return Refused(str(problem), problem.retry_after, LIMITED)


def day_is_spent(answer: str = "") -> BudgetSpent:
    """Return the error for a day whose calls are used up."""
    return BudgetSpent(
        "The calls to Salesforce of the last 24 hours are used up.", datetime.now(UTC) + NEXT_LOOK, answer=answer
    )


def _classify_login(error: SalesforceAuthenticationFailed) -> Verdict:
    return Fatal(
        ConfigurationError(
            "Salesforce refused the sign-in.",
            answer=f"{error.code}: {_brief(error.auth_message)}",
            remedy="Check `auth` and `domain` in the settings, the app's policies and the integration user.",
        )
    )


def _brief(error: Exception | str) -> str:
    return " ".join(str(error).split())[:300]
