"""Leads learn from the fields of their account, and are scored as of a past day with them."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from calibrate import run
from calibrate.current_card import results
from calibrate.frames import HISTORY, Frames
from calibrate.from_history import _Past, units_of
from calibrate.notes import Notes
from calibrate.options import Options
from calibrate.outcome import day_of
from calibrate.proposal import plain
from calibrate.snapshots import Moments
from scoring import Related, Scorecard, score
from tests.calibrate.firms import AS_OF, CARD, firms

pytestmark = pytest.mark.xdist_group("firms")  # one worker draws them once

READING = CARD.replace(
    "  engagement:\n    groups:\n      - name: Doing",
    "  fit:\n    groups:\n      - name: Firm\n        rules:\n"
    "          - {name: Large, lead: {account.employees: {at_least: 100}}, points: 7}\n"
    "          - {name: Many, lead: {account.people: {above: 2}}, points: 5}\n"
    "  engagement:\n    groups:\n      - name: Doing",
    1,
).replace("  score:\n    fit:\n      groups:\n        - {name: Company", "  figures: {people: {count: leads}}\n  score:\n    fit:\n      groups:\n        - {name: Company")  # fmt: skip


def of_leads() -> Frames:
    """Return conversions of the first person of each account that bought."""
    given = firms().given
    first = given.leads.unique("account", keep="first", maintain_order=True).select("lead", "account")
    return replace(given, outcomes=given.outcomes.join(first, on="account").select("lead", "occurred_at"))


def test_the_fields_of_their_account_are_candidates_for_leads() -> None:
    options = Options(bootstraps=5, max_rows=6_000, horizon=60)
    found = run(of_leads(), Scorecard.model_validate(plain(READING)), options, AS_OF, card_text=READING, notes=Notes())
    points = {rule.name: rule.after for rule in found.rules}
    assert points["Account industry: Public"] < 0
    assert found.scorecard is not None
    assert "{account.industry: Public}" in found.scorecard
    assert plain(found.scorecard)["accounts"] == plain(READING)["accounts"]
    (said,) = [note.message for note in found.notes if note.kind == "accounts"]
    assert said == "account.people counted as for leads without an account. Rules that use them are not learned."


def test_a_lead_is_scored_with_the_fields_of_its_account() -> None:
    text = READING.replace("          - {name: Many, lead: {account.people: {above: 2}}, points: 5}\n", "")
    given, card = of_leads(), Scorecard.model_validate(plain(text))
    units = units_of(given, card, text, AS_OF, Notes())
    places = np.arange(0, len(units.line.leads), 9)
    moments, people = units.present(Moments(places, np.full(len(places), day_of(AS_OF))))
    fields = units.line.leads[moments.lead].select(list(units.declared()))
    replayed = results(card, units.asked(moments, people, fields)).select("lead", "lead_score", "lead_fit")
    related = Related(accounts=given.accounts)
    found = score(given.leads, given.activities, given.touchpoints, card, AS_OF, related=related).results
    both = replayed.join(found, on="lead", suffix="_now")
    assert both["lead_fit"].unique().sort().to_list() == [0, 7]
    for name in ("lead_score", "lead_fit"):
        assert both[name].equals(both[f"{name}_now"])


def test_without_a_history_of_accounts_their_fields_are_left_out_unless_set_at_creation() -> None:
    given = of_leads()
    row = {"lead": "L0", "field": "job", "since": given.leads["created_at"][0], "value": "cto", "before": None}
    known = replace(given, history=pl.DataFrame([row], HISTORY))
    card = Scorecard.model_validate(plain(CARD))

    def usable(*at_creation: str) -> set[str]:
        past = _Past(units_of(known, card, CARD, AS_OF, Notes()), CARD, Options(at_creation=at_creation))
        return set(past._tracked(past.units.declared()))

    assert usable() == {"job"}
    assert usable("account.industry") == {"job", "account.industry"}
