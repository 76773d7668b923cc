"""Histories of changes in a CRM, and the comparison of what leadgauge makes of them with a fresh backfill."""

import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import create_engine, select

from pipeline.passes import BACKFILL, RECONCILE, SYNC
from store.sql import schema
from tests.end_to_end.test_removed_activities import afresh, did, done
from tests.stage import Stage


class People(ABC):
    """Random actions of people in a CRM, from a seed."""

    def __init__(self, stage: Stage, seed: int) -> None:
        self.stage, self.draw = stage, random.Random(seed)

    @abstractmethod
    def deeds(self) -> Sequence[Callable[[], object]]:
        """Return all kinds of change; each picks its records by `draw`."""

    def act(self) -> None:
        """Do one of them."""
        self.draw.choice(self.deeds())()


def held(stage: Stage) -> dict[str, set[tuple[Any, ...]]]:
    """Return the activities, conversions, leads with their accounts, and accounts in the mirror."""
    engine = create_engine(stage.database or f"sqlite:///{stage.folder / 'leadgauge.db'}")
    people, firms, won = schema.leads, schema.accounts, schema.outcomes
    with engine.connect() as sql:
        leads = {tuple(row) for row in sql.execute(select(people.c.lead, people.c.account, people.c.fields))}
        accounts = {tuple(row) for row in sql.execute(select(firms.c.account, firms.c.fields))}
        outcomes = {tuple(row) for row in sql.execute(select(won.c.lead, won.c.id, won.c.occurred_at))}
    engine.dispose()
    return {"activities": did(stage), "leads": leads, "accounts": accounts, "outcomes": outcomes}


def same_as_fresh(stage: Stage, people: People) -> None:
    """Let people act between passes, then compare the mirror with that of a fresh backfill."""
    done(stage, BACKFILL)
    for _ in range(3):
        stage.live(timedelta(hours=1), 0)
        for _ in range(people.draw.randrange(8)):
            people.act()
        done(stage, SYNC)
    done(stage, RECONCILE, accept=True)
    done(stage, SYNC, accept=True)
    ours = held(stage)
    afresh(stage)
    stage.repoint(f"sqlite:///{stage.folder / 'fresh.db'}")
    theirs = held(stage)
    for what, found in ours.items():
        assert found == theirs[what], what
