"""A score of HubSpot's Lead Scoring API becomes a scorecard: what it says, what it cannot say, and what is no score."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from config.checking import check_scorecard
from config.idle import read_text_of
from config.importing.hubspot import from_hubspot
from config.importing.imported import Imported
from config.loading import load_settings, scorecard_in
from config.mistakes import ConfigError
from tests.importing.scoring import Event, results, results_of_account
from worker import main

SCORE = Path(__file__).parents[2] / "docs" / "models" / "hubspot-score.json"
NAMES = {"5f8b1b7e-demo": "Demo request"}


def score_of(*groups: dict[str, Any], **options: Any) -> dict[str, Any]:
    return {"name": "Made", "objectTypeId": "0-1", "groupConfigs": list(groups), **options}


def group(*calculations: dict[str, Any], category: str = "FIT", **options: Any) -> dict[str, Any]:
    rules = [{"enabled": True, "configuration": {"calculation": one}} for one in calculations]
    return {"groupName": "G", "groupCategory": category, "ruleConfigurations": rules, **options}


def asks(type_: str, operator: str, **options: Any) -> dict[str, Any]:
    return {"operationType": type_, "operator": operator, "includeObjectsWithNoValueSet": False, **options}


def match(property_: str, operation: dict[str, Any], points: float = 5) -> dict[str, Any]:
    return {"type": "MATCH", "property": property_, "matchRules": [{"operation": operation, "value": points}]}


def events(type_: str, **options: Any) -> dict[str, Any]:
    one = {"eventTypeId": type_, "recordCalculation": {"type": "CONSTANT", "value": 5}, **options}
    return {"type": "MULTI_UE", "eventCalculators": [one]}


def imported(folder: Path, raw: object, **names: str) -> Imported:
    path = folder / "score.json"
    path.write_text(raw if isinstance(raw, str) else json.dumps(raw), encoding="utf-8")
    return from_hubspot(path, names)


@pytest.mark.parametrize(
    ("operation", "why"),
    [
        (
            asks("ENUMERATION", "HAS_EVER_BEEN_ANY_OF", values=["A"]),
            "leadgauge does not know what a property held before",
        ),
        (asks("ROLLING_PROPERTY_UPDATED", "UPDATED_IN_LAST_X_DAYS", numberOfDays=3), "when `p` was last changed"),
        (asks("ENUMERATION", "IS_EXACTLY", values=["A", "B"]), "`p` being exactly these 2 values and no others"),
        (asks("CALENDAR_DATE", "IN_LAST_TIME_UNIT", timeUnit="MONTH", timeUnitCount=3), "the last 3 months of `p`"),
        (asks("NUMBER", "IS_NEAR", value=3), "the operator IS_NEAR of `p`"),
        (asks("DATE", "EQUAL", year=2026, month="FEB", day=30), "the date that `p` is compared with does not exist"),
        (
            asks("COMPARATIVE_DATE", "IS_AFTER", comparisonPropertyName="q", defaultComparisonValue="0"),
            "a value to compare `p` with where `q` has none",
        ),
    ],
)
def test_what_a_scorecard_cannot_ask_is_left_out_with_the_reason(
    tmp_path: Path, operation: dict[str, Any], why: str
) -> None:
    made = imported(tmp_path, score_of(group(match("p", operation), {"type": "CONSTANT", "value": 3})))
    assert [(one.place, why in one.message, one.loses) for one in made.findings] == [
        ("groupConfigs[0].ruleConfigurations[0]", True, True)
    ]
    assert "# The rule on `p` is left out: " in made.card
    assert results(scorecard_in(read_text_of(made.card)), {}, [])["lead_score"] == 3


@pytest.mark.parametrize(
    ("calculation", "why"),
    [
        (
            events("4-1553675"),
            "events of the type 4-1553675: give their name in the events API, --name 4-1553675=e_NAME",
        ),
        (
            events("4-1639801", recordCalculation=match("hs_form_id", asks("ENUMERATION", "IS_ANY_OF", values=["f1"]))),
            "`hs_form_id` f1: leadgauge knows it by its name; give --name f1=NAME",
        ),
        (
            events("4-96000", recordCalculation=match("hs_device", asks("STRING", "IS_EQUAL_TO", value="phone"))),
            "`hs_device` of an event, which leadgauge does not read",
        ),
    ],
)
def test_an_event_that_leadgauge_does_not_know_is_left_out(
    tmp_path: Path, calculation: dict[str, Any], why: str
) -> None:
    made = imported(tmp_path, score_of(group(calculation, category="INTENT")))
    assert [why in one.message for one in made.findings] == [True]


def test_names_that_are_given_bring_forms_and_events_in(tmp_path: Path) -> None:
    form = events(
        "4-1639801", recordCalculation=match("hs_form_id", asks("ENUMERATION", "IS_ANY_OF", values=["f1"]), 9)
    )
    raw = score_of(group(form, events("4-1553675"), category="INTENT"))
    made = imported(tmp_path, raw, **{"f1": "Demo", "4-1553675": "e_ad_interaction"})
    card = scorecard_in(read_text_of(made.card))
    did = [
        Event("demo_request", 3, name="Demo"),
        Event("form_submit", 3, name="Newsletter"),
        Event("ad_interaction", 2),
    ]
    assert not made.findings
    assert results(card, {}, did)["lead_score"] == 9 + 5
    assert "e_visited_page: page_view" in made.settings  # the option replaces its default
    assert "e_ad_interaction: ad_interaction" in made.settings


def test_limits_of_a_rule_hold_beside_those_of_its_group(tmp_path: Path) -> None:
    raw = score_of(group(events("4-96000"), events("4-666440"), category="INTENT", maxValue=30))
    raw["groupConfigs"][0]["ruleConfigurations"][0]["maximumValue"] = 12
    card = scorecard_in(read_text_of(imported(tmp_path, raw).card))
    views, opens = [Event("page_view", 1)] * 9, [Event("email_open", 1)] * 9
    assert results(card, {}, views)["lead_score"] == 12
    assert results(card, {}, [*views, *opens])["lead_score"] == 30


def test_limits_of_several_rules_in_a_limited_group_are_left_out_with_the_reason(tmp_path: Path) -> None:
    several = {
        "type": "MULTI_UE",
        "eventCalculators": [*events("4-96000")["eventCalculators"], *events("4-666440")["eventCalculators"]],
    }
    raw = score_of(group(several, events("4-666288"), category="INTENT", maxValue=30))
    raw["groupConfigs"][0]["ruleConfigurations"][0]["maximumValue"] = 12
    made = imported(tmp_path, raw)
    assert [one.loses for one in made.findings] == [True]
    assert "the maximum 12 of the rules above is left out" in made.card


@pytest.mark.parametrize(
    ("change", "path", "message"),
    [
        (lambda raw: raw.pop("name"), "name", "this is missing"),
        (lambda raw: raw.update(colour="red"), "colour", "this is not of the published shape"),
        (
            lambda raw: raw["groupConfigs"][0]["ruleConfigurations"][0]["configuration"]["calculation"].update(
                type="SUM"
            ),
            r"groupConfigs\[0\].ruleConfigurations\[0\].configuration.calculation.type",
            "'SUM' is not known. Known are CONSTANT, MATCH, CONDITIONAL, SEGMENT_MEMBERSHIP, MULTI, MULTI_UE",
        ),
        (
            lambda raw: raw["groupConfigs"][0].update(
                groupDecay={"decayIntervalDays": 0, "percentToDecayPerInterval": 5}
            ),
            r"groupConfigs\[0\].groupDecay.decayIntervalDays",
            "greater than or equal to 1",
        ),
        (
            lambda raw: raw["groupConfigs"][0].update(minValue=9, maxValue=1),
            r"groupConfigs\[0\]",
            "the minimum of 9 is above the maximum of 1",
        ),
        (lambda raw: raw.update(objectTypeId="0-3"), "objectTypeId", "this is a score of deals, and leadgauge scores"),
    ],
)
def test_what_is_not_of_the_published_shape_is_named_by_its_path(
    tmp_path: Path, change: Any, path: str, message: str
) -> None:
    raw = score_of(group({"type": "CONSTANT", "value": 3}))
    change(raw)
    with pytest.raises(ConfigError, match=f"score.json: {path}: .*{message}"):
        imported(tmp_path, raw)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "this is not a JSON object"),
        ('{"results": []}', "this is a list of scores without their rules. Fetch one score"),
        ('{"name": }', "score.json:1:10: this is not JSON"),
        ("[" * 2000, "this is not JSON"),
        ('{"name": "\\ud800"}', "this is not JSON"),
    ],
)
def test_a_file_that_is_no_score_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        imported(tmp_path, text)


def test_options_that_are_null_are_absent(tmp_path: Path) -> None:
    raw = score_of(group({"type": "CONSTANT", "value": 3}, groupDecay=None, maxValue=None), filterConfiguration=None)
    assert not imported(tmp_path, raw).findings


def test_the_names_of_the_newest_reference_are_read_too(tmp_path: Path) -> None:
    raw = score_of(group({"type": "CONSTANT", "value": 30, "id": "x"}), allowedGroupTypes=["INTENT"], maxScore=20)
    del raw["groupConfigs"][0]["groupCategory"]
    raw["groupConfigs"][0]["ruleConfigurations"][0]["maxValue"] = 25
    found = results(scorecard_in(read_text_of(imported(tmp_path, raw).card)), {}, [])
    assert (found["lead_engagement"], found["lead_score"]) == (25, 20)


def tiers(*bounds: tuple[str, float]) -> list[dict[str, Any]]:
    return [{"label": label, "threshold": threshold} for label, threshold in bounds]


@pytest.mark.parametrize(("points", "stage"), [(10, "Below Cold"), (20, "Cold"), (60, "Hot")])
def test_tiers_of_the_score_become_stages(tmp_path: Path, points: int, stage: str) -> None:
    output = {
        "outputType": "THRESHOLD",
        "id": "1",
        "categories": ["FIT"],
        "boundaries": tiers(("Hot", 50), ("Cold", 20)),
    }
    raw = score_of(group({"type": "CONSTANT", "value": points}), outputConfiguration={"outputs": [output]})
    found = results(scorecard_in(read_text_of(imported(tmp_path, raw).card)), {}, [])
    assert found["lead_readiness"] == stage


def test_tiers_of_fit_that_are_no_letters_are_left_out_with_the_reason(tmp_path: Path) -> None:
    output = {
        "outputType": "MATRIX",
        "id": "1",
        "categories": ["FIT", "INTENT"],
        "boundaries": {"FIT": tiers(("Good", 50), ("Bad", 0)), "INTENT": tiers(("1", 50), ("2", 0))},
    }
    raw = score_of(group({"type": "CONSTANT", "value": 3}), outputConfiguration={"outputs": [output]})
    made = imported(tmp_path, raw)
    assert ["grades are letters from A down to F, not Good, Bad" in one.message for one in made.findings] == [True]
    assert scorecard_in(read_text_of(made.card)).readiness is not None


def test_the_settings_map_every_field_to_its_property(tmp_path: Path) -> None:
    made = imported(tmp_path, SCORE.read_text(encoding="utf-8"), **{"101": "Partners", "103": "partners"})
    (tmp_path / "card.yaml").write_text(made.card, encoding="utf-8")
    (tmp_path / "settings.yaml").write_text(made.settings.replace("SCORECARD", "card.yaml"), encoding="utf-8")
    connection = load_settings(tmp_path / "settings.yaml").connections["main"]
    assert connection.fields["company_numberofemployees"] == "company.numberofemployees"
    assert connection.deals == {"hs_is_closed": "hs_is_closed", "amount": "amount"}
    assert connection.member_of == {"segments": {"Partners": "101", "102": "102", "partners 2": "103"}}


# --- scores of companies ---


def of_associated(object_: str, association: int, calculation: dict[str, Any], rollup: str = "SUM") -> dict[str, Any]:
    spec = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": association}
    return {
        "type": "ASSOCIATION_UE" if calculation["type"] == "MULTI_UE" else "ASSOCIATIONS",
        "associatedObjectTypeId": object_,
        "associationSpec": spec,
        "inverseAssociationSpec": spec,
        "rollupType": rollup,
        "recordCalculation": calculation,
    }


LARGE = match("numberofemployees", asks("NUMBER", "IS_GREATER_THAN_OR_EQUAL_TO", value=200), 20)
HEADS = match("jobtitle", asks("STRING", "CONTAINS", value="head"), 4)
BIG_DEAL = match("amount", asks("NUMBER", "IS_GREATER_THAN", value=10_000), 15)
ONCE = {"type": "BETWEEN", "ranges": [{"type": "AT_LEAST", "from": 1, "value": 5}]}
MEMBERS = {
    "type": "SEGMENT_MEMBERSHIP",
    "segmentMembershipRules": [{"operation": "HAS_NO_SEGMENT_MEMBERSHIP", "segmentIds": [4], "value": 5}],
}
TIERS = [{"label": "High", "threshold": 40}, {"label": "Low", "threshold": 0}]


def test_a_score_of_companies_becomes_the_card_of_accounts(tmp_path: Path) -> None:
    fit = group(LARGE, of_associated("0-1", 2, HEADS), of_associated("0-3", 6, BIG_DEAL, "MAX"))
    decay = {"decayIntervalDays": 30, "percentToDecayPerInterval": 25}
    doing = group(of_associated("0-1", 2, events("4-96000")), category="INTENT", groupDecay=decay)
    output = {"outputType": "THRESHOLD", "id": "1", "categories": ["FIT", "INTENT"], "boundaries": TIERS}
    made = imported(tmp_path, score_of(fit, doing, objectTypeId="0-2", outputConfiguration={"outputs": [output]}))
    assert not made.findings
    card = scorecard_in(read_text_of(made.card))
    people = [
        ({"jobtitle": "Head of Sales"}, [Event("page_view", 1), Event("page_view", 40)]),
        ({"jobtitle": "head of IT"}, [Event("page_view", 2)]),
        ({"jobtitle": "Student"}, []),
    ]
    found = results_of_account(card, {"numberofemployees": 500}, people, [{"amount": 20_000}, {"amount": 500}])
    # fit: 20 for its size, 2 heads of 4, one big deal of 15; views: 5 + 5 + 5 * 75%
    assert (found["lead_fit"], found["lead_engagement"], found["lead_score"]) == (43, 14, 57)
    assert found["lead_readiness"] == "High"
    (tmp_path / "card.yaml").write_text(made.card, encoding="utf-8")
    (tmp_path / "settings.yaml").write_text(made.settings.replace("SCORECARD", "card.yaml"), encoding="utf-8")
    connection = load_settings(tmp_path / "settings.yaml").connections["main"]
    assert (connection.accounts, connection.fields) == (
        {"numberofemployees": "numberofemployees"},
        {"jobtitle": "jobtitle"},
    )
    nobody = results_of_account(card, {"numberofemployees": 50}, [], [])
    assert (nobody["lead_score"], nobody["lead_readiness"]) == (0, "Low")


@pytest.mark.parametrize(
    ("calculation", "why"),
    [
        (events("4-96000"), "events of companies themselves"),
        (of_associated("0-1", 2, events("4-96000"), "MAX"), "MAX of the points that each contact gets for its events"),
        (
            of_associated("0-1", 2, events("4-96000", eventFrequencyCriteria=ONCE)),
            "how many events there are of each contact",
        ),
        (of_associated("0-5", 339, HEADS), "associated tickets"),
        (MEMBERS, "segments of companies"),
    ],
)
def test_what_accounts_cannot_ask_is_left_out_with_the_reason(
    tmp_path: Path, calculation: dict[str, Any], why: str
) -> None:
    made = imported(tmp_path, score_of(group(calculation, category="INTENT"), objectTypeId="0-2"))
    assert [why in one.message for one in made.findings] == [True]
    scorecard_in(read_text_of(made.card))


def test_a_score_of_some_companies_tells_that_it_scores_all(tmp_path: Path) -> None:
    some = {"listFilterType": "INCLUDES", "segmentIds": [4]}
    made = imported(tmp_path, score_of(group(LARGE), objectTypeId="0-2", filterConfiguration=some))
    assert [one.place for one in made.findings] == ["filterConfiguration"]
    assert "# All are scored, not only those in HubSpot: segments of companies" in made.card


def test_more_contacts_than_those_of_the_primary_company_are_told(tmp_path: Path) -> None:
    made = imported(tmp_path, score_of(group(of_associated("0-1", 280, HEADS)), objectTypeId="0-2"))
    assert ["here those count whose primary company it is" in one.message for one in made.findings] == [True]


# --- the command ---


def test_the_command_writes_both_files_and_tells_what_is_left_out(tmp_path: Path) -> None:
    ran = CliRunner().invoke(main, ["import", "hubspot-score", str(SCORE), str(tmp_path / "new")])
    assert ran.exit_code == 0, ran.output
    assert "Did not carry over:\n  groupConfigs[" in ran.stderr
    assert not check_scorecard(tmp_path / "new" / "sales-readiness.yaml").mistakes
    assert (tmp_path / "new" / "sales-readiness-settings.yaml").exists()
    again = CliRunner().invoke(main, ["import", "hubspot-score", str(SCORE), str(tmp_path / "new")])
    assert again.exit_code == 2
    assert "this file exists already" in again.output


def test_strict_fails_where_something_is_left_out(tmp_path: Path) -> None:
    whole = tmp_path / "whole.json"
    whole.write_text(json.dumps(score_of(group({"type": "CONSTANT", "value": 3}))), encoding="utf-8")
    for file, code in ((SCORE, 1), (whole, 0)):
        assert (
            CliRunner().invoke(main, ["import", "hubspot-score", str(file), str(tmp_path), "--strict"]).exit_code
            == code
        )


def test_a_name_of_another_form_is_refused(tmp_path: Path) -> None:
    ran = CliRunner().invoke(main, ["import", "hubspot-score", str(SCORE), str(tmp_path), "--name", "Demo"])
    assert ran.exit_code == 2
    assert "'Demo' is not of the form ID=NAME" in ran.output
