"""The permission sets: the integration user edits our fields, everybody else who gets the other one reads them."""

from collections.abc import Iterator, Sequence
from typing import Final

from connectors.salesforce.field_definitions import MARK
from connectors.salesforce.fields import field_name
from crm.boards import Board
from crm.for_salesforce.metadata import MAIN, Component, Org
from vocabulary.outputs import OFS

READERS: Final = "_read"
"""What the name of the permission set for everybody ends in."""


def components(boards: Sequence[Board], org: Org) -> Iterator[Component]:
    """Yield both permission sets, each with all fields: deploying one replaces what the org has under its name."""
    fields = sorted(
        f"{name}.{field_name(output.name)}"
        for board in boards
        for of in OFS
        for output in board.fields(of)
        for name in org.objects(of)
    )
    edits = f"Lets the integration user read and write its fields. {MARK}"
    yield _granting(org.permission_set, org.permission_set, edits, fields, editable=True)
    reads = f"Lets people see the results of lead scoring. {MARK}"
    yield _granting(f"{org.permission_set}{READERS}", f"{org.permission_set}: see results", reads, fields)


def _granting(name: str, label: str, description: str, fields: Sequence[str], *, editable: bool = False) -> Component:
    return Component(
        "PermissionSet",
        f"{MAIN}/permissionsets/{name}.permissionset-meta.xml",
        {
            "description": description,
            "fieldPermissions": [{"editable": editable, "field": field, "readable": True} for field in fields],
            "hasActivationRequired": False,
            "label": label,
        },
    )
