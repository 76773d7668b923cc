"""Dropped rules of the current card show what they did in training, and why they are dropped."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from calibrate import Calibration, from_table
from calibrate.card.proposal import plain
from calibrate.inputs.tables import Table
from calibrate.options import Options
from calibrate.report import report
from calibrate.result import RuleFound
from commands.calibrate_shown import show
from scoring import Scorecard
from tests.calibrate.simulator import World, calibrated
from tests.calibrate.tables_of import table

# One worker calibrates once for all of them, which takes a minute.
pytestmark = [pytest.mark.xdist_group("dropped"), pytest.mark.slow]

CARD = """
scorecard: ours
fields: {industry: text, employees: number, noise: text, called_at: time, budget: number}
figures:
  viewed: {count: activities, where: {kind: page_view}}
score:
  fit:
    groups:
      - name: A
        rules:
          - {name: Not public, lead: {not: {industry: Public}}, points: 5}
          - {name: Coin, lead: {noise: a}, points: 3}
          - {name: Nowhere, lead: {noise: zz}, points: 3}
          - {name: Rich, lead: {budget: {at_least: 9}}, points: 3}
          - {name: Size, table: employees, points: {0-20: 2, 21+: 4}}
          - {name: Letter, table: noise, points: {b: 1, c: 0}, otherwise: 2}
          - {name: Per head, number: employees, points: {give: 1, per: 100}, maximum: 5}
          - {name: Fresh, lead: {employees: {above: 0}}, points: 8, since: called_at, half_life: 30d}
          - {name: Looked, lead: {viewed: {at_least: 2}}, points: 4}
  engagement:
    groups:
      - name: B
        rules:
          - {name: Long view, activity: {kind: page_view, seconds: {above: 5}}, points: 4}
          - {name: Once seen, activity: {kind: page_view}, points: 4, award: once, within: 14d}
"""


@pytest.fixture(scope="module")
def result(small_world: World) -> Calibration:
    made = replace(small_world, leads=small_world.leads.with_columns(called_at=pl.col("created_at")))
    options = Options(trees=20, folds=2, bootstraps=10, max_rows=12_000)
    return calibrated(made, options, Scorecard.model_validate(plain(CARD)), CARD)


@pytest.fixture(scope="module")
def gone(result: Calibration) -> Mapping[str, RuleFound]:
    return {rule.name: rule for rule in result.gone}


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("Not public", "Says the same as Industry: Public."),
        ("Coin", "No clear difference"),
        ("Nowhere", "Gives points to none of the leads that rules were learned from."),
        ("Rich", "Not measured: Budget is not in the data."),
        ("Size: 21+", "A range of a table"),
        ("Letter: b", "No clear difference"),
        ("Letter: other", "No clear difference"),
        ("Fresh", "Depends on the time"),
        ("Looked", "Uses the figure viewed"),
        ("Long view", "Gives points to none of the leads that rules were learned from."),
    ],
)
def test_each_dropped_rule_says_why(gone: Mapping[str, RuleFound], name: str, reason: str) -> None:
    """Whatever kind of rule it is, the reason for dropping it is said."""
    assert gone[name].reason.startswith(reason)


def test_a_learned_rule_and_an_empty_value_of_a_table_are_not_dropped(gone: Mapping[str, RuleFound]) -> None:
    """What stays is not listed, nor are values that give no points."""
    assert not {"Per head", "Once seen", "Letter: c"} & set(gone)


def test_dropped_rules_have_their_leads_and_conversions(gone: Mapping[str, RuleFound]) -> None:
    """Opposite values of a table share the leads; what gives nothing has none, and no lift."""
    coin, others = gone["Coin"], gone["Letter: other"]
    assert 0 < coin.conversions < coin.leads < others.leads
    assert coin.low < 0 < coin.high
    assert coin.before == 3
    assert gone["Letter: other"].before == 2
    assert (gone["Nowhere"].leads, gone["Nowhere"].measured) == (0, True)
    assert not gone["Rich"].measured
    everyone = gone["Size: 0-20"].leads + gone["Size: 21+"].leads
    assert everyone - 5 < gone["Fresh"].leads <= everyone  # it fades, but is never gone; some have no employees
    assert 0 < gone["Looked"].leads < everyone
    assert gone["Looked"].low < gone["Looked"].high


def test_report_terminal_and_json_show_dropped_rules(
    result: Calibration, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Leads, conversions, lift and reason are in all three."""
    monkeypatch.setenv("COLUMNS", "240")
    coin = next(rule for rule in result.gone if rule.name == "Coin")
    show(result)
    for told in (report.page(result), capsys.readouterr().out):
        assert "No clear difference: its sign would be the same in" in told
        assert f"{coin.lift:.2f}" in told
        assert "Not measured: Budget is not in the data." in told
    found = {rule["name"]: rule for rule in json.loads(result.json())["gone"]}
    assert found["Coin"]["leads"] == coin.leads
    assert found["Rich"]["reason"].startswith("Not measured")
    assert found["Rich"]["low"] is None


def test_in_a_plain_table_dropped_rules_are_counted_as_a_loop_would() -> None:
    """Leads, conversions and lift of all that was learned from; a field that a guard left out is said."""
    frame = table(900, 2, status=lambda rng, won: np.where(won, "closed", "open"), coin=["heads", "tails"] * 450)
    text = """
scorecard: ours
fields: {source: text, visits: number, status: text, coin: text}
score:
  fit:
    groups:
      - name: A
        rules:
          - {name: Heads, lead: {coin: heads}, points: 3}
          - {name: Closed, lead: {status: closed}, points: 9}
          - {name: Many, lead: {visits: {at_least: 10}}, points: 9}
"""
    ask = from_table.Ask("won", None, datetime(2026, 1, 1, tzinfo=UTC), Scorecard.model_validate(plain(text)), text)
    result = from_table.run(Table(Path("t.csv"), frame), ask, Options(trees=20, folds=2, bootstraps=20))
    gone = {rule.name: rule for rule in result.gone}
    heads = [row for row in frame.iter_rows(named=True) if row["coin"] == "heads"]
    won = [row for row in heads if row["won"] == "yes"]
    assert (gone["Heads"].leads, gone["Heads"].conversions) == (len(heads), len(won))
    rate = len(frame.filter(pl.col("won") == "yes")) / len(frame)
    assert gone["Heads"].lift == pytest.approx(len(won) / len(heads) / rate)
    assert gone["Closed"].reason == "Uses status, which is left out."
    assert gone["Closed"].lift == pytest.approx(1 / rate)
    assert gone["Many"].reason.startswith("Only ")


def test_a_dropped_rule_with_a_clear_effect_says_how_to_keep_it(result: Calibration) -> None:
    """And one without such an effect does not."""
    for rule in result.gone:
        clear = rule.low > 0 or rule.high < 0
        assert not ("--lock" in rule.reason and not clear), rule
    tall = [rule for rule in result.gone if rule.reason.startswith(("Not chosen", "Not clearer", "The card has its"))]
    assert all("To keep it, use --lock" in rule.reason for rule in tall)
