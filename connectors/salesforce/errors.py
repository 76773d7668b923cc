"""What Salesforce's failures mean: which are repeated, which stop the day, which a person must settle."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson
import requests
from simple_salesforce.exceptions import SalesforceAuthenticationFailed

from connectors.base import BudgetSpent, ConfigurationError
from connectors.retrying import Fatal, Lost, Refused, Verdict

NEXT_LOOK: Final = timedelta(hours=1)
"""Salesforce counts calls over the last 24 hours, so some come free again every hour."""

REMEDIES: Final = {
    "INVALID_FIELD": "Check the name in `fields` and `activities`, and that the permission set lets the user see it.",
    "INVALID_TYPE": "Check the object's name, and that the integration user may read it.",
    "MALFORMED_QUERY": "Check the `filter` conditions of objects and sources: each must be valid SOQL.",
    "INSUFFICIENT_ACCESS": "Grant the integration user the right by its profile or permission set.",
    "INSUFFICIENT_ACCESS_OR_READONLY": "Grant the integration user the right by its profile or permission set.",
    "API_DISABLED_FOR_ORG": "The org's edition has no API access: ask Salesforce for it.",
    "API_CURRENTLY_DISABLED": "The integration user lacks the permission `API Enabled`.",
    "UNSUPPORTED_API_VERSION": "Set `api_version` to one that the org serves.",
    "FEATURENOTENABLED": "The feature is off in this org: switch the source off in `activities`.",
    "TXN_SECURITY_METERING_ERROR": "A transaction security policy stops the user: exempt the integration user.",
    "OPERATION_TOO_LARGE": "Grant the integration user `View All Data`: Salesforce asks for it above 100,000 parents.",
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
"""What Salesforce says when a field is gone, hidden, read-only or bounded; a Bulk job says `InvalidBatch`."""
PARDOT_DAY_SPENT: Final = "122"
PARDOT_TOO_MANY_AT_ONCE: Final = "66"
TRANSIENT_CODES: Final = frozenset({"UNABLE_TO_LOCK_ROW", "SERVER_UNAVAILABLE", "UNKNOWN_EXCEPTION"})
TURNED_AWAY: Final = frozenset({420, 429, 503})
"""The edge answered in place of the org, which did nothing."""

TRANSIENT_STATUSES: Final = TURNED_AWAY | frozenset({406, 408, 500, 502, 504})


class Rejected(ConfigurationError):  # noqa: N818 - named for what happened, like its base's siblings
    """Salesforce refused a call for good: `status`, and `code` such as `INVALID_FIELD`."""

    def __init__(self, status: int, code: str, message: str) -> None:
        remedy = REMEDIES.get(code, "")
        super().__init__("Salesforce refused a call.", answer=f"{status} {code} {message}".strip(), remedy=remedy)
        self.status, self.code = status, code
        self.about_fields = code in OF_FIELDS


@dataclass
class Problem(Exception):  # noqa: N818 - raised and judged inside this package
    """An answer that is no success, as it came."""

    status: int
    code: str
    text: str
    retry_after: float | None = None

    def __str__(self) -> str:
        return f"{self.status} {self.code} {self.text}".strip()

    @classmethod
    def of(cls, status: int, headers: Mapping[str, str], content: bytes) -> "Problem":
        """Read an answer in any of Salesforce's shapes: a list, an object, or a page of HTML."""
        code, text = _code_and_text(content)
        return cls(status, code, text, _seconds(headers.get("Retry-After")))


def _code_and_text(body: bytes) -> tuple[str, str]:
    try:
        answer: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        return "", " ".join(body[:300].decode("utf-8", "replace").split())
    first = answer[0] if isinstance(answer, list) and answer else answer
    if not isinstance(first, dict):
        return "", str(answer)[:300]
    code = first.get("errorCode") or first.get("exceptionCode") or first.get("error") or first.get("code") or ""
    text = first.get("message") or first.get("exceptionMessage") or first.get("error_description") or ""
    return str(code), str(text)


def _seconds(header: str | None) -> float | None:
    return float(header) if header and header.isdecimal() else None


def classify(error: Exception) -> Verdict:
    """Say whether a failed call may be repeated."""
    match error:
        case Problem():
            return _classify_answer(error)
        case SalesforceAuthenticationFailed():
            return _classify_login(error)
        case requests.ConnectTimeout():
            return Refused(f"no connection: {_brief(error)}")
        case requests.RequestException():
            return Lost(f"no answer: {_brief(error)}")
        case _:
            return Fatal(error)


def _classify_answer(problem: Problem) -> Verdict:
    if problem.code == "REQUEST_LIMIT_EXCEEDED":
        return _classify_limit(problem)
    if problem.code == PARDOT_DAY_SPENT:
        return Fatal(day_is_spent(str(problem)))
    if problem.code == PARDOT_TOO_MANY_AT_ONCE or problem.status in TURNED_AWAY:
        return Refused(str(problem), problem.retry_after)
    if problem.status == requests.codes.ok or problem.status in TRANSIENT_STATUSES or problem.code in TRANSIENT_CODES:
        return Lost(str(problem), problem.retry_after)
    return Fatal(Rejected(problem.status, problem.code, problem.text))


def _classify_limit(problem: Problem) -> Verdict:
    """Tell the day's calls from too many at once: the code is the same, the text alone tells them apart."""
    if problem.text.startswith("TotalRequests"):
        return Fatal(day_is_spent(str(problem)))
    return Refused(str(problem), problem.retry_after)


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
            remedy="Check `auth` and `domain` in the settings, the connected app's policies and the integration user.",
        )
    )


def _brief(error: Exception | str) -> str:
    return " ".join(str(error).split())[:300]
