"""Histories of changes in a CRM, and the comparison of what leadgauge makes of them with a fresh backfill."""

import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import timedelta
from typing import Any

from connectors.base import ConnectorError
from pipeline.passes import BACKFILL, RECONCILE, REFRESH, SYNC, Kind, PassOptions, Report
from tests.chaos.cards import versions_of
from tests.chaos.kept import kept
from tests.chaos.schedule import FAULTS, Fault
from tests.chaos.seen import held_by_crm
from tests.gathering import memberships_of
from tests.stage import Fields, Stage

Deed = Callable[[], object]
Edit = Callable[[dict[str, Any]], object]
"""Changes the settings of a connection."""

Mirror = dict[str, set[tuple[Any, ...]]]

TABLES = (
    *("leads", "addresses", "accounts", "activities", "unclaimed", "outcomes", "deals", "deal_leads", "field_history"),
    "memberships",
)
ATTEMPTS = 4
"""How often a pass is tried under faults."""
NUMBERS = {"lead_score", "lead_fit", "lead_engagement", "lead_priority_index"}
"""Outputs that are not written again before they moved by the dead band."""


class People(ABC):
    """Random actions of people in a CRM, and of the person who edits the settings, from a seed."""

    busy = 8
    """Fewer than this many deeds in an hour."""

    def __init__(self, stage: Stage, seed: int) -> None:
        self.stage, self.draw = stage, random.Random(seed)
        self.accounts = seed % 2 == 1
        """Whether the scorecard scores accounts too."""

    @abstractmethod
    def deeds(self) -> Sequence[Deed]:
        """Return all kinds of change; each picks its records by `draw`."""

    def settings(self, connection: dict[str, Any]) -> None:  # noqa: B027 - most need no others
        """Change the settings that hold from the beginning."""

    def edits(self) -> Sequence[Edit]:
        """Return all kinds of edits of the settings."""
        return ()

    def is_ours_alone(self, table: str, row: tuple[Any, ...]) -> bool:
        """Return whether the docs say that a fresh backfill cannot know a row, or that it brings another."""
        return False

    def unlike(self) -> Collection[str]:
        """Return the leads whose scores such rows change."""
        return ()

    def act(self) -> None:
        """Do one of them."""
        self.draw.choice(self.deeds())()


class History:
    """Hours in which people act and edit, with a pass after each, under faults."""

    def __init__(self, stage: Stage, people: People) -> None:
        self.stage, self.people, self.draw = stage, people, people.draw
        self._segments = memberships_of(stage)
        self._edits: list[Edit] = [_written_whenever, self._with_segments, people.settings]
        self._configure()

    def edit(self) -> None:
        """Change one of the settings, from now on."""
        if edits := self.people.edits():
            self._edits.append(self.draw.choice(edits))
            self._configure()

    def _with_segments(self, connection: dict[str, Any]) -> None:
        connection["member_of"] = self._segments

    def hour(self) -> None:
        """Let people act for an hour, perhaps edit the settings, then sync under faults."""
        self.stage.live(timedelta(hours=1), 0)
        for _ in range(self.draw.randrange(self.people.busy)):
            self.people.act()
        if self.draw.random() < 1 / 3:
            self.edit()
        self.under_faults(SYNC)

    def under_faults(self, kind: Kind) -> None:
        """Do a pass under a few faults, repeated while it fails; a later one finds the CRM calm."""
        for fault in map(Fault.spelled, self.draw.sample(FAULTS[self.stage.crm], self.draw.randrange(3))):
            self.stage.fault(fault.name, fault.argument, fault.path)
        for _ in range(ATTEMPTS):
            try:
                done(self.stage, kind)
            except ConnectorError:
                continue
            break
        self.stage.calm()

    def _configure(self) -> None:
        def change(connection: dict[str, Any]) -> None:
            for edit in self._edits:
                edit(connection)

        self.stage.configure(change)
        # Remembers no stage, so results do not depend on history.
        versions_of(self.stage.folder / "b2b-saas.yaml", accounts=self.people.accounts)


def _written_whenever(connection: dict[str, Any]) -> None:
    connection["write"] = {"guard": "100%"}


def done(stage: Stage, kind: Kind, **options: Any) -> Report:
    """Do a pass at the CRM's time."""
    return stage.do(kind, PassOptions(**options), now=lambda: stage.moment)


def held(stage: Stage) -> Mirror:
    """Return what the mirror holds, by table."""
    rows = kept(stage.database or f"sqlite:///{stage.folder / 'leadgauge.db'}")
    return {table: {tuple(map(_hashable, row)) for row in rows[table]} for table in TABLES}


def _hashable(value: Any) -> Any:
    return tuple(sorted(value.items())) if isinstance(value, dict) else value


def same_as_fresh(stage: Stage, people: People, hours: int = 3) -> None:
    """Let people act between passes, then compare mirror and CRM with those of a fresh backfill."""
    history = History(stage, people)
    stage.provision()
    history.under_faults(BACKFILL)
    for _ in range(hours):
        history.hour()
    for kind in (SYNC, RECONCILE, REFRESH):
        done(stage, kind, accept=True)
    ours, shown = held(stage), held_by_crm(stage)
    stage.repoint(f"sqlite:///{stage.folder / 'fresh.db'}")
    done(stage, BACKFILL, accept=True, rewrite=True)
    unlike = with_company(stage, people.unlike())
    expected, like = held(stage), {one: shown[one] for one in shown if one not in unlike}
    for table in TABLES:
        for mirror in (ours, expected):
            mirror[table] = {row for row in mirror[table] if not people.is_ours_alone(table, row)}
    differences = [*differing(stage, ours, expected), *apart(like, held_by_crm(stage), _dead_band(stage))]
    assert not differences, "\n".join(differences)


def with_company(stage: Stage, leads: Collection[str]) -> set[str]:
    """Return leads with their accounts and all people of these: who is scored by what one of them did."""
    with stage.job() as job:
        accounts, _ = job.mirror.by_account(list(leads))
        return {*leads, *accounts, *job.mirror.leads_of(accounts)}


def differing(stage: Stage, ours: Mirror, fresh: Mirror) -> Iterator[str]:
    """Yield the rows that only one of the mirrors holds, in words.

    Ours may keep activities from before the oldest that a backfill would read now.
    """
    oldest = (stage.moment - _connection(stage).activities.since).timestamp() * 1e6
    for table in TABLES:
        only = {row for row in ours[table] - fresh[table] if table != "activities" or row[5] >= oldest}
        yield from (f"ours alone: {table} {row}" for row in sorted(only, key=repr))
        yield from (f"fresh alone: {table} {row}" for row in sorted(fresh[table] - ours[table], key=repr))


def apart(ours: Fields, fresh: Fields, dead_band: float) -> Iterator[str]:
    """Yield the fields in the CRM that differ by the dead band or more, in words."""
    for lead, values in ours.items():
        for name, value in values.items():
            wanted = fresh[lead][name]
            near = name in NUMBERS and value and wanted and abs(float(value) - float(wanted)) < dead_band
            if value != wanted and not near:
                yield f"{name} of {lead} is {value}, fresh {wanted}"


def _dead_band(stage: Stage) -> float:
    return float(_connection(stage).write.dead_band)


def _connection(stage: Stage) -> Any:
    return stage.settings().connections["main"]
