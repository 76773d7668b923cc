"""Which outcomes of calls say that the lead was not reached.

A call's status does not: HubSpot marks a finished call as COMPLETED whatever came of it. Its outcome,
`hs_call_disposition`, is the id of one of the portal's outcomes, which people rename and add to.
"""

import logging
from collections.abc import Sequence
from functools import cached_property
from typing import Any, Final

from connectors.hubspot.answers import FORBIDDEN, Rejected
from connectors.hubspot.properties import listed
from connectors.hubspot.transport import Transport
from meaning.calls import says_unreached

CONNECTED: Final = "f240bbac-87c9-4f6e-bf70-924b57d47db7"
UNREACHED: Final = frozenset(
    {
        "9d9162e7-6cf3-4944-bf63-4dff82258764",  # Busy
        "a4c4c377-d246-4b32-a13b-75a56a4cd0ff",  # Left live message
        "b2cf5968-551e-4856-9783-52b3da59a7d0",  # Left voicemail
        "73a0d17f-1163-4015-bdd5-ec830791da20",  # No answer
        "17b47fee-58de-441e-a44c-c6300d46f273",  # Wrong number
    }
)
"""The outcomes that every portal has, but for the one that says connected:
https://developers.hubspot.com/docs/api-reference/latest/crm/activities/calls/guide (2026-11)."""

log = logging.getLogger(__name__)


class CallOutcomes:
    """The outcomes with which leads were not reached; a portal's own ones are looked up once one occurs."""

    def __init__(self, transport: Transport, own: Sequence[str]) -> None:
        """`own`: patterns of labels of further ones."""
        self._transport, self._own = transport, own

    def __contains__(self, outcome: Any) -> bool:
        """Return whether an outcome says that the lead was not reached."""
        if not outcome or outcome == CONNECTED:
            return False
        return outcome in UNREACHED or outcome in self._named

    @cached_property
    def _named(self) -> frozenset[str]:
        """The ids of the portal's outcomes whose label says so; none if the token may not see them."""
        try:
            found = listed(self._transport, "calls").get("hs_call_disposition", {})
        except Rejected as rejected:
            if rejected.complaint.status != FORBIDDEN:
                raise
            log.warning("Call outcomes cannot be read, so calls with an outcome of your own count as answered.")
            return frozenset()
        options = found.get("options") or []
        return frozenset(str(one["value"]) for one in options if says_unreached(str(one.get("label") or ""), self._own))
