"""Person accounts: an account and a contact that are one person.

Custom fields of the person belong to Contact, and the account shows them as `…__pc`. The contact of a person account
can neither be deleted nor, as some orgs found out, be updated by its own id:
https://github.com/SFDO-Community/declarative-lookup-rollup-summaries/issues/544 (2026-11). Its record type never can:
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
    """Turn a contact and its account into a person account, and return the id of the account."""
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
    """Refuse to touch the contact of a person account by its own id."""
    if table.sobject.name == "Contact" and table.value(row, "IsPersonAccount"):
        raise SalesforceError("INVALID_PERSON_ACCOUNT_OPERATION", "cannot reference person contact", fields=())


def of_person(table: Table, row: int, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of an account's update that belong to its person contact, by the contact's field names."""
    if table.sobject.name != "Account" or not table.value(row, "IsPersonAccount"):
        return {}
    return {name[: -len(OF_PERSON)] + "__c": value for name, value in given.items() if name.endswith(OF_PERSON)}
