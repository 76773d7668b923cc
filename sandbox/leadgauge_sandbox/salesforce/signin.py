"""Signing in: the OAuth token endpoint, SOAP login, and user info."""

import base64
import hashlib
import hmac
from typing import Any, Final

import jwt

from leadgauge_sandbox.salesforce.calls import HTML, XML, Call, Handler, Reply, reply
from leadgauge_sandbox.salesforce.soap import (
    XSI,
    Element,
    add,
    child_text,
    envelope,
    fault,
    local_name,
    make,
    parse_envelope,
    session_id,
    takes,
)
from leadgauge_sandbox.salesforce.state import Sandbox
from leadgauge_sandbox.salesforce.users import Session

LAST_SOAP_LOGIN: Final = 64
AUDIENCES: Final = (
    "https://login.salesforce.com",
    "https://test.salesforce.com",
)
PARTNER: Final = "urn:partner.soap.sforce.com"
SCOPE: Final = "pardot_api api refresh_token"
JWT_BEARER: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"


class Refused(Exception):  # noqa: N818 - named for what happened
    """A failed sign-in, in OAuth's format."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.error, self.description, self.status = error, description, status


def token(sandbox: Sandbox, call: Call) -> Reply:
    """POST /services/oauth2/token, for every flow."""
    flows = {
        "password": _password,
        "client_credentials": _client_credentials,
        JWT_BEARER: _jwt_bearer,
        "refresh_token": _refresh,
    }
    parameters = call.parameters
    flow = flows.get(parameters.get("grant_type", ""), _unknown_flow)
    try:
        flow(sandbox, parameters, call)
        _check_revoked(sandbox)
    except Refused as refusal:
        sandbox.sessions.refused += 1
        return reply({"error": refusal.error, "error_description": refusal.description}, refusal.status)
    session = sandbox.sessions.start(sandbox.integration_user, as_jwt=sandbox.faults.active("jwt-tokens") is not None)
    return reply(_granted(sandbox, call, session))


def _unknown_flow(_sandbox: Sandbox, _parameters: dict[str, str], _call: Call) -> None:
    raise Refused("unsupported_grant_type", "grant type not supported")


def _check_revoked(sandbox: Sandbox) -> None:
    if sandbox.faults.counts_down("revoked"):
        raise Refused("invalid_grant", "user hasn't approved this consumer")


def _granted(sandbox: Sandbox, call: Call, session: Session) -> dict[str, Any]:
    identity = _identity(sandbox, call, session.user)
    issued = str(int(sandbox.org.clock.now().timestamp() * 1000))
    secret = sandbox.credentials.consumer_secret.encode()
    signature = base64.b64encode(hmac.new(secret, (identity + issued).encode(), hashlib.sha256).digest()).decode()
    answer = {
        "access_token": session.token,
        "signature": signature,
        "scope": SCOPE,
        "instance_url": call.base,
        "id": identity,
        "token_type": "Bearer",
        "issued_at": issued,
    }
    if call.parameters.get("grant_type") == "password":
        answer["refresh_token"] = sandbox.sessions.refresh_token(session.user)
    return answer


def _check_client(sandbox: Sandbox, parameters: dict[str, str], call: Call) -> None:
    """Read the client's key and secret from the form or the Basic authorization."""
    key, secret = parameters.get("client_id"), parameters.get("client_secret")
    scheme, _, encoded = call.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            key, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
        except ValueError:
            raise Refused("invalid_client", "invalid client credentials") from None
    if key != sandbox.credentials.consumer_key:
        raise Refused("invalid_client_id", "client identifier invalid")
    if secret != sandbox.credentials.consumer_secret:
        raise Refused("invalid_client", "invalid client credentials")


def _password(sandbox: Sandbox, parameters: dict[str, str], call: Call) -> None:
    _check_client(sandbox, parameters, call)
    known = sandbox.credentials
    allowed = {known.password, known.password + known.security_token}
    if parameters.get("username") != known.username or parameters.get("password") not in allowed:
        raise Refused("invalid_grant", "authentication failure")


def _client_credentials(sandbox: Sandbox, parameters: dict[str, str], call: Call) -> None:
    _check_client(sandbox, parameters, call)


def _refresh(sandbox: Sandbox, parameters: dict[str, str], _call: Call) -> None:
    if parameters.get("client_id") != sandbox.credentials.consumer_key:
        raise Refused("invalid_client_id", "client identifier invalid")
    if parameters.get("refresh_token") not in sandbox.sessions.refresh_tokens:
        raise Refused("invalid_grant", "expired access/refresh token")


def _jwt_bearer(sandbox: Sandbox, parameters: dict[str, str], call: Call) -> None:
    """Check the signature with the registered key, the audience, the expiry, the app and the user.

    Some clients send `exp` as text, which Salesforce accepts.
    """
    assertion = parameters.get("assertion", "")
    options: Any = {"verify_aud": False, "verify_exp": False, "require": ["iss", "sub", "aud", "exp"]}
    try:
        claims = jwt.decode(assertion, sandbox.credentials.verifying_key, algorithms=["RS256"], options=options)
    except jwt.PyJWTError:
        raise Refused("invalid_grant", "invalid assertion") from None
    _check_claims(sandbox, claims, call)


def _check_claims(sandbox: Sandbox, claims: dict[str, Any], call: Call) -> None:
    audience = str(claims["aud"]).rstrip("/")
    own = audience.startswith("https://") and audience.endswith(".salesforce.com")
    if audience not in AUDIENCES and not own and audience != call.base:
        raise Refused("invalid_grant", "audience is invalid")
    if float(claims["exp"]) <= sandbox.org.clock.now().timestamp():
        raise Refused("invalid_grant", "expired authorization code")
    if claims["iss"] != sandbox.credentials.consumer_key:
        raise Refused("invalid_client_id", "client identifier invalid")
    if claims["sub"] != sandbox.credentials.username:
        raise Refused("invalid_grant", "user hasn't approved this consumer")


def revoke(sandbox: Sandbox, call: Call) -> Reply:
    """Revoke a token and its session."""
    given = call.parameters.get("token", "")
    sandbox.sessions.end(given)
    sandbox.sessions.refresh_tokens.pop(given, None)
    return Reply(200)


def introspect(sandbox: Sandbox, call: Call) -> Reply:
    """Return whether a token of the app is valid (introspection)."""
    try:
        _check_client(sandbox, call.parameters, call)
    except Refused as refusal:
        return reply({"error": refusal.error, "error_description": refusal.description}, refusal.status)
    session = sandbox.sessions.find(call.parameters.get("token", ""))
    if session is None:
        return reply({"active": False})
    since = int(session.since.timestamp())
    return reply(
        {
            "active": True,
            "scope": SCOPE,
            "client_id": sandbox.credentials.consumer_key,
            "username": sandbox.credentials.username,
            "sub": _identity(sandbox, call, session.user),
            "token_type": "access_token",
            "exp": int(session.until.timestamp()),
            "iat": since,
            "nbf": since,
        }
    )


def _identity(sandbox: Sandbox, call: Call, user: str) -> str:
    return f"{call.base}/id/{sandbox.organization}/{user}"


def _urls(call: Call) -> dict[str, str]:
    rest = f"{call.base}/services/data/v{{version}}/"
    soap = f"{call.base}/services/Soap"
    return {
        "enterprise": f"{soap}/c/{{version}}/",
        "metadata": f"{soap}/m/{{version}}/",
        "partner": f"{soap}/u/{{version}}/",
        "rest": rest,
        "sobjects": f"{rest}sobjects/",
        "search": f"{rest}search/",
        "query": f"{rest}query/",
        "tooling_rest": f"{rest}tooling/",
    }


def with_token(handler: Handler) -> Handler:
    """Return a handler that checks the token itself and refuses an invalid one with its own message."""

    def handle(sandbox: Sandbox, call: Call) -> Reply:
        given = call.headers.get("authorization", "").partition(" ")[2] or call.parameters.get("access_token", "")
        user = sandbox.sessions.user_of(given)
        if user is None:
            return Reply(403, b"Bad_OAuth_Token" if given else b"Missing_OAuth_Token", HTML)
        call.user = user
        return handler(sandbox, call)

    return handle


@with_token
def identity(sandbox: Sandbox, call: Call) -> Reply:
    """Return the signed-in user, at the URL that every sign-in returns as `id`."""
    username = sandbox.credentials.username
    return reply(
        {
            "id": _identity(sandbox, call, call.user),
            "asserted_user": True,
            "user_id": call.user,
            "organization_id": sandbox.organization,
            "username": username,
            "nick_name": "integration",
            "display_name": "Integration User",
            "email": username,
            "email_verified": True,
            "first_name": "Integration",
            "last_name": "User",
            "timezone": "UTC",
            "urls": _urls(call),
            "active": True,
            "user_type": "STANDARD",
            "language": "en_US",
            "locale": "en_US",
            "utcOffset": 0,
            "last_modified_date": "2026-01-01T00:00:00Z",
            "is_app_installed": True,
        }
    )


@with_token
def userinfo(sandbox: Sandbox, call: Call) -> Reply:
    """Return the signed-in user, as OpenID Connect does."""
    return reply(
        {
            "sub": _identity(sandbox, call, call.user),
            "user_id": call.user,
            "organization_id": sandbox.organization,
            "preferred_username": sandbox.credentials.username,
            "nickname": "integration",
            "name": "Integration User",
            "email": sandbox.credentials.username,
            "email_verified": True,
            "given_name": "Integration",
            "family_name": "User",
            "zoneinfo": "UTC",
            "address": {"country": "US"},
            "is_salesforce_integration_user": False,
            "urls": _urls(call),
            "active": True,
            "user_type": "STANDARD",
            "language": "en_US",
            "locale": "en_US",
            "utcOffset": 0,
            "updated_at": "2026-01-01T00:00:00Z",
        }
    )


def soap(sandbox: Sandbox, call: Call) -> Reply:
    """Handle the supported part of the SOAP API: login, logout and user info."""
    body = parse_envelope(call.body)
    request = None if body is None else next(body.iterchildren(), None)
    name = "" if request is None else local_name(request)
    if request is not None and name == "login":
        return _login(sandbox, call, request)
    operation = {"logout": _logout, "getUserInfo": _user_info, "getServerTimestamp": _timestamp}.get(name)
    if operation is None:
        return _login_fault("UNKNOWN_EXCEPTION", "UNKNOWN_EXCEPTION: no such operation")
    token = session_id(call.body)
    session = sandbox.sessions.find(token) if takes(token) else None
    if session is None:
        message = "INVALID_SESSION_ID: Invalid Session ID found in SessionHeader: Illegal Session"
        return _login_fault("INVALID_SESSION_ID", message)
    response = make(f"{name}Response", PARTNER)
    operation(sandbox, session, response)
    return Reply(200, envelope(response), XML)


def _logout(sandbox: Sandbox, session: Session, _response: Element) -> None:
    sandbox.sessions.end(session.token)


def _user_info(sandbox: Sandbox, session: Session, response: Element) -> None:
    _add_user_info(sandbox, session, add(response, "result"))


def _timestamp(sandbox: Sandbox, _session: Session, response: Element) -> None:
    now = sandbox.org.clock.now()
    add(add(response, "result"), "timestamp", f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03}Z")


def _login(sandbox: Sandbox, call: Call, request: Element) -> Reply:
    """Handle `login()`, gone since API version 65: Salesforce help article 005132110 (2026-04-30)."""
    if float(call.version) > LAST_SOAP_LOGIN:
        return _login_fault(
            "UNSUPPORTED_API_VERSION", "UNSUPPORTED_API_VERSION: login() is not available in this version"
        )
    known = sandbox.credentials
    good = {known.password, known.password + known.security_token}
    right = child_text(request, "username") == known.username and child_text(request, "password") in good
    if not right or sandbox.faults.counts_down("revoked"):
        sandbox.sessions.refused += 1
        message = "INVALID_LOGIN: Invalid username, password, security token; or user locked out."
        return _login_fault("INVALID_LOGIN", message)
    session = sandbox.sessions.start(sandbox.integration_user)
    return Reply(200, envelope(_login_response(sandbox, call, session)), XML)


def _login_fault(code: str, message: str) -> Reply:
    return Reply(500, fault(f"sf:{code}", message, "urn:fault.partner.soap.sforce.com", code), XML)


def _login_response(sandbox: Sandbox, call: Call, session: Session) -> Element:
    response = make("loginResponse", PARTNER)
    result = add(response, "result")
    short = sandbox.organization[:15]
    values = {
        "metadataServerUrl": f"{call.base}/services/Soap/m/{call.version}/{short}",
        "passwordExpired": "false",
        "sandbox": "true",
        "serverUrl": f"{call.base}/services/Soap/u/{call.version}/{short}",
        "sessionId": session.token,
        "userId": session.user,
    }
    for name, value in values.items():
        add(result, name, value)
    _add_user_info(sandbox, session, add(result, "userInfo"))
    return response


def _add_user_info(sandbox: Sandbox, session: Session, info: Element) -> None:
    """Add all elements in the order of the WSDL: Salesforce's own example reads the ninth as the organization's id.

    https://github.com/forcedotcom/pub-sub-api/blob/main/python/InventoryAppExample/PubSub.py (2024-09-03)
    """
    org = sandbox.org
    organization = next(iter(org.rows("Organization")))
    multiple = "CurrencyType" in org.objects
    about = {
        "accessibilityMode": "false",
        "chatterExternal": "false",
        "currencySymbol": None if multiple else "$",
        "orgAttachmentFileSizeLimit": "5242880",
        "orgDefaultCurrencyIsoCode": None if multiple else "USD",
        "orgDefaultCurrencyLocale": None if multiple else "en_US",
        "orgDisallowHtmlAttachments": "false",
        "orgHasPersonAccounts": str("IsPersonAccount" in org.objects["Account"].fields).lower(),
        "organizationId": sandbox.organization,
        "organizationMultiCurrency": str(multiple).lower(),
        "organizationName": organization["Name"],
        "profileId": next(each["ProfileId"] for each in org.rows("User") if each["Id"] == session.user),
        "roleId": None,
        "sessionSecondsValid": str(int(sandbox.sessions.lasting.total_seconds())),
        "userDefaultCurrencyIsoCode": None,
        "userEmail": sandbox.credentials.username,
        "userFullName": "Integration User",
        "userId": session.user,
        "userLanguage": "en_US",
        "userLocale": "en_US",
        "userName": sandbox.credentials.username,
        "userTimeZone": "UTC",
        "userType": "Standard",
        "userUiSkin": "Theme3",
    }
    for name, value in about.items():
        child = add(info, name, value)
        if value is None:
            child.set(f"{{{XSI}}}nil", "true")
