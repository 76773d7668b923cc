"""The Metadata API: SOAP calls that create, read, update and delete components of the org."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from leadgauge_sandbox.salesforce.calls import XML, Call, Reply
from leadgauge_sandbox.salesforce.customs import KINDS, as_list, kind_of
from leadgauge_sandbox.salesforce.errors import SalesforceError, rolled_back
from leadgauge_sandbox.salesforce.org import View
from leadgauge_sandbox.salesforce.soap import (
    XSI,
    Element,
    add,
    child_text,
    envelope,
    fault,
    local_name,
    make,
    parse_envelope,
    parse_header,
    session_id,
    takes,
)
from leadgauge_sandbox.salesforce.state import Sandbox

NAMESPACE: Final = "http://soap.sforce.com/2006/04/metadata"
MOST: Final = 10
"""Most components per call."""

Operation = Callable[[View, Element, bool], list[Element]]


def answer(sandbox: Sandbox, call: Call) -> Reply:
    """Respond to one SOAP call."""
    body, header = parse_envelope(call.body), parse_header(call.body)
    request = None if body is None else next(body.iterchildren(), None)
    if request is None:
        return _fault("sf:UNKNOWN_EXCEPTION", "UNKNOWN_EXCEPTION: no SOAP body", "UNKNOWN_EXCEPTION")
    token = session_id(call.body)
    user = sandbox.sessions.user_of(token) if takes(token) else None
    if user is None:
        message = "INVALID_SESSION_ID: Invalid Session ID found in SessionHeader: Illegal Session"
        return _fault("sf:INVALID_SESSION_ID", message, "INVALID_SESSION_ID")
    name = local_name(request)
    operation = _OPERATIONS.get(name)
    if operation is None:
        return _fault("sf:INVALID_OPERATION", f"INVALID_OPERATION: {name} is not supported", "INVALID_OPERATION")
    rolls_back = header is not None and any(each.text == "true" for each in header.iter("{*}allOrNone"))
    try:
        results = operation(sandbox.org.seen_by(user), request, rolls_back)
    except SalesforceError as refusal:
        return _fault(f"sf:{refusal.code}", f"{refusal.code}: {refusal.message}", refusal.code)
    response = make(f"{name}Response", NAMESPACE)
    response.extend(results)
    return Reply(200, envelope(response), XML)


def _fault(code: str, message: str, exception: str) -> Reply:
    return Reply(500, fault(code, message, NAMESPACE, exception), XML)


def _save(*, create: bool, update: bool) -> Operation:
    def save(view: View, request: Element, rolls_back: bool) -> list[Element]:  # noqa: FBT001 - a header
        components = [properties(each) | {"@type": _kind(each)} for each in request.iterchildren("{*}metadata")]
        _check(components)

        def one(component: dict[str, Any]) -> bool:
            full_name = str(component.get("fullName", ""))
            return kind_of(component["@type"], view).save(full_name, component, create=create, update=update)

        names = [str(component.get("fullName", "")) for component in components]
        outcomes = _attempts(view, [partial(one, each) for each in components], rolls_back=rolls_back)
        both = create and update
        return [_result(name, outcome, shows_created=both) for name, outcome in zip(names, outcomes, strict=True)]

    return save


def _delete(view: View, request: Element, rolls_back: bool) -> list[Element]:  # noqa: FBT001 - a header
    kind = kind_of(child_text(request, "type") or "", view)
    names = [each.text or "" for each in request.iterchildren("{*}fullNames")]
    _check(names)

    def one(name: str) -> bool:
        kind.delete(name)
        return False

    outcomes = _attempts(view, [partial(one, each) for each in names], rolls_back=rolls_back)
    return [_result(name, outcome, shows_created=False) for name, outcome in zip(names, outcomes, strict=True)]


def _read(view: View, request: Element, _rolls_back: bool) -> list[Element]:  # noqa: FBT001 - a header
    name = child_text(request, "type") or ""
    kind = kind_of(name, view)
    wanted = [each.text or "" for each in request.iterchildren("{*}fullNames")]
    _check(wanted)
    result = make("result", NAMESPACE)
    for each in wanted:
        record = add(result, "records")
        shown = kind.read(each)
        if shown is None:
            record.set(f"{{{XSI}}}nil", "true")
        else:
            record.set(f"{{{XSI}}}type", name)
            _fill(record, shown)
    return [result]


def _describe(_view: View, _request: Element, _rolls_back: bool) -> list[Element]:  # noqa: FBT001 - a header
    result = make("result", NAMESPACE)
    for name in KINDS:
        described = {
            "directoryName": "objects" if name != "PermissionSet" else "permissionsets",
            "inFolder": False,
            "metaFile": False,
            "suffix": "permissionset" if name == "PermissionSet" else "object",
            "xmlName": name,
        }
        _fill(add(result, "metadataObjects"), described)
    _fill(result, {"organizationNamespace": "", "partialSaveAllowed": True, "testRequired": False})
    return [result]


def _list(view: View, request: Element, _rolls_back: bool) -> list[Element]:  # noqa: FBT001 - a header
    results = []
    stamp = view.now.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    for query in request.iterchildren("{*}queries"):
        name = child_text(query, "type") or ""
        names = list(view.org.objects) if name == "CustomObject" else kind_of(name, view).names()
        for full_name in names:
            element = make("result", NAMESPACE)
            by = {"createdById": view.user, "createdByName": "Integration User", "createdDate": stamp}
            shown = {"fileName": f"{name}/{full_name}", "fullName": full_name, "id": ""}
            modified = {
                "lastModifiedById": view.user,
                "lastModifiedByName": "Integration User",
                "lastModifiedDate": stamp,
            }
            _fill(element, by | shown | modified | {"type": name})
            results.append(element)
    return results


def _attempts(view: View, works: list[Callable[[], bool]], *, rolls_back: bool) -> list[bool | SalesforceError]:
    """Do the operations one by one; with AllOrNone, roll all back if one is refused."""
    tables = {name: table.mark() for name, table in view.org.tables.items()}
    fields = {name: dict(each.fields) for name, each in view.org.objects.items()}
    guarded = set(view.org.guarded)
    outcomes: list[bool | SalesforceError] = []
    for work in works:
        try:
            outcomes.append(work())
        except SalesforceError as refusal:
            outcomes.append(refusal)
    if not rolls_back or not any(isinstance(each, SalesforceError) for each in outcomes):
        return outcomes
    for name, mark in tables.items():
        view.org.tables[name].restore(mark)
    for name, known in fields.items():
        view.org.objects[name].reset(known)
    view.org.guarded.clear()
    view.org.guarded.update(guarded)
    view.org.changed(view.org.objects["FieldPermissions"])
    return [each if isinstance(each, SalesforceError) else rolled_back() for each in outcomes]


def _result(full_name: str, outcome: bool | SalesforceError, *, shows_created: bool) -> Element:  # noqa: FBT001 - what became of it
    result = make("result", NAMESPACE)
    shown: dict[str, Any] = {}
    if shows_created:
        shown["created"] = outcome is True
    if isinstance(outcome, SalesforceError):
        shown["errors"] = {"message": outcome.message, "statusCode": outcome.code}
    _fill(result, shown | {"fullName": full_name, "success": not isinstance(outcome, SalesforceError)})
    return result


def _check(components: list[Any]) -> None:
    if len(components) > MOST:
        raise SalesforceError("LIMIT_EXCEEDED", f"You can not process more than {MOST} components in one call")


def _kind(element: Element) -> str:
    return str(element.get(f"{{{XSI}}}type", "")).rpartition(":")[2]


def properties(element: Element) -> dict[str, Any]:
    """Return the children of an element by name: repeated ones as lists, without empty ones."""
    found: dict[str, Any] = {}
    for child in element.iterchildren():
        if child.get(f"{{{XSI}}}nil") == "true":
            continue
        value = properties(child) if len(child) else (child.text or "").strip()
        name = local_name(child)
        found[name] = [*as_list(found[name]), value] if name in found else value
    return found


def _fill(element: Element, values: dict[str, Any]) -> None:
    for name, value in values.items():
        for each in as_list(value):
            child = add(element, name)
            if isinstance(each, dict):
                _fill(child, each)
            else:
                child.text = str(each).lower() if isinstance(each, bool) else str(each)


_OPERATIONS: Final[dict[str, Operation]] = {
    "createMetadata": _save(create=True, update=False),
    "updateMetadata": _save(create=False, update=True),
    "upsertMetadata": _save(create=True, update=True),
    "deleteMetadata": _delete,
    "readMetadata": _read,
    "describeMetadata": _describe,
    "listMetadata": _list,
}
