"""Settings: all mistakes at once, with lines; secrets are never shown; scorecards and mapping are compared."""

import copy
import os
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import ConfigError, HubSpotConnection, SalesforceConnection, load_settings, require_secrets
from config.documents import Document, read_document
from config.schedules import parse_timing
from config.settings import Settings
from config.unseen import unseen
from config.validation import validated
from connectors.salesforce.settings import SalesforceSettings
from tests.config.cards import SETTINGS, SMALL, mistakes_of, mutilate
from tests.config.conftest import Write
from tests.examples import up_to

PLAIN = {path: read_document(path).data for path in SETTINGS}

MINIMAL = """\
connections:
  main:
    crm: hubspot
    token: {env: LEADGAUGE_TEST_TOKEN}
    scorecard: card.yaml
    fields: {country: country, employees: company.size, industry: i, code: c, since: s, tags: t, vip: v}
"""


def told(write: Write, text: str, card: str | None = SMALL) -> list[str]:
    """Return the mistakes in settings, with file names without their folder."""
    if card is not None:
        write(card)
    path = write(text, "leadgauge.yaml")
    return [str(mistake).replace(f"{path.parent}/", "") for mistake in mistakes_of(load_settings, path)]


@pytest.mark.parametrize("path", SETTINGS, ids=lambda path: path.stem)
def test_the_shipped_settings_load(path: Path) -> None:
    connection = load_settings(path).connections["main"]
    assert isinstance(connection, HubSpotConnection | SalesforceConnection)
    assert connection.scorecards[0].card.name == "b2b-saas"
    assert set(connection.wanted) <= set(connection.fields)


def test_what_is_left_out_has_its_documented_value(write: Write) -> None:
    write(SMALL)
    settings = load_settings(write(MINIMAL, "leadgauge.yaml"))
    connection = settings.connections["main"]
    assert settings.metrics is None
    assert connection.write.guard == 0.25
    assert connection.write.dead_band == 3
    assert connection.schedule.sync.text == "5m"
    assert connection.keep == timedelta(days=400)
    assert connection.wanted["tags"] == "list"


@pytest.mark.parametrize(("outputs", "warned"), [("{}", True), ("all", False), ("{lead_priority_index: true}", False)])
def test_an_experiment_whose_index_is_not_written_is_warned_of(write: Write, outputs: str, warned: bool) -> None:
    write(
        f"{SMALL}readiness: {{stages: [{{name: New}}]}}\npriority:\n  experiment: {{share: 5%}}\n"
        "  matrix: {New: {A: P1, B: P1, C: P1, D: P1, F: P1, '?': P1}}\n"
    )
    connection = load_settings(write(f"{MINIMAL}    outputs: {outputs}\n", "leadgauge.yaml")).connections["main"]
    said = [finding.message for finding in unseen(connection)]
    told = "`experiment` changes the order of leads for nobody: `lead_priority_index` is not written to the CRM."
    assert said == ([told] if warned else [])


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (
            "    feedback: {values: {Bad fitt: [x]}}\n",
            "feedback.values: 'Bad fitt' is no meaning of feedback. Did you mean Bad fit?",
        ),
        (
            "    feedback: {values: {Good: x, Bot: [X]}}\n",
            "feedback.values: 'X' means both Good and Bot. Name it once.",
        ),
        (
            "    feedback: {values: {Nice: Good}}\n",
            "'Nice' is no meaning of feedback. Write the meaning first and your value behind it, `Good: [Nice]`.",
        ),
        (
            "    feedback: {values: {Nice: x}}\n",
            "Write one of Good, Bad fit, Bad timing, Bot first and your values behind it, such as `Good: [Nice]`.",
        ),
        ("    feedback: true\n", "feedback: a scorecard declares `feedback` as number, but what sales says is text."),
        ("", "fields: the scorecard small asks for `feedback`, which is not read. Add `feedback: true` to read it."),
    ],
)
def test_mistakes_about_feedback_are_told_with_their_lines(write: Write, lines: str, said: str) -> None:
    kind = "number" if lines.endswith("true\n") else "text"
    card = SMALL.replace("fields: {", f"fields: {{feedback: {kind}, ", 1)
    [found] = told(write, MINIMAL + lines, card)
    assert said in found


def test_feedback_is_read_under_one_name_and_not_mapped_twice(write: Write) -> None:
    write(SMALL)
    connection = load_settings(write(f"{MINIMAL}    feedback: true\n", "leadgauge.yaml")).connections["main"]
    assert connection.wanted["feedback"] == "text"
    [found] = told(write, MINIMAL.replace("fields: {", "fields: {feedback: x, ") + "    feedback: true\n")
    assert "`feedback` is read as the section `feedback` says." in found


def test_paths_are_relative_to_the_settings_file(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    folder = write(SMALL).parent
    settings = load_settings(write(f"database: sqlite:///state/x.db\n{MINIMAL}", "leadgauge.yaml"))
    assert settings.connections["main"].scorecards[0].file == folder / "card.yaml"
    assert settings.database_url == f"sqlite:///{folder}/state/x.db"


def test_a_scorecard_of_hundreds_of_connections_is_read_once(write: Write) -> None:
    write(SMALL)
    more = MINIMAL.partition("  main:\n")[2]
    text = MINIMAL + "".join(f"  crm-{number}:\n{more}" for number in range(200))
    settings = load_settings(write(text, "leadgauge.yaml"))
    cards = [use.card for one in settings.connections.values() for use in one.scorecards]
    assert len(cards) == 201
    assert len({id(card) for card in cards}) == 1


def test_mistakes_of_settings_and_scorecards_come_together(write: Write) -> None:
    wrong = MINIMAL.replace("scorecard:", "scorecrad: x\n    scorecard:") + "    write: {dead_band: much, guard: 25}\n"
    assert told(write, wrong, SMALL.replace("points: 5", "points: five")) == [
        "card.yaml:8: score.fit, group 'Person', rule 'Norway', points: 'five' is not a number. Write one such as 20.",
        "leadgauge.yaml:5: connections.main.scorecrad: this option does not exist here. Did you mean `scorecard`?",
        "leadgauge.yaml:8: connections.main.write.dead_band: 'much' is not a whole number. Write one such as 3. A number is written again when it has moved by at least this many points since the last write, or when grade, stage, urgency, priority or status changes.",
        "leadgauge.yaml:8: connections.main.write.guard: '25' must be at most 100%. Write a percentage: 25%.",
    ]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("crm: hubspot", "crm: hubspto", "leadgauge.yaml:3: connections.main.crm: 'hubspto' is not allowed here. Did you mean `hubspot`?"),
        ("crm: hubspot", "name: x", "connections.main: the option `crm` is missing. Add `crm: hubspot` or `crm: salesforce`."),
        ("main:", "Main One:", "'Main One' is not a valid name. Lower-case letters, digits, `-` and `_`, starting with a letter."),
        ("connections:", "conections:", "leadgauge.yaml:1: conections: this option does not exist here. Did you mean `connections`?"),
        ("token: {env: LEADGAUGE_TEST_TOKEN}", "token: {evn: X}", "Did you mean `env`?"),
        ("    scorecard: card.yaml\n", "", "connections.main.scorecards: this option is missing"),
        ("scorecard: card.yaml", "scorecard: card.yaml\n    scorecards: [{file: card.yaml}]", "Keep one of them"),
        ("scorecard: card.yaml", "scorecards: [{file: card.yaml}, {file: card.yaml}]", "Give each its own `prefix`"),
        ("scorecard: card.yaml", "scorecards: [{file: card.yaml, prefix: Über}]", "leadgauge.yaml:5: connections.main, scorecard 1, prefix"),
        ("scorecard: card.yaml", "scorecard: card.yaml\n    outputs: {lead_scored_at: false}", "leadgauge.yaml:6: connections.main.outputs: 'lead_scored_at' is always written. Remove it here."),
        ("scorecard: card.yaml", "scorecard: card.yaml\n    outputs: {lead_scor: true}", "outputs: 'lead_scor' is not an output field. Did you mean `lead_score`?"),
        ("scorecard: card.yaml", "scorecard: card.yaml\n    outputs: {mood: true}", "outputs: 'mood' is not an output field. Write one of lead_score, lead_score_trend, "),
        ("scorecard: card.yaml", "scorecard: card.yaml\n    outputs: {lead_fit: often}", "outputs: 'lead_fit' is neither on nor off. Write true or false."),
        ("scorecard: card.yaml", "scorecard: card.yaml\n    outputs: some", "outputs: this is neither `all` nor a section. Write `all`, or fields such as `lead_score: true`."),
        ("scorecard: card.yaml", "scorecard: card.yaml\n    outputs: {lead_score_status: false}\n    write: {outside: mark}", "`write.outside: mark` writes lead_score_status"),
        ("scorecard: card.yaml", "scorecard: gone.yaml", "connections.main.scorecard: there is no file 'gone.yaml'. Check the name"),
        ("scorecard: card.yaml", "scorecard: crad.yaml", "connections.main.scorecard: there is no file 'crad.yaml'. Did you mean card.yaml?"),
        ("scorecard: card.yaml", "scorecard: 7", "leadgauge.yaml:5: connections.main.scorecard: '7' is not a file name"),
        ("country: country, ", "", "leadgauge.yaml:6: connections.main.fields: the scorecard small declares `country`, but no CRM field is mapped to it."),
        ("crm: hubspot", "crm: hubspot\n    schedule: {sync: 5 fortnights}", "leadgauge.yaml:4: connections.main.schedule.sync: '5 fortnights' is not a schedule"),
        ("crm: hubspot", "crm: hubspot\n    schedule: {refresh: '25:00'}", "is not a schedule"),
        ("crm: hubspot", "crm: hubspot\n    schedule: {sync: 2s}", "is too short an interval"),
        ("crm: hubspot", "crm: hubspot\n    schedule: {timezone: Mars/Olympus}", "is not a time zone"),
        ("crm: hubspot", "crm: hubspot\n    schedule: {timezone: Europe/Berln}", "'Europe/Berln' is not a time zone. Did you mean Europe/Berlin?"),
        ("{env: LEADGAUGE_TEST_TOKEN}", "${LEADGAUGE_TEST_TOKEN}", "a secret must not be written in the settings. Use {env: LEADGAUGE_TEST_TOKEN} instead."),
        ("{env: LEADGAUGE_TEST_TOKEN}", "{env: $LEADGAUGE_TEST_TOKEN}", "name the variable without $ and braces. Write LEADGAUGE_TEST_TOKEN."),
        ("{env: LEADGAUGE_TEST_TOKEN}", "{env: pat-na1-secret}", "this is not the name of an environment variable. Write one such as HUBSPOT_TOKEN."),
        ("crm: hubspot", "crm: hubspot\n    write: {guard: 25}", "'25' must be at most 100%. Write a percentage: 25%."),
        ("crm: hubspot", "crm: hubspot\n    write: {guard: 400%}", "must be at most 100%"),
        ("crm: hubspot", "crm: hubspot\n    keep: 5", "has no unit"),
        ("crm: hubspot", "crm: hubspot\n    keep: 900000d", "'900000d' is too long. The maximum is 36500d"),
        ("crm: hubspot", "crm: hubspot\n    keep: 99999999999d", "'99999999999d' is too long"),
        ("crm: hubspot", "crm: hubspot\n    keep: 99999999999999999999d", "'99999999999999999999d' is too long"),
        ("crm: hubspot", "crm: hubspot\n    schedule: {sync: 900000d}", "leadgauge.yaml:4: connections.main.schedule.sync: '900000d' is too long. The maximum is 36500d"),
        ("connections:", "database: mysql://x\nconnections:", "leadgauge.yaml:1: database: this is not a database address."),
        ("connections:", "metrics: {port: 99999}\nconnections:", "'99999' must be at most 65535. Write a number from 0 to"),
        ("connections:", "pages: {port: x}\nconnections:", "'x' is not a whole number. Write one such as 9465."),
        (
            "connections:",
            "pages: {public_url: leads.example.com}\nconnections:",
            "pages.public_url: 'leads.example.com' does not begin with https://. Write https://leads.example.com.",
        ),
        ("connections:", "pages: {approval: none}\nconnections:", "not allowed here. Write one of `another`, `anyone`."),
        ("connections:", "pages: {approval: anyon}\nconnections:", "not allowed here. Did you mean `anyone`?"),
        (
            "connections:",
            "pages: {sign_in: {type: token, people: {}}}\nconnections:",
            "this section is empty. It needs at least one entry, such as `{anna: {role: viewer, token: {env: ",
        ),
        ("connections:", "pages: {session: 5s}\nconnections:", "'5s' must be at least 1 minute."),
        ("vip: v}", "vip: v}\n    report: {promise: 0s}", "'0s' must be above 0. How soon sales has promised to call"),
        ("connections:", "log: loud\nconnections:", "leadgauge.yaml:1: log: 'loud' is not a section"),
        ("connections:", "log: {level: loud}\nconnections:", "Write one of `debug`, `info`, `warning`, `error`."),
    ],
)  # fmt: skip
def test_each_mistake_says_where_it_is_and_what_to_write(write: Write, old: str, new: str, words: str) -> None:
    assert old in MINIMAL
    found = told(write, MINIMAL.replace(old, new))
    assert any(words in one for one in found), found


SALESFORCE = """\
connections:
  main:
    crm: salesforce
    domain: acme.my
    auth: {flow: client_credentials, consumer_key: {env: X}, consumer_secret: {env: X}}
    scorecard: card.yaml
    fields: {country: Country, employees: E, industry: I, code: C, since: S, tags: T, vip: V}
"""


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("country: Country", "country: 5", "fields.country: '5' is not text."),
        (
            "country: Country",
            "country: a b",
            "fields.country: 'a b' is no mapping. Write PROPERTY, or a derivation such as seniority(PROPERTY)",
        ),
        (
            "country: Country",
            "country: {Led: Country}",
            "fields.country.Led: this option does not exist here. Did you mean `Lead`?",
        ),
        ("flow: client_credentials", "flow: jwtt", "auth.flow: 'jwtt' is not allowed here. Did you mean `jwt`?"),
        ("flow: client_credentials, ", "", "auth: the option `flow` is missing."),
    ],
)
def test_what_may_be_written_in_several_forms_is_told_for_the_form_that_was_meant(
    write: Write, old: str, new: str, words: str
) -> None:
    found = told(write, SALESFORCE.replace(old, new))
    assert len(found) == 1
    assert f"connections.main.{words}" in found[0]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ("deals: {won: hs_is_closed_won}", "deals: the scorecard small declares `amount`, but no CRM field is mapped to it."),
        ("", "member_of: the scorecard small declares `groups` as member_of, but nothing says what it lists. Add `groups: {ENTRY: <id or name of a list>}`."),
        ("FIELD", "fields.groups: `groups` is declared as member_of, which no CRM field feeds. Say under `member_of` what it lists."),
        ("member_of: {vip: {x: 1}}", "member_of.vip: `vip` is declared as flag. Declare `vip: member_of` in the scorecard."),
        ("member_of: {groups: {}}", "member_of.groups: no entry is given. Write `ENTRY: ID` for each, or remove the field."),
        ("member_of: {groups: {x: ''}}", "member_of.groups.x: this names no segment. Write its id or its name."),
        ("member_of: {groups: {x: [1]}}", "member_of.groups.x: a list is not text."),
        ("member_of: {groups: {x: 1}}\n    exclude: {staff: {groups: {is: x}}}", "exclude.staff: `groups` lists memberships, which cannot be asked here. Test fields that are mapped under `fields`."),
    ],
)  # fmt: skip
def test_deals_and_memberships_that_a_scorecard_declares_need_a_mapping(
    write: Write, settings: str, words: str
) -> None:
    card = SMALL.replace("score:", "deals: {amount: number}\nscore:", 1).replace(
        "vip: flag", "vip: flag, groups: member_of"
    )
    mapped = MINIMAL.replace("vip: v", "vip: v, groups: g") if settings == "FIELD" else f"{MINIMAL}    {settings}\n"
    found = told(write, mapped, card)
    assert any(words in one for one in found), found


@pytest.mark.parametrize(
    ("report", "words"),
    [
        ("{team: region}", "report.team: no CRM field is mapped to `region`. Add `region: <CRM field>` under `fields`, or name another field."),
        ("{person: owner}", "report.person: no CRM field is mapped to `owner`. Add `owner: hubspot_owner_id` under `fields`, or name another field."),
        ("{amount: worth}", "report.amount: no field of deals is mapped to `worth`. Add `worth: amount` under `deals`, or name another one."),
        ("{promise: 0s}", "report.promise:"),
        ("{promis: 4h}", "report.promis: this option does not exist here. Did you mean `promise`?"),
    ],
)  # fmt: skip
def test_what_the_report_is_to_show_needs_a_mapping(write: Write, report: str, words: str) -> None:
    found = told(write, f"{MINIMAL}    report: {report}\n")
    assert any(words in one for one in found), found


def test_the_fields_of_the_report_are_read_like_those_of_a_scorecard(write: Write) -> None:
    write(SMALL)
    asked = "    report: {source: country, amount: amount}\n    deals: {amount: amount}\n"
    connection = load_settings(write(f"{MINIMAL}{asked}", "leadgauge.yaml")).connections["main"]
    assert connection.of_deals == {"amount": "number"}
    told = {**connection.deals, "open": "not(hs_is_closed)", "closed_at": "closedate", "stage": "dealstage"}
    more = connection.model_copy(update={"deals": told})
    assert more.of_deals == {"amount": "number", "open": "flag", "closed_at": "time"}
    assert connection.wanted["country"] == "text"


def test_a_segment_may_be_named_by_a_number(write: Write) -> None:
    write(SMALL.replace("vip: flag", "vip: flag, groups: member_of"))
    settings = load_settings(write(f"{MINIMAL}    member_of: {{groups: {{a: 123, b: Our list}}}}\n", "leadgauge.yaml"))
    assert settings.connections["main"].member_of == {"groups": {"a": "123", "b": "Our list"}}


def test_two_scorecards_must_declare_a_field_alike(write: Write) -> None:
    write(SMALL.replace("employees: number", "employees: text").replace("at_least: 100", "contains: x"), "other.yaml")
    found = told(
        write,
        MINIMAL.replace("scorecard: card.yaml", "scorecards: [{file: card.yaml}, {file: other.yaml, prefix: o_}]"),
    )
    assert any("`employees` is number in card.yaml and text in other.yaml" in one for one in found), found


def test_a_likelihood_of_accounts_needs_a_scorecard_that_scores_them(write: Write) -> None:
    write(SMALL)
    uses = "scorecards:\n      - file: card.yaml\n        accounts_likelihood: l.yaml"
    found = told(write, MINIMAL.replace("scorecard: card.yaml", uses))
    assert any("accounts_likelihood: the scorecard small scores no accounts." in one for one in found), found


def test_a_token_in_the_file_is_refused_and_not_shown(write: Write) -> None:
    found = told(write, MINIMAL.replace("{env: LEADGAUGE_TEST_TOKEN}", "pat-na1-verysecret"))
    assert any(
        "leadgauge.yaml:4: connections.main.token: a secret must not be written in the settings" in one for one in found
    )
    assert "verysecret" not in "".join(found)


@pytest.mark.parametrize(
    "address", ["me:verysecret@host/db", "me@host/db?password=verysecret", "h/db?sslpassword=verysecret"]
)
def test_a_database_password_in_the_file_is_refused_and_not_shown(write: Write, address: str) -> None:
    found = told(write, f"database: postgresql://{address}\n{MINIMAL}")
    assert any("leadgauge.yaml:1: database: the database password is written in the file." in one for one in found)
    assert "verysecret" not in "".join(found)


def test_a_database_behind_a_socket_of_this_machine_has_no_host(write: Write) -> None:
    write(SMALL)
    settings = load_settings(write(f"database: postgresql:///db?host=/run/postgresql\n{MINIMAL}", "leadgauge.yaml"))
    assert settings.database_url == "postgresql:///db?host=/run/postgresql"


def test_a_database_password_comes_from_the_environment_and_is_never_shown(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEADGAUGE_TEST_PASSWORD", "verysecret")
    write(SMALL)
    settings = load_settings(
        write(f"database: postgresql://me:${{LEADGAUGE_TEST_PASSWORD}}@host/db\n{MINIMAL}", "leadgauge.yaml")
    )
    assert settings.database_url == "postgresql://me:verysecret@host/db"
    assert "verysecret" not in repr(settings) + str(settings) + settings.model_dump_json()
    monkeypatch.delenv("LEADGAUGE_TEST_PASSWORD")
    assert (
        "the environment variable LEADGAUGE_TEST_PASSWORD is not set"
        in told(write, f"database: {{env: LEADGAUGE_TEST_PASSWORD}}\n{MINIMAL}")[0]
    )


def test_a_database_address_may_stand_in_a_file_beside_the_settings(write: Write) -> None:
    write("postgresql://me:verysecret@host/db\n", "address")
    write(SMALL)
    settings = load_settings(write(f"database: {{file: address}}\n{MINIMAL}", "leadgauge.yaml"))
    assert settings.database_url == "postgresql://me:verysecret@host/db"
    assert "verysecret" not in repr(settings)


def test_a_missing_secret_is_told_by_the_setting_that_names_it(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LEADGAUGE_TEST_TOKEN", raising=False)
    write(SMALL)
    settings = load_settings(write(MINIMAL, "leadgauge.yaml"))
    with pytest.raises(
        ConfigError, match=r"leadgauge\.yaml:4: connections\.main\.token: .*LEADGAUGE_TEST_TOKEN is not set"
    ):
        require_secrets(settings.connections["main"])
    monkeypatch.setenv("LEADGAUGE_TEST_TOKEN", "x")
    require_secrets(settings.connections["main"])


def test_secrets_of_sections_inside_are_found_as_well() -> None:
    path = next(path for path in SETTINGS if "salesforce" in path.name)
    assert "SALESFORCE_CONSUMER_KEY" not in os.environ
    with pytest.raises(ConfigError) as raised:
        require_secrets(load_settings(path).connections["main"])
    assert [mistake.path for mistake in raised.value.mistakes] == [
        "connections.main.auth.consumer_key",
        "connections.main.auth.consumer_secret",
    ]


@pytest.mark.parametrize(
    ("text", "run"),
    [
        ("02:30", "Mon 02:30"),
        ("sun 03:00", "Sun 03:00"),
        ("Wednesday 3:05", "Wed 03:05"),
        ("*/20 6-7 * * mon-fri", "Mon 06:00"),
    ],
)
def test_a_time_of_day_runs_when_it_comes_next(text: str, run: str) -> None:
    sunday = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    following = parse_timing(text).trigger(UTC).get_next_fire_time(None, sunday)
    assert following.strftime("%a %H:%M") == run


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("5m", 300), ("36h", 129_600), ("2d", 172_800)])
def test_a_span_runs_every_so_often(text: str, seconds: int) -> None:
    now = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    following = parse_timing(text).trigger(UTC).get_next_fire_time(now, now)
    assert (following - now).total_seconds() == seconds


def test_times_of_day_follow_the_clock_change() -> None:
    """02:30 does not exist on the night when clocks go forward in Berlin; 03:00 does."""
    zone = ZoneInfo("Europe/Berlin")
    trigger = parse_timing("03:00").trigger(zone)
    summer = trigger.get_next_fire_time(None, datetime(2026, 7, 1, tzinfo=UTC))
    winter = trigger.get_next_fire_time(None, datetime(2026, 12, 1, tzinfo=UTC))
    assert (summer.astimezone(UTC).hour, winter.astimezone(UTC).hour) == (1, 2)


@hypothesis.settings(max_examples=up_to(60), deadline=None)
@given(seed=st.integers(0, 2**32))
def test_mutilated_settings_give_mistakes_and_never_a_traceback(seed: int) -> None:
    luck = random.Random(seed)
    path = luck.choice(SETTINGS)
    data = copy.deepcopy(PLAIN[path])
    for _ in range(luck.randint(1, 3)):
        if data:
            mutilate(data, luck)
    told = mistakes_of(lambda document: validated(Settings, document, path.parent), Document(path.name, data, {(): 1}))
    assert all(mistake.message and mistake.line for mistake in told)


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("api.hubapi.com", "'api.hubapi.com' does not begin with https://. Write https://api.hubapi.com."),
        ("localhost:8901", "'localhost:8901' does not begin with http://. Write http://localhost:8901."),
        ("https://api.hubapi.com/crm/v3", "has more than the name of the server. Write https://api.hubapi.com."),
        ("https://me:secret1@x.example", "has a user name in it. Write https://x.example, and put secrets elsewhere."),
        ("ftp://x.example", "does not begin with https://. Write https://x.example."),
        ("https://x.example:port", "has a port that is no number from 1 to 65535. Write one such as x.example:8080."),
        ("https://", "is no address of a web server. Write https:// and its name."),
    ],
)
def test_an_address_is_explained_in_words(write: Write, written: str, says: str) -> None:
    [said] = told(write, MINIMAL.replace("crm: hubspot", f"crm: hubspot\n    base_url: '{written}'"))
    assert says in said
    assert "secret1" not in said


def test_an_address_may_end_in_a_slash(write: Write) -> None:
    write(SMALL)
    text = MINIMAL.replace("crm: hubspot", "crm: hubspot\n    base_url: https://x.example/")
    connection = load_settings(write(text, "leadgauge.yaml")).connections["main"]
    assert connection.base_url == "https://x.example"


@pytest.mark.parametrize(
    ("written", "domain"),
    [
        ("acme.my", "acme.my"),
        ("https://acme.my.salesforce.com/", "acme.my"),
        ("acme.lightning.force.com", "acme.my"),
        ("https://acme--uat.sandbox.lightning.force.com/lightning/page/home", "acme--uat.sandbox.my"),
        ("login.salesforce.com", "login"),
    ],
)
def test_a_domain_may_be_written_as_the_browser_shows_it(written: str, domain: str) -> None:
    auth = {"flow": "client_credentials", "consumer_key": {"env": "K"}, "consumer_secret": {"env": "S"}}
    given = {"crm": "salesforce", "auth": auth, "domain": written, "base_url": "http://127.0.0.1:1"}
    assert SalesforceSettings.model_validate(given).domain == domain


RECEIVE = "receive: {address: 'https://hooks.example.com/x', port: 9465}\n"
APP = "    feed: {client_id: app, client_secret: {env: LEADGAUGE_TEST_APP}}\n"
RECEIVED = "    schedule: {feed: received}\n"


@pytest.mark.parametrize(("left_out", "wrong"), [(RECEIVE, "no webhook can be received"), (APP, "the app's secret")])
def test_webhooks_are_received_only_where_their_signature_can_be_checked(
    write: Write, left_out: str, wrong: str
) -> None:
    text = MINIMAL + APP + RECEIVED + RECEIVE
    assert told(write, text) == []
    (mistake,) = told(write, text.replace(left_out, ""))
    assert "connections.main.schedule.feed" in mistake
    assert wrong in mistake


@pytest.mark.parametrize("address", ["hooks.example.com", "https://", "https://hooks.example.com/?a=1", "ftp://x"])
def test_the_address_that_hubspot_calls_is_one_without_a_query(write: Write, address: str) -> None:
    (mistake,) = told(write, MINIMAL + f"receive: {{address: '{address}'}}\n")
    assert "receive.address" in mistake
