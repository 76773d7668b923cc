"""Limits are respected, faults retried, and stopping is quick."""

import os
import threading
import time
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from connectors.base import BudgetSpent, ConfigurationError, Interrupted, Unavailable
from connectors.limits import Allowance
from connectors.retrying import Fatal, Lost, Patience, Refused
from tests.hubspot.conftest import DAY, NOON, Account, Pull
from tests.pauses import Hurried


class Failing:
    """Fails a number of times, then returns."""

    def __init__(self, times: int) -> None:
        self.times, self.calls = times, 0

    def __call__(self) -> str:
        self.calls += 1
        if self.calls <= self.times:
            raise ValueError("as told")
        return "done"


def test_refused_call_is_repeated_until_it_is_taken() -> None:
    call = Failing(3)
    assert Patience(threading.Event(), lambda _: Refused("busy", 0.001))(call, repeatable=False) == "done"
    assert call.calls == 4


def test_lost_write_that_may_not_be_repeated_is_not_repeated() -> None:
    call = Failing(1)
    with pytest.raises(Unavailable, match="not repeated"):
        Patience(threading.Event(), lambda _: Lost("no answer", 0.001))(call, repeatable=False)
    assert call.calls == 1


def test_fatal_failure_comes_out_at_once() -> None:
    call = Failing(9)
    with pytest.raises(ConfigurationError):
        Patience(threading.Event(), lambda _: Fatal(ConfigurationError("no")))(call)
    assert call.calls == 1


def test_used_up_attempts_end_as_unavailable_with_the_last_answer() -> None:
    with pytest.raises(Unavailable, match="503 busy"):
        Patience(threading.Event(), lambda _: Refused("503 busy", 0.001), attempts=3)(Failing(9))


def test_a_limit_that_holds_for_long_is_said_with_what_to_do_and_the_crm_s_name() -> None:
    limited = Refused("429 too many", 0.001, "Let fewer programs call at a time.")
    with pytest.raises(Unavailable, match=r"Acme did not take a call in 3 attempts.*429.*Let fewer") as caught:
        Patience(threading.Event(), lambda _: limited, crm="Acme", attempts=3)(Failing(9))
    assert "network" not in str(caught.value)


def test_wait_longer_than_patience_ends_the_pass_instead() -> None:
    with pytest.raises(Unavailable, match="86400"):
        Patience(threading.Event(), lambda _: Refused("migration", 86_400.0))(Failing(9))


def test_wait_ends_at_once_when_asked_to_stop() -> None:
    stop = threading.Event()
    threading.Timer(0.05, stop.set).start()
    started = time.monotonic()
    with pytest.raises(Interrupted):
        Patience(stop, lambda _: Refused("busy", 60.0))(Failing(9))
    assert time.monotonic() - started < 30


def test_allowance_is_shared_by_threads() -> None:
    allowance = Allowance(5, 0.5, threading.Event())
    stamps = []

    def spend() -> None:
        allowance.acquire()
        stamps.append(time.monotonic())

    threads = [threading.Thread(target=spend) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stamps.sort()
    assert all(later - earlier >= 0.49 for earlier, later in zip(stamps, stamps[5:], strict=False))


def test_wait_for_the_allowance_ends_when_asked_to_stop() -> None:
    stop = threading.Event()
    allowance = Allowance(1, 3600, stop)
    allowance.acquire()
    threading.Timer(0.05, stop.set).start()
    with pytest.raises(Interrupted):
        allowance.acquire()


@pytest.mark.parametrize(
    "fault",
    ["burst-429", "secondly-429", "500", "502", "504-html", "423", "cut-connection", "lost-answer", "truncated-json"],
)
def test_fault_is_waited_out(account: Account, pull: Pull, fault: str) -> None:
    """Each is one failed response; the pulled rows are the same."""
    lead = account.contact(NOON - DAY, email="p@x.example")
    connector = account.connect()
    account.portal.faults.set(fault, times=1, path="objects/contacts")
    assert pull(connector, "contacts")[0].leads["lead"].to_list() == [lead]


def test_migration_is_waited_for_as_long_as_hubspot_says(account: Account, pull: Pull) -> None:
    account.contact(NOON - DAY, email="p@x.example")
    waits: list[float] = []

    class Recording(Hurried):
        def wait(self, timeout: float | None = None) -> bool:
            waits.append(timeout or 0.0)
            return super().wait(timeout)

    connector = account.connect(stop=Recording())
    account.portal.faults.set("477", times=1, path="objects/contacts")
    pull(connector, "contacts")
    assert max(waits) >= 2


def test_daily_limit_stops_until_the_accounts_midnight(account: Account, pull: Pull) -> None:
    account.portal.limits.enforced = True
    account.portal.limits.used = account.portal.limits.daily
    connector = account.connect(budget="100%")
    with pytest.raises(BudgetSpent, match="resume") as spent:
        pull(connector, "contacts")
    assert spent.value.resets_at > datetime.now(UTC)


def test_our_share_of_the_day_is_kept(account: Account, pull: Pull) -> None:
    account.portal.limits.used = int(account.portal.limits.daily * 0.8)
    connector = account.connect(budget="80%")
    connector.find("nobody@x.example")
    with pytest.raises(BudgetSpent, match="budget"):
        connector.find("nobody@x.example")
    assert connector.budget().left_today == pytest.approx(account.portal.limits.daily * 0.2, abs=3)
    midnight = connector.budget().resets_at
    assert midnight is not None
    assert midnight > datetime.now(UTC)


def test_spent_day_is_over_at_midnight(account: Account) -> None:
    account.portal.limits.used = int(account.portal.limits.daily * 0.9)
    connector = account.connect(budget="80%")
    connector.find("nobody@x.example")
    with pytest.raises(BudgetSpent) as spent:
        connector.find("nobody@x.example")
    midnight = spent.value.resets_at.astimezone(ZoneInfo("US/Eastern"))
    assert (midnight.hour, midnight.minute) == (0, 0)
    account.portal.limits.used = 0
    connector._transport._day_ends = datetime.now(UTC)
    assert connector.find("nobody@x.example") is None


def test_burst_limit_is_learned_from_the_headers(account: Account) -> None:
    connector = account.connect(limits={"burst": "90%"})
    assert connector.cost_of_push(100).calls == 1
    slow = connector.cost_of_push(10_000).seconds
    connector.find("nobody@x.example")
    assert connector.cost_of_push(10_000).seconds < slow


def test_revoked_token_names_the_setting(account: Account, pull: Pull) -> None:
    account.portal.faults.set("revoked-token")
    with pytest.raises(ConfigurationError, match="HUBSPOT_TEST_TOKEN"):
        pull(account.connect(), "contacts")


def test_missing_token_names_the_setting(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HUBSPOT_TEST_TOKEN")
    connector = account.connect()
    with pytest.raises(ConfigurationError, match="HUBSPOT_TEST_TOKEN"):
        connector.find("a@x.example")


def test_unreachable_hubspot_says_so(account: Account) -> None:
    connector = account.connect(base_url="http://127.0.0.1:9", attempts=1)
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1:9 cannot be reached"):
        connector.find("a@x.example")


def test_slow_answer_runs_into_the_time_out(account: Account) -> None:
    account.gate.latency = 2
    connector = account.connect(read_timeout=0.2, attempts=1)
    with pytest.raises(Unavailable, match="connection broke"):
        connector.find("a@x.example")


def test_stop_during_a_pull_leaves_a_cursor_that_resumes(account: Account, pull: Pull) -> None:
    leads = [account.contact(NOON - DAY, email=f"p{n}@x.example") for n in range(350)]
    stop = threading.Event()
    connector = account.connect(stop=stop, limits={"parallel": 1})
    contacts = next(stream for stream in connector.streams() if stream.name == "contacts")
    kept = []
    pulling = connector.pull(contacts, None)
    kept.append(next(pulling))
    stop.set()
    with pytest.raises(Interrupted):
        kept.extend(pulling)
    resumed = pull(account.connect(), "contacts", kept[-1].cursor)
    found = [lead for page in [*kept, *resumed] for lead in page.leads["lead"]]
    assert set(found) == set(leads)


def test_token_never_shows_in_errors_or_reprs(account: Account, pull: Pull) -> None:
    token = os.environ["HUBSPOT_TEST_TOKEN"]
    connector = account.connect()
    account.portal.faults.set("revoked-token")
    with pytest.raises(ConfigurationError) as refused:
        pull(connector, "contacts")
    chain, error = [], refused.value
    while error is not None:
        chain.append(repr(error) + str(error))
        error = error.__cause__ or error.__context__
    assert token not in "".join(chain)
    assert token not in repr(account.settings())
