"""The faults of Salesforce."""

from typing import Final

from leadgauge_sandbox.faults import Kind, drawn
from leadgauge_sandbox.misshapes import MISSHAPES

FAULTS: Final[dict[str, Kind]] = {
    # https://github.com/airbytehq/airbyte/issues/27146 (2026-11): rows stamped five minutes before they appeared
    "late-commits": Kind("Changes by others appear up to ARG seconds (default 300) after their timestamp."),
    "unordered": Kind("Queries without ORDER BY return rows in random order."),
    "small-pages": Kind(
        "Pages of REST and bulk results have at most ARG rows (default 200), whatever the client asks for."
    ),
    "ties": Kind("ARG leads and ARG contacts (default all) have the same SystemModstamp."),
    "expired-locator": drawn("A query locator has expired when it is used (chance ARG)."),
    "session-expired": drawn("A call's session expires (chance ARG)."),
    "revoked": Kind("After ARG more calls (default 0), sign-ins fail and all sessions are invalid."),
    # https://help.salesforce.com/s/articleView?id=xcloud.jwt_access_tokens.htm&type=5 (2026-11); from version 68.0 on
    # SOAP takes them: https://github.com/jsforce/jsforce/pull/1817 (2026-07-31)
    "jwt-tokens": Kind("Access tokens are JSON Web Tokens, which SOAP refuses up to API version 67.0."),
    # A user without setup permissions gets `sObject type '…' is not supported`:
    # https://github.com/afawcett/apex-toolingapi/issues/19 (2026-11)
    "no-customize": Kind("The user may not customize: CustomField is an unknown type, and changes are refused."),
    "no-permission-sets": Kind("The user may not manage permission sets: INSUFFICIENT_ACCESS_OR_READONLY."),
    "daily-limit": Kind("Only ARG more calls (default 0) are left today, then 403 REQUEST_LIMIT_EXCEEDED."),
    "concurrent-limit": drawn("403 REQUEST_LIMIT_EXCEEDED for too many concurrent calls (chance ARG)."),
    "api-disabled": Kind("Every call gets 403 API_DISABLED_FOR_ORG."),
    "query-timeout": drawn("400 QUERY_TIMEOUT for a query (chance ARG)."),
    "503-html": drawn("503 with an HTML page (chance ARG)."),
    "503": drawn("503 SERVER_UNAVAILABLE in JSON (chance ARG)."),
    "500": drawn("500 UNKNOWN_EXCEPTION (chance ARG)."),
    "row-lock": drawn("UNABLE_TO_LOCK_ROW for a written row (chance ARG)."),
    "validation": Kind(
        "A rule refuses updates of people whose key ends in ARG (default 7): FIELD_CUSTOM_VALIDATION_EXCEPTION."
    ),
    "duplicates": drawn("A duplicate rule refuses a row (chance ARG) unless Sforce-Duplicate-Rule-Header allows it."),
    "bulk-failed": drawn("A bulk job ends as Failed (chance ARG)."),
    "bulk-stalled": Kind("A bulk job needs ARG polls (default 5) to finish."),
    "bulk-unprocessed": drawn("A bulk ingest job fails halfway; the rest of its rows stay unprocessed (chance ARG)."),
    "no-charset": Kind("CSV results have no charset in their Content-Type."),
    "cut-connection": drawn("The connection closes in the middle of the response (chance ARG)."),
    "truncated-json": drawn("The body is cut in half, with no other sign of it (chance ARG)."),
    "lost-answer": drawn("The call is processed, but the connection closes before the response (chance ARG)."),
    "slow": Kind("One response in ten takes ARG seconds longer (default 3).", chance=0.1),
    "no-view-all": Kind("The user may not view all activities: OPERATION_TOO_LARGE for Task and Event in bulk."),
    "feed-silence": Kind(
        "The feed sends nothing for ARG seconds, not even empty responses; without ARG until the fault is off."
    ),
    "feed-broken": drawn("A feed's stream breaks with UNAVAILABLE in the middle of a response (chance ARG)."),
    "feed-error": drawn("A feed's stream ends with INTERNAL, subscription.internal.error (chance ARG)."),
    "feed-allocation": Kind("Only ARG more events (default 0) are delivered, then RESOURCE_EXHAUSTED."),
    "feed-duplicates": drawn("Every event of a feed's response comes twice (chance ARG)."),
    "feed-reversed": drawn("The events of a feed's response come in reverse order (chance ARG)."),
    "feed-clock": Kind("The commitTimestamp of change events is ARG seconds ahead (default 3600), or behind."),
    "expired-replay": drawn("A replay id has expired when a subscription starts after it (chance ARG)."),
    "no-feed-right": Kind(
        "The user may not view all records: no change events, and PERMISSION_DENIED for an object's."
    ),
    "gaps": drawn("A gap event, which only has a header, comes in place of a change event (chance ARG)."),
    "overflow": Kind("Changes of a transaction beyond ARG (default 100) make overflow events."),
    "hostile": drawn(
        "400 whose message contains control sequences, newlines, an address and the caller's token (chance ARG)."
    ),
    **MISSHAPES,
}
"""All faults by name, for `NAME:ARG`."""
