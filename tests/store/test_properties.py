"""The mirror compared with a model of plain dictionaries, over random histories of a CRM."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store import Lease, Store
from store.mirror.removals import Verdict
from tests.store.pages import DAY, accounts, activities, day, leads, page, results
from vocabulary.pages import Page
from vocabulary.writes import Pushed

FIELDS = {"title": "text", "size": "number"}
IDS = st.sampled_from("12345")
ADDRESSES = st.sampled_from(["", "a@", "b@"])
LEAD = st.fixed_dictionaries(
    {
        "lead": IDS,
        "account": st.sampled_from(["", "x", "y"]),
        "address": ADDRESSES,
        "title": st.sampled_from(["", "CTO", "CEO"]),
    }
)
ACCOUNT = st.fixed_dictionaries(
    {
        "account": st.sampled_from("xy"),
        "title": st.sampled_from(["", "lent"]),
        "size": st.sampled_from([None, 1.0, 2.5]),
    }
)
ACTIVITY = st.fixed_dictionaries(
    {
        "lead": st.one_of(IDS, st.just("")),
        "address": ADDRESSES,
        "id": st.sampled_from(["p1", "p2", "p3"]),
        "value": st.sampled_from([None, 1.0]),
        "occurred_at": st.sampled_from([DAY, day(1), day(2)]),
    }
)


def ends(merged: dict[str, str]) -> bool:
    """Return whether every merge leads to a surviving lead; a lead cannot merge into itself."""
    left = {old: survivor for old, survivor in merged.items() if old != survivor}
    while lost := [old for old, survivor in left.items() if survivor not in left]:
        for old in lost:
            del left[old]
    return not left


MERGES = st.dictionaries(IDS, IDS, min_size=1, max_size=4).filter(ends)
STEPS = st.one_of(
    st.tuples(st.just("leads"), st.lists(LEAD, max_size=3)),
    st.tuples(st.just("accounts"), st.lists(ACCOUNT, max_size=2)),
    st.tuples(st.just("activities"), st.lists(ACTIVITY, max_size=4)),
    st.tuples(st.just("gone"), st.lists(IDS, max_size=2)),
    st.tuples(st.just("dropped"), st.tuples(st.one_of(IDS, st.none()), st.sampled_from(["p1", "p2"]))),
    st.tuples(st.just("merged"), MERGES),
    st.tuples(st.just("listing"), st.lists(LEAD, max_size=4)),
    st.tuples(st.just("score"), st.none()),
)


@dataclass
class Model:
    """The expected contents of the mirror, in plain dictionaries."""

    leads: dict[str, dict[str, Any]] = field(default_factory=dict)
    accounts: dict[str, dict[str, Any]] = field(default_factory=dict)
    activities: dict[str, dict[str, Any]] = field(default_factory=dict)
    waiting: dict[tuple[str, str, str], Any] = field(default_factory=dict)
    merges: dict[str, str] = field(default_factory=dict)
    away: dict[str, tuple[dict[str, Any], dict[str, Any]]] = field(default_factory=dict)

    def carrier(self, lead: str) -> str:
        return self.merges.get(lead, lead)

    def save_leads(self, rows: list[dict[str, Any]]) -> None:
        for row in rows:
            self.back(self.carrier(row["lead"]))
        own = {row["lead"] for row in rows if self.carrier(row["lead"]) == row["lead"]} | self.leads.keys()
        kept: dict[str, dict[str, Any]] = {}
        for row in rows:
            carrier = self.carrier(row["lead"])
            if carrier == row["lead"] or carrier not in own:
                kept.pop(carrier, None)
                kept[carrier] = {**row, "lead": carrier}
        claimants = []
        for lead, row in kept.items():
            known = self.leads.get(lead)
            if known is None or known["address"] != row["address"]:
                claimants.append(lead)
            self.leads[lead] = row
        self.claim(claimants)

    def claim(self, claimants: list[str]) -> None:
        for lead in claimants:
            self.take(lead, [key for key in self.waiting if key[0] == lead])
        for lead in claimants:
            address = self.leads[lead]["address"]
            self.take(lead, [key for key in self.waiting if address and key[:2] == ("", address)])

    def take(self, lead: str, keys: list[tuple[str, str, str]]) -> None:
        for key in sorted(keys):
            self.activities.setdefault(lead, {}).setdefault(key[2], self.waiting.pop(key))

    def save_activities(self, rows: list[dict[str, Any]]) -> None:
        for row in rows:
            lead = self.carrier(row["lead"]) if row["lead"] else self.owner(row["address"])
            if lead in self.leads:
                self.activities.setdefault(lead, {})[row["id"]] = row["value"], row["occurred_at"]
            elif lead or row["address"]:
                self.waiting[lead, row["address"], row["id"]] = row["value"], row["occurred_at"]

    def owner(self, address: str) -> str:
        return min((lead for lead, row in self.leads.items() if address and row["address"] == address), default="")

    def vanish(self, lead: str) -> None:
        if lead in self.leads:
            self.away[lead] = self.leads.pop(lead), self.activities.pop(lead, {})

    def back(self, lead: str) -> None:
        if lead in self.away:
            self.leads[lead], self.activities[lead] = self.away.pop(lead)
            self.claim([lead])

    def erase(self, lead: str) -> None:
        self.leads.pop(lead, None)
        self.away.pop(lead, None)
        self.activities.pop(lead, None)
        self.waiting = {key: value for key, value in self.waiting.items() if key[0] != lead}

    def drop(self, lead: str | None, activity: str) -> None:
        for owner, known in self.activities.items():
            if lead is None or owner == self.carrier(lead):
                known.pop(activity, None)
        for owner, (_, known) in self.away.items():
            if lead is None or owner == self.carrier(lead):
                known.pop(activity, None)
        owners = None if lead is None else self.carrier(lead)
        self.waiting = {
            key: value for key, value in self.waiting.items() if not (key[2] == activity and owners in (None, key[0]))
        }

    def merge(self, old: str, survivor: str) -> None:
        if old == survivor or self.merges.get(old) == (self.carrier(survivor)):
            return
        self.back(old)
        carrier = survivor if self.carrier(survivor) == old else self.carrier(survivor)
        self.merges.pop(carrier, None)
        self.merges = {lost: carrier if kept == old else kept for lost, kept in self.merges.items()} | {old: carrier}
        self.date_back(old, carrier)
        for key in [key for key in self.waiting if key[0] == old]:
            self.waiting.setdefault((carrier, *key[1:]), self.waiting[key])
        for activity, value in self.activities.get(old, {}).items():
            self.waiting.setdefault((carrier, "", activity), value)
        self.erase(old)
        if carrier in self.leads:
            self.claim([carrier])

    def date_back(self, old: str, carrier: str) -> None:
        """What both did counts from the first time."""
        lost = [*self.activities.get(old, {}).items()]
        lost += [(key[2], did) for key, did in self.waiting.items() if key[0] == old]
        for activity, (_, at) in lost:
            known = self.activities.get(carrier, {})
            if activity in known:
                known[activity] = known[activity][0], min(at, known[activity][1])
            for key in [key for key in self.waiting if (key[0], key[2]) == (carrier, activity)]:
                self.waiting[key] = self.waiting[key][0], min(at, self.waiting[key][1])

    def seen(self) -> dict[str, Any]:
        return {
            lead: (self.fields(row), sorted(self.activities.get(lead, {}).items())) for lead, row in self.leads.items()
        }

    def fields(self, row: dict[str, Any]) -> tuple[Any, ...]:
        lent = self.accounts.get(row["account"], {})
        return (row["title"] or lent.get("title") or None, lent.get("size"))


def pages_of(step: str, what: Any) -> Iterator[Page]:
    """Return the pages a connector sends for a step."""
    if step == "leads":
        yield page(leads=frame(what))
    elif step == "accounts":
        yield page(accounts=accounts(*(blank(row) for row in what), fields=FIELDS))
    elif step == "activities":
        yield page(activities=activities(*(blank(row) for row in what)))
    elif step == "gone":
        yield page(gone=what)
    elif step == "dropped":
        yield page(gone_activities=[what])
    elif step == "merged":
        yield page(merged=what)
    elif step == "listing":
        name = uuid.uuid4().hex
        yield page(leads=frame(what[:2]), listing=name)
        yield page(leads=frame(what[2:]), listing=name, listed=True)


def frame(rows: list[dict[str, Any]]) -> Any:
    return leads(*(blank(row) for row in rows), fields=FIELDS)


def blank(row: dict[str, Any]) -> dict[str, Any]:
    return {name: None if value == "" else value for name, value in row.items()}


def follow(model: Model, step: str, what: Any) -> None:
    if step == "leads":
        model.save_leads(what)
    elif step == "accounts":
        model.accounts.update({row["account"]: row for row in what})
    elif step == "activities":
        model.save_activities(what)
    elif step == "gone":
        for lead in what:
            model.vanish(lead)
    elif step == "dropped":
        model.drop(*what)
    elif step == "merged":
        for old, survivor in what.items():
            model.merge(old, survivor)


class Bench:
    """A separate connection per history, as a new database would be slow."""

    def __init__(self, store: Store) -> None:
        name = uuid.uuid4().hex
        self.mirror, self.outbox, self.runs = store.mirror(name), store.outbox(name), store.runs(name)
        self.removals = store.removals(name)
        self.lease: Lease = store.lease(name, holder="test", ttl=timedelta(minutes=9), purpose="test")
        self.model = Model()
        self.scored: dict[str, Any] = {}

    def do(self, step: str, what: Any) -> None:
        if step == "score":
            return self.score()
        if step == "listing":
            self.list(what)
        else:
            follow(self.model, step, what)
            for told in pages_of(step, what):
                self.mirror.save(told, self.lease)
                self.repeat(told)
        return self.check()

    def list(self, rows: list[dict[str, Any]]) -> None:
        """List these leads and remove those not in the listing."""
        first, last = pages_of("listing", rows)
        model = self.model
        orphans = {key for key in model.waiting if key[0] and not key[1]}
        model.save_leads(rows[:2])
        model.save_leads(rows[2:])
        missing = model.leads.keys() - {model.carrier(row["lead"]) for row in rows}
        self.mirror.save(first, self.lease)
        self.mirror.save(last, self.lease)
        suspects = self.removals.suspects("new")
        assert set(suspects.leads) == missing
        assert set(suspects.vanished) == model.away.keys()
        for lead in missing:
            model.erase(lead)
        kept = {key for key in orphans if key[0] in model.away}
        model.waiting = {key: value for key, value in model.waiting.items() if key not in orphans - kept}
        self.removals.settle(Verdict(gone=suspects.leads), DAY, self.lease)
        self.removals.close(self.lease, day(99), whole=True)

    def repeat(self, told: Page) -> None:
        """Sending the same rows again must not mark unchanged leads as dirty."""
        dirty = set(self.outbox.dirty())
        saved = self.mirror.save(told, self.lease)
        assert set(self.outbox.dirty()) == dirty
        assert (saved.leads_new, saved.leads_changed, saved.activities_new, saved.activities_changed, saved.gone) == (
            0,
            0,
            0,
            0,
            0,
        )

    def check(self) -> None:
        assert self.seen() == self.model.seen()
        assert self.mirror.counts().unclaimed == len(self.model.waiting)
        for lead in "12345":
            carrier = self.model.carrier(lead)
            assert self.mirror.resolve(lead) == (carrier if carrier in self.model.leads else None)
        changed = {lead for lead, now in self.model.seen().items() if self.scored.get(lead) != now}
        assert changed <= set(self.outbox.dirty()) <= self.model.leads.keys()

    def seen(self) -> dict[str, Any]:
        frames = self.mirror.frames(range(256), FIELDS)
        done: dict[str, list[Any]] = {}
        for lead, activity, *did in frames.activities.select("lead", "id", "value", "occurred_at").iter_rows():
            done.setdefault(lead, []).append((activity, tuple(did)))
        return {
            lead: ((title, size), sorted(done.get(lead, [])))
            for lead, title, size in frames.leads.select("lead", "title", "size").iter_rows()
        }

    def score(self) -> None:
        """Score, write and settle everything dirty, as a pass does."""
        run, dirty = self.runs.start("sync", self.lease), self.outbox.dirty()
        if dirty:
            score = {
                lead: {"lead": lead, "lead_grade": "ABC"[len(str(now)) % 3]} for lead, now in self.model.seen().items()
            }
            self.outbox.stage(results(*(score[lead] for lead in dirty)), run, self.lease, scored_at=DAY)
        rows = self.outbox.pending(99)
        self.outbox.sending(rows, run, self.lease)
        self.outbox.record([Pushed(row.lead) for row in rows], run, self.lease)
        self.scored = self.model.seen()
        assert self.outbox.dirty() == []
        assert self.outbox.pending(99) == []
        assert set(self.outbox.last_written(range(256))["lead"]) == self.model.leads.keys()


@pytest.mark.timeout(600)
def test_any_history_leaves_what_the_model_says(store: Store) -> None:
    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(st.lists(STEPS, min_size=4, max_size=12))
    def history(steps: list[tuple[str, Any]]) -> None:
        bench = Bench(store)
        for step, what in steps:
            bench.do(step, what)

    history()
