"""Whole passes with each version of HubSpot's API."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipeline.passes import BACKFILL, RECONCILE, SYNC
from tests.contract.test_edited_settings import kinds, values
from tests.stage import Stage

Open = Callable[..., Stage]
OLD = re.compile(r"/v1/|/crm/v3|/events/v3|/marketing/v3|/account-info/v3|/v4/")
NO_SUCCESSOR = ("/email/public/v1/", "/form-integrations/v1/")


def version(api: str) -> Callable[[dict[str, Any]], None]:
    return lambda connection: connection.update(api=api)


def called(stage: Stage) -> set[str]:
    """Return the numbered versions in the paths of the latest calls, without those that have no successor."""
    paths = [path for _, path, _ in stage.app.state.gate.log if not path.startswith(NO_SUCCESSOR)]
    return {found[0].strip("/") for path in paths if (found := OLD.search(path))}


@pytest.mark.parametrize(("api", "other"), [("2026-09", "v3"), ("v3", "2026-09")])
def test_passes_leave_what_a_fresh_backfill_with_the_other_version_would(hubspot: Open, api: str, other: str) -> None:
    stage = hubspot(60, at=datetime.now(UTC) - timedelta(days=3))
    stage.configure(version(api))
    stage.provision()
    reports = [stage.do(BACKFILL, now=lambda: stage.moment)]
    stage.live(timedelta(days=2))
    reports += [stage.do(kind, now=lambda: stage.moment) for kind in (SYNC, RECONCILE)]
    assert [report.state for report in reports] == ["done"] * 3
    found = kinds(stage), values(stage)
    assert called(stage) == (set() if api == "2026-09" else {"crm/v3", "events/v3", "marketing/v3", "account-info/v3"})
    stage.configure(version(other), "sqlite:///fresh.db")
    stage.do(BACKFILL, now=lambda: stage.moment)
    assert (kinds(stage), values(stage)) == found
