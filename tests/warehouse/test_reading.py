"""Rows of tables, queries and files become activities: each once, whatever arrives late, and nothing is guessed."""

import os
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as tuned
from hypothesis import strategies as st
from sqlalchemy import create_engine, text

from connectors.base import ConfigurationError, Interrupted, Unavailable
from connectors.warehouse.settings import Warehouse as Settings
from connectors.warehouse.warehouse import Warehouse
from tests.examples import up_to
from tests.warehouse.conftest import EVENTS, House, day, event, pulled, rows_of, usage
from vocabulary.rows import address_digest


def opened(house: House, **changes: Any) -> Warehouse:
    return Warehouse(house.settings(activities={"use": usage(**changes)}), {})


def test_a_row_becomes_an_activity_of_whoever_has_the_address(house: House) -> None:
    house.create("events", EVENTS)
    house.add("events", event(1, " Ann@Example.com ", day(1), spent=Decimal("12.50"), feature="Bericht äöü 🎉"))
    with closing(opened(house)) as warehouse:
        found, _ = pulled(warehouse)
    (row,) = found.to_dicts()
    assert row["address"] == address_digest("ann@example.com")
    assert (row["lead"], row["id"], row["kind"]) == (None, "warehouse.use:e1", "product_use")
    assert (row["occurred_at"], row["name"], row["value"]) == (day(1), "Bericht äöü 🎉", 12.5)


def test_rows_that_cannot_be_used_are_left_out_and_counted(house: House) -> None:
    house.create("events", EVENTS)
    house.add("events", event(1, None, day(1)), event(2, "  ", day(1)), event(3, "a@b.example", day(1)))
    house.add("events", {**event(4, "a@b.example", day(1)), "occurred_at": None})
    with closing(opened(house)) as warehouse:
        found, _ = pulled(warehouse)
        said = warehouse.left_out()
    assert found["id"].to_list() == ["warehouse.use:e3"]
    assert said == [
        "use of the warehouse: 2 rows name nobody and are left out.",
        "use of the warehouse: 1 row has no time that can be read and is left out.",
    ]


def test_a_row_that_arrives_late_is_read_by_the_next_sync(house: House) -> None:
    house.create("events", EVENTS)
    house.add("events", event(1, "a@b.example", day(1), day(5)))
    with closing(opened(house, late="2d")) as warehouse:
        _, cursor = pulled(warehouse)
        house.add("events", event(2, "a@b.example", day(0), day(3.1)), event(3, "a@b.example", day(0), day(2.9)))
        found, _ = pulled(warehouse, cursor)
    assert set(found["id"]) == {"warehouse.use:e1", "warehouse.use:e2"} | (
        {"warehouse.use:e3"} if house.kind == "sqlite" else set()  # its texts are compared by day
    )


def test_rows_that_changed_at_the_same_moment_are_not_lost_between_two_syncs(house: House) -> None:
    house.create("events", EVENTS)
    house.add("events", event(1, "a@b.example", day(1), day(5)))
    with closing(opened(house, late="1s")) as warehouse:
        _, cursor = pulled(warehouse)
        house.add("events", event(2, "a@b.example", day(1), day(5)))
        found, _ = pulled(warehouse, cursor)
    assert "warehouse.use:e2" in set(found["id"])


def test_a_stamp_of_the_future_hides_nothing_that_comes_later(house: House) -> None:
    house.create("events", EVENTS)
    now = datetime.now(UTC)
    house.add("events", event(1, "a@b.example", day(1), now + timedelta(days=900)))
    with closing(opened(house)) as warehouse:
        _, cursor = pulled(warehouse)
        house.add("events", event(2, "a@b.example", day(1), datetime.now(UTC)))
        found, _ = pulled(warehouse, cursor)
    assert "warehouse.use:e2" in set(found["id"])


def test_a_row_without_a_stamp_is_read_by_every_sync(house: House) -> None:
    house.create("events", EVENTS)
    house.add("events", event(1, "a@b.example", day(1), day(5)))
    with closing(opened(house)) as warehouse:
        _, cursor = pulled(warehouse)
        house.add("events", {**event(2, "a@b.example", day(1)), "loaded_at": None})
        found, _ = pulled(warehouse, cursor)
    assert "warehouse.use:e2" in set(found["id"])


def test_a_reading_that_broke_off_goes_on_and_misses_nothing_that_came_meanwhile(
    house: House,
) -> None:
    house.create("events", EVENTS)
    house.add("events", *(event(number, "a@b.example", day(1), day(number)) for number in range(10)))
    told = house.settings(activities={"use": usage(late="2d")})
    with closing(Warehouse(told, {}, batch=3)) as warehouse:
        first, cursor = pulled(warehouse, most=2)
        assert len(first) == 6
        house.add("events", event(77, "a@b.example", day(1), day(3.5)))  # came late, in what was read
        rest, cursor = pulled(warehouse, cursor)
        again, _ = pulled(warehouse, cursor)
    ids = {f"warehouse.use:e{number}" for number in range(10)}
    assert set(first["id"]) | set(rest["id"]) >= ids
    assert "warehouse.use:e77" in set(again["id"]) | set(rest["id"])


@pytest.mark.parametrize("of", ["timestamp", "date"])
def test_times_that_name_no_zone_are_refused_unless_the_settings_name_one(house: House, of: str) -> None:
    house.create("events", {**EVENTS, "occurred_at": of if house.kind == "postgresql" else "text"})
    clock = datetime(2026, 7, 1, 12, tzinfo=UTC).replace(tzinfo=None)
    house.add(
        "events", {**event(1, "a@b.example", day(1)), "occurred_at": clock if of == "timestamp" else clock.date()}
    )
    with closing(opened(house)) as warehouse:
        with pytest.raises(ConfigurationError, match="name no time zone"):
            pulled(warehouse)
        (found,) = warehouse.check()
        assert (found.level, found.subject) == ("error", "warehouse.activities.use")
    told = house.settings(timezone="Europe/Berlin", activities={"use": usage()})
    with closing(Warehouse(told, {})) as warehouse:
        found_, _ = pulled(warehouse)
    hour = 10 if of == "timestamp" else -2
    assert found_["occurred_at"].item() == datetime(2026, 7, 1, tzinfo=UTC) + timedelta(hours=hour)


def test_naive_stamps_are_followed_on_the_clocks_of_the_zone(house: House) -> None:
    house.create("events", {**EVENTS, "loaded_at": "timestamp" if house.kind == "postgresql" else "text"})
    first = datetime(2026, 10, 25, 2, 30)  # noqa: DTZ001 - twice in Berlin that night
    house.add("events", {**event(1, "a@b.example", day(1)), "loaded_at": first + timedelta(minutes=20)})
    told = house.settings(timezone="Europe/Berlin", activities={"use": usage(late="1s")})
    with closing(Warehouse(told, {})) as warehouse:
        _, cursor = pulled(warehouse)
        house.add("events", {**event(2, "a@b.example", day(1)), "loaded_at": first})
        found, _ = pulled(warehouse, cursor)
    assert "warehouse.use:e2" in set(found["id"])


def test_equal_rows_without_an_id_count_once_and_others_by_themselves(house: House) -> None:
    house.create("events", EVENTS)
    same = event(1, "a@b.example", day(1))
    house.add("events", same, same, {**same, "feature": None}, {**same, "feature": "x"})
    with closing(opened(house, id=None)) as warehouse:
        found, _ = pulled(warehouse)
        again, _ = pulled(warehouse)
    assert found["id"].n_unique() == 3
    assert rows_of(found) == rows_of(again)


def test_ids_with_colons_stay_apart(house: House) -> None:
    house.create("events", EVENTS)
    house.add("events", *({**event(1, "a@b.example", day(1)), "event_id": one} for one in ("a:b", "a:c", "a%3Ab")))
    with closing(opened(house)) as warehouse:
        found, _ = pulled(warehouse)
        stream = warehouse.streams()[0]
        again = list(warehouse.read_again(stream, ["warehouse.use:a%3Ac"]))
    assert found["id"].n_unique() == 3
    assert [one["id"].to_list() for one in (page.activities for page in again)] == [["warehouse.use:a%3Ac"]]


def test_a_column_says_the_kind_and_other_values_are_counted(house: House) -> None:
    house.create("events", EVENTS)
    house.add("events", *(event(number, "a@b.example", day(1), feature=one) for number, one in enumerate("abx")))
    kind = {"column": "feature", "kinds": {"a": "trial_start", "b": "product_use"}}
    with closing(opened(house, kind=kind, name=None)) as warehouse:
        found, _ = pulled(warehouse)
        assert set(found["kind"]) == {"trial_start", "product_use"}
        assert "1 row has a value in the column of the kind" in warehouse.left_out()[0]


def test_booleans_and_numbers_as_text_are_values(house: House) -> None:
    house.create("events", {**EVENTS, "spent": "text", "paid": "flag"})
    house.add("events", {**event(1, "a@b.example", day(1)), "spent": "1,234.5", "paid": True})
    house.add("events", {**event(2, "a@b.example", day(1)), "spent": "plenty", "paid": None})
    with closing(opened(house, seconds="paid")) as warehouse:
        found, _ = pulled(warehouse)
        assert "and counts as missing" in "".join(warehouse.left_out())
    assert found.sort("id")["value"].to_list() == [1234.5, None]
    assert found.sort("id")["seconds"].to_list() == [1.0, None]


def test_a_query_may_be_huge_and_have_any_words(house: House) -> None:
    house.create("events", EVENTS)
    house.add("events", event(1, "a@b.example", day(1)), event(2, "a@b.example", day(1)))
    names = ", ".join(f"'x{number}:{number}%'" for number in range(20_000))
    query = f"SELECT * FROM events -- all: of them\nWHERE event_id <> ':e2' AND event_id NOT IN ({names}) -- end;"
    with closing(opened(house, table=None, query=query)) as warehouse:
        assert warehouse.check() == []
        found, _ = pulled(warehouse)
    assert len(found) == 2


def test_columns_that_do_not_exist_are_named_with_the_one_that_was_meant(house: House) -> None:
    house.create("events", EVENTS)
    with closing(opened(house, at="ocurred_at")) as warehouse:
        (found,) = warehouse.check()
    assert (found.level, found.subject) == ("error", "warehouse.activities.use.at")
    assert found.remedy == "Did you mean occurred_at?"


def test_a_table_that_does_not_exist_is_an_error_and_not_emptiness(house: House) -> None:
    with closing(opened(house)) as warehouse:
        (found,) = warehouse.check()
        assert found.level == "error"
        assert "refused to give warehouse.activities.use" in found.message
        with pytest.raises(ConfigurationError):
            pulled(warehouse)


def test_a_column_of_another_type_is_an_error(house: House) -> None:
    house.create("events", EVENTS)
    house.add("events", event(1, "a@b.example", day(1)))
    with closing(opened(house, at="feature")) as warehouse:
        (found,) = warehouse.check()
    assert (found.level, found.message) == ("error", "All of the first 1 rows have no time that can be read.")


def test_a_database_that_cannot_be_reached_is_a_warning_and_its_password_is_not_shown(tmp_path: Path) -> None:
    house = House("postgresql", "postgresql://ann:secret-word@127.0.0.1:1/none", tmp_path)
    with closing(opened(house)) as warehouse:
        (found,) = warehouse.check()
        assert found.level == "warning"
        assert "cannot be reached" in found.message
        assert "secret-word" not in str(found)
        with pytest.raises(Unavailable):
            pulled(warehouse)
        assert pulled_nothing(warehouse, {"whole": True, "until": day(1).isoformat()})
        assert "cannot be reached" in warehouse.unread()["warehouse.use"]


def pulled_nothing(warehouse: Warehouse, cursor: Any) -> bool:
    return list(warehouse.pull(warehouse.streams()[0], cursor)) == []


@pytest.mark.parametrize(
    ("address", "said"), [("snowflake://a:b@c/d", "driver"), ("nonsense with spaces", "cannot be read")]
)
def test_a_driver_that_is_missing_and_an_address_that_is_none_are_errors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str, said: str
) -> None:
    monkeypatch.setenv("WAREHOUSE_TEST", address)
    told = Settings.model_validate({"database": {"env": "WAREHOUSE_TEST"}, "activities": {"use": usage()}})
    with closing(Warehouse(told, {})) as warehouse:
        (found,) = warehouse.check()
    assert found.level == "error"
    assert said in found.message
    assert address not in found.message


def test_the_warehouse_is_only_read(house: House) -> None:
    if house.kind == "sqlite":
        pytest.skip("SQLite has no read-only transactions")
    house.create("events", EVENTS)
    with closing(opened(house, table=None, query="DELETE FROM events RETURNING *")) as warehouse:
        assert warehouse.check()[0].level == "error"


def test_check_counts_what_is_twice_or_of_the_future(house: House) -> None:
    house.create("events", EVENTS)
    later = datetime.now(UTC) + timedelta(days=9)
    house.add("events", event(1, "a@b.example", day(1)), event(1, "c@d.example", day(2), later))
    with closing(opened(house)) as warehouse:
        said = [(one.level, one.message) for one in warehouse.overview()]
    assert said[0] == ("note", "2 rows, 1 of use.")
    assert [level for level, _ in said] == ["note", "warning", "warning"]
    assert said[1][1].startswith("1 row with an id that another row has too")


def test_a_reading_stops_when_it_is_asked_to(house: House) -> None:
    house.create("events", EVENTS)
    house.add("events", event(1, "a@b.example", day(1)))
    with closing(opened(house)) as warehouse:
        warehouse._stop.set()
        with pytest.raises(Interrupted):
            pulled(warehouse)


# Files


def parquet(folder: Path, name: str, *rows: Any) -> None:
    pl.DataFrame(list(rows)).write_parquet(folder / name)


def of_files(folder: Path, **changes: Any) -> Warehouse:
    told = {"activities": {"use": usage(table=None, files="events*.parquet", **changes)}}
    return Warehouse(Settings.model_validate(told, context={"folder": folder}), {})


def test_parquet_files_are_read_like_a_table(tmp_path: Path) -> None:
    parquet(tmp_path, "events1.parquet", event(1, "a@b.example", day(1)))
    parquet(tmp_path, "events2.parquet", event(2, "a@b.example", day(2)))
    with closing(of_files(tmp_path)) as warehouse:
        assert warehouse.check() == []
        found, cursor = pulled(warehouse)
        assert set(found["id"]) == {"warehouse.use:e1", "warehouse.use:e2"}
        parquet(tmp_path, "events3.parquet", event(3, "a@b.example", day(1), day(1.99)))
        found, _ = pulled(warehouse, cursor)
        assert set(found["id"]) == {"warehouse.use:e2", "warehouse.use:e3"}


def test_a_csv_file_is_read_like_a_table(tmp_path: Path) -> None:
    pl.DataFrame([event(1, "a@b.example", day(1)) | {"spent": "1.5"}]).write_csv(tmp_path / "events.csv")
    told = {"activities": {"use": usage(table=None, files="events.csv")}}
    with closing(Warehouse(Settings.model_validate(told, context={"folder": tmp_path}), {})) as warehouse:
        assert warehouse.check() == []
        found, _ = pulled(warehouse)
    assert found["value"].to_list() == [1.5]


def test_files_that_are_missing_or_torn_are_not_emptiness(tmp_path: Path) -> None:
    with closing(of_files(tmp_path)) as warehouse:
        assert warehouse.check()[0].level == "warning"
        with pytest.raises(Unavailable, match="No file matches"):
            pulled(warehouse)
        (tmp_path / "events.parquet").write_bytes(b"PAR1 and half of the rest")
        with pytest.raises(Unavailable):
            pulled(warehouse)
        assert pulled_nothing(warehouse, {"whole": True, "until": day(1).isoformat()})


def test_a_file_without_one_of_the_columns_is_an_error(tmp_path: Path) -> None:
    parquet(tmp_path, "events1.parquet", event(1, "a@b.example", day(1)))
    parquet(tmp_path, "events2.parquet", {"event_id": "e2"})
    with closing(of_files(tmp_path)) as warehouse, pytest.raises(ConfigurationError):
        pulled(warehouse)


# Any split of rows equals one reading

COLUMNS = ("event_id", "user_email", "feature", "spent", "occurred_at", "loaded_at")
EMAILS = st.sampled_from(["a@b.example", "Ä@ö.example", None])
WRITTEN = st.tuples(st.integers(0, 9), EMAILS, st.integers(0, 40), st.integers(0, 6), st.sampled_from(["x", "", None]))


any_split = given(
    syncs=st.lists(st.lists(WRITTEN, max_size=5), min_size=1, max_size=5), size=st.integers(1, 4), data=st.data()
)


@tuned(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@any_split
def test_any_split_into_syncs_with_late_and_repeated_rows_equals_one_reading(
    tmp_path: Path, syncs: list[Any], size: int, data: st.DataObject
) -> None:
    read_alike(tmp_path, syncs, size, data)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@tuned(max_examples=up_to(200), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@any_split
def test_many_more_splits_into_syncs_equal_one_reading(
    tmp_path: Path, syncs: list[Any], size: int, data: st.DataObject
) -> None:
    read_alike(tmp_path, syncs, size, data)


def read_alike(tmp_path: Path, syncs: list[Any], size: int, data: st.DataObject) -> None:
    """Rows are loaded in hours of any order, at most 6 h late; an id is written again with newer stamps; readings break off."""
    file = tmp_path / "house.db"
    file.unlink(missing_ok=True)
    engine = create_engine(f"sqlite:///{file}")
    os.environ["WAREHOUSE_SPLIT"] = f"sqlite:///{file}"
    told = Settings.model_validate({"database": {"env": "WAREHOUSE_SPLIT"}, "activities": {"use": usage(late="6h")}})
    latest: dict[str, Any] = {}
    known: dict[str, Any] = {}
    cursor, now = None, day(0)
    with engine.begin() as sql:
        sql.execute(text(f"CREATE TABLE events ({', '.join(COLUMNS)})"))
    for rows in syncs:
        now += timedelta(hours=6)
        with engine.begin() as sql:
            for number, email, at, late, feature in rows:
                loaded = max(
                    now - timedelta(hours=late), datetime.fromisoformat(latest.get(f"e{number}", day(-9).isoformat()))
                )
                sql.execute(text("DELETE FROM events WHERE event_id = :one"), {"one": f"e{number}"})
                values = (f"e{number}", email, feature, late, day(at / 24).isoformat(), loaded.isoformat())
                latest[f"e{number}"] = loaded.isoformat()
                sql.execute(
                    text(f"INSERT INTO events VALUES ({', '.join(f':{name}' for name in COLUMNS)})"),
                    dict(zip(COLUMNS, values, strict=True)),
                )
        with closing(Warehouse(told, {}, batch=size)) as warehouse:
            found, cursor = pulled(warehouse, cursor, data.draw(st.sampled_from([None, 1, 2])))
            known |= {row["id"]: row for row in found.iter_rows(named=True)}
    for _ in range(2):
        with closing(Warehouse(told, {}, batch=size)) as warehouse:
            found, cursor = pulled(warehouse, cursor)
            known |= {row["id"]: row for row in found.iter_rows(named=True)}
    with closing(Warehouse(told, {})) as warehouse:
        whole, _ = pulled(warehouse)
    engine.dispose()
    for row in whole.iter_rows(named=True):
        assert known[row["id"]] == row
