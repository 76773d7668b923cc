"""Each guard trips on its case and stays quiet otherwise."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from calibrate import from_table
from calibrate.guards import leaks, names, population
from calibrate.inputs.fields import FieldType
from calibrate.inputs.tables import Table
from calibrate.notes import Note, Notes
from calibrate.options import Options
from calibrate.past import outcome
from calibrate.report import report
from tests.calibrate.tables_of import panel, table

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def left_out(
    frame: pl.DataFrame, fields: dict[str, FieldType], include: tuple[str, ...] = ()
) -> tuple[leaks.Usable, Notes]:
    notes = Notes()
    return leaks.usable(panel(frame), fields, include, notes), notes


def test_honest_fields_stay_and_nothing_is_said() -> None:
    usable, notes = left_out(table(), {"source": "text", "visits": "number"})
    assert set(usable.fields) == {"source", "visits"}
    assert not notes.items


def test_a_number_that_tells_the_outcome_is_left_out_unless_included() -> None:
    frame = table(calls=lambda rng, won: won * 3.0 + rng.normal(size=len(won)))
    usable, notes = left_out(frame, {"calls": "number", "visits": "number"})
    assert set(usable.fields) == {"visits"}
    assert [note.subject for note in notes.of("too good")] == ["calls"]
    assert "calls" in left_out(frame, {"calls": "number"}, ("calls",))[0].fields


def test_a_text_that_tells_the_outcome_is_left_out() -> None:
    frame = table(after=lambda rng, won: np.where(won ^ (rng.random(len(won)) < 0.08), "signed", "open"))
    usable, notes = left_out(frame, {"after": "text"})
    assert not usable.fields
    assert notes.of("too good") or notes.of("too sure")


def test_random_flags_are_no_leak() -> None:
    frame = table(flag=lambda rng, won: rng.random(len(won)) < 0.01, coin=lambda rng, won: rng.random(len(won)) < 0.5)
    usable, _ = left_out(frame, {"flag": "flag", "coin": "flag"})
    assert set(usable.fields) == {"flag", "coin"}


def test_a_rare_value_that_always_converts_gives_no_points_but_its_field_stays() -> None:
    frame = table(1000, channel=lambda rng, won: np.where(won & (rng.random(len(won)) < 0.13), "partner", "other"))
    usable, notes = left_out(frame, {"channel": "text"})
    assert usable.blanked == {"channel": ["partner"]}
    assert "partner" in notes.of("too sure")[0].message


def test_a_common_value_that_always_converts_takes_its_field_along() -> None:
    frame = table(result=lambda rng, won: np.where(won & (rng.random(len(won)) < 0.6), "paid", "other"))
    usable, notes = left_out(frame, {"result": "text"})
    assert not usable.fields
    assert notes.of("too sure")[0].level == "left out"


def test_telling_emptiness_leaves_the_field_out_where_nearly_all_others_hold_one_value() -> None:
    frame = table(job=lambda rng, won: [None if rng.random() < (0.15 if w else 0.6) else "x" for w in won])
    for include in ((), ("job",)):
        usable, notes = left_out(frame, {"job": "text"}, include)
        assert not usable.fields
        assert notes.of("emptiness")[0].level == "left out"


@pytest.mark.parametrize("empty", [(0.15, 0.6), (0.001, 0.03)])
@pytest.mark.parametrize("include", [(), ("job",)])
def test_telling_emptiness_is_masked_however_many_are_empty_and_even_if_included(
    empty: tuple[float, float], include: tuple[str, ...]
) -> None:
    def job(rng: np.random.Generator, won: Any) -> list[str | None]:
        return [None if rng.random() < empty[not w] else "Xy"[int(rng.random() < 0.4) :] for w in won]

    usable, notes = left_out(table(3000, job=job), {"job": "text"}, include)
    assert usable.usual == {"job": "Xy"}
    assert "job" in usable.masked
    assert [note.level for note in notes.of("emptiness")] == ["warning"]


def test_emptiness_that_tells_nothing_is_fine() -> None:
    frame = table(job=lambda rng, won: [None if rng.random() < 0.4 else "x" for _ in won])
    usable, notes = left_out(frame, {"job": "text"})
    assert "job" in usable.fields
    assert not notes.items


def test_constant_and_empty_fields_are_one_line_without_a_hint() -> None:
    """There is nothing to decide about them."""
    frame = pl.DataFrame({"a": ["x"] * 9, "b": [None] * 9, "c": [1.0] * 9}, schema_overrides={"b": pl.String})
    notes = Notes()
    assert not names.usable({"a": "text", "b": "text", "c": "number"}, frame, (), (), notes)
    assert [note.kind for note in notes] == ["constant"]
    assert notes.items[0].message == (
        "Nothing can be learned from 3 fields: A, C have the same value for all; B is always empty."
    )
    assert set(names.usable({"a": "text", "b": "text"}, frame, ("a",), (), Notes())) == {"a"}


def test_the_field_that_could_matter_most_comes_first() -> None:
    """Left-out fields are ordered by their AUC alone times how often they are known; senseless ones have no hint."""
    frame = table(
        900, lead_quality=lambda rng, won: np.where(won ^ (rng.random(900) < 0.2), "high", "low"),
        rating=lambda rng, won: [("hot" if w else "cold") if rng.random() < 0.1 else None for w in won],
        status=lambda rng, won: rng.choice(["a", "b"], 900), magazine=["no"] * 900,
        prospect_id=[f"p{number}" for number in range(900)],
    )  # fmt: skip
    ask = from_table.Ask("won", None, NOW)
    result = from_table.run(Table(Path("t.csv"), frame), ask, Options(trees=20, folds=2, bootstraps=5))
    left = [note for note in result.notes if note.level == "left out"]
    assert [note.subject for note in left][:2] == ["lead_quality", "rating"]
    assert left[-1].message == "Nothing can be learned from 1 field: magazine has the same value for all."
    assert left[0].alone == pytest.approx(0.8, abs=0.06)
    assert left[1].known == pytest.approx(0.1, abs=0.04)
    hinted = {note.subject for note in left if "--include" in note.message}
    assert hinted == {"lead_quality", "rating", "status"}
    html = report.page(result)
    assert html.index("lead_quality") < html.index("magazine")


def test_protected_attributes_and_proxies_are_pointed_at() -> None:
    notes = Notes()
    names.warn_of_people(["age", "gender", "marital", "country", "industry", "page_views"], notes)
    assert [note.subject for note in notes] == ["age", "gender", "marital", "country"]


def test_newer_leads_unlike_older_ones_are_told_apart_and_what_carries_the_date_is_left_out() -> None:
    old, new = table(800), table(400, seed=1)
    old = old.with_columns(rate=pl.Series(np.random.default_rng(0).normal(0, 1, 800)))
    new = new.with_columns(rate=pl.Series(np.random.default_rng(1).normal(9, 1, 400)))
    notes = Notes()
    found = population.adversary(panel(old), panel(new), ["source", "visits", "rate"], 0, notes)
    assert found.auc > 0.95
    assert found.dated == {"rate"}
    assert notes.of("told apart")
    assert notes.of("carries the date")


@pytest.mark.slow
def test_like_leads_are_not_told_apart() -> None:
    notes = Notes()
    found = population.adversary(panel(table(800)), panel(table(400, seed=1)), ["source", "visits"], 0, notes)
    assert found.auc < 0.65
    assert not notes.items


def activities(kind: str, days_after: int) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    leads = [f"L{n}" for n in range(40)]
    done = pl.DataFrame(
        {"lead": leads, "touchpoint": [0] * 40, "occurred_at": [NOW + timedelta(days=days_after)] * 40},
        schema_overrides={"touchpoint": pl.UInt32},
    )
    return (
        done,
        pl.DataFrame({"touchpoint": [0], "kind": [kind]}, schema_overrides={"touchpoint": pl.UInt32}),
        pl.DataFrame({"lead": leads, "occurred_at": [NOW] * 40}),
    )


def test_what_comes_after_the_outcome_is_counted_and_named() -> None:
    notes = Notes()
    population.say_what_came_after(*activities("invoice_paid", 3), notes)
    assert "40 activities" in notes.of("after the outcome")[0].message
    assert notes.of("after the outcome")[1].subject == "invoice_paid"


def test_what_comes_before_the_outcome_is_not() -> None:
    notes = Notes()
    population.say_what_came_after(*activities("page_view", -3), notes)
    assert not notes.items


def test_selection_bias_is_said_with_the_number_of_leads_that_sales_touched() -> None:
    done, touchpoints, _ = activities("call", 1)
    notes = Notes()
    population.say_who_is_missing(done, touchpoints, notes)
    assert "40 leads were contacted" in notes.of("selection bias")[0].message


def test_outcomes_before_creation_leads_twice_and_unknown_leads_are_counted_and_skipped() -> None:
    leads = pl.DataFrame({"lead": ["a", "b", "b", "c", None], "created_at": [NOW, NOW, NOW, None, NOW]})
    outcomes = pl.DataFrame(
        {"lead": ["a", "zz", "b"], "occurred_at": [NOW - timedelta(days=5), NOW, NOW + timedelta(days=900)]}
    )
    notes = Notes()
    line = outcome.timeline(leads, outcomes, NOW + timedelta(days=100), notes)
    assert line.leads["lead"].to_list() == ["b"]
    said = " ".join(note.message for note in notes)
    for fact in (
        "1 leads appear more than once",
        "1 leads that converted before",
        "1 leads without a creation",
        "1 leads without an id",
        "1 outcomes of unknown leads",
        "1 outcomes after",
    ):
        assert fact in said


def test_warnings_that_can_change_a_decision_come_first_and_of_a_kind_together() -> None:
    """In the report, a broken promise is before a proxy, whenever it was noted; proxies share a box."""
    result = from_table.run(
        Table(Path("t.csv"), table(300)), from_table.Ask("won", None, NOW), Options(trees=20, folds=2, bootstraps=5)
    )
    for kind, message in (("proxy", "Near one."), ("promise", "Off by much."), ("proxy", "Near another.")):
        result.notes.append(Note(kind, message, "warning"))
    html = report.page(result)
    assert html.index("Off by much.") < html.index("Near one.") < html.index("Near another.")
    assert html.count('<div class="box warn">') == len({note.kind for note in result.notes if note.level == "warning"})
