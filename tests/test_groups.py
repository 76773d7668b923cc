"""Tests that share something expensive run in one worker."""

import pytest


@pytest.mark.xdist_group("together")
def test_a_group_of_tests_has_one_worker(request: pytest.FixtureRequest) -> None:
    """Xdist sends the tests of a group to one worker by the end of their names; a pytest that it does not know loses it."""
    if not getattr(request.config.option, "loadgroup", False):
        pytest.skip("only --dist loadgroup has groups")
    assert request.node.nodeid.endswith("@together")
