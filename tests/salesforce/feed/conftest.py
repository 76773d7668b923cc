"""A bus beside a sandbox, and a connector that listens to it."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any

import pytest

from connectors.salesforce import Salesforce
from leadgauge_sandbox.salesforce.state import Sandbox
from tests.pauses import Hurried
from tests.salesforce.feed.bus import Bus, schema_of, serving
from tests.salesforce.sandboxed import connector
from vocabulary.feeds import Heard

TOPIC = "/data/leadgauge__chn"
OBJECTS = {
    "Lead": ["LastModifiedDate", "Title", "Email", "Status", "Lead_Score__c", "Description", "IsConverted"],
    "Contact": ["LastModifiedDate", "Title", "AccountId", "Lead_Score__c", "Description"],
    "Account": ["LastModifiedDate", "Industry", "Description"],
    "Task": ["LastModifiedDate", "Status", "WhoId", "Description"],
    "Event": ["LastModifiedDate", "StartDateTime", "Description"],
    "CampaignMember": ["LastModifiedDate", "Status", "Description"],
    "Web_Visit__c": ["LastModifiedDate", "URL__c", "Description__c"],
}


@dataclass
class Ear:
    """Listens with a connector to a bus."""

    bus: Bus
    salesforce: Salesforce
    endpoint: str
    stop: Event
    heard: list[Heard] = field(default_factory=list)

    def listen(self, cursor: Mapping[str, Any] | None, until: Callable[[list[Heard]], bool]) -> list[Heard]:
        """Return what is heard until enough is."""
        found: list[Heard] = []
        feed = self.salesforce.listen(cursor)
        for one in feed:
            found.append(one)
            if until(found):
                break
        feed.close()  # type: ignore[attr-defined]
        return found

    def once_asked(self, act: Callable[..., Any], *arguments: Any) -> None:
        """Act once the feed is subscribed, beside whoever listens."""
        asked = len(self.bus.asked)

        def wait() -> None:
            while len(self.bus.asked) == asked and not self.stop.is_set():
                time.sleep(0.02)
            time.sleep(0.1)
            act(*arguments)

        Thread(target=wait, daemon=True).start()

    def ids(self, cursor: Mapping[str, Any] | None, events: int) -> list[Heard]:
        """Return what is heard until so many events were."""
        return self.listen(cursor, lambda found: sum(one.events for one in found) >= events)


def start() -> Mapping[str, Any]:
    """Return a cursor before the first event."""
    return {"places": {TOPIC: "c3RhcnQ="}}  # "start"


@pytest.fixture
def ear(org: tuple[Sandbox, str]) -> Iterator[Ear]:
    """A connector on a sandbox whose feed is a bus."""
    bus = Bus({name: schema_of(name, fields) for name, fields in OBJECTS.items()})
    stop = Hurried()
    with serving(bus) as endpoint:
        salesforce = connector(*org, stop=stop, feed={"endpoint": endpoint})
        yield Ear(bus, salesforce, endpoint, stop)
        salesforce.close()
