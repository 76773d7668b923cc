"""The generated files of the Salesforce project, in source format."""

from collections.abc import Iterator, Sequence

from connectors.salesforce.fields import field_name
from crm.boards import Board
from crm.component import outputs_js
from crm.copies import copies
from crm.for_salesforce import bundle, fields
from crm.for_salesforce.metadata import MAIN, Org

__all__ = ["Org", "files"]


def files(boards: Sequence[Board], org: Org) -> Iterator[tuple[str, str]]:
    """Yield the paths and texts of the generated files."""
    yield from copies(f"{MAIN}/lwc/leadgaugeCard")
    yield f"{MAIN}/lwc/leadgaugeCard/outputs.js", outputs_js(boards, field_name)
    yield from bundle.files(boards)
    for part in (fields.components,):
        for component in part(boards, org):
            yield component.path, component.text
