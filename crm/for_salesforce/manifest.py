"""`package.xml`: every component of the project, as Salesforce's own tool lists them."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Final

from crm.component import MADE
from crm.for_salesforce.metadata import API, NAMESPACE, Component

PATH: Final = "manifest/package.xml"
_TYPES: Final = {"ReportFolder": "Report"}
"""Types whose components are listed under another one."""


def text(components: Iterable[Component]) -> str:
    """Return the manifest, with the bundle of the component."""
    members: dict[str, set[str]] = defaultdict(set, {"LightningComponentBundle": {"leadgaugeCard"}})
    for one in components:
        members[_TYPES.get(one.kind, one.kind)].add(_member(one))
    types = "".join(_type(kind, sorted(members[kind])) for kind in sorted(members))
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Package xmlns="{NAMESPACE}">\n    <!-- {MADE} -->\n'
        f"{types}    <version>{API}</version>\n</Package>\n"
    )


def _member(component: Component) -> str:
    """Return the full name of a component, told by its file."""
    path = PurePosixPath(component.path)
    name, parts = path.name.split(".", 1)[0], path.parts
    if "objects" in parts:
        return f"{parts[parts.index('objects') + 1]}.{name}"
    inside = parts[parts.index("reports") + 1 : -1] if "reports" in parts else ()
    slash = "/" if component.kind in _TYPES else ""  # as source-deploy-retrieve 12 writes folders
    return "/".join([*inside, name]) + slash


def _type(kind: str, names: Iterable[str]) -> str:
    lines = "".join(f"        <members>{name}</members>\n" for name in names)
    return f"    <types>\n{lines}        <name>{kind}</name>\n    </types>\n"
