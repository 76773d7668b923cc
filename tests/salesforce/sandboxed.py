"""A connector on a sandbox, with settings for its population."""

import contextlib
import os
from collections.abc import Iterator, Mapping
from datetime import timedelta
from threading import Event
from types import MappingProxyType
from typing import Any

import polars as pl
import requests

from connectors.salesforce import Salesforce, SalesforceSettings
from leadgauge_sandbox.population import Population
from leadgauge_sandbox.salesforce import create_app
from leadgauge_sandbox.salesforce.clock import Clock
from leadgauge_sandbox.salesforce.state import Sandbox
from leadgauge_sandbox.server import serve
from vocabulary.fields import FieldType
from vocabulary.outputs import Output
from vocabulary.pages import Page

WANTED: Mapping[str, FieldType] = {
    "job_title": "text",
    "industry": "text",
    "employees": "number",
    "country": "text",
    "budget": "number",
    "email_domain": "text",
    "is_student": "flag",
    "purchase_by": "time",
}
FIELDS = {
    "job_title": "Title",
    "industry": {"Lead": "Industry", "Contact": "Account.Industry"},
    "employees": {"Lead": "NumberOfEmployees", "Contact": "Account.NumberOfEmployees"},
    "country": {"Lead": "Country", "Contact": "MailingCountry"},
    "budget": "Budget__c",
    "email_domain": "domain(Email)",
    "is_student": "Is_Student__c",
    "purchase_by": "Purchase_By__c",
}
FORMS = ("content_download", "demo_request", "pricing_request", "contact_request", "form_submit")
VISITS = {
    "name": "web_visits",
    "object": "Web_Visit__c",
    "time": "Occurred_At__c",
    "lead": ["Contact__c", "Lead__c"],
    "kind": "page_view",
    "url": "URL__c",
    "title": "Name",
    "seconds": "Seconds__c",
}
ACTIONS = {
    "name": "web_actions",
    "object": "Web_Action__c",
    "time": "Occurred_At__c",
    "lead": ["Contact__c", "Lead__c"],
    "kind": {"field": "Kind__c", "kinds": {kind: kind for kind in FORMS}},
    "url": "URL__c",
    "title": "Asset__c",
}
ACTIVITIES = {
    "since": "1500d",  # the population's whole past
    "campaigns": {"added_at": "Registered_At__c", "responded_at": "Attended_At__c"},
    "emails": True,
    "sources": [VISITS, ACTIONS],
    "pardot": {"business_unit": "0UvSB0000000001AAA"},
}
OUTPUTS = (
    Output("lead_score", "Lead score", "number", "Points for who the lead is and what it does."),
    Output("lead_likelihood", "Likelihood", "number", "Chance to convert, percent.", decimals=1),
    Output("lead_grade", "Grade", "choice", "How well it fits.", ("A+", "A", "B", "C", "D", "F")),
    Output("lead_score_reasons", "Reasons", "text", "The strongest lines.", length=255),
    Output("lead_scored_at", "Scored at", "time", "When it was scored."),
)


@contextlib.contextmanager
def served(leads: int = 200, seed: int = 7, **options: Any) -> Iterator[tuple[Sandbox, str]]:
    """Serve a sandbox with its clock a week behind ours, so it can be moved; yields its state and URL."""
    clock = Clock()
    clock.advance(-timedelta(days=7).total_seconds())
    now = int(clock.now().timestamp() * 1000)
    app = create_app(Population.generate(leads, seed, now) if leads else None, clock=clock, **options)
    with serve(app) as url:
        yield app.state.sandbox, url


def settings(sandbox: Sandbox, url: str, **changes: Any) -> SalesforceSettings:
    """Return settings that sign in with client credentials."""
    os.environ |= {"SF_KEY": sandbox.credentials.consumer_key, "SF_SECRET": sandbox.credentials.consumer_secret}
    auth = {"flow": "client_credentials", "consumer_key": {"env": "SF_KEY"}, "consumer_secret": {"env": "SF_SECRET"}}
    ours = {"crm": "salesforce", "auth": auth, "base_url": url, "fields": FIELDS, "activities": ACTIVITIES}
    return SalesforceSettings.model_validate(ours | changes)


def connector(
    sandbox: Sandbox,
    url: str,
    stop: Event | None = None,
    of_deals: Mapping[str, FieldType] = MappingProxyType({}),
    wanted: Mapping[str, FieldType] = WANTED,
    **changes: Any,
) -> Salesforce:
    """Return a connector on a sandbox."""
    return Salesforce(settings(sandbox, url, **changes), wanted, OUTPUTS, of_deals=of_deals, stop=stop)


def pulled(salesforce: Salesforce, stream: str, cursor: Mapping[str, Any] | None = None) -> list[Page]:
    """Return all pages of a stream."""
    streams = {known.name: known for known in salesforce.streams()}
    return list(salesforce.pull(streams[stream], cursor))


def joined(pages: list[Page], what: str) -> pl.DataFrame:
    """Return one kind of row of all pages."""
    frames = [getattr(page, what) for page in pages if getattr(page, what).height]
    return pl.concat(frames) if frames else getattr(pages[0], what)


def tell(url: str, what: str, **wish: Any) -> Any:
    """Act in the sandbox as people do in Salesforce: `change`, `merge`, `convert`, `faults` …."""
    with plain_http() as http:
        answer = http.post(f"{url}/_sandbox/{what}", json=wish)
    answer.raise_for_status()
    return answer.json()


@contextlib.contextmanager
def faulty(url: str, name: str, argument: float | str | None = None, **wish: Any) -> Iterator[None]:
    """Switch a fault of the sandbox on for a while."""
    tell(url, "faults", name=name, argument=argument, **wish)
    try:
        yield
    finally:
        with plain_http() as http:
            http.delete(f"{url}/_sandbox/faults").raise_for_status()


@contextlib.contextmanager
def plain_http() -> Iterator[requests.Session]:
    """Return a plain HTTP session without a proxy."""
    with requests.Session() as http:
        http.trust_env = False
        yield http
