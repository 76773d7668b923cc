"""`leadgauge score` in parts gives what it gives at once."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner, Result

from commands.score import command

CARD: dict[str, Any] = {
    "scorecard": "parts",
    "fields": {"job_title": "text", "employees": "number"},
    "deals": {"amount": "number"},
    "figures": {"largest_deal": {"max": "amount", "of": "deals"}},
    "score": {
        "fit": {
            "groups": [
                {
                    "name": "Who",
                    "rules": [
                        {"name": "Head", "lead": {"job_title": {"contains": "head"}}, "points": 9},
                        {"name": "Deal", "lead": {"largest_deal": {"at_least": 500}}, "points": 5},
                    ],
                }
            ]
        },
        "engagement": {
            "groups": [
                {
                    "name": "What",
                    "rules": [
                        {"name": "Visit", "activity": {"kind": "page_view"}, "points": 3, "half_life": "14d"},
                        {"name": "Webinar", "activity": {"kind": "webinar_attend"}, "points": 7},
                    ],
                }
            ]
        },
    },
    "readiness": {"stages": [{"name": "Cold"}, {"name": "Warm", "when": {"score": {"at_least": 8}}}]},
}
NAMES = ["Müller", "日本", "o'Neil", "x" * 40, "-1", " 7 "]


def write(folder: Path, leads: int, seed: int, ending: str) -> None:
    """Write leads, what they did (with repetitions and strangers), deals and previous stages."""
    draw = random.Random(seed)
    ids = [f"{draw.choice(NAMES)}-{number}" for number in range(leads)]
    anybody = [*ids, "nobody", "stranger"]
    titles = [draw.choice(["Head of Sales", "Engineer", None]) for _ in ids]
    webinars = [draw.choice(["2026-11-02T10:00:00Z", None]) for _ in ids]
    frames = {
        "leads": pl.DataFrame(
            {"id": ids, "job_title": titles, "employees": ["12"] * leads, "webinar": webinars},
            {"id": pl.String, "job_title": pl.String, "employees": pl.String, "webinar": pl.String},
        ),
        "activities": pl.DataFrame(
            [
                {
                    "lead_id": draw.choice(anybody),
                    "id": str(draw.randrange(200)),
                    "kind": "page_view",
                    "occurred_at": f"2026-11-{draw.randrange(1, 21):02}T12:00:00Z",
                    "url": f"/{draw.randrange(9)}",
                }
                for _ in range(6 * leads + 2)
            ]
        ),
        "deals": pl.DataFrame(
            [{"id": str(n), "lead_id": draw.choice(anybody), "amount": str(100 * n)} for n in range(leads // 2 + 1)]
        ),
        "previous": pl.DataFrame({"id": anybody[: leads // 2 + 1], "lead_readiness": ["Warm"] * (leads // 2 + 1)}),
    }
    for name, frame in frames.items():
        if ending == "csv":
            frame.write_csv(folder / f"{name}.csv")
        else:
            frame.write_parquet(folder / f"{name}.parquet")
    (folder / "card.yaml").write_text(json.dumps(CARD))


def score(folder: Path, at_a_time: int, ending: str = "csv") -> Result:
    """Score everything with at most this many leads in memory."""
    files = ("leads", "activities", "deals", "previous")
    given = [word for name in files for word in (f"--{name}", str(folder / f"{name}.{ending}"))]
    outs = ["--out", str(folder / f"out-{at_a_time}.csv"), "--explain", str(folder / f"lines-{at_a_time}.csv")]
    more = ["--scorecard", str(folder / "card.yaml"), "--as-of", "2026-11-22T12:00:00Z"]
    wide = ["--activity", "webinar_attend=webinar"]
    return CliRunner().invoke(command, [*given, *outs, *more, *wide, "--at-a-time", str(at_a_time)])


def left_over(folder: Path) -> Iterator[Path]:
    """Yield what a run left of its parts."""
    return folder.glob(".leadgauge-*")


@pytest.mark.parametrize(("seed", "leads", "ending"), [(1, 23, "csv"), (2, 40, "parquet"), (3, 1, "csv")])
def test_parts_give_what_one_part_gives(tmp_path: Path, seed: int, leads: int, ending: str) -> None:
    """Results, lines and messages are the same for any number of leads at a time, and in the order of the file."""
    write(tmp_path, leads, seed, ending)
    whole = score(tmp_path, 1000, ending)
    assert whole.exit_code == 0, whole.output
    for at_a_time in {1, 7, leads - 1 or 1, leads}:
        found = score(tmp_path, at_a_time, ending)
        assert found.exit_code == 0, found.output
        assert found.output == whole.output
        for name in ("out", "lines"):
            ours, theirs = (tmp_path / f"{name}-{size}.csv" for size in (at_a_time, 1000))
            assert ours.read_text() == theirs.read_text()
    assert not list(left_over(tmp_path))


def test_a_lead_that_is_in_two_parts_is_refused(tmp_path: Path) -> None:
    """An id that occurs in different parts is named, and nothing is written or left."""
    write(tmp_path, 20, 4, "csv")
    leads = pl.read_csv(tmp_path / "leads.csv", infer_schema=False)
    pl.concat([leads, leads[3:4]]).write_csv(tmp_path / "leads.csv")
    found = score(tmp_path, 6)
    assert found.exit_code == 2
    assert f"1 ids occur more than once: '{leads['id'][3]}'" in found.output
    assert not (tmp_path / "out-6.csv").exists()
    assert not list(left_over(tmp_path))


def test_a_wrong_value_in_a_later_part_is_refused_with_its_row(tmp_path: Path) -> None:
    """An unreadable number is named by its row in the file, whatever part it is in."""
    write(tmp_path, 20, 5, "csv")
    leads = pl.read_csv(tmp_path / "leads.csv", infer_schema=False)
    many = pl.when(pl.int_range(20) == 17).then(pl.lit("many")).otherwise("employees").alias("employees")
    leads.with_columns(many).write_csv(tmp_path / "leads.csv")
    found = score(tmp_path, 5)
    assert found.exit_code == 2
    assert "row 19" in found.output
    assert not list(left_over(tmp_path))
