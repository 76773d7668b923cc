"""No report, table, note or condition shows a figure that does not exist, and a plain table has no horizon."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from calibrate import Calibration, from_table
from calibrate.card.proposal import plain
from calibrate.inputs.tables import Table
from calibrate.options import Options
from calibrate.report import report
from commands.calibrate_shown import show
from scoring import Scorecard
from tests.calibrate.simulator import calibrated, world
from tests.calibrate.tables_of import table

pytestmark = pytest.mark.xdist_group("no empty figures")  # one worker calibrates once for all of them
NO_FIGURE = re.compile(r"(?<![A-Za-z])[-+]?(nan|NaN|None|inf|Infinity|null)(?![A-Za-z])")
TAGS = re.compile(r"<style>.*?</style>|<pre.*?</pre>|<path[^>]*>|<[^>]+>", re.DOTALL)
DATED = re.compile(r"horizon|half-life|decay|\bdays?\b|weekly|matured|snapshot", re.IGNORECASE)
CARD = """
scorecard: ours
fields: {source: text, visits: number, coin: text}
score:
  fit:
    groups:
      - name: A
        rules:
          - {name: Moon, lead: {source: moon}, points: 3}
          - {name: Per visit, number: visits, points: {give: 1, per: 2}, maximum: 5}
          - {name: Where, table: source, points: {fair: 4, moon: 2}, missing: 1}
grade:
  profiles: [{name: All, criteria: [{name: From a fair, match: {source: fair}, weight: 1}]}]
"""


def won_in(*parts: bool) -> Callable[[pl.DataFrame], pl.DataFrame]:
    """Return a change of a table after which nobody converts in some quarters of it."""

    def changed(frame: pl.DataFrame) -> pl.DataFrame:
        quarter = np.arange(len(frame)) * 4 // len(frame)
        allowed = np.isin(quarter, [number for number, part in enumerate(parts) if part])
        return frame.with_columns(won=pl.when(pl.Series(allowed)).then(pl.col("won")).otherwise(pl.lit("no")))

    return changed


def as_it_is(frame: pl.DataFrame) -> pl.DataFrame:
    return frame


ODD: dict[str, tuple[int, dict[str, Any], Callable[[pl.DataFrame], pl.DataFrame], Options]] = {
    "usual": (900, {}, as_it_is, Options(trees=20, folds=2, bootstraps=5)),
    "nobody converts in the test part": (1200, {}, won_in(True, True, True, False), Options(trees=20, folds=2, bootstraps=5)),
    "all convert in the test part": (
        1200, {}, lambda frame: pl.concat([frame.head(900), frame.tail(300).with_columns(won=pl.lit("yes"))]),
        Options(trees=20, folds=2, bootstraps=5),
    ),
    "hardly anybody converts in the test part": (
        1200, {}, lambda frame: pl.concat([won_in(True, True, True, False)(frame).head(1199), frame.filter(pl.col("won") == "yes").head(1)]),
        Options(trees=20, folds=2, bootstraps=5),
    ),
    "only the test part converts": (1200, {}, won_in(False, False, False, True), Options(trees=20, folds=2, bootstraps=5)),
    "one of each class": (2, {}, lambda frame: frame.with_columns(won=pl.Series(["yes", "no"])), Options(trees=20, folds=2, bootstraps=5)),
    "too few": (60, {}, as_it_is, Options(trees=20, folds=2, bootstraps=5)),
    "a ranking": (200, {}, as_it_is, Options(trees=20, folds=2, bootstraps=5)),
    "rough": (500, {}, as_it_is, Options(trees=20, folds=2, bootstraps=5)),
    "nothing to tell apart": (
        900, {"coin": ["a", "b", "c"] * 300}, lambda frame: frame.drop("source", "visits"), Options(trees=20, folds=2, bootstraps=5)
    ),
    "no usable field": (900, {"status": ["a", "b", "c"] * 300}, lambda frame: frame.drop("source", "visits"), Options()),
    "all in one group": (900, {"household": ["one"] * 900}, as_it_is, Options(group="household", trees=20, folds=2, bootstraps=5)),
    "locked rules alone": (
        900, {"coin": ["a", "b", "c"] * 300}, as_it_is,
        Options(locked=("Moon",), exclude=("source", "visits"), trees=20, folds=2, bootstraps=5),
    ),
}  # fmt: skip


CHEAP = {("nobody converts in the test part", True), ("one of each class", False), ("nothing to tell apart", False)}
CASES = [
    pytest.param(case, marks=() if case in CHEAP else pytest.mark.slow)
    for case in [(name, carded) for name in ODD for carded in (False, True)]
]


@pytest.fixture(scope="module", params=CASES, ids=str)
def odd(request: pytest.FixtureRequest) -> Calibration:
    name, carded = request.param
    rows, columns, change, options = ODD[name]
    if options.locked and not carded:
        pytest.skip("without a card nothing is locked")
    frame = change(table(rows, **columns))
    card = Scorecard.model_validate(plain(CARD)) if carded else None
    if carded and name == "no usable field":
        pytest.skip("the card declares other fields")
    ask = from_table.Ask("won", None, datetime(2026, 1, 1, tzinfo=UTC), card, CARD if carded else None)
    return from_table.run(Table(Path("t.csv"), frame), ask, options)


def told(result: Calibration, capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    show(result)
    conditions = [one.message for one in result.gate.conditions] if result.gate else []
    return {
        "report": TAGS.sub(" ", report.page(result)),
        "terminal": capsys.readouterr().out,
        "notes": "\n".join([*(note.message for note in result.notes), *conditions, result.message]),
    }


def test_a_figure_that_does_not_exist_is_not_shown(
    odd: Calibration, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither `nan` nor `None` nor `inf` is in the report, in the terminal, in notes or conditions."""
    monkeypatch.setenv("COLUMNS", "300")
    for place, text in told(odd, capsys).items():
        found = [text[max(0, hit.start() - 60) : hit.end() + 20] for hit in NO_FIGURE.finditer(text)]
        assert not found, f"{place}: {found}"


def test_a_plain_table_has_no_horizon(
    odd: Calibration, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No sentence about horizons, days or decay, and no key of the JSON or the likelihood."""
    monkeypatch.setenv("COLUMNS", "300")
    for place, text in told(odd, capsys).items():
        found = [text[max(0, hit.start() - 60) : hit.end() + 20] for hit in DATED.finditer(text)]
        assert not found, f"{place}: {found}"
    keys = set(json.loads(odd.json()))
    assert not keys & {"horizon", "suggested_horizon", "look_back", "as_of"}
    likelihood = json.loads(odd.json())["likelihood"] or {}
    assert not set(likelihood) & {"horizon", "look_back", "age"}
    assert not [rule for rule in json.loads(odd.json())["rules"] if "half_life" in rule]
    assert "180d" not in (odd.scorecard or "")


@pytest.fixture(
    scope="module", params=["few", *(pytest.param(name, marks=pytest.mark.slow) for name in ("short", "card"))]
)
def dated(request: pytest.FixtureRequest) -> Calibration:
    """Return dated calibrations with little to test on, and with a card whose rules never fire."""
    text = CARD.replace("source", "industry").replace("visits", "employees").replace("fair", "Nowhere")
    card = (Scorecard.model_validate(plain(text)), text) if request.param == "card" else (None, None)
    made = {"few": world(500, seed=2, base=-5.0), "short": world(900, days=260, seed=2, base=-5.6), "card": None}
    return calibrated(
        made[request.param] or world(1200, seed=3, base=-5.6),
        Options(trees=20, folds=2, bootstraps=5, max_rows=8_000),
        *card,
    )


def test_nor_is_it_with_dates(
    dated: Calibration, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same of leads with dates and activities."""
    monkeypatch.setenv("COLUMNS", "300")
    for place, text in told(dated, capsys).items():
        found = [text[max(0, hit.start() - 60) : hit.end() + 20] for hit in NO_FIGURE.finditer(text)]
        assert not found, f"{place}: {found}"
    assert "horizon" in json.loads(dated.json())
