"""After an undo the pages tell what is computed from what the CRM was told, and what the undo did."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from pipeline.lease import leased
from pipeline.passes import BACKFILL
from pipeline.undo import undo
from tests.pages.conftest import FEW, Served, serving
from tests.stage import HubSpotStage, Opener


@dataclass(frozen=True)
class Undone:
    """Pages of a connection whose first run was undone by another one."""

    served: Served
    run: int
    restored: int

    def get(self, path: str) -> str:
        """Return a page of the connection."""
        return self.served.get(f"/crm/main/{path}").text


@pytest.fixture(scope="module")
def undone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Undone]:
    with ExitStack() as stack:
        stage: HubSpotStage = Opener(stack, tmp_path_factory.mktemp("undone")).hubspot(FEW)
        stage.configure()
        stage.provision()
        first = stage.do(BACKFILL)
        with stage.job() as job, leased(job, "test", "test") as lease:
            found = undo(job, first.run, lease, by="anna")
            last = job.runs.last("undo")
        assert last is not None
        yield Undone(serving(stack, stage), last.run, found.restored)


def test_what_the_crm_was_not_told_is_said_beside_the_figures(undone: Undone) -> None:
    """Overview and list say how many leads differ from what the CRM was told, and link to the run that holds them."""
    words = f'waits=yes">{undone.restored} leads</a> differ from what the CRM was told'
    for page in (undone.served.get("/").text, undone.get("leads?priority=P1")):
        assert words in page
        assert f'href="/crm/main/runs/{undone.run}">run {undone.run}</a>' in page


def test_waits_lists_who_differs_while_an_undo_holds_the_writes(undone: Undone) -> None:
    """The parameter `waits` chooses as many leads as the plan of the held undo would write."""
    assert f"<b>{undone.restored}</b>" in undone.get("leads?waits=yes")
    assert "Differs from what the CRM was told" in undone.get("leads?waits=yes")
