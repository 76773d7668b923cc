"""After any history of changes in Salesforce, sync and reconcile leave the mirror as a fresh backfill would."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from tests.end_to_end.histories import People, same_as_fresh
from tests.end_to_end.test_removed_activities import rows, tell
from tests.stage import Stage

Open = Callable[..., Stage]


class SalesforcePeople(People):
    """Random actions of people in an org."""

    def some(self, name: str, **having: Any) -> dict[str, Any]:
        return self.draw.choice(rows(self.stage, name, **having))

    def deeds(self) -> Sequence[Callable[[], object]]:
        return (self.remove_member, self.erase, self.give, self.rename, self.lose, self.merge_accounts, self.remove)

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
    same_as_fresh(stage, SalesforcePeople(stage, seed))
