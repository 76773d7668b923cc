"""The flow of the Salesforce project tells owners of leads that rise, and is silent in a backfill."""

from collections.abc import Callable

import pytest

from connectors.salesforce.fields import field_name
from crm.boards import boards_of
from crm.for_salesforce import Org
from crm.projects import generated
from pipeline.passes import BACKFILL, SYNC, PassOptions
from tests.crm.flows import Record, starts
from tests.stage import Stage, opener, salesforce  # noqa: F401 - fixtures

NAMES = ("lead_priority", "lead_priority_rose_at", "lead_grade")


def records(stage: Stage) -> dict[str, Record]:
    """Return the leads and contacts of the org, by id, with Salesforce's names of fields."""
    found = stage.fields(*NAMES)
    return {id_: {field_name(name): value for name, value in values.items()} for id_, values in found.items()}


def notified(stage: Stage, before: dict[str, Record], after: dict[str, Record]) -> list[str]:
    """Return whose owner a notice goes to, given the records before and after a pass, which writes each once at most."""
    files = generated("salesforce", boards_of(stage.settings().connections["main"]), Org())
    flows = {name: files[f"force-app/main/default/flows/Leadgauge_Notify_{name}.flow-meta.xml"] for name in Org().leads}
    return [
        id_ for id_ in after if starts(flows["Lead" if id_.startswith("00Q") else "Contact"], before[id_], after[id_])
    ]


@pytest.mark.parametrize("leads", [60, pytest.param(5000, marks=pytest.mark.slow)])
def test_a_backfill_makes_no_notice_and_a_lead_that_rises_makes_one(
    salesforce: Callable[..., Stage],  # noqa: F811
    leads: int,
) -> None:
    """The first write of all, and one that writes all again, leave the moment of the last rise as it is."""
    stage = salesforce(leads)
    stage.provision()
    empty = records(stage)
    assert stage.do(BACKFILL).tally.written >= leads
    first = records(stage)
    assert notified(stage, empty, first) == []
    lead = next(
        id_
        for id_, record in first.items()
        if record["Lead_Priority__c"] in {"P2", "P3"} and str(record["Lead_Grade__c"])[0] in "AB"
    )
    stage.act(lead, "demo_request")
    stage.do(SYNC)
    risen = records(stage)
    assert risen[lead]["Lead_Priority__c"] == "P1"
    assert notified(stage, first, risen) == [lead]
    assert stage.do(BACKFILL, PassOptions(rewrite=True, accept=True)).tally.written >= leads
    assert notified(stage, risen, records(stage)) == []


def test_what_evaluates_the_flow_knows_each_of_its_conditions(salesforce: Callable[..., Stage]) -> None:  # noqa: F811
    """Else the test above would prove nothing."""
    stage = salesforce(1)
    flow = generated("salesforce", boards_of(stage.settings().connections["main"]), Org())[
        "force-app/main/default/flows/Leadgauge_Notify_Lead.flow-meta.xml"
    ]
    risen = {"Lead_Priority__c": "P1", "Lead_Priority_Rose_At__c": "2026-11-29"}
    assert starts(flow, risen | {"Lead_Priority_Rose_At__c": None}, risen)
    assert starts(flow, risen | {"Lead_Priority_Rose_At__c": "2026-11-28"}, risen)
    assert not starts(flow, risen, risen)
    assert not starts(flow, risen, risen | {"Lead_Priority_Rose_At__c": None})
    assert not starts(flow, risen | {"Lead_Priority_Rose_At__c": None}, risen | {"Lead_Priority__c": "P2"})
