"""The files of the Salesforce project are what its Metadata API takes."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree

from crm.boards import boards_of, default_boards
from crm.for_salesforce import Org, components, left_out
from crm.projects import SameName, generated
from tests.crm.conftest import Connected
from tests.crm.metadata_types import NAMESPACE, mistakes

ALL = generated("salesforce", default_boards(), Org())
BY_KIND = {one.kind: one for one in components(default_boards(), Org())}


def test_every_file_is_valid(connected: Connected) -> None:
    """Those for two scorecards with names of their own, too."""
    _, connection = connected("salesforce", "", "acme_", more=", outputs: all")
    for files in (ALL, generated("salesforce", boards_of(connection), Org())):
        assert {
            path: wrong for path, text in files.items() if path.endswith(".xml") and (wrong := mistakes(text))
        } == {}


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        ("CustomField", "<type>Picklist</type>", "<type>Pick</type>"),
        ("CustomField", "<sorted>false</sorted>", "<sorted>no</sorted>"),
        ("PermissionSet", "<editable>", "<editable>maybe"),
        ("ListView", "<operation>equals</operation>", "<operation>is</operation>"),
        ("CompactLayout", "<label>", "<name>x</name><label>"),
        ("ReportType", "<category>", "<category>x"),
        ("Report", "<format>Summary</format>", "<format>Sum</format>"),
        ("Flow", "<status>Draft</status>", "<status>Off</status>"),
        ("Flow", "<operator>IsChanged</operator>", "<operator>Changed</operator>"),
        ("CustomNotificationType", "<desktop>true</desktop>", ""),
    ],
)
def test_a_wrong_file_is_refused(kind: str, right: str, wrong: str) -> None:
    """Else the test above would prove nothing."""
    text = next(one.text for one in components(default_boards(), Org()) if one.kind == kind and right in one.text)
    assert mistakes(text) == []
    assert mistakes(text.replace(right, wrong, 1)) != []


def test_names_and_labels_fit_into_what_salesforce_takes(connected: Connected) -> None:
    """Names of components have at most 40 characters and no double underscore, with the longest prefix too."""
    _, connection = connected("salesforce", "a2345678901234567_", "b_2_", more=", outputs: {lead_score_trend: true}")
    for one in components(boards_of(connection), Org()):
        name = Path(one.path).name.split(".")[0].removesuffix("__c")
        assert len(name) <= 40, one.path
        assert "__" not in name, one.path
        assert not name.endswith("_"), one.path
        assert len(one.elements.get("label", "")) <= 40 or one.kind in ("CustomField", "Flow"), one.path


def test_what_lacks_an_output_is_left_out_and_named(
    connected: Connected, leadgauge: Callable[..., tuple[int, str]], tmp_path: Path
) -> None:
    settings, connection = connected("salesforce", "")
    boards = boards_of(connection)
    names = {Path(one.path).name.split(".")[0] for one in components(boards, Org()) if one.kind in ("ListView", "Flow")}
    assert names == {"Leadgauge_Call_Now", "Leadgauge_Unowned"}
    assert left_out(boards, Org()) == [
        "the list view Cooling down, which needs lead_score_trend",
        "the list view Ask for data, which needs lead_score_status",
        "the flow Notify the owner, which needs lead_priority_rose_at",
    ]
    code, said = leadgauge("crm", "salesforce", tmp_path / "x", "-s", settings)
    assert (code, "left out: the list view Cooling down" in said) == (0, True), said


def test_every_field_that_a_component_names_is_one_of_the_project() -> None:
    """A list view, report or flow with a field that is not there is refused as a whole."""
    fields = {
        one.path.split("/")[-1].split(".")[0]
        for one in components(default_boards(), Org())
        if one.kind == "CustomField"
    }
    for one in components(default_boards(), Org()):
        for element in etree.fromstring(one.text.encode()).iter(f"{{{NAMESPACE}}}*"):
            word = (element.text or "").rpartition(".")[2].rpartition("$")[2].rstrip("}")
            if word.endswith("__c") and element.tag != f"{{{NAMESPACE}}}reportType":
                assert word in fields, (one.path, word)


def test_a_name_with_a_comma_is_one_value_of_a_filter() -> None:
    """Filters list their values with commas, and take one in quotes as a whole."""
    (board,) = default_boards()
    priority = board.leads["priority"]
    named = replace(priority, output=replace(priority.output, choices=("Hot, now", "Soon", "Cold")))
    boards = [replace(board, leads={**board.leads, "priority": named})]
    views = {Path(one.path).name.split(".")[0]: one.text for one in components(boards, Org()) if one.kind == "ListView"}
    assert '<value>"Hot, now"</value>' in views["Leadgauge_Call_Now"]
    assert '<value>"Hot, now",Soon</value>' in views["Leadgauge_Cooling"]


def test_markup_in_names_of_the_scorecard_stays_text() -> None:
    (board,) = default_boards()
    priority = board.leads["priority"]
    wild = replace(priority, output=replace(priority.output, choices=("<b>A&B</b>", "C"), sentences=("]]> </x>", "")))
    boards = [replace(board, title="R&D <1>", leads={**board.leads, "priority": wild})]
    for one in components(boards, Org()):
        assert mistakes(one.text) == [], one.path
    field = next(
        one for one in components(boards, Org()) if one.path.endswith("Lead/fields/Lead_Priority__c.field-meta.xml")
    )
    values = etree.fromstring(field.text.encode()).iter(f"{{{NAMESPACE}}}value")
    assert [value.findtext(f"{{{NAMESPACE}}}fullName") for value in values] == ["<b>A&B</b>", "C"]


def test_two_prefixes_that_make_the_same_names_are_refused() -> None:
    boards = [*default_boards("a_b_"), *default_boards("a__b_")]
    with pytest.raises(SameName, match="Change one `prefix`"):
        generated("salesforce", boards, Org())


def test_an_org_that_scores_leads_only_gets_nothing_on_contacts() -> None:
    made = list(components(default_boards(), Org(leads=("Lead",))))
    assert not [one.path for one in made if "Contact" in one.path]
    assert not [one.path for one in made if "Contact." in one.text]
