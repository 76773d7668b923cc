"""What holds for every test."""

import os
from collections.abc import Iterator
from zlib import crc32

import pytest
from hypothesis import settings

from vocabulary import outside

# A deadline would be an assertion of time, and a machine under load would fail it. CI judges a commit, so it draws
# the same examples each time; everywhere else new ones are drawn, which is how rare mistakes are found.
settings.register_profile("leadgauge", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("leadgauge")

SCENES = ("hubspot on sqlite", "salesforce on postgresql")
THIRDS = ("tests/hubspot/test_wrong_answers.py", "tests/salesforce/test_wrong_answers.py")
"""Files whose many similar cases take minutes: `make test` runs a third of the cases of each test."""


@pytest.fixture(autouse=True)
def _no_secrets_of_others() -> None:
    """Forget the secrets of earlier tests: one of them is an ordinary word, which would be masked in later messages."""
    outside._KNOWN.clear()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave to `make test-all` what only repeats a test: on the other CRM and database, or with similar cases.

    Which part runs in `make test` depends on names alone, so each machine runs the same.
    """
    for item in left_out(items):
        item.add_marker(pytest.mark.slow)


def left_out(items: list[pytest.Item]) -> Iterator[pytest.Item]:
    """Yield the items that only repeat others; the first case of each test always stays."""
    met: dict[str, int] = {}
    for item in items:
        test = item.nodeid.partition("[")[0]
        number = met[test] = met.get(test, -1) + 1
        params = getattr(getattr(item, "callspec", None), "params", {})
        if ("scene" in params and params["scene"] != SCENES[crc32(test.encode()) % len(SCENES)]) or (
            item.nodeid.startswith(THIRDS) and number % 3
        ):
            yield item
