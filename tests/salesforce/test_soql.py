"""Values in queries."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.salesforce.soql import Query, all_of, in_chunks, literal, one_of


@pytest.mark.parametrize(
    ("value", "quoted"),
    [
        ("O'Brien", r"'O\'Brien'"),
        ("x' OR Name != '", r"'x\' OR Name != \''"),
        ("back\\slash\\", r"'back\\slash\\'"),
        ("a\\'b", r"'a\\\'b'"),
        ("two\nlines\r\tand\ba\ftab", r"'two\nlines\r\tand\ba\ftab'"),
        ('say "hi"', r"'say \"hi\"'"),
        ("Zoë 数据 \u2028 🎉", "'Zoë 数据 \u2028 🎉'"),
        (True, "true"),
        (3, "3"),
        (2.5, "2.5"),
        (date(2026, 1, 2), "2026-01-02"),
        (datetime(2026, 1, 2, 3, 4, 5, 678_900, UTC), "2026-01-02T03:04:05.678Z"),
        (datetime(2026, 1, 2, 1, tzinfo=timezone(timedelta(hours=2))), "2026-01-01T23:00:00.000Z"),
    ],
)
def test_a_value_stands_quoted(value: Any, quoted: str) -> None:
    assert literal(value) == quoted


def unquoted(text: str) -> str:
    """A simple reader of SOQL strings."""
    plain, position = [], 1
    names = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
    while text[position] != "'" or position < len(text) - 1:
        assert text[position] != "'", "the quotes end too early"
        if text[position] == "\\":
            position += 1
            plain.append(names.get(text[position], text[position]))
        else:
            plain.append(text[position])
        position += 1
    return "".join(plain)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\r\t\b\f'\\\"")))
def test_nothing_in_a_text_ends_its_quotes(text: str) -> None:
    quoted = literal(text)
    assert "\n" not in quoted
    assert unquoted(quoted) == text


def test_what_soql_cannot_write_is_refused() -> None:
    with pytest.raises(ValueError, match="control characters"):
        literal("a\x00b")


def test_conditions_keep_their_parentheses() -> None:
    assert all_of("a = 1 OR b = 2", None, "", "c = 3") == "(a = 1 OR b = 2) AND (c = 3)"
    assert one_of("Id", ["1", "it's"]) == r"Id IN ('1', 'it\'s')"


def test_a_query_says_what_is_asked() -> None:
    query = Query("Lead", ("Id", "Title"), "Title != null", "Id", deleted=True)
    assert str(query) == "SELECT Id, Title FROM Lead WHERE Title != null ORDER BY Id"
    assert query.operation == "queryAll"
    assert str(Query("Lead", ("Id",))) == "SELECT Id FROM Lead"


def test_ids_are_asked_for_in_parts_that_fit_an_address() -> None:
    chunks = list(in_chunks([f"{number:018}" for number in range(1001)]))
    assert [len(chunk) for chunk in chunks] == [400, 400, 201]
    assert len(one_of("Id", chunks[0])) < 16_000
