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

SCENES = ("hubspot on sqlite", "salesforce on postgresql")
THIRDS = ("tests/hubspot/test_wrong_answers.py", "tests/salesforce/test_wrong_answers.py")
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
    """Yield the items that repeat others; the first case of each test is kept."""
    met: dict[str, int] = {}
    for item in items:
        test = item.nodeid.partition("[")[0]
        number = met[test] = met.get(test, -1) + 1
        params = getattr(getattr(item, "callspec", None), "params", {})
        if ("scene" in params and params["scene"] != SCENES[crc32(test.encode()) % len(SCENES)]) or (
            item.nodeid.startswith(THIRDS) and number % 3
        ):
            yield item
