"""The receiver takes HubSpot's webhooks: what they tell is stored before the answer, or HubSpot sends them again."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from config.settings import Receive
from pipeline.daemon.health import Health
from pipeline.daemon.listening import Listener
from pipeline.daemon.metrics import Metrics
from pipeline.daemon.receiving import LARGEST, Receiver, receiving
from pipeline.daemon.scheduler import Lane
from pipeline.job import Job
from pipeline.lease import leased
from store import Lease
from tests.stage import Stage

Open = Callable[..., Stage]
SECRET = "s3cret"
ADDRESS = "https://hooks.example.com/leadgauge"


@dataclass
class Desk:
    """A receiver in front of a job."""

    stage: Stage
    job: Job
    lease: Lease
    listener: Listener
    receiver: Receiver
    metrics: Metrics

    def due(self) -> set[tuple[str, str]]:
        return set(self.job.due.take(99).select("stream", "id").rows())

    def event(self, lead: str, kind: str = "contact.creation", **more: Any) -> dict[str, Any]:
        portal = self.job.connector.account_id()  # type: ignore[attr-defined]  # HubSpot has it
        at = int(self.stage.moment.timestamp() * 1000)
        known = {"eventId": 1, "subscriptionType": kind, "objectId": int(lead), "portalId": portal, "occurredAt": at}
        return known | {"attemptNumber": 0} | more

    def post(
        self, content: Any, path: str = "/main", *, address: str | None = None, secret: str = SECRET, age: float = 0
    ) -> int:
        """Send a webhook as HubSpot signs it, through a proxy that keeps body and headers."""
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        stamp = str(int((time.time() - age) * 1000))
        signed = b"POST" + (address or f"{ADDRESS}{path}").encode() + body + stamp.encode()
        signature = base64.b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest()).decode()
        headers = {"X-HubSpot-Signature-v3": signature, "X-HubSpot-Request-Timestamp": stamp}
        url = f"http://127.0.0.1:{self.receiver.port}{path}"
        return requests.post(url, data=body, headers=headers, timeout=30).status_code

    def refused(self, status: int) -> float:
        labels = {"connection": "main", "status": str(status)}
        return self.metrics.registry.get_sample_value("leadgauge_feed_refused_total", labels) or 0.0


@pytest.fixture
def desk(hubspot: Open, tmp_path: Path) -> Iterator[Desk]:
    stage = hubspot(10)

    def settings(connection: dict[str, Any]) -> None:
        connection["feed"] = {"client_id": "app", "client_secret": stage.secret("LEADGAUGE_TEST_APP", SECRET)}
        connection["schedule"] = {"feed": "always"}

    stage.configure(settings, database=f"sqlite:///{tmp_path}/x.db")
    with ExitStack() as stack:
        job = stack.enter_context(stage.job())
        lease = stack.enter_context(leased(job, "run", "test"))
        lane, metrics = Lane("main"), Metrics()
        listener = Listener("main", lane, metrics, Health(["main"], "x"))
        listener.pause = lambda _: 60.0
        receive = Receive(address=ADDRESS, port=0)
        receiver = receiving(receive, {"main": job.connection}, {"main": listener})
        receiver.start()
        stack.callback(receiver.close)
        stack.callback(listener.stop)
        yield Desk(stage, job, lease, listener, receiver, metrics)


def test_what_a_signed_webhook_tells_is_due_once_it_was_answered(desk: Desk) -> None:
    desk.listener.follow(desk.job, desk.lease)
    one, other = sorted(desk.stage.fields())[:2]
    assert desk.post([desk.event(one), desk.event(other, "contact.propertyChange", propertyName="jobtitle")]) == 200
    assert desk.due() == {("contacts", one), ("contacts", other)}
    assert desk.listener.lane.woken.is_set()
    assert desk.post([desk.event(one, attemptNumber=1)]) == 200
    assert len(desk.due()) == 2


def test_what_is_not_signed_by_hubspot_for_this_address_is_refused_and_counted(desk: Desk) -> None:
    desk.listener.follow(desk.job, desk.lease)
    events = [desk.event(min(desk.stage.fields()))]
    wrong = [
        desk.post(events, secret="another"),
        desk.post(events, address="http://127.0.0.1/main"),
        desk.post(events, age=timedelta(minutes=6).total_seconds()),
        requests.post(f"http://127.0.0.1:{desk.receiver.port}/main", json=events, timeout=30).status_code,
    ]
    assert wrong == [401] * 4
    assert desk.due() == set()
    assert desk.refused(401) == 4


def test_what_cannot_be_read_is_refused(desk: Desk) -> None:
    desk.listener.follow(desk.job, desk.lease)
    assert [desk.post(b"<html>"), desk.post({"eventId": 1}), desk.post(b"[1]")] == [400] * 3
    assert desk.post(b"[" + b" " * LARGEST + b"]") == 413
    assert desk.post([], "/other") == 404
    assert requests.get(f"http://127.0.0.1:{desk.receiver.port}/main", timeout=30).status_code == 405
    assert desk.post([]) == 200


def test_events_of_another_account_make_nothing_due(desk: Desk) -> None:
    desk.listener.follow(desk.job, desk.lease)
    assert desk.post([desk.event(min(desk.stage.fields()), portalId=1)]) == 200
    assert desk.due() == set()


def test_without_the_lease_hubspot_is_asked_to_send_it_again(desk: Desk) -> None:
    events = [desk.event(min(desk.stage.fields()))]
    assert desk.post(events) == 503, "a daemon that stands by"
    desk.listener.follow(desk.job, desk.lease)
    assert desk.post(events) == 200
    desk.lease.release()
    desk.job.store.lease("main", holder="other", ttl=timedelta(minutes=1), purpose="run")
    assert desk.post([desk.event(max(desk.stage.fields()))]) == 503, "another one has taken over"
    assert len(desk.due()) == 1
    assert desk.refused(503) == 2


def test_a_database_that_is_away_is_answered_with_send_it_again(desk: Desk) -> None:
    desk.listener.follow(desk.job, desk.lease)
    events = [desk.event(min(desk.stage.fields()))]
    assert desk.post(events) == 200
    file = desk.stage.folder.parent / "x.db"
    file.rename(file.with_suffix(".away"))
    assert desk.post(events) == 503
    file.with_suffix(".away").rename(file)
    assert desk.post(events) == 200
