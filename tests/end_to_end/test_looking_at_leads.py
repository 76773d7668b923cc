"""`explain` and `leads` answer from the database, without a token and without the CRM."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from pipeline.passes import BACKFILL
from tests.stage import Stage

Open = Callable[..., Stage]


@pytest.fixture
def scored(crm: Open) -> Stage:
    """A stage after a backfill, whose CRM can no longer be reached and whose secrets are gone."""
    stage = crm(60)
    stage.provision()
    stage.do(BACKFILL)
    stage.configure(lambda connection: connection.update(base_url="http://127.0.0.1:9"))
    stage.environment = dict.fromkeys(stage.environment, "")
    return stage


def asked(stage: Stage, *words: str) -> Any:
    """Return what a command prints as JSON."""
    done = stage.leadgauge(*words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_explain_needs_no_token_and_links_to_the_page_in_the_crm(scored: Stage) -> None:
    lead = scored.people()[0]
    [found] = asked(scored, "explain", lead)
    assert found["link"].startswith("http")
    assert lead in found["link"]
