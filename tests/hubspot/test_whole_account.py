"""A full read of an account gives the same rows, whatever fails on the way."""

from typing import Any

import pytest

from connectors.base import ConnectorError
from tests.hubspot.conftest import Account

FAULTS = {
    "500": "0.03",
    "502": "0.03",
    "burst-429": "0.03",
    "cut-connection": "0.03",
    "truncated-json": "0.03",
    "duplicate-rows": "0.2",
    "unordered-search": "1",
}


def everything(account: Account, **changes: Any) -> set[Any]:
    """Read all streams, resuming each after a failure."""
    connector = account.connect(activities={"notes": "note", "tasks": "task"}, **changes)
    found: set[Any] = set()
    for stream in connector.streams():
        cursor = None
        for _ in range(10):
            try:
                for page in connector.pull(stream, cursor):
                    cursor = page.cursor
                    found |= {*page.leads.rows(), *page.accounts.rows(), *page.activities.rows(), *page.outcomes.rows()}
                break
            except ConnectorError:
                continue
        else:
            pytest.fail(f"{stream.name} never ended")
    return found


def test_faults_change_nothing_of_what_is_read(full_account: Account) -> None:
    clean = everything(full_account)
    for name, chance in FAULTS.items():
        full_account.portal.faults.set(name, chance)
    assert everything(full_account) == clean


def test_older_paths_change_nothing_of_what_is_read(full_account: Account) -> None:
    assert everything(full_account, api="v3") == everything(full_account)
