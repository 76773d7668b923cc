"""Alerts from a pass over a CRM to a webhook: news once, nothing of a backfill, and the commands around it."""

import logging
import signal
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from pipeline.notify.names import names_of as found_names
from pipeline.passes import BACKFILL, SYNC, PassOptions
from store.notices.reading import About
from tests.receivers import Hook, certificate, soon, terminator
from tests.stage import SalesforceStage, Stage

Open = Callable[..., Stage]
on_both = pytest.mark.parametrize("crm", ["hubspot", pytest.param("salesforce", marks=pytest.mark.slow)], indirect=True)
"""Of the tests on both CRMs, those that `make test` runs on one."""


def told(stage: Stage, **notify: Any) -> None:
    """Configure sinks of a stage that is open."""

    def change(connection: dict[str, Any]) -> None:
        connection["notify"] = notify

    stage.configure(change)


def sinks(**more: Any) -> dict[str, Any]:
    sales = {"type": "webhook", "url": {"env": "SLACK"}, "about": ["priority", "trouble"], **more}
    return {"sales": sales}


def sync(stage: Stage) -> None:
    """Sync as a command, which sends what waits at its end."""
    done = stage.leadgauge("sync")
    assert done.returncode == 0, done.stderr


def test_a_lead_that_asks_for_a_demo_is_told_once_and_a_backfill_tells_nobody(crm: Open, slack: Hook) -> None:
    stage = crm(40)
    told(stage, sinks=sinks())
    stage.provision()
    for lead in stage.people()[:15]:
        stage.act(lead, "demo_request")
    stage.do(BACKFILL, PassOptions(yes=True))
    first = {lead for lead, has in stage.fields("lead_priority").items() if has["lead_priority"] == "P1"}
    assert first, "they would have been told"
    assert stage.leadgauge("status", "--json").returncode == 0
    for lead in sorted(set(stage.people()) - first)[:8]:  # more would be held
        stage.act(lead, "demo_request")
    stage.do(SYNC)
    rose = {lead for lead, has in stage.fields("lead_priority").items() if has["lead_priority"] == "P1"} - first
    assert rose
    for _ in range(2):
        sync(stage)
    got = [lead for message in slack.got for lead in message["leads"]]
    assert sorted(lead["id"] for lead in got) == sorted(rose)
    assert all(f"/{lead['id']}" in lead["link"] and lead["priority"] == "P1" for lead in got)


@on_both
def test_a_pass_that_fails_is_told_once_until_one_succeeds(crm: Open, slack: Hook) -> None:
    stage = crm(5)
    told(stage, sinks=sinks())
    stage.provision()
    sync(stage)
    variable = {"hubspot": "LEADGAUGE_TEST_TOKEN", "salesforce": "LEADGAUGE_TEST_SECRET"}[stage.crm]
    token = stage.environment[variable]
    for _ in range(2):
        stage.environment[variable] = "pat-na1-wrong-0000"
        assert stage.leadgauge("sync").returncode != 0
    assert [(one["about"], one["what"]) for one in slack.got] == [("trouble", "a pass failed")]
    assert token not in str(slack.got)
    stage.environment[variable] = token
    sync(stage)
    stage.environment[variable] = "pat-na1-wrong-0000"
    assert stage.leadgauge("sync").returncode != 0
    assert len(slack.got) == 2


@on_both
def test_a_sink_that_is_down_changes_no_pass_and_is_in_status(crm: Open, slack: Hook) -> None:
    stage = crm(5)
    told(stage, sinks=sinks(), calls_left=10_000_000)  # so that every pass has something to say
    stage.provision()
    slack.acts = [500] * 9
    done = stage.leadgauge("sync")
    assert done.returncode == 0
    shown = stage.leadgauge("status").stdout
    assert "alerts for sales: 1 wait since" in shown
    assert "127.0.0.1 answered 500" in shown
    for secret in ("T00SECRET", "hush", "verysecret"):
        assert secret not in shown + done.stderr + stage.leadgauge("status", "--json").stdout


@on_both
def test_a_process_killed_while_it_sends_sends_the_same_again_and_then_never(crm: Open, slack: Hook) -> None:
    stage = crm(5)
    told(stage, sinks=sinks(), calls_left=10_000_000)
    stage.provision()
    with stage.start("sync") as process:
        slack.acts = [process.kill]
        assert process.wait() == -9
    sync(stage)
    assert len(slack.got) == 1  # the claim of the dead process holds for five minutes
    with stage.job() as job:
        job.store._database.write(lambda sql: sql.exec_driver_sql("UPDATE notices SET due_at = 0"))
    for _ in range(2):
        sync(stage)
    first, again = slack.got
    assert (first["keys"], first["id"]) == (again["keys"], again["id"])
    assert len(slack.got) == 2


def test_a_test_message_goes_to_the_named_sink_and_a_failure_is_said(hubspot: Open, slack: Hook, other: Hook) -> None:
    stage = hubspot(1)
    told(stage, sinks=sinks() | {"ops": {"type": "slack", "url": {"env": "OTHER"}, "about": "trouble"}})
    assert "sales" in stage.leadgauge("notify").stdout
    done = stage.leadgauge("notify", "ops", "--test")
    assert (done.returncode, done.stdout) == (0, "ops: the slack sink took a test message.\n")
    assert (slack.got, other.got[0]["text"]) == ([], "main: a test message")
    slack.acts = [404]
    failed = stage.leadgauge("notify", "--test")
    assert failed.returncode == 1
    assert "Error: sales: 127.0.0.1 answered 404" in failed.stderr
    assert "T00SECRET" not in failed.stderr


def test_messages_can_be_tried_without_sending_them(hubspot: Open, slack: Hook) -> None:
    stage = hubspot(20)
    template = "{% for lead in leads %}Call {{ lead.name }} {{ lead.id }}\n{% endfor %}"
    told(stage, sinks=sinks(about=["priority", "trouble"], names=True, templates={"priority": template}))
    shown = stage.leadgauge("notify", "sales", "--try")
    assert "sales, priority:\n  Call  12345" in shown.stdout
    assert "sales, trouble:\n  main: a pass failed" in shown.stdout
    stage.provision()
    for lead in stage.people()[:10]:
        stage.act(lead, "demo_request")
    stage.do(BACKFILL, PassOptions(yes=True))
    first = {lead for lead, has in stage.fields("lead_priority").items() if has["lead_priority"] == "P1"}
    shown = stage.leadgauge("notify", "--try")
    called = {line.split()[-1] for line in shown.stdout.splitlines() if line.startswith("  Call")}
    assert called <= first
    assert len(called) == 3
    assert "Call  " not in shown.stdout, "the CRM says the names"
    told(stage, sinks=sinks(templates={"priority": "{{ lead.id }}"}))
    wrong = stage.leadgauge("notify", "--try")
    assert (wrong.returncode, "cannot be filled in" in wrong.stderr) == (1, True)
    assert slack.got == []


@pytest.mark.parametrize(
    ("sink", "said"),
    [
        ({"type": "slack", "url": "https://hooks.slack.com/services/T/B/x"}, "a secret must not be written"),
        ({"type": "slack", "url": {"env": "SLACK"}, "quiet": "25:00-07:00"}, "is no time of day"),
        ({"type": "slack", "url": {"env": "SLACK"}, "templates": {"priority": "{% for %}"}}, "the template `priority`"),
        ({"type": "slack", "url": {"env": "SLACK"}, "owners": {"ids": [1]}}, "no CRM field is mapped to `owner`"),
        (
            {"type": "email", "host": "mail.example", "security": "none", "sender": "a@b.c", "to": "d@e.f"},
            "in the clear",
        ),
        ({"type": "email", "host": "mail.example", "sender": "a@b.c\nBcc: x@y.z", "to": "d@e.f"}, "no plain e-mail"),
        ({"type": "email", "host": "mail.example", "user": "x", "sender": "a@b.c", "to": "d@e.f"}, "both `user` and"),
        ({"type": "pager", "url": {"env": "SLACK"}}, "pager"),
    ],
)
def test_wrong_settings_are_said_with_their_line(hubspot: Open, slack: Hook, sink: dict[str, Any], said: str) -> None:
    stage = hubspot(1)
    told(stage, sinks={"sales": sink})
    done = stage.leadgauge("check", "--offline")
    assert done.returncode == 2
    shown = " ".join((done.stdout + done.stderr).split())
    assert said in shown
    assert "leadgauge.yaml:" in shown


@pytest.mark.parametrize(
    ("value", "said"),
    [(None, "SLACK is not set"), ("http://hooks.example/hush", "begins with http://"), ("hush", "no address")],
)
def test_check_says_which_sink_has_a_wrong_secret(
    hubspot: Open,
    monkeypatch: pytest.MonkeyPatch,
    value: str | None,
    said: str,
) -> None:
    stage = hubspot(1)
    told(stage, sinks=sinks())
    stage.provision()
    monkeypatch.delenv("SLACK", raising=False)
    if value:
        monkeypatch.setenv("SLACK", value)
    done = stage.leadgauge("check")
    shown = " ".join(done.stdout.split())
    assert done.returncode == 2
    assert "notify.sinks.sales.url" in shown
    assert said in shown
    assert "hush" not in shown


def test_check_warns_of_sinks_that_will_never_hear_of_a_lead(hubspot: Open, slack: Hook) -> None:
    stage = hubspot(1)

    def change(connection: dict[str, Any]) -> None:
        connection["notify"] = {"sinks": sinks()}
        connection["outputs"] = {"lead_priority": False}

    stage.configure(change)
    stage.provision()
    done = stage.leadgauge("check")
    assert "Nobody is told about leads (sales)" in " ".join(done.stdout.split())
    assert done.returncode == 0


def titles_of(stage: Stage) -> dict[str, str]:
    if isinstance(stage, SalesforceStage):
        return {row["Id"]: row["Title"] for row in stage._live() if row["Title"]}
    return {lead: str(has["jobtitle"]) for lead, has in stage.fields("jobtitle").items() if has["jobtitle"]}


@on_both
def test_a_sink_with_owners_hears_only_of_their_leads_with_the_owner_as_the_crm_has_it(crm: Open, slack: Hook) -> None:
    stage = crm(40)

    def change(connection: dict[str, Any]) -> None:
        connection["fields"]["owner"] = title  # any text will do as an owner
        connection["notify"] = {"sinks": sinks(owners={"ids": wanted})}

    title = {"hubspot": "jobtitle", "salesforce": "Title"}[stage.crm]
    wanted: list[str] = ["nobody"]
    stage.configure(change)
    stage.provision()
    stage.do(BACKFILL, PassOptions(yes=True))
    titles = titles_of(stage)
    risers = sorted(titles)[:8]
    wanted[:] = [titles[risers[0]]]
    stage.configure(change)
    for lead in risers:
        stage.act(lead, "demo_request")
    stage.do(SYNC)
    first = {lead for lead, has in stage.fields("lead_priority").items() if has["lead_priority"] == "P1"}
    sync(stage)
    got = [lead for message in slack.got for lead in message["leads"]]
    assert {lead["owner"] for lead in got} == {wanted[0]}
    assert {lead["id"] for lead in got} == {lead for lead in first & set(risers) if titles[lead] == wanted[0]}


def lose(stage: Stage) -> None:
    """Take the right to read a stream of activities away."""
    if isinstance(stage, SalesforceStage):
        stage.app.state.sandbox.org.unseen = {"Task"}
    else:
        stage.fault("missing-scope", "content")


def regain(stage: Stage) -> None:
    if isinstance(stage, SalesforceStage):
        stage.app.state.sandbox.org.unseen = set()
    else:
        stage.calm()


@pytest.mark.slow
def test_a_stream_that_cannot_be_read_any_longer_is_told_once_until_it_can(crm: Open, slack: Hook) -> None:
    stage = crm(3)
    told(stage, sinks=sinks(), unread_after=2)
    stage.provision()
    sync(stage)
    for _ in range(2):
        lose(stage)
        for _ in range(3):
            sync(stage)
        regain(stage)
        sync(stage)
    what = {"hubspot": "email opens", "salesforce": "Tasks"}[stage.crm]
    why = {"hubspot": "scope", "salesforce": "does not show Task"}[stage.crm]
    assert len(slack.got) == 2
    for one in slack.got:
        assert what in one["what"]
        assert why in one["message"]


@pytest.mark.slow
def test_a_stream_that_never_could_be_read_is_no_news(crm: Open, slack: Hook) -> None:
    stage = crm(3)
    told(stage, sinks=sinks(), unread_after=1)
    stage.provision()
    lose(stage)
    for _ in range(2):
        sync(stage)
    assert slack.got == []


@pytest.mark.slow
def test_calls_that_run_out_are_told_once_until_there_were_more(crm: Open, slack: Hook) -> None:
    stage = crm(3)
    stage.provision()
    for limit, expected in ((10_000_000, 1), (10_000_000, 1), (0, 1), (10_000_000, 1)):  # a day has one message
        told(stage, sinks=sinks(), calls_left=limit)
        sync(stage)
        assert [one["what"] for one in slack.got] == ["the calls to the CRM are nearly used up"] * expected


@pytest.mark.slow
def test_the_certificate_of_the_crm_is_told_before_it_ends(
    hubspot: Open, slack: Hook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, pair = hubspot(3), certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(pair[0]))
    with terminator(int(stage.url.rpartition(":")[2]), pair) as port:

        def change(connection: dict[str, Any]) -> None:
            connection["base_url"] = f"https://localhost:{port}"
            connection["notify"] = {"sinks": sinks()}

        stage.configure(change)
        stage.provision()
        for _ in range(2):
            sync(stage)
    (got,) = slack.got
    assert got["what"].startswith("the certificate of localhost ends on ")
    assert ", in 2 days." in got["message"]


def names_of(stage: Stage) -> dict[str, str]:
    """Return the names of people and accounts, which in HubSpot may have the same id, by id with its kind."""
    if isinstance(stage, SalesforceStage):
        people = {f"leads {row['Id']}": f"{row['FirstName'] or ''} {row['LastName']}".strip() for row in stage._live()}
        rows = stage.app.state.sandbox.org.rows("Account")
        return people | {f"accounts {row['Id']}": row["Name"] for row in rows}
    held = stage.fields("firstname", "lastname").items()
    people = {f"leads {id_}": " ".join(filter(None, has.values())) for id_, has in held}
    return people | {f"accounts {id_}": str(has["name"]) for id_, has in stage.accounts("name").items()}


@on_both
def test_accounts_are_told_too_and_names_only_where_they_are_switched_on(crm: Open, slack: Hook, other: Hook) -> None:
    stage = crm(40)

    def change(connection: dict[str, Any]) -> None:
        anonymous = {"north": {"type": "webhook", "url": {"env": "OTHER"}, "about": "priority"}}
        connection["notify"] = {"sinks": sinks(names=True) | anonymous}

    stage.configure(change, scorecard="account-based")
    stage.provision()
    stage.do(BACKFILL, PassOptions(yes=True))
    before = stage.accounts("account_priority")
    for lead in stage.people()[:12]:
        stage.act(lead, "demo_request")
    done = stage.leadgauge("sync", "--accept")
    assert done.returncode == 0, done.stderr
    now = {id_ for id_, has in stage.accounts("account_priority").items() if has["account_priority"] == "Now"}
    rose = {id_ for id_ in now if before[id_]["account_priority"] != "Now"}
    assert rose
    told_of = [lead for message in slack.got for lead in message["leads"]]
    accounts = [one for one in told_of if one["of"] == "accounts"]
    assert sorted(one["id"] for one in accounts) == sorted(rose)
    assert all(f"/{one['id']}" in one["link"] for one in accounts)
    names = names_of(stage)
    assert all(one["name"] == names[f"{one['of']} {one['id']}"] != "" for one in told_of)
    assert [one["name"] for message in other.got for one in message["leads"]] == [""] * len(told_of)
    kept = (stage.folder / "leadgauge.db").read_bytes()
    assert not any(one["name"].encode() in kept for one in told_of)


@pytest.mark.parametrize("trouble", ["nobody there", "slow"])
def test_where_the_crm_does_not_say_names_messages_go_without(crm: Open, trouble: str, caplog: Any) -> None:
    stage = crm(1)
    if trouble == "slow":
        stage.slow(9)
    else:
        stage.configure(lambda connection: connection.update(base_url="http://127.0.0.1:9"))
    one = About(stage.people()[0], "", "P1", 61, "", "", None, None)
    with caplog.at_level(logging.WARNING, "pipeline"):
        assert found_names(stage.settings().connections["main"], [one], Event(), within=2.0) == {}
    assert "go out without names" in caplog.text


@on_both
def test_the_daemon_sends_by_itself_and_one_sink_that_hangs_holds_up_neither_it_nor_the_other(
    crm: Open, slack: Hook, other: Hook
) -> None:
    stage = crm(5)
    hangs = {"type": "slack", "url": {"env": "OTHER"}, "about": "trouble"}
    told(stage, sinks=sinks() | {"ops": hangs}, calls_left=10_000_000)
    stage.provision()
    other.acts = ["hang"] * 9
    with stage.start("run") as process:
        assert soon(lambda: slack.got, 60)
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=60)
    assert process.returncode == 0, log
    assert [one["what"] for one in slack.got] == ["the calls to the CRM are nearly used up"]
    assert [one.sink for one in _states(stage)] == ["ops"]
    for secret in ("T00SECRET", "hush", "verysecret"):
        assert secret not in log


def _states(stage: Stage) -> Any:
    with stage.job() as job:
        return job.store.status("main").alerts
