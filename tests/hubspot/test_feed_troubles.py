"""The feed against the sandbox's faults, and the sandbox's webhooks: nothing is lost without a gap that says so."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from typing import Any

import pytest
import requests

from connectors.hubspot.pushed import due_of, verified
from leadgauge_sandbox.hubspot.portal import PORTAL_ID
from tests.hubspot.conftest import Account, Fed, ids
from vocabulary.feeds import Heard


def heard_until(fed: Fed, people: set[str]) -> list[Heard]:
    """Listen until these contacts were due or a gap was told, at most 40 steps."""
    found: list[Heard] = []
    listening = fed.connector.listen(fed.cursor)
    for one in islice(listening, 40):
        found.append(one)
        if one.gap or people <= told(found):
            break
    listening.close()
    return found


def told(steps: list[Heard]) -> set[str]:
    return {id_ for one in steps for id_ in ids(one.due, "contacts", "lead")}


def people(account: Account, count: int = 5) -> set[str]:
    return {account.contact(email=f"p{number}@x.example") for number in range(count)}


@pytest.mark.parametrize(
    ("fault", "how"),
    [
        ("duplicate-events", {"argument": 1}),
        ("reversed-events", {}),
        ("event-clock", {"argument": -7200}),
        ("event-clock", {"argument": 7200}),
        ("journal-429", {"times": 2}),
        ("expired-url", {"times": 2}),
        ("old-token-path", {}),
    ],
)
def test_what_can_be_mended_loses_nothing(fed: Fed, fault: str, how: dict[str, Any]) -> None:
    fed.account.app.state.mischief.set(fault, **how)
    changed = people(fed.account)
    steps = heard_until(fed, changed)
    assert changed <= told(steps)
    assert not any(one.gap for one in steps)


@pytest.mark.parametrize("kind", ["truncated", "html", "empty", "no-events", "null-events", "odd-events"])
def test_a_malformed_file_is_read_when_it_comes_whole(fed: Fed, kind: str) -> None:
    fed.account.app.state.mischief.set("malformed-file", argument=kind, times=2)
    changed = people(fed.account)
    steps = heard_until(fed, changed)
    assert changed <= told(steps)
    assert not any(one.gap for one in steps)


@pytest.mark.parametrize("kind", ["truncated", "html", "empty", "no-events", "null-events", "odd-events"])
def test_a_file_that_stays_malformed_is_a_gap(fed: Fed, kind: str) -> None:
    fed.account.app.state.mischief.set("malformed-file", argument=kind)
    changed = people(fed.account)
    steps = heard_until(fed, changed)
    assert "could not be read" in steps[-1].gap
    assert told(steps) == (changed if kind == "odd-events" else set())


def test_an_expired_offset_of_the_sandbox_is_a_gap(fed: Fed) -> None:
    changed = people(fed.account)
    fed.due()
    fed.account.app.state.mischief.set("expired-offset", times=1)
    more = people(fed.account, 2)
    steps = heard_until(fed, more)
    assert "does not go back" in steps[-1].gap
    assert not changed & told(steps)


@contextmanager
def receiver() -> Iterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    """Serve an address that keeps what is posted to it."""
    posted: list[tuple[dict[str, str], bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            posted.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook?account=Zo%C3%AB", posted
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_webhooks_of_the_sandbox_are_verified_and_make_due_what_the_journal_does(
    fed: Fed,
) -> None:
    secret = fed.account.portal.tokens.client.secret
    with receiver() as (address, posted):
        requests.post(f"{fed.account.url}/_sandbox/webhooks", json={"target": address}, timeout=5).raise_for_status()
        changed = people(fed.account)
        company = str(fed.account.add("companies", name="Acme").id)
        by_journal = fed.due()
        watched = fed.connector.watched()
        found: set[tuple[str, str, str]] = set()
        wanted = set(by_journal.select("stream", "by", "id").iter_rows())
        for _ in range(200):
            for headers, body in list(posted):
                now = datetime.fromtimestamp(fed.account.clock.now() / 1000, UTC)
                assert verified(secret, "POST", address, body, headers, now).is_accepted
                assert not verified("another", "POST", address, body, headers, now).is_accepted
                read = due_of(body, watched, PORTAL_ID)
                assert read.is_accepted, (read.reason, json.loads(body))
                found |= set(read.due.select("stream", "by", "id").iter_rows())
            if wanted <= found:
                break
            threading.Event().wait(0.05)
    assert wanted <= found
    assert {("contacts", "lead", one) for one in changed} | {("companies", "record", company)} <= found
