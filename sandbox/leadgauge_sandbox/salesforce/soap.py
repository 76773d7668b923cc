"""Reads and writes SOAP envelopes."""

from typing import Final, TypeAlias

from lxml import etree  # type: ignore[import-untyped] # lxml ships no types

Element: TypeAlias = etree._Element  # noqa: SLF001 - lxml names its class so

ENVELOPE: Final = "http://schemas.xmlsoap.org/soap/envelope/"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
JWT: Final = "eyJ"
"""How a JSON Web Token begins."""
_PARSER: Final = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)


def make(name: str, namespace: str) -> Element:
    """Return the root element of a response."""
    return etree.Element(f"{{{namespace}}}{name}", nsmap={None: namespace, "xsi": XSI})


def add(parent: Element, name: str, text: str | None = None) -> Element:
    """Append a child in the parent's namespace."""
    child = etree.SubElement(parent, f"{{{etree.QName(parent).namespace}}}{name}")
    child.text = text
    return child


def parse_envelope(content: bytes) -> Element | None:
    """Return the body of an envelope, or None."""
    root = _root(content)
    return None if root is None else root.find(f"{{{ENVELOPE}}}Body")


def parse_header(content: bytes) -> Element | None:
    """Return the header of an envelope, or None."""
    root = _root(content)
    return None if root is None else root.find(f"{{{ENVELOPE}}}Header")


def takes(token: str) -> bool:
    """Return whether SOAP takes a session: no JSON Web Token up to version 67.0, the newest one here."""
    return not token.startswith(JWT)


def session_id(content: bytes) -> str:
    """Return the session in an envelope's header."""
    header = parse_header(content)
    session = None if header is None else next(header.iter("{*}sessionId"), None)
    return "" if session is None else (session.text or "").strip()


def _root(content: bytes) -> Element | None:
    try:
        return etree.fromstring(content, _PARSER)
    except etree.XMLSyntaxError:
        return None


def local_name(element: Element) -> str:
    """Return the name of an element without its namespace."""
    return str(etree.QName(element).localname)


def child_text(element: Element, name: str) -> str | None:
    """Return the text of the child with that name, in any namespace."""
    return next((each.text or "" for each in element.iterchildren("{*}" + name)), None)


def envelope(content: Element) -> bytes:
    """Wrap a response in an envelope."""
    root = etree.Element(f"{{{ENVELOPE}}}Envelope", nsmap={"soapenv": ENVELOPE, "xsi": XSI})
    etree.SubElement(root, f"{{{ENVELOPE}}}Body").append(content)
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True))


def fault(code: str, message: str, namespace: str, exception: str) -> bytes:
    """Return a fault in Salesforce's format."""
    prefix = {"sf": namespace}
    element = etree.Element(f"{{{ENVELOPE}}}Fault", nsmap=prefix)
    etree.SubElement(element, "faultcode").text = code
    etree.SubElement(element, "faultstring").text = message
    detail = etree.SubElement(element, "detail")
    inner = etree.SubElement(detail, f"{{{namespace}}}{exception.title().replace('_', '')}Fault", nsmap=prefix)
    etree.SubElement(inner, f"{{{namespace}}}exceptionCode").text = exception
    etree.SubElement(inner, f"{{{namespace}}}exceptionMessage").text = message.partition(": ")[2] or message
    return envelope(element)
