"""Schedules of faults, drawn from a seed; the same seed gives the same schedule.

Each aspect has its own random generator, so that a new aspect does not change the draws of the others.
"""

import random
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self

START = datetime(2026, 11, 20, 12, tzinfo=UTC)
"""The CRM's time at the beginning."""


@dataclass(frozen=True)
class Fault:
    """A fault of the CRM or its network, for calls whose path contains a text."""

    name: str
    argument: str | None = None
    path: str = ""
    times: int | None = None
    """How many times it strikes; None if it strikes by chance."""
    skip: int = 0
    """How many calls to let through first."""

    @classmethod
    def spelled(cls, text: str) -> Self:
        """Read `NAME:CHANCE@PART OF THE PATH`."""
        name, _, argument = text.partition(":")
        chance, _, path = argument.partition("@")
        return cls(name, chance or None, path)


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
"""The faults of each CRM that leadgauge must recover from by itself: NAME:CHANCE@PART OF THE PATH."""

ENDPOINTS = {
    "hubspot": (
        *("/crm/v3/objects/contacts", "/crm/v3/objects/companies", "/crm/v3/objects/deals", "/objects/contacts/search"),
        *("/search", "/batch/read", "/batch/update", "/crm/v4/associations", "/crm/v3/properties", "/account-info"),
        *("/objects/calls", "/objects/meetings", "/objects/emails", "/email/public/v1/campaigns"),
        *("/email/public/v1/events", "/events/v3/events", "/marketing/v3/forms", "/marketing/v3/marketing-events"),
        *("/participations", "/crm/v3/exports", "/crm/v3/imports", "/_files", "/crm/v3/lists", "/memberships"),
    ),
    "salesforce": (
        *("/api/v5/objects/visitor-activities", "/query", "/queryAll", "/query/", "/queryAll/", "/describe"),
        *("/services/oauth2/token", "/services/oauth2/userinfo", "/composite/sobjects", "/tooling/query"),
        *("/tooling/composite", "/sobjects/PermissionSet", "/sobjects/PermissionSetAssignment"),
        *("/jobs/query", "/jobs/ingest", "/results", "/batches"),
    ),
}
"""Parts of the paths of all endpoints that passes call, so that each can give a wrong response; HubSpot's in their
older form, by which a fault strikes the dated paths too."""

FEED_FAULTS = {
    "hubspot": (
        *("duplicate-events:0.5", "reversed-events", "feed-gap:4", "expired-offset:0.3", "expired-url:0.5"),
        *("silent-feed:2", "event-clock:3600", "event-clock:-3600", "malformed-file:truncated", "malformed-file:empty"),
        *("journal-429:0.3", "merge-by-primary", "500:0.2@/webhooks-journal", "cut-connection:0.3@/_journal"),
        *("cut-connection:0.4@/batch/read", "lost-answer:0.5@/batch/update"),
    ),
    "salesforce": (
        *("feed-duplicates:0.5", "feed-reversed:0.5", "gaps:0.3", "overflow:1", "expired-replay:0.5"),
        *("feed-silence:2", "feed-clock:3600", "feed-clock:-3600", "feed-broken:0.3", "feed-error:0.2"),
        *("feed-allocation:5", "no-feed-right", "cut-connection:0.4@/query", "lost-answer:0.5@/composite/sobjects"),
    ),
}
"""What goes wrong with a feed of each CRM, and between hearing, reading and writing."""

LISTINGS = {"hubspot": ("/crm/v3/objects/contacts", "/batch/read"), "salesforce": ("/queryAll", "/jobs/query")}
"""The paths where missing rows do the most harm, drawn more often."""

LIES: tuple[tuple[str, str | None], ...] = (
    *(("missing-key", None), ("missing-key", "results"), ("missing-key", "records"), ("missing-key", "paging")),
    *(("null-list", None), ("wrong-type", None), ("wrong-type", "total"), ("wrong-type", "totalSize")),
    *(("empty-object", None), ("empty-body", None), ("no-content", None), ("error-200", None), ("html-200", None)),
    *(("no-rows", None), ("nothing-there", None), ("short-rows", "1"), ("short-rows", "60"), ("early-end", None)),
    *(("repeated-rows", None), ("loop-link", None), ("back-link", None), ("other-host", STRANGER := "stranger")),
    *(
        ("truncated-json", None),
        ("hostile", None),
        ("redirect", STRANGER),
        ("drip", "0.01"),
        ("slow", "1"),
        ("blanks", "40"),
        ("bad-date", None),
    ),
    *(("wrong-date", "3600"), ("wrong-date", "-3600"), ("wrong-date", "2592000"), ("wrong-date", "-2592000")),
)
"""Wrong responses in well-formed HTTP, with their arguments; `stranger` is a host that only listens."""

DISTURBANCES = ("kill", "power", "full", "locked", "gone", "nothing")
"""Disturbances of the process or its database: killed, power lost, disk full, database locked or gone."""

KINDS = ("backfill", "sync", "reconcile", "daemon")
COMPANY = (*("alone",) * 5, "beside", "paused", "restarted")
"""Whether a second process with the same name and host runs beside it, during a pause, or after it."""
CARDS = (*("same",) * 5, "before", "during", "torn")
"""When another scorecard is saved: before the attempt, during it, or in two parts."""
AHEAD = (*(timedelta(),) * 8, *(timedelta(hours=hours) for hours in (1, -1, 720, -720)), *[timedelta(minutes=4)] * 2)
"""How far our clock is ahead of the CRM's."""
DEEDS = ("write", "write", "clear", "delete", "restore", "merge")
ACTS = (*("edit",) * 4, *("ask",) * 3, "erase", "merge", "delete")
WRITTEN = {"lead_score": "1", "lead_fit": "2", "lead_grade": "F", "lead_priority": "P4", "lead_priority_index": "3"}
"""Values that people write into our fields."""


@dataclass(frozen=True)
class Deed:
    """An action of a person in the CRM at a call, on the lead at a relative position; 0 is the first."""

    at_call: int
    what: str
    place: float
    output: str


@dataclass(frozen=True)
class Act:
    """What somebody does while the daemon listens, to the lead at a relative position, after a pause in seconds."""

    what: str
    place: float
    pause: float


@dataclass(frozen=True)
class Attempt:
    """One pass of a schedule, or the daemon: its faults, disturbances, and the calls at which they happen."""

    kind: str
    faults: tuple[Fault, ...]
    disturbance: str
    at_call: int
    minutes: int
    """How long people act before it."""
    lies: tuple[Fault, ...] = ()
    deeds: tuple[Deed, ...] = ()
    company: str = "alone"
    card: str = "same"
    points: int = 20
    """The points of a decision maker in the other scorecard."""
    ahead: timedelta = timedelta()
    older: bool = False
    """Whether the database is restored to its state before the previous attempt."""
    listens: bool = False
    """Whether the daemon listens to the feed, and is disturbed only then."""
    feed_faults: tuple[Fault, ...] = ()
    acts: tuple[Act, ...] = ()


CALM: dict[str, dict[str, Any]] = {
    "faults": {"faults": ()},
    "disturbance": {"disturbance": "nothing"},
    "lies": {"lies": ()},
    "deeds": {"deeds": ()},
    "company": {"company": "alone"},
    "card": {"card": "same"},
    "clock": {"ahead": timedelta()},
    "age": {"older": False},
    "feed": {"feed_faults": (), "acts": ()},
}
"""The values of an attempt without each aspect of chaos."""


@dataclass(frozen=True)
class Schedule:
    """The attempts of a run, before all faults end."""

    seed: int
    crm: str
    leads: int
    parallel: int
    """How many streams are read concurrently; with one, the order of calls is fixed."""
    bulk: bool
    """Whether it reads and writes with the CRM's background jobs."""
    drift: str
    accounts: bool
    """Whether the scorecard scores accounts too."""
    attempts: tuple[Attempt, ...] = field(default=())

    @classmethod
    def draw(cls, seed: int, crm: str) -> "Schedule":
        drawn = random.Random(f"{crm}:{seed}")
        kinds = ["backfill", *(drawn.choice(KINDS) for _ in range(drawn.randint(0, 2)))]
        leads = drawn.choice([*range(20, 120), 250, 450])
        parallel, world = drawn.choice([1, 8]), random.Random(f"{crm}:{seed}:world")
        attempts = [_attempt(drawn, crm, kind, f"{crm}:{seed}:{number}") for number, kind in enumerate(kinds)]
        attempts += _listening(crm, f"{crm}:{seed}:feed")
        return cls(
            *(seed, crm, leads, parallel, world.random() < 1 / 4, world.choice(["report", "mend"])),
            world.random() < 1 / 2,
            tuple(attempts),
        )

    @property
    def listens(self) -> bool:
        """Whether a daemon listens to the feed at some point."""
        return any(attempt.listens for attempt in self.attempts)

    @property
    def restores(self) -> bool:
        """Whether the database is restored from a backup at some point."""
        return any(attempt.older for attempt in self.attempts)

    def without(self, *aspects: str) -> Self:
        """Return the schedule without some aspects, to find out which of them cause a failure."""
        calm = {name: value for aspect in aspects for name, value in CALM[aspect].items()}
        return replace(self, attempts=tuple(replace(attempt, **calm) for attempt in self.attempts))


def _attempt(drawn: random.Random, crm: str, kind: str, named: str) -> Attempt:
    """Draw an attempt; aspects added later have their own random generator."""
    dice = {
        aspect: random.Random(f"{named}:{aspect}") for aspect in ("lies", "deeds", "company", "card", "clock", "age")
    }
    return Attempt(
        kind,
        faults=tuple(map(Fault.spelled, drawn.sample(FAULTS[crm], drawn.randint(1, 4)))),
        disturbance=drawn.choice(DISTURBANCES),
        at_call=_call(drawn),
        minutes=drawn.choice([0, 10, 180]),
        lies=tuple(_lie(dice["lies"], crm) for _ in range(dice["lies"].choice([0, 1, 2, 3]))),
        deeds=tuple(_deed(dice["deeds"]) for _ in range(dice["deeds"].choice([0, 0, 1, 3]))),
        company=dice["company"].choice(COMPANY),
        card=dice["card"].choice(CARDS),
        points=dice["card"].randint(1, 40),
        ahead=dice["clock"].choice(AHEAD),
        older=not named.endswith(":0") and dice["age"].random() < 1 / 6,
    )


def _listening(crm: str, named: str) -> list[Attempt]:
    """Draw whether a daemon listens to the feed at last, and what goes wrong then."""
    drawn = random.Random(named)
    if drawn.random() < 1 / 2:
        return []
    attempt = _attempt(drawn, crm, "daemon", named)
    spelled = drawn.sample(FEED_FAULTS[crm], drawn.randint(0, 3))
    return [
        replace(
            attempt,
            at_call=int(1 + 30 * drawn.random() ** 2),
            faults=drawn.choice([(), attempt.faults]),
            lies=drawn.choice([(), attempt.lies]),
            listens=True,
            feed_faults=tuple(map(Fault.spelled, spelled)),
            acts=tuple(_act(drawn) for _ in range(drawn.randint(4, 12))),
        )
    ]


def _act(drawn: random.Random) -> Act:
    return Act(drawn.choice(ACTS), drawn.random(), drawn.choice([0, 0, 0.1, 0.3]))


def _call(drawn: random.Random) -> int:
    """Draw the number of a call, mostly early ones, some during writes."""
    return int(3 * 30 ** drawn.random())


def _lie(drawn: random.Random, crm: str) -> Fault:
    name, argument = drawn.choice(LIES)
    path = drawn.choice([*LISTINGS[crm], drawn.choice(["", *ENDPOINTS[crm]])])
    times, skip = drawn.choice([1, 1, 2, 3]), drawn.choice([0, 0, 0, 1, 2, 5])
    return Fault(name, argument, "" if name == "wrong-date" else path, times, skip)


def _deed(drawn: random.Random) -> Deed:
    return Deed(_call(drawn), drawn.choice(DEEDS), drawn.random(), drawn.choice(list(WRITTEN)))
