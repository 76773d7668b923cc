"""Contacts with several addresses, mails sent to each of them, and associations made later."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.tests.hubspot.conftest import Sandbox

PAGE = "/crm/v3/objects/contacts"
MAILS = "/email/public/v1/events?eventType=OPEN&limit=1000"


def contact(sandbox: Sandbox, email: str) -> str:
    return str(sandbox.call("POST", PAGE, json={"properties": {"email": email}}).json()["id"])


def merge(sandbox: Sandbox, primary: str, other: str) -> str:
    ids = {"primaryObjectId": primary, "objectIdToMerge": other}
    return str(sandbox.call("POST", f"{PAGE}/merge", json=ids).json()["id"])


def test_a_second_merge_joins_the_additional_addresses(full: Sandbox) -> None:
    leads = [contact(full, f"{name}@merged.example") for name in "abcd"]
    merge(full, leads[1], leads[2])
    merge(full, leads[0], leads[1])
    merge(full, leads[0], leads[3])
    row = full.call("GET", f"{PAGE}/{leads[0]}?properties=email,hs_additional_emails").json()["properties"]
    assert row["email"] == "a@merged.example"
    assert row["hs_additional_emails"] == "b@merged.example;c@merged.example;d@merged.example"


def test_a_contact_is_found_by_each_of_its_addresses_and_no_other_can_take_one(full: Sandbox) -> None:
    survivor, loser = contact(full, "a@merged.example"), contact(full, "b@merged.example")
    made = merge(full, survivor, loser)
    found = full.call("GET", f"{PAGE}/b@merged.example?idProperty=email").json()
    assert found["id"] == made
    assert full.call("POST", PAGE, json={"properties": {"email": "b@merged.example"}}).status_code == 409


def test_a_mail_event_names_the_address_that_was_mailed(full: Sandbox) -> None:
    """HubSpot does not document whether `recipient` is ever updated; it is the address the message was sent to."""
    survivor, loser = contact(full, "a@merged.example"), contact(full, "b@merged.example")
    full.call("POST", "/_sandbox/activities", json={"contact": loser, "kind": "email_open"})
    full.call("PATCH", f"{PAGE}/{loser}", json={"properties": {"email": "c@merged.example"}})
    merge(full, survivor, loser)
    named = {event["recipient"] for event in full.call("GET", MAILS).json()["events"]}
    assert "b@merged.example" in named
    assert named.isdisjoint({"a@merged.example", "c@merged.example"})


def test_linking_a_call_to_a_contact_modifies_neither(full: Sandbox) -> None:
    """As reported for HubSpot: https://github.com/airbytehq/airbyte/issues/27199 and 44554."""
    lead = contact(full, "a@merged.example")
    call = full.call("POST", "/crm/v3/objects/calls", json={"properties": {"hs_timestamp": "2026-11-01"}}).json()["id"]
    rows = (
        f"{PAGE}/{lead}?properties=lastmodifieddate",
        f"/crm/v3/objects/calls/{call}?properties=hs_lastmodifieddate",
    )
    before = [full.call("GET", row).json()["updatedAt"] for row in rows]
    full.portal.clock.advance(60_000)
    path = f"/crm/v4/objects/calls/{call}/associations/default/contacts/{lead}"
    assert full.call("PUT", path).status_code == 200
    assert [full.call("GET", row).json()["updatedAt"] for row in rows] == before
