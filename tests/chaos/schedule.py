"""Schedules of faults, drawn from a seed: the same seed draws the same schedule."""

import random
from dataclasses import dataclass

FAULTS = {
    "hubspot": (
        *("burst-429:0.05", "secondly-429:0.05", "500:0.04", "502:0.04", "504-html:0.04", "423:0.03"),
        *("cut-connection:0.04", "lost-answer:0.04", "truncated-json:0.03", "unordered-search", "duplicate-rows:0.3"),
        *("merge-ids:3", "deletions:15"),
    ),
    "salesforce": (
        *(
            "500:0.04",
            "503:0.04",
            "503-html:0.04",
            "concurrent-limit:0.04",
            "query-timeout:0.03",
            "session-expired:0.05",
        ),
        *(
            "cut-connection:0.04",
            "lost-answer:0.04",
            "unordered",
            "small-pages:20",
            "expired-locator:0.3",
            "row-lock:0.1",
        ),
        *("bulk-failed:0.1", "bulk-unprocessed:0.2", "no-charset"),
    ),
}
"""The faults of each CRM that leadgauge must come out of by itself."""

DISTURBANCES = ("kill", "kill", "database", "nothing", "nothing")


@dataclass(frozen=True)
class Attempt:
    """One pass of a schedule: the faults that are on, what else happens to it, and after how many calls."""

    kind: str
    faults: tuple[str, ...]
    disturbance: str
    after_calls: int


@dataclass(frozen=True)
class Schedule:
    """What befalls leadgauge, attempt by attempt, before the world calms down."""

    seed: int
    crm: str
    leads: int
    attempts: tuple[Attempt, ...]

    @classmethod
    def draw(cls, seed: int, crm: str) -> "Schedule":
        drawn = random.Random(f"{crm}:{seed}")
        kinds = ["backfill", *(drawn.choice(["backfill", "sync", "reconcile"]) for _ in range(drawn.randint(0, 2)))]
        return cls(seed, crm, drawn.randint(30, 260), tuple(_attempt(drawn, crm, kind) for kind in kinds))


def _attempt(drawn: random.Random, crm: str, kind: str) -> Attempt:
    faults = tuple(drawn.sample(FAULTS[crm], drawn.randint(1, 4)))
    return Attempt(kind, faults, drawn.choice(DISTURBANCES), drawn.randint(3, 40))
