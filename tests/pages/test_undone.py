"""After an undo the pages tell what is computed from what the CRM was told, and what the undo did."""

import logging
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from connectors.base import Cost
from pages.runs import wording
from pipeline.daemon.requests import fulfilled
from pipeline.first import FirstWrite
from pipeline.guard import Count, Drifted
from pipeline.lease import leased
from pipeline.passes import BACKFILL, Pass, Report
from pipeline.removals import ACCEPT
from store import Run
from tests.pages.conftest import FEW, Served, serving
from tests.stage import HubSpotStage, Opener


@dataclass(frozen=True)
class Undone:
    """Pages of a connection whose first run was undone by another one."""

    served: Served
    run: int
    restored: int
    lead: str
    logged: list[str]

    def get(self, path: str) -> str:
        """Return a page of the connection."""
        return self.served.get(f"/crm/main/{path}").text


def nothing(work: Pass) -> Report:
    raise AssertionError(f"no {work} was asked for")


@contextmanager
def listening(name: str) -> Iterator[list[str]]:
    """Yield what a logger says meanwhile."""
    told: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: told.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger(name)
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield told
    logger.setLevel(before)
    logger.removeHandler(handler)


@pytest.fixture(scope="module")
def undone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Undone]:
    with ExitStack() as stack:
        stage: HubSpotStage = Opener(stack, tmp_path_factory.mktemp("undone")).hubspot(FEW)
        stage.configure()
        stage.provision()
        first = stage.do(BACKFILL)
        with stage.job() as job, leased(job, "test", "test") as lease:
            number = job.store.requests("main").ask_once("undo", {"run": first.run, "empty": False}, "anna")
            request = job.store.requests("main").take(lease)
            assert request is not None
            logged = stack.enter_context(listening("pipeline.daemon.requests"))
            answer = fulfilled(job, lease, request, nothing)
            job.store.requests("main").answer(number, answer, lease.fence)
            last, lead = job.runs.last("undo"), job.scorecards[0].outbox.listing()["lead"].min()
        assert last is not None
        assert isinstance(lead, str)
        yield Undone(serving(stack, stage), last.run, answer.result["restored"], lead, logged)


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


def test_an_undo_has_figures_like_a_pass(undone: Undone) -> None:
    """The list of runs shows what an undo wrote and the calls that it took."""
    row = undone.get("runs").split(">undo</td>")[1].split("</tr>")[0]
    figures = re.findall(r'<td class="n">([\d,·]+)</td>', row)
    assert figures[-3] == str(undone.restored)
    assert figures[-1] != "·"


def test_what_holds_says_what_to_do_on_the_page_and_no_command(undone: Undone) -> None:
    """The pages of the run and of a lead say who accepts where, and link to the run."""
    for path in (f"runs/{undone.run}", f"leads/{undone.lead}", "runs"):
        assert "--accept" not in undone.get(path)
    text = undone.get(f"leads/{undone.lead}")
    assert "ask an approver to accept on the page of the run" in text
    assert f'href="/crm/main/runs/{undone.run}">Run {undone.run}</a>' in text


def test_the_log_says_that_an_undo_is_done(undone: Undone) -> None:
    """What was asked for is logged once it is done, with what it restored and its calls."""
    (line,) = undone.logged
    assert re.fullmatch(rf"main: undo for anna is done: {undone.restored} leads restored in \d+ calls", line)


@pytest.mark.parametrize(
    "reason",
    [
        Count(10, 60).reason(0.25),
        Drifted(10, 60).reason(0.25),
        ACCEPT,
        FirstWrite("b2b-saas", "leads", 60, Cost(1, 2.0), {}).sentence,
    ],
)
def test_no_reason_to_hold_sends_a_browser_to_a_terminal(reason: str) -> None:
    """Every reason of a pass to hold what it computed names no command once it is on a page."""
    assert "`leadgauge" in reason
    assert "`leadgauge" not in wording.on_page(reason)
    assert "page of the r" in wording.on_page(reason)


@pytest.mark.parametrize(
    ("accepted", "state", "level"),
    [({"by": "anna"}, "was held, accepted by anna", "well"), (None, "held: waits for a person", "stop")],
)
def test_an_accepted_run_is_no_alarm(accepted: dict[str, str] | None, state: str, level: str) -> None:
    """A run that was held and accepted says so in its title, with who did it, and is not red."""
    at = datetime(2026, 11, 30, tzinfo=UTC)
    run = Run(7, "sync", "vm:1", "held", at, at, {"accepted": accepted}, "")
    assert (wording.state(run), wording.level(run)) == (state, level)
