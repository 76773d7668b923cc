"""The removal guard compared with a slow reference, over random changes to leads and incomplete listings."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from connectors.base import Located, Unavailable
from pipeline.removals import FEWEST, Brake, Settled
from store import Store
from store.mirror.removals import KEEP_VANISHED
from tests.store.pages import DAY, activities, leads, page

if TYPE_CHECKING:
    from pipeline.job import Job

GROUP = 12
GROUPS = range(10)
SHARE = 0.25
"""Of 120 leads, 30 may be removed: two groups, not three."""

DRAWN = (Phase.explicit, Phase.generate)
"""No shrinking: it would take minutes, and a history is short anyway."""

SOME = st.sets(st.sampled_from(GROUPS), max_size=4)
STEPS = st.one_of(
    st.tuples(st.sampled_from(["delete", "restore", "erase", "hole", "hole", "mend", "bring"]), SOME),
    st.tuples(
        st.sampled_from(["list", "list", "list and accept", "sync", "sync and accept", "accept"]), st.just(set())
    ),
    st.tuples(st.just("days"), st.integers(1, 20)),
)


def of(group: int) -> list[str]:
    return [f"{group}-{number}" for number in range(GROUP)]


@dataclass
class Crm:
    """A CRM whose leads are live, in the recycle bin or erased, and whose listing omits some."""

    places: dict[int, str] = field(default_factory=lambda: dict.fromkeys(GROUPS, "here"))
    holes: set[int] = field(default_factory=set)
    asked: int = 0
    broken: bool = False
    crm = "script"

    def locate(self, wanted: Sequence[str], controls: Sequence[str] = ()) -> Mapping[str, Located]:
        self.asked += 1
        if self.broken or any(self.place(lead) != "here" for lead in controls):
            raise Unavailable("The CRM cannot be asked.")
        words = {"here": "here", "bin": "bin", "erased": "gone"}
        return {lead: Located(cast("Any", words[self.place(lead)])) for lead in wanted}

    def place(self, lead: str) -> str:
        return self.places[int(lead.partition("-")[0])]

    def listed(self) -> list[int]:
        return [group for group, place in self.places.items() if place == "here" and group not in self.holes]


@dataclass
class Reference:
    """The expected state of each group: here, held, away since a day, or unknown."""

    state: dict[int, str] = field(default_factory=lambda: dict.fromkeys(GROUPS, "here"))
    since: dict[int, float] = field(default_factory=dict)
    past: set[int] = field(default_factory=lambda: set(GROUPS))
    """Groups whose earliest activities are still known."""

    def here(self) -> list[int]:
        return [group for group, state in self.state.items() if state in ("here", "held", "accepted")]

    def bring(self, groups: Sequence[int]) -> None:
        for group in groups:
            self.state[group] = "here"

    def leave(self, group: int, day: float) -> None:
        self.state[group], self.since[group] = "away", day

    def forget(self, group: int) -> None:
        self.state[group] = "unknown"
        self.past.discard(group)

    def settle(self, missing: Sequence[int], crm: Crm, day: float, *, accept: bool) -> None:
        """Apply the rules to missing groups."""
        allowed = max(FEWEST, int(SHARE * GROUP * len(self.here())))
        gone = [group for group in missing if crm.places[group] == "erased"]
        holds = GROUP * len(gone) > allowed and not accept
        for group in missing:
            match crm.places[group]:
                case "here":
                    self.state[group] = "here"
                case "bin":
                    self.leave(group, day)
                case _ if holds:
                    self.state[group] = "held"
                case _:
                    self.forget(group)

    def purge(self, away: Sequence[int], crm: Crm) -> None:
        for group in away:
            if crm.places[group] == "erased":
                self.forget(group)

    def expire(self, day: float) -> None:
        for group, state in self.state.items():
            if state == "away" and self.since[group] < day - KEEP_VANISHED.days:
                self.forget(group)


class Bench:
    """A separate connection, with its CRM and reference."""

    day = 0.0
    """The store's clock, shared by all."""

    def __init__(self, store: Store) -> None:
        Bench.day = 0.0
        self.name = uuid.uuid4().hex
        self.mirror, self.removals = store.mirror(self.name), store.removals(self.name)
        self.lease = store.lease(self.name, holder="test", ttl=timedelta(minutes=9), purpose="test")
        self.crm, self.reference = Crm(), Reference()
        self.tell(self.crm.listed())
        done = ({"lead": lead, "id": f"visit:{lead}"} for group in GROUPS for lead in of(group))
        self.mirror.save(page(activities=activities(*done)), self.lease)
        self.brake(accept=False)

    def do(self, step: str, what: Any) -> None:
        match step:
            case "delete":
                self.move(what, "here", "bin")
                self.tombstones([group for group in what if self.crm.places[group] == "bin"])
            case "restore":
                self.move(what, "bin", "here")
            case "erase":
                self.move(what, "here", "erased")
                self.move(what, "bin", "erased")
            case "hole":
                self.crm.holes |= what
            case "mend":
                self.crm.holes.clear()
            case "bring":
                self.bring([group for group in what if self.crm.places[group] == "here"])
            case "days":
                Bench.day += what
            case "accept":
                self.removals.accept()
                self.turn("held", "accepted")
            case _:
                self.sync(lists=step.startswith("list"), accept=step.endswith("accept"))
        self.check()

    def move(self, groups: set[int], before: str, after: str) -> None:
        for group in groups:
            if self.crm.places[group] == before:
                self.crm.places[group] = after

    def turn(self, before: str, after: str) -> None:
        for group, state in self.reference.state.items():
            if state == before:
                self.reference.state[group] = after

    def tombstones(self, groups: Sequence[int]) -> None:
        self.mirror.save(page(gone=[lead for group in groups for lead in of(group)]), self.lease, now())
        for group in set(groups) & set(self.reference.here()):
            self.reference.leave(group, self.day)

    def bring(self, groups: Sequence[int]) -> None:
        self.mirror.save(page(leads=frame(groups)), self.lease)
        self.reference.bring(groups)

    def tell(self, groups: Sequence[int]) -> None:
        self.mirror.save(page(leads=frame(groups), listing=uuid.uuid4().hex, listed=True), self.lease)

    def brake(self, *, accept: bool, lists: bool = False) -> Settled:
        """Do what a pass does about removals, before and after reading."""
        job = SimpleNamespace(
            removals=self.removals, connector=self.crm, connection=SimpleNamespace(brake=SHARE), now=now
        )
        brake = Brake(cast("Job", job), self.lease, accept=accept)
        brake.release()
        if lists:
            self.tell(self.crm.listed())
        brake.settle(now())
        return brake.settled

    def sync(self, *, lists: bool, accept: bool) -> None:
        reference, asked = self.reference, self.crm.asked
        looked = bool(self.having("accepted") or (accept and self.having("held")))
        if accept:
            self.turn("held", "accepted")
        reference.settle(self.having("accepted"), self.crm, self.day, accept=True)
        if lists:
            listed = self.crm.listed()
            known = reference.here()
            reference.bring(listed)
            looked = looked or bool(set(known) - set(listed) or self.having("away"))
            reference.settle([group for group in known if group not in listed], self.crm, self.day, accept=accept)
            reference.purge(self.having("away"), self.crm)
        reference.expire(self.day)
        settled = self.brake(accept=accept, lists=lists)
        assert looked or self.crm.asked == asked, "no call is made if nothing is missing"
        assert bool(settled.holds) == ("held" in reference.state.values())

    def having(self, state: str) -> list[int]:
        return [group for group, found in self.reference.state.items() if found == state]

    def check(self) -> None:
        reference = self.reference
        assert self.groups(self.mirror.frames(range(256), {}).leads["lead"]) == set(reference.here())
        done = self.mirror.frames(range(256), {}).activities["lead"]
        assert self.groups(done) == set(reference.here()) & reference.past
        assert self.removals.held().get("leads", 0) == GROUP * len(self.having("held"))

    def groups(self, found: Any) -> set[int]:
        leads = set(found)
        groups = {int(lead.partition("-")[0]) for lead in leads}
        assert leads == {lead for group in groups for lead in of(group)}, "a group stays together"
        return groups


def now() -> datetime:
    return DAY + timedelta(days=Bench.day)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    with Store.open(database_url, clock=now) as opened:
        yield opened


def frame(groups: Sequence[int]) -> Any:
    return leads(*({"lead": lead} for group in groups for lead in of(group)), fields={})


@pytest.mark.timeout(600)
@pytest.mark.parametrize("examples", [8, pytest.param(60, marks=pytest.mark.slow)])
def test_the_mirror_holds_what_the_rules_of_the_brake_say(store: Store, examples: int) -> None:
    """After any gaps, deletions, restores, erasures, accepts, passes and days."""

    @settings(
        max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, phases=DRAWN
    )
    @given(st.lists(STEPS, min_size=4, max_size=14))
    def history(steps: list[tuple[str, Any]]) -> None:
        bench = Bench(store)
        for step, what in steps:
            bench.do(step, what)

    history()


def test_a_crm_that_cannot_be_asked_keeps_what_is_missing(store: Store) -> None:
    """The next pass tries again, and the message is passed on."""
    bench = Bench(store)
    bench.crm.places[0], bench.crm.broken = "erased", True
    said = bench.brake(accept=False, lists=True)
    assert "12 leads missing" in said.remarks[0]
    assert "The CRM cannot be asked." in said.remarks[0]
    bench.check()
    bench.crm.broken = False
    assert bench.brake(accept=False).erased == 12


def test_a_listing_with_a_large_hole_is_not_asked_about_to_its_end(store: Store) -> None:
    """Once the listing is known to be wrong, no more calls are made, and all leads stay."""
    bench = Bench(store)
    many = [f"0-{number}" for number in range(1500)]
    bench.mirror.save(page(leads=leads(*({"lead": lead} for lead in many), fields={})), bench.lease)
    bench.crm.holes = {0}
    said = bench.brake(accept=False, lists=True)
    assert bench.crm.asked == 1
    assert "left out 500 leads" in said.remarks[0]
    assert bench.mirror.counts().leads == 120 - 12 + 1500
    assert (bench.removals.held(), said.holds) == ({}, {})


def test_missing_activities_of_a_held_lead_stay_as_long_as_it_does(store: Store) -> None:
    """A CRM that no longer shows a contact names it for none of its calls either."""
    bench = Bench(store)
    bench.do("erase", {0, 1, 2})
    bench.mirror.save(page(missing_activities=[(lead, f"visit:{lead}") for lead in of(0)]), bench.lease)
    bench.do("list", set())
    assert bench.removals.held()["leads"] == 3 * GROUP
    bench.do("sync and accept", set())


def test_a_few_more_missing_leads_count_together_with_those_held(store: Store) -> None:
    """A CRM that hides leads bit by bit does not get past the brake."""
    bench = Bench(store)
    bench.do("erase", {0, 1, 2})
    bench.do("list", set())
    bench.move({3}, "here", "erased")
    bench.mirror.save(page(missing=of(3)), bench.lease)
    said = bench.brake(accept=False)
    assert "48 of 120 leads (40%)" in said.holds["leads"]
    assert bench.removals.held() == {"leads": 4 * GROUP}


KINDS = {"call": 100, "form": 40}


def test_activities_of_a_kind_that_are_missing_are_held_and_accepted(store: Store) -> None:
    """Kinds are judged separately; rows that the CRM returns again end their own hold."""
    bench = Bench(store)
    done = [
        {"lead": of(0)[0], "id": f"{kind}:{number}", "kind": kind}
        for kind, count in KINDS.items()
        for number in range(count)
    ]
    bench.mirror.save(page(activities=activities(*done)), bench.lease)
    lost = [(None, f"call:{number}") for number in range(25)] + [(None, f"form:{number}") for number in range(24)]
    bench.mirror.save(page(missing_activities=lost), bench.lease)
    said = bench.brake(accept=False)
    assert "24 of 40 of the kind form" in said.holds["activities"]
    assert "call" not in said.holds["activities"]
    assert (bench.removals.held(), counted(bench)) == ({"activities": 24}, {"call": 75, "form": 40})
    bench.mirror.save(page(activities=activities(*(row for row in done if row["id"] == "form:0"))), bench.lease)
    assert bench.removals.held() == {"activities": 23}
    bench.mirror.save(page(missing_activities=[(None, "form:0")]), bench.lease)
    assert "24 of 40 of the kind form" in bench.brake(accept=False).holds["activities"]
    assert counted(bench)["form"] == 40, "one more counts together with those held"
    bench.mirror.save(page(activities=activities(*(row for row in done if row["id"] == "form:0"))), bench.lease)
    bench.removals.accept()
    assert bench.brake(accept=False).holds == {}
    assert (bench.removals.held(), counted(bench)) == ({}, {"call": 75, "form": 17})


def counted(bench: Bench) -> dict[str, int]:
    return {kind: count for kind, count in bench.removals.activities().items() if kind in KINDS}
