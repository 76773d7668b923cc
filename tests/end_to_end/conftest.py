"""CRMs and databases for the tests in this folder."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.databases import Databases, database_url, new_database, postgresql_server, template
from tests.receivers import other, slack
from tests.stage import Opener, Stage, crm, hubspot, opener, salesforce

__all__ = [
    "crm",
    "database_url",
    "hubspot",
    "new_database",
    "opener",
    "other",
    "postgresql_server",
    "salesforce",
    "slack",
    "template",
]

Open = Callable[..., Stage]


SCENES = ("hubspot on sqlite", "salesforce on postgresql")


@pytest.fixture(params=SCENES)
def scene(
    request: pytest.FixtureRequest,
    opener: Opener,
    template: Callable[[str], str],
    tmp_path: Path,
) -> Iterator[Open]:
    """Return a function that opens a CRM with its fields; each test runs on both CRMs and both databases."""
    of_crm, _, kind = request.param.partition(" on ")
    with Databases(request, tmp_path) as databases:

        def opened(leads: int, **options: object) -> Stage:
            stage: Stage = getattr(opener, of_crm)(leads, **options)
            stage.configure(database=databases.create(kind, template(kind)))
            stage.provision()
            return stage

        yield opened
