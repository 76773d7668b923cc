"""Schedules of faults, drawn from a seed: the same seed draws the same schedule."""

import random
from dataclasses import dataclass

FAULTS = {
    "hubspot": (
        *("burst-429:0.05", "secondly-429:0.05", "500:0.04", "502:0.04", "504-html:0.04", "423:0.03"),
        *("cut-connection:0.04", "lost-answer:0.04", "lost-answer:0.5@/batch/update", "truncated-json:0.03"),
        *("cut-connection:0.5@/batch/update", "unordered-search", "duplicate-rows:0.3", "merge-ids:3", "deletions:15"),
    ),
    "salesforce": (
        *("500:0.04", "503:0.04", "503-html:0.04", "concurrent-limit:0.04", "query-timeout:0.03"),
        *("session-expired:0.05", "cut-connection:0.04", "lost-answer:0.04", "lost-answer:0.5@/composite/sobjects"),
        *("cut-connection:0.5@/composite/sobjects", "unordered", "small-pages:20", "expired-locator:0.3"),
        *("row-lock:0.1", "bulk-failed:0.1", "bulk-unprocessed:0.2", "no-charset"),
    ),
}
"""The faults of each CRM and its network that leadgauge must come out of by itself: NAME:CHANCE@PART OF THE PATH."""

DISTURBANCES = ("kill", "power", "full", "locked", "gone", "nothing")
"""What befalls the process or its database: killed, the power lost, the disk full, the database locked or gone."""

KINDS = ("backfill", "sync", "reconcile", "daemon")


@dataclass(frozen=True)
class Attempt:
    """One pass of a schedule, or the daemon: the faults that are on, what else happens to it, and at which call."""

    kind: str
    faults: tuple[str, ...]
    disturbance: str
    at_call: int
    minutes: int
    """How long people live on before it."""


@dataclass(frozen=True)
class Schedule:
    """What befalls leadgauge, attempt by attempt, before the world calms down."""

    seed: int
    crm: str
    leads: int
    parallel: int
    """How many streams are read side by side; with one, the order of the calls is always the same."""
    attempts: tuple[Attempt, ...]

    @classmethod
    def draw(cls, seed: int, crm: str) -> "Schedule":
        drawn = random.Random(f"{crm}:{seed}")
        kinds = ["backfill", *(drawn.choice(KINDS) for _ in range(drawn.randint(0, 2)))]
        leads = drawn.choice([*range(20, 120), 250, 450])
        return cls(seed, crm, leads, drawn.choice([1, 8]), tuple(_attempt(drawn, crm, kind) for kind in kinds))


def _attempt(drawn: random.Random, crm: str, kind: str) -> Attempt:
    return Attempt(
        kind,
        faults=tuple(drawn.sample(FAULTS[crm], drawn.randint(1, 4))),
        disturbance=drawn.choice(DISTURBANCES),
        at_call=int(3 * 30 ** drawn.random()),  # most of them early, some while it writes
        minutes=drawn.choice([0, 10, 180]),
    )
