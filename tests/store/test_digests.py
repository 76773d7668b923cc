"""The figures of a digest: who is new in the first priority and has it still, and who is about to lose it."""

from datetime import timedelta

import pytest

from store import Alerting, Lease, Listener, Mirror, Outbox, Runs, Store
from tests.store.pages import DAY, day, leads, page, results
from vocabulary.writes import Pushed

SALES = Alerting("P1", timedelta(days=7), (Listener("sales"),))
FIELDS = {"job_title": "text", "owner": "text"}


@pytest.fixture(autouse=True)
def _told(store: Store, mirror: Mirror, outbox: Outbox, runs: Runs, lease: Lease) -> None:
    """Lead 1 stays in P1, lead 2 leaves it, lead 3 had it before; 1 and 3 expire in a day and in five."""
    mirror.declare(FIELDS, lease)  # type: ignore[arg-type]
    rows = leads(*({"lead": str(n), "owner": str(10 + n)} for n in (1, 2, 3)), fields=FIELDS)  # type: ignore[arg-type]
    mirror.save(page(leads=rows), lease)

    def tell(at: float, **priorities: str) -> None:
        ends = {"1": day(at + 1), "2": day(at + 1), "3": day(at + 5)}
        run = runs.start("sync", lease)
        given = [{"lead": n[1:], "lead_priority": p, "lead_expires_at": ends[n[1:]]} for n, p in priorities.items()]
        outbox.stage(results(*given), run, lease, scored_at=day(at))
        outbox.sending(outbox.pending(10, day(at)), run, lease)
        outbox.record([Pushed(n[1:]) for n in priorities], run, lease, now=day(at), alerting=SALES)

    tell(0, n1="P3", n2="P3", n3="P1")
    outbox.begin_alerts(runs.last().run, "P1", lease)  # type: ignore[union-attr]
    tell(1, n1="P1", n2="P1")
    tell(1.5, n2="P2")


def test_who_left_again_or_was_there_before_is_not_new(store: Store) -> None:
    found = store.notices("main").crossed(DAY, day(2), "owner")
    assert [(one.lead, one.priority, one.owner) for one in found] == [("1", "P1", "11")]
    assert store.notices("main").crossed(day(1), day(2), None) == []  # the day before yesterday's digest had it


def test_only_who_has_the_first_priority_is_about_to_lose_it(store: Store) -> None:
    def cooling(now: float) -> list[str]:
        found = store.notices("main").cooling({("", "leads"): "P1"}, day(now + 1), day(now), None)
        return [one.lead for one in found]

    assert cooling(1.5) == ["1"]
    assert cooling(4.5) == ["3"]
    assert cooling(6) == []
    assert store.notices("main").cooling({("", "leads"): "Hot"}, day(9), DAY, None) == []
