"""Files as programs save them: both commands read the same leads from each, or say what is wrong with it."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from calibrate.errors import CalibrationError
from calibrate.inputs.files import Paths, read
from calibrate.inputs.frames import Frames
from calibrate.notes import Notes
from commands.score import command
from config import load_scorecard

CARD = """
scorecard: ugly
fields:
  lead_source: {type: text, column: Lead Source}
  revenue: {type: number, column: Annual Revenue}
score:
  fit:
    groups:
      - name: Who
        rules:
          - {name: Referral, lead: {lead_source: {is: referral}}, points: 5}
          - {name: Large, lead: {revenue: {at_least: 5000}}, points: 3}
"""
HEADER = ["Record ID", "Lead Source", "Annual Revenue", "Create Date", "Became a Customer Date", "Message"]
FIRST = datetime.fromisoformat("2025-01-06T10:30:00")
ROWS = 40
Clock = Callable[[datetime], str]


def american(moment: datetime) -> str:
    return moment.strftime("%m/%d/%Y %I:%M %p")


def serial(moment: datetime) -> str:
    return f"{(moment - datetime.fromisoformat('1899-12-30')).total_seconds() / 86_400:.6f}"


def since_1970(moment: datetime) -> str:
    return f"{int((moment - datetime.fromisoformat('1970-01-01')).total_seconds())}000"


def rows(clock: Clock = american, money: str = "{}", message: str = "hello") -> list[list[str]]:
    made = [FIRST + timedelta(days=3 * number) for number in range(ROWS)]
    return [
        [
            f"p{number}",
            ("Google", "Referral", "Chat")[number % 3],
            money.format(number * 250),
            clock(when),
            clock(when + timedelta(days=9)) if number % 4 == 0 else "",
            message,
        ]
        for number, when in enumerate(made)
    ]


def text(
    body: Iterable[Sequence[str]] | None = None, header: Sequence[str] = HEADER, separator: str = ",", end: str = "\r\n"
) -> str:
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=separator, lineterminator=end)
    writer.writerows([header, *(rows() if body is None else body)])
    return file.getvalue()


def each_line(added: str, to: slice) -> bytes:
    lines = text().splitlines()
    lines[to] = [line + added for line in lines[to]]
    return "\n".join(lines).encode()


FOOTER = '\r\n\r\n"Grand Total","40"\r\n"Copyright (c) 2000-2026 salesforce.com, inc. All rights reserved."\r\n'
UGLY: dict[str, bytes] = {
    "marked UTF-8": text().encode("utf-8-sig"),
    "semicolons, marked": text(separator=";").encode("utf-8-sig"),
    "tabs in UTF-16": text(separator="\t").encode("utf-16"),
    "the separator is told": ("sep=;\r\n" + text(separator=";")).encode(),
    "carriage returns alone": text(end="\r").encode(),
    "cells of several lines": text(rows(message='one\ntwo, "three"')).encode(),
    "a title and a blank line": ("My report\r\nAs of today\r\n\r\n" + text()).encode(),
    "a title with blank cells": ("Contacts,,,,,\r\n" + text()).encode(),
    "totals below": (text() + "Total,,195000,,,\r\n").encode(),
    "the footer of a report": (text() + FOOTER).encode(),
    "signs and thousands": text(rows(money="${:,.2f}")).encode(),
    "ISO times": text(rows(lambda when: when.isoformat())).encode(),
    "points between": text(rows(lambda when: when.strftime("%d.%m.%Y %H:%M")), separator=";").encode(),
    "days that Excel counts": text(rows(serial)).encode(),
    "milliseconds since 1970": text(rows(since_1970)).encode(),
    "a heading twice": text([[*row, "other"] for row in rows()], [*HEADER, "Lead Source"]).encode(),
    "blank columns at the end": each_line(",,,", slice(None)),
    "blank headings at the end": each_line(",,,", slice(1)),
    "blank cells beyond the header": each_line(",,", slice(1, None)),
    "blank cells not written": "\n".join(line.rstrip(",") for line in text(rows(message="")).splitlines()).encode(),
    "headings with spaces around": text(header=[f" {one} " for one in HEADER]).encode(),
}


def score(folder: Path, *words: str) -> Result:
    (folder / "card.yaml").write_text(CARD)
    files = {"scorecard": "card.yaml", "leads": "export.csv", "out": "out.csv"}
    given = [word for option, file in files.items() for word in (f"--{option}", str(folder / file))]
    return CliRunner().invoke(command, [*given, *words])


def learned_from(folder: Path) -> Frames:
    (folder / "card.yaml").write_text(CARD)
    return read(Paths(folder / "export.csv"), load_scorecard(folder / "card.yaml"), Notes())


def known(frames: Frames) -> list[pl.DataFrame]:
    """The leads that have a creation, which calibrate needs, and when they converted."""
    leads = frames.leads.select("lead", "created_at", "lead_source", "revenue").drop_nulls("created_at")
    return [leads, frames.outcomes]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    folder = tmp_path_factory.mktemp("plain")
    (folder / "export.csv").write_text(text(), newline="")
    assert score(folder).exit_code == 0
    frames = known(learned_from(folder))
    assert [len(frame) for frame in frames] == [ROWS, ROWS // 4]
    return pl.read_csv(folder / "out.csv"), frames


@pytest.mark.parametrize("saved", UGLY.values(), ids=UGLY)
def test_both_commands_read_what_programs_save(
    saved: bytes, tmp_path: Path, plain: tuple[pl.DataFrame, list[pl.DataFrame]]
) -> None:
    scores, frames = plain
    (tmp_path / "export.csv").write_bytes(saved)
    done = score(tmp_path)
    assert done.exit_code == 0, done.output
    written = pl.read_csv(tmp_path / "out.csv")
    assert written.drop("lead_scored_at", strict=False).equals(scores.drop("lead_scored_at", strict=False))
    assert all(one.equals(other) for one, other in zip(known(learned_from(tmp_path)), frames, strict=True))


AMBIGUOUS = text(rows(lambda when: f"{1 + when.day % 12}/{when.month}/{when.year}"))


@pytest.mark.parametrize(
    ("saved", "says"),
    [
        (AMBIGUOUS.encode(), "Say which comes first in dates such as 2/1/2018: `--dates day` or `--dates month`"),
        (text(rows(lambda when: f"{when:%Y-%m-%d %H:%M} EST")).encode(), "column 'Create Date' needs a time such as"),
        (b"PK\x03\x04junk", "is a ZIP archive or an Excel workbook, not CSV. Save it as CSV"),
        (text().replace("p7,", "p7\0,").encode(), "is not text, so it is not CSV"),
        (b"", "empty"),
        (b"One column\r\nonly\r\n", "Its columns are|no column says when|there is no column 'id'"),
    ],
    ids=["dates of either order", "a zone by letters", "a workbook", "zero bytes", "nothing", "a title alone"],
)
def test_both_commands_say_what_is_wrong_with_others(saved: bytes, says: str, tmp_path: Path) -> None:
    (tmp_path / "export.csv").write_bytes(saved)
    refused = score(tmp_path)
    assert refused.exit_code == 2
    assert any(one in refused.output for one in says.split("|"))
    with pytest.raises(CalibrationError) as error:
        learned_from(tmp_path)
    assert any(one in str(error.value) for one in says.split("|"))


def test_what_was_odd_is_said(tmp_path: Path) -> None:
    (tmp_path / "export.csv").write_bytes(UGLY["a title and a blank line"])
    assert "has 3 lines above its header" in score(tmp_path).stderr
    (tmp_path / "export.csv").write_bytes(UGLY["a heading twice"])
    assert "has 2 columns 'Lead Source', of which the first is read" in score(tmp_path).stderr
    (tmp_path / "export.csv").write_bytes(UGLY["the footer of a report"])
    assert "2 lines below the leads were skipped: 'Grand Total', 'Copyright" in score(tmp_path).stderr


def test_one_column_tells_the_order_of_dates_for_the_others(tmp_path: Path) -> None:
    """An export writes all its dates alike; those of few conversions may not tell."""
    early = [[*row[:4], "2/1/2025 10:00 AM" if row[4] else "", row[5]] for row in rows()]
    (tmp_path / "export.csv").write_text(text(early), newline="")
    assert learned_from(tmp_path).outcomes["occurred_at"].dt.date().unique().to_list() == [
        datetime.fromisoformat("2025-02-01").date()
    ]


def test_a_large_file_is_read_as_a_small_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever its encoding and separator."""
    monkeypatch.setattr("calibrate.inputs.tables.LARGE", 10)
    (tmp_path / "export.csv").write_bytes(UGLY["tabs in UTF-16"])
    utf_16 = known(learned_from(tmp_path))
    (tmp_path / "export.csv").write_bytes(UGLY["a title and a blank line"])
    titled = known(learned_from(tmp_path))
    assert all(one.equals(other) for one, other in zip(utf_16, titled, strict=True))
    assert len(titled[0]) == ROWS


def test_a_row_with_more_cells_than_headings_is_refused(tmp_path: Path) -> None:
    """A comma that was not quoted moves all cells after it: none may be cut."""
    (tmp_path / "export.csv").write_text(text().replace("Google", "Google, Inc", 1), newline="")
    refused = score(tmp_path)
    assert (refused.exit_code, "no row longer than the header" in refused.output) == (2, True)
