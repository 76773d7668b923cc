"""The pages about a scorecard, in a browser."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.browser.conftest import Show, Site
from tests.browser.looking import assert_accessible, assert_fits, assert_two_schemes
from tests.pages.conftest import Served, serving

pytestmark = pytest.mark.xdist_group("browser")


@pytest.fixture(scope="module")
def served(hubspot_site: Site) -> Iterator[Served]:
    with ExitStack() as stack:
        yield serving(stack, hubspot_site.stage)


def test_the_scorecard_can_be_read_on_any_screen(served: Served, show: Show) -> None:
    page = show(f"{served.url}/crm/main/scorecard")
    page.click("summary >> nth=0")
    assert_fits(page)
    assert_accessible(page)
    assert_two_schemes(page)
