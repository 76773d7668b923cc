"""An org with several currencies: each record names its own, and `CurrencyType` holds the rates.

https://developer.salesforce.com/docs/platform/field-reference/references/field-reference/salesforce-field-reference-currencytype.html
(2026-11).
"""

from collections.abc import Mapping
from typing import Any, Final

from leadgauge_sandbox.salesforce.org import Org
from leadgauge_sandbox.salesforce.schema.notation import read_fields
from leadgauge_sandbox.salesforce.schema.sobject import SObject
from leadgauge_sandbox.salesforce.table import Table

_CURRENCY_TYPE: Final = """
Id  id  di  Currency Type ID
IsoCode  picklist(3)  cr  Currency ISO Code
ConversionRate  double(18.6)  cu  Conversion Rate
DecimalPlaces  int(9)  cu  Decimal Places
IsActive  boolean  cud  Active
IsCorporate  boolean  d  Corporate Currency
CreatedDate  datetime  d  Created Date
CreatedById  reference(User)  d  Created By ID
LastModifiedDate  datetime  d  Last Modified Date
LastModifiedById  reference(User)  d  Last Modified By ID
SystemModstamp  datetime  d  System Modstamp
"""
_ISO_CODE: Final = "CurrencyIsoCode  picklist(3)  cund  Currency ISO Code"
OWNERS: Final = ("Account", "Contact", "Lead", "Opportunity", "Campaign", "Task", "Event", "Web_Action__c")


def enable(org: Org, corporate: str, rates: Mapping[str, float], user: str) -> None:
    """Set the org's currencies and their rates: the amount equal to one unit of the corporate currency."""
    if "CurrencyType" not in org.objects:
        _prepare(org, corporate)
    table, now = org.tables["CurrencyType"], org.clock.second()
    stamps = {"LastModifiedDate": now, "LastModifiedById": user, "SystemModstamp": now}
    for code, rate in {corporate: 1.0, **rates}.items():
        known = table.find("IsoCode", code)
        if known:
            table.update(known[0], {"ConversionRate": float(rate), **stamps})
            continue
        is_first = {"IsActive": True, "IsCorporate": code == corporate, "DecimalPlaces": 2}
        made: dict[str, Any] = {"CreatedDate": now, "CreatedById": user, **stamps}
        table.insert({"IsoCode": code, "ConversionRate": float(rate), **is_first, **made})


def currency_of_new(org: Org) -> dict[str, str]:
    """Return the currency of a new record: the corporate one, if the org has several."""
    if "CurrencyType" not in org.objects:
        return {}
    table = org.tables["CurrencyType"]
    return {"CurrencyIsoCode": table.value(table.find("IsCorporate", value=True)[0], "IsoCode")}


def _prepare(org: Org, corporate: str) -> None:
    fields = {field.name: field for field in read_fields(_CURRENCY_TYPE)}
    sobject = SObject("CurrencyType", "Currency Type", "Currency Types", "01L", fields, deletable=False)
    org.objects[sobject.name], org.tables[sobject.name] = sobject, Table(sobject)
    for name in OWNERS:
        (code,) = read_fields(_ISO_CODE)
        org.objects[name].add(code)
        for row in range(len(org.tables[name])):
            org.tables[name].update(row, {code.name: corporate})
    org.described = org.clock.now()
