"""The generated files of the Salesforce project, in source format."""

import json
from collections.abc import Iterator, Sequence

from connectors.salesforce.fields import field_name
from crm.boards import Board
from crm.component import outputs_js
from crm.copies import copies
from crm.for_salesforce import bundle, fields, manifest, notice, reports, rights, views
from crm.for_salesforce.metadata import API, MAIN, Component, Org

__all__ = ["Org", "components", "files", "left_out"]


def files(boards: Sequence[Board], org: Org) -> Iterator[tuple[str, str]]:
    """Yield the paths and texts of the generated files."""
    yield from copies(f"{MAIN}/lwc/leadgaugeCard", endings=False)
    yield f"{MAIN}/lwc/leadgaugeCard/outputs.js", outputs_js(boards, field_name)
    yield from bundle.files(boards, org)
    made = list(components(boards, org))
    yield from ((component.path, component.text) for component in made)
    yield manifest.PATH, manifest.text(made)
    yield "sfdx-project.json", _project()


def components(boards: Sequence[Board], org: Org) -> Iterator[Component]:
    """Yield all components but the bundle."""
    for part in (fields, rights, views, reports, notice):
        yield from part.components(boards, org)


def left_out(boards: Sequence[Board], org: Org) -> list[str]:
    """Return what the project lacks because the settings do not write an output that it needs."""
    return [*views.left_out(boards, org), *notice.left_out(boards)]


def _project() -> str:
    described = {
        "packageDirectories": [{"path": "force-app", "default": True}],
        "name": "leadgauge",
        "namespace": "",
        "sfdcLoginUrl": "https://login.salesforce.com",
        "sourceApiVersion": API,
    }
    return json.dumps(described, indent=2) + "\n"
