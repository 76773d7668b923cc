"""`leadgauge score` on real files."""

import contextlib
import json
import math
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner, Result
from polars.testing import assert_frame_equal

from commands.score import command
from config.likelihoods import save_likelihood
from scoring import Likelihood, Scorecard
from scoring.likelihood import DecayedCount, points_digest

LEADS = """id,job_title,industry,employees,country,is_student,purchase_by,tags
a,Founder,Software,12,DE,false,2026-12-01T10:00:00+02:00,x
b,,,,,TRUE,,
c,"VP, Sales",finance,300,NO,,2026-12-24,y;z
"""
ACTIVITIES = """lead_id,id,kind,occurred_at,url,seconds,extra
a,1,demo_request,2026-11-21 12:00,,,
a,2,page_view,2026-11-20T13:00:00+01:00,/Pricing?utm_source=1,30,
a,2,page_view,2026-11-20T13:00:00+01:00,/Pricing?utm_source=1,30,
q,3,page_view,2026-11-20T12:00:00Z,,,
c,4,page_view,2026-11-20,/blog,70.5,
c,5,page_view,,/blog,70,
"""


@pytest.fixture
def folder(tmp_path: Path, example: dict[str, Any]) -> Path:
    (tmp_path / "card.yaml").write_text(json.dumps(example), encoding="utf-8")
    (tmp_path / "leads.csv").write_text(LEADS, encoding="utf-8")
    (tmp_path / "activities.csv").write_text(ACTIVITIES, encoding="utf-8")
    return tmp_path


FILES = {"scorecard": "card.yaml", "leads": "leads.csv", "activities": "activities.csv"}


def run(folder: Path, stdin: str | None = None, as_of: str = "2026-11-22T12:00:00", **options: str) -> Result:
    given = FILES | {"out": "out.csv"} | options
    words = [
        word
        for name, file in given.items()
        for word in (f"--{name.replace('_', '-')}", *([file if file == "-" else str(folder / file)] if file else []))
    ]
    return CliRunner().invoke(command, [*words, "--as-of", as_of], input=stdin)


def test_results_come_in_the_order_of_leads_with_every_field(folder: Path) -> None:
    found = run(folder)
    assert found.exit_code == 0, found.output
    out = pl.read_csv(folder / "out.csv")
    assert out["id"].to_list() == ["a", "b", "c"]
    assert out["lead_score"].to_list() == [83, 0, 30]
    assert out["lead_priority"].to_list() == ["P1", None, "P4"]
    assert {
        "lead_fit",
        "lead_engagement",
        "lead_grade",
        "lead_readiness",
        "lead_urgency",
        "lead_priority_index",
        "lead_score_reasons",
        "lead_score_status",
        "lead_scorecard",
        "lead_grade_percent",
    } < set(out.columns)
    assert "lead_likelihood" not in out.columns


def test_a_day_to_score_for_begins_in_the_zone_of_the_scorecard(folder: Path, example: dict[str, Any]) -> None:
    """In Auckland, the 22nd begins an hour before the demo request of the 21st, as London counts."""
    (folder / "card.yaml").write_text(json.dumps(example | {"calendar": "Pacific/Auckland"}), encoding="utf-8")
    out = {}
    for at in ("2026-11-22", "2026-11-21T11:00:00Z", "2026-11-22T00:00:00"):
        assert run(folder, as_of=at).exit_code == 0
        out[at] = (folder / "out.csv").read_text()
    assert out["2026-11-22"] == out["2026-11-21T11:00:00Z"] != out["2026-11-22T00:00:00"]


def test_what_is_ignored_is_named_once(folder: Path) -> None:
    told = run(folder).stderr
    assert told.count("columns ignored: tags") == 1
    assert told.count("columns ignored: extra") == 1
    assert told.count("1 activities of 1 unknown leads ignored: 'q'") == 1


def test_the_lines_add_up_to_the_scores(folder: Path) -> None:
    assert run(folder, explain="lines.csv").exit_code == 0
    lines = pl.read_csv(folder / "lines.csv")
    assert lines.columns == ["id", "part", "type", "name", "points", "count", "latest"]
    sums = lines.group_by("id").agg(pl.col("points").sum()).sort("id")["points"].to_list()
    assert sums == pytest.approx([83, 0, 30], abs=1e-9)
    pricing = lines.filter(pl.col("name") == "Pricing page").row(0, named=True)
    assert (pricing["count"], pricing["latest"]) == (1, "2026-11-20T12:00:00Z")


EVIL = ["=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1", " =1+1", "\u200b=1", "＝1+1", "-5", "+1.5", "7", "ok;=1+1", 'q"=1']


def test_a_spreadsheet_runs_nothing_of_a_csv_that_is_written_for_it(folder: Path) -> None:
    """OWASP's characters for CSV injection in ids get an apostrophe; numbers stay numbers."""
    pl.DataFrame({"id": EVIL, "job_title": "Founder"}).write_csv(folder / "evil.csv")
    assert run(folder, leads="evil.csv", explain="lines.csv", for_excel="").exit_code == 0
    raw = (folder / "out.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbfid,")
    found = pl.read_csv(folder / "out.csv")
    assert found["id"].to_list() == [f"'{one}" for one in EVIL[:8]] + EVIL[8:]
    assert {reason[:2] for reason in found["lead_score_reasons"].to_list()} == {"'+"}
    assert b'"ok;=1+1"' in raw
    assert found["lead_score"].dtype == pl.Int64
    assert {one[0] for one in pl.read_csv(folder / "lines.csv")["id"].to_list()} <= set("'-+7oq")


def test_a_csv_for_programs_keeps_ids_as_they_are(folder: Path) -> None:
    pl.DataFrame({"id": EVIL, "job_title": "Founder"}).write_csv(folder / "evil.csv")
    assert run(folder, leads="evil.csv").exit_code == 0
    assert pl.read_csv(folder / "out.csv")["id"].to_list() == EVIL


def test_excel_without_csv_is_refused(folder: Path) -> None:
    found = run(folder, out="out.parquet", for_excel="")
    assert found.exit_code == 2
    assert "needs a CSV output" in found.stderr


def test_parquet_gives_what_csv_gives(folder: Path) -> None:
    leads = pl.read_csv(folder / "leads.csv", schema_overrides={"employees": pl.Int32}).with_columns(
        pl.col("tags").str.split(";")
    )
    leads.write_parquet(folder / "leads.parquet")
    moments = [
        datetime(2026, 11, 21, 12, tzinfo=UTC),
        *[datetime(2026, 11, 20, 12, tzinfo=UTC)] * 3,
        datetime(2026, 11, 20, tzinfo=UTC),
        None,
    ]
    activities = pl.read_csv(folder / "activities.csv").with_columns(
        occurred_at=pl.Series(moments).dt.cast_time_unit("ns").dt.convert_time_zone("Asia/Tokyo")
    )
    activities.write_parquet(folder / "activities.parquet")
    run(folder)
    assert run(folder, leads="leads.parquet", activities="activities.parquet", out="out.parquet").exit_code == 0
    assert_frame_equal(pl.read_csv(folder / "out.csv"), pl.read_parquet(folder / "out.parquet"))


def test_standard_streams_serve_as_files(folder: Path) -> None:
    run(folder)
    found = run(folder, leads="-", out="-", stdin=LEADS)
    assert found.stdout == (folder / "out.csv").read_text(encoding="utf-8")
    assert run(folder, leads="-", activities="-", stdin=LEADS).exit_code == 2


def test_the_stage_before_keeps(folder: Path) -> None:
    (folder / "previous.csv").write_text("id,lead_readiness\nc,Ready\n", encoding="utf-8")
    run(folder, previous="previous.csv")
    assert pl.read_csv(folder / "out.csv")["lead_readiness"].to_list() == ["Ready", "Unaware", "Evaluating"]


@pytest.mark.parametrize(
    ("file", "text", "says"),
    [
        ("leads.csv", "name\na\n", "there is no column 'id'"),
        ("leads.csv", "name\na\n", "Name it with --id COLUMN, or add a column with row numbers."),
        ("leads.csv", "id,employees\na,1\na,2\n", "1 ids occur more than once: 'a'"),
        (
            "leads.csv",
            "id,employees\na,many\nb,few\n",
            "column 'employees' needs a number: row 2: 'many', row 3: 'few'",
        ),
        (
            "leads.csv",
            "id,is_student\na,perhaps\n",
            "column 'is_student' needs true or false, yes or no, 1 or 0: row 2: 'perhaps'",
        ),
        ("leads.csv", "id,country\n,DE\n", "column 'id' needs a value in every row: row 2"),
        ("leads.csv", "id,country\na,DE,x\n", "no row longer than the header"),
        ("leads.csv", "idd,employees\na,1\n", "there is no column 'id'. Did you mean 'idd'?"),
        ("leads.csv", "id,colour\na,red\n", "has no field of "),
        ("leads.csv", "id,employees\n\na,1\n,2\n", "column 'id' needs a value in every row: row 4"),
        (
            "leads.csv",
            "id;employees\na;40,5\nb;1.5\n",
            "column 'employees' needs a number: row 2: '40,5'. Write a decimal point",
        ),
        ("leads.csv", "", "cannot be read as CSV"),
        ("activities.csv", "lead_id,id,kind\n", "there is no column 'occurred_at'"),
        (
            "activities.csv",
            "lead_id,id,kind,occurred_at\na,1,call,2/1/2026\n",
            "column 'occurred_at' needs a time such as 2026-03-31 or 2026-03-31T12:00:00Z: row 2: '2/1/2026'. Say which comes first in dates such as 2/1/2018: `--dates day`",
        ),
        ("activities.csv", "lead_id,id,kind,occurred_at\na,1,call,2026-02-30\n", "'2026-02-30'"),
        (
            "activities.csv",
            "lead_id,id,kind,occurred_at\na,1,call,2026-02-03T12:00+99:00\n",
            "row 2: '2026-02-03T12:00+99:00'",
        ),
    ],
)
def test_a_bad_file_is_refused_with_place_and_value_and_nothing_is_written(
    folder: Path, file: str, text: str, says: str
) -> None:
    (folder / file).write_text(text, encoding="utf-8")
    found = run(folder, explain="lines.csv")
    assert found.exit_code == 2
    assert says in found.stderr
    assert sorted(path.name for path in folder.iterdir()) == ["activities.csv", "card.yaml", "leads.csv"]


@pytest.mark.parametrize(
    ("saved", "says"),
    [
        (LEADS.replace('"VP, Sales"', "VP").replace(";z", "").replace(",", ";").encode(), "has semicolons between"),
        (LEADS.replace('"VP, Sales"', "VP").replace(",", "\t").encode("utf-16"), "was read as UTF-16"),
        (LEADS.replace("Software", "Großhandel").encode("cp1252"), "was read as Windows-1252"),
        (b"\xfe\xff" + LEADS.encode("utf-16-be"), "was read as UTF-16"),
        (LEADS.encode("utf-8-sig"), "columns ignored"),
    ],
    ids=["semicolons", "tabs in UTF-16", "Windows-1252", "UTF-16, big end first", "marked UTF-8"],
)
def test_what_excel_saves_is_read_and_named(folder: Path, saved: bytes, says: str) -> None:
    (folder / "leads.csv").write_bytes(saved)
    found = run(folder)
    assert found.exit_code == 0, found.output
    assert says in found.stderr
    assert pl.read_csv(folder / "out.csv")["id"].to_list() == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"PK\x03\x04\x14\x00", "is a ZIP archive or an Excel workbook, not CSV. Save it as CSV; in Excel, as 'CSV UTF-8'."),
        (b"\x1f\x8b\x08\x00", "is compressed by gzip, not CSV."),
        (b"id,country\n\x00\x01\n", "is not text, so it is not CSV."),
    ],
    ids=["Excel", "gzip", "binary"],
)  # fmt: skip
def test_what_is_no_csv_at_all_is_named(folder: Path, content: bytes, says: str) -> None:
    (folder / "leads.csv").write_bytes(content)
    assert f"leads.csv: {says}" in run(folder).stderr


def test_bytes_of_no_known_encoding_are_named(folder: Path) -> None:
    (folder / "leads.csv").write_bytes(b"id,country\na,\x81\xe9\n")
    assert "byte 14 is neither UTF-8 nor Windows-1252. Save the file as UTF-8" in run(folder).stderr


DEALS = "id,lead_id,amount,open,closed\n1,a,500,yes,\n1,b,500,yes,\n2,a,3000,no,2026-11-20\n3,a,1000,yes,\n4,q,9,yes,\n5,,9,yes,\n"


def with_figures(folder: Path) -> None:
    worth = {"max": "amount", "of": "deals", "where": {"open": True}}
    rules = [
        {"name": "Worth", "number": "worth", "points": {"give": 1, "per": 100}, "maximum": 50},
        {"name": "Partner", "lead": {"segments": {"contains": "Partners"}}, "points": 3},
        {"name": "No partner", "lead": {"segments": {"is_not": "partners"}}, "points": 1},
    ]
    card = {
        "scorecard": "deals",
        "fields": {"segments": "member_of"},
        "deals": {"amount": "number", "open": "flag", "closed": "time"},
        "figures": {"worth": worth},
        "score": {"fit": {"groups": [{"name": "Deals", "rules": rules}]}},
    }
    (folder / "card.yaml").write_text(json.dumps(card), encoding="utf-8")
    (folder / "leads.csv").write_text("id,segments\na,Partners;News\nb,\nc,\n", encoding="utf-8")
    (folder / "deals.csv").write_text(DEALS, encoding="utf-8")


def test_figures_of_deals_and_memberships_are_read_from_files(folder: Path) -> None:
    with_figures(folder)
    found = run(folder, deals="deals.csv")
    assert found.exit_code == 0, found.output
    assert pl.read_csv(folder / "out.csv")["lead_score"].to_list() == [13, 6, 1]
    assert "deals.csv: 1 deals of 1 unknown leads ignored: 'q'" in found.stderr


def test_figures_of_deals_without_deals_are_named(folder: Path) -> None:
    with_figures(folder)
    assert "figures of deals. Without --deals, no lead has any." in run(folder).stderr
    assert pl.read_csv(folder / "out.csv")["lead_score"].to_list() == [3, 1, 1]


def test_a_deal_that_a_lead_has_twice_is_refused(folder: Path) -> None:
    with_figures(folder)
    (folder / "deals.csv").write_text(DEALS + "1,a,7,yes,\n", encoding="utf-8")
    assert "1 deals occur more than once for a lead: '1'" in run(folder, deals="deals.csv").stderr


@pytest.mark.parametrize(("zone", "hours"), [("UTC", [12, 12, 12]), ("America/New_York", [7, 12, 7])])
def test_a_day_without_a_clock_begins_in_the_zone_of_the_card(folder: Path, zone: str, hours: list[int]) -> None:
    rule = {"name": "R", "number": {"days_since": "at"}, "points": {"give": 24, "per": 1}, "maximum": 99}
    card = {
        "scorecard": "x",
        "fields": {"at": "time"},
        "calendar": zone,
        "score": {"fit": {"groups": [{"name": "G", "rules": [rule]}]}},
    }
    (folder / "card.yaml").write_text(json.dumps(card), encoding="utf-8")
    (folder / "leads.csv").write_text("id,at\na,2026-11-22\nb,2026-11-22T00:00Z\nc, 2026-11-22 \n", encoding="utf-8")
    assert run(folder).exit_code == 0
    assert pl.read_csv(folder / "out.csv")["lead_fit"].to_list() == hours
    days = pl.DataFrame({"id": ["a"], "at": [date(2026, 11, 22)]})
    days.write_parquet(folder / "leads.parquet")
    assert run(folder, leads="leads.parquet").exit_code == 0
    assert pl.read_csv(folder / "out.csv")["lead_fit"].to_list() == hours[:1]


def test_a_blank_line_is_no_lead_and_no_activity(folder: Path) -> None:
    for name, text in (("leads.csv", LEADS), ("activities.csv", ACTIVITIES)):
        (folder / name).write_text(text.replace("\nc,", "\n\n   \nc,", 1) + "\n,,,\n")
    assert run(folder).exit_code == 0
    assert pl.read_csv(folder / "out.csv")["lead_score"].to_list() == [83, 0, 30]


def test_a_declared_field_that_a_file_lacks_is_named(folder: Path) -> None:
    (folder / "leads.csv").write_text(LEADS.replace("job_title", "jobtitle"))
    told = run(folder).stderr
    assert "no column for job_title (did you mean jobtitle?)" in told
    (folder / "activities.csv").write_text("lead_id,id,kind,occurred_at,URL\n")
    assert "activities.csv: url is 'URL'" in run(folder).stderr
    (folder / "leads.csv").write_text(LEADS)
    assert "job_title" not in run(folder).stderr


def test_files_that_are_not_there_or_have_no_known_ending_are_refused(folder: Path) -> None:
    assert "nowhere.csv" in run(folder, leads="nowhere.csv").stderr
    assert "must end in .csv or .parquet. Save the table as CSV; in Excel" in run(folder, leads="leads.xlsx").stderr
    assert "cannot be written" in run(folder, out="no/such/folder/out.csv").stderr


def test_no_file_that_is_read_is_written_over(folder: Path) -> None:
    for twice in ({"out": "leads.csv"}, {"explain": "activities.csv"}, {"explain": "out.csv"}):
        found = run(folder, **twice)
        assert found.exit_code == 2
        assert "is named twice" in found.stderr
    assert (folder / "leads.csv").read_text(encoding="utf-8") == LEADS


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_told_in_one_line(folder: Path) -> None:
    words = [f"--{name}={folder / file}" for name, file in FILES.items()]
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        found = subprocess.run(
            [sys.executable, "-m", "worker", "score", *words, "--out=-"],
            check=False,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert found.returncode == 2
    assert found.stderr.splitlines()[-1].startswith("Error: -: cannot be written: No space left")


def test_lists_of_a_fixed_length_are_lists(folder: Path) -> None:
    leads = pl.DataFrame(
        {"id": ["a"], "country": ["DE"], "tags": [["y", "z"]]}, schema_overrides={"tags": pl.Array(pl.String, 2)}
    )
    leads.write_parquet(folder / "leads.parquet")
    assert run(folder, leads="leads.parquet").exit_code == 0


def test_a_scorecard_with_mistakes_is_refused(folder: Path, example: dict[str, Any]) -> None:
    (folder / "card.yaml").write_text(json.dumps({**example, "typo": 1}), encoding="utf-8")
    found = run(folder)
    assert found.exit_code == 2
    assert "typo" in found.stderr


def test_a_fitted_file_gives_the_likelihood(folder: Path, example: dict[str, Any]) -> None:
    """The chance is 1 / (1 + exp(-x)) of the fitted sum; here x is 0.02 times the points before limits, minus 2."""
    fitted = Likelihood(
        likelihood="b2b-saas",
        points=points_digest(Scorecard.model_validate(example)),
        fitted_at=datetime(2026, 11, 1, tzinfo=UTC),
        look_back="180d",
        intercept=-2,
        per_point=0.02,
        counts=(DecayedCount(kind="page_view", weight=0.5),),
    )
    save_likelihood(fitted, folder / "likelihood.yaml")
    found = run(folder, likelihood="likelihood.yaml")
    assert found.exit_code == 0, found.output
    out = pl.read_csv(folder / "out.csv")
    seen, points = [1, 0, 1], [20 + 15 + 40 * 2 ** (-1 / 30) + 10 * 2 ** (-2 / 14), -30, 30]
    odds = [-2 + 0.02 * sum_ + 0.5 * math.log1p(count) for sum_, count in zip(points, seen, strict=True)]
    assert out["lead_likelihood"].to_list() == pytest.approx([round(100 / (1 + math.exp(-one)), 1) for one in odds])


def test_a_file_fitted_for_other_points_is_refused(folder: Path) -> None:
    fitted = Likelihood(
        likelihood="other",
        points="0",
        fitted_at=datetime(2026, 11, 1, tzinfo=UTC),
        look_back="180d",
        intercept=0,
        per_point=0,
    )
    save_likelihood(fitted, folder / "likelihood.yaml")
    found = run(folder, likelihood="likelihood.yaml")
    assert found.exit_code == 2
    assert "fitted on different points" in found.stderr


def test_the_help_shows_an_example() -> None:
    found = subprocess.run(
        [sys.executable, "-m", "worker", "score", "--help"], capture_output=True, text=True, check=True
    )
    assert "leadgauge score --scorecard" in found.stdout


def test_fields_of_files_are_derived_from_their_columns(folder: Path) -> None:
    card = """
scorecard: derived
fields: {seniority: text, employees: number, private: flag}
score:
  fit:
    groups:
      - name: Person
        rules:
          - {name: Decider, lead: {seniority: [c-level, vp]}, points: 20}
          - {name: Size, lead: {employees: {between: [20, 500]}}, points: 10}
          - {name: Private, lead: {private: true}, points: -5}
"""
    (folder / "card.yaml").write_text(card)
    rows = "id,title,size,mail\na,Vice-President,11-50,a@x.example\nb,Product Owner,50+,b@gmail.com\nc,,many,\n"
    (folder / "leads.csv").write_text(rows)
    (folder / "activities.csv").write_text("lead_id,id,kind,occurred_at\n")
    words = ["--scorecard", "card.yaml", "--leads", "leads.csv", "--activities", "activities.csv", "--out", "out.csv"]
    given = ["seniority=seniority(title)", "employees=range(size)", "private=free_mailbox(mail)"]
    fields = [word for text in given for word in ("--field", text)]
    with contextlib.chdir(folder):
        done = CliRunner().invoke(command, [*words, *fields])
        wrong = CliRunner().invoke(command, [*words, "--field", "seniority=number(title)"])
    assert done.exit_code == 0, done.output
    assert "1 values of employees are unreadable, such as the shape 'xxxx'" in done.output
    assert pl.read_csv(folder / "out.csv")["lead_fit"].to_list() == [30, 5, 0]
    assert wrong.exit_code == 2
    assert "gives a number, the scorecard declares text" in wrong.output
