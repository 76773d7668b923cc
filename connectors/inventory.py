"""What a connector reads, what it needs for that, and whom it calls, told from the settings without a call."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

IDENTITY: Final = "identity"
JOINING: Final = "joining"
ACTIVITIES: Final = "activities"
OUTCOMES: Final = "outcomes"
OURS: Final = "what leadgauge wrote"
FIELD: Final = "field"
SETUP: Final = "setup"
WHY: Final[Mapping[str, str]] = {
    IDENTITY: "to tell records apart, and to follow merges, deletions and changes",
    JOINING: "to find whose an activity, a company or a deal is",
    ACTIVITIES: "what leads did, when, and of which kind it is",
    OUTCOMES: "who became a customer, for `calibrate` and the report",
    OURS: "to write only what differs",
    SETUP: "to create the output fields and grant them, by `provision`",
}

NOT_KEPT: Final = "not kept"
DIGEST: Final = "a digest, in `leads.address` and `addresses`"
AS_ID: Final = "ids, in `leads`, `accounts`, `deals` and `merges`"
AS_ACTIVITY: Final = "`activities` and `touchpoints`"


@dataclass(frozen=True, slots=True)
class Read:
    """A field of an object in the CRM, or a column of a warehouse, that is read."""

    object: str
    field: str
    purpose: str
    """One of `WHY`, or `FIELD` for one that is mapped."""
    kept: str
    """Where it is stored, in words."""
    feeds: tuple[str, ...] = ()
    """The fields of leads, accounts (`account.…`) or deals (`deals.…`) that are read from it."""


@dataclass(frozen=True, slots=True)
class Right:
    """A scope or a permission."""

    names: tuple[str, ...]
    lets: str
    """What it is for."""
    without: str
    """What happens without it."""
    needed: bool
    """Whether these settings need it."""


@dataclass(frozen=True, slots=True)
class Inventory:
    """What one connector reads and needs."""

    reads: Sequence[Read]
    rights: Sequence[Right]
    hosts: Sequence[str]
    """The addresses that are called."""


def of_records(object_: str, names: Sequence[str], purpose: str, kept: str) -> list[Read]:
    """Return fields of one object that are read for the same."""
    return [Read(object_, name, purpose, kept) for name in names]


def merged(reads: Sequence[Read]) -> list[Read]:
    """Return each field for each of its purposes once, with all that it feeds."""
    found: dict[tuple[str, str, str], Read] = {}
    for one in reads:
        key = (one.object, one.field, one.purpose)
        same = found.get(key)
        fed = () if same is None else same.feeds
        found[key] = Read(one.object, one.field, one.purpose, one.kept, tuple(dict.fromkeys((*fed, *one.feeds))))
    return list(found.values())
