"""A group that converts clearly otherwise than promised is named; one that does not is left in peace."""

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from calibrate import from_table
from calibrate.inputs.tables import Table
from calibrate.judging import promises
from calibrate.notes import Notes
from calibrate.options import Options
from calibrate.past.panel import Panel
from calibrate.report import report

Floats = np.ndarray[tuple[int], np.dtype[np.float64]]


def made(rows: int, came: float, seed: int, snapshots: int = 1) -> tuple[Panel, Floats]:
    """Return leads that are promised 17 %; every tenth comes from a fair, where another share converts."""
    rng = np.random.default_rng(seed)
    source = np.where(np.arange(rows) % 10 == 0, "fair", "web")
    won = rng.random(rows) < np.where(source == "fair", came, 0.17)
    lead = np.repeat(np.arange(rows), snapshots)
    fields = pl.DataFrame({"source": source[lead], "size": rng.normal(size=rows)[lead]})
    label = won[lead].astype(np.float64)
    return Panel(fields, label, lead, lead, lead.astype(np.float64)), np.full(len(lead), 0.17)


def named(panel: Panel, said: Floats) -> list[str]:
    groups = [*promises.by_percentage(said), *promises.by_field(panel, ["source", "size"], Notes())]
    return [f"{one.scale}: {one.group}" for one in promises.broken(groups, panel, said)]


def test_a_group_promised_17_percent_that_came_37_is_said() -> None:
    """The warning names the group, the promise, what came and its interval."""
    panel, said = made(1500, 0.37, seed=1)
    found = promises.broken(promises.by_field(panel, ["source", "size"], Notes()), panel, said)
    notes = Notes()
    promises.say(found, notes)
    assert [one.group for one in found] == ["fair"]
    rows = [label for label, source in zip(panel.label, panel.fields["source"], strict=True) if source == "fair"]
    assert found[0].came == pytest.approx(sum(rows) / len(rows))
    assert found[0].conversions == sum(rows)
    assert found[0].promised < found[0].low < found[0].came < found[0].high
    assert "Source, fair: 17.0% were promised and" in notes.items[0].message
    assert notes.items[0].level == "warning"


def test_kept_promises_are_left_in_peace() -> None:
    """Over 60 samples in which every percentage is right, hardly any group is named."""
    wrong = sum(bool(named(*made(1500, 0.17, seed))) for seed in range(60))
    assert wrong <= 5


def test_snapshots_of_a_lead_count_as_one() -> None:
    """A group that is too small to say anything of does not become clear by being looked at twelve times."""
    loud = [named(*made(400, 0.30, seed, snapshots=12)) for seed in range(20)]
    once = [named(*made(400, 0.30, seed)) for seed in range(20)]
    assert loud == once


def test_the_interval_of_single_rows_is_wilsons() -> None:
    """Against the formula for 7 of 40, written out."""
    label = np.array([1.0] * 7 + [0.0] * 33)
    low, high = promises.interval(label, np.arange(40))
    centre, half = (0.175 + 1.96**2 / 80) / (1 + 1.96**2 / 40), 0.115
    assert low < 0.175 < high
    assert (low + high) / 2 == pytest.approx(centre)
    assert (high - low) / 2 == pytest.approx(half, abs=0.005)


def test_small_groups_and_small_differences_are_not_named() -> None:
    """Under 30 leads nothing is said, nor of 17 % that came 20 %, however many leads there are."""
    assert named(*made(200, 1.0, seed=2)) == ["all: the test part"]
    assert not [name for name in named(*made(60_000, 0.20, seed=3)) if "fair" in name]


def test_a_calibration_names_the_group_in_notes_report_and_json() -> None:
    """The fair converts much better in the newest quarter than before."""
    rng = np.random.default_rng(4)
    rows = 2400
    source, size = rng.choice(["fair", "web", "ads"], rows), rng.normal(size=rows)
    late = np.arange(rows) >= rows * 0.75
    chance = np.where(source == "fair", np.where(late, 0.5, 0.15), 0.25) + 0.1 * (size > 0)
    won = np.where(rng.random(rows) < chance, "yes", "no")
    table = Table(Path("t.csv"), pl.DataFrame({"Source": source, "size": size, "won": won}))
    ask = from_table.Ask("won", None, datetime(2026, 1, 1, tzinfo=UTC))
    result = from_table.run(table, ask, Options(trees=20, folds=2, bootstraps=10))
    assert ("Source", "fair") in {(one.scale, one.group) for one in result.broken_promises}
    assert [note for note in result.notes if note.kind == "promise" and note.message.startswith("Source, fair")]
    assert "Where the percentages were off" in report.page(result)
    assert json.loads(result.json())["broken_promises"][0]["promised"] < 0.3


def test_percentages_that_are_wrong_as_a_whole_are_one_warning() -> None:
    """A group is named beside it if it is off beyond what all are, and not if its own promise was kept."""
    rng = np.random.default_rng(6)
    source = rng.choice(["fair", "web", "ads"], 6000)
    rate = np.select([source == "fair", source == "web"], [0.1, 0.2], 0.45)
    label = (rng.random(6000) < rate).astype(np.float64)
    rows = np.arange(6000)
    panel = Panel(pl.DataFrame({"source": source}), label, rows, rows, rows.astype(np.float64))

    def named_when(said: Floats) -> list[str]:
        found = promises.broken(promises.by_field(panel, ["source"], Notes()), panel, said)
        notes = Notes()
        promises.say(found, notes)
        assert notes.items[0].message.startswith("All leads of the test part: ")
        return [one.group for one in found]

    assert named_when(np.full(6000, 0.1)) == ["the test part", "ads"]
    assert named_when(1 / (1 + (1 - rate) / rate * 2.5)) == ["the test part"]
