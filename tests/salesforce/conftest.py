"""One sandbox per module for read-only tests, and one per test for the others."""

from collections.abc import Iterator

import pytest

from leadgauge_sandbox.salesforce.state import Sandbox
from tests.salesforce.sandboxed import served


@pytest.fixture(scope="module")
def org() -> Iterator[tuple[Sandbox, str]]:
    """A read-only sandbox, shared by a module."""
    with served(300) as found:
        yield found


@pytest.fixture
def own_org() -> Iterator[tuple[Sandbox, str]]:
    """A sandbox for one test, which may change it."""
    with served(60) as found:
        yield found
