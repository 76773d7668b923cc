"""Messages to people: hostile text stays text, a sink that misbehaves delays and loses nothing, no secret shows."""

import email
import email.policy
import logging
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import requests
from pydantic import TypeAdapter

from commands.run import GRACE
from config.notify import Notify, Sink, parse_hours
from pipeline.daemon.alerts import AlertMonitor
from pipeline.daemon.health import Health
from pipeline.daemon.metrics import Metrics
from pipeline.daemon.serving import Server
from pipeline.notify.delivering import Delivery, Messengers
from pipeline.notify.ending import ending
from pipeline.notify.sending import send
from pipeline.notify.undelivered import Undelivered
from pipeline.notify.wording import Words
from store import New, Store
from store.notices.queue import TOGETHER
from store.notices.reading import About
from tests.receivers import Hook, Mailer, certificate, deaf, hook, mailer, soon
from vocabulary.expiries import Expiry
from vocabulary.links import Links

HOSTILE = [
    "<!channel> <@U123> <https://evil.example|click>",
    "*bold* _it_ ~no~ `code` [x](https://evil.example) **b** <at>Everyone</at>",
    "Subject: x\r\nBcc: all@example.com\n.\nQUIT",
    "{{ 7*7 }} {% raw %} ${HOME} %s",
    "\x1b[31mred\x00 \u202egnp.exe",
    "😀" * 200,
]
LINKS = Links({"": "https://crm.example/{lead}"}, {"": "https://crm.example/firm/{lead}"})
WORDS = Words("main", LINKS, UTC)
SLACK_SINK = {"type": "slack", "url": {"env": "SLACK"}}
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def sink(**options: Any) -> Sink:
    return TypeAdapter(Sink).validate_python(options)  # type: ignore[no-any-return]


def lead(text: str, **more: Any) -> About:
    return About(
        **{
            "lead": "42",
            "prefix": "",
            "priority": "P1",
            "score": 61,
            "why_now": text,
            "next_step": text,
            "expires_at": NOW,
            "owner": text,
            **more,
        }
    )


def sent(options: Sink, text: str) -> None:
    send(options, WORDS.of_leads(options, [lead(text)], ["k"]), Event(), deadline=2.0, attempts=1)


@pytest.mark.parametrize("text", HOSTILE)
def test_slack_reads_nothing_in_a_text_as_formatting_mention_or_link(slack: Hook, text: str) -> None:
    sent(sink(**SLACK_SINK), text)
    (got,) = slack.got
    assert "<" not in got["text"]
    header, body = got["blocks"]
    assert header["text"]["type"] == "plain_text"
    elements = body["elements"][0]["elements"]
    assert {one["type"] for one in elements} == {"text", "link"}
    assert [one["url"] for one in elements if one["type"] == "link"] == ["https://crm.example/42"]


@pytest.mark.parametrize("text", HOSTILE)
def test_teams_reads_nothing_in_a_text_as_markdown_mention_or_link(slack: Hook, text: str) -> None:
    sent(sink(type="teams", url={"env": "SLACK"}), text)
    (got,) = slack.got
    (attachment,) = got["attachments"]
    card = attachment["content"]
    assert (got["type"], attachment["contentType"]) == ("message", "application/vnd.microsoft.card.adaptive")
    assert {block["type"] for block in card["body"]} == {"RichTextBlock"}
    runs = [run for block in card["body"] for run in block["inlines"]]
    assert {run["type"] for run in runs} == {"TextRun"}
    assert [run["selectAction"]["url"] for run in runs if "selectAction" in run] == ["https://crm.example/42"]
    assert "entities" not in card["msteams"]


def test_a_webhook_gets_the_facts_with_an_id_to_tell_what_came_twice(slack: Hook, monkeypatch: Any) -> None:
    monkeypatch.setenv("LOGIN", "Bearer abcdefgh")
    options = sink(type="webhook", url={"env": "SLACK"}, authorization={"env": "LOGIN"})
    for _ in range(2):
        sent(options, "came back")
    first, again = slack.got
    assert first == again
    assert (first["about"], first["leads"][0]["id"], first["keys"]) == ("priority", "42", ["k"])
    assert slack.headers[0]["Idempotency-Key"] == first["id"]
    assert slack.headers[0]["Authorization"] == "Bearer abcdefgh"


@pytest.mark.parametrize("act", [500, 404, 400, "close", "hang", "drip", (302, {"Location": "http://127.0.0.1:9/"})])
def test_an_address_that_misbehaves_is_said_in_time_without_its_secret(slack: Hook, act: Any) -> None:
    slack.acts = [act]
    began = time.monotonic()
    with pytest.raises(Undelivered) as raised:
        sent(sink(**SLACK_SINK), "x")
    assert time.monotonic() - began < 8  # the deadline is 2 s; a server that drips would take minutes
    for secret in ("T00SECRET", "hush", "verysecretsignature"):
        assert secret not in str(raised.value)
    assert raised.value.__cause__ is None


def test_no_redirect_is_followed(slack: Hook, other: Hook) -> None:
    slack.acts = [(307, {"Location": other.url})]
    with pytest.raises(Undelivered, match="not followed"):
        sent(sink(**SLACK_SINK), "x")
    assert other.got == []


@pytest.mark.parametrize(
    "url", ["http://hooks.example/x", "ftp://x/y", "nonsense", "https:///path", "https://a b/c", "http://[::1"]
)
def test_an_address_that_is_none_or_in_the_clear_is_refused_unsaid(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK", url)
    with pytest.raises(Undelivered) as raised:
        sent(sink(**SLACK_SINK), "x")
    assert url not in str(raised.value)


def test_a_certificate_that_nobody_signed_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pem, key = certificate(tmp_path)
    with mailer(pem, key, tls=True) as server:  # it never gets to speak, so that it need not speak HTTP
        monkeypatch.setenv("SLACK", f"https://localhost:{server.port}/x")
        with pytest.raises(Undelivered, match="certificate"):
            sent(sink(**SLACK_SINK), "x")


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    pem, key = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    monkeypatch.setenv("MAIL", "s3cret-pass")
    return pem, key


def mail_sink(server: Mailer, **more: Any) -> Sink:
    mail = {
        "type": "email",
        "host": "localhost",
        "port": server.port,
        "sender": "leads@example.com",
        "to": "sales@example.com",
    }
    login = {"user": "leads", "password": {"env": "MAIL"}}
    return sink(**mail | login | {"security": "tls" if server.tls else "starttls"} | more)


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("text", HOSTILE)
def test_a_mail_is_encrypted_plain_and_has_only_our_headers(trusted: tuple[Path, Path], text: str, tls: bool) -> None:
    with mailer(*trusted, tls=tls) as server:
        options = mail_sink(server, templates={"priority": "{{ leads[0].why_now }}\n{{ leads[0].why_now }}"})
        sent(options, text)
    (raw,) = server.mails
    got = email.message_from_string(raw, policy=email.policy.default)
    assert sorted(got.keys()) == sorted(
        [
            "Subject",
            "From",
            "To",
            "Date",
            "Message-ID",
            "Auto-Submitted",
            "MIME-Version",
            "Content-Type",
            "Content-Transfer-Encoding",
        ]
    )
    assert got.get_content_type() == "text/plain"
    assert (server.encrypted, server.recipients) == ([True], ["TO:<sales@example.com>"])
    assert server.logins == ["\0leads\0s3cret-pass"]


@pytest.mark.parametrize("act", ["hang", "drip", "close", "reject", "busy", "no_tls"])
def test_a_mail_server_that_misbehaves_is_said_in_time_without_the_password(
    trusted: tuple[Path, Path], act: str
) -> None:
    with mailer(*trusted) as server:
        server.act = act
        began = time.monotonic()
        with pytest.raises(Undelivered) as raised:
            sent(mail_sink(server), "x")
        assert time.monotonic() - began < 8
    assert "s3cret" not in str(raised.value)
    assert server.mails == []
    if act == "no_tls":
        assert server.logins == []  # a server that drops STARTTLS gets no password


def test_a_mail_server_with_a_certificate_for_another_name_gets_nothing(tmp_path: Path, monkeypatch: Any) -> None:
    pem, key = certificate(tmp_path, "elsewhere.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    monkeypatch.setenv("MAIL", "s3cret-pass")
    for tls in (False, True):
        with mailer(pem, key, tls=tls) as server, pytest.raises(Undelivered, match="certificate"):
            sent(mail_sink(server), "x")
        assert (server.mails, server.logins) == ([], [])


@pytest.mark.parametrize(
    ("moment", "quiet"),
    [
        ("2026-03-28T21:59:00+00:00", True),  # 22:59 in Berlin
        ("2026-03-29T00:59:00+00:00", True),  # 01:59, a minute before the clock goes to 03:00
        ("2026-03-29T01:00:00+00:00", False),  # 03:00: the end, 02:30, was left out
        ("2026-10-25T00:29:00+00:00", True),  # 02:29 the first time
        ("2026-10-25T00:30:00+00:00", False),  # 02:30 the first time
        ("2026-10-25T01:29:00+00:00", True),  # 02:29 again
        ("2026-10-25T01:30:00+00:00", False),
    ],
)
def test_quiet_hours_go_by_the_clock_on_the_wall(moment: str, quiet: bool) -> None:
    assert parse_hours("22:00-02:30").contain(datetime.fromisoformat(moment), ZoneInfo("Europe/Berlin")) is quiet


class Stage:
    """A queue with sinks, and a clock that is moved by hand."""

    def __init__(self, store: Store, **options: Any) -> None:
        self.store, self.now = store, NOW
        store.lease("main", holder="test", ttl=timedelta(minutes=1), purpose="test").release()
        notify = Notify.model_validate(
            {
                "sinks": options.pop("sinks", {"sales": {**SLACK_SINK, "about": ["trouble", "priority"]}}),
                **options,
            }
        )
        self.connection: Any = SimpleNamespace(notify=notify, scorecards=())
        self.delivery = Delivery(store, "main", self.connection, Event(), lambda: self.now, 1.0, 0.0)

    def queue(self, key: str, sink: str = "sales", kind: str = "trouble") -> None:
        facts = {"what": "a pass failed", "message": key, "since": NOW.isoformat(), "until": NOW.isoformat()}
        self.store.notices("main").add([New(sink, key, kind, facts)], self.now)

    def told(self, name: str) -> Sink:
        return self.connection.notify.sinks[name]  # type: ignore[no-any-return]

    def after(self, **span: float) -> int:
        self.now += timedelta(**span)
        self.delivery.upkeep()
        return sum(self.delivery.deliver(name) for name in self.connection.notify.sinks)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path}/state.db") as opened:
        yield opened


def told(hook: Hook) -> list[str]:
    return [got["blocks"][1]["elements"][0]["elements"][0]["text"] for got in hook.got]


@pytest.mark.parametrize("act", [500, "close", "drip", (429, {"Retry-After": "7200"})])
def test_a_sink_that_is_down_delays_and_loses_nothing(store: Store, slack: Hook, act: Any, caplog: Any) -> None:
    stage = Stage(store)
    for number in range(3):
        stage.queue(f"{number}")
    slack.acts = [act] * 2
    with caplog.at_level(logging.DEBUG, "pipeline"):
        assert stage.after(seconds=1) == 0
    assert stage.after(seconds=1) == 0  # it is left alone for a while
    assert len(slack.acts) == (1 if isinstance(act, tuple) else 0)
    slack.acts = []
    assert stage.after(hours=2, seconds=1) == 3
    assert told(slack) == ["0", "1", "2"]
    logged = " ".join(one.getMessage() for one in caplog.records if one.name.startswith("pipeline"))
    assert "gets its message later" in logged
    assert not any(secret in logged for secret in ("T00SECRET", "hush", "verysecret"))
    kept = Path(str(store._database.engine.url.database))
    assert all(b"T00SECRET" not in file.read_bytes() for file in kept.parent.glob("state.db*"))


def test_one_sink_that_hangs_holds_up_no_other(store: Store, slack: Hook, other: Hook) -> None:
    stage = Stage(
        store,
        sinks={
            "sales": {**SLACK_SINK, "about": "trouble"},
            "ops": {**SLACK_SINK, "url": {"env": "OTHER"}, "about": "trouble"},
        },
    )
    stage.now = datetime.now(UTC)
    stage.queue("a")
    stage.queue("b", "ops")
    slack.acts = ["hang"]
    stop = Event()
    messengers = Messengers(store, lambda: {"main": stage.connection}, stop)
    messengers.look()
    assert soon(lambda: told(other) == ["b"])
    assert slack.got == []
    stop.set()
    slack.ended.set()
    messengers.finish(10)


VERBS = ("EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", ".", "QUIT")


def test_whatever_the_stage_at_which_sinks_hang_all_have_let_go_soon_after_a_stop(
    store: Store, trusted: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    with ExitStack() as stack:
        mailers = {act: stack.enter_context(mailer(*trusted)) for act in ("hang", "drip", *VERBS)}
        hooks = {act: stack.enter_context(hook()) for act in ("hang", "drip", "drip body")}
        for act, server in mailers.items():
            server.act = act
        for number, (act, address) in enumerate(hooks.items()):
            address.acts = [act] * 9
            monkeypatch.setenv(f"HOOK{number}", address.url)
        monkeypatch.setenv("TLS", f"https://127.0.0.1:{stack.enter_context(deaf())}/x")
        monkeypatch.setenv("FULL", f"http://127.0.0.1:{stack.enter_context(deaf(full=True))}/x")
        named = [f"HOOK{number}" for number in range(len(hooks))]
        posts = {name.lower(): {**SLACK_SINK, "url": {"env": name}} for name in (*named, "TLS", "FULL")}
        mails = {f"mail{number}": mail_sink(one).model_dump() for number, one in enumerate(mailers.values())}
        stage = Stage(store, sinks={name: {**one, "about": "trouble"} for name, one in (posts | mails).items()})
        stage.now = datetime.now(UTC)
        for name in stage.connection.notify.sinks:
            stage.queue("a", name)
        stop = Event()
        messengers = Messengers(store, lambda: {"main": stage.connection}, stop)
        messengers.look()
        time.sleep(1.5)  # each is where it hangs by then
        stop.set()
        assert messengers.finish(GRACE) == []


def test_what_is_too_old_is_dropped_and_status_says_so(store: Store, slack: Hook) -> None:
    stage = Stage(store, give_up_after="2d")
    stage.now = datetime.now(UTC) - timedelta(days=3)
    stage.queue("a")
    slack.acts = [500] * 9
    stage.after(seconds=1)
    assert stage.after(days=3) == 0
    slack.acts = []
    assert stage.after(days=1) == 0
    assert [one.dropped for one in store.status("main").alerts] == [1]
    assert slack.got == []


def test_health_and_metrics_show_what_waits_and_was_dropped_for_each_sink_without_secrets(
    store: Store, slack: Hook
) -> None:
    ops = {**SLACK_SINK, "about": "trouble"}
    stage = Stage(store, sinks={"ops": ops, "sales": SLACK_SINK})
    stage.now = datetime.now(UTC) - timedelta(days=3)
    stage.queue("old", "ops")
    stage.now = datetime.now(UTC)
    queued = stage.now.replace(microsecond=0)
    stage.queue("new", "ops")
    slack.acts = [500] * 9
    stage.after(seconds=0)
    health, metrics = Health(["main"], "test"), Metrics()
    messengers = Messengers(store, lambda: {"main": stage.connection}, Event())
    AlertMonitor(messengers, health, metrics).look()
    server = Server(health, metrics.registry, "127.0.0.1", 0)
    server.start()
    try:
        told = requests.get(f"http://127.0.0.1:{server.port}/health", timeout=10)
        figures = requests.get(f"http://127.0.0.1:{server.port}/metrics", timeout=10).text
    finally:
        server.close()
    assert told.status_code == 200
    shown = told.json()["connections"]["main"]["alerts"]
    assert shown["sales"] == {"waiting": 0, "oldest": None, "dropped": 0, "error": None}
    assert (shown["ops"]["waiting"], shown["ops"]["dropped"]) == (1, 1)
    assert shown["ops"]["oldest"] == queued.isoformat()
    assert "answered 500" in shown["ops"]["error"]
    assert 'leadgauge_alerts_waiting{connection="main",sink="ops"} 1.0' in figures
    assert 'leadgauge_alerts_dropped{connection="main",sink="ops"} 1.0' in figures
    assert 'leadgauge_alerts_oldest_timestamp_seconds{connection="main",sink="sales"} NaN' in figures
    for secret in ("T00SECRET", "hush", "verysecret"):
        assert secret not in told.text + figures


@pytest.mark.parametrize("kind", ["webhook", "tls", "starttls"])
def test_the_certificate_of_a_sink_is_told_once_before_it_ends(
    store: Store, slack: Hook, trusted: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    with hook(trusted) as secure, mailer(*trusted, tls=kind == "tls") as server:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(trusted[0]))
        monkeypatch.setenv("SECURE", secure.url.replace("http://127.0.0.1", "https://localhost"))
        posted = {**SLACK_SINK, "url": {"env": "SECURE"}}
        mailed = mail_sink(server).model_dump()
        sales = {**(posted if kind == "webhook" else mailed), "about": "priority"}
        stage = Stage(store, sinks={"ops": {**SLACK_SINK, "about": "trouble"}, "sales": sales})
        stage.now = datetime.now(UTC)
        for _ in range(2):
            stage.delivery._note_ends(
                send(stage.told("sales"), WORDS.of_leads(stage.told("sales"), [lead("x")], ["k"]), Event())
            )
            stage.after(seconds=1)
    (got,) = slack.got
    assert got["text"].startswith("main: the certificate of localhost ends on ")


END = datetime(2027, 9, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "days", "told"),
    [
        ("certificate", 7.1, None),
        ("certificate", 7, 7),
        ("certificate", 1, 1),
        ("sign-in", 30, 30),
        ("sign-in", 6, 7),
        ("interface", 91, None),
        ("interface", 89, 90),
        ("interface", -3, 7),
    ],
)
def test_an_end_is_told_at_a_few_steps_before_it(kind: Any, days: float, told: int | None) -> None:
    notify = Notify.model_validate({"sinks": {"ops": {**SLACK_SINK, "about": "trouble"}}})
    found = ending(notify, [Expiry(kind, "the thing", END, "Renew it.")], END - timedelta(days=days))
    assert [one.key for one in found] == ([] if told is None else [f"end:the thing:2027-09-01:{told}"])


def test_a_message_that_the_sink_refuses_holds_up_no_other(store: Store, slack: Hook) -> None:
    stage = Stage(store)
    stage.queue("a")
    stage.queue("b")
    slack.acts = [400]
    assert stage.after(seconds=1) == 1
    assert told(slack) == ["b"]
    assert stage.after(minutes=5) == 1


def test_a_process_killed_between_sending_and_noting_sends_again_only_then(store: Store, slack: Hook) -> None:
    class Killed(BaseException):
        pass

    stage = Stage(store)
    stage.queue("a")

    def die(*_: Any) -> None:
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("store.notices.queue.Notices.sent", die)
        with pytest.raises(Killed):
            stage.after(seconds=1)
    assert stage.after(seconds=1) == 0  # the claim of the dead process still holds
    assert stage.after(minutes=5) == 1
    assert stage.after(days=1) == 0
    assert told(slack) == ["a", "a"]


def test_a_restart_sends_nothing_twice(store: Store, slack: Hook) -> None:
    stage = Stage(store)
    stage.queue("a")
    assert stage.after(seconds=1) == 1
    again = Stage(store)
    again.queue("a")
    assert again.after(days=1) == 0
    assert told(slack) == ["a"]


def test_quiet_hours_keep_what_is_for_sellers_and_let_trouble_through(store: Store, slack: Hook) -> None:
    options = {**SLACK_SINK, "about": ["priority", "trouble"], "quiet": "20:00-07:00"}
    stage = Stage(store, sinks={"sales": options}, timezone="Europe/Berlin")
    stage.now = datetime(2026, 6, 1, 20, tzinfo=UTC)  # 22:00 in Berlin
    stage.queue("p", kind="priority")
    stage.queue("t")
    assert stage.after(seconds=1) == 1
    assert told(slack) == ["t"]
    waiting = [one.waiting for one in store.status("main").alerts]
    assert waiting == [1]
    stage.now = datetime(2026, 6, 2, 5, tzinfo=UTC)
    stage.after(seconds=1)
    assert store.status("main").alerts == ()


def test_a_template_of_the_settings_gives_text_that_is_escaped(slack: Hook) -> None:
    mine = sink(
        **SLACK_SINK,
        templates={"priority": "{% for lead in leads %}<!here> {{ lead.id }}\n{{ lead.link }}{% endfor %}"},
    )
    sent(mine, "x")
    (got,) = slack.got
    assert got["text"] == "&lt;!here&gt; 42"
    assert got["blocks"][1]["elements"][0]["elements"][0] == {"type": "link", "url": "https://crm.example/42"}


def test_a_template_that_cannot_be_filled_in_is_said_and_waits(store: Store, slack: Hook) -> None:
    stage = Stage(
        store, sinks={"sales": {**SLACK_SINK, "about": "trouble", "templates": {"trouble": "{{ nothing.there }}"}}}
    )
    stage.queue("a")
    assert stage.after(seconds=1) == 0
    (state,) = store.status("main").alerts
    assert "`trouble` cannot be filled in" in state.error


@pytest.mark.parametrize(
    ("moment", "day", "hours"),
    [
        ("2026-03-29T05:59:59+00:00", "2026-03-28", 24),  # 07:59:59 in Berlin: today's is not due
        ("2026-03-29T06:00:00+00:00", "2026-03-29", 23),  # the clock went forward in the night
        ("2026-10-25T07:00:00+00:00", "2026-10-25", 25),
        ("2026-06-01T22:30:00+00:00", None, None),  # half past midnight in Berlin
    ],
)
def test_a_digest_is_made_once_a_day_and_is_about_the_day_before(
    store: Store, moment: str, day: str | None, hours: int | None
) -> None:
    stage = Stage(store, sinks={"sales": {**SLACK_SINK, "about": "digest"}}, timezone="Europe/Berlin")
    notices = store.notices("main")
    stage.now = datetime.fromisoformat(moment)
    if day == "2026-03-28":
        stage.delivery.upkeep()
        assert notices.claim("sales", stage.now, timedelta(), ["digest"]) == []
        return
    for _ in range(2):
        stage.delivery.upkeep()
    found = notices.claim("sales", stage.now, timedelta(minutes=5), ["digest"])
    assert [one.key for one in found] == ([f"digest:{day}"] if day else [])
    assert notices.claim("sales", stage.now, timedelta(minutes=5), ["digest"]) == []
    for one in found:
        since, until = (datetime.fromisoformat(one.facts[name]) for name in ("since", "until"))
        assert until - since == timedelta(hours=hours or 0)


def test_a_digest_says_who_is_new_and_who_cools_down_and_counts_what_it_does_not_list(slack: Hook) -> None:
    options = sink(**SLACK_SINK, about="digest")
    new = [lead("x", lead=str(number)) for number in range(30)]
    send(options, WORDS.of_digest(options, new, [lead("y", lead="99")], ["k"]), Event(), attempts=1)
    (got,) = slack.got
    assert got["text"] == "30 new and 1 about to cool down (main)"
    elements = got["blocks"][1]["elements"][0]["elements"]
    said = "".join(one.get("text", one.get("url")) for one in elements)
    assert "… and 5 more" in said
    assert "until 2026-06-01 12:00 UTC" in said
    assert sum(one["type"] == "link" for one in elements) == 26


def test_our_own_words_have_a_line_for_each_thing() -> None:
    one = WORDS.of_leads(sink(**SLACK_SINK), [lead("Asked for a demo", next_step="Call today", owner=None)], ["k"])
    assert (one.title, one.text) == (
        "New P1 lead (main)",
        "42 https://crm.example/42\n  Asked for a demo\n  Call today",
    )
    two = WORDS.of_leads(sink(**SLACK_SINK), [lead("", next_step="", owner="7")] * 2, ["k"])
    assert (two.title, two.text) == (
        "New: 2 P1 leads (main)",
        "42 (owner 7) https://crm.example/42\n42 (owner 7) https://crm.example/42",
    )
    named = replace(WORDS, names={("leads", "42"): "Ada\nByron"})
    account = lead("", lead="42", of="accounts", next_step="", owner=None)
    mixed = named.of_leads(sink(**SLACK_SINK), [lead("", next_step="", owner=None), account], ["k"])
    assert (mixed.title, mixed.lines) == (
        "New: 1 P1 lead, 1 P1 account (main)",
        ("Ada Byron, 42 https://crm.example/42", "account 42 https://crm.example/firm/42"),
    )
    digest = WORDS.of_digest(sink(**SLACK_SINK), [lead("x", owner=None)], [lead("x", owner=None)], ["k"])
    assert digest.lines == (
        "New in the first priority:",
        "42 https://crm.example/42",
        "About to cool down within a day if nothing happens:",
        "42 https://crm.example/42",
        "  until 2026-06-01 12:00 UTC",
    )


@pytest.mark.parametrize("text", ["😀" * 255, "漢" * 255, '"\\' * 127])
def test_as_many_leads_as_are_sent_at_once_fit_whole_into_a_card_of_teams(slack: Hook, text: str) -> None:
    ids = [f"0038d00000AbCdE{number}" for number in range(TOGETHER)]
    options = sink(type="teams", url={"env": "SLACK"})
    leads = [lead(text, lead=one, owner="0058d00000AbCdEFGH") for one in ids]
    send(options, WORDS.of_leads(options, leads, ["k"]), Event(), attempts=1)
    assert int(slack.headers[0]["Content-Length"]) <= 28_000
    said = str(slack.got)
    assert all(f"https://crm.example/{one}" in said for one in ids)
    assert said.count(text.replace("\\", "\\\\")[:200]) == 2 * TOGETHER


def test_what_is_longer_than_any_sink_takes_is_cut_and_says_so(slack: Hook) -> None:
    options = sink(
        type="teams", url={"env": "SLACK"}, templates={"priority": "{% for _ in range(5000) %}x\n{% endfor %}"}
    )
    sent(options, "x")
    assert int(slack.headers[0]["Content-Length"]) <= 28_000
    assert "more is in leadgauge" in str(slack.got)


def test_an_empty_digest_is_not_sent(store: Store, slack: Hook) -> None:
    stage = Stage(store, sinks={"sales": {**SLACK_SINK, "about": "digest"}})
    assert stage.after(hours=1) == 0
    assert slack.got == []
    assert store.status("main").alerts == ()
