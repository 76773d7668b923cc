"""A response without what its endpoint always has changes nothing: the call is repeated."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import reduce
from typing import Any, Final

import polars as pl
import pytest

from connectors.base import Unavailable
from connectors.hubspot import HubSpot
from connectors.hubspot.spans import onward
from leadgauge_sandbox.hubspot.app import create_app
from leadgauge_sandbox.hubspot.clock import Clock
from leadgauge_sandbox.population import Population
from tests.hubspot.conftest import DAY, MINUTE, NOON, OUTPUTS, WANTED, Account, Pull, kept, opened, stream
from vocabulary.pages import Page
from vocabulary.writes import Row

NO_PAGE: Final = ("empty-object", "empty-body", "no-content", "error-200", "html-200")
EVERYTHING: Final[dict[str, Any]] = {
    "activities": {"notes": "note", "tasks": "task", "forms": True, "derived": True, "since": "3650d"},
    "outcomes": {"opportunities": True},
    "history": True,
    "wanted": {**WANTED, "groups": "member_of"},
    "member_of": {"groups": {"leads": 3, "customers": "Customers", "out": 5, "partners": "Partners"}},
    "of_deals": {"amount": "number"},
    "deals": {"amount": "amount"},
}
COUNTED: Final = {
    "companies",
    "contacts",
    "calls",
    "emails",
    "meetings",
    "opportunities",
    "history",
    "webinars",
    "segments",
}
"""Streams whose endpoint or search gives a total."""
FRAMES: Final = ("leads", "accounts", "activities", "outcomes", "history", "deals", "deal_leads", "memberships")


@pytest.fixture(scope="module")
def town() -> Iterator[Account]:
    """An account of 230 people, read-only for the tests of this module."""
    app = create_app(Population.generate(230, seed=7, now=NOON), clock=Clock(NOON), rate_limit=False)
    with pytest.MonkeyPatch.context() as environment:
        yield from opened(app, environment)


@pytest.fixture(autouse=True)
def _calm(town: Account) -> Iterator[None]:
    yield
    town.app.state.mischief.clear()


def everything(connector: HubSpot) -> dict[str, dict[str, list[Any]]]:
    """Return every row of each stream, once and in order; the streams are read concurrently."""
    with ThreadPoolExecutor(16) as threads:
        pages = threads.map(lambda one: (one.name, list(connector.pull(one, None))), connector.streams())
        return {name: brought(found) for name, found in pages}


def brought(pages: list[Page]) -> dict[str, list[Any]]:
    frames = {name: pl.concat([getattr(page, name) for page in pages], how="diagonal") for name in FRAMES}
    frames["memberships"] = frames["memberships"].drop("read_at")
    return {name: sorted(set(map(str, frame.rows()))) for name, frame in frames.items()}


@pytest.fixture(scope="module")
def clean(town: Account) -> dict[str, dict[str, list[Any]]]:
    found = everything(town.connect(**EVERYTHING))
    assert all(any(found[name].values()) for name in {*COUNTED, "forms", "events.e_visited_page", "email_events.OPEN"})
    return found


def struck(town: Account, fault: str, argument: str | None = None, **limits: Any) -> None:
    town.app.state.mischief.set(fault, argument, **{"times": 1, "each": True, **limits})


@pytest.mark.parametrize("fault", [*NO_PAGE, "no-rows", "loop-link", "early-end", "redirect"])
def test_first_answer_of_every_path(town: Account, clean: Any, fault: str) -> None:
    """The first response to each call is wrong; in the end all rows are there."""
    struck(town, fault)
    found = everything(town.connect(**EVERYTHING))
    assert town.portal.faults.active(fault).spent
    assert found == clean


@pytest.mark.parametrize("fault", [*NO_PAGE, "no-rows", "early-end", "short-rows", "loop-link", "back-link"])
def test_second_answer_of_every_path(town: Account, clean: Any, fault: str) -> None:
    """A second page without rows or link is not the end of a listing."""
    struck(town, fault, skip=1)
    found = everything(town.connect(**EVERYTHING, limits={"parallel": 1}))
    assert town.portal.faults.active(fault).spent
    counted = {name for name in clean if fault != "short-rows" or name in COUNTED}
    assert {name: found[name] for name in counted} == {name: clean[name] for name in counted}


@pytest.mark.parametrize(
    ("name", "path"),
    [
        *((name, f"/objects/{name}$") for name in ("companies", "contacts", "calls", "emails")),
        *(("opportunities", "/objects/deals$"), ("history", "/objects/contacts$")),
        *(("events.e_visited_page", "/v3/events$"), ("email_events.OPEN", "/v1/events$")),
        *(("forms", "/v3/forms$"), ("forms", "/submissions/forms/"), ("webinars", "/marketing-events$")),
        ("webinars", "/breakdown$"),
        *(("segments", path) for path in ("/lists/search$", "/lists/3/memberships$")),
    ],
)
def test_well_formed_nothing(town: Account, clean: Any, name: str, path: str) -> None:
    """A first page without rows or a next page: search counts more, or a second call returns rows."""
    struck(town, "nothing-there", path=path)
    connector = town.connect(**EVERYTHING)
    found = brought(list(connector.pull(stream(connector, name), None)))
    assert town.portal.faults.active("nothing-there").spent
    assert found == clean[name]


@pytest.mark.parametrize(
    ("fault", "key"),
    [
        *((fault, key) for fault in ("missing-key", "wrong-type") for key in ("results", "events", "results.id")),
        *(("null-list", key) for key in ("results", "events", "results.values")),
        *(("missing-key", key) for key in ("results.properties", "total", "hasMore")),
        *(("missing-key", key) for key in ("results.occurredAt", "results.objectId", "results.submittedAt")),
        *(
            ("wrong-type", key)
            for key in ("paging", "paging.next.after", "portalId", "events.id", "events.subscriptions")
        ),
    ],
)
def test_key_that_an_endpoint_always_has(town: Account, clean: Any, fault: str, key: str) -> None:
    """Missing, null or of the wrong type, for a page or a single row."""
    struck(town, fault, key)
    found = everything(town.connect(**EVERYTHING))
    assert town.portal.faults.active(fault).spent
    assert found == clean


@pytest.mark.parametrize("name", ["companies", "contacts"])
def test_listing_that_stays_short_ends_with_both_numbers(town: Account, name: str) -> None:
    """No record counts as gone, and the next pull lists from the start."""
    town.app.state.mischief.set("nothing-there", 1, path=f"/objects/{name}$")
    connector = town.connect(**EVERYTHING)
    pages: list[Page] = []
    with pytest.raises(Unavailable, match=rf"listing of {name} returned 0.*search counts"):
        pages.extend(connector.pull(stream(connector, name), None))
    town.app.state.mischief.clear()
    town.app.state.mischief.set("nothing-there", 1, path=f"/objects/{name}$")
    with pytest.raises(Unavailable):
        list(kept(pages, connector.pull(stream(connector, name), None)))
    assert not any(page.listed for page in pages)
    town.app.state.mischief.clear()
    resumed = list(connector.pull(stream(connector, name), pages[-1].cursor))
    assert len(brought(resumed)["leads" if name == "contacts" else "accounts"]) > 20


def test_link_that_always_leads_to_its_own_page_ends_the_pull(town: Account) -> None:
    """The message names the endpoint."""
    town.app.state.mischief.set("loop-link", 1, path="/objects/contacts")
    connector = town.connect(attempts=2)
    with pytest.raises(Unavailable, match=r"/crm/objects/2026-09/contacts.*the same page"):
        list(connector.pull(stream(connector, "contacts"), None))


def test_pages_that_go_round_in_a_circle_end_the_pull() -> None:
    """Tokens of the events API have no order, so only a repeated one shows a loop, of any length."""
    for length in (1, 2, 3, 7, 100):
        tokens = [f"before {page}" for page in range(5)] + [f"token {page % length}" for page in range(4 * length + 5)]
        with pytest.raises(Unavailable, match="cycle"):
            reduce(onward, tokens, {"low": 1})
    assert len(str(reduce(onward, map(str, range(1_000)), {}))) < 100


def test_total_of_the_crm_comes_with_every_listing(town: Account) -> None:
    """Also for a small account, whose listing is one page."""
    connector = town.connect()
    pages = list(connector.pull(stream(connector, "contacts"), None))
    total = len(list(town.portal.table("contacts").live()))
    assert next(page.total for page in reversed(pages) if page.listed) == total


@pytest.mark.parametrize("fault", [*NO_PAGE, "no-rows", "short-rows"])
def test_write_whose_answer_is_no_answer_is_written_again(account: Account, fault: str) -> None:
    leads = [account.contact(NOON - DAY, email=f"p{n}@x.example") for n in range(3)]
    connector = account.connect()
    connector.provision(OUTPUTS)
    account.app.state.mischief.set(fault, times=1, path="batch/update")
    answers = [one for batch in connector.push([Row(lead, {"lead_score": 5}) for lead in leads]) for one in batch]
    assert sorted((one.lead, one.refusal) for one in answers) == sorted((lead, None) for lead in leads)
    assert account.calls()[-1][1].endswith("/batch/update")


@pytest.mark.parametrize("fault", [*NO_PAGE, "no-rows", "nothing-there"])
def test_properties_are_never_taken_for_missing(account: Account, fault: str) -> None:
    """An empty list of properties would make `provision` create existing ones, and `--remove` forget them."""
    connector = account.connect()
    connector.provision(OUTPUTS)
    account.app.state.mischief.set(fault, times=1, path="/crm/v3/properties/contacts")
    assert {one.action for one in connector.provision(OUTPUTS)} == {"unchanged"}


@pytest.mark.parametrize("fault", [*NO_PAGE, "no-rows", "short-rows"])
def test_reading_back_asks_again_for_who_is_missing(account: Account, fault: str) -> None:
    leads = [account.contact(NOON - DAY, email=f"p{n}@x.example") for n in range(5)]
    connector = account.connect()
    account.app.state.mischief.set(fault, times=1, path="batch/read")
    assert set(connector.read(leads, ["jobtitle"])) == set(leads)
    assert set(connector.read([*leads, "999999"], ["jobtitle"])) == set(leads)


def test_changes_that_are_lost_come_with_the_next_answer(account: Account, pull: Pull) -> None:
    """A page of changes with fewer rows than its total is read again."""
    connector = account.connect()
    cursor = pull(connector, "contacts")[-1].cursor
    account.clock.advance(MINUTE)
    leads = {account.contact(email=f"p{n}@x.example") for n in range(450)}
    account.clock.advance(MINUTE)
    for fault in ("short-rows", "no-rows", "early-end"):
        account.app.state.mischief.set(fault, times=2, path="/search")
        pages = pull(connector, "contacts", cursor)
        assert {lead for page in pages for lead in page.leads["lead"]} == leads
        account.app.state.mischief.clear()


@pytest.mark.parametrize(
    ("fault", "argument"),
    [
        *((fault, None) for fault in (*NO_PAGE, "no-rows", "short-rows")),
        *((fault, key) for fault in ("missing-key", "wrong-type") for key in ("results", "results.from", "results.to")),
        *(("null-list", "results.to"), ("missing-key", "results.to.toObjectId")),
    ],
)
def test_who_took_part_is_asked_again(account: Account, pull: Pull, fault: str, argument: str | None) -> None:
    """A call without its contacts would belong to no lead and never be read again."""
    leads = [account.contact(NOON - DAY, email=f"p{n}@x.example") for n in range(3)]
    connector = account.connect()
    cursor = pull(connector, "calls")[-1].cursor
    account.clock.advance(MINUTE)
    for lead in leads:
        made = account.add("calls", hs_timestamp=str(NOON), hs_call_title="Hello")
        account.portal.associate(("0-48", "0-1"), made.id, int(lead))
    account.clock.advance(MINUTE)
    account.app.state.mischief.set(fault, argument, times=1, path="/associations/")
    found = [lead for page in pull(connector, "calls", cursor) for lead in page.activities["lead"]]
    assert account.portal.faults.active(fault).spent
    assert sorted(found) == sorted(leads)
