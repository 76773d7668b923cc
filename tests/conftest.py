"""Configuration for all tests."""

import os
from collections.abc import Iterator
from zlib import crc32

import pytest
from hypothesis import settings

from vocabulary import outside

# No deadline, as a machine under load would exceed it. CI uses the same examples each time, because it checks a
# commit; elsewhere new examples are drawn, to find rare mistakes.
settings.register_profile("leadgauge", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("leadgauge")

PLACES = ("scene", "crm", "database_url")
"""Parameters that say where a test runs: on which CRM and database."""

ONE_PLACE = (
    *("tests/end_to_end/", "tests/contract/test_e", "tests/drafting/"),
    *("tests/chaos/test_fencing", "tests/chaos/test_soak"),
)
"""Tests of a whole pass, which take seconds each: `make test` runs each in one place only."""

THIRDS = (
    *("tests/hubspot/test_wrong_answers.py", "tests/salesforce/test_wrong_answers.py"),
    "tests/end_to_end/test_salesforce_in_trouble.py",
)
"""Files whose many similar cases take minutes; `make test` runs a third of each test's cases."""


@pytest.fixture(autouse=True)
def _no_secrets_of_others() -> None:
    """Forget secrets of earlier tests: one is an ordinary word, which would be masked in later messages."""
    outside._KNOWN.clear()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave repeated tests to `make test-all`: those on the other CRM and database, or with similar cases.

    The selection depends only on names, so every machine runs the same tests.
    """
    for item in left_out(items):
        item.add_marker(pytest.mark.slow)


def left_out(items: list[pytest.Item]) -> Iterator[pytest.Item]:
    """Yield the items that repeat others in another place or with a similar case."""
    places: dict[str, list[pytest.Item]] = {}
    cases: dict[str, list[pytest.Item]] = {}
    for item in items:
        if item.nodeid.startswith(ONE_PLACE) and _place(item):
            places.setdefault(item.nodeid.replace(_place(item), ""), []).append(item)
        if item.nodeid.startswith(THIRDS):
            cases.setdefault(item.nodeid.partition("[")[0], []).append(item)
    for same, where in places.items():
        chosen = where[crc32(same.encode()) % len(where)]
        yield from (item for item in where if item is not chosen)
    for similar in cases.values():
        yield from (item for number, item in enumerate(similar) if number % 3)


def _place(item: pytest.Item) -> str:
    """Return the CRM and database of a test as its name shows them; empty if it runs in one place anyway."""
    params = getattr(getattr(item, "callspec", None), "params", {})
    return "-".join(str(params[name]) for name in PLACES if name in params)
