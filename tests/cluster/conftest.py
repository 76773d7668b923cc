from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import URL, make_url

from pipeline.passes import READ
from tests.cluster.spread import Filled
from tests.databases import new_database, on_server, postgresql_server, template  # noqa: F401 - fixtures
from tests.stage import Opener, crm, hubspot, opener, salesforce  # noqa: F401 - fixtures


@pytest.fixture(scope="module")
def filled(
    postgresql_server: URL,  # noqa: F811 - the fixture
    tmp_path_factory: pytest.TempPathFactory,
    worker_id: str,
) -> Iterator[Filled]:
    """A mirror with leads, accounts and activities in PostgreSQL, of which nothing was scored yet, to be copied."""
    name = f"filled_{worker_id}"
    on_server(postgresql_server, f'CREATE DATABASE "{name}"')
    url = postgresql_server.set(drivername="postgresql", database=name).render_as_string(hide_password=False)
    with ExitStack() as stack:
        stage = Opener(stack, tmp_path_factory.mktemp("filled")).hubspot(120)
        stage.configure(scorecard="account-based", database=url)
        stage.provision()
        stage.do(READ)
        yield Filled(stage.settings(), make_url(url))
    on_server(postgresql_server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture
def copied(filled: Filled) -> Iterator[Callable[[], str]]:
    """Returns a function that copies the filled database."""
    made: list[str] = []

    def copy() -> str:
        made.append(f"copy_{len(made)}_{filled.url.database}")
        on_server(filled.url.set(database="postgres"), f'DROP DATABASE IF EXISTS "{made[-1]}" WITH (FORCE)')
        on_server(filled.url.set(database="postgres"), f'CREATE DATABASE "{made[-1]}" TEMPLATE "{filled.url.database}"')
        return filled.url.set(database=made[-1]).render_as_string(hide_password=False)

    yield copy
    for name in made:
        on_server(filled.url.set(database="postgres"), f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path
