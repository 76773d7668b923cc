"""CSV and JSON responses become the same typed columns."""

import csv
import io
from datetime import UTC, date, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.salesforce import frames
from connectors.salesforce.errors import Unreadable
from meaning.mailboxes import domain


def as_salesforce(rows: list[list[str]]) -> bytes:
    """CSV as Bulk API 2.0 writes it: everything quoted, LF after each row."""
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=30) | st.sampled_from(
    [
        '"',
        '""',
        ",",
        "\n",
        "\r\n",
        "a\nb",
        "x\u2028y\u2029",
        "ZoÃ«",
        "Zoë",
        "#N/A",
        "null",
        " ",
        "\ufeff",
        "'",
        "\\",
        "0012",
    ]
)


@given(st.lists(st.lists(CELLS, min_size=2, max_size=2), max_size=20))
def test_every_cell_comes_out_as_it_went_in(rows: list[list[str]]) -> None:
    columns = ["Id", "Account.Name"]
    body = as_salesforce([columns, *([str(number), *row[1:]] for number, row in enumerate(rows))])
    frame = frames.of_csv(body, columns)
    assert frame["Account.Name"].to_list() == [row[1] or None for row in rows]


def test_a_cell_of_100_000_characters_is_kept_whole() -> None:
    long = "ä\n" * 50_000
    assert frames.of_csv(as_salesforce([["Id", "Text"], ["1", long]]), ["Id", "Text"]).item(0, "Text") == long


def test_bytes_that_are_no_utf_8_are_refused() -> None:
    with pytest.raises(Unreadable, match="cannot be read"):
        frames.of_csv('"Id"\n"Zoë"\n'.encode("iso-8859-1"), ["Id"])


def test_a_row_with_too_many_cells_is_refused() -> None:
    with pytest.raises(Unreadable, match="cannot be read"):
        frames.of_csv(b'"Id","A"\n"1","2","3"\n', ["Id", "A"])


@pytest.mark.parametrize("body", [b"", b"\n", b'"Id","A"\n'])
def test_no_rows_are_no_rows(body: bytes) -> None:
    frame = frames.of_csv(body, ["Id", "A"])
    assert frame.schema == {"Id": pl.String, "A": pl.String}
    assert frame.is_empty()


def test_columns_other_than_asked_for_are_refused() -> None:
    with pytest.raises(Unreadable, match="Id, B instead of Id, A"):
        frames.of_csv(b'"Id","B"\n"1","2"\n', ["Id", "A"])


def test_columns_are_named_as_they_were_queried() -> None:
    assert frames.of_csv(b'"Id","Account.Name"\n', ["id", "ACCOUNT.name"]).columns == ["id", "ACCOUNT.name"]


def test_json_becomes_the_same_text_as_csv() -> None:
    columns = ["Id", "Flag", "Amount", "Account.Industry", "At", "Gone.Deep.Field"]
    record = {
        "attributes": {},
        "Id": "1",
        "Flag": True,
        "Amount": 2.5,
        "Account": {"Industry": "Software"},
        "At": None,
        "Gone": None,
    }
    from_csv = frames.of_csv(as_salesforce([columns, ["1", "true", "2.5", "Software", "", ""]]), columns)
    assert frames.of_json([record], columns).equals(from_csv)
    assert frames.of_json([{"Id": "1"}], ["ID"]).item() == "1"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-02T03:04:05.000Z", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02T03:04:05.678+0000", datetime(2026, 1, 2, 3, 4, 5, 678_000, UTC)),
        ("2026-01-02T03:04:05Z", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2024-02-29", datetime(2024, 2, 29, tzinfo=UTC)),
        ("soon", None),
        (None, None),
    ],
)
def test_times_are_read_in_every_spelling(text: str | None, moment: datetime | None) -> None:
    frame = pl.DataFrame({"t": [text]}, schema={"t": pl.String})
    assert frame.select(frames.moment("t")).item() == moment
    assert frame.select(frames.typed("t", "time")).schema["t"] == pl.Datetime("us", "UTC")


def test_values_are_read_as_the_scorecard_declares_them() -> None:
    rows = pl.DataFrame(
        {
            "n": ["1e3", "x", None],
            "f": ["true", "NO ", "maybe"],
            "l": ["a; b", "c", None],
            "d": ["2026-03-31", "2026-03-31T23:00:00.000Z", None],
            "m": ["A.B@Ä.De ", "none", None],
        }
    )
    read = rows.select(
        frames.typed("d", "date"),
        frames.typed("n", "number"),
        frames.typed("f", "flag"),
        frames.typed("l", "list"),
        domain(pl.col("m")),
    )
    assert read.to_dict(as_series=False) == {
        "d": [date(2026, 3, 31), date(2026, 3, 31), None],
        "n": [1000.0, None, None],
        "f": [True, False, None],
        "l": [["a", "b"], ["c"], None],
        "m": ["ä.de", None, None],
    }


def test_a_date_stays_a_day_and_a_time_an_iso_text_in_what_is_kept() -> None:
    rows = pl.DataFrame({"t": ["2026-03-31", "2026-03-31T12:00:00.000+0000", "2026-03-31T12:00:00.250Z", None, "soon"]})
    kept = rows.select(frames.kept(pl.col("t"), "time"))["t"].to_list()
    assert kept == ["2026-03-31", "2026-03-31T12:00:00Z", "2026-03-31T12:00:00.250000Z", None, None]
