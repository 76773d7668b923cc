"""`check` warns of what HubSpot has announced to end, if this connection uses it."""

from datetime import date, timedelta
from typing import Any

import pytest

from connectors.endings import NOTICE, coming
from connectors.hubspot.endings import ENDINGS, Connection
from connectors.hubspot.paths import PATHS
from connectors.hubspot.settings import HubSpotSettings

AUTUMN = date(2026, 11, 29)


class Offered:
    """What a portal offers, as `Portal` says it."""

    def __init__(self, *sources: str, forms: bool = False) -> None:
        self._sources, self._forms = sources, forms

    def has(self, source: str) -> bool:
        return source in self._sources

    def reads_forms(self) -> bool:
        return self._forms


FULL = Offered("events", "email_events", "forms", "emails")
PROFESSIONAL = Offered("email_events", "forms", "emails", forms=True)


def warned(portal: Offered, today: date = AUTUMN, **changes: Any) -> list[str]:
    settings = HubSpotSettings.model_validate({"crm": "hubspot", "token": {"env": "X"}, **changes})
    return [finding.subject for finding in coming(ENDINGS, Connection(settings, portal), today)]  # type: ignore[arg-type]  # the part of a portal that is asked


def test_only_what_the_connection_uses_is_warned_of() -> None:
    assert warned(FULL) == ["activities.email_events"]
    assert warned(PROFESSIONAL) == ["activities.email_events", "activities.forms"]
    assert warned(FULL, api="v3") == ["api", "activities.email_events"]
    assert warned(FULL, activities={"email_events": {}}) == []
    assert warned(Offered("events")) == []


@pytest.mark.parametrize("ending", ENDINGS, ids=lambda ending: ending.what)
def test_a_warning_begins_a_year_before_the_end(ending: Any) -> None:
    api = "v3" if "version 3" in ending.what else "2026-09"
    before = warned(PROFESSIONAL, ending.ends - NOTICE - timedelta(days=1), api=api)
    assert ending.setting not in before
    assert ending.setting in warned(PROFESSIONAL, ending.ends - NOTICE, api=api)


def test_an_end_that_has_passed_is_named_as_past() -> None:
    (first, *_) = ENDINGS
    assert "will not be supported from September 2027" in first.finding(date(2027, 8, 31)).message
    assert "has not been supported since September 2027" in first.finding(date(2027, 9, 1)).message


def test_no_version_of_the_api_calls_version_4() -> None:
    """HubSpot supports it until 30 March 2027."""
    assert not [path for paths in PATHS.values() for path in paths.values() if "/v4/" in path]


def test_the_newest_version_calls_older_ones_only_where_there_is_no_successor() -> None:
    older = {name for name, path in PATHS["2026-09"].items() if "2026-09" not in path}
    assert older == {"email_events", "campaign", "submissions"}
