"""Tokens: static and refreshed, read from the source in the settings, and never shown."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.base import ConfigurationError
from connectors.hubspot.settings import HubSpotSettings
from connectors.secret import Secret
from tests.hubspot.conftest import NOON, Account, Pull


@pytest.fixture
def oauth(account: Account, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Any]:
    """Settings of an OAuth app with its refresh token in a file."""
    client = account.portal.tokens.client
    monkeypatch.setenv("HUBSPOT_TEST_SECRET", client.secret)
    file = tmp_path / "refresh"
    file.write_text(client.refresh_token + "\n")
    app = {
        "client_id": client.client_id,
        "client_secret": {"env": "HUBSPOT_TEST_SECRET"},
        "refresh_token": {"file": str(file)},
    }
    return {"token": None, "oauth": app}


def refreshes(account: Account) -> list[tuple[str, str, int]]:
    return [call for call in account.calls() if "/oauth/" in call[1]]


def test_oauth_token_is_fetched_once_for_all_calls(account: Account, oauth: dict[str, Any], pull: Pull) -> None:
    lead = account.contact(NOON, email="p@x.example")
    connector = account.connect(**oauth)
    assert connector.find("p@x.example") == lead
    pull(connector, "contacts")
    assert len(refreshes(account)) == 1


def test_oauth_token_is_renewed_before_it_ends(account: Account, oauth: dict[str, Any]) -> None:
    account.portal.tokens.lifetime = 1
    connector = account.connect(**oauth)
    connector.find("a@x.example")
    connector._transport._access._ends = 0.0
    connector.find("b@x.example")
    assert len(refreshes(account)) == 2


def test_refused_refresh_token_names_its_place(account: Account, oauth: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "refresh").write_text("wrong")
    with pytest.raises(ConfigurationError, match="client_secret"):
        account.connect(**oauth).find("a@x.example")


def test_replaced_refresh_token_serves_every_connector(account: Account, oauth: dict[str, Any], tmp_path: Path) -> None:
    """`check` and the run share it; HubSpot's latest token is in the file, readable only by its owner."""
    account.app.state.mischief.set("replaced-refresh")
    first, second = account.connect(**oauth), account.connect(**oauth)
    first.check()
    first.find("a@x.example")
    second.find("b@x.example")
    assert len(refreshes(account)) == 1
    assert (tmp_path / "refresh").read_text() == account.portal.tokens.client.refresh_token
    assert (tmp_path / "refresh").stat().st_mode & 0o777 == 0o600


def test_refresh_token_that_another_process_replaced_is_read_again(
    account: Account, oauth: dict[str, Any], tmp_path: Path
) -> None:
    connector = account.connect(**oauth)
    connector.find("a@x.example")
    account.portal.tokens.replace()
    (tmp_path / "refresh").write_text(account.portal.tokens.client.refresh_token)
    connector._transport._access._ends = 0.0
    assert connector.find("b@x.example") is None


def test_processes_renew_one_after_the_other(
    account: Account, oauth: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each refresh invalidates the previous token, so two at once would leave one process without a valid one."""
    account.app.state.mischief.set("replaced-refresh")
    account.gate.latency = 0.2
    monkeypatch.setenv("HUBSPOT_TEST_SECRET", account.portal.tokens.client.secret)
    code = (
        "import sys; from connectors.hubspot import HubSpot; from connectors.hubspot.settings import HubSpotSettings;"
        " HubSpot(HubSpotSettings.model_validate_json(sys.argv[1]), {}, ()).find('a@x.example')"
    )
    given = {"crm": "hubspot", "base_url": account.url, "oauth": oauth["oauth"]}
    running = [
        subprocess.Popen([sys.executable, "-c", code, json.dumps(given)], stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    assert [(process.communicate(timeout=60)[1], process.returncode) for process in running] == [("", 0)] * 4
    assert len(refreshes(account)) == 4


def test_refresh_token_that_cannot_be_kept_is_said(
    account: Account, oauth: dict[str, Any], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """This process continues; the message says what will happen to the next one."""
    (tmp_path / "refresh.new").mkdir()
    account.app.state.mischief.set("replaced-refresh")
    connector = account.connect(**oauth)
    connector.find("a@x.example")
    assert "cannot be written" in caplog.text
    assert account.portal.tokens.client.refresh_token not in caplog.text


@pytest.mark.parametrize("fault", ["empty-object", "empty-body", "no-content", "error-200", "html-200", "missing-key"])
def test_token_answer_that_lacks_its_token_is_asked_for_again(
    account: Account, oauth: dict[str, Any], fault: str
) -> None:
    account.app.state.mischief.set(fault, "access_token" if fault == "missing-key" else None, times=1, path="/oauth/")
    assert account.connect(**oauth).find("a@x.example") is None


def test_oauth_answers_tell_nothing_of_the_day(account: Account, oauth: dict[str, Any]) -> None:
    connector = account.connect(**oauth)
    connector.find("a@x.example")
    assert connector.budget().left_today is None


def test_header_is_exactly_bearer_space_token(account: Account) -> None:
    """HubSpot and the sandbox refuse any other spelling."""
    assert account.connect().find("a@x.example") is None


def test_token_with_a_line_end_from_a_file_works(
    account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "token"
    file.write_text(os.environ["HUBSPOT_TEST_TOKEN"] + "\n")
    assert account.connect(token={"file": str(file)}).find("a@x.example") is None


def test_secret_in_the_settings_is_refused_with_the_remedy_and_not_shown() -> None:
    with pytest.raises(ValidationError, match="env: NAME"):
        Secret.model_validate("pat-na1-plain")


def test_secret_stands_in_one_place(tmp_path: Path) -> None:
    for given in ({}, {"env": "A", "file": "b"}):
        with pytest.raises(ValidationError, match="exactly one source"):
            Secret.model_validate(given)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        Secret.model_validate({"file": str(tmp_path / "none")}).reveal()


def test_settings_need_one_access() -> None:
    with pytest.raises(ValidationError, match="token"):
        HubSpotSettings.model_validate({"crm": "hubspot"})


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"activities": {"since": "fortnight"}}, "14d"),
        ({"activities": {"since": 14}}, "unit"),
        ({"budget": "many"}, "25%"),
        ({"base_url": "hubspot"}, "does not begin with https://: write https://hubspot"),
        ({"activities": {"by_form": [{"match": "(", "kind": "x"}]}}, "regular expression"),
        ({"activities": {"by_page": [{"match": "(?=demo)", "kind": "x"}]}}, "look-around"),
        ({"acitvities": {}}, "Extra inputs"),
    ],
)
def test_wrong_setting_says_what_to_write(given: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        HubSpotSettings.model_validate({"crm": "hubspot", "token": {"env": "X"}, **given})


def test_older_family_of_paths_reads_the_same(account: Account, pull: Pull) -> None:
    lead = account.contact(NOON, email="p@x.example")
    connector = account.connect(api="v3")
    assert pull(connector, "contacts")[0].leads["lead"].to_list() == [lead]
    assert connector.find("p@x.example") == lead


def test_an_account_without_the_newest_version_names_the_older_one(account: Account) -> None:
    account.portal.faults.set("unknown-path", "/account-info/2026-09")
    with pytest.raises(ConfigurationError, match="version 2026-09") as refused:
        account.connect().check()
    assert refused.value.remedy.startswith("Set `api: v3` in the connection.")
    assert [one for one in account.connect(api="v3").check() if one.subject == "account"]
