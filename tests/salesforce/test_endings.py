"""`check` warns of what Salesforce has announced to end, if this connection uses it."""

from datetime import date
from typing import Any

from connectors.endings import coming
from connectors.salesforce.endings import ENDINGS
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


def test_the_newest_version_is_used_unless_passwords_need_an_older_one() -> None:
    assert settings().api_version == "67.0"
    assert settings(auth=PASSWORD).api_version == "64.0"
