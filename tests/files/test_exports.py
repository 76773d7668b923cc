"""Tables as CRMs and people export them: headings, dates, numbers and placeholders are read as they are."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from calibrate.inputs import fields
from commands.score import command
from connectors.files import Columns, FileError, Table
from connectors.files.dates import local_time, order_of
from connectors.files.headings import ID_OF_LEADS
from connectors.files.numbers import decimal_comma, number


def table(folder: Path, text: str, types: dict[str, Any], **options: Any) -> pl.DataFrame:
    file = folder / "table.csv"
    file.write_text(text, encoding="utf-8")
    return Table(str(file), {}, types, **options).whole()


@pytest.mark.parametrize(
    ("headings", "name"),
    [
        (["Email", "Record ID"], "Record ID"),
        (["Lead ID", "Lead Owner"], "Lead ID"),
        (["Id", "CreatedDate"], "Id"),
        (["Prospect ID", "Prospect CRM ID"], "Prospect ID"),
        (["(Do Not Modify) Lead", "(Do Not Modify) Row Checksum"], "(Do Not Modify) Lead"),
        (["Record ID", "id"], "id"),
        (["ID", "Lead ID"], "ID"),
    ],
    ids=[
        "HubSpot",
        "Salesforce report",
        "Salesforce data",
        "Pardot",
        "Dynamics",
        "exact before known",
        "alike before known",
    ],
)
def test_the_id_is_found_under_the_heading_of_each_crm(headings: list[str], name: str) -> None:
    assert Columns(id_=ID_OF_LEADS).found(["id"], headings) == {"id": name}


def test_the_id_of_a_person_is_no_id_of_what_it_did() -> None:
    """Else all activities of a lead would have the same id, and count as one."""
    headings = ["Contact ID", "lead_id", "kind", "occurred_at"]
    assert Columns().found(["id", "lead_id"], headings) == {"lead_id": "lead_id"}


def test_a_heading_serves_one_column_and_what_a_person_says_comes_first() -> None:
    headings = ["Lead Source", "lead_source", "Source", "ID"]
    wanted = ["id", "lead_source", "source", "other"]
    assert Columns().found(wanted, headings) == {"id": "ID", "lead_source": "lead_source", "source": "Source"}
    assert Columns(declared={"lead_source": "Source"}).found(wanted, headings) == {"id": "ID", "lead_source": "Source"}
    assert Columns({"source": "Lead Source"}, {"lead_source": "Lead Source"}).found(wanted, headings) == {
        "id": "ID",
        "lead_source": "lead_source",
        "source": "Lead Source",
    }
    assert Columns({"source": "Sauce"}).found(["source"], headings) == {}
    assert Columns(declared={"source": "Sauce"}).found(["source"], headings) == {"source": "Source"}


def test_a_heading_that_is_named_but_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"there is no column 'Lead Sauce'\. It has id, Lead Source"):
        table(
            tmp_path,
            "id,Lead Source\na,Web\n",
            {"id": "text", "source": "text"},
            columns=Columns({"source": "Lead Sauce"}),
        )


def test_what_says_nothing_is_missing_and_text_keeps_what_only_the_scorecard_can_judge(tmp_path: Path) -> None:
    types = {"n": "number", "f": "flag", "t": "time", "d": "date", "x": "text"}
    rows = table(
        tmp_path, 'n,f,t,d,x\nN/A,-,unknown,Select,Select\n"$1,200",y,2026-03-01,1 Mar 2026,x\n12 %,No,,,\n', types
    )
    assert rows.to_dict(as_series=False) == {
        "n": [None, 1200.0, 12.0],
        "f": [None, True, False],
        "t": [None, datetime(2026, 3, 1, tzinfo=UTC), None],
        "d": [None, date(2026, 3, 1), None],
        "x": ["Select", "x", None],
    }


def test_one_day_above_twelve_tells_the_order_of_a_whole_column(tmp_path: Path) -> None:
    rows = table(
        tmp_path, "a,b\n2/1/2018 10:30 AM,2/1/2018\n12/31/2018 12:15 AM,31/12/2018\n", {"a": "time", "b": "date"}
    )
    assert rows["a"].to_list() == [datetime(2018, 2, 1, 10, 30, tzinfo=UTC), datetime(2018, 12, 31, 0, 15, tzinfo=UTC)]
    assert rows["b"].to_list() == [date(2018, 1, 2), date(2018, 12, 31)]


@pytest.mark.parametrize("cells", ["2/1/2018\n3/4/2018", "13/1/2018\n1/13/2018"], ids=["none tells", "they disagree"])
def test_dates_that_can_be_read_two_ways_are_asked_for(tmp_path: Path, cells: str) -> None:
    with pytest.raises(FileError, match="`--dates day` or `--dates month`"):
        table(tmp_path, f"a\n{cells}\n", {"a": "date"})


def test_dates_that_can_be_read_two_ways_are_read_as_told(tmp_path: Path) -> None:
    day = table(tmp_path, "a\n2/1/2018\n", {"a": "date"}, columns=Columns(dates="day"))
    month = table(tmp_path, "a\n2/1/2018\n", {"a": "date"}, columns=Columns(dates="month"))
    assert (day.item(), month.item()) == (date(2018, 1, 2), date(2018, 2, 1))


def test_a_day_without_a_clock_begins_in_the_zone_in_whatever_form_it_is_written(tmp_path: Path) -> None:
    rows = table(tmp_path, 'a\n2026-03-01\n1.3.2026\n"Mar 1, 2026"\n', {"a": "time"}, zone="Asia/Tokyo")
    assert set(rows["a"]) == {datetime(2026, 2, 28, 15, tzinfo=UTC)}


FIRST = datetime.fromisoformat("1970-01-01")


@given(
    st.lists(st.datetimes(FIRST, FIRST + timedelta(days=32_000)), min_size=1, max_size=5),
    st.sampled_from(["/", "-"]),
)
def test_a_date_is_read_back_in_every_form(moments: list[datetime], between: str) -> None:
    """Whatever is read without being told the order is what was written."""
    whole = [moment.replace(second=0, microsecond=0) for moment in moments]
    for form, order in (
        ("%d{0}%m{0}%Y %H:%M", "day"),
        ("%m{0}%d{0}%Y %I:%M %p", "month"),
        ("%d.%m.%Y %H:%M", None),
        ("%d %B %Y %H:%M:%S", None),
        ("%Y/%m/%d %H:%M", None),
    ):
        cells = pl.Series("a", [moment.strftime(form.format(between)) for moment in whole])
        read = cells.to_frame().select(local_time(pl.col("a"), order)).to_series().to_list()  # type: ignore[arg-type]
        assert read == whole
        guessed = cells.to_frame().select(local_time(pl.col("a"), order_of(cells))).to_series().to_list()
        assert all(one in {None, moment} for one, moment in zip(guessed, whole, strict=True))


CARD = {
    "scorecard": "learned",
    "placeholders": ["Select"],
    "fields": {"lead_source": {"type": "text", "column": "Lead Source"}, "visits": {"type": "number", "column": "TotalVisits"}, "do_not_call": "flag"},
    "score": {"fit": {"groups": [{"name": "g", "rules": [
        {"name": "Source known", "lead": {"lead_source": {"known": True}}, "points": 5},
        {"name": "From Google", "lead": {"lead_source": "google"}, "points": 10},
        {"name": "Visits", "lead": {"visits": {"at_least": 3}}, "points": 3},
        {"name": "Not to be called", "lead": {"do_not_call": True}, "points": -20},
    ]}]}},
}  # fmt: skip


def scored(folder: Path, leads: str, *options: str) -> Result:
    (folder / "card.yaml").write_text(json.dumps(CARD), encoding="utf-8")
    (folder / "leads.csv").write_text(leads, encoding="utf-8")
    files = [
        "--scorecard",
        str(folder / "card.yaml"),
        "--leads",
        str(folder / "leads.csv"),
        "--out",
        str(folder / "out.csv"),
    ]
    return CliRunner().invoke(command, [*files, "--as-of", "2026-11-22", *options])


EXPORT = 'Prospect ID,Lead Source,TotalVisits,Do Not Call\na,Google,4,No\nb,Select,,Yes\nc,Chat,"1,000",\n'


def test_an_export_is_scored_by_the_columns_that_the_scorecard_names_without_activities(tmp_path: Path) -> None:
    found = scored(tmp_path, EXPORT)
    assert found.exit_code == 0, found.output
    assert (
        "id is 'Prospect ID', lead_source is 'Lead Source', visits is 'TotalVisits', do_not_call is 'Do Not Call'"
        in found.stderr
    )
    assert pl.read_csv(tmp_path / "out.csv").select("id", "lead_score").rows() == [("a", 18), ("b", -20), ("c", 8)]


def test_the_column_of_the_id_can_be_named(tmp_path: Path) -> None:
    renamed = EXPORT.replace("Prospect ID", "Kennung")
    assert "there is no column 'id'" in scored(tmp_path, renamed).output
    assert scored(tmp_path, renamed, "--id", "Kennung").exit_code == 0


def test_a_table_without_any_field_of_the_scorecard_is_refused(tmp_path: Path) -> None:
    found = scored(tmp_path, "ID,Colour\na,red\n")
    assert (
        found.exit_code,
        "has no field of learned: lead_source, visits, do_not_call. It has Colour." in found.output,
    ) == (2, True)


def test_activities_are_asked_for_only_where_the_scorecard_asks_for_them(tmp_path: Path) -> None:
    rule = {"name": "Demo", "activity": {"kind": "demo_request"}, "points": 5}
    card = {**CARD, "score": {"engagement": {"groups": [{"name": "g", "rules": [rule]}]}}}
    (tmp_path / "other.yaml").write_text(json.dumps(card), encoding="utf-8")
    found = scored(tmp_path, EXPORT, "--scorecard", str(tmp_path / "other.yaml"))
    assert (found.exit_code, "Give the file with --activities" in found.output) == (2, True)


def test_the_order_of_dates_is_told_once_for_all_files(tmp_path: Path) -> None:
    figure = {"sum": "amount", "of": "deals", "where": {"signed": {"within": "30d"}}}
    rule = {"name": "Deal", "lead": {"lately": {"above": 0}}, "points": 5}
    score = {"fit": {"groups": [{"name": "g", "rules": [rule]}]}}
    more = {"deals": {"amount": "number", "signed": "date"}, "figures": {"lately": figure}, "score": score}
    (tmp_path / "other.yaml").write_text(json.dumps({**CARD, **more}), encoding="utf-8")
    (tmp_path / "deals.csv").write_text("id,lead_id,amount,signed\n1,a,10,11/2/2026\n", encoding="utf-8")
    options = ["--scorecard", str(tmp_path / "other.yaml"), "--deals", str(tmp_path / "deals.csv")]
    refused = scored(tmp_path, EXPORT, *options)
    assert (refused.exit_code, "`--dates day` or `--dates month`" in refused.output) == (2, True)
    points = {}
    for order in ("day", "month"):
        assert scored(tmp_path, EXPORT, *options, "--dates", order).exit_code == 0
        points[order] = pl.read_csv(tmp_path / "out.csv")["lead_score"][0]
    assert points == {"day": 0, "month": 5}


def test_only_a_column_of_dates_is_told_how_dates_are_read(tmp_path: Path) -> None:
    with pytest.raises(FileError) as refused:
        table(tmp_path, "a\n2/1/2018\n", {"a": "number"})
    assert "--dates" not in str(refused.value)


def written(number: float, *, comma: bool) -> str:
    """A number with two decimals and its thousands apart, as English and German spreadsheets show it."""
    text = f"{number:,.2f}"
    return text.translate(str.maketrans(",.", ".,")) if comma else text


@given(st.lists(st.integers(-(10**9), 10**9).map(lambda cents: cents / 100), min_size=1, max_size=6), st.booleans())
def test_numbers_are_read_back_whichever_sign_divides_them(numbers: list[float], comma: bool) -> None:
    cells = pl.Series("a", [written(one, comma=comma) for one in numbers])
    assert decimal_comma(cells) is comma
    assert cells.to_frame().select(number(pl.col("a"), comma=comma)).to_series().to_list() == numbers


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["1.200", "40,5"], [1200.0, 40.5]),
        (["1.234.567", "900", "1.200 €"], [1234567.0, 900.0, 1200.0]),
        (["1.200", "900"], [1.2, 900.0]),
        (["1,200", "900"], [1200.0, 900.0]),
        (["1,200.50", "1,234,567"], [1200.5, 1234567.0]),
    ],
)
def test_one_cell_tells_the_decimal_sign_of_a_whole_column(
    cells: list[str], numbers: list[float], tmp_path: Path
) -> None:
    text = "a\n" + "".join(f'"{one}"\n' for one in cells)
    assert table(tmp_path, text, {"a": "number"})["a"].to_list() == numbers
    assert fields.numbers(pl.Series("a", cells)).to_list() == numbers


def test_a_column_with_both_decimal_signs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"row 2: '40,5'\. Write a decimal point"):
        table(tmp_path, 'a\n"40,5"\n1.5\n', {"a": "number"})
