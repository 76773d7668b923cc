"""Endpoints of forms and their submissions."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Final

from leadgauge_sandbox.catalogue import FORM_KINDS, PLACES, places_of
from leadgauge_sandbox.hubspot.acting import contact_of, recipient_of, url_of, walk
from leadgauge_sandbox.hubspot.answers import Answer, Refused
from leadgauge_sandbox.hubspot.calls import Call, Endpoint
from leadgauge_sandbox.hubspot.filling import NAMESPACE, form_id
from leadgauge_sandbox.hubspot.searching import UNBOUNDED
from leadgauge_sandbox.hubspot.streams import Act, Anchor, paged

if TYPE_CHECKING:
    from leadgauge_sandbox.hubspot.portal import Portal


def forms(_: Portal, call: Call) -> Answer:
    """GET /marketing/v3/forms."""
    call.need("forms")
    rows = [] if call.flag("archived") else [_form(place) for place in places_of(*FORM_KINDS)]
    shown, paging = call.slice(rows, 20, 500, opaque=True)
    return Answer({"results": shown, **paging})


def form(_: Portal, call: Call) -> Answer:
    """GET /marketing/v3/forms/{id}."""
    call.need("forms")
    return Answer(_form(_form_place(call["id"])))


def _form_place(guid: str) -> int:
    for place in places_of(*FORM_KINDS):
        if form_id(place) == guid:
            return place
    raise Refused(404, f"No form found with guid '{guid}'", "OBJECT_NOT_FOUND")


def _field(name: str, label: str, kind: str, **more: Any) -> dict[str, Any]:
    """Return a field with everything that HubSpot's API description requires."""
    shown = {"label": label, "required": True, "hidden": False, "fieldType": kind}
    return {"objectTypeId": "0-1", "name": name, **shown, "dependentFields": [], **more}


def _form(place: int) -> dict[str, Any]:
    address = _field("email", "Email", "email", validation={"blockedEmailDomains": [], "useDefaultBlockList": False})
    fields = [address, _field("firstname", "First name", "single_line_text")]
    return {
        "id": form_id(place),
        "name": PLACES[place].name,
        "createdAt": "2025-05-11T17:30:51.442Z",
        "updatedAt": "2025-05-11T17:30:51.442Z",
        "archived": False,
        "fieldGroups": [{"groupType": "default_group", "richTextType": "text", "fields": fields}],
        "configuration": {
            "language": "en",
            "cloneable": True,
            "postSubmitAction": {"type": "thank_you", "value": ""},
            "editable": True,
            "archivable": True,
            "recaptchaEnabled": False,
            "notifyContactOwner": False,
            "notifyRecipients": [],
            "createNewContactForNewEmail": False,
            "prePopulateKnownValues": True,
            "allowLinkToResetKnownValues": False,
            "embedType": "V3",
        },
        "displayOptions": {
            "renderRawHtml": False,
            "theme": "default_style",
            "submitButtonText": "Submit",
            "style": STYLE,
            "cssClass": None,
        },
        "legalConsentOptions": {"type": "none"},
        "formType": "hubspot",
    }


STYLE: Final = {
    "fontFamily": "arial, helvetica, sans-serif",
    "backgroundWidth": "100%",
    "labelTextColor": "#33475b",
    "labelTextSize": "11px",
    "helpTextColor": "#7C98B6",
    "helpTextSize": "11px",
    "legalConsentTextColor": "#33475b",
    "legalConsentTextSize": "14px",
    "submitColor": "#ff7a59",
    "submitAlignment": "left",
    "submitFontColor": "#ffffff",
    "submitSize": "12px",
}


def submissions(portal: Portal, call: Call) -> Answer:
    """GET /form-integrations/v1/submissions/forms/{id}: newest first, without contact ids."""
    call.need("forms")
    place, token = _form_place(call["id"]), call.one("after")
    acts = walk(portal.streams["forms"], 0, UNBOUNDED, token, newest_first=True)
    mine = (act for act in acts if act.place == place and contact_of(portal, act) is not None)
    limit = call.number("limit", 20, low=1, high=50)
    rows, after = paged(mine, Anchor.read(token) if token else None, limit, newest_first=True)
    body: dict[str, Any] = {"results": [_submission(portal, act) for act in rows]}
    return Answer(body if after is None else {**body, "paging": call.next_page(after.write())})


def _submission(portal: Portal, act: Act) -> dict[str, Any]:
    record = contact_of(portal, act)
    held = {**(record.values if record else {}), "email": recipient_of(portal, act, act.at)}
    return {
        "conversionId": str(uuid.uuid5(NAMESPACE, str(act.serial))),
        "submittedAt": act.at,
        "values": [
            {"name": name, "value": held[name], "objectTypeId": "0-1"}
            for name in ("firstname", "lastname", "email")
            if held.get(name)
        ],
        "pageUrl": url_of(act),
    }


ENDPOINTS: Final = (
    Endpoint("GET", "/marketing/v3/forms", forms),
    Endpoint("GET", "/marketing/v3/forms/{id}", form),
    Endpoint("GET", "/form-integrations/v1/submissions/forms/{id}", submissions),
)
