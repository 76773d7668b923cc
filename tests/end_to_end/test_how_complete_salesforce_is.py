"""Each change of the table "How complete it is" in docs/salesforce.md is noticed by the pass that it names."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.passes import BACKFILL, RECONCILE, SYNC
from tests.chaos.cards import versions_of
from tests.end_to_end.histories import differing, done, held
from tests.end_to_end.test_removed_activities import rows, tell
from tests.gathering import gatherings_of
from tests.stage import Stage

Open = Callable[..., Stage]
DOCS = Path(__file__).parents[2] / "docs/salesforce.md"
RATES = {"USD": 1.25}
SUMMIT = "Summit"
LOOKUPS = ("WhoId", "ContactId", "LeadId", "Contact__c", "Lead__c", "RelationId")


def one(stage: Stage, name: str, place: int = 0, **having: Any) -> str:
    """Return a record: of somebody who is still there, if the object has a lookup to people."""
    people = {*stage.people(), None}
    lookups = [field for field in LOOKUPS if field in stage.app.state.sandbox.org.objects[name].fields]
    found = [row for row in rows(stage, name, **having) if all(row.get(lookup) in people for lookup in lookups)]
    return str([row for row in found if not lookups or any(row.get(lookup) for lookup in lookups)][place]["Id"])


def change(stage: Stage, record: str, **values: Any) -> None:
    tell(stage, "change", id=record, values=values)


def away(what: str, name: str, place: int = 0, **having: Any) -> Callable[[Stage], None]:
    """Return the deletion or erasure of a record."""
    return lambda stage: tell(stage, what, id=one(stage, name, place, **having))


def firm(stage: Stage) -> str:
    """Return an account that has a contact."""
    return str(next(row["AccountId"] for row in rows(stage, "Contact")[::-1] if row["AccountId"]))


def removed(stage: Stage, name: str) -> str:
    """Return a record in the recycle bin that did not lose a merge."""
    table = stage.app.state.sandbox.org.tables[name]
    binned = table.find("IsDeleted", value=True)
    return str(next(table.identifier(row) for row in binned if not table.value(row, "MasterRecordId")))


def win_and_lose(stage: Stage) -> None:
    sale = one(stage, "Opportunity", IsWon=True)
    change(stage, sale, IsWon=False, StageName="Closed Lost")


def other_rate(stage: Stage) -> None:
    tell(stage, "currencies", corporate="EUR", rates={"USD": 2})


def given(stage: Stage) -> None:
    task = one(stage, "Task")
    whose = next(row["WhoId"] for row in rows(stage, "Task", Id=task))
    change(stage, task, WhoId=next(row["Id"] for row in rows(stage, "Contact") if row["Id"] != whose))


def renamed(stage: Stage) -> None:
    change(stage, one(stage, "Campaign"), Type="Conference", Name="Fair")


def joined(stage: Stage) -> None:
    gatherings_of(stage).join(one(stage, "Campaign", Name=SUMMIT), one(stage, "Contact"))


def merged(name: str) -> Callable[[Stage], None]:
    def merge(stage: Stage) -> None:
        firms = [row["AccountId"] for row in rows(stage, "Contact") if row["AccountId"]]
        kept, lost = (
            list(dict.fromkeys(firms))[:2] if name == "Account" else [row["Id"] for row in rows(stage, name)][:2]
        )
        tell(stage, "merge", survivor=kept, loser=lost)

    return merge


CHANGES: dict[str, tuple[Callable[[Stage], object], ...]] = {
    "a lead, contact, account or activity is made or changed": (
        lambda stage: change(stage, one(stage, "Contact"), Title="Director of Operations"),
        lambda stage: change(stage, firm(stage), Industry="Mining"),
        lambda stage: tell(stage, "deeds", kind="log_call", seed=1),
    ),
    "a lead or contact is deleted, merged, converted or restored": (
        away("delete", "Contact", -1),
        lambda stage: tell(stage, "restore", id=stage.gone()[-1]),
        merged("Contact"),
        lambda stage: tell(stage, "convert", lead=one(stage, "Lead", IsConverted=False)),
    ),
    "a lead or contact is erased for good": (away("erase", "Contact", -1),),
    "an account is changed, deleted, merged or restored": (
        merged("Account"),
        lambda stage: tell(stage, "delete", id=firm(stage)),
        lambda stage: tell(stage, "restore", id=removed(stage, "Account")),
    ),
    "an opportunity is won, lost after it was won, or deleted": (win_and_lose, away("delete", "Opportunity", -1)),
    "a lead or contact joins or leaves a campaign of `member_of`": (joined,),
    "a rate of a currency changes": (other_rate,),
    "a task, event or message is deleted": tuple(away("delete", name) for name in ("Task", "Event", "EmailMessage")),
    "an account, an opportunity, a contact role or a converted lead is erased for good": (
        lambda stage: tell(stage, "erase", id=firm(stage)),
        *(away("erase", name) for name in ("Opportunity", "OpportunityContactRole")),
        away("erase", "Lead", IsConverted=True),
    ),
    "a campaign member is removed, a record of your own or an activity is erased": (
        *(away("delete", "CampaignMember"), away("erase", "Web_Visit__c"), away("erase", "Event")),
    ),
    "a task or event is given to somebody else, or a person is taken off it": (
        *(given, lambda stage: change(stage, one(stage, "Event"), WhoId=None)),
    ),
    "the type or name of a campaign": (renamed,),
}
"""The changes of each row, by the beginning of its first cell; lost rows of the database: `test_removed_activities`."""


def documented() -> dict[str, str]:
    """Return the pass that notices each change, by the first cell of the table."""
    table = DOCS.read_text().partition("## How complete it is")[2].partition("\n\n`")[0]
    cells = [line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("| ")]
    return {cell[0]: cell[1].strip("`") for cell in cells[1:]}


def test_every_row_of_the_table_is_proved() -> None:
    found = documented()
    assert set(found.values()) == {"sync", "reconcile"}
    unproved = [row for row in found if not row.startswith(tuple(CHANGES)) and "missing from the database" not in row]
    assert (len(found), unproved) == (len(CHANGES) + 1, [])


@pytest.mark.parametrize("noticed_by", ["sync", pytest.param("reconcile", marks=pytest.mark.slow)])
def test_the_pass_notices_every_change(salesforce: Open, noticed_by: str) -> None:
    """Each changes the mirror in that pass; sync leaves alone what only reconcile notices. All is as fresh in the end."""
    stage = salesforce(40)
    tell(stage, "currencies", corporate="EUR", rates=RATES)
    tell(
        stage, "change", id=one(stage, "Lead", 1, IsConverted=False), values={"Budget__c": 9, "CurrencyIsoCode": "USD"}
    )
    gatherings_of(stage).make(SUMMIT)
    stage.configure(lambda connection: connection.update(member_of={"segments": {"chosen": SUMMIT}}))
    versions_of(stage.folder / "b2b-saas.yaml")
    stage.provision()
    done(stage, BACKFILL)
    for row in [row for row, by in documented().items() if by == noticed_by and "missing from the" not in row]:
        before = held(stage)
        for deed in CHANGES[next(begin for begin in CHANGES if row.startswith(begin))]:
            stage.app.state.sandbox.org.clock.advance(60)
            deed(stage)
        done(stage, SYNC, accept=True)
        if noticed_by == "reconcile":
            done(stage, RECONCILE, accept=True)
        assert held(stage) != before, row
    ours = held(stage)
    stage.repoint(f"sqlite:///{stage.folder / 'fresh.db'}")
    done(stage, BACKFILL, accept=True)
    assert not list(differing(stage, ours, held(stage)))
