"""Configuration for all tests."""

import gc
import os
import re
from collections.abc import Generator, Iterator
from zlib import crc32

import pytest
from hypothesis import settings

from store.sql import database
from tests.compiling import sharing
from tests.weighing import LIGHT, heavy
from vocabulary import outside

# No deadline, as a machine under load would exceed it. CI uses the same examples each time, because it checks a
# commit; elsewhere new examples are drawn, to find rare mistakes.
settings.register_profile("leadgauge", deadline=None, derandomize="CI" in os.environ)
settings.register_profile("quick", settings.get_profile("leadgauge"), max_examples=20)
settings.load_profile("leadgauge")

PLACES = ("scene", "crm", "database_url", "house")
"""Parameters that say where a test runs: on which CRM and database."""

ONE_PLACE = (
    *("tests/end_to_end/", "tests/contract/", "tests/drafting/", "tests/chaos/", "tests/browser/", "tests/store/"),
    *("tests/pipeline/test_removals", "tests/docs/test_touch_counts"),
    *("tests/warehouse/test_fields", "tests/warehouse/test_passes", "tests/warehouse/test_results"),
)
"""Tests that take seconds each, or of which there are many: `make test` runs each in one place only."""

SAMPLED = {
    "tests/end_to_end/": 12,
    "tests/contract/": 5,
    "tests/browser/": 3,
    "tests/pages/": 2,
    "tests/watch/": 2,
    "tests/calibrate/": 2,
    "tests/drafting/": 2,
    "tests/bench/test_contests": 4,
    "tests/docs/test_touch_counts": 3,
    "tests/hubspot/test_wrong_answers": 6,
    "tests/salesforce/test_wrong_answers": 6,
    "tests/salesforce/test_reading_an_org": 2,
    "tests/store/test_crashes": 2,
}
"""Folders and files whose tests take minutes together. `make test` runs one in N of them."""

ONE_IN = {2.0: 8, LIGHT: 4}
"""`make test` runs the quickest heavy tests of each folder: one in 8 of those above 2 s, one in 4 of the others."""
TOO_HEAVY = 15.0
"""Seconds; what takes more is left to `make test-all`."""
NEVER_TOO_HEAVY = "tests/chaos/test_chaos"


def pytest_configure(config: pytest.Config) -> None:
    """Draw a fifth of the examples in `make test`, before test files ask `tests.examples` how many that is."""
    if "not slow" in config.option.markexpr:
        settings.load_profile("quick")


@pytest.fixture(autouse=True, scope="session")
def _compile_once() -> Iterator[None]:
    """Compile each statement once for all stores: a fifth of the time of the store's tests went into that."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "create_engine", sharing)
        yield


@pytest.fixture(autouse=True)
def _no_secrets_of_others() -> None:
    """Forget secrets of earlier tests: one is an ordinary word, which would be masked in later messages."""
    outside._KNOWN.clear()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(call: pytest.CallInfo[None]) -> Iterator[None]:
    """Fail a test in which Polars warned: it cannot raise a warning that is an error, and prints it instead."""
    report: pytest.TestReport = yield  # type: ignore[assignment, misc]  # pluggy sends the result
    if (
        report.passed
        and call.when == "call"
        and (told := re.search(r"^\w+Warning: .*", report.capstderr, re.MULTILINE))
    ):
        report.outcome, report.longrepr = "failed", f"Polars says: {told[0]}"
    return report  # type: ignore[return-value]


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect the tests without collecting garbage, and keep what they import out of later rounds.

    Each worker imports everything, of which nothing becomes garbage: 11 s of CPU instead of 13.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave repeated tests to `make test-all`: those on the other CRM and database, or with similar cases.

    The selection depends only on names, so every machine runs the same tests. Tests that share a fixture of their
    module stay in one worker, which makes it once.
    """
    for item in left_out(items):
        item.add_marker(pytest.mark.slow)
    for item in items:
        if not item.get_closest_marker("xdist_group") and shares_with_its_module(item):
            item.add_marker(pytest.mark.xdist_group(item.nodeid.partition("::")[0]))


def left_out(items: list[pytest.Item]) -> Iterator[pytest.Item]:
    """Yield the items that repeat others in another place, those that the samples leave out, and the heavy ones."""
    places: dict[str, list[pytest.Item]] = {}
    sampled: dict[str, list[pytest.Item]] = {}
    left: list[pytest.Item] = []
    for item in items:
        if item.get_closest_marker("slow"):
            continue
        one_place = item.nodeid.startswith(ONE_PLACE)
        places.setdefault(item.nodeid.replace(_place(item), "") if one_place else item.nodeid, []).append(item)
    for same, where in places.items():
        chosen = where[crc32(same.encode()) % len(where)]
        yield from (item for item in where if item is not chosen)
        if start := next((start for start in SAMPLED if same.startswith(start)), None):
            sampled.setdefault(start, []).append(chosen)
        else:
            left.append(chosen)
    for start, tests in sampled.items():
        yield from (item for place, item in enumerate(tests) if place % SAMPLED[start])
        left += tests[:: SAMPLED[start]]
    if "HEAVY" not in os.environ:
        yield from too_heavy(left)


def too_heavy(items: list[pytest.Item]) -> Iterator[pytest.Item]:
    """Yield the heavy items, except the quickest of each folder."""
    seconds = heavy()
    alike: dict[tuple[str, int], list[tuple[float, str, pytest.Item]]] = {}
    for item in items:
        name = item.nodeid.partition("[")[0]
        if name in seconds and not name.startswith(NEVER_TOO_HEAVY):
            one_in = next(one_in for least, one_in in ONE_IN.items() if seconds[name] >= least)
            where = item.nodeid.partition("::")[0].rpartition("/")[0]
            alike.setdefault((where, one_in), []).append((seconds[name], item.nodeid, item))
    for (_, one_in), some in alike.items():
        ranked = sorted(some, key=lambda each: each[:2])
        yield from (
            item for place, (took, _, item) in enumerate(ranked) if place * one_in >= len(some) or took > TOO_HEAVY
        )


def shares_with_its_module(item: pytest.Item) -> bool:
    """Return whether a fixture of the test is made once for its module."""
    known = item._fixtureinfo.name2fixturedefs if isinstance(item, pytest.Function) else {}
    return any(found[-1].scope == "module" for found in known.values())


def _place(item: pytest.Item) -> str:
    """Return the CRM and database of a test as its name shows them; empty if it runs in one place anyway."""
    params = getattr(getattr(item, "callspec", None), "params", {})
    return "-".join(str(params[name]) for name in PLACES if name in params)
