"""How many events Salesforce may still deliver today, which our own writes use too.

Each event counts for each subscriber, in a rolling 24 hours: 50,000 in Performance and Unlimited Edition, 25,000 in
Enterprise and 10,000 in Developer Edition, shared with platform events:
https://developer.salesforce.com/docs/atlas.en-us.change_data_capture.meta/change_data_capture/cdc_allocations.htm
(2026-11). The resource `limits` tells what is left as `DailyDeliveredPlatformEvents`:
https://developer.salesforce.com/docs/platform/platform-events/guide/platform-events-limits-hourly.html (2026-11).
"""

from dataclasses import dataclass
from typing import Final

from connectors.base import ConfigurationError
from connectors.salesforce.readings import LIMITS
from connectors.salesforce.session import Session

SMALLEST: Final = 10_000
"""The events of a day in the smallest edition, where `limits` does not tell them."""
_MUCH: Final = 0.25
"""The share of what is left that own writes may use."""


@dataclass(frozen=True, slots=True)
class Allocation:
    """The events of a day."""

    session: Session

    def left(self) -> int | None:
        """Return how many events are left today, None if Salesforce does not tell.

        It needs `View Setup and Configuration`. Orgs with an add-on are told those of the month instead.
        """
        try:
            told = self.session.ask(LIMITS, "GET", "limits/").DailyDeliveredPlatformEvents
        except ConfigurationError:
            return None
        return told.Remaining if told else None

    def is_flooded_by(self, rows: int) -> bool:
        """Return whether so many writes would use up much of it. A few are not worth a call."""
        if rows <= SMALLEST * _MUCH / 10:
            return False
        left = self.left()
        return rows > _MUCH * (SMALLEST if left is None else left)
