"""How SQLite answers the questions of each batch and each look at `status`: by an index, never by reading every lead."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event

from store import Lease, Mirror, Outbox, Store
from tests.databases import database_url, postgresql_server, template  # noqa: F401 - fixtures
from tests.store.pages import day, leads, page, results

QUESTIONS: dict[str, Callable[[Outbox], Any]] = {
    "who is due": lambda outbox: outbox.due(day(2)),
    "the next rows": lambda outbox: outbox.pending(10, day(2)),
    "the next rows that were read": lambda outbox: outbox.pending(10, day(2), unread=False),
    "how many rows wait": lambda outbox: outbox.pending_count(day(2)),
    "rows that wait by their priority": lambda outbox: outbox.waiting("lead_priority"),
    "rows that wait by their place": lambda outbox: outbox.waiting_levels(),
    "rows that are sent again": lambda outbox: outbox.resent(),
    "the last write": lambda outbox: outbox.told_until(),
    "what was written since": lambda outbox: list(outbox.told_since(0, 1000)),
    "who surprises": lambda outbox: outbox.surprises(),
    "what a run wrote": lambda outbox: outbox.writes_of(1),
    "what a run wrote, in figures": lambda outbox: outbox.wrote(1),
    "what became of it": lambda outbox: outbox.since(1),
    "when it was first written": lambda outbox: outbox.first_write(),
}
ANN = {"lead": "1"}
EVERY_LEAD = ("SCAN results", "SCAN writes", "(outbox=?)", "(outbox=? AND bucket>?)")


@contextmanager
def plans() -> Iterator[list[str]]:
    """Collect how SQLite answers each query in the block."""
    found: list[str] = []

    def ask(_: Any, cursor: Any, statement: str, given: Any, *__: Any) -> None:
        if statement.startswith("SELECT") and not isinstance(given, list):
            steps = cursor.connection.execute(f"EXPLAIN QUERY PLAN {statement}", given)
            found.extend(step[3] for step in steps)

    event.listen(Engine, "before_cursor_execute", ask)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", ask)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("question", QUESTIONS)
def test_an_index_answers(question: str, mirror: Mirror, outbox: Outbox, run: int, lease: Lease) -> None:
    mirror.save(page(leads=leads(ANN)), lease)
    outbox.stage(results(ANN), run, lease, scored_at=day(1))
    with plans() as found:
        QUESTIONS[question](outbox)
    assert found
    assert not [step for step in found if "USING PRIMARY KEY" in step and step.endswith(EVERY_LEAD)], found


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_next_rows_are_read_in_their_order(outbox: Outbox) -> None:
    """No sort: the first batch of a million rows costs as much as the last."""
    with plans() as found:
        outbox.pending(10, day(2))
    assert "ORDER BY" not in " ".join(found)
    assert any("results_pending" in step for step in found)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_status_counts_what_waits_by_an_index(store: Store, outbox: Outbox) -> None:
    with plans() as found:
        store.figures("main")
    assert any("results_pending" in step for step in found), found
