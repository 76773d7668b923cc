"""Reconcile removes accounts, deals and conversions that Salesforce erased, within the brake, and brings what is lacking."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import create_engine

from pipeline.passes import BACKFILL, RECONCILE, SYNC
from store.sql import schema
from tests.end_to_end.histories import Mirror, done, held
from tests.end_to_end.test_removed_activities import rows, tell
from tests.stage import Stage

Open = Callable[..., Stage]


@pytest.fixture
def stage(salesforce: Open) -> Stage:
    opened = salesforce(80)
    opened.provision()
    done(opened, BACKFILL)
    return opened


def lost(stage: Stage, before: Mirror, table: str) -> set[Any]:
    """Return the first values of the rows that the mirror has no longer."""
    return {row[0] for row in before[table] - held(stage)[table]}


def test_an_erased_opportunity_leaves_at_reconcile(stage: Stage) -> None:
    before, role = held(stage), rows(stage, "OpportunityContactRole")[0]
    tell(stage, "erase", id=role["OpportunityId"])
    done(stage, SYNC)
    assert held(stage)["deals"] == before["deals"], "no answer tells"
    done(stage, RECONCILE)
    assert lost(stage, before, "deals") == {role["OpportunityId"]}


def test_an_opportunity_of_an_account_is_compared_too(salesforce: Open) -> None:
    stage = salesforce(60)
    stage.configure(lambda connection: connection.update(outcomes={"opportunities": "accounts"}))
    stage.provision()
    done(stage, BACKFILL)
    before, sale = held(stage), next(row["Id"] for row in rows(stage, "Opportunity") if row["AccountId"])
    done(stage, RECONCILE)
    assert held(stage)["deals"] == before["deals"]
    tell(stage, "erase", id=sale)
    done(stage, RECONCILE)
    assert lost(stage, before, "deals") == {sale}


def test_an_account_erased_beyond_the_bin_leaves_at_reconcile(stage: Stage) -> None:
    before, account = held(stage), rows(stage, "Contact")[0]["AccountId"]
    tell(stage, "erase", id=account)
    done(stage, SYNC)
    assert held(stage)["accounts"] == before["accounts"], "no answer tells"
    done(stage, RECONCILE)
    assert lost(stage, before, "accounts") == {account}


def test_a_converted_lead_that_is_deleted_takes_its_conversion_back(stage: Stage) -> None:
    """Sync sees it in the recycle bin; one that is erased is only noticed by reconcile."""
    before, (binned, erased) = held(stage), [row["Id"] for row in rows(stage, "Lead", IsConverted=True)][:2]
    tell(stage, "delete", id=binned)
    tell(stage, "erase", id=erased)
    done(stage, SYNC)
    assert {row[1] for row in before["outcomes"] - held(stage)["outcomes"]} == {f"conversion:{binned}"}
    done(stage, RECONCILE)
    gone = before["outcomes"] - held(stage)["outcomes"]
    assert {row[1] for row in gone} == {f"conversion:{lead}" for lead in (binned, erased)}


def test_accounts_and_conversions_that_the_mirror_lacks_come(stage: Stage) -> None:
    before = held(stage)
    engine = create_engine(f"sqlite:///{stage.folder / 'leadgauge.db'}")
    with engine.begin() as sql:
        for table in (schema.accounts, schema.outcomes):
            assert sql.execute(table.delete()).rowcount
    engine.dispose()
    done(stage, RECONCILE)
    after = held(stage)
    assert (after["accounts"], after["outcomes"]) == (before["accounts"], before["outcomes"])


def test_too_many_lacking_accounts_wait_until_somebody_accepts(salesforce: Open) -> None:
    """A user who may no longer see them gets an answer like one after they were erased."""
    stage = salesforce(250)
    stage.configure(lambda connection: connection.update(write={"guard": "100%"}))
    stage.provision()
    done(stage, BACKFILL)
    before = held(stage)["accounts"]
    table = stage.app.state.sandbox.org.tables["Account"]
    hidden = {table.identifier(row) for row in range(25)}
    table.purged.update(range(25))
    report = done(stage, RECONCILE)
    assert report.state == "held"
    assert "of the kind account" in report.message, report.message
    assert held(stage)["accounts"] == before
    assert done(stage, SYNC, accept=True).state == "done"
    assert {row[0] for row in before - held(stage)["accounts"]} == hidden
