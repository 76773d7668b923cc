import os
import sqlite3
import stat
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Column, Connection, Engine, Index, create_engine, event, make_url, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex

from store import Held, Store, StoreError
from store.sql.migrating import HEAD, VERSIONS, bring_forward
from store.sql.schema import metadata
from tests.databases import on_server
from tests.store.pages import FIELDS
from tests.store.release import LEADS, restore

RELEASED = Path(__file__).parent / "released"
SHORT = timedelta(milliseconds=300)
ON_EXPRESSIONS = [
    index
    for table in metadata.tables.values()
    for index in table.indexes
    if not all(isinstance(part, Column) for part in index.expressions)
]
SHAPES = {
    "sqlite": """
        SELECT m.name, c.name, c.type, c."notnull", c.dflt_value, c.pk FROM sqlite_master m, pragma_table_xinfo(m.name) c
            WHERE m.type = 'table'
        UNION ALL SELECT name, sql, '', '', '', '' FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL
        UNION ALL SELECT name, 'keyed', wr, strict, '', '' FROM pragma_table_list WHERE schema = 'main'
    """,
    "postgresql": """
        SELECT table_name, column_name, data_type, is_nullable, column_default, collation_name
            FROM information_schema.columns WHERE table_schema = 'public'
        UNION ALL SELECT tablename, indexname, indexdef, '', '', '' FROM pg_indexes WHERE schemaname = 'public'
    """,
}
MIGRATIONS = Path(__file__).parents[2] / "store" / "sql" / "migrations"


def engine_of(url: str) -> Engine:
    return create_engine(url.replace("postgresql:", "postgresql+psycopg:"))


def run(url: str, *statements: str) -> None:
    engine = engine_of(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


def differences(url: str) -> list[object]:
    """Return what the schema of a database lacks or has beside that of the program."""
    engine = engine_of(url)
    with engine.connect() as connection, warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*expression-based index")
        context = MigrationContext.configure(connection, opts={"version_table": VERSIONS, "compare_type": True})
        found = [*compare_metadata(context, metadata)]
        if connection.dialect.name == "sqlite":
            found += [one for one in ON_EXPRESSIONS if plain(one) != plain_in(connection, str(one.name))]
    engine.dispose()
    return found


def plain(index: Index) -> str:
    return " ".join(str(CreateIndex(index).compile(dialect=sqlite.dialect())).split())


def plain_in(connection: Connection, name: str) -> str:
    """Return how SQLite keeps an index on an expression, which reflection leaves out."""
    return str(connection.scalar(text("SELECT sql FROM sqlite_master WHERE name = :name"), {"name": name}))


def test_a_new_database_gets_the_schema_of_the_program(empty_database_url: str) -> None:
    Store.open(empty_database_url).close()
    assert differences(empty_database_url) == []


def test_all_migrations_together_make_what_a_new_database_has(new_database: Callable[[str], str]) -> None:
    """Types, defaults, collations, keys and indices, word for word; only the order of columns may differ."""
    for kind in ("sqlite", "postgresql"):
        new, migrated = new_database(kind), new_database(kind)
        Store.open(new).close()
        engine = engine_of(migrated)
        with engine.begin() as connection:
            bring_forward(connection, "test")
        engine.dispose()
        Store.open(migrated).close()
        assert shape(migrated) == shape(new)


def shape(url: str) -> set[tuple[object, ...]]:
    """Return what a database is made of: its columns, keys and indices."""
    engine = engine_of(url)
    with engine.connect() as connection:
        found = connection.execute(text(SHAPES[connection.dialect.name])).all()
    engine.dispose()
    return {tuple(" ".join(part.split()) if isinstance(part, str) else part for part in row) for row in found}


def test_the_program_knows_its_newest_migration() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_current_head() == HEAD


def test_a_database_gets_the_columns_of_outputs_that_it_lacks(empty_database_url: str) -> None:
    """An output declared after a database was created needs no migration."""
    Store.open(empty_database_url).close()
    run(
        empty_database_url,
        "ALTER TABLE results DROP COLUMN lead_urgency",
        "ALTER TABLE results DROP COLUMN told_lead_urgency",
    )
    Store.open(empty_database_url).close()
    assert differences(empty_database_url) == []


def test_opening_again_keeps_everything(empty_database_url: str) -> None:
    with Store.open(empty_database_url) as store:
        store.note("main", "a", "b")
    with Store.open(empty_database_url) as store:
        assert store.status("main").notes == {"a": "b"}


@pytest.mark.parametrize("released", sorted(RELEASED.glob("0001.*.sql")), ids=lambda path: path.name)
def test_the_first_schema_is_brought_forward_with_its_rows(released: Path, new_database: Callable[[str], str]) -> None:
    url = new_database(released.name.split(".")[1])
    run(url, *(part for part in released.read_text().split(";\n") if part.strip()))
    with Store.open(url) as store:
        frames = store.mirror("main").frames(["1"], FIELDS)
        assert frames.leads["job_title"].to_list() == ["CTO"]
        assert frames.activities.join(frames.touchpoints, on="touchpoint")["url"].to_list() == [
            "https://x.example/pricing"
        ]
        assert store.outbox("main").last_written(["1"])["lead_grade"].to_list() == ["B"]
        assert store.outbox("main").history("1")[0].before == {}, "its values were not read then"
        assert store.outbox("main").allowed(), "it has written, so nothing is asked for"
        assert not store.outbox("main", "new_").allowed()
    assert differences(url) == []


@pytest.mark.parametrize("released", sorted(RELEASED.glob("*-*.sql")), ids=lambda path: path.stem)
def test_the_schema_of_every_release_becomes_that_of_the_program(
    released: Path, new_database: Callable[[str], str]
) -> None:
    url = new_database(released.name.split(".")[-2])
    restore(url, released)
    with Store.open(url) as store:
        assert store.status("main").counts.leads == LEADS
    assert differences(url) == []


def test_what_was_held_before_stays_held_for_the_leads_that_differ(new_database: Callable[[str], str]) -> None:
    """A hold in an older schema has no owner."""
    url = new_database("sqlite")
    released = (RELEASED / "0001.sqlite.sql").read_text()
    run(url, *(part for part in released.split(";\n") if part.strip()))
    run(url, "UPDATE results SET lead_grade = 'A'", "UPDATE outboxes SET held_run = 1, held_reason = 'many'")
    with Store.open(url) as store:
        outbox = store.outbox("main")
        assert outbox.held() == Held(1, "many", 0)
        assert outbox.surprises() == 1


def test_a_newer_database_is_refused_and_left_alone(empty_database_url: str) -> None:
    Store.open(empty_database_url).close()
    run(empty_database_url, f"UPDATE {VERSIONS} SET version_num = '9999'")
    with pytest.raises(StoreError, match=r"written by a newer leadgauge \(schema 9999; this one knows up to"):
        Store.open(empty_database_url)


def test_a_database_of_another_program_is_refused_and_left_alone(empty_database_url: str) -> None:
    run(empty_database_url, "CREATE TABLE leads (id integer)")
    with pytest.raises(StoreError, match=r"has tables of another program \(leads\)"):
        Store.open(empty_database_url)


@pytest.mark.parametrize(
    "url", ["mysql://root:hunter2@host/x", "nonsense hunter2", "", "sqlite://", "sqlite:///:memory:"]
)
def test_a_url_that_is_no_database_says_what_to_write(url: str) -> None:
    with pytest.raises(StoreError, match="`database:` must") as raised:
        Store.open(url)
    assert "hunter2" not in str(raised.value)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="could not be created: No such file or directory"):
        Store.open(f"sqlite:///{tmp_path}/nowhere/x.db")


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_text("This is a letter, not a database." * 100)
    with pytest.raises(StoreError, match="is not an SQLite database, or is damaged"):
        Store.open(f"sqlite:///{tmp_path}/x.db")


def test_a_damaged_page_is_found_when_it_is_read(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/x.db"
    Store.open(url).close()
    file = tmp_path / "x.db"
    raw = bytearray(file.read_bytes())
    raw[4096:] = os.urandom(len(raw) - 4096)
    file.write_bytes(raw)
    with pytest.raises(StoreError, match=r"is damaged\. Restore a backup"), Store.open(url) as store:
        store.status("main")


def test_only_the_owner_may_read_the_file(tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path}/x.db") as store:
        store.note("main", "a", "b")
        for file in tmp_path.iterdir():
            assert stat.S_IMODE(file.stat().st_mode) == 0o600, file


def test_a_server_that_is_not_there_is_given_up_on() -> None:
    url = "postgresql://someone:hunter2@127.0.0.1:9/leadgauge"
    with pytest.raises(
        StoreError, match=r"postgresql://someone:\*\*\*@127.0.0.1:9/leadgauge cannot be reached"
    ) as raised:
        Store.open(url, patience=SHORT)
    assert "hunter2" not in str(raised.value)
    assert "hunter2" not in repr(raised.value.__cause__)


def test_a_database_that_is_missing_on_the_server_is_named(postgresql_server: URL) -> None:
    url = postgresql_server.set(drivername="postgresql", database="nowhere").render_as_string(hide_password=False)
    with pytest.raises(StoreError, match='database "nowhere" does not exist'):
        Store.open(url, patience=timedelta(minutes=3))


def test_a_read_only_server_is_named(new_database: Callable[[str], str], postgresql_server: URL) -> None:
    url = new_database("postgresql")
    Store.open(url).close()
    on_server(postgresql_server, f'ALTER DATABASE "{make_url(url).database}" SET default_transaction_read_only = on')
    with Store.open(url, patience=SHORT) as store, pytest.raises(StoreError, match="is not writable"):
        store.note("main", "a", "b")


def test_neither_store_nor_database_shows_the_password(tmp_path: Path, new_database: Callable[[str], str]) -> None:
    url = (
        make_url(new_database("postgresql"))
        .set(username="postgres", password="hunter2")
        .render_as_string(hide_password=False)
    )
    with Store.open(url) as store:
        assert "hunter2" not in repr(store)
        assert "hunter2" not in repr(store._database)
        assert "hunter2" not in repr(store._database.engine)


def test_two_programs_may_open_a_new_database_at_once(empty_database_url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        for store in pool.map(Store.open, [empty_database_url] * 4):
            store.close()


def test_a_closed_database_keeps_no_connection_of_whoever_still_works(database_url: str) -> None:
    """A pass that was given up may hang in a call meanwhile, and ask the database once that returns."""
    store, at_work, closed = Store.open(database_url), Event(), Event()
    used: list[object] = []
    shut: list[object] = []
    event.listen(store._database.engine, "checkout", lambda made, *_: used.append(made))
    event.listen(store._database.engine, "close", lambda made, _: shut.append(made))

    def work(_: Connection) -> None:
        at_work.set()
        assert closed.wait(30)

    with ThreadPoolExecutor(1) as pool:
        hung = pool.submit(store._database.read, work)
        assert at_work.wait(30)
        store.close()
        closed.set()
        hung.result()
    assert store.connections() == []
    assert len(used) >= 2
    assert {id(made) for made in used} <= {id(made) for made in shut}


def test_the_mirror_is_sql_that_a_person_can_read(tmp_path: Path) -> None:
    Store.open(f"sqlite:///{tmp_path}/x.db").close()
    with sqlite3.connect(tmp_path / "x.db") as connection:
        found = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    connection.close()
    assert found == {*metadata.tables, VERSIONS}
