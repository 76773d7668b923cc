"""Salesforce's own types of metadata, taken from the description of its Metadata API that simple-salesforce brings."""

from functools import cache
from pathlib import Path

import simple_salesforce
from lxml import etree

SCHEMA = "{http://www.w3.org/2001/XMLSchema}"
NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
WSDL = Path(simple_salesforce.__file__).parent / "metadata.wsdl"


@cache
def types() -> etree.XMLSchema:
    """Return a schema with an element for each type, so that a file of it can be checked."""
    described = etree.parse(WSDL).iter(f"{SCHEMA}schema")
    found = next(one for one in described if one.get("targetNamespace") == NAMESPACE)
    schema = etree.Element(found.tag, dict(found.attrib), nsmap={**found.nsmap, "tns": NAMESPACE})
    schema.extend(found)
    named = {element.get("name") for element in schema.findall(f"{SCHEMA}element")}
    for kind in schema.findall(f"{SCHEMA}complexType"):
        if kind.get("name") not in named:
            etree.SubElement(schema, f"{SCHEMA}element", name=kind.get("name"), type=f"tns:{kind.get('name')}")
    return etree.XMLSchema(schema)


def mistakes(text: str | bytes) -> list[str]:
    """Return what is wrong with a file of metadata."""
    root = etree.fromstring(text.encode() if isinstance(text, str) else text)
    for configs in root.findall(f"{{{NAMESPACE}}}targetConfigs"):
        root.remove(configs)  # the description says base64, which the files never have
    if root.tag == f"{{{NAMESPACE}}}Package":
        return []
    types().validate(root)
    return [f"{error.line}: {error.message}" for error in types().error_log]
