"""Leads learn from the fields of their account, and are scored as of a past day with them."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from calibrate import CalibrationError, run
from calibrate.card.proposal import plain
from calibrate.card.replay import Past, results
from calibrate.card.resets import NEVER, beginnings
from calibrate.from_history import _Past, old_card, units_of
from calibrate.inputs.frames import HISTORY, Frames
from calibrate.notes import Notes
from calibrate.options import Options
from calibrate.past.outcome import day_of
from calibrate.past.snapshots import Moments
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
    options = Options(trees=20, folds=2, bootstraps=5, max_rows=6_000, horizon=60)
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
        return set(past._tracked(past.units.declared(), []))

    assert usable() == {"job"}
    assert usable("account.industry") == {"job", "account.industry"}


def test_rules_on_figures_of_accounts_cannot_be_locked_and_resets_by_them_are_as_if_never() -> None:
    text = READING.replace(
        "accounts:\n", "deals: {closed_at: time}\nreset: [{name: Met, since: account.met}]\naccounts:\n"
    ).replace(
        "figures: {people: {count: leads}}",
        "figures: {people: {count: leads}, met: {max: closed_at, of: deals}}",
    )
    old = old_card(Scorecard.model_validate(plain(text)), text)
    assert old is not None
    with pytest.raises(CalibrationError, match=r"--lock: the past of account\.people is not known"):
        old.only(["Many"])
    assert old.only(["Large"]).reset == ()


def test_a_history_begins_after_a_reset_by_a_field_of_the_account() -> None:
    text = READING.replace("fields: {industry: text", "fields: {lost_at: time, industry: text").replace(
        "accounts:\n", "reset: [{name: Lost, since: account.lost_at}]\naccounts:\n"
    )
    lost = pl.Series("account.lost_at", [AS_OF, None])
    past = Past(pl.Series(["a", "b"]), lost.to_frame(), np.full(2, day_of(AS_OF) + 1))
    begins = beginnings(Scorecard.model_validate(plain(text)), past, AS_OF)
    assert begins is not None
    assert begins.tolist() == [day_of(AS_OF), NEVER]
