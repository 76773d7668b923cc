"""What clients of others ask of HubSpot and find here too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hubspot.marketing.forms import models as forms

from leadgauge_sandbox.hubspot.contacts import load_csv

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.tests.hubspot.conftest import Sandbox

CONTACTS = "/crm/v3/objects/contacts"


@pytest.mark.parametrize(
    ("path", "associations"),
    [
        (CONTACTS, "deals,products,tickets,quotes"),
        ("/crm/v3/objects/companies", "contacts,deals,products,tickets,quotes"),
        ("/crm/objects/2026-09/contacts", "deals,products,tickets,quotes"),
    ],
)
def test_listings_take_the_associations_that_dlt_asks_for(full: Sandbox, path: str, associations: str) -> None:
    """They are the paths in `settings.py` of dlt's verified source for HubSpot (2026-11)."""
    quote = full.post("/crm/v3/objects/quotes", {"properties": {}})["id"]
    (row,) = full.get(path, associations=associations, limit=1)["results"]
    kind = path.rpartition("/")[2]
    full.call("PUT", f"/crm/v4/objects/quotes/{quote}/associations/default/{kind}/{row['id']}").raise_for_status()
    (row,) = full.get(path, associations=associations, limit=1)["results"]
    assert [one["id"] for one in row["associations"]["quotes"]["results"]] == [quote]


@pytest.mark.parametrize("family", ["/crm/v4/objects", "/crm/objects/2026-03", "/crm/objects/2026-09"])
def test_a_default_association_is_described_from_both_ends(full: Sandbox, family: str) -> None:
    item = full.post("/crm/v3/objects/line_items", {"properties": {}})["id"]
    deal = full.get("/crm/v3/objects/deals", limit=1)["results"][0]["id"]
    answer = full.call("PUT", f"{family}/line_items/{item}/associations/default/deals/{deal}")
    assert answer.status_code == 200
    body = answer.json()
    assert body.keys() == {"status", "results", "startedAt", "completedAt"}
    assert [
        (one["from"]["id"], one["to"]["id"], one["associationSpec"]["associationTypeId"]) for one in body["results"]
    ] == [(deal, item, 19), (item, deal, 20)]
    linked = full.get(f"/crm/v3/objects/line_items/{item}/associations/deals")["results"]
    assert [one["id"] for one in linked] == [deal]


@pytest.mark.parametrize(("ends", "status"), [(("1", "99"), 404), (("x", "1"), 400), (("1", "x"), 400)])
def test_a_default_association_of_no_record_is_refused(full: Sandbox, ends: tuple[str, str], status: int) -> None:
    path = f"/crm/objects/2026-09/contacts/{ends[0]}/associations/default/companies/{ends[1]}"
    assert full.call("PUT", path).status_code == status


def test_default_associations_in_a_batch_report_pairs_that_do_not_exist(full: Sandbox) -> None:
    company = full.get("/crm/v3/objects/companies", limit=1)["results"][0]["id"]
    pairs = [{"from": {"id": "1"}, "to": {"id": to}} for to in (company, "99")]
    path = "/crm/associations/2026-09/contacts/companies/batch/associate/default"
    answer = full.call("POST", path, json={"inputs": pairs})
    assert answer.status_code == 207
    assert (len(answer.json()["results"]), answer.json()["numErrors"]) == (2, 1)


def nulls(value: Any, at: str = "") -> list[str]:
    """Return where a JSON value holds null."""
    if isinstance(value, dict):
        return [found for key, inner in value.items() for found in nulls(inner, f"{at}.{key}")]
    if isinstance(value, list):
        return [found for inner in value for found in nulls(inner, at)]
    return [at] if value is None else []


def test_marketing_events_and_participations_hold_no_null(full: Sandbox) -> None:
    """Their descriptions, attendance and texts are strings and numbers in HubSpot's API description, or absent."""
    path = "/marketing/marketing-events/2026-09"
    events = full.all(path, limit=100)
    assert nulls(events) == []
    rows = [row for event in events for row in full.all(f"{path}/participations/{event['objectId']}/breakdown")]
    assert {row["properties"]["attendanceState"] for row in rows} >= {"REGISTERED", "ATTENDED"}
    assert nulls([row["properties"] for row in rows]) == []
    came = {row["properties"]["attendanceState"] for row in rows if "attendanceDurationSeconds" in row["properties"]}
    assert came == {"ATTENDED"}


def model(kind: Any, body: dict[str, Any]) -> Any:
    """Return the official client's model of a JSON object; it refuses absent values, and values it does not know."""
    return kind(**{name: body[key] for name, key in kind.attribute_map.items() if key in body})


def test_forms_are_of_the_published_type(full: Sandbox) -> None:
    (form,) = full.get("/marketing/v3/forms", limit=1)["results"]
    model(forms.HubSpotFormDefinition, form)
    model(forms.HubSpotFormConfiguration, form["configuration"])
    model(forms.FormDisplayOptions, form["displayOptions"])
    model(forms.LegalConsentOptionsNone, form["legalConsentOptions"])
    for group in form["fieldGroups"]:
        model(forms.FieldGroup, group)
        for field in group["fields"]:
            kinds = {"email": forms.EmailField, "single_line_text": forms.SingleLineTextField}
            model(kinds[field["fieldType"]], field)


@pytest.mark.parametrize(
    ("path", "known"),
    [
        ("/properties/v1/contacts/properties", "email"),
        ("/properties/v1/deals/properties", "dealname"),
        ("/companies/v2/properties", "domain"),
    ],
)
def test_tap_hubspot_discovers_properties_at_their_old_paths(full: Sandbox, path: str, known: str) -> None:
    found = full.get(path)
    assert {"name", "type", "label", "groupName"} <= found[0].keys()
    assert known in {each["name"] for each in found}


def test_columns_named_like_properties_load_them(empty: Sandbox, tmp_path: Path) -> None:
    """A column with values that HubSpot's property refuses, or that is read-only, becomes a property of its own."""
    file = tmp_path / "people.csv"
    file.write_text(
        "email,lifecyclestage,HS_Lead_Status,createdate,numemployees\n"
        "a@b.example,lead,NEW,yesterday,1-5\nc@d.example,,a while ago,,\n",
        encoding="utf-8",
    )
    assert load_csv(empty.portal, file) == 2
    names = "lifecyclestage,hs_lead_status,hs_lead_status_2,createdate_2"
    (first, second) = (row["properties"] for row in empty.get(CONTACTS, properties=names)["results"])
    assert (first["lifecyclestage"], first["hs_lead_status"], first["hs_lead_status_2"]) == ("lead", None, "NEW")
    assert (second["hs_lead_status_2"], first["createdate_2"]) == ("a while ago", "yesterday")
    assert "lifecyclestage_2" not in {each["name"] for each in empty.get("/crm/v3/properties/contacts")["results"]}
