"""Leads, contacts and accounts as rows of the vocabulary."""

from datetime import UTC, datetime

import polars as pl

from connectors.salesforce import Salesforce
from connectors.salesforce.parts import StreamObject
from connectors.salesforce.people import accounts, kind_of, people
from tests.salesforce.answers import settings
from vocabulary.rows import ACCOUNTS, LEADS, OUTCOMES, address_digest

WANTED = {"industry": "text", "employees": "number", "is_student": "flag", "email_domain": "text"}
FIELDS = {
    "industry": {"Lead": "Industry", "Contact": "Account.Industry"},
    "employees": {"Contact": "Account.NumberOfEmployees"},
    "is_student": "Is_Student__c",
    "email_domain": "domain(Email)",
}
LEAD, CONTACT = "00Q000000000001AAA", "003000000000001AAA"
ALIVE = {"IsDeleted": "false", "MasterRecordId": None, "IsConverted": "false", "SystemModstamp": "2026-01-01T00:00:00Z"}


def rows(part: StreamObject, *records: dict[str, str | None]) -> pl.DataFrame:
    return pl.DataFrame(
        [{name: (ALIVE | record).get(name) for name in part.selected} for record in records],
        schema=dict.fromkeys(part.selected, pl.String),
    )


def parts(**changes: object) -> dict[str, StreamObject]:
    return {part.object: part for part in people(settings(fields=FIELDS, **changes), WANTED)}


def test_contacts_and_leads_come_in_one_stream_with_the_same_columns() -> None:
    of = parts()
    lead = of["Lead"].contents(
        rows(
            of["Lead"],
            {
                "Id": LEAD,
                "Email": "Ann@Ä.example",
                "Industry": "Software",
                "CreatedDate": "2026-01-02T03:04:05.000+0000",
            },
        )
    )
    contact = of["Contact"].contents(rows(of["Contact"], {"Id": CONTACT, "AccountId": "001A", "Is_Student__c": "true"}))
    assert list(of) == ["Contact", "Lead"]
    assert (
        lead["leads"].schema
        == contact["leads"].schema
        == LEADS | {"industry": pl.String(), "is_student": pl.Boolean(), "email_domain": pl.String()}
    )
    assert lead["leads"].to_dicts() == [
        {
            "lead": LEAD,
            "account": None,
            "address": address_digest("ann@ä.example"),
            "created_at": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
            "industry": "Software",
            "is_student": None,
            "email_domain": "ä.example",
        }
    ]
    assert contact["leads"].item(0, "account") == "001A"
    assert contact["leads"].item(0, "is_student") is True


def test_account_fields_are_read_once_an_account() -> None:
    (part,) = accounts(settings(fields=FIELDS), WANTED)
    assert part.columns == ("MasterRecordId", "Industry", "NumberOfEmployees")
    found = part.contents(
        rows(
            part, {"Id": "001A", "Industry": "Finance", "NumberOfEmployees": "12"}, {"Id": "001B", "IsDeleted": "true"}
        )
    )["accounts"]
    assert found.schema == ACCOUNTS | {"industry": pl.String(), "employees": pl.Float64()}
    assert found.rows() == [("001A", "Finance", 12.0)]


def test_no_account_is_read_where_no_field_stands_on_it() -> None:
    of_leads = ({"fields": {"industry": "Industry"}}, {"fields": FIELDS, "objects": {"Contact": False}})
    for changes in (*of_leads, {"fields": FIELDS}):
        streams = {stream.name for stream in Salesforce(settings(**changes), WANTED, ()).streams()}
        assert ("accounts" in streams) is (changes not in of_leads)


def test_deleted_records_are_gone_and_merged_ones_are_carried_on() -> None:
    part = parts()["Contact"]
    master, chain = "003000000000002AAA", "003000000000003AAA"
    found = part.contents(
        rows(
            part,
            {"Id": CONTACT, "IsDeleted": "true", "MasterRecordId": master},
            {"Id": master, "IsDeleted": "true", "MasterRecordId": chain},
            {"Id": "003000000000004AAA", "IsDeleted": "true"},
        )
    )
    assert found["merged"] == {CONTACT: chain, master: chain}
    assert found["gone"] == ["003000000000004AAA"]
    assert found["leads"].is_empty()


def test_a_converted_lead_is_never_a_lead_again_and_its_contact_carries_it_on() -> None:
    part = parts()["Lead"]
    found = part.contents(
        rows(
            part,
            {"Id": LEAD, "IsConverted": "true", "ConvertedContactId": CONTACT, "ConvertedDate": "2026-03-04"},
            {"Id": "00Q2", "IsConverted": "true"},
        )
    )
    assert found["leads"].is_empty()
    assert found["merged"] == {LEAD: CONTACT}
    assert found["gone"] == ["00Q2"]
    assert found["outcomes"].schema == OUTCOMES
    assert found["outcomes"].rows() == [
        (CONTACT, f"conversion:{LEAD}", "lead_converted", datetime(2026, 3, 4, tzinfo=UTC))
    ]


def test_a_converted_lead_is_gone_where_contacts_are_not_scored() -> None:
    part = parts(objects={"Contact": False})["Lead"]
    found = part.contents(rows(part, {"Id": LEAD, "IsConverted": "true", "ConvertedContactId": CONTACT}))
    assert found["gone"] == [LEAD]
    assert found["merged"] == {}


def test_an_id_tells_its_object() -> None:
    assert (kind_of(LEAD), kind_of(CONTACT), kind_of("006x")) == ("Lead", "Contact", None)
