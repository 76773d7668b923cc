"""PostgreSQL as people run it: behind a pooler, with URL options, full, translated, with few permissions."""

import os
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import URL, create_engine, make_url, text

from store import Store, StoreError
from tests.databases import on_server
from tests.fronts import Doorkeeper, as_user, pgbouncer
from tests.store.filler import fill
from tests.store.test_crashes import clean_run, content, lease_of  # noqa: F401 - a fixture among them

NEVER = timedelta(minutes=3)
"""Patience beyond a test's time limit: a message before that came at once."""
SHORT = timedelta(milliseconds=300)
New = Callable[[str], str]


@pytest.fixture(params=["session", "transaction"])
def pooler(request: pytest.FixtureRequest, postgresql_server: URL) -> Iterator[URL]:
    with pgbouncer(postgresql_server, request.param) as url:
        yield url


@pytest.fixture
def door(postgresql_server: URL) -> Iterator[Doorkeeper]:
    opened = Doorkeeper(postgresql_server)
    yield opened
    opened.close()


def behind(pooler: URL, url: str) -> str:
    return pooler.set(drivername="postgresql", database=make_url(url).database).render_as_string(hide_password=False)


def asked(url: str, question: str) -> list[object]:
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        found = list(connection.scalars(text(question)))
    engine.dispose()
    return found


def name_of(url: str) -> str:
    return str(make_url(url).database)


def test_behind_pgbouncer_everything_ends_as_without(
    pooler: URL,
    new_database: New,
    clean_run: tuple[object, ...],  # noqa: F811 - the fixture
) -> None:
    with Store.open(behind(pooler, new_database("postgresql"))) as store:
        fill(store, lease_of(store))
        assert content(store) == clean_run


def test_behind_pgbouncer_threads_share_two_sessions_of_the_server(pooler: URL, new_database: New) -> None:
    """A prepared statement or session setting would conflict as soon as transactions change sessions."""
    url = behind(pooler, new_database("postgresql"))
    Store.open(url).close()

    def note(number: int) -> None:
        with Store.open(url) as store:
            for _ in range(8):
                store.note(f"c{number}", "a", "b")
                assert store.status(f"c{number}").notes == {"a": "b"}

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(note, range(2)))


@pytest.mark.parametrize("way", ["direct", "transaction"])
def test_limits_of_time_hold_in_each_transaction_and_nowhere_else(
    way: str, new_database: New, postgresql_server: URL
) -> None:
    url = new_database("postgresql")
    if way == "transaction":
        with pgbouncer(postgresql_server, way) as pooler:
            the_limits_hold(behind(pooler, url))
    else:
        the_limits_hold(url)


def the_limits_hold(url: str) -> None:
    names = ("lock_timeout", "idle_in_transaction_session_timeout", "TimeZone", "jit")
    question = text("SELECT " + ", ".join(f"current_setting('{name}')" for name in names))
    with Store.open(url, patience=timedelta(seconds=7)) as store:
        set_to = store._database.read(lambda sql: tuple(sql.execute(question).one()))
        assert set_to == ("7s", "1min", "UTC", "off")
        with store._database.engine.connect() as connection:
            driver = connection.connection.driver_connection
            assert driver is not None
            assert driver.execute("SELECT current_setting('lock_timeout')").fetchone() == ("0",)


def test_options_that_a_pooler_does_not_take_are_named_at_once(pooler: URL, new_database: New) -> None:
    url = behind(pooler, new_database("postgresql")) + "?options=-csearch_path%3Dpublic"
    told = refusal_of(url)
    assert told == "" or ("does not support `options`" in told and "ALTER ROLE" in told), "newer ones take them"


def refusal_of(url: str) -> str:
    try:
        Store.open(url, patience=NEVER).close()
    except StoreError as error:
        return str(error)
    return ""


def test_a_search_path_in_the_address_decides_where_the_tables_are(new_database: New) -> None:
    url = new_database("postgresql")
    asked_for(url, "CREATE SCHEMA app")
    Store.open(f"{url}{mark(url)}options=-csearch_path%3Dapp").close()
    schemas = asked(url, "SELECT DISTINCT schemaname FROM pg_tables WHERE schemaname IN ('app', 'public')")
    assert schemas == ["app"]


def test_tables_of_another_program_in_another_schema_are_not_ours(new_database: New) -> None:
    """A schema later in the search path has another leadgauge, with an older schema."""
    url = new_database("postgresql")
    with Store.open(url) as other:
        other.note("theirs", "a", "b")
    asked_for(url, "UPDATE leadgauge_schema SET version_num = '0001'", "CREATE SCHEMA app")
    with Store.open(f"{url}{mark(url)}options=-csearch_path%3Dapp,public") as ours:
        assert ours.connections() == []
    assert asked(url, "SELECT version_num FROM public.leadgauge_schema") == ["0001"]
    assert asked(url, "SELECT name FROM public.connections") == ["theirs"]


def test_a_search_path_that_leads_nowhere_is_named(new_database: New) -> None:
    url = new_database("postgresql")
    with pytest.raises(StoreError, match=r"search_path \(nowhere\) exists.*CREATE SCHEMA"):
        Store.open(f"{url}{mark(url)}options=-csearch_path%3Dnowhere", patience=NEVER)


def test_what_the_address_says_goes_before_what_we_would_say(new_database: New) -> None:
    url = new_database("postgresql")
    address = f"{url}{mark(url)}application_name=nightly&connect_timeout=3&options=-clock_timeout%3D4s"
    with Store.open(address) as store:
        question = text("SELECT current_setting('application_name'), current_setting('lock_timeout')")
        assert store._database.read(lambda sql: tuple(sql.execute(question).one())) == ("nightly", "4s")


def test_of_several_hosts_the_one_that_is_there_is_used(door: Doorkeeper, new_database: New) -> None:
    name, user = name_of(new_database("postgresql")), make_url(door.url()).username
    url = f"postgresql://{user}@127.0.0.1:9,127.0.0.1:{door.port}/{name}?target_session_attrs=read-write"
    with Store.open(url) as store:
        assert f"127.0.0.1:9,127.0.0.1:{door.port}/{name}" in repr(store)


def test_an_unknown_option_is_named_at_once() -> None:
    with pytest.raises(StoreError, match="has no option `sslmod`") as raised:
        Store.open("postgresql://me:hunter2@127.0.0.1:9/x?sslmod=require", patience=NEVER)
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("?sslmode=require", "with the TLS settings"),
        ("?sslmode=sometimes", "option that PostgreSQL's client does not accept"),
        ("?sslmode=verify-full&sslrootcert=/nowhere/ca.pem", "with the TLS settings"),
    ],
)
def test_a_tls_that_never_comes_about_is_said_at_once(door: Doorkeeper, options: str, told: str) -> None:
    with pytest.raises(StoreError, match=told):
        Store.open(door.url(options=options), patience=NEVER)


def test_a_host_that_there_is_not_is_said_at_once() -> None:
    with pytest.raises(StoreError, match=f"there is no host {'h' * 70}"):
        Store.open(f"postgresql://me@{'h' * 70}.invalid/x", patience=NEVER)


@pytest.mark.parametrize(
    ("state", "words", "told"),
    [
        ("28P01", "Passwort-Authentifizierung für Benutzer »somebody« fehlgeschlagen", "refused the password"),
        ("28000", "kein pg_hba.conf-Eintrag für Host »127.0.0.1«", "refused the user"),
        ("3D000", "Datenbank »leadgauge« existiert nicht", "does not exist on the server"),
        ("42501", "keine Berechtigung für Datenbank »leadgauge«", "lacks a permission"),
    ],
)
def test_what_never_passes_is_said_at_once_in_any_language(state: str, words: str, told: str) -> None:
    door = Doorkeeper()
    door.refusals = [(state, words)]
    with pytest.raises(StoreError, match=told) as raised:
        Store.open(door.url(), patience=NEVER)
    assert words in str(raised.value)
    door.close()


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("53300", "tut mir leid, schon zu viele Verbindungen"),
        ("57P03", "das Datenbanksystem startet"),
        ("57P01", "Verbindung wird aufgrund von Anweisung des Administrators beendet"),
    ],
)
def test_a_server_that_is_full_or_starts_is_waited_for_in_any_language(
    door: Doorkeeper, new_database: New, state: str, words: str
) -> None:
    door.refusals = [(state, words)] * 2
    Store.open(door.url(name_of(new_database("postgresql"))), patience=NEVER).close()
    assert door.turned_away == 2


def test_connections_used_up_for_too_long_are_named() -> None:
    door = Doorkeeper()
    door.refusals = [("53300", "tut mir leid, schon zu viele Verbindungen")]
    with pytest.raises(StoreError, match=r"has no connection left \(max_connections"):
        Store.open(door.url(), patience=SHORT)
    door.close()


def test_connections_used_up_on_a_real_server_are_waited_for(role: str, new_database: New) -> None:
    url = new_database("postgresql")
    asked_for(url, f"GRANT CREATE ON SCHEMA public TO {role}", f"ALTER ROLE {role} CONNECTION LIMIT 1")
    taken = create_engine(as_user(url, role).replace("postgresql://", "postgresql+psycopg://"))
    with taken.connect(), pytest.raises(StoreError, match="has no connection left"):
        Store.open(as_user(url, role), patience=SHORT)
    taken.dispose()
    Store.open(as_user(url, role), patience=timedelta(seconds=20)).close()


def test_an_administrators_limit_of_time_is_told_as_what_it_is(role: str, new_database: New) -> None:
    url = new_database("postgresql")
    asked_for(url, f"GRANT CREATE ON SCHEMA public TO {role}", f"ALTER ROLE {role} SET statement_timeout = '100ms'")
    with Store.open(as_user(url, role), patience=NEVER) as store:
        with pytest.raises(StoreError, match="cancelled a statement: it exceeded statement_timeout") as raised:
            store._database.read(lambda sql: sql.execute(text("SELECT pg_sleep(9)")))
        assert "shutting down" not in str(raised.value)


def test_a_role_that_may_make_no_tables_is_told_what_an_administrator_must_run(role: str, new_database: New) -> None:
    url = new_database("postgresql")
    asked_for(url, "REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    with pytest.raises(StoreError, match=rf"{role} may not create tables in the schema public.* OWNER TO {role};"):
        Store.open(as_user(url, role), patience=NEVER)
    assert asked(url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'") == []
    asked_for(url, f"ALTER DATABASE {name_of(url)} OWNER TO {role}")
    Store.open(as_user(url, role)).close()


@pytest.fixture
def role(postgresql_server: URL, new_database: New) -> Iterator[str]:
    """An ordinary user of the server, without permissions."""
    if "LEADGAUGE_TEST_POSTGRES" in os.environ:
        pytest.skip("the named server may ask a new user for a password")
    with a_role(postgresql_server) as name:
        yield name


@contextmanager
def a_role(server: URL) -> Iterator[str]:
    name = f"someone_{uuid.uuid4().hex[:8]}"
    on_server(server, f"CREATE ROLE {name} LOGIN")
    yield name


def asked_for(url: str, *statements: str) -> None:
    for statement in statements:
        on_server(make_url(url), statement)


def mark(url: str) -> str:
    return "&" if "?" in url else "?"
