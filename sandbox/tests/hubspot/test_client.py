"""The official Python client and its models work with the sandbox as with HubSpot."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import requests
from hubspot import HubSpot
from hubspot.crm.associations.v4 import BatchInputPublicFetchAssociationsBatchRequest
from hubspot.crm.contacts import (
    BatchInputSimplePublicObjectBatchInput,
    BatchReadInputSimplePublicObjectId,
    Filter,
    FilterGroup,
    PublicObjectSearchRequest,
    SimplePublicObjectBatchInput,
    SimplePublicObjectInputForCreate,
)
from hubspot.crm.contacts.exceptions import ApiException
from hubspot.crm.exports import PublicExportRequest
from hubspot.crm.properties import BatchInputPropertyCreate, PropertyCreate, PropertyGroupCreate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sandbox.tests.hubspot.conftest import Sandbox


@pytest.fixture
def client(full: Sandbox) -> HubSpot:
    return HubSpot(access_token=full.portal.tokens.static, host=full.url)


def test_contacts_page_by_page(client: HubSpot) -> None:
    """fetch_all reads every page; the models have ids, properties and times."""
    contacts = client.crm.contacts.get_all(properties=["email", "jobtitle"])
    assert len(contacts) == 300
    assert len({contact.id for contact in contacts}) == 300
    assert contacts[0].created_at.year >= 2020
    assert set(contacts[0].properties) == {"createdate", "email", "hs_object_id", "jobtitle", "lastmodifieddate"}


def test_basic_calls(client: HubSpot) -> None:
    """Create, read, change and delete one contact."""
    api = client.crm.contacts.basic_api
    made = api.create(SimplePublicObjectInputForCreate(properties={"email": "New@One.example"}, associations=[]))
    assert made.properties["email"] == "new@one.example"
    changed = api.update(made.id, SimplePublicObjectInputForCreate(properties={"budget": "007.50"}))
    assert changed.properties["budget"] == "7.50"
    read = api.get_by_id("new@one.example", id_property="email", properties_with_history=["budget"])
    assert read.properties_with_history["budget"][0].value == "7.50"
    api.archive(made.id)
    with pytest.raises(ApiException) as missing:
        api.get_by_id(made.id)
    assert missing.value.status == 404
    assert missing.value.body.startswith("<html>")


def test_batches(client: HubSpot) -> None:
    """Batch read and update; a missing id returns the model with errors."""
    api = client.crm.contacts.batch_api
    read = api.read(
        BatchReadInputSimplePublicObjectId(
            properties=["email"], properties_with_history=[], inputs=[{"id": "1"}, {"id": "999"}]
        )
    )
    assert type(read).__name__ == "BatchResponseSimplePublicObjectWithErrors"
    assert read.errors[0].context == {"ids": ["999"]}
    written = api.update(
        BatchInputSimplePublicObjectBatchInput(
            inputs=[SimplePublicObjectBatchInput(id="1", properties={"jobtitle": "CEO"})]
        )
    )
    assert written.results[0].properties["jobtitle"] == "CEO"
    assert written.status == "COMPLETE"


def test_search(client: HubSpot) -> None:
    """Filters, sorting and paging with the client's objects."""
    wish = PublicObjectSearchRequest(
        filter_groups=[FilterGroup(filters=[Filter(property_name="email", operator="HAS_PROPERTY")])],
        sorts=[{"propertyName": "lastmodifieddate", "direction": "DESCENDING"}],
        properties=["email"],
        limit=200,
    )
    page = client.crm.contacts.search_api.do_search(wish)
    assert page.total > 200
    assert page.paging.next.after == "200"
    stamps = [each.properties["lastmodifieddate"] for each in page.results]
    assert stamps == sorted(stamps, reverse=True)


def test_properties(client: HubSpot) -> None:
    """A group and its properties are created; creating them again is a conflict."""
    groups, core, batch = (
        client.crm.properties.groups_api,
        client.crm.properties.core_api,
        client.crm.properties.batch_api,
    )
    groups.create("contacts", PropertyGroupCreate(name="leadgauge", label="Lead scoring", display_order=1))
    score = PropertyCreate(name="lead_score", label="Score", type="number", field_type="number", group_name="leadgauge")
    made = batch.create("contacts", BatchInputPropertyCreate(inputs=[score]))
    assert made.results[0].name == "lead_score"
    again = batch.create("contacts", BatchInputPropertyCreate(inputs=[score]))
    assert again.num_errors == 1
    assert core.get_by_name("contacts", "lead_score").group_name == "leadgauge"
    assert "lead_score" in {each.name for each in core.get_all("contacts").results}
    core.archive("contacts", "lead_score")
    assert "lead_score" not in {each.name for each in core.get_all("contacts").results}


def test_associations(client: HubSpot) -> None:
    """Batch read of version 4; contacts without associations are listed in the errors."""
    rows = BatchInputPublicFetchAssociationsBatchRequest(
        inputs=[{"id": contact.id} for contact in client.crm.contacts.get_all()]
    )
    answer = client.crm.associations.v4.batch_api.get_page("contacts", "companies", rows)
    assert answer.results[0].to[0].association_types[0].label == "Primary"
    assert answer.num_errors == sum(
        error.sub_category == "crm.associations.NO_ASSOCIATIONS_FOUND" for error in answer.errors
    )


def test_events_and_marketing(client: HubSpot) -> None:
    """Events with the trailing slash, event types, forms, marketing events and participations."""
    page = client.events.events_api.get_page(event_type="e_visited_page", limit=50)
    assert len(page.results) == 50
    assert page.results[0].properties["hs_url"].startswith("https://")
    more = client.events.events_api.get_page(event_type="e_visited_page", limit=50, after=page.paging.next.after)
    assert not {event.id for event in more.results} & {event.id for event in page.results}
    assert "e_visited_page" in client.events.events_api.get_types().event_types
    assert client.marketing.forms.forms_api.get_page(limit=100).results[0].name
    (event, *_) = client.marketing.events.basic_api.get_all(limit=100).results
    marks = client.marketing.events.retrieve_participant_state_api
    assert marks.get_participations_breakdown_by_marketing_event_id(event.object_id, limit=100).total == sum(
        (event.registrants, event.attendees, event.no_shows)
    )


def test_export(client: HubSpot, full: Sandbox) -> None:
    """An export goes through its states and ends with a file at a signed URL."""
    wish = PublicExportRequest(
        export_type="VIEW",
        export_name="all",
        format="CSV",
        language="EN",
        object_type="CONTACT",
        object_properties=["email", "lastmodifieddate"],
        associated_object_type=["companies"],
        export_internal_values_options=["NAMES", "VALUES"],
        override_associated_objects_per_definition_per_row_limit=True,
    ).to_dict()
    body = {_camel(key): value for key, value in wish.items() if value is not None}
    job = full.post("/crm/v3/exports/export/async", body)["id"]
    api, states = client.crm.exports.public_exports_api, []
    while (status := api.get_status(int(job))).status != "COMPLETE":
        states.append(status.status)
    assert states == ["PENDING", "PROCESSING"]
    lines = requests.get(status.result, timeout=10).text.splitlines()
    assert lines[0] == '"Record ID","email","lastmodifieddate","Associated Company IDs"'
    assert len(lines) == 301
    assert requests.get(status.result.replace("signature=", "signature=0"), timeout=10).status_code == 403


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def test_import(client: HubSpot, full: Sandbox, tmp_path: Path) -> None:
    """An import updates by record id and reports the refused rows."""
    file = tmp_path / "scores.csv"
    file.write_text("id,budget\n1,10\n51,much\n999,5\n")
    columns = [
        {
            "columnObjectTypeId": "0-1",
            "columnName": "id",
            "propertyName": "hs_object_id",
            "idColumnType": "HUBSPOT_OBJECT_ID",
        },
        {"columnObjectTypeId": "0-1", "columnName": "budget", "propertyName": "budget"},
    ]
    page = {"hasHeader": True, "columnMappings": columns}
    wish = {
        "name": "scores",
        "importOperations": {"0-1": "UPDATE"},
        "files": [{"fileName": "scores.csv", "fileFormat": "CSV", "fileImportPage": page}],
    }
    job = client.crm.imports.core_api.create(files=str(file), import_request=json.dumps(wish))
    assert job.state == "STARTED"
    while (job := client.crm.imports.core_api.get_by_id(int(job.id))).state not in {"DONE", "FAILED"}:
        pass
    assert job.metadata.counters["UPDATED_OBJECTS"] == 1
    assert full.portal.tables["0-1"].records[1].values["budget"] == "10"
    errors = client.crm.imports.public_imports_api.get_errors(int(job.id)).results
    assert {error.error_type for error in errors} == {"COULD_NOT_PARSE_NUMBER", "INVALID_RECORD_ID"}
    assert [error.source_data.row_data for error in errors] == [["51", "much"], ["999", "5"]]


def test_other_objects(client: HubSpot, start: Callable[..., Sandbox]) -> None:
    """Companies, calls, owners and lists also deserialise."""
    assert client.crm.companies.basic_api.get_page(limit=5).results[0].properties["domain"]
    calls = client.crm.objects.calls.basic_api.get_page(limit=5, properties=["hs_timestamp"], associations=["contacts"])
    assert calls.results[0].associations["contacts"].results[0].id
    assert client.crm.owners.owners_api.get_page().results[0].email
    assert client.crm.lists.memberships_api.get_page("3", limit=5).results[0].record_id
    assert client.crm.schemas.core_api.get_by_id("contacts").object_type_id == "0-1"
