"""Whatever a feed tells of changes, one `sync` later mirror and outbox are those of polling alone."""

import random
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.feeding import due_pass
from pipeline.passes import BACKFILL, REFRESH, SYNC
from tests.chaos.kept import kept
from tests.radio import Between, do, everything_about, listening, tuned
from tests.stage import Stage

Open = Callable[..., Stage]
START = datetime(2026, 11, 20, 12, tzinfo=UTC)
LEADS = 60


class Life:
    """People change leads at random; a feed tells of some, in any order, twice or not at all."""

    def __init__(self, stage: Stage, seed: int) -> None:
        self.stage, self.draw = stage, random.Random(seed)

    def deeds(self) -> list[str]:
        """Let people act; return the leads that a feed could tell of, and some others."""
        leads = sorted(self.stage.fields())
        one, other = self.draw.sample(leads, 2)
        third = self.draw.choice([lead for lead in leads if lead != other and self.stage.can_merge(lead, other)])
        self.stage.act(one, self.draw.choice(["demo_request", "contact_request"]))
        kind = self.draw.choice(["merge", "delete", "restore", "live", "live"])
        if kind == "merge":
            leads.append(self.stage.merge(other, third))
        elif kind == "delete":
            self.stage.delete(other)
        elif kind == "restore" and (gone := self.stage.gone()):
            self.stage.restore(gone[0])
            leads.append(gone[0])
        elif kind == "live":
            self.stage.live(timedelta(minutes=20))
        told = [one, other, third, leads[-1], *self.draw.sample(leads, 5)]
        return self.draw.choices(told, k=self.draw.randint(0, 8))


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_after_a_sync_a_feed_leaves_what_polling_alone_would(crm: Open, tmp_path: Path, seed: int) -> None:
    stage = crm(LEADS, at=START)
    polled, told = (f"sqlite:///{tmp_path}/{name}.db" for name in ("polled", "told"))

    def settings(connection: dict[str, Any]) -> None:
        listening(connection)
        connection["write"] = {"first": "go", "dead_band": 1, "guard": 1.0}
        connection["brake"] = 1.0

    stage.configure(settings, database=polled)
    stage.provision()
    with tuned(stage) as (job, lease):
        do(job, lease, BACKFILL)
    shutil.copy(tmp_path / "polled.db", tmp_path / "told.db")
    stage.live(timedelta(minutes=20), pace=0)
    stage.repoint(told)
    life = Life(stage, seed)
    with tuned(stage) as (job, lease):
        for _ in range(6):
            due = life.deeds()
            if due:
                job.due.mark(everything_about(job, *due), lease, stage.moment)
            if life.draw.random() < 0.7 and (work := due_pass(job, lease)):
                work.run()
            if life.draw.random() < 0.2:
                do(job, lease, SYNC, Between())
        stage.live(timedelta(minutes=20), pace=0)
        due = life.deeds()
        job.due.mark(everything_about(job, *due, min(stage.fields())), lease, stage.moment)
        stage.live(timedelta(minutes=20), pace=0)
        do(job, lease, SYNC, Between())
        while work := due_pass(job, lease):
            work.run()
        do(job, lease, SYNC)
        do(job, lease, REFRESH)
    stage.repoint(polled)
    with tuned(stage) as (job, lease):
        do(job, lease, SYNC)
        do(job, lease, REFRESH)
    fed, alone = kept(told), kept(polled)
    for table, rows in alone.items():
        assert fed[table] == rows, table
