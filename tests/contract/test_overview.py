"""`check` shows what a run will read: which field feeds which, which sources are on, and the rights that some lack."""

from collections.abc import Callable

from pipeline.connect import connect
from tests.stage import Stage

SENIORITY = {"hubspot": "jobtitle (Job Title), as seniority(…)", "salesforce": "Lead: Title (Title), as seniority(…)"}
OFF = {"hubspot": "notes", "salesforce": "events"}


def notes(stage: Stage) -> dict[str, list[str]]:
    """Return the messages of the notes by subject."""
    connector = connect(stage.settings().connections["main"])
    found: dict[str, list[str]] = {}
    for finding in connector.overview():
        assert finding.level == "note"
        found.setdefault(finding.subject, []).append(finding.message)
    connector.close()
    return found


def test_the_field_that_feeds_each_field_is_named_with_its_label(crm: Callable[..., Stage]) -> None:
    stage = crm(leads=20)
    (said,) = notes(stage)["fields.seniority"]
    assert said.startswith("seniority is read from ")
    assert SENIORITY[stage.crm] in said


def test_sources_that_are_on_and_off_are_named_with_their_kinds(crm: Callable[..., Stage]) -> None:
    stage = crm(leads=20)
    stage.configure(
        lambda one: one.setdefault("activities", {}).update({OFF[stage.crm]: None if stage.crm == "hubspot" else False})
    )
    on, off = notes(stage)["activities"]
    assert "calls and meetings (call, call_attempt, meeting, no_show)" in on or "tasks (call" in on
    assert OFF[stage.crm] in off


def test_a_mistake_in_a_source_is_placed_at_its_line_and_named(salesforce: Callable[..., Stage]) -> None:
    stage = salesforce(leads=20)
    stage.configure(lambda one: one["activities"]["sources"][1].update(filter="Nothing__c = 1"))
    lines = stage.settings_file.read_text().splitlines()
    line = next(number for number, text in enumerate(lines, 1) if "Nothing__c" in text)
    said = stage.leadgauge("check").stdout
    row = next(text for text in said.splitlines() if "filter" in text)
    assert f"leadgauge.yaml:{line} " in row
    assert "connections.main.activities, source 'actions', filter" in row


def test_a_source_without_its_right_is_named_once_with_the_right_that_it_lacks(crm: Callable[..., Stage]) -> None:
    stage = crm(leads=20)
    stage.provision()
    if stage.crm == "hubspot":
        stage.fault("missing-scope", "crm.objects.marketing_events.read")
        lacking, right = "webinars", "crm.objects.marketing_events.read"
    else:
        stage.app.state.sandbox.org.unseen = {"Event"}
        lacking, right = "events", "Grant the object, or switch the source off."
    said = stage.leadgauge("check").stdout
    assert right in said
    read = next(line for line in said.splitlines() if "Sources that are read" in line)
    assert f"{lacking} (" not in read
