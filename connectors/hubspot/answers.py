"""HubSpot's answers, parsed defensively.

Every field of an error is optional: https://developers.hubspot.com/docs/api-reference/error-handling (2026-11). Some
errors are HTML, such as the 404 for a missing contact.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import Any

import orjson

from connectors.base import ConfigurationError
from connectors.behind import Who, who_answers
from vocabulary.outside import clean

_SCOPES = "requiredGranularScopes"
_ID = 100
"""Maximum characters kept of an id of a call."""

NO_CONTENT, MULTI_STATUS = 204, 207
BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, NOT_FOUND, CONFLICT, TOO_MANY = 400, 401, 403, 404, 409, 429


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer with its whole body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def good(self) -> bool:
        """Whether the status says that the call succeeded."""
        return 200 <= self.status < 300  # noqa: PLR2004 - HTTP's own numbers

    def json(self) -> dict[str, Any]:
        """Parse the body. Raise ValueError if it is empty or not a JSON object."""
        if not self.body:
            raise ValueError(f"HTTP {self.status} without a body")
        try:
            found = orjson.loads(self.body)
        except orjson.JSONDecodeError as error:
            if who_answers(self.body) == "A web page":
                raise ValueError(f"HTTP {self.status} with a web page instead of JSON") from None
            raise ValueError(f"HTTP {self.status} with a body that is no JSON: {error}") from None
        if not isinstance(found, dict):
            raise ValueError(f"HTTP {self.status} with JSON that is no object")  # noqa: TRY004 - same as bad JSON
        return found

    def number(self, header: str) -> float | None:
        """Return a header as a number, or None if it is absent or not a number."""
        try:
            number = float(self.headers.get(header, ""))
        except ValueError:
            return None
        return number if isfinite(number) and number >= 0 else None

    @property
    def request(self) -> str | None:
        """HubSpot's own id of the call: a header of most answers, `correlationId` of error bodies (recorded)."""
        if named := self.headers.get("X-HubSpot-Correlation-Id"):
            return clean(named, limit=_ID)
        try:
            named = self.json().get("correlationId")
        except ValueError:
            return None
        return clean(named, limit=_ID) if named else None

    @property
    def date(self) -> float | None:
        """The server's clock in seconds since 1970, or None without a valid `Date`."""
        try:
            return parsedate_to_datetime(self.headers.get("Date", "")).timestamp()
        except (ValueError, OverflowError):
            return None


def following(answer: Mapping[str, Any]) -> str | None:
    """Return the token of the next page, or None on the last page, which has no `paging` (recorded)."""
    after = ((answer.get("paging") or {}).get("next") or {}).get("after")
    return None if after is None else str(after)


def _listed(value: Any) -> list[Any]:
    """Return a list, or an empty one for what is none: every part of an error may be anything."""
    return value if isinstance(value, list) else []


def _of_context(error: Mapping[str, Any], name: str) -> Any:
    context = error.get("context")
    return context.get(name) if isinstance(context, dict) else None


@dataclass(frozen=True, slots=True)
class Complaint:
    """The content of an error body, as far as there is any."""

    status: int
    message: str
    category: str
    sub_category: str
    policy: str
    errors: tuple[Mapping[str, Any], ...]
    context: Mapping[str, Any]
    who: Who | None = None
    """Who seems to have written it; None if that is unknown."""

    @classmethod
    def of(cls, answer: Answer) -> "Complaint":
        """Parse an error body of any shape."""
        try:
            said = answer.json()
        except ValueError:  # HTML
            said = {"message": answer.body[:200].decode("latin-1").strip()}
        errors = tuple(error for error in _listed(said.get("errors")) if isinstance(error, dict))
        context = said.get("context") if isinstance(said.get("context"), dict) else {}
        return cls(
            answer.status,
            str(said.get("message") or f"HTTP {answer.status}"),
            # Burst 429s carry `errorType` and `policyName` instead of `category`; search 429s have it (recorded).
            str(said.get("category") or said.get("errorType") or ""),
            str(said.get("subCategory") or ""),
            str(said.get("policyName") or ""),
            errors,
            context or {},
            who_answers(answer.body),
        )

    @property
    def code(self) -> str:
        """The most specific code: that of the first detail, else the category, else the status."""
        details = [str(error["code"]) for error in self.errors if error.get("code")]
        return next(iter(details), self.category or str(self.status))

    @property
    def properties(self) -> tuple[str, ...]:
        """The properties that the details complain about."""
        named = [name for error in self.errors for name in _listed(_of_context(error, "propertyName"))]
        return tuple(dict.fromkeys(map(str, named)))

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scopes that the call requires."""
        named = [self.context.get(_SCOPES), *(_of_context(error, _SCOPES) for error in self.errors)]
        return tuple(dict.fromkeys(str(scope) for found in named for scope in _listed(found)))


class Rejected(ConfigurationError):  # noqa: N818 - named for what HubSpot did
    """HubSpot understood a call and refused it."""

    def __init__(self, what: str, complaint: Complaint, remedy: str = "", *, about_fields: bool = False) -> None:
        super().__init__(f"HubSpot refused {what}.", answer=f"{complaint.status} {complaint.message}", remedy=remedy)
        self.complaint, self.about_fields = complaint, about_fields


class PropertiesGone(ConfigurationError):  # noqa: N818 - named for what happened
    """HubSpot's answers omit properties, which means that they no longer exist."""

    about_fields = True

    def __init__(self, names: Sequence[str]) -> None:
        named = ", ".join(names)
        super().__init__(
            f"HubSpot's answers lack the properties {named}, so nothing was read.",
            remedy="Restore them in HubSpot, or take them out of `fields` or `deals`.",
        )


class NotGranted(Rejected):
    """The token lacks a scope, or the portal's tier lacks the feature."""

    def __init__(self, what: str, complaint: Complaint, holder: str = "the token") -> None:
        """`holder` has the scopes, worded for a message."""
        needed = ", ".join(complaint.scopes)
        remedy = (
            f"Grant the scopes {needed} to {holder}." if needed else "The portal's subscription does not include it."
        )
        super().__init__(what, complaint, remedy)
