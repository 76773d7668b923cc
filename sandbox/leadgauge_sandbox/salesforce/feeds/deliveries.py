"""How many events may be delivered in 24 hours."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from leadgauge_sandbox.faults import Faults
from leadgauge_sandbox.salesforce.clock import Clock

# "Default Change Event Allocations", by edition; shared by all clients, each delivery counts, over the last 24 hours:
# https://developer.salesforce.com/docs/atlas.en-us.change_data_capture.meta/change_data_capture/cdc_allocations.htm
# (2026-11).
EDITIONS: Final = {"Developer": 10_000, "Enterprise": 25_000, "Unlimited": 50_000, "Performance": 50_000}
DAY: Final = timedelta(hours=24)


@dataclass(slots=True)
class Deliveries:
    """The deliveries of the last 24 hours to all clients."""

    clock: Clock
    faults: Faults
    maximum: int = EDITIONS["Enterprise"]
    _counts: deque[tuple[datetime, int]] = field(default_factory=deque)
    _total: int = 0

    @property
    def used(self) -> int:
        """The deliveries of the last 24 hours."""
        while self._counts and self._counts[0][0] <= self.clock.now() - DAY:
            self._total -= self._counts.popleft()[1]
        return self._total

    def take(self, wanted: int) -> int:
        """Count deliveries and return how many of those wanted the allocation has left."""
        left = max(0, min(wanted, self.maximum - self.used))
        if self.faults.active("feed-allocation") is not None:
            left = next((count for count in range(left) if self.faults.counts_down("feed-allocation")), left)
        if left:
            self.count(left)
        return left

    def count(self, deliveries: int) -> None:
        """Count deliveries to any client."""
        self._counts.append((self.clock.now(), deliveries))
        self._total += deliveries
