"""Account Engagement (Pardot), API v5: tracked activities on mails."""

import base64
import binascii
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, Final

import orjson
import polars as pl

from leadgauge_sandbox.salesforce import identifiers
from leadgauge_sandbox.salesforce.calls import Call, Reply, reply
from leadgauge_sandbox.salesforce.state import Sandbox
from leadgauge_sandbox.salesforce.visitors import TYPES

if TYPE_CHECKING:
    from leadgauge_sandbox.salesforce.rendering import Placement

FIRST_PROSPECT: Final = 55_000_000
PAGE: Final = 200
LARGEST: Final = 1000
LASTING: Final = timedelta(minutes=10)
USER_ZONE: Final = timezone(timedelta(hours=-7))
"""The time zone of the API user, used for all times."""
FIELDS: Final = (
    *("campaignId", "createdAt", "customRedirectId", "details", "emailId", "emailTemplateId", "fileId"),
    *("formHandlerId", "formId", "id", "landingPageId", "listEmailId", "multivariateTestVariationId"),
    *("opportunityId", "paidSearchAdId", "prospectId", "siteSearchQueryId", "type", "typeName", "updatedAt"),
    *("visitId", "visitorId", "visitorPageViewId"),
)
PROSPECT_FIELDS: Final = ("id", "email", "salesforceContactId", "salesforceLeadId", "firstName", "lastName")


class Refused(Exception):  # noqa: N818 - named for what happened
    """A call refused by Pardot, with its code."""

    def __init__(self, code: int, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


def visitor_activities(sandbox: Sandbox, call: Call) -> Reply:
    """GET /api/v5/objects/visitor-activities."""
    try:
        _admit(sandbox, call)
        return reply(_page(sandbox, call))
    except Refused as refusal:
        return reply({"code": refusal.code, "message": refusal.message}, refusal.status)


def _admit(sandbox: Sandbox, call: Call) -> None:
    token = call.headers.get("authorization", "").removeprefix("Bearer ").strip()
    if sandbox.sessions.user_of(token) is None:
        raise Refused(184, "access_token is invalid, unknown, or malformed", 401)
    unit = call.headers.get("pardot-business-unit-id")
    if unit is None:
        raise Refused(181, "A required header is missing: Pardot-Business-Unit-Id header not found on request.")
    if unit[: identifiers.SHORT] != sandbox.credentials.business_unit[: identifiers.SHORT]:
        raise Refused(181, f"Invalid Business Unit ID: {unit}")


def _page(sandbox: Sandbox, call: Call) -> dict[str, Any]:
    parameters = call.parameters
    wanted = [name.strip() for name in parameters.get("fields", "").split(",") if name.strip()]
    if not wanted:
        raise Refused(13, "One or more required parameters are missing: fields")
    _check_fields(wanted)
    state = _state(sandbox, parameters)
    frame = _filtered(sandbox, state["filters"])
    name, descending = _order(state["orderBy"])
    frame = frame.sort(name, "id", descending=[descending, descending])
    size = min(int(state["limit"]), sandbox.chain_limit - int(state["recCount"]))
    start = int(state["offset"])
    rows = frame.slice(start, size)
    seen = int(state["recCount"]) + rows.height
    more = start + rows.height < frame.height and seen < sandbox.chain_limit
    token = None
    if more:
        expires = (sandbox.org.clock.now() + LASTING).isoformat()
        following = {**state, "offset": start + rows.height, "recCount": seen, "page": state["page"] + 1}
        token = base64.b64encode(orjson.dumps({**following, "expireTime": expires})).decode()
    url = f"{call.base}{call.path}?fields={','.join(wanted)}&nextPageToken={token}" if more else None
    return {"nextPageToken": token, "nextPageUrl": url, "values": _values(sandbox, rows, wanted)}


def _check_fields(wanted: list[str]) -> None:
    for name in wanted:
        head, dot, tail = name.partition(".")
        if (dot and (head != "prospect" or tail not in PROSPECT_FIELDS)) or (not dot and name not in FIELDS):
            raise Refused(12, f"One or more parameters are invalid: fields, field {name} is not supported")


def _state(sandbox: Sandbox, parameters: dict[str, str]) -> dict[str, Any]:
    """Return the position in a chain of pages: the token holds the filters, and no others are allowed with it."""
    token = parameters.get("nextPageToken")
    if token is None:
        filters = {name: text for name, text in parameters.items() if name not in ("fields", "limit", "orderBy")}
        limit = parameters.get("limit", str(PAGE))
        if not limit.isdigit() or not 0 < int(limit) <= LARGEST:
            raise Refused(12, f"Invalid value for limit: {limit}. It must be between 1 and {LARGEST}")
        order = parameters.get("orderBy", "")
        return {"orderBy": order, "filters": filters, "limit": int(limit), "offset": 0, "page": 1, "recCount": 0}
    try:
        state: dict[str, Any] = orjson.loads(base64.b64decode(token, validate=True))
        expired = datetime.fromisoformat(state["expireTime"]) < sandbox.org.clock.now()
    except (ValueError, KeyError, binascii.Error):
        raise Refused(12, "Invalid nextPageToken") from None
    if expired:
        raise Refused(12, "The nextPageToken has expired")
    return state


def _order(spelled: str) -> tuple[str, bool]:
    name, _, direction = spelled.strip().partition(" ")
    columns = {"": "id", "id": "id", "createdAt": "at", "updatedAt": "at"}
    if name not in columns:
        raise Refused(12, f"Invalid value for orderBy: {spelled}")
    return columns[name], direction.strip().lower() == "desc"


def _filtered(sandbox: Sandbox, filters: dict[str, str]) -> pl.DataFrame:
    frame = sandbox.living.visitors.frame()
    for name, text in filters.items():
        frame = frame.filter(_filter(name, text))
    return frame


_BOUNDS: Final[dict[str, Callable[[pl.Expr, Any], pl.Expr]]] = {
    "AfterOrEqualTo": lambda column, value: column >= value,
    "BeforeOrEqualTo": lambda column, value: column <= value,
    "After": lambda column, value: column > value,
    "Before": lambda column, value: column < value,
    "GreaterThanOrEqualTo": lambda column, value: column >= value,
    "LessThanOrEqualTo": lambda column, value: column <= value,
    "GreaterThan": lambda column, value: column > value,
    "LessThan": lambda column, value: column < value,
}


def _filter(name: str, text: str) -> pl.Expr:
    if name in ("type", "id"):
        return pl.col(name).is_in([_number(name, each) for each in text.split(",")])
    if name == "prospectId":
        return pl.col("person") == _number(name, text) - FIRST_PROSPECT
    if name == "deleted":
        return pl.lit(text != "true")
    for suffix, bound in _BOUNDS.items():
        head = name.removesuffix(suffix)
        if head != name and head in ("createdAt", "updatedAt"):
            return bound(pl.col("at"), pl.lit(_moment(name, text), pl.Datetime("us", "UTC")))
        if head != name and head == "id":
            return bound(pl.col("id"), _number(name, text))
    raise Refused(12, f"One or more parameters are invalid: {name}")


def _number(name: str, text: str) -> int:
    if not text.strip().isdigit():
        raise Refused(12, f"Invalid value for {name}: {text}")
    return int(text)


def _moment(name: str, text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        raise Refused(12, f"Invalid value for {name}: {text}") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=USER_ZONE)).astimezone(UTC)


def _values(sandbox: Sandbox, rows: pl.DataFrame, wanted: list[str]) -> list[dict[str, Any]]:
    names = sorted({name for name in wanted if "." not in name}, key=lambda name: (name != "id", name))
    inner = [name.partition(".")[2] for name in wanted if "." in name]
    labels = dict(TYPES.values())
    values = []
    for row in rows.to_dicts():
        at = row["at"].astimezone(USER_ZONE).isoformat()
        prospect = FIRST_PROSPECT + row["person"]
        known = {
            "id": row["id"],
            "type": row["type"],
            "typeName": labels[row["type"]],
            "details": row["details"],
            "createdAt": at,
            "updatedAt": at,
            "prospectId": prospect,
            "visitorId": prospect,
            "listEmailId": row["mail"],
        }
        shown = {name: known.get(name) for name in names}
        if inner:
            shown["prospect"] = _prospect(sandbox, row["person"], inner)
        values.append(shown)
    return values


def _prospect(sandbox: Sandbox, person: int, names: list[str]) -> dict[str, Any]:
    found = sandbox.population.people[person]
    placement: Placement = sandbox.living.placement
    lead, contact = int(placement.lead[person]), int(placement.contact[person])
    known = {
        "id": FIRST_PROSPECT + person,
        "email": found.email,
        "firstName": found.given,
        "lastName": found.family,
        "salesforceContactId": identifiers.encode("003", contact + 1) if contact >= 0 else None,
        "salesforceLeadId": identifiers.encode("00Q", lead + 1) if lead >= 0 else None,
    }
    return {name: known[name] for name in names}
