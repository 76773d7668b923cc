"""Signing in through simple-salesforce, whatever the flow."""

from typing import Any, Final
from urllib.parse import urlsplit

import requests
from simple_salesforce.exceptions import SalesforceAuthenticationFailed
from simple_salesforce.login import SalesforceLogin

from connectors.base import ConfigurationError
from connectors.salesforce.errors import TRANSIENT_STATUSES, Problem
from connectors.salesforce.settings import ClientCredentials, Jwt, Password, SalesforceSettings

SIGN_IN_PATHS: Final = ("/services/oauth2/token", "/services/Soap/u/")


def sign_in(settings: SalesforceSettings, http: requests.Session) -> tuple[str, str]:
    """Sign in and return the session's id and the org's host."""
    session_id, instance = SalesforceLogin(session=http, sf_version=settings.api_version, **_credentials(settings))
    if not session_id or not instance:
        raise ConfigurationError("Salesforce's answer to the sign-in holds no session.", remedy="Check `domain`.")
    return session_id, instance


def judge_sign_in(response: requests.Response) -> None:
    """Raise what a refused sign-in means, before simple-salesforce stumbles over it or warns on standard error.

    It reads SOAP faults well; they come with status 500, whatever is wrong, and must not be repeated.
    """
    path = urlsplit(response.url).path
    if response.status_code < requests.codes.bad_request or not path.startswith(SIGN_IN_PATHS):
        return
    if b"Envelope" in response.content:
        return
    problem = Problem.of(response.status_code, response.headers, response.content)
    if response.status_code in TRANSIENT_STATUSES:
        raise problem
    raise SalesforceAuthenticationFailed(problem.code or problem.status, problem.text)


def _credentials(settings: SalesforceSettings) -> dict[str, Any]:
    """Return what simple-salesforce's login asks for in each flow."""
    match settings.auth:
        case Jwt() as auth:
            return {
                "username": auth.username,
                "consumer_key": auth.consumer_key.reveal(),
                "privatekey": auth.private_key.reveal(),
                "domain": _audience(settings.domain),
                "instance_url": settings.domain,
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


def _audience(domain: str) -> str:
    """Return whom a JWT is for: Salesforce takes `login` or `test`, never a My Domain."""
    return "test" if domain == "test" or ".sandbox." in domain else "login"


def _my_domain(settings: SalesforceSettings) -> str:
    """Return the domain that simple-salesforce insists on; with `base_url` it is only a name."""
    return "sandbox.my" if settings.domain in ("login", "test") else settings.domain
