"""The faults of HubSpot."""

from typing import Final

from leadgauge_sandbox.faults import Kind, drawn
from leadgauge_sandbox.misshapes import MISSHAPES

FAULTS: Final[dict[str, Kind]] = {
    # https://github.com/airbytehq/airbyte/issues/31176 (2026-11): records lost to the lag
    "index-lag": Kind("Search shows a change only after ARG seconds (default 20); lists and reads show it at once."),
    # https://github.com/estuary/connectors/pull/5180 (2026-09-02)
    "unordered-search": drawn("Search ignores the requested sort (chance ARG, default 1).", 1.0),
    # https://github.com/airbytehq/airbyte/issues/43317 (2026-11): HubSpot's monthly jobs
    "ties": Kind("ARG contacts (default 12,000, or all) were last changed in the same millisecond."),
    "burst-429": drawn("429 with policyName TEN_SECONDLY_ROLLING at random (chance ARG)."),
    "secondly-429": drawn("429 in the form of the search limit at random (chance ARG)."),
    "daily-429": Kind("Only ARG calls (default 1000) are left until the account's midnight, then 429 DAILY."),
    "500": drawn("500 in JSON at random (chance ARG)."),
    "502": drawn("502 with an HTML page at random (chance ARG)."),
    "504-html": drawn("504 with an HTML page at random (chance ARG)."),
    "423": drawn("423 locked at random (chance ARG)."),
    "477": drawn("477, the account is being migrated, with Retry-After, at random (chance ARG)."),
    "cut-connection": drawn("The connection closes in the middle of the response (chance ARG)."),
    "lost-answer": drawn("The call is processed, but the connection closes before the response (chance ARG)."),
    "truncated-json": drawn("A complete HTTP response with truncated JSON (chance ARG)."),
    "slow": Kind("One response in ten takes ARG seconds longer (default 3).", chance=0.1),
    "revoked-token": Kind("Every token is refused with 401 after ARG more calls (default 0)."),
    "replaced-refresh": drawn(
        "Refreshing an OAuth token replaces the refresh token; the old one is refused (chance ARG, default 1).", 1.0
    ),
    "missing-scope": Kind("Tokens lack the scope ARG (default crm.objects.companies.read).", "word"),
    "bad-row": Kind(
        "A validation rule of the account refuses writes to the contact with id ARG (default: a random one).", "word"
    ),
    "merge-ids": Kind("ARG pairs of contacts (default 5) are merged now: old ids return the survivor."),
    "deletions": Kind("A contact is deleted every ARG calls (default 20) while others read."),
    "archived-name-taken": Kind("The name of an archived property cannot be used again until it is deleted for good."),
    "property-in-use": Kind(
        "Workflows and lists use the property ARG (default lead_score), so it cannot be archived.", "word"
    ),
    "unknown-path": Kind("Paths that contain ARG (default 2026-09) are unknown: 404.", "word"),
    "duplicate-rows": drawn("A page repeats the last row of the previous page (chance ARG, default 0.2).", 0.2),
    "hostile": drawn(
        "400 whose message contains control sequences, newlines, an address and the caller's token (chance ARG)."
    ),
    "silent-feed": Kind("Nothing new comes to the journal and webhooks for ARG seconds (default 600), then all of it."),
    "feed-gap": Kind("The next ARG events (default 10) never come to the journal and webhooks."),
    "duplicate-events": drawn("An event comes again in the next file or request (chance ARG, default 0.2).", 0.2),
    "reversed-events": drawn("The events of a file or request are in reversed order (chance ARG, default 1).", 1.0),
    "event-clock": Kind("The times of events are ARG seconds ahead (default 3600), or behind if negative."),
    "expired-offset": drawn("404: the offset has expired (chance ARG, default 1).", 1.0),
    "expired-url": drawn("403: the URL of a file of the journal has expired (chance ARG, default 1).", 1.0),
    "malformed-file": Kind(
        "A file of the journal is ARG: truncated (default), html, empty, no-events, null-events, odd-events.",
        "word",
        1.0,
    ),
    "journal-429": drawn("429 with Retry-After from the journal's APIs (chance ARG)."),
    # reported in 2026-10 against HubSpot's own pages, which name /oauth/v1/token
    "old-token-path": drawn("/oauth/v1/token knows no client_credentials (chance ARG, default 1).", 1.0),
    # What HubSpot's pages leave open, the other way round
    "merge-by-primary": Kind("The journal tells a merge of the primary record's old id, and names only the other one."),
    "from-to-associations": Kind("The journal names the ends of an association fromObjectId, toObjectId, …."),
    # https://community.hubspot.com/t5/APIs-Integrations/m-p/290766 (2026-11)
    "calculated-unheard": Kind("Changes of values that HubSpot computes are not told."),
    "forged-webhooks": drawn("A webhook is signed with another secret (chance ARG)."),
    **MISSHAPES,
}
"""All faults by name, for `NAME:ARG`."""
