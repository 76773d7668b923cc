"""Validate the answers to SOAP `login()` before simple-salesforce parses them, for better errors."""

from typing import Final, TypeAlias

from lxml import etree  # type: ignore[import-untyped]  # lxml ships no types

from connectors.salesforce.errors import Problem, Unreadable
from connectors.salesforce.wire import Answer

Element: TypeAlias = etree._Element  # noqa: SLF001 - lxml names its class so
_PARSER: Final = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)


def envelope(answer: Answer) -> Element | None:
    """Return the root element of an answer, or None if it is not XML."""
    try:
        return etree.fromstring(answer.content, _PARSER)
    except (etree.XMLSyntaxError, ValueError):
        return None


def local_name(element: Element) -> str:
    """Return the name of an element without its namespace."""
    return str(etree.QName(element).localname)


def fault(root: Element, status: int) -> Problem | None:
    """Return the fault in an envelope, or None."""
    if next(root.iter("{*}Fault"), None) is None:
        return None
    code = _found(root, "exceptionCode") or _found(root, "faultcode").rpartition(":")[2]
    text = _found(root, "exceptionMessage") or _found(root, "faultstring")
    return Problem(status, code, text, is_fault=True)


def text_of(root: Element, name: str) -> str:
    """Return the text of a required element."""
    text = _found(root, name)
    if not text:
        raise Unreadable(f"an envelope without `{name}`")
    return text


def _found(root: Element, name: str) -> str:
    element = next(root.iter("{*}" + name), None)
    return "" if element is None else (element.text or "").strip()
