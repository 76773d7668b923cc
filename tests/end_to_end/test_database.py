"""Any PostgreSQL failure in a command gives one line that says what it is."""

from collections.abc import Callable

from sqlalchemy import URL, make_url

from tests.databases import on_server
from tests.fronts import Doorkeeper, pgbouncer
from tests.stage import Stage
from tests.store.test_crashes import cut_off

Open = Callable[..., Stage]
New = Callable[[str], str]


def ready(crm: Open, url: str) -> Stage:
    stage = crm(30)
    stage.configure(database=url)
    stage.provision()
    return stage


def one_line(said: str) -> None:
    assert "Traceback" not in said
    assert "sqlalche.me" not in said


def test_a_server_restarted_in_mid_pass_is_waited_for(hubspot: Open, new_database: New) -> None:
    url = new_database("postgresql")
    stage = ready(hubspot, url)
    stage.trap.set(4, lambda: cut_off(url))
    done = stage.leadgauge("backfill")
    assert done.returncode == 0, done.stderr
    assert None not in {values["lead_score"] for values in stage.fields("lead_score").values()}
    one_line(done.stderr)


def test_an_administrators_limit_of_time_is_told_in_one_line(
    hubspot: Open, new_database: New, postgresql_server: URL
) -> None:
    url = new_database("postgresql")
    stage = ready(hubspot, url)
    stage.leadgauge("status")
    on_server(postgresql_server, f'ALTER DATABASE "{make_url(url).database}" SET statement_timeout = 1')
    done = stage.leadgauge("backfill")
    assert done.returncode == 1
    assert "statement_timeout" in done.stderr
    one_line(done.stderr)


def test_connections_used_up_by_others_are_waited_for(hubspot: Open, new_database: New, postgresql_server: URL) -> None:
    door = Doorkeeper(postgresql_server)
    door.refusals = [("53300", "tut mir leid, schon zu viele Verbindungen")] * 3
    stage = ready(hubspot, door.url(str(make_url(new_database("postgresql")).database)))
    assert stage.leadgauge("backfill").returncode == 0
    assert door.turned_away == 3
    door.close()


def test_a_backfill_and_its_repetition_behind_pgbouncer(
    hubspot: Open, new_database: New, postgresql_server: URL
) -> None:
    name = str(make_url(new_database("postgresql")).database)
    with pgbouncer(postgresql_server, "transaction") as pooler:
        url = pooler.set(drivername="postgresql", database=name).render_as_string(hide_password=False)
        stage = ready(hubspot, url)
        first, second = stage.leadgauge("backfill", "--json"), stage.leadgauge("backfill", "--json")
        assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
        assert '"written": 0,' in second.stdout
