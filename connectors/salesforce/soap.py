"""Validate SOAP answers before zeep and simple-salesforce parse them, for better errors."""

from typing import Final, TypeAlias
from urllib.parse import urlsplit

from lxml import etree  # type: ignore[import-untyped]  # lxml ships no types

from connectors.salesforce.errors import Expired, Problem, Unreadable
from connectors.salesforce.wire import Answer

Element: TypeAlias = etree._Element  # noqa: SLF001 - lxml names its class so
METADATA_PATH: Final = "/services/Soap/m/"
_EXPIRED: Final = "INVALID_SESSION_ID"
_NIL: Final = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_OK: Final = 200
_NO_SUCCESS: Final = 300
_PARSER: Final = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)


def judge_metadata(answer: Answer, url: str) -> None:
    """Raise the error in an answer of the Metadata API. Answers of other APIs are ignored."""
    if not urlsplit(url).path.startswith(METADATA_PATH):
        return
    root = envelope(answer)
    if answer.status != _OK or root is None or local_name(root) != "Envelope":
        raise _problem(answer, root)
    results = list(root.iter("{*}result"))
    if not results:
        raise Unreadable("an envelope without `result`")
    judge = _judge_read if next(root.iter("{*}readMetadataResponse"), None) is not None else _judge_saved
    for result in results:
        judge(result)


def _problem(answer: Answer, root: Element | None) -> Exception:
    said = None if root is None else fault(root, answer.status)
    if said and said.code == _EXPIRED:
        return Expired(said.status, said.code, said.text)
    if said or answer.status >= _NO_SUCCESS:
        return said or Problem.of(answer.status, answer.headers, answer.content)
    return Unreadable(f"{answer.status} without an envelope")


def _judge_read(result: Element) -> None:
    """Check the requested components. One that does not exist is returned as nil."""
    records = list(result.iterchildren("{*}records"))
    if not records:
        raise Unreadable("an envelope without `records`")
    for record in records:
        if record.get(_NIL) != "true":
            text_of(record, "fullName")


def _judge_saved(result: Element) -> None:
    """Check the result for one component."""
    text_of(result, "fullName")
    success = text_of(result, "success")
    if success not in ("true", "false") or (success == "false" and not _found(result, "statusCode")):
        raise Unreadable("an envelope with an invalid `success`")


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
