"""The flow and the workflow tell owners of leads that rise, and are silent in a backfill."""

import json
from collections.abc import Callable

import pytest

from connectors.salesforce.fields import field_name
from crm.boards import boards_of, default_boards
from crm.for_salesforce import Org
from crm.projects import generated
from pipeline.passes import BACKFILL, SYNC, PassOptions
from tests.crm.flows import Record, enrolls, starts
from tests.stage import Opener, Stage, opener  # noqa: F401 - fixtures

NAMES = ("lead_priority", "lead_priority_rose_at", "lead_grade")
FLOW = "force-app/main/default/flows/Leadgauge_Notify_{}.flow-meta.xml"
WORKFLOW = "workflows/priority-rose.json"
Notice = Callable[[str, Record, Record], bool]
"""Whether an update of a record, given its id and its fields before and after, makes a notice."""


def notice_of(stage: Stage) -> Notice:
    """Return what decides on notices: what the project for the settings of the stage says."""
    connection = stage.settings().connections["main"]
    files = generated(connection.crm, boards_of(connection), Org())
    if connection.crm == "hubspot":
        workflow = json.loads(files[WORKFLOW])
        return lambda _, before, after: enrolls(workflow, before, after)
    flows = {name: files[FLOW.format(name)] for name in Org().leads}

    def notice(id_: str, before: Record, after: Record) -> bool:
        named = [{field_name(name): value for name, value in one.items()} for one in (before, after)]
        return starts(flows["Lead" if id_.startswith("00Q") else "Contact"], *named)

    return notice


@pytest.mark.parametrize(
    ("crm", "leads"),
    [("hubspot", 60), ("salesforce", 60), pytest.param("salesforce", 5000, marks=pytest.mark.slow)],
)
def test_a_backfill_makes_no_notice_and_a_lead_that_rises_makes_one(opener: Opener, crm: str, leads: int) -> None:  # noqa: F811
    """The first write of all, and one that writes all again, leave the moment of the last rise as it is."""
    stage: Stage = getattr(opener, crm)(leads)
    stage.provision()
    notice, seen = notice_of(stage), [stage.fields(*NAMES)]

    def notified() -> list[str]:
        seen.append(stage.fields(*NAMES))
        return [id_ for id_ in seen[-1] if notice(id_, seen[-2][id_], seen[-1][id_])]

    assert stage.do(BACKFILL).tally.written >= leads
    assert notified() == []
    lead = next(
        id_
        for id_, held in seen[-1].items()
        if held["lead_priority"] in {"P2", "P3"} and str(held["lead_grade"])[0] in "AB"
    )
    stage.act(lead, "demo_request")
    stage.do(SYNC)
    assert notified() == [lead]
    assert stage.do(BACKFILL, PassOptions(rewrite=True, accept=True)).tally.written >= leads
    assert notified() == []


def test_what_evaluates_the_conditions_knows_each_of_them() -> None:
    """Else the test above would prove nothing."""
    flow = generated("salesforce", default_boards(), Org())[FLOW.format("Lead")]
    workflow = json.loads(generated("hubspot", default_boards(), Org())[WORKFLOW])
    risen = {"lead_priority": "P1", "lead_priority_rose_at": "2026-11-29"}
    cases = [
        (risen | {"lead_priority_rose_at": None}, risen, True),
        (risen | {"lead_priority_rose_at": "2026-11-28"}, risen, True),
        (risen | {"lead_priority": "P2"}, risen, False),
        (risen, risen | {"lead_priority_rose_at": None}, False),
        (risen | {"lead_priority_rose_at": None}, risen | {"lead_priority": "P2"}, False),
    ]
    for before, after, told in cases:
        named = [{field_name(name): value for name, value in one.items()} for one in (before, after)]
        assert (starts(flow, *named), enrolls(workflow, before, after)) == (told, told), (before, after)
