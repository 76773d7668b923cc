"""Announced ends of what the CRMs' interfaces offer, and a warning in `check` within a year of one that is in use.

Each CRM has a table of its own, `ENDINGS`; docs/endings.md describes the same dates for people.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Generic, TypeVar

from vocabulary.expiries import Expiry
from vocabulary.findings import Finding

Use = TypeVar("Use")
NOTICE: Final = timedelta(days=365)
"""How long before an end `check` begins to warn."""


@dataclass(frozen=True)
class Ending(Generic[Use]):
    """The end of support for one thing that a connection may use."""

    what: str
    """What ends, worded as the object of "uses"."""
    ends: date
    """The first day without support; where the vendor names a month or a release, its first day."""
    named: str
    """The time in the vendor's words."""
    setting: str
    """The setting that decides whether a connection uses it."""
    is_used: Callable[[Use], bool]
    remedy: str
    source: str
    """The vendor's page."""

    def finding(self, today: date) -> Finding:
        """Return the warning."""
        support = "has not been supported since" if today >= self.ends else "will not be supported from"
        return Finding(
            "warning",
            self.setting,
            f"This connection uses {self.what}, which {support} {self.named} ({self.source}).",
            self.remedy,
        )


def expiries(endings: Sequence[Ending[Use]], use: Use) -> Iterator[Expiry]:
    """Yield when what is in use ends, however far away."""
    for ending in endings:
        if ending.is_used(use):
            at = datetime.combine(ending.ends, time(), UTC)
            what = f"the support of {ending.what} ({ending.source})"
            yield Expiry("interface", what, at, ending.remedy)


def coming(endings: Sequence[Ending[Use]], use: Use, today: date) -> Iterator[Finding]:
    """Yield a warning for everything in use that ends within a year or has ended."""
    for ending in endings:
        if today >= ending.ends - NOTICE and ending.is_used(use):
            yield ending.finding(today)
