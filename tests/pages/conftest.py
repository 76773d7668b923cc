"""The pages over the leads of a sandbox HubSpot, asked over HTTP."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests

from config.pages import Pages
from pages.scorecard.desk import Desk, desk_of
from pages.server import address, serve
from pipeline.passes import BACKFILL
from store import Store
from tests.stage import HubSpotStage, Opener, Stage

FEW = 60


@dataclass(frozen=True)
class Served:
    """Pages that are being served."""

    stage: Stage
    url: str
    desk: Desk = field(default_factory=Desk)
    """What is counted for the pages."""

    def get(self, path: str, **options: object) -> requests.Response:
        """Return the answer to a request, without following redirects."""
        return requests.get(self.url + path, timeout=30, allow_redirects=False, **options)  # type: ignore[arg-type]

    def post(self, path: str, form: dict[str, str], **options: object) -> requests.Response:
        """Return the answer to a form, without following redirects."""
        return requests.post(self.url + path, form, timeout=30, allow_redirects=False, **options)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Return a sandbox HubSpot whose leads are scored."""
    with ExitStack() as stack:
        made: HubSpotStage = Opener(stack, tmp_path_factory.mktemp("pages")).hubspot(FEW)
        made.configure(lambda connection: connection.update(capacity=10))
        made.provision()
        made.do(BACKFILL)
        yield made


@pytest.fixture(scope="module")
def served(stage: Stage) -> Iterator[Served]:
    """Serve the pages."""
    with ExitStack() as stack:
        yield serving(stack, stage)


def serving(stack: ExitStack, stage: Stage, pages: Pages | None = None) -> Served:
    """Serve the pages of a stage until the stack closes."""
    store = stack.enter_context(Store.open(stage.settings().database_url))
    wanted = pages or Pages(port=0)
    running = serve(Path(stage.settings_file), store, wanted)
    stack.callback(running.close)
    return Served(stage, address(wanted, running.port).rstrip("/"), desk_of(running.site))
