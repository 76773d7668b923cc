"""After any history of removals in the CRM, sync and reconcile leave the mirror as a fresh backfill would."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import create_engine, select

from pipeline.passes import BACKFILL, RECONCILE, SYNC
from store.sql import schema
from tests.end_to_end.test_removed_activities import afresh, did, done, rows, tell
from tests.stage import Stage

Open = Callable[..., Stage]


def held(stage: Stage) -> dict[str, set[tuple[Any, ...]]]:
    """Return the activities, conversions, leads with their accounts, and accounts of leads."""
    engine = create_engine(stage.database or f"sqlite:///{stage.folder / 'leadgauge.db'}")
    people, firms, won = schema.leads, schema.accounts, schema.outcomes
    with engine.connect() as sql:
        leads = {tuple(row) for row in sql.execute(select(people.c.lead, people.c.account, people.c.fields))}
        accounts = {tuple(row) for row in sql.execute(select(firms.c.account, firms.c.fields))}
        outcomes = {tuple(row) for row in sql.execute(select(won.c.lead, won.c.id, won.c.occurred_at))}
    engine.dispose()
    return {"activities": did(stage), "leads": leads, "accounts": accounts, "outcomes": outcomes}


class People:
    """Random actions of people in an org."""

    def __init__(self, stage: Stage, seed: int) -> None:
        self.stage, self.draw = stage, random.Random(seed)

    def some(self, name: str, **having: Any) -> dict[str, Any]:
        return self.draw.choice(rows(self.stage, name, **having))

    def act(self) -> None:
        deeds = (self.remove_member, self.erase, self.give, self.rename, self.lose, self.merge_accounts, self.remove)
        self.draw.choice(deeds)()

    def remove_member(self) -> None:
        tell(self.stage, "delete", id=self.some("CampaignMember")["Id"])

    def erase(self) -> None:
        name = self.draw.choice(["Task", "Event", "Web_Visit__c", "Web_Action__c", "EmailMessageRelation"])
        tell(self.stage, "erase", id=self.some(name)["Id"])

    def give(self) -> None:
        name = self.draw.choice(["Task", "Event"])
        tell(self.stage, "change", id=self.some(name)["Id"], values={"WhoId": self.some("Contact")["Id"]})

    def rename(self) -> None:
        kind = self.draw.choice(["Webinar", "Conference", "Email", "Trade Show"])
        tell(self.stage, "change", id=self.some("Campaign")["Id"], values={"Type": kind, "Name": f"New {kind}"})

    def lose(self) -> None:
        tell(self.stage, "change", id=self.some("Opportunity")["Id"], values={"IsWon": self.draw.random() < 0.5})

    def merge_accounts(self) -> None:
        survivor, loser = (self.some("Account")["Id"] for _ in range(2))
        if survivor != loser:
            tell(self.stage, "merge", survivor=survivor, loser=loser)

    def remove(self) -> None:
        tell(
            self.stage, "delete", id=self.some(self.draw.choice(["Task", "Event", "Web_Visit__c", "Opportunity"]))["Id"]
        )


@pytest.mark.parametrize("seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 8))])
def test_sync_and_reconcile_leave_what_a_fresh_backfill_would(salesforce: Open, seed: int) -> None:
    stage = salesforce(60)
    stage.provision()
    done(stage, BACKFILL)
    people = People(stage, seed)
    for _ in range(3):
        stage.app.state.sandbox.org.clock.advance(3600)
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
