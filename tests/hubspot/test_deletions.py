"""Deleted records are found in the recycle bin, whose size hardly matters."""

from collections.abc import Iterator
from typing import Any

from tests.hubspot.conftest import DAY, HOUR, MINUTE, NOON, Account, Pull

ONLY_CONTACTS = {"calls": None, "emails": None, "email_replies": None, "notes": None, "tasks": None}


class Look:
    """Looks into the bin at intervals, and counts the calls."""

    def __init__(self, account: Account, pull: Pull) -> None:
        self.account, self._pull = account, pull
        self.connector = account.connect(activities=ONLY_CONTACTS, fields={"job_title": "jobtitle"})
        self._cursor: Any = pull(self.connector, "deletions")[-1].cursor

    def __call__(self, later: int = HOUR) -> tuple[list[str], int]:
        """Return the deleted contacts that are reported after some time, and the calls that it took."""
        self.account.clock.advance(later)
        self.connector.find("nobody@x.example")  # an answer, and with it the time
        before = len(self.account.calls())
        pages = self._pull(self.connector, "deletions", self._cursor)
        self._cursor = pages[-1].cursor if pages else self._cursor
        return [lead for page in pages for lead in page.gone], len(self.account.calls()) - before


def archive(account: Account, leads: list[str]) -> None:
    table = account.portal.table("contacts")
    for lead in leads:
        account.portal.archive(table, table.find(int(lead)))


def people(account: Account, count: int) -> Iterator[str]:
    return (account.contact(NOON - DAY, email=f"p{number}@x.example") for number in range(count))


def test_three_thousand_deleted_contacts_cost_two_calls_an_hour(account: Account, pull: Pull) -> None:
    leads = list(people(account, 3_100))
    look = Look(account, pull)
    archive(account, leads[:3_000])
    found, calls = look()
    assert found == leads[:3_000]
    assert calls <= 31
    found, calls = look()  # it was not known how large the bin is, so nothing was counted
    assert calls <= 32
    assert look()[1] == 2
    assert [look() for _ in range(10)] == [([], 2)] * 10
    account.contact(email="new@x.example")
    assert look() == ([], 2)
    archive(account, leads[3_050:3_051])
    found, calls = look()
    assert found == leads[3_050:3_051]
    assert calls <= 34
    assert look() == ([], 2)


def test_a_bin_is_read_once_a_day_whatever_is_counted(account: Account, pull: Pull) -> None:
    """A contact that is created and deleted between two looks changes no number."""
    leads = list(people(account, 400))
    look = Look(account, pull)
    archive(account, leads[:300])
    look()
    look()
    account.clock.advance(MINUTE)
    fleeting = account.contact(email="fleeting@x.example")
    archive(account, [fleeting])
    found = [lead for _ in range(25) for lead in look()[0]]
    assert fleeting in found


def test_the_larger_the_bin_the_less_often_it_is_read(account: Account, pull: Pull) -> None:
    leads = list(people(account, 13_000))
    look = Look(account, pull)
    archive(account, leads[:12_500])
    look()
    archive(account, leads[12_500:12_501])
    assert look() == ([], 0)
    assert leads[12_500] in look()[0]


def test_few_deleted_contacts_are_read_at_every_look(account: Account, pull: Pull) -> None:
    leads = list(people(account, 300))
    look = Look(account, pull)
    archive(account, leads[:150])
    assert [look()[1] for _ in range(3)] == [2, 2, 2]
