"""The unpleasant things that HubSpot and the network do now and then, switched on by name and drawn from a seed."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any, Final

FAULTS: Final[dict[str, str]] = {
    "index-lag": "Search sees a change only after ARG seconds (default 20); lists and reads see it at once.",
    "unordered-search": "Search ignores the sort asked for now and then (chance ARG, default 1).",
    "ties": "ARG contacts (default 12,000, or all) carry the same millisecond as their last change.",
    "burst-429": "429 with policyName TEN_SECONDLY_ROLLING at random (chance ARG).",
    "secondly-429": "429 in the shape of the search clock at random (chance ARG).",
    "daily-429": "Only ARG more calls (default 1000) are left until the account's midnight, then 429 DAILY.",
    "500": "500 in JSON at random (chance ARG).",
    "502": "502 with an HTML page at random (chance ARG).",
    "504-html": "504 with an HTML page at random (chance ARG).",
    "423": "423 locked at random (chance ARG).",
    "477": "477, the account is being moved, with Retry-After, at random (chance ARG).",
    "cut-connection": "The answer breaks off in the middle and the connection closes (chance ARG).",
    "lost-answer": "The work is done, the answer never sent: the connection closes (chance ARG).",
    "truncated-json": "A complete HTTP answer whose JSON ends too early (chance ARG).",
    "slow": "The answer takes ARG seconds (default 3) longer, one time in ten.",
    "revoked-token": "Every token is refused with 401 after ARG more calls (default 0).",
    "missing-scope": "Tokens lack the scope ARG (default crm.objects.companies.read).",
    "bad-row": "A validation rule of the account refuses writes to the contact with id ARG (default: a drawn one).",
    "merge-ids": "ARG pairs of contacts (default 5) are merged at once: old ids answer with the survivor.",
    "deletions": "Somebody deletes a contact every ARG calls (default 20) while others read.",
    "duplicate-rows": "A page repeats the last row of the one before it (chance ARG, default 0.2).",
}
"""Every fault by name; `NAME:ARG` changes what it says."""

CHANCES: Final = {"unordered-search": 1.0, "duplicate-rows": 0.2, "slow": 0.1}
DRAWN: Final = frozenset(
    {
        *("burst-429", "secondly-429", "500", "502", "504-html", "423", "477", "cut-connection", "lost-answer"),
        *("truncated-json", "unordered-search", "duplicate-rows"),
    }
)
"""Faults whose argument is the chance that they strike."""
LIKELY: Final = 0.05


class UnknownFaultError(ValueError):
    """There is no fault of that name."""


@dataclass(slots=True)
class Fault:
    """One fault that is on."""

    argument: str | None
    chance: float
    times: int | None = None
    """How many more times it strikes; None for ever."""
    path: str = ""
    """Part of the paths it strikes; empty for all."""

    def number(self, default: float) -> float:
        """Return the argument as a number."""
        return float(self.argument) if self.argument else default


class Faults:
    """Which faults are on, and whether they strike."""

    def __init__(self, seed: int) -> None:
        """Start with none; the same seed strikes at the same calls."""
        self._random = random.Random(seed)
        self._on: dict[str, Fault] = {}

    def set(self, name: str, argument: str | None = None, *, times: int | None = None, path: str = "") -> Fault:
        """Switch a fault on; `times` makes it certain for so many calls."""
        if name not in FAULTS:
            raise UnknownFaultError(f"There is no fault '{name}'; choose from {', '.join(FAULTS)}.")
        drawn = name in DRAWN and argument is not None
        chance = 1.0 if times is not None else float(argument or 0) if drawn else CHANCES.get(name, LIKELY)
        self._on[name] = Fault(argument, chance, times, path)
        return self._on[name]

    def clear(self, name: str | None = None) -> None:
        """Switch one fault off, or all."""
        if name is None:
            self._on.clear()
        else:
            self._on.pop(name, None)

    def active(self, name: str) -> Fault | None:
        """Return a fault that is on."""
        return self._on.get(name)

    def names(self) -> dict[str, str | None]:
        """Return the names of the faults that are on, with their arguments."""
        return {name: fault.argument for name, fault in self._on.items()}

    def strikes(self, name: str, path: str) -> bool:
        """Draw whether a fault strikes a call."""
        fault = self._on.get(name)
        if fault is None or fault.path not in path or fault.times == 0:
            return False
        if self._random.random() >= fault.chance:
            return False
        if fault.times is not None:
            fault.times -= 1
        return True

    def shuffle(self, rows: list[Any]) -> None:
        """Bring rows into a drawn order."""
        self._random.shuffle(rows)
