"""Single responses of Salesforce, for tests without a server. Shapes follow recorded traffic."""

import os
from threading import Event
from typing import Any

import responses

from connectors.salesforce import SalesforceSettings
from connectors.salesforce.readings import json_of
from connectors.salesforce.session import Session

HOST = "https://acme.my.salesforce.com"
DATA = f"{HOST}/services/data/v67.0/"
TOKEN = f"{HOST}/services/oauth2/token"
EXPIRED = [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]


def settings(**changes: object) -> SalesforceSettings:
    os.environ |= {"SF_KEY": "key", "SF_SECRET": "hush-hush"}
    auth = {"flow": "client_credentials", "consumer_key": {"env": "SF_KEY"}, "consumer_secret": {"env": "SF_SECRET"}}
    return SalesforceSettings.model_validate({"crm": "salesforce", "auth": auth, "domain": "acme.my"} | changes)


def session(**changes: object) -> Session:
    return Session(settings(**changes), Event())


def sign_in(token: str = "00D!token") -> responses.BaseResponse:
    return responses.add(
        responses.POST,
        TOKEN,
        json={"access_token": token, "instance_url": HOST},
        headers={"Date": "Sun, 22 Nov 2026 12:00:00 GMT"},
    )


def asked(from_: Session, path: str, **options: Any) -> Any:
    """Return the JSON of a GET."""
    return from_.ask(json_of, "GET", path, **options)
