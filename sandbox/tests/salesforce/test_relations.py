"""Related records: campaign members, the people of an event, and records deleted with an account."""

from typing import Any

from sandbox.tests.salesforce.conftest import Api


def test_a_removed_campaign_member_is_found_by_no_query(api: Api) -> None:
    """It never goes to the recycle bin: https://github.com/airbytehq/airbyte/issues/44845 (2026-11)."""
    first, second, *_ = (row["Id"] for row in api.query("SELECT Id FROM CampaignMember"))
    assert api.call("DELETE", f"sobjects/CampaignMember/{first}").status_code == 204
    api.control("delete", id=second)
    assert api.query(f"SELECT Id FROM CampaignMember WHERE Id IN ('{first}', '{second}')", deleted=True) == []


def test_a_deleted_person_takes_its_memberships_along(api: Api) -> None:
    contact = api.query("SELECT ContactId FROM CampaignMember WHERE ContactId != null LIMIT 1")[0]["ContactId"]
    api.call("DELETE", f"sobjects/Contact/{contact}")
    assert api.query(f"SELECT Id FROM CampaignMember WHERE ContactId = '{contact}'", deleted=True) == []


def test_the_relation_of_an_event_follows_its_who(api: Api) -> None:
    one, other = (row["Id"] for row in api.query("SELECT Id FROM Contact LIMIT 2"))
    body = {"WhoId": one, "Subject": "Demo", "StartDateTime": "2026-06-01T10:00:00Z", "DurationInMinutes": 30}
    event = api.call("POST", "sobjects/Event", json=body).json()["id"]
    people = f"SELECT RelationId, IsParent, IsInvitee, Status FROM EventRelation WHERE EventId = '{event}'"
    (relation,) = api.query(people)
    assert (relation["RelationId"], relation["IsParent"], relation["Status"]) == (one, True, None)
    api.control("change", id=event, values={"WhoId": other})
    assert [row["RelationId"] for row in api.query(people)] == [other]
    invited = {"EventId": event, "RelationId": one, "IsInvitee": True, "Status": "Declined"}
    assert api.call("POST", "sobjects/EventRelation", json=invited).status_code == 201
    assert len(api.query(people)) == 2


def test_an_event_can_be_a_series(api: Api) -> None:
    contact = api.query("SELECT Id FROM Contact LIMIT 1")[0]["Id"]
    body = {"WhoId": contact, "Subject": "Weekly", "StartDateTime": "2026-06-01T10:00:00Z", "DurationInMinutes": 30}
    body |= {"IsRecurrence": True, "RecurrenceType": "RecursWeekly"}
    assert api.call("POST", "sobjects/Event", json=body).status_code == 201
    assert len(api.query("SELECT Id FROM Event WHERE IsRecurrence = true")) == 1
    lightning = "SELECT COUNT() FROM Event WHERE GroupEventType != '3' AND IsRecurrence = false"
    assert (
        api.get("query", q=lightning)["totalSize"] == api.get("query", q="SELECT COUNT() FROM Event")["totalSize"] - 1
    )


def test_a_deleted_account_takes_its_contacts_along(api: Api) -> None:
    contact = api.query("SELECT Id, AccountId FROM Contact WHERE AccountId != null LIMIT 1")[0]
    api.call("DELETE", f"sobjects/Account/{contact['AccountId']}")
    assert api.query(f"SELECT Id FROM Contact WHERE AccountId = '{contact['AccountId']}'") == []
    assert api.query(f"SELECT IsDeleted FROM Contact WHERE Id = '{contact['Id']}'", deleted=True)[0]["IsDeleted"]


def test_a_merged_account_gives_its_contacts_to_its_survivor(api: Api) -> None:
    loser = api.query("SELECT AccountId FROM Contact WHERE AccountId != null LIMIT 1")[0]["AccountId"]
    survivor = api.query(f"SELECT Id FROM Account WHERE Id != '{loser}' LIMIT 1")[0]["Id"]
    theirs = {row["Id"] for row in api.query(f"SELECT Id FROM Contact WHERE AccountId = '{loser}'")}
    api.control("merge", survivor=survivor, loser=loser)
    assert theirs <= {row["Id"] for row in api.query(f"SELECT Id FROM Contact WHERE AccountId = '{survivor}'")}
    gone = api.query(f"SELECT IsDeleted, MasterRecordId FROM Account WHERE Id = '{loser}'", deleted=True)[0]
    assert (gone["IsDeleted"], gone["MasterRecordId"]) == (True, survivor)


def test_a_restored_account_brings_its_contacts_back(api: Api) -> None:
    account = api.query("SELECT AccountId FROM Contact WHERE AccountId != null LIMIT 1")[0]["AccountId"]
    theirs = api.query(f"SELECT Id FROM Contact WHERE AccountId = '{account}'")
    api.control("delete", id=account)
    api.control("clock", advance=1000)
    api.control("restore", id=account)
    assert api.query(f"SELECT Id FROM Contact WHERE AccountId = '{account}'") == theirs


def test_a_lead_is_converted_into_an_existing_contact_without_an_opportunity(api: Api) -> None:
    lead = api.query("SELECT Id FROM Lead WHERE IsConverted = false LIMIT 1")[0]["Id"]
    contact = api.query("SELECT Id, AccountId, Title FROM Contact WHERE AccountId != null LIMIT 1")[0]
    made = api.control("convert", lead=lead, contact=contact["Id"], opportunity=False)
    assert made == {"Contact": contact["Id"], "Account": contact["AccountId"]}
    converted = api.query(f"SELECT ConvertedContactId, ConvertedOpportunityId FROM Lead WHERE Id = '{lead}'")[0]
    assert (converted["ConvertedContactId"], converted["ConvertedOpportunityId"]) == (contact["Id"], None)


def test_a_person_account_is_written_through_its_account_alone(api: Api) -> None:
    contact = api.query("SELECT Id FROM Contact WHERE AccountId != null LIMIT 1")[0]["Id"]
    account = api.control("person", contact=contact)["account"]
    refused = api.call("PATCH", f"sobjects/Contact/{contact}", json={"Seniority__c": "a"})
    assert refused.json()[0]["errorCode"] == "INVALID_PERSON_ACCOUNT_OPERATION"
    assert api.call("PATCH", f"sobjects/Account/{account}", json={"Seniority__pc": "b"}).status_code == 204
    assert api.query(f"SELECT Seniority__c FROM Contact WHERE Id = '{contact}'")[0]["Seniority__c"] == "b"
    assert api.query(f"SELECT PersonContactId FROM Account WHERE Id = '{account}'")[0]["PersonContactId"] == contact


def test_a_campaign_counts_its_members(api: Api) -> None:
    numbers = ("NumberOfLeads", "NumberOfContacts", "NumberOfResponses", "NumberOfConvertedLeads")

    def told() -> dict[str, tuple[int, ...]]:
        rows = api.query(f"SELECT Id, {', '.join(numbers)} FROM Campaign")
        return {row["Id"]: tuple(row[name] for name in numbers) for row in rows}

    held: dict[str, list[dict[str, Any]]] = {campaign: [] for campaign in told()}
    for row in api.query("SELECT Id, CampaignId, LeadId, ContactId, HasResponded FROM CampaignMember"):
        held[row["CampaignId"]].append(row)
    for campaign, (leads, contacts, responses, converted) in told().items():
        members = held[campaign]
        assert leads + contacts == len(members)
        assert contacts == sum(bool(row["ContactId"]) for row in members)
        assert responses == sum(row["HasResponded"] for row in members)
        assert converted == sum(bool(row["ContactId"] and row["LeadId"]) for row in members)
    campaign, members = next((one, members) for one, members in held.items() if members)
    before = told()[campaign]
    api.call("DELETE", f"sobjects/CampaignMember/{members[0]['Id']}")
    assert sum(told()[campaign][:2]) == sum(before[:2]) - 1
