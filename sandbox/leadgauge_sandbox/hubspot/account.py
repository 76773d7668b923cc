"""Endpoints about the account itself: details, usage, owners, tokens."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

from leadgauge_sandbox.hubspot.answers import Answer, Refused, correlation, iso
from leadgauge_sandbox.hubspot.calls import Call, Endpoint
from leadgauge_sandbox.hubspot.limits import ZONE
from leadgauge_sandbox.hubspot.portal import PORTAL_ID, SOURCE_ID
from leadgauge_sandbox.hubspot.tokens import ALL_SCOPES

if TYPE_CHECKING:
    from leadgauge_sandbox.hubspot.portal import Portal
    from leadgauge_sandbox.hubspot.tokens import Grant

OWNERS: Final = (("71000001", "Ada", "Sample"), ("71000002", "Blaise", "Exemple"), ("71000003", "Chiyo", "Mihon"))


def _offset(portal: Portal) -> dict[str, Any]:
    local = datetime.fromtimestamp(portal.clock.now() / 1000, UTC).astimezone(ZoneInfo(ZONE))
    text = local.strftime("%z")
    shift = local.utcoffset()
    return {
        "utcOffset": f"{text[:3]}:{text[3:]}",
        "utcOffsetMilliseconds": int(shift.total_seconds() * 1000) if shift else 0,
    }


def me(portal: Portal, _: Call) -> Answer:
    """GET /integrations/v1/me."""
    body = {"portalId": PORTAL_ID, "timeZone": ZONE, "accountType": "STANDARD", "currency": "USD"}
    return Answer({**body, **_offset(portal)})


def details(portal: Portal, _: Call) -> Answer:
    """GET /account-info/v3/details."""
    return Answer(
        {
            "portalId": PORTAL_ID,
            "accountType": "STANDARD",
            "timeZone": ZONE,
            "companyCurrency": "USD",
            "additionalCurrencies": portal.currencies,
            **_offset(portal),
            "uiDomain": "app.hubspot.com",
            "dataHostingLocation": "na1",
        }
    )


def usage(portal: Portal, _: Call) -> Answer:
    """GET /account-info/v3/api-usage/daily/private-apps."""
    limits = portal.limits
    row = {
        "name": "private-apps-api-calls-daily",
        "currentUsage": limits.used,
        "usageLimit": limits.daily,
        "collectedAt": iso(portal.clock.now()),
        "fetchStatus": "SUCCESS",
        "resetsAt": iso(limits.resets_at()),
    }
    return Answer({"results": [row]})


def _owner(number: str, first: str, last: str) -> dict[str, Any]:
    return {
        "id": number,
        "email": f"{first}.{last}@acme-analytics.example".lower(),
        "type": "PERSON",
        "firstName": first,
        "lastName": last,
        "userId": int(number) - 70_000_000,
        "userIdIncludingInactive": int(number) - 70_000_000,
        "createdAt": "2021-11-01T20:52:41.767Z",
        "updatedAt": "2021-11-01T20:52:41.767Z",
        "archived": False,
    }


def owners(_: Portal, call: Call) -> Answer:
    """GET /crm/v3/owners."""
    call.need("crm.objects.owners.read", "crm.objects.contacts.read")
    rows = [] if call.flag("archived") else [_owner(*each) for each in OWNERS]
    wanted = call.one("email")
    shown, paging = call.slice([row for row in rows if wanted in {None, row["email"]}], 100, 500)
    return Answer({"results": shown, **paging})


def owner(_: Portal, call: Call) -> Answer:
    """GET /crm/v3/owners/{id}."""
    call.need("crm.objects.owners.read", "crm.objects.contacts.read")
    for each in OWNERS:
        if each[0] == call["id"]:
            return Answer(_owner(*each))
    raise Refused(404, "resource not found", "OBJECT_NOT_FOUND")


def token(portal: Portal, call: Call) -> Answer:
    """POST /oauth/v1/token and its successors, form-encoded; the response has OAuth's shape, not HubSpot's."""
    form = dict(parse_qsl(call.body.decode()))
    to_app = form.get("grant_type") == "client_credentials"
    try:
        old = to_app and not call.dated and portal.faults.strikes("old-token-path")
        issued = portal.tokens.issue({**form, "grant_type": "unknown"} if old else form)
        if not to_app and portal.faults.strikes("replaced-refresh", call.path):
            portal.tokens.replace()
            issued["refresh_token"] = portal.tokens.client.refresh_token
    except Refused as refusal:
        return Answer(
            {"status": refusal.more.get("status"), "message": refusal.message, "correlationId": correlation()}, 400
        )
    if to_app:
        return Answer(issued | ({"token_use": "client_credentials"} if call.dated else {}))
    if call.dated:
        scopes = sorted(portal.tokens.client.scopes or ())
        issued |= {"token_use": "access_token", "hub_id": PORTAL_ID, "scopes": scopes, "user_id": 9_000_001}
    return Answer(issued)


def _known(portal: Portal, name: str) -> Grant:
    grant = portal.tokens.grants.get(name)
    if grant is None:
        raise Refused(404, f"{name} is not a known token", "OBJECT_NOT_FOUND")
    return grant


def token_info(portal: Portal, call: Call) -> Answer:
    """GET /oauth/v1/access-tokens/{token}."""
    grant = _known(portal, call["token"])
    left = 0 if grant.expires_at is None else max(0, (grant.expires_at - portal.clock.now()) // 1000)
    return Answer(
        {
            "token": call["token"],
            "user": "integration@acme-analytics.example",
            "hub_domain": "acme-analytics.example",
            "scopes": sorted(ALL_SCOPES if grant.scopes is None else grant.scopes),
            "hub_id": PORTAL_ID,
            "app_id": int(SOURCE_ID),
            "expires_in": left,
            "user_id": 9_000_001,
            "token_type": "access",
        }
    )


def private_app_info(portal: Portal, call: Call) -> Answer:
    """POST /oauth/v2/private-apps/get/access-token-info: the scopes of a static token."""
    grant = _known(portal, str(call.json().get("tokenKey")))
    scopes = sorted(ALL_SCOPES if grant.scopes is None else grant.scopes)
    return Answer({"userId": 9_000_001, "hubId": PORTAL_ID, "appId": int(SOURCE_ID), "scopes": scopes})


ENDPOINTS: Final = (
    Endpoint("GET", "/integrations/v1/me", me),
    Endpoint("GET", "/account-info/v3/details", details),
    Endpoint("GET", "/account-info/v3/api-usage/daily/private-apps", usage),
    Endpoint("GET", "/crm/v3/owners", owners),
    Endpoint("GET", "/crm/v3/owners/{id}", owner),
    Endpoint("POST", "/oauth/v1/token", token),
    Endpoint("GET", "/oauth/v1/access-tokens/{token}", token_info),
    Endpoint("POST", "/oauth/v2/private-apps/get/access-token-info", private_app_info),
)
