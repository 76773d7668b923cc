"""The faults of HubSpot."""

from typing import Final

from leadgauge_sandbox.faults import Kind, drawn
from leadgauge_sandbox.misshapes import MISSHAPES

FAULTS: Final[dict[str, Kind]] = {
    "index-lag": Kind("Search sees a change only after ARG seconds (default 20); lists and reads see it at once."),
    "unordered-search": drawn("Search ignores the sort asked for now and then (chance ARG, default 1).", 1.0),
    "ties": Kind("ARG contacts (default 12,000, or all) carry the same millisecond as their last change."),
    "burst-429": drawn("429 with policyName TEN_SECONDLY_ROLLING at random (chance ARG)."),
    "secondly-429": drawn("429 in the shape of the search clock at random (chance ARG)."),
    "daily-429": Kind("Only ARG more calls (default 1000) are left until the account's midnight, then 429 DAILY."),
    "500": drawn("500 in JSON at random (chance ARG)."),
    "502": drawn("502 with an HTML page at random (chance ARG)."),
    "504-html": drawn("504 with an HTML page at random (chance ARG)."),
    "423": drawn("423 locked at random (chance ARG)."),
    "477": drawn("477, the account is being moved, with Retry-After, at random (chance ARG)."),
    "cut-connection": drawn("The answer breaks off in the middle and the connection closes (chance ARG)."),
    "lost-answer": drawn("The work is done, the answer never sent: the connection closes (chance ARG)."),
    "truncated-json": drawn("A complete HTTP answer whose JSON ends too early (chance ARG)."),
    "slow": Kind("The answer takes ARG seconds (default 3) longer, one time in ten.", chance=0.1),
    "revoked-token": Kind("Every token is refused with 401 after ARG more calls (default 0)."),
    "replaced-refresh": drawn(
        "A refresh of an OAuth token replaces the refresh token; the former is refused (chance ARG, default 1).", 1.0
    ),
    "missing-scope": Kind("Tokens lack the scope ARG (default crm.objects.companies.read).", "word"),
    "bad-row": Kind(
        "A validation rule of the account refuses writes to the contact with id ARG (default: a drawn one).", "word"
    ),
    "merge-ids": Kind("ARG pairs of contacts (default 5) are merged at once: old ids answer with the survivor."),
    "deletions": Kind("Somebody deletes a contact every ARG calls (default 20) while others read."),
    "archived-name-taken": Kind("The name of an archived property cannot be used again until it is deleted for good."),
    "property-in-use": Kind(
        "Workflows and lists use the property ARG (default lead_score), which therefore cannot be archived.", "word"
    ),
    "duplicate-rows": drawn("A page repeats the last row of the one before it (chance ARG, default 0.2).", 0.2),
    "hostile": drawn(
        "400 whose words hold control sequences, line ends, an address and the caller's token (chance ARG)."
    ),
    **MISSHAPES,
}
"""Every fault by name; `NAME:ARG` changes what it says."""
