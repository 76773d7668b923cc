"""The faults of Salesforce."""

from typing import Final

from leadgauge_sandbox.faults import Kind, drawn
from leadgauge_sandbox.misshapes import MISSHAPES

FAULTS: Final[dict[str, Kind]] = {
    "late-commits": Kind(
        "Changes of others show up to ARG seconds (default 300) after the time they are stamped with."
    ),
    "unordered": Kind("Queries without ORDER BY return their rows in any order."),
    "small-pages": Kind(
        "Pages of REST and of bulk results hold ARG rows (default 200) at most, whatever the client asks for."
    ),
    "ties": Kind("ARG leads and as many contacts (default all) carry the same SystemModstamp."),
    "expired-locator": drawn("A query locator is gone when it is used (chance ARG)."),
    "session-expired": drawn("The session of a call is ended (chance ARG)."),
    "revoked": Kind("No sign-in succeeds and no session is valid any more, after ARG more calls (default 0)."),
    "daily-limit": Kind("Only ARG more calls (default 0) are left today, then 403 REQUEST_LIMIT_EXCEEDED."),
    "concurrent-limit": drawn("403 REQUEST_LIMIT_EXCEEDED for too many calls at a time (chance ARG)."),
    "api-disabled": Kind("Every call is answered 403 API_DISABLED_FOR_ORG."),
    "query-timeout": drawn("400 QUERY_TIMEOUT for a query (chance ARG)."),
    "503-html": drawn("503 with an HTML page (chance ARG)."),
    "503": drawn("503 SERVER_UNAVAILABLE in JSON (chance ARG)."),
    "500": drawn("500 UNKNOWN_EXCEPTION (chance ARG)."),
    "row-lock": drawn("UNABLE_TO_LOCK_ROW for a row written (chance ARG)."),
    "validation": Kind(
        "A rule refuses updates of people whose key ends in ARG (7): FIELD_CUSTOM_VALIDATION_EXCEPTION."
    ),
    "duplicates": drawn(
        "A duplicate rule refuses a row (chance ARG) unless Sforce-Duplicate-Rule-Header allows saving."
    ),
    "bulk-failed": drawn("A bulk job ends as Failed (chance ARG)."),
    "bulk-stalled": Kind("A bulk job needs ARG polls (default 5) until it is done."),
    "bulk-unprocessed": drawn(
        "A bulk ingest job fails after half of its rows; the rest stays unprocessed (chance ARG)."
    ),
    "no-charset": Kind("CSV results come without charset in their Content-Type."),
    "cut-connection": drawn("The answer breaks off in the middle (chance ARG)."),
    "truncated-json": drawn("The body is cut in half, and nothing else shows it (chance ARG)."),
    "lost-answer": drawn("The work is done, the answer never sent (chance ARG)."),
    "slow": Kind("One answer in ten takes ARG seconds (default 3) longer.", chance=0.1),
    "no-view-all": Kind(
        "The user lacks the ability to see activities: OPERATION_TOO_LARGE for Task and Event in bulk."
    ),
    "hostile": drawn(
        "400 whose words hold control sequences, line ends, an address and the caller's token (chance ARG)."
    ),
    **MISSHAPES,
}
"""Every fault by name; `NAME:ARG` changes what it says."""
