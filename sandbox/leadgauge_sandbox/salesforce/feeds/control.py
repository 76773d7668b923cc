"""The control of the feed: `/_sandbox/feed`."""

from typing import Any, Final

from leadgauge_sandbox.salesforce.calls import Call, Reply, reply, route
from leadgauge_sandbox.salesforce.errors import SalesforceError
from leadgauge_sandbox.salesforce.feeds.deliveries import EDITIONS
from leadgauge_sandbox.salesforce.feeds.feed import Feed
from leadgauge_sandbox.salesforce.state import Sandbox


def feed(sandbox: Sandbox, _call: Call) -> Reply:
    """Return the address, the selected objects, and the allocations."""
    return reply(told(sandbox.feed))


def change_feed(sandbox: Sandbox, call: Call) -> Reply:
    """Change what an administrator or Salesforce sets.

    {"select": ["Lead"]}: the objects of the standard channel; {"entities": 10}: how many may be selected, null for any
    number; {"edition"} or {"allocation"}: deliveries in 24 hours; {"deliver": 5000}: count these for another client;
    {"keepalive", "idle"}: seconds; {"forget": true}: let all events expire; {"restart": true}: close all connections.
    """
    wish, known = call.fields(), sandbox.feed
    if "entities" in wish:
        known.channels.most_entities = None if wish["entities"] is None else int(wish["entities"])
    if "select" in wish:
        known.channels.select([str(each) for each in wish["select"]])
    if "edition" in wish or "allocation" in wish:
        known.deliveries.maximum = _allocation(wish)
    if "deliver" in wish:
        known.deliveries.count(int(wish["deliver"]))
    if wish.keys() & {"keepalive", "idle", "forget", "restart"}:
        _change_server(known, wish)
    return reply(told(known))


def _allocation(wish: dict[str, Any]) -> int:
    if "allocation" in wish:
        return int(wish["allocation"])
    if wish["edition"] not in EDITIONS:
        raise SalesforceError("SANDBOX", f"Unknown edition: {wish['edition']}. There are: {', '.join(EDITIONS)}")
    return EDITIONS[wish["edition"]]


def _change_server(known: Feed, wish: dict[str, Any]) -> None:
    if known.server is None:
        raise SalesforceError("SANDBOX", f"The feed is {known.address}")
    timing = known.server.timing
    timing.keepalive = float(wish.get("keepalive", timing.keepalive))
    timing.idle = float(wish.get("idle", timing.idle))
    if wish.get("forget"):
        known.server.bus.forget()
    if wish.get("restart"):
        known.server.restart()


def told(known: Feed) -> dict[str, Any]:
    """Return the address of a feed, what it captures, and its allocations."""
    server = known.server
    streams = {} if server is None else {name: count for name, count in server.service.streams.items() if count}
    return {
        "address": known.address,
        "streams": streams,
        "published": 0 if server is None else server.bus.published,
        "selected": sorted(known.channels.selected()),
        "entities": known.channels.most_entities,
        "allocation": known.deliveries.maximum,
        "delivered": known.deliveries.used,
    }


ROUTES: Final = (route("/_sandbox/feed", get=feed, post=change_feed),)
