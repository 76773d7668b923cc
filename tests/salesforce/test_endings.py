"""`check` warns of what Salesforce has announced to end, if this connection uses it."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.endings import coming, expiries
from connectors.salesforce.endings import ENDINGS
from connectors.salesforce.expiring import of_sign_in
from tests.receivers import certificate
from tests.salesforce.answers import settings

AUTUMN = date(2026, 11, 29)
PASSWORD = {"flow": "password", "username": "u", "password": {"env": "SF_KEY"}, "security_token": {"env": "SF_KEY"}}


def warned(today: date = AUTUMN, **changes: Any) -> list[str]:
    return [finding.subject for finding in coming(ENDINGS, settings(**changes), today)]


def test_only_what_the_connection_uses_is_warned_of() -> None:
    assert warned() == []
    assert warned(auth=PASSWORD) == ["auth"]
    assert warned(api_version="40.0") == ["api_version"]
    assert warned(api_version="41.0") == []


def test_a_warning_begins_a_year_before_the_end() -> None:
    assert warned(date(2026, 5, 31), auth=PASSWORD, api_version="31.0") == []
    assert warned(date(2026, 6, 1), auth=PASSWORD, api_version="31.0") == ["auth", "api_version"]


def test_the_end_of_the_certificate_that_signs_in_is_known_from_the_file_of_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pem, key = certificate(tmp_path)
    auth = {"flow": "jwt", "username": "u", "consumer_key": {"env": "SF_KEY"}, "private_key": {"env": "SF_PEM"}}
    monkeypatch.setenv("SF_PEM", key.read_text())
    assert list(of_sign_in(settings(auth=auth))) == []
    monkeypatch.setenv("SF_PEM", key.read_text() + pem.read_text())
    (found,) = of_sign_in(settings(auth=auth))
    assert timedelta(days=1) < found.at - datetime.now(UTC) < timedelta(days=3)
    monkeypatch.setenv("SF_PEM", key.read_text() + pem.read_text()[:200])
    assert list(of_sign_in(settings(auth=auth))) == []


def test_what_is_in_use_ends_on_its_day_however_far_away() -> None:
    (found,) = expiries(ENDINGS, settings(api_version="40.0"))
    assert (found.kind, found.at) == ("interface", datetime(2027, 6, 1, tzinfo=UTC))
    assert list(expiries(ENDINGS, settings())) == []


def test_the_newest_version_is_used_unless_passwords_need_an_older_one() -> None:
    assert settings().api_version == "67.0"
    assert settings(auth=PASSWORD).api_version == "64.0"
