"""`status`, the log and `/health` report held, refused and lost rows in the words of docs/operations.md."""

import logging
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from apscheduler.triggers.interval import IntervalTrigger

from config import load_settings
from pipeline import clock
from pipeline.daemon.connection import DaemonConnection
from pipeline.daemon.health import Health
from pipeline.daemon.metrics import Metrics
from pipeline.daemon.reloading import Reloader
from pipeline.daemon.scheduler import Lane, Task
from pipeline.passes import BACKFILL, SYNC
from store import Store
from tests.end_to_end.test_surprises import edit, loosen
from tests.stage import Stage

Open = Callable[..., Stage]
PAGE = Path(__file__).parents[2] / "docs" / "operations.md"
SECTION = "## What a person sees"


@dataclass(frozen=True)
class Row:
    """One case from the page."""

    case: str
    status: str
    log: str
    health: str


def rows() -> Iterator[Row]:
    """Yield the table rows of the section."""
    section = PAGE.read_text().split(SECTION)[1].split("\n## ")[0]
    for line in section.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if line.startswith("| ") and cells[0] not in ("", "held", "refused", "lost"):
            yield Row(*cells[:4])


ROWS = {row.case: row for row in rows()}


@dataclass
class Desk:
    """A connection of the daemon on a stage, as `run` creates it."""

    stage: Stage
    stack: ExitStack
    ahead: timedelta = timedelta()
    health: Health = field(init=False)

    def open(self) -> None:
        """Load the current settings."""
        settings = load_settings(self.stage.settings_file)
        store = self.stack.enter_context(Store.open(settings.database_url))
        self.following = Reloader(self.stage.settings_file, settings, store, Event())
        self.stack.callback(self.following.close)
        self.health = Health(["main"], store.identity)
        current = self.following.job("main")

        def job() -> Any:
            found = current()
            found.now = lambda: clock.now() + self.ahead
            return found

        note = lambda subject, text: store.note("main", subject, text)  # noqa: E731 - one line
        lane = Lane("main")
        lane.add([Task("sync", IntervalTrigger(minutes=5), self.sync)])
        self.connection = DaemonConnection("main", job, Metrics(), self.health, lane, note=note)
        self.stack.callback(self.connection.close)

    def sync(self) -> None:
        """Run one pass."""
        self.connection.do(SYNC)


def moves_too_many(desk: Desk) -> None:
    loosen(desk.stage)
    desk.open()
    desk.sync()


def was_undone(desk: Desk) -> None:
    assert desk.stage.leadgauge("undo", "1").returncode == 0
    desk.open()
    desk.sync()


def writes_first(desk: Desk) -> None:
    database = f"sqlite:///{desk.stage.folder}/new.db"
    desk.stage.configure(lambda connection: connection.update(write={"first": "ask"}), database=database)
    desk.open()
    desk.sync()


def refuses_rows(desk: Desk) -> None:
    desk.stage.refuse_some()
    desk.stage.act(desk.stage.app.state.mischief.chosen[0], "demo_request")
    desk.open()
    desk.sync()


def has_mistakes(desk: Desk) -> None:
    desk.open()
    edit(desk.stage, "points: 20\n", "points: twenty\n")
    desk.sync()


def lost_a_field(desk: Desk) -> None:
    portal = desk.stage.app.state.portal
    portal.table("contacts").definitions.pop("lead_grade")
    desk.open()
    desk.sync()


def has_no_token(desk: Desk) -> None:
    desk.stage.fault("revoked-token")
    desk.open()
    desk.sync()


def has_another_time(desk: Desk) -> None:
    desk.ahead = timedelta(days=3)
    desk.open()
    desk.sync()


def is_away(desk: Desk) -> None:
    desk.stage.configure(lambda connection: connection.update(base_url="http://127.0.0.1:9"))
    desk.open()
    desk.sync()


def answers_nothing(desk: Desk) -> None:
    desk.stage.fault("empty-object", path="/account-info", times=100)
    desk.open()
    desk.sync()


def has_no_calls_left(desk: Desk) -> None:
    desk.stage.fault("daily-429", "0")
    desk.open()
    desk.sync()


def was_killed(desk: Desk) -> None:
    with closing(sqlite3.connect(str(desk.stage.database).removeprefix("sqlite:///"))) as sql:
        sql.execute("UPDATE runs SET state = 'running', finished_at = NULL")
        sql.commit()
    desk.open()
    desk.sync()


def is_taken(desk: Desk) -> None:
    desk.open()
    with Store.open(str(desk.stage.database)) as other:
        lease = other.lease("main", holder="another", ttl=timedelta(minutes=1), purpose="run")
        desk.sync()
        desk.stack.callback(lease.release)


CASES: dict[str, Callable[[Desk], None]] = {
    "too many leads would move": moves_too_many,
    "a run was undone": was_undone,
    "a scorecard never wrote": writes_first,
    "the CRM refuses a lead": refuses_rows,
    "changed settings have mistakes": has_mistakes,
    "a field is missing in the CRM": lost_a_field,
    "the token is refused": has_no_token,
    "the clocks differ": has_another_time,
    "the CRM is away": is_away,
    "an answer lacks what it must have": answers_nothing,
    "the day's calls are used up": has_no_calls_left,
    "the process was killed": was_killed,
    "another process is at work": is_taken,
}


def test_the_page_has_every_case_that_is_provoked_here() -> None:
    assert list(ROWS) == list(CASES)


@pytest.mark.parametrize("case", CASES)
def test_a_case_is_said_in_the_words_of_the_page(
    case: str, hubspot: Open, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    stage, row = hubspot(40), ROWS[case]
    stage.configure(database=f"sqlite:///{tmp_path}/leadgauge.db")
    stage.provision()
    stage.do(BACKFILL)
    with ExitStack() as stack, caplog.at_level(logging.INFO):
        desk = Desk(stage, stack)
        CASES[case](desk)
        shown = squeezed(stage.leadgauge("status").stdout)
    log = "\n".join(squeezed(f"{record.levelname} {record.getMessage()}") for record in caplog.records)
    well, health = desk.health.report()
    assert said(row.status, shown), f"{row.status}\n{shown}"
    assert said(row.log, log), f"{row.log}\n{log}"
    assert row.health.startswith("well" if well else "503"), health
    assert said(row.health, f"{'well' if well else '503'}: {squeezed(str(health['connections']['main']['why']))}")


def said(pattern: str, text: str) -> bool:
    """Return whether a text contains a sentence of the page, where … matches anything."""
    parts = (re.escape(part) for part in pattern.replace("`", "").split("…"))
    return re.search(".*?".join(parts), text.replace("`", "")) is not None


def squeezed(text: str) -> str:
    """Return a text without table borders and line breaks."""
    return re.sub(r"\s+", " ", re.sub("[│┃┏┓└┘━─┡┩┳╇┴]", " ", text))
