"""Daemons share connections fairly, come to rest, and leave nothing undone, whoever joins, ends or dies."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from apscheduler.triggers.interval import IntervalTrigger
from hypothesis import given
from hypothesis import strategies as st

from pipeline import process
from pipeline.daemon.connection import DaemonConnection
from pipeline.daemon.health import SLACK, Health
from pipeline.daemon.metrics import Metrics
from pipeline.daemon.scheduler import Lane, Task
from pipeline.daemon.sharing import GRACE, KEPT, Decision, Shares, decided, share
from pipeline.daemon.timing import Clocks
from pipeline.daemon.turns import Turns
from pipeline.job import Job
from pipeline.passes import SYNC
from store import Holder, Sight, Store

NAMES = [f"crm-{number}" for number in range(200)]


@dataclass
class World:
    """Daemons that look one after another, and take and give back as they decide."""

    daemons: dict[str, Sequence[str]]
    holders: dict[str, str | None] = field(default_factory=dict)
    moves: int = 0

    def held(self) -> list[int]:
        """Return how many connections each daemon holds."""
        return [sum(holder == one for holder in self.holders.values()) for one in self.daemons]

    def round(self) -> int:
        """Let all see the same, then act on it one after another; return how many connections moved."""
        sights = {me: decided(me, Sight(self.daemons, dict(self.holders))) for me in self.daemons}
        before = dict(self.holders)
        for me, decision in sights.items():
            self.act(me, decision)
        return sum(before.get(name) != self.holders.get(name) for name in {*before, *self.holders})

    def act(self, me: str, decision: Decision) -> None:
        for name in decision.give:
            self.holders[name] = None
        for name in decision.take:
            if self.holders.get(name) is None:
                self.holders[name] = me

    def settle(self) -> int:
        """Return after how many rounds nothing moves any more."""
        return next(rounds for rounds in range(50) if not self.round())


@st.composite
def changes(draw: st.DrawFn) -> tuple[int, list[set[int]]]:
    """How many connections there are, and which daemons are alive, one time after another."""
    alive = st.sets(st.integers(0, 7), min_size=1)
    return draw(st.integers(1, 200)), draw(st.lists(alive, min_size=1, max_size=5))


@given(changes())
def test_daemons_that_join_end_and_die_share_evenly_after_a_few_rounds_and_then_rest(
    drawn: tuple[int, list[set[int]]],
) -> None:
    total, times = drawn
    world = World({})
    for alive in times:
        world.daemons = {f"daemon-{one}": NAMES[:total] for one in sorted(alive)}
        world.holders = {name: one for name, one in world.holders.items() if one in world.daemons}
        assert world.settle() <= 8
        assert sum(world.held()) == total, "each connection has a daemon"
        assert max(world.held()) <= -(-total // len(alive)), "nobody has more than a fair share"


def test_no_daemon_of_three_holds_two_thirds_and_one_that_joins_gets_its_share() -> None:
    world = World({"a": NAMES, "b": NAMES, "c": NAMES})
    world.settle()
    assert sorted(world.held()) == [66, 67, 67]
    world.daemons |= {"d": NAMES}
    world.settle()
    assert world.held() == [50, 50, 50, 50]


def test_a_daemon_that_ends_moves_only_its_own_connections() -> None:
    world = World({"a": NAMES, "b": NAMES, "c": NAMES})
    world.settle()
    before = {name: one for name, one in world.holders.items() if one != "c"}
    del world.daemons["c"]
    world.holders = before | {name: None for name in NAMES if name not in before}
    world.settle()
    assert {name: world.holders[name] for name in before} == before
    assert world.held() == [100, 100]


def test_daemons_with_connections_of_their_own_do_those_and_share_the_others() -> None:
    world = World({"a": ["x", "1", "2"], "b": ["y", "z", "1", "2"]})
    world.settle()
    assert {name: world.holders[name] for name in "xyz"} == {"x": "a", "y": "b", "z": "b"}
    assert [share(one, world.daemons) for one in "ab"] == [2, 3]


def test_what_nobody_takes_is_taken_beyond_the_share() -> None:
    sight = Sight({"a": ["1", "2"], "b": ["1", "2"]}, {"1": "a", "2": None})
    assert decided("a", sight).take == frozenset()
    assert decided("a", sight, orphans=["2"]).take == {"2"}


@dataclass
class Machine:
    """A machine with a daemon, whose clock the test moves."""

    store: Store
    name: str
    now: float = 0.0
    dead: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.health = Health(["1", "2"], "x", Clocks(steady=lambda: self.now))
        self.shares = Shares(
            self.store.daemons, Holder(self.name, self.name), self.health, lambda: self.now, self.dead.__contains__
        )

    def connection(self, name: str, turns: Turns) -> DaemonConnection:
        """Return a connection of this machine's daemon, whose jobs never come to the CRM."""
        job = Job(name, None, self.store)  # type: ignore[arg-type]
        lane = Lane(name, self.health.clocks)
        lane.add([Task("sync", IntervalTrigger(seconds=300), lambda: None)])
        return DaemonConnection(name, lambda: job, Metrics(), self.health, lane, shares=self.shares, turns=turns)


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[tuple[Machine, Machine]]:
    url = f"sqlite:///{tmp_path}/shared.db"
    with Store.open(url) as one, Store.open(url) as other:
        yield Machine(one, "a"), Machine(other, "b")


def test_what_another_daemon_left_free_is_taken_after_a_grace_and_kept_for_a_while(
    machines: tuple[Machine, Machine],
) -> None:
    a, b = machines
    b.shares.look()
    a.shares.look()
    (own,) = [name for name in ("1", "2") if a.shares.takes(name)]
    (other,) = {"1", "2"} - {own}
    leases = {own: a.store.lease(own, holder=Holder("a", "a"), ttl=timedelta(hours=1), purpose="run")}
    a.now += GRACE
    a.shares.look()
    a.now += GRACE
    a.shares.look()
    assert a.shares.takes(other)
    leases[other] = a.store.lease(other, holder=Holder("a", "a"), ttl=timedelta(hours=1), purpose="run")
    a.shares.look()
    assert [a.shares.gives(name) for name in (own, other)] in ([True, False], [False, False])
    a.now += KEPT + 1
    a.shares.look()
    assert sum(a.shares.gives(name) for name in (own, other)) == 1


def test_a_daemon_of_this_machine_that_died_has_no_share_and_holds_nothing(machines: tuple[Machine, Machine]) -> None:
    a, b = machines
    b.shares.look()
    b.store.lease("1", holder=Holder("b", "b"), ttl=timedelta(hours=1), purpose="run")
    a.dead.add("b")
    a.shares.look()
    assert [a.shares.takes(name) for name in ("1", "2")] == [True, True]


def test_lanes_are_woken_for_what_is_to_be_taken_and_for_nothing_else(machines: tuple[Machine, Machine]) -> None:
    a, b = machines
    woken: list[str] = []
    a.shares.wake = woken.append
    a.shares.look()
    assert sorted(woken) == ["1", "2"]
    for name in ("1", "2"):
        b.store.lease(name, holder=Holder("b", "b"), ttl=timedelta(hours=1), purpose="run")
    a.shares.look()
    assert sorted(woken) == ["1", "2"]


def test_a_daemon_that_ended_has_no_share(machines: tuple[Machine, Machine]) -> None:
    a, b = machines
    b.shares.look()
    b.shares.leave()
    a.shares.look()
    assert [a.shares.takes(name) for name in ("1", "2")] == [True, True]


def test_a_connection_whose_pass_waits_for_a_turn_is_given_to_a_daemon_that_joins(
    machines: tuple[Machine, Machine],
) -> None:
    a, b = Machine(machines[0].store, process.me().process), machines[1]
    a.shares.look()
    held = {name: a.connection(name, Turns(lambda: 0)) for name in ("1", "2")}
    for connection in held.values():
        assert connection._leased(connection.current()) is not None
    b.shares.look()
    a.shares.look()
    (given,) = a.shares._decision.give
    held[given].do(SYNC)
    b.shares.look()
    assert a.store.holder(given) is None
    assert b.shares.takes(given)
    assert a.health.states[given].doing == "standing by"
    for connection in held.values():
        connection.close()


def test_standing_by_is_not_well_once_nobody_has_held_the_connection_for_long(
    machines: tuple[Machine, Machine],
) -> None:
    a, _ = machines
    a.shares.look()
    a.health.rests("1", "standing by", "It is the share of another daemon.", 300)
    assert a.health.report()[1]["connections"]["1"]["well"]
    a.now += SLACK + 1
    a.shares.look()
    assert not a.health.report()[1]["connections"]["1"]["well"]
    assert a.health.report()[1]["connections"]["1"]["unheld"]
