"""An address behind which there is another CRM, or a web page, is named."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from connectors.base import Unavailable
from leadgauge_sandbox.server import serve
from tests.stage import Stage

Open = Callable[..., Stage]


def told(stage: Stage, url: str) -> str:
    """Return the error of a sync with the CRM at another address."""
    stage.configure(lambda connection: connection.update(base_url=url))
    done = stage.leadgauge("sync")
    assert done.returncode == 2
    return done.stderr


def test_hubspot_settings_with_the_address_of_a_salesforce(hubspot: Open, salesforce: Open) -> None:
    said = told(hubspot(1), salesforce(1).url)
    assert "Salesforce answers at http://127.0.0.1:" in said
    assert "not HubSpot. It answered: 40" in said
    assert "Set `crm: salesforce`, or the address of HubSpot: without `base_url` it is https://api.hubapi.com." in said


def test_salesforce_settings_with_the_address_of_a_hubspot(hubspot: Open, salesforce: Open) -> None:
    said = told(salesforce(1), hubspot(1).url)
    assert "HubSpot answers at http://127.0.0.1:" in said
    assert "Set `crm: hubspot`, or the address of your org" in said


@contextmanager
def web_page(status: int) -> Iterator[str]:
    """Serve a page instead of a CRM."""

    async def page(_request: Request) -> HTMLResponse:
        return HTMLResponse("<!doctype html><html><body>Welcome</body></html>", status)

    with serve(Starlette(routes=[Route("/{path:path}", page, methods=["GET", "POST"])])) as url:
        yield url


def test_a_page_that_refuses_is_named(crm: Open) -> None:
    with web_page(403) as url:
        assert "A web page answers at http://127.0.0.1:" in told(crm(1), url)


def test_a_page_that_is_not_found_may_be_hubspots_own(hubspot: Open) -> None:
    with web_page(404) as url:
        assert f"Set `api: v3` in the connection. If {url} is not HubSpot, correct" in told(hubspot(1), url)


def test_a_page_instead_of_data_is_named_after_some_tries(crm: Open) -> None:
    """It may be a proxy that is there for a moment."""
    stage = crm(1)
    with web_page(200) as url:
        stage.configure(lambda connection: connection.update(base_url=url))
        with stage.job() as job, pytest.raises(Unavailable, match=r"a web page instead of JSON|a login page"):
            job.verify()
