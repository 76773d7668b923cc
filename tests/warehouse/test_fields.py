"""Fields of leads from a warehouse: joined by address or id, whichever comes first, and scored like those of the CRM."""

import itertools
import shutil
import uuid
from collections.abc import Callable
from contextlib import closing
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as tuned
from hypothesis import strategies as st
from sqlalchemy import func, select, text

from config import ConfigError
from connectors.base import ConfigurationError
from connectors.warehouse.warehouse import Warehouse
from pipeline.passes import BACKFILL, RECONCILE, SYNC
from store import Lease, Mirror, Store
from store.sql.schema import further_fields
from tests.examples import up_to
from tests.stage import Stage
from tests.store.conftest import TTL
from tests.store.pages import leads
from tests.warehouse.conftest import House, day
from vocabulary.pages import Page
from vocabulary.rows import FURTHER

Open = Callable[..., Stage]
ACCOUNTS = {"mail": "text", "plan_name": "text", "seats": "number", "paying": "flag", "renews": "text", "at": "time"}


def billing(**changes: Any) -> dict[str, Any]:
    plain = {"table": "subscriptions", "lead": {"email": "mail"}, "changed_at": "at", "columns": {"plan": "plan_name"}}
    return plain | changes


def subscription(mail: str | None, plan: str | None, at: datetime, **more: Any) -> dict[str, Any]:
    return {"mail": mail, "plan_name": plan, "seats": None, "paying": None, "renews": None, "at": at} | more


def further(warehouse: Warehouse, cursor: Any = None) -> tuple[pl.DataFrame, Any]:
    pages = list(warehouse.pull(warehouse.streams()[0], cursor))
    return pl.concat([page.further for page in pages if len(page.further)]), pages[-1].cursor


def test_values_of_every_type_are_read_as_the_scorecard_declares_them(house: House) -> None:
    house.create("subscriptions", ACCOUNTS)
    row = subscription("A@b.example", "Größe 🎉", day(1), seats=Decimal("12.5"), paying=True, renews="2026-12-01")
    house.add("subscriptions", row)
    columns = {
        "plan": "plan_name",
        "seats": "seats",
        "pays": "paying",
        "renews": "renews",
        "since": "at",
        "many": "plan_name",
    }
    told = house.settings(fields={"billing": billing(columns=columns)})
    types: Any = {"plan": "text", "seats": "number", "pays": "flag", "renews": "date", "since": "time", "many": "list"}
    with closing(Warehouse(told, types)) as warehouse:
        assert [one for one in warehouse.check() if one.level == "error"] == []
        found, _ = further(warehouse)
    (value,) = found.to_dicts()
    assert (value["plan"], value["seats"], value["pays"]) == ("Größe 🎉", 12.5, True)
    assert (value["renews"], value["many"]) == (date(2026, 12, 1), ["Größe 🎉"])
    assert datetime.fromisoformat(value["since"]) == day(1)


def test_fields_that_no_scorecard_declares_are_not_read(house: House) -> None:
    with closing(Warehouse(house.settings(fields={"billing": billing()}), {"other": "text"})) as warehouse:
        assert warehouse.streams() == []


def test_a_day_stays_a_day_and_a_time_without_zone_is_refused(house: House) -> None:
    house.create("subscriptions", ACCOUNTS)
    told = house.settings(fields={"billing": billing(columns={"renews": "renews"})})
    with closing(Warehouse(told, {"renews": "time"})) as warehouse:
        house.add("subscriptions", subscription("a@b.example", None, day(1), renews="2026-12-01"))
        found, _ = further(warehouse)
        assert found["renews"].to_list() == ["2026-12-01"]
        house.add("subscriptions", subscription("c@d.example", None, day(1), renews="2026-12-01 10:00"))
        with pytest.raises(ConfigurationError, match="name no time zone"):
            further(warehouse)


def row(address: str | None, plan: str | None, at: float, lead: str | None = None) -> dict[str, Any]:
    return {"lead": lead, "address": address, "id": f"*fields.b:{lead or address}", "changed_at": day(at), "plan": plan}


def page(*rows: dict[str, Any]) -> Page:
    schema = {**FURTHER, "plan": pl.String()}
    return Page("warehouse-fields.b", {}, further=pl.DataFrame(list(rows), schema=schema))


def plans(mirror: Mirror, *ids: str) -> list[str | None]:
    found = mirror.people(list(ids), {"plan": "text"}).sort("lead")
    return found["plan"].to_list()


@pytest.fixture
def lease(store: Any) -> Lease:
    made: Lease = store.lease("main", holder="test", ttl=TTL, purpose="test")
    return made


@pytest.fixture
def store(database_url: str) -> Any:
    with Store.open(database_url) as opened:
        yield opened


@pytest.fixture
def mirror(store: Any) -> Mirror:
    made: Mirror = store.mirror("main")
    return made


def test_values_are_there_whichever_of_row_and_lead_comes_first(mirror: Mirror, lease: Lease) -> None:
    mirror.save(page(row("aa", "pro", 1)), lease)
    people = leads({"lead": "1", "address": "aa"}, {"lead": "2", "address": "bb"})
    mirror.save(Page("contacts", {}, leads=people), lease)
    mirror.save(page(row("bb", "free", 1)), lease)
    assert plans(mirror, "1", "2") == ["pro", "free"]
    mirror.save(Page("contacts", {}, leads=leads({"lead": "1", "address": "bb"})), lease)
    assert plans(mirror, "1") == ["free"]


def test_an_older_row_never_replaces_a_newer_one_and_equal_stamps_agree(mirror: Mirror, lease: Lease) -> None:
    mirror.save(Page("contacts", {}, leads=leads({"lead": "1", "address": "aa"})), lease)
    for rows in ([row("aa", "b", 2)], [row("aa", "a", 1)], [row("aa", "c", 2)], [row("aa", "b", 2)]):
        mirror.save(page(*rows), lease)
    assert plans(mirror, "1") == ["c"]
    mirror.save(page(row("aa", None, 3)), lease)
    assert plans(mirror, "1") == [None]


def test_what_is_known_by_the_id_goes_before_what_is_known_by_an_address(mirror: Mirror, lease: Lease) -> None:
    addresses = pl.DataFrame({"lead": ["1"], "address": ["zz"]})
    mirror.save(Page("contacts", {}, leads=leads({"lead": "1", "address": "aa"}), addresses=addresses), lease)
    mirror.save(page(row("zz", "further", 1)), lease)
    assert plans(mirror, "1") == ["further"]
    mirror.save(page(row("aa", "first", 1)), lease)
    assert plans(mirror, "1") == ["first"]
    mirror.save(page(row(None, "id", 1, lead="1")), lease)
    assert plans(mirror, "1") == ["id"]


def test_only_leads_whose_values_changed_are_scored_again(store: Any, mirror: Mirror, lease: Lease) -> None:
    store.outbox("main")
    mirror.save(
        Page("contacts", {}, leads=leads({"lead": "1", "address": "aa"}, {"lead": "2", "address": "bb"})), lease
    )
    mirror.save(page(row("aa", "pro", 1), row("bb", "pro", 1)), lease)
    before = stale(store)
    mirror.save(page(row("aa", "pro", 5), row("bb", "free", 5)), lease)
    after = stale(store)
    assert {lead for lead in after if after[lead] != before.get(lead)} == {"2"}


def stale(store: Any) -> dict[str, int]:
    return dict(
        store._database.read(lambda sql: [tuple(one) for one in sql.execute(text("SELECT lead, change FROM stale"))])
    )


# Whole passes


def begin(stage: Callable[..., Stage], house: House, **changes: Any) -> tuple[Stage, list[tuple[str, str]]]:
    """Return a stage whose scorecard has a rule on the plan, and its leads with an address only they have."""
    house.create("subscriptions", ACCOUNTS)
    opened = stage(30, fields={"billing": billing(columns={"tier": "plan_name"}, **changes)})
    card = opened.folder / "b2b-saas.yaml"
    words = card.read_text(encoding="utf-8").replace("  seniority: text ", "  tier: text\n  seniority: text ", 1)
    rule = "          - {name: On the plan Pro, lead: {tier: pro}, points: 20}\n"
    mark = "          - name: Decision maker\n"
    card.write_text(words.replace(mark, rule + mark, 1), encoding="utf-8")
    return opened, sorted((lead, address) for address, lead in opened.addresses().items())


def held(stage: Stage, *ids: str) -> list[str | None]:
    with stage.job() as job:
        return job.mirror.people(list(ids), {"tier": "text"}).sort("lead")["tier"].to_list()


def test_a_field_of_the_warehouse_counts_in_a_rule_and_leaves_with_its_row(stage: Open, house: House) -> None:
    opened, people = begin(stage, house)
    (lead, address), (other, another) = people[:2]
    house.add("subscriptions", subscription(address.upper(), "pro", day(1)), subscription(None, "pro", day(1)))
    opened.do(BACKFILL)
    assert held(opened, lead, other) == ["pro", None]
    assert "On the plan Pro" in opened.leadgauge("explain", lead).stdout
    house.add("subscriptions", subscription(another, "pro", day(2)))
    assert opened.do(SYNC).tally.scored >= 1
    assert held(opened, other) == ["pro"]
    house.run("DELETE FROM subscriptions WHERE mail = :mail", mail=another)
    opened.do(SYNC)
    assert held(opened, other) == ["pro"]
    opened.do(RECONCILE)
    assert held(opened, lead, other) == ["pro", None]
    assert "On the plan Pro" not in opened.leadgauge("explain", other).stdout


@pytest.mark.slow
def test_a_table_of_fields_that_is_suddenly_empty_is_held_by_the_brake(stage: Open, house: House) -> None:
    opened, people = begin(stage, house)
    assert len(people) > 20
    house.add("subscriptions", *(subscription(address, "pro", day(1)) for _, address in people))
    opened.do(BACKFILL)
    house.run("DELETE FROM subscriptions")
    report = opened.do(RECONCILE)
    assert report.state == "held"
    assert "field of the warehouse" in report.message
    assert held(opened, people[0][0]) == ["pro"]


@pytest.mark.slow
def test_a_source_of_fields_that_is_left_out_takes_its_values_along(stage: Open, house: House) -> None:
    opened, people = begin(stage, house, changed_at=None)
    house.add("subscriptions", subscription(people[0][1], "pro", day(1)))
    opened.do(BACKFILL)
    assert held(opened, people[0][0]) == ["pro"]
    opened.configure()
    opened.do(SYNC)
    assert held(opened, people[0][0]) == [None]


@pytest.mark.slow
def test_a_forgotten_person_has_no_values_left(stage: Open, house: House) -> None:
    opened, people = begin(stage, house)
    house.add("subscriptions", subscription(people[0][1], "pro", day(1)))
    opened.do(BACKFILL)
    assert kept(opened) == 1
    assert opened.leadgauge("forget", people[0][0], "--yes").returncode == 0
    assert kept(opened) == 0


def kept(stage: Stage) -> int:
    """Return how many rows of the warehouse the database keeps fields of."""
    with stage.job() as job:
        count = select(func.count()).select_from(further_fields)
        return int(job.store._database.read(lambda sql: sql.scalar(count)))


def test_a_field_that_the_crm_has_too_or_nothing_feeds_is_a_mistake(stage: Open, house: House) -> None:
    opened, _ = begin(stage, house)
    words = opened.settings_file.read_text(encoding="utf-8")
    for told, said in (("industry", "`industry` comes from the CRM too"), ("x", "`tier`, but no CRM field is mapped")):
        opened.settings_file.write_text(words.replace("tier: plan_name", f"{told}: plan_name"), encoding="utf-8")
        with pytest.raises(ConfigError, match=said):
            opened.settings()


ROWS = st.tuples(st.sampled_from(["aa", "bb"]), st.sampled_from(["x", "y", None]), st.integers(0, 4))


@tuned(max_examples=up_to(25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(ROWS, min_size=1, max_size=8), cuts=st.lists(st.integers(0, 8), max_size=3), data=st.data())
def test_any_order_and_split_of_rows_leaves_the_same_values(
    tmp_path: Path, rows: list[Any], cuts: list[int], data: st.DataObject
) -> None:
    def kept_of(*parts: list[Any]) -> list[str | None]:
        file = tmp_path / f"{uuid.uuid4().hex}.db"
        shutil.copy(empty, file)
        with Store.open(f"sqlite:///{file}") as opened:
            lease = opened.lease("main", holder="test", ttl=TTL, purpose="test")
            people = leads({"lead": "1", "address": "aa"}, {"lead": "2", "address": "bb"})
            opened.mirror("main").save(Page("contacts", {}, leads=people), lease)
            for part in parts:
                opened.mirror("main").save(page(*(row(*one) for one in part)), lease)
            found = plans(opened.mirror("main"), "1", "2")
        file.unlink()
        return found

    empty = tmp_path / "empty.db"
    if not empty.exists():
        Store.open(f"sqlite:///{empty}").close()
    mixed = data.draw(st.permutations([*rows, *rows[:3]]))
    ends = sorted({0, *(min(cut, len(mixed)) for cut in cuts), len(mixed)})
    split = [mixed[start:end] for start, end in itertools.pairwise(ends)]
    assert kept_of(rows) == kept_of(*split)
