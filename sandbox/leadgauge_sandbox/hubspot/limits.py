"""HubSpot's limits: calls per ten seconds, calls per day, and searches per second."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from leadgauge_sandbox.hubspot.answers import Answer, correlation

if TYPE_CHECKING:
    from leadgauge_sandbox.hubspot.clock import Clock

ZONE: Final = "US/Eastern"
WORDS: Final = {
    "TEN_SECONDLY_ROLLING": "You have reached your ten_secondly_rolling limit.",
    "DAILY": "You have reached your daily limit.",
    "SECONDLY": "You have reached your secondly limit.",
}


OF_JOURNAL: Final = {"subscriptions": 50, "snapshots": 10, "journal": 100}
"""Calls of the journal's APIs per second:
https://developers.hubspot.com/docs/api-reference/latest/webhooks-journal/guide (2026-11)."""


@dataclass(slots=True)
class Limits:
    """The limits of a token and its use of them."""

    clock: Clock
    burst: int = 190
    daily: int = 650_000
    searches: int = 5
    enforced: bool = True
    used: int = 0
    _recent: deque[float] = field(default_factory=deque)
    _searched: deque[float] = field(default_factory=deque)
    _resets: int = 0
    _journal: dict[str, deque[float]] = field(default_factory=dict)

    def full(self, path: str) -> bool:
        """Count a call of the journal, and return whether it is one too many in this second."""
        name = next(name for name in OF_JOURNAL if name in path)
        calls = self._journal.setdefault(name, deque())
        if self.enforced and _full(calls, OF_JOURNAL[name], 1.0):
            return True
        calls.append(time.monotonic())
        return False

    def resets_at(self) -> int:
        """Return the account's next midnight."""
        local = datetime.fromtimestamp(self.clock.now() / 1000, UTC).astimezone(ZoneInfo(ZONE))
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        return int(midnight.timestamp() * 1000)

    def take(self, *, search: bool, oauth: bool) -> str | None:
        """Count a call; return the policy that refuses it, None if allowed."""
        if self.clock.now() >= self._resets:
            self._resets, self.used = self.resets_at(), 0
        policy = self._refusal(search=search, oauth=oauth) if self.enforced else None
        if policy is None:
            self.used += not oauth
            (self._searched if search else self._recent).append(time.monotonic())
        return policy

    def _refusal(self, *, search: bool, oauth: bool) -> str | None:
        if self.used >= self.daily and not oauth:
            return "DAILY"
        if search:
            return "SEARCH" if _full(self._searched, self.searches, 1.0) else None
        return "TEN_SECONDLY_ROLLING" if _full(self._recent, self.burst, 10.0) else None

    def headers(self, *, search: bool, oauth: bool) -> dict[str, str]:
        """Return the rate-limit headers: search has only the daily ones, OAuth all but the daily ones."""
        day = (
            {}
            if oauth
            else {
                "X-HubSpot-RateLimit-Daily": str(self.daily),
                "X-HubSpot-RateLimit-Daily-Remaining": str(max(0, self.daily - self.used)),
            }
        )
        if search:
            return day
        _forget(self._recent, 10.0)
        a_second = max(1, self.burst // 10)
        return {
            **day,
            "X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
            "X-HubSpot-RateLimit-Max": str(self.burst),
            "X-HubSpot-RateLimit-Remaining": str(max(0, self.burst - len(self._recent))),
            "X-HubSpot-RateLimit-Secondly": str(a_second),
            "X-HubSpot-RateLimit-Secondly-Remaining": str(a_second - 1),
        }


def _forget(calls: deque[float], seconds: float) -> None:
    bound = time.monotonic() - seconds
    while calls and calls[0] <= bound:
        calls.popleft()


def _full(calls: deque[float], most: int, seconds: float) -> bool:
    _forget(calls, seconds)
    return len(calls) >= most


def too_many(policy: str) -> Answer:
    """Return the 429 of a policy; search has its own format."""
    body: dict[str, Any] = {"status": "error", "message": WORDS.get(policy, WORDS["SECONDLY"])}
    if policy == "SEARCH":
        return Answer({**body, "correlationId": correlation(), "category": "RATE_LIMITS"}, 429)
    return Answer({**body, "errorType": "RATE_LIMIT", "correlationId": correlation(), "policyName": policy}, 429)
