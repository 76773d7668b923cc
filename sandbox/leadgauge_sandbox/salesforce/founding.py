"""The first records of every org: its organization, a profile, users and a queue."""

from typing import Any

from leadgauge_sandbox.salesforce.org import Org
from leadgauge_sandbox.salesforce.users import Credentials


def found(org: Org, credentials: Credentials) -> tuple[str, str, str, str]:
    """Insert the first records; returns the ids of the organization, integration user, sales user and queue."""
    stamps = {name: org.clock.second() for name in ("CreatedDate", "LastModifiedDate", "SystemModstamp")}

    def insert(name: str, **values: Any) -> str:
        table = org.tables[name]
        known = {field: stamp for field, stamp in stamps.items() if field in table.sobject.fields}
        return table.identifier(table.insert({**known, **values}))

    organization = insert(
        "Organization",
        Name="Sandbox Inc.",
        IsSandbox=True,
        OrganizationType="Developer Edition",
        InstanceName="SBX1",
        TimeZoneSidKey="UTC",
    )
    profile = insert("Profile", Name="Integration", UserType="Standard")
    common = {"ProfileId": profile, "UserType": "Standard", "IsActive": True, "TimeZoneSidKey": "UTC"}
    robot = insert(
        "User",
        Username=credentials.username,
        FirstName="Integration",
        LastName="User",
        Email=credentials.username,
        Alias="integ",
        **common,
    )
    seller = insert(
        "User",
        Username="seller@sandbox.example",
        FirstName="Sam",
        LastName="Seller",
        Email="seller@sandbox.example",
        Alias="sam",
        **common,
    )
    queue = insert("Group", Name="New Leads", DeveloperName="New_Leads", Type="Queue")
    return organization, robot, seller, queue
