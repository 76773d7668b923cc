"""The invariant about what a feed said is due can fail, and only for what was due and is there."""

from datetime import UTC, datetime

import pytest

from tests.chaos.invariants import nothing_due_is_forgotten
from tests.chaos.seen import Passed, Seen

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
NOTHING: frozenset[str] = frozenset()


@pytest.mark.parametrize(
    ("read", "due", "touched", "broken"),
    [
        ({"1": "false"}, NOTHING, NOTHING, 1),
        ({}, NOTHING, NOTHING, 1),
        ({"1": "true"}, NOTHING, NOTHING, 0),
        ({"1": "false"}, frozenset({"1"}), NOTHING, 0),
        ({"1": "false"}, NOTHING, frozenset({"1"}), 0),
    ],
)
def test_what_was_due_and_is_no_longer_must_have_been_read(
    read: dict[str, str | None], due: frozenset[str], touched: frozenset[str], broken: int
) -> None:
    seen = Seen(AT, {"1": {}}, {})
    passed = Passed(seen, seen, touched, NOTHING, "", (), told={"1": "true"}, due=due, read=read)
    assert len(list(nothing_due_is_forgotten(passed))) == broken
