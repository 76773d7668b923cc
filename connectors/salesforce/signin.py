"""Sign in through simple-salesforce, with any of the flows."""

import re
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

import requests
from simple_salesforce.exceptions import SalesforceAuthenticationFailed
from simple_salesforce.login import SalesforceLogin

from connectors.base import ConfigurationError
from connectors.behind import who_answers
from connectors.salesforce import soap
from connectors.salesforce.errors import REDIRECTS, TRANSIENT_CODES, TRANSIENT_STATUSES, Problem, Unreadable
from connectors.salesforce.readings import TOKEN
from connectors.salesforce.settings import LOOPBACK, ClientCredentials, Jwt, Password, SalesforceSettings
from connectors.salesforce.wire import Answer

TOKEN_PATH: Final = "/services/oauth2/token"  # noqa: S105 - an address
SOAP_PATH: Final = "/services/Soap/u/"
DOMAINS: Final = ("salesforce.com", "salesforce.mil")
"""Domains of orgs: https://help.salesforce.com/s/articleView?id=sf.domain_name_overview.htm (2026-11)."""

_NETLOC: Final = re.compile(r"[A-Za-z0-9.-]+(:\d+)?|\[::1\](:\d+)?", re.ASCII)


def sign_in(settings: SalesforceSettings, http: requests.Session) -> tuple[str, str]:
    """Sign in, and return the session id and the org's host."""
    session_id, address = SalesforceLogin(session=http, sf_version=settings.api_version, **_credentials(settings))
    instance = urlsplit(f"https://{address}").netloc
    if not session_id or not instance:
        raise Unreadable("a sign-in without a session")
    return session_id, instance


def sign_in_address(settings: SalesforceSettings) -> str:
    """Return the URL that receives the credentials."""
    domain = _my_domain(settings) if isinstance(settings.auth, ClientCredentials) else settings.domain
    return f"https://{domain}.salesforce.com"


def judge_sign_in(settings: SalesforceSettings, answer: Answer, url: str) -> None:
    """Raise the error in an answer to a sign-in, before simple-salesforce fails to parse it or prints a warning.

    simple-salesforce 1.12.10 assumes a JSON list, so HTML or an object raises JSONDecodeError or KeyError there.
    """
    path = urlsplit(url).path
    if not path.startswith(SOAP_PATH) and path != TOKEN_PATH:
        return
    _expect_salesforce(settings, answer)
    _check_instance(settings, _token_address(answer) if path == TOKEN_PATH else _soap_address(answer))


def _expect_salesforce(settings: SalesforceSettings, answer: Answer) -> None:
    """Raise if something else refuses the sign-in, whose words would be taken for Salesforce's."""
    if answer.status in {*TRANSIENT_STATUSES, *REDIRECTS} or answer.status < requests.codes.multiple_choices:
        return
    who = who_answers(answer.content)
    if who in {None, "Salesforce"}:
        return
    change = "Set `crm: hubspot`, or the" if who == "HubSpot" else "Set the"
    raise ConfigurationError(
        f"{who} answers at {settings.base_url or sign_in_address(settings)}, not Salesforce.",
        answer=str(Problem.of(answer.status, answer.headers, answer.content)),
        remedy=f"{change} address of your org: `domain: acme.my` for https://acme.my.salesforce.com.",
    )


def _token_address(answer: Answer) -> str:
    """Return the org's URL from an answer of the token endpoint."""
    if answer.status >= requests.codes.multiple_choices:
        raise _refusal(Problem.of(answer.status, answer.headers, answer.content))
    return TOKEN(answer).instance_url


def _soap_address(answer: Answer) -> str:
    """Return the org's URL from an answer of `login()`. Every SOAP fault has status 500."""
    envelope = soap.envelope(answer)
    if envelope is None or soap.local_name(envelope) != "Envelope":
        problem = Problem.of(answer.status, answer.headers, answer.content)
        raise (
            _refusal(problem)
            if answer.status >= requests.codes.multiple_choices
            else Unreadable("200 without an envelope")
        )
    if fault := soap.fault(envelope, answer.status):
        raise _refusal(fault)
    soap.text_of(envelope, "sessionId")
    return soap.text_of(envelope, "serverUrl")


def _refusal(problem: Problem) -> Exception:
    """Return a retryable error for a temporary failure, else a refusal: repeated ones would lock the user out."""
    passing = problem.code in TRANSIENT_CODES or (problem.status in TRANSIENT_STATUSES and not problem.is_fault)
    if passing or problem.status in REDIRECTS:
        return problem
    return SalesforceAuthenticationFailed(problem.code or problem.status, problem.text)


def _check_instance(settings: SalesforceSettings, address: str) -> None:
    """Raise if the org's URL is not one of Salesforce's, because every call would send the session there."""
    parts = urlsplit(address)
    if _NETLOC.fullmatch(parts.netloc) and (_is_salesforce(parts) or _is_ours(settings, parts)):
        return
    raise ConfigurationError(
        f"Salesforce's answer to the sign-in names {parts.scheme}://{parts.netloc} as the org's URL, which is not one"
        " of Salesforce's. Nothing was sent there.",
        remedy="Check `domain` and `base_url` in the settings, and what is answering instead of Salesforce.",
    )


def _is_salesforce(parts: SplitResult) -> bool:
    return parts.scheme == "https" and (parts.hostname or "").endswith(tuple(f".{domain}" for domain in DOMAINS))


def _is_ours(settings: SalesforceSettings, parts: SplitResult) -> bool:
    """Return whether it is the settings' `base_url` or, if that is set, a loopback address of a sandbox."""
    if not settings.base_url:
        return False
    return parts.netloc == urlsplit(settings.base_url).netloc or (parts.hostname or "") in LOOPBACK


def _credentials(settings: SalesforceSettings) -> dict[str, Any]:
    """Return the arguments of simple-salesforce's login for each flow."""
    match settings.auth:
        case Jwt() as auth:
            return {
                "username": auth.username,
                "consumer_key": auth.consumer_key.reveal(),
                "privatekey": auth.private_key.reveal(),
                "domain": audience(settings.domain),
                "instance_url": settings.domain,  # simple-salesforce uses it as a prefix of `.salesforce.com`
            }
        case ClientCredentials() as auth:
            return {
                "consumer_key": auth.consumer_key.reveal(),
                "consumer_secret": auth.consumer_secret.reveal(),
                "domain": _my_domain(settings),
            }
        case Password() as auth:
            return {
                "username": auth.username,
                "password": auth.password.reveal(),
                "security_token": auth.security_token.reveal(),
                "domain": settings.domain,
            }


def audience(domain: str) -> str:
    """Return the audience of a JWT: `login`, or `test` for sandboxes and scratch orgs; never a My Domain.

    https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_jwt_flow.htm and, on domains such as
    `x.scratch.my`, https://help.salesforce.com/s/articleView?id=sf.domain_name_url_formats.htm (2026-11).
    """
    return "test" if domain == "test" or {"sandbox", "scratch"} & set(domain.split(".")) else "login"


def _my_domain(settings: SalesforceSettings) -> str:
    """Return the My Domain that simple-salesforce requires. With `base_url` it is only a placeholder."""
    return "sandbox.my" if settings.domain in ("login", "test") else settings.domain
