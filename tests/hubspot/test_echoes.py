"""Our own writes are read back once; what others change meanwhile is not missed."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.hubspot.conftest import DAY, HOUR, MINUTE, NOON, Account, Pull, stream
from vocabulary.outputs import OUTPUTS
from vocabulary.writes import Row

ROWS = 1_000


class Written:
    """An account with contacts, all of which were written at noon."""

    def __init__(self, account: Account, pull: Pull) -> None:
        self.account, self._pull = account, pull
        self.leads = [account.contact(NOON - DAY, email=f"p{n}@x.example") for n in range(ROWS)]
        self.connector = account.connect(outputs=OUTPUTS)
        self.connector.provision(OUTPUTS)
        self._cursor: Any = pull(self.connector, "contacts")[-1].cursor
        self.write(self.leads)

    def write(self, leads: list[str]) -> None:
        at = datetime.fromtimestamp(self.account.clock.now() / 1000, UTC)
        list(self.connector.push([Row(lead, {"lead_score": 7, "lead_scored_at": at}) for lead in leads]))

    def look(self, later: int = 5 * MINUTE) -> tuple[list[str], int]:
        """Return the contacts that a pull brings some time later, and its calls."""
        self.account.clock.advance(later)
        self.connector.find("nobody@x.example")  # an answer, and with it the time
        before = len(self.account.calls())
        pages = list(self.connector.pull(stream(self.connector, "contacts"), self._cursor))
        self._cursor = pages[-1].cursor
        return [lead for page in pages for lead in page.leads["lead"]], len(self.account.calls()) - before


@pytest.fixture
def written(account: Account, pull: Pull) -> Written:
    return Written(account, pull)


def test_what_we_wrote_is_read_back_once_and_then_left_out(written: Written) -> None:
    first, calls = written.look()
    assert sorted(first) == sorted(written.leads)
    assert calls == ROWS / 200 + 1
    assert [written.look() for _ in range(2)] == [([], 2)] * 2
    rest = [written.look() for _ in range(30)]
    assert all(found == [] for found, _ in rest)
    assert max(calls for _, calls in rest) <= 3


def test_what_somebody_changed_before_or_after_our_write_comes_nevertheless(written: Written) -> None:
    lead, other, new = written.leads[3], written.leads[4], written.leads[5]
    written.account.change(lead, jobtitle="Owner")  # within the second of our write
    assert lead in written.look()[0]
    written.account.change(other, jobtitle="Owner")
    assert written.look()[0] == [other]
    written.account.change(new, jobtitle="Owner")
    assert new in written.look()[0]


def test_a_write_that_search_shows_late_is_read_back_too(written: Written) -> None:
    written.look()
    written.look()
    written.account.portal.table("contacts").lag = 20 * MINUTE
    written.write(written.leads)
    written.account.portal.table("contacts").lag = 0
    seen = [lead for _ in range(40) for lead in written.look()[0]]
    assert set(seen) == set(written.leads)


def test_the_filters_of_a_search_stay_within_what_hubspot_takes(written: Written) -> None:
    written.look(MINUTE)
    for _ in range(3):
        written.write(written.leads)
        written.look(2 * MINUTE)
    assert sorted(written.look(HOUR)[0]) == sorted(set(written.look(HOUR)[0]))
