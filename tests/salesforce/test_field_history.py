"""Earlier values of mapped fields come from field history tracking: only the changes that Salesforce kept."""

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.salesforce.history import OBJECTS
from leadgauge_sandbox.salesforce.state import Sandbox
from tests.pauses import Hurried
from tests.salesforce.sandboxed import connector, joined, pulled, served, tell
from tests.salesforce.test_following_changes import Follower

Org = tuple[Sandbox, str]
ON = {"history": True}


@pytest.fixture
def org() -> Iterator[Org]:
    with served(60) as org:
        yield org


def lead_of(org: Org) -> dict[str, Any]:
    return next(row for row in org[0].org.rows("Lead") if not row["IsConverted"] and not row["NumberOfEmployees"])


def changed(org: Org, lead: str, **values: Any) -> None:
    tell(org[1], "clock", advance=60_000)
    tell(org[1], "change", id=lead, values=values)


@pytest.mark.parametrize("bulk_reads_above", [0, 20_000], ids=["bulk", "rest"])
def test_a_change_tells_what_the_field_holds_since_and_held_before(org: Org, bulk_reads_above: int) -> None:
    lead = lead_of(org)
    changed(org, lead["Id"], Title="Head of IT", NumberOfEmployees=70)
    changed(org, lead["Id"], Title="CTO", FirstName="Ann")
    salesforce = connector(*org, Hurried(), **ON, bulk_reads_above=bulk_reads_above)
    found = joined(pulled(salesforce, "history"), "history").unique().sort("field", "since")
    rows = found.select("lead", "field", "value", "before").rows()
    assert rows == [
        (lead["Id"], "employees", "70", lead["NumberOfEmployees"]),
        (lead["Id"], "job_title", "Head of IT", lead["Title"]),
        (lead["Id"], "job_title", "CTO", "Head of IT"),
    ]
    assert found["since"].is_sorted()


def test_a_later_pull_brings_the_later_changes_alone(org: Org) -> None:
    follower = Follower(*org, **ON)
    lead = lead_of(org)["Id"]
    changed(org, lead, Title="Head of IT")
    follower.settle("history")
    changed(org, lead, Title="CTO")
    assert joined(follower.pull("history"), "history")["value"].to_list() == ["CTO"]


def test_nothing_is_read_unless_switched_on_and_only_fields_that_the_scorecard_names(org: Org) -> None:
    assert "history" not in {stream.name for stream in connector(*org).streams()}
    lead = lead_of(org)["Id"]
    changed(org, lead, Title="CTO", Rating="Hot")
    found = joined(pulled(connector(*org, Hurried(), **ON), "history"), "history")
    assert found["field"].unique().to_list() == ["job_title"]


def test_an_org_without_history_objects_has_nothing_to_tell_and_check_says_so(org: Org) -> None:
    for name in OBJECTS.values():
        del org[0].org.objects[name]
    salesforce = connector(*org, Hurried(), **ON)
    assert joined(pulled(salesforce, "history"), "history").is_empty()
    assert [finding.level for finding in salesforce.check() if finding.subject == "history"] == ["warning", "warning"]
