"""`check` reports what would stop a run from using the database."""

import os
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import URL, make_url

from store import Store
from store.sql.examining import examine
from store.sql.migrating import HEAD, VERSIONS
from tests.databases import on_server
from tests.fronts import Doorkeeper, as_user
from tests.store.test_postgresql import asked_for, name_of, role
from vocabulary.findings import Finding

__all__ = ["role"]
New = Callable[[str], str]


def told(url: str, level: str = "") -> str:
    return " ".join(f"{one.message} {one.remedy}" for one in examine(url) if level in one.level)


def levels(found: list[Finding]) -> set[str]:
    return {one.level for one in found}


def test_a_database_that_is_all_right_gets_notes_alone(database_url: str) -> None:
    found = examine(database_url)
    assert levels(found) == {"note"}
    assert ("PostgreSQL" if database_url.startswith("postgresql") else "SQLite") in found[0].message


def test_looking_makes_no_tables_and_no_file(empty_database_url: str, tmp_path: Path) -> None:
    for _ in range(2):
        assert "the first run creates" in told(empty_database_url)
    assert "the first run creates it" in told(f"sqlite:///{tmp_path}/new.db")
    assert not (tmp_path / "new.db").exists()
    assert "no folder" in told(f"sqlite:///{tmp_path}/nowhere/new.db", "error")


@pytest.mark.parametrize(
    ("revision", "level", "words"),
    [("0001", "note", f"the next run migrates them to {HEAD}"), ("9999", "error", "a newer leadgauge (schema 9999")],
)
def test_an_older_and_a_newer_schema_are_told_apart(database_url: str, revision: str, level: str, words: str) -> None:
    change(database_url, f"UPDATE {VERSIONS} SET version_num = '{revision}'")
    assert words in told(database_url, level)


def test_tables_of_another_program_are_named(empty_database_url: str) -> None:
    change(empty_database_url, "CREATE TABLE leads (id integer)")
    assert "another program (leads)" in told(empty_database_url, "error")


def test_a_file_that_others_may_read_is_a_warning(tmp_path: Path) -> None:
    Store.open(f"sqlite:///{tmp_path}/x.db").close()
    (tmp_path / "x.db").chmod(0o644)
    assert f"chmod 600 {tmp_path}/x.db" in told(f"sqlite:///{tmp_path}/x.db", "warning")


def test_rights_that_a_user_of_postgresql_lacks_are_named_with_the_remedy(role: str, new_database: New) -> None:
    url = new_database("postgresql")
    asked_for(url, "REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    assert f"ALTER DATABASE {name_of(url)} OWNER TO {role};" in told(as_user(url, role), "error")
    Store.open(url).close()
    said = told(as_user(url, role), "error")
    assert "activities" in said
    assert f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role};" in said


def test_tables_of_another_owner_are_told_before_they_must_be_altered(role: str, new_database: New) -> None:
    url = new_database("postgresql")
    Store.open(url).close()
    asked_for(url, f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}")
    assert levels(examine(as_user(url, role))) == {"note"}
    asked_for(url, f"UPDATE {VERSIONS} SET version_num = '0001'")
    assert "belong to another user" in told(as_user(url, role), "error")


def test_a_database_that_may_not_be_written_is_an_error(new_database: New, postgresql_server: URL) -> None:
    url = new_database("postgresql")
    on_server(postgresql_server, f'ALTER DATABASE "{name_of(url)}" SET default_transaction_read_only = on')
    assert "target_session_attrs=read-write" in told(url, "error")


def test_a_server_that_refuses_is_told_in_its_own_words() -> None:
    door = Doorkeeper()
    door.refusals = [("28P01", "Passwort-Authentifizierung fehlgeschlagen")]
    assert "refused the password" in told(door.url(), "error")
    assert "Passwort-Authentifizierung fehlgeschlagen" in told(door.url(), "error")
    door.close()


@pytest.mark.skipif("LEADGAUGE_TEST_POSTGRES" in os.environ, reason="the named server's clock is its own")
@pytest.mark.parametrize(("by", "side"), [("1 hour", "ahead of"), ("-1 hour", "behind")])
def test_clocks_that_are_apart_are_told(new_database: New, by: str, side: str) -> None:
    """A function of the same name, first in the search path, replaces the server's clock."""
    url = new_database("postgresql")
    moved = f"SELECT pg_catalog.clock_timestamp() + interval '{by}'"
    asked_for(
        url,
        "CREATE SCHEMA other",
        f"CREATE FUNCTION other.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS $$ {moved} $$",
        f'ALTER DATABASE "{name_of(url)}" SET search_path = public, other, pg_catalog',
    )
    assert re.search(rf"(3599|3600|3601) seconds {side} this machine's", told(url, "warning"))


def change(url: str, statement: str) -> None:
    if url.startswith("postgresql"):
        on_server(make_url(url), statement)
        return
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as file, file:
        file.execute(statement)
