"""The permission sets: the integration user edits our fields, everybody else who gets the other one reads them.

The field that sales fills is the other way round: people edit it, and the integration user reads it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from connectors.salesforce.field_definitions import MARK
from connectors.salesforce.fields import field_name
from crm.boards import Board, filled_by_sales
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
    of_sales = [
        f"{name}.{field_name(output.name)}" for output in filled_by_sales(boards) for name in org.objects("leads")
    ]
    edits = f"Lets the integration user read and write its fields. {MARK}"
    ours = dict.fromkeys(fields, True) | dict.fromkeys(of_sales, False)
    yield _granting(org.permission_set, org.permission_set, edits, ours)
    reads = f"Lets people see the results of lead scoring. {MARK}"
    theirs = dict.fromkeys(fields, False) | dict.fromkeys(of_sales, True)
    yield _granting(f"{org.permission_set}{READERS}", f"{org.permission_set}: see results", reads, theirs)


def _granting(name: str, label: str, description: str, fields: Mapping[str, bool]) -> Component:
    """Return a permission set with fields, and whether it lets them be edited."""
    return Component(
        "PermissionSet",
        f"{MAIN}/permissionsets/{name}.permissionset-meta.xml",
        {
            "description": description,
            "fieldPermissions": [{"editable": fields[one], "field": one, "readable": True} for one in sorted(fields)],
            "hasActivationRequired": False,
            "label": label,
        },
    )
