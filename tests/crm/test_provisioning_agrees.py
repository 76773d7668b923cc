"""`leadgauge provision` and the Salesforce project define every field alike, both ways."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

import pytest
from lxml import etree

from connectors.salesforce.colors import color_of
from connectors.salesforce.field_definitions import definition
from connectors.salesforce.rights import PermissionSet
from connectors.salesforce.tooling import CustomFields
from crm.boards import Board, boards_of, default_boards, filled_by_sales
from crm.for_salesforce import Org
from crm.projects import generated
from leadgauge_sandbox.salesforce.state import Sandbox
from tests.crm.conftest import Connected
from tests.crm.metadata_types import NAMESPACE
from tests.salesforce.sandboxed import connector, served
from vocabulary.outputs import OFS, Output

FEEDBACK = "Lead_Feedback__c"
TOLD = ("type", "label", "description", "inlineHelpText", "length", "precision", "scale", "visibleLines")
OF_VALUES = ("label", "description", "color", "default")


@pytest.fixture
def org() -> Iterator[tuple[Sandbox, str]]:
    with served(5) as found:
        yield found


@pytest.fixture(params=["shipped", "own"])
def boards(request: pytest.FixtureRequest, connected: Connected) -> list[Board]:
    """Those without settings, and two scorecards with names of their own."""
    if request.param == "shipped":
        return default_boards()
    return boards_of(connected("salesforce", "", "acme_", more=", outputs: all")[1])


def wanted(boards: list[Board]) -> list[Output]:
    return [*(output for board in boards for of in OFS for output in board.fields(of)), *filled_by_sales(boards)]


def field_files(boards: list[Board]) -> dict[str, dict[str, Any]]:
    """Return the fields of the project by name, as the Tooling API writes them."""
    return {
        f"{PurePosixPath(path).parts[-3]}.{PurePosixPath(path).name.split('.')[0]}": in_tooling(text)
        for path, text in generated("salesforce", boards, Org()).items()
        if "/fields/" in path
    }


def in_tooling(text: str) -> dict[str, Any]:
    """Return a file as attributes of the Tooling API, where the name of a choice is `valueName`."""
    field = read(etree.fromstring(text.encode()))
    del field["fullName"]
    if "valueSet" in field:
        values = field["valueSet"]["valueSetDefinition"]["value"]
        field["valueSet"]["valueSetDefinition"]["value"] = [
            {"valueName": one.pop("fullName"), **one} for one in (values if isinstance(values, list) else [values])
        ]
    return field


def read(element: Any) -> Any:
    """Return an element as plain data: numbers, flags, texts, and lists of what comes several times."""
    if not len(element) or all(callable(child.tag) for child in element):
        text = element.text or ""
        return {"true": True, "false": False}.get(text, int(text) if text.isdigit() else text)
    found: dict[str, Any] = {}
    for child in element.iter(f"{{{NAMESPACE}}}*"):
        if child.getparent() is element:
            name, value = etree.QName(child).localname, read(child)
            found[name] = [*([one] if isinstance(one := found[name], dict) else one), value] if name in found else value
    return found


def told(field: dict[str, Any]) -> dict[str, Any]:
    """Return what a definition says that concerns us."""
    value_set = field.get("valueSet") or {}
    values = (value_set.get("valueSetDefinition") or {}).get("value") or []
    return {
        **{name: field.get(name) for name in TOLD},
        "restricted": value_set.get("restricted"),
        "values": [(one["valueName"], *(one.get(name) for name in OF_VALUES)) for one in values],
    }


def test_what_provision_makes_is_what_the_project_has(org: tuple[Sandbox, str], boards: list[Board]) -> None:
    """Types, lengths, digits, descriptions, and choices with sentences and colors in their order."""
    salesforce, files = connector(*org), field_files(boards)
    done = salesforce.provision(wanted(boards))
    assert {one.field for one in done} == set(files)
    assert {one.action for one in done} == {"created"}
    made = CustomFields(salesforce._session).read(list(files))
    assert {name: told(dict(made[name].whole)) for name in files} == {
        name: told(field) for name, field in files.items()
    }


def test_what_the_project_makes_is_ours_and_as_provision_wants_it(
    org: tuple[Sandbox, str], boards: list[Board]
) -> None:
    """With its fields and its permission set in the org, nothing is left to do."""
    salesforce, files = connector(*org), field_files(boards)
    CustomFields(salesforce._session).create(files)
    granting = generated("salesforce", boards, Org())[
        "force-app/main/default/permissionsets/leadgauge.permissionset-meta.xml"
    ]
    rights = read(etree.fromstring(granting.encode()))
    assert all(one["readable"] for one in rights["fieldPermissions"])
    granted = {one["field"]: one["editable"] for one in rights["fieldPermissions"]}
    assert sorted(granted) == sorted(files)
    assert {name for name, edits in granted.items() if not edits} == {name for name in granted if FEEDBACK in name}
    PermissionSet(salesforce._session, "leadgauge").grant(granted, rights["description"])
    done = salesforce.provision(wanted(boards))
    assert {one.action for one in done} == {"unchanged"}
    assert {one.field for one in done} == set(files)
    written = [output for output in wanted(boards) if not output.by_sales]
    removed = salesforce.remove(written)
    assert {one.action for one in removed} == {"removed"}
    kept = {name for name in granted if FEEDBACK in name}
    assert kept == set(CustomFields(salesforce._session).read(list(files)))
    assert kept or not [row for row in org[0].org.rows("PermissionSet") if row["Name"] == "leadgauge"]


def test_the_best_and_the_latest_choices_are_darkest() -> None:
    """Charts tell an order by shades; trend and status, which have none, by hues."""
    named = {output.name: output for output in wanted(default_boards())}

    def light(name: str) -> list[int]:
        output = named[name]
        return [sum(bytes.fromhex(color_of(output, choice)[1:])) for choice in output.choices]

    for name in ("lead_priority", "lead_grade", "lead_urgency", "account_priority"):
        assert light(name) == sorted(set(light(name))), name
    for name in ("lead_readiness", "account_readiness"):
        assert light(name) == sorted(set(light(name)), reverse=True), name
    for name in ("lead_score_trend", "lead_score_status"):
        assert len({color_of(named[name], choice) for choice in named[name].choices}) == len(named[name].choices)
    alone = replace(named["lead_readiness"], choices=("Only",))
    assert color_of(alone, "Only") == color_of(named["lead_priority"], "P1")


def test_a_color_that_an_admin_chose_stays_when_a_choice_is_added(org: tuple[Sandbox, str]) -> None:
    salesforce = connector(*org)
    (priority,) = (one for one in wanted(default_boards()) if one.name == "lead_priority")
    salesforce.provision([replace(priority, choices=("P1", "P2"))])
    fields, name = CustomFields(salesforce._session), "Lead.Lead_Priority__c"
    found = fields.read([name])[name]
    values = found.whole["valueSet"]["valueSetDefinition"]["value"]
    mine = [{**one, "color": "#FF6600"} for one in values]
    changed = {
        **found.whole,
        "valueSet": {**found.whole["valueSet"], "valueSetDefinition": {"sorted": False, "value": mine}},
    }
    fields.change({name: (found.id, changed)})
    assert {one.action for one in salesforce.provision([priority])} == {"updated"}
    now = fields.read([name])[name].whole["valueSet"]["valueSetDefinition"]["value"]
    assert [(one["valueName"], one["color"]) for one in now] == [
        ("P1", "#FF6600"),
        ("P2", "#FF6600"),
        ("P3", color_of(priority, "P3")),
        ("P4", color_of(priority, "P4")),
    ]


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("Lead score trend", "Lead score trend"),
        ("Training: Lead score trend", "Training: Lead score trend"),
        ("Training & courses for large companies: Lead score trend", "Training & courses fo…: Lead score trend"),
        ("x" * 50, "x" * 40),
    ],
)
def test_a_label_has_at_most_40_characters_and_keeps_the_output(label: str, shown: str) -> None:
    (trend,) = (one for one in wanted(default_boards()) if one.name == "lead_score_trend")
    assert definition(replace(trend, label=label))["label"] == shown
    assert len(shown) <= 40
