"""The unpleasant things that Salesforce and the network do now and then, switched on by name and drawn from a seed."""

import random
from dataclasses import dataclass
from typing import Final

FAULTS: Final[dict[str, str]] = {
    "late-commits": "Changes of others show up to ARG seconds (default 300) after the time they are stamped with.",
    "unordered": "Queries without ORDER BY return their rows in any order.",
    "small-pages": "REST pages hold ARG rows (default 200) at most, whatever the client asks for.",
    "ties": "ARG leads and as many contacts (default all) carry the same SystemModstamp.",
    "expired-locator": "A query locator is gone when it is used (chance ARG).",
    "session-expired": "The session of a call is ended (chance ARG).",
    "revoked": "No sign-in succeeds and no session is valid any more, after ARG more calls (default 0).",
    "daily-limit": "Only ARG more calls (default 0) are left today, then 403 REQUEST_LIMIT_EXCEEDED.",
    "concurrent-limit": "403 REQUEST_LIMIT_EXCEEDED for too many calls at a time (chance ARG).",
    "api-disabled": "Every call is answered 403 API_DISABLED_FOR_ORG.",
    "query-timeout": "400 QUERY_TIMEOUT for a query (chance ARG).",
    "503-html": "503 with an HTML page (chance ARG).",
    "503": "503 SERVER_UNAVAILABLE in JSON (chance ARG).",
    "500": "500 UNKNOWN_EXCEPTION (chance ARG).",
    "row-lock": "UNABLE_TO_LOCK_ROW for a row written (chance ARG).",
    "validation": "A rule refuses updates of people whose key ends in ARG (7): FIELD_CUSTOM_VALIDATION_EXCEPTION.",
    "duplicates": "A duplicate rule refuses a row (chance ARG) unless Sforce-Duplicate-Rule-Header allows saving.",
    "bulk-failed": "A bulk job ends as Failed (chance ARG).",
    "bulk-stalled": "A bulk job needs ARG polls (default 5) until it is done.",
    "bulk-unprocessed": "A bulk ingest job fails after half of its rows; the rest stays unprocessed (chance ARG).",
    "no-charset": "CSV results come without charset in their Content-Type.",
    "cut-connection": "The answer breaks off in the middle (chance ARG).",
    "lost-answer": "The work is done, the answer never sent (chance ARG).",
    "slow": "One answer in ten takes ARG seconds (default 3) longer.",
    "no-view-all": "The user lacks the ability to see activities: OPERATION_TOO_LARGE for Task and Event in bulk.",
}
"""Every fault by name; `NAME:ARG` changes what it says."""

_SHARE: Final = {"slow": 0.1}
_DRAWN: Final = frozenset(name for name, text in FAULTS.items() if "(chance ARG)" in text)
LIKELY: Final = 0.05


class UnknownFault(ValueError):  # noqa: N818 - named for what it is about
    """There is no fault of that name, or its argument is no number."""


@dataclass(slots=True)
class Fault:
    """One fault that is on."""

    argument: float | None
    chance: float
    times: int | None = None
    """How many more times it strikes; None for ever."""
    path: str = ""
    """Part of the paths it strikes; empty for all."""

    def number(self, default: float) -> float:
        """Return the argument, or what it is where none was given."""
        return default if self.argument is None else self.argument


class Faults:
    """Which faults are on, and whether they strike."""

    def __init__(self, seed: int) -> None:
        """Start with none; the same seed strikes at the same calls."""
        self._random = random.Random(seed)
        self._on: dict[str, Fault] = {}

    def set(self, name: str, argument: float | None = None, *, times: int | None = None, path: str = "") -> None:
        """Switch a fault on; `times` makes it certain for so many calls."""
        if name not in FAULTS:
            raise UnknownFault(f"There is no fault '{name}'; choose from {', '.join(FAULTS)}.")
        likely = argument if name in _DRAWN and argument is not None else _SHARE.get(name, LIKELY)
        self._on[name] = Fault(argument, 1.0 if times is not None else likely, times, path)

    def read(self, spelled: str) -> None:
        """Switch a fault on that is spelled `NAME` or `NAME:ARG`."""
        name, _, argument = spelled.strip().partition(":")
        try:
            self.set(name, float(argument) if argument else None)
        except UnknownFault:
            raise
        except ValueError:
            raise UnknownFault(f"The argument of fault '{name}' must be a number, not '{argument}'.") from None

    def clear(self, name: str | None = None) -> None:
        """Switch one fault off, or all."""
        if name is None:
            self._on.clear()
        else:
            self._on.pop(name, None)

    def active(self, name: str) -> Fault | None:
        """Return a fault that is on."""
        return self._on.get(name)

    def names(self) -> dict[str, float | None]:
        """Return the names of the faults that are on, with their arguments."""
        return {name: fault.argument for name, fault in self._on.items()}

    def strikes(self, name: str, path: str = "") -> bool:
        """Draw whether a fault strikes."""
        fault = self._on.get(name)
        if fault is None or fault.path not in path or fault.times == 0:
            return False
        if self._random.random() >= fault.chance:
            return False
        if fault.times is not None:
            fault.times -= 1
        return True

    def counts_down(self, name: str) -> bool:
        """Tell whether a fault that lets some calls through has come into force; each call counts."""
        fault = self._on.get(name)
        if fault is None:
            return False
        left = fault.number(0)
        fault.argument = max(0, left - 1)
        return left <= 0

    def seed_of(self) -> int:
        """Draw a seed for something else, such as an order of rows."""
        return self._random.getrandbits(32)
