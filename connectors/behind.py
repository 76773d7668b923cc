"""What answers behind an address if it is not the CRM that the settings name."""

import re
from typing import Final, Literal

import orjson

Who = Literal["HubSpot", "Salesforce", "A web page"]
_PAGE: Final = re.compile(rb"\s*<(?:!doctype html|html|head|body)", re.IGNORECASE)
_NAMED: Final[tuple[tuple[bytes, Who], ...]] = ((b"hubspot", "HubSpot"), (b"salesforce", "Salesforce"))


def who_answers(body: bytes) -> Who | None:
    """Return who seems to have written an error; None if that is unknown.

    HubSpot's errors are objects with a `category` or a link to its documentation, Salesforce's REST API returns a list
    with an `errorCode`: https://developers.hubspot.com/docs/api-reference/error-handling,
    https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/errorcodes.htm (2026-11).
    """
    if _PAGE.match(body):
        return next((who for name, who in _NAMED if name in body.lower()), "A web page")
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    if isinstance(said, list):
        return "Salesforce" if said and isinstance(said[0], dict) and "errorCode" in said[0] else None
    if isinstance(said, dict) and ("category" in said or "correlationId" in said or b"hubspot" in body.lower()):
        return "HubSpot"
    return None
