import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from threading import Event
from types import MappingProxyType
from typing import Any

import polars as pl
import pytest
import requests

from connectors.hubspot import HubSpot
from connectors.hubspot.settings import HubSpotSettings
from leadgauge_sandbox.hubspot.answers import iso
from leadgauge_sandbox.hubspot.app import create_app
from leadgauge_sandbox.hubspot.clock import Clock
from leadgauge_sandbox.population import Population
from leadgauge_sandbox.server import serve
from tests.pauses import Hurried
from vocabulary.outputs import Output
from vocabulary.pages import Page, Stream

NOON = 1_795_348_800_000
"""2026-11-22 12:00 UTC."""
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
WANTED = {"job_title": "text", "budget": "number", "industry": "text"}
FIELDS = {"job_title": "jobtitle", "budget": "budget_amount", "industry": "company.industry"}
NO_DEALS: Mapping[str, str] = MappingProxyType({})
OUTPUTS = (
    Output("lead_score", "Lead score", "number", "Points."),
    Output("lead_grade", "Lead grade", "choice", "Letter.", choices=("A", "B", "C")),
    Output("lead_score_reasons", "Reasons", "text", "Why.", length=2000),
    Output("lead_scored_at", "Scored at", "time", "When."),
)


@dataclass
class Account:
    """A sandbox account and its connectors."""

    app: Any
    url: str
    opened: list[HubSpot] = field(default_factory=list)

    @property
    def portal(self) -> Any:
        return self.app.state.portal

    @property
    def gate(self) -> Any:
        return self.app.state.gate

    @property
    def clock(self) -> Clock:
        return self.portal.clock

    def settings(self, **changes: Any) -> HubSpotSettings:
        given = {"crm": "hubspot", "token": {"env": "HUBSPOT_TEST_TOKEN"}, "base_url": self.url, "fields": FIELDS}
        return HubSpotSettings.model_validate({**given, **changes})

    def connect(
        self,
        wanted: Mapping[str, str] = WANTED,
        outputs: Any = OUTPUTS,
        stop: Event | None = None,
        of_deals: Mapping[str, str] = NO_DEALS,
        **changes: Any,
    ) -> HubSpot:
        made = HubSpot(self.settings(**changes), wanted, outputs, of_deals=of_deals, stop=stop or Hurried())
        self.opened.append(made)
        return made

    def add(self, type_: str = "contacts", at: int | None = None, **values: str) -> Any:
        """Create a record in the account, as a user does at that time."""
        table = self.portal.table(type_)
        return table.add(values, self.clock.now() if at is None else at)

    def contact(self, at: int | None = None, **values: str) -> str:
        moment = self.clock.now() if at is None else at
        stamped = {"createdate": iso(moment), **values}
        return str(self.add("contacts", moment, **stamped).id)

    def change(self, lead: str, type_: str = "contacts", **values: str) -> None:
        table = self.portal.table(type_)
        self.portal.change(table, table.find(int(lead)), values)

    def calls(self) -> list[tuple[str, str, int]]:
        return list(self.gate.log)


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """An empty account with its clock stopped at noon."""
    yield from opened(create_app(clock=Clock(NOON), rate_limit=False), monkeypatch)


@pytest.fixture
def full_account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """An account with 300 invented people and months of activity."""
    app = create_app(Population.generate(300, seed=7, now=NOON), clock=Clock(NOON), rate_limit=False)
    yield from opened(app, monkeypatch)


def opened(app: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    monkeypatch.setenv("HUBSPOT_TEST_TOKEN", app.state.portal.tokens.static)
    with serve(app) as url:
        opened = Account(app, url)
        contacts = opened.portal.table("contacts").definitions
        if "budget_amount" not in contacts:
            _define(opened, "budget_amount", "number")
        yield opened
        for connector in opened.opened:
            connector.close()


def _define(account: Account, name: str, type_: str) -> None:
    body = {"name": name, "label": name, "groupName": "contactinformation", "type": type_, "fieldType": "number"}
    headers = {"Authorization": f"Bearer {os.environ['HUBSPOT_TEST_TOKEN']}"}
    requests.post(f"{account.url}/crm/v3/properties/contacts", json=body, headers=headers, timeout=5).raise_for_status()


Pull = Callable[..., list[Page]]


@pytest.fixture
def pull() -> Pull:
    """Pull a stream to its end, by name."""

    def pulled(connector: HubSpot, name: str, cursor: Any = None) -> list[Page]:
        return list(connector.pull(stream(connector, name), cursor))

    return pulled


def stream(connector: HubSpot, name: str) -> Stream:
    return next(one for one in connector.streams() if one.name == name)


def kept(pages: list[Page], pulling: Iterator[Page]) -> Iterator[Page]:
    """Keep the pages pulled before an error."""
    for page in pulling:
        pages.append(page)
        yield page


@dataclass
class Fed:
    """A connector that listens to the sandbox's journal, from before anything happened."""

    account: Account
    connector: HubSpot
    cursor: Any

    def due(self, steps: int = 1) -> pl.DataFrame:
        """Return what is due now, after some files."""
        with closing(self.connector.listen(self.cursor)) as listening:
            telling = (one for at, one in enumerate(listening) if at == 0 or one.events or one.gap)
            found = list(islice(telling, 1 + steps))
        self.cursor = found[-1].cursor
        assert not any(one.gap for one in found)
        return pl.concat([one.due for one in found])

    def read(self, due: pl.DataFrame) -> tuple[list[Page], list[tuple[str, str, int]]]:
        """Return what reading brings, and the calls that it made."""
        before = len(self.account.calls())
        pages = list(self.connector.read_due(due))
        assert all(page.aside for page in pages)
        return pages, self.account.calls()[before:]


@pytest.fixture
def fed(account: Account, monkeypatch: pytest.MonkeyPatch) -> Fed:
    client = account.portal.tokens.client
    monkeypatch.setenv("HUBSPOT_TEST_SECRET", client.secret)
    feed = {"client_id": client.client_id, "client_secret": {"env": "HUBSPOT_TEST_SECRET"}}
    connector = account.connect(feed=feed, deals={"amount": "amount"}, of_deals={"amount": "number"})
    listening = connector.listen(None)
    cursor = next(listening).cursor
    listening.close()
    return Fed(account, connector, cursor)


def ids(due: pl.DataFrame, stream: str, by: str) -> set[str]:
    return set(due.filter((pl.col("stream") == stream) & (pl.col("by") == by))["id"])
