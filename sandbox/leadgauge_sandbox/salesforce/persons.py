"""Person accounts: an account and a contact for one person.

Custom fields of the person belong to Contact, and the account shows them as `…__pc`. The contact of a person account
cannot be deleted or, in some orgs, updated by its own id:
https://github.com/SFDO-Community/declarative-lookup-rollup-summaries/issues/544 (2026-11). Nor can its record type:
https://help.salesforce.com/s/articleView?id=005305352 (2026-11).
"""

from collections.abc import Mapping
from typing import Any, Final

from leadgauge_sandbox.salesforce.errors import SalesforceError
from leadgauge_sandbox.salesforce.org import Org
from leadgauge_sandbox.salesforce.schema.notation import read_fields
from leadgauge_sandbox.salesforce.table import Table

OF_PERSON: Final = "__pc"
_FIELDS: Final[Mapping[str, str]] = {
    "Account": """
IsPersonAccount  boolean  d  Is Person Account
PersonContactId  reference(Contact)  n  Contact ID  relationship=PersonContact
""",
    "Contact": """
IsPersonAccount  boolean  d  Is Person Account
""",
}


def make_person(org: Org, contact: int) -> str:
    """Turn a contact and its account into a person account; return the account's id."""
    for name, table in _FIELDS.items():
        for field in read_fields(table):
            if field.name not in org.objects[name].fields:
                org.objects[name].add(field)
    contacts, accounts = org.tables["Contact"], org.tables["Account"]
    account: str = contacts.value(contact, "AccountId")
    row = accounts.row_of(account)
    assert row is not None, "the contact has an account"
    contacts.update(contact, {"IsPersonAccount": True})
    accounts.update(row, {"IsPersonAccount": True, "PersonContactId": contacts.identifier(contact)})
    return account


def check_person(table: Table, row: int) -> None:
    """Refuse a change to the contact of a person account by its own id."""
    if table.sobject.name == "Contact" and table.value(row, "IsPersonAccount"):
        raise SalesforceError("INVALID_PERSON_ACCOUNT_OPERATION", "cannot reference person contact", fields=())


def of_person(table: Table, row: int, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the person contact's values in an account's update, by the contact's field names."""
    if table.sobject.name != "Account" or not table.value(row, "IsPersonAccount"):
        return {}
    return {name[: -len(OF_PERSON)] + "__c": value for name, value in given.items() if name.endswith(OF_PERSON)}
