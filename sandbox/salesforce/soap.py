"""SOAP envelopes: read safely, written plainly."""

from typing import Final

from lxml import etree

ENVELOPE: Final = "http://schemas.xmlsoap.org/soap/envelope/"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
_PARSER: Final = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)


def parse_envelope(content: bytes) -> etree._Element | None:
    """Return the body of an envelope, or None where there is none."""
    root = _root(content)
    return None if root is None else root.find(f"{{{ENVELOPE}}}Body")


def parse_header(content: bytes) -> etree._Element | None:
    """Return the header of an envelope, or None where there is none."""
    root = _root(content)
    return None if root is None else root.find(f"{{{ENVELOPE}}}Header")


def _root(content: bytes) -> etree._Element | None:
    try:
        return etree.fromstring(content, _PARSER)
    except etree.XMLSyntaxError:
        return None


def local_name(element: etree._Element) -> str:
    """Return the name of an element without its namespace."""
    return str(etree.QName(element).localname)


def child_text(element: etree._Element, name: str) -> str | None:
    """Return the text of the child of that name, whatever its namespace."""
    return next((each.text or "" for each in element.iterchildren("{*}" + name)), None)


def envelope(content: etree._Element) -> bytes:
    """Wrap an answer."""
    root = etree.Element(f"{{{ENVELOPE}}}Envelope", nsmap={"soapenv": ENVELOPE, "xsi": XSI})
    etree.SubElement(root, f"{{{ENVELOPE}}}Body").append(content)
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True))


def fault(code: str, message: str, namespace: str, exception: str) -> bytes:
    """Return a fault as Salesforce words it."""
    prefix = {"sf": namespace}
    element = etree.Element(f"{{{ENVELOPE}}}Fault", nsmap=prefix)
    etree.SubElement(element, "faultcode").text = code
    etree.SubElement(element, "faultstring").text = message
    detail = etree.SubElement(element, "detail")
    inner = etree.SubElement(detail, f"{{{namespace}}}{exception.title().replace('_', '')}Fault", nsmap=prefix)
    etree.SubElement(inner, f"{{{namespace}}}exceptionCode").text = exception
    etree.SubElement(inner, f"{{{namespace}}}exceptionMessage").text = message.partition(": ")[2] or message
    return envelope(element)
