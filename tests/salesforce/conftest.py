"""One sandbox a module for tests that change nothing, and one of its own for each of the others."""

from collections.abc import Iterator

import pytest

from leadgauge_sandbox.salesforce.state import Sandbox
from tests.salesforce.sandboxed import served


@pytest.fixture(scope="module")
def org() -> Iterator[tuple[Sandbox, str]]:
    """A sandbox that tests only read."""
    with served(300) as found:
        yield found


@pytest.fixture
def own_org() -> Iterator[tuple[Sandbox, str]]:
    """A sandbox that a test may change."""
    with served(60) as found:
        yield found
