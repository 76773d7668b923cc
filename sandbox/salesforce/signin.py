"""Signing in: the OAuth token endpoint, SOAP login, and who one is afterwards."""

import base64
import hashlib
import hmac
from typing import Any, Final

import jwt

from sandbox.salesforce.calls import XML, Call, Reply, reply
from sandbox.salesforce.soap import Element, add, child_text, envelope, fault, make, parse_envelope
from sandbox.salesforce.state import Sandbox
from sandbox.salesforce.users import Session

LAST_SOAP_LOGIN: Final = 64
AUDIENCES: Final = (
    "https://login.salesforce.com",
    "https://test.salesforce.com",
)
PARTNER: Final = "urn:partner.soap.sforce.com"
JWT_BEARER: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"


class Refused(Exception):  # noqa: N818 - named for what happened
    """A sign-in that does not succeed, as OAuth words it."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.error, self.description, self.status = error, description, status


def token(sandbox: Sandbox, call: Call) -> Reply:
    """Answer `POST /services/oauth2/token` for every flow."""
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
    session = sandbox.sessions.start(sandbox.integration_user)
    return reply(_granted(sandbox, call, session))


def _unknown_flow(_sandbox: Sandbox, _parameters: dict[str, str], _call: Call) -> None:
    raise Refused("unsupported_grant_type", "grant type not supported")


def _check_revoked(sandbox: Sandbox) -> None:
    if sandbox.faults.counts_down("revoked"):
        raise Refused("invalid_grant", "user hasn't approved this consumer")


def _granted(sandbox: Sandbox, call: Call, session: Session) -> dict[str, Any]:
    identity = f"{call.base}/id/{sandbox.organization}/{session.user}"
    issued = str(int(sandbox.org.clock.now().timestamp() * 1000))
    secret = sandbox.credentials.consumer_secret.encode()
    signature = base64.b64encode(hmac.new(secret, (identity + issued).encode(), hashlib.sha256).digest()).decode()
    answer = {
        "access_token": session.token,
        "signature": signature,
        "scope": "pardot_api api refresh_token",
        "instance_url": call.base,
        "id": identity,
        "token_type": "Bearer",
        "issued_at": issued,
    }
    if call.parameters.get("grant_type") == "password":
        answer["refresh_token"] = sandbox.sessions.refresh_token(session.user)
    return answer


def _check_client(sandbox: Sandbox, parameters: dict[str, str], call: Call) -> None:
    """Take the client's key and secret from the form, or from Basic authorization."""
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

    Some clients send `exp` as text, which Salesforce takes.
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
    """End the session of a token."""
    given = call.parameters.get("token", "")
    sandbox.sessions.end(given)
    sandbox.sessions.refresh_tokens.pop(given, None)
    return Reply(200)


def introspect(sandbox: Sandbox, call: Call) -> Reply:
    """Tell whether a token is good."""
    user = sandbox.sessions.user_of(call.parameters.get("token", ""))
    if user is None:
        return reply({"active": False})
    return reply({"active": True, "scope": "api", "username": sandbox.credentials.username, "sub": user})


def userinfo(sandbox: Sandbox, call: Call) -> Reply:
    """Tell who is signed in, as OpenID Connect does."""
    identity = f"{call.base}/id/{sandbox.organization}/{call.user}"
    return reply(
        {
            "sub": identity,
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
            "urls": {
                "rest": f"{call.base}/services/data/v{{version}}/",
                "sobjects": f"{call.base}/services/data/v{{version}}/sobjects/",
                "query": f"{call.base}/services/data/v{{version}}/query/",
            },
            "active": True,
            "user_type": "STANDARD",
            "language": "en_US",
            "locale": "en_US",
            "utcOffset": 0,
            "updated_at": "2026-01-01T00:00:00Z",
        }
    )


def soap_login(sandbox: Sandbox, call: Call) -> Reply:
    """Answer SOAP `login()`, which API version 65 has no more."""
    body = parse_envelope(call.body)
    request = None if body is None else body.find(f"{{{PARTNER}}}login")
    if request is None:
        return _login_fault("UNKNOWN_EXCEPTION", "UNKNOWN_EXCEPTION: no such operation")
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
    info = add(result, "userInfo")
    about = {
        "organizationId": sandbox.organization,
        "sessionSecondsValid": str(int(sandbox.sessions.lasting.total_seconds())),
        "userId": session.user,
        "userName": sandbox.credentials.username,
    }
    for name, value in about.items():
        add(info, name, value)
    return response
