"""SOQL follows Salesforce's documentation, compared with a slow row-by-row evaluator."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadgauge_sandbox.salesforce import identifiers
from leadgauge_sandbox.salesforce.clock import Clock
from leadgauge_sandbox.salesforce.errors import SalesforceError
from leadgauge_sandbox.salesforce.org import Org, View
from leadgauge_sandbox.salesforce.soql.parser import parse, quote, unescaped
from leadgauge_sandbox.salesforce.soql.periods import span
from leadgauge_sandbox.salesforce.soql.run import run
from tests.examples import up_to

NOW = datetime(2026, 6, 15, 12, 0, 0, tzinfo=UTC)
TEXTS = [None, "Ada", "ada", "Bob's", "100%", "a_b", "Zoë", "x\\y", "line\nbreak", "ß"]
NUMBERS = [None, 0.0, 1.0, 2.5, -3.0, 1e12]
TIMES = [
    None,
    NOW,
    NOW - timedelta(days=1),
    NOW - timedelta(days=400),
    NOW + timedelta(days=2),
    datetime(2026, 6, 15, tzinfo=UTC),
]
DAYS = [None, date(2026, 6, 15), date(2026, 6, 14), date(2024, 2, 29)]
ROWS: list[dict[str, Any]] = [
    {
        "LastName": "n",
        "Company": "c",
        "Title": TEXTS[row % len(TEXTS)],
        "Budget__c": NUMBERS[row % len(NUMBERS)],
        "EmailBouncedDate": TIMES[row % len(TIMES)],
        "Purchase_By__c": DAYS[row % len(DAYS)],
        "IsDeleted": False,
        "IsConverted": row % 3 == 0,
    }
    for row in range(60)
]


@pytest.fixture(scope="module")
def view() -> Any:
    org = Org(Clock(NOW))
    for row in ROWS:
        org.tables["Lead"].insert(row)
    return org.seen_by("0058d0000000001AAA")


texts = st.sampled_from([text for text in TEXTS if text])
conditions = st.one_of(
    st.tuples(st.just("Title"), st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), texts),
    st.tuples(
        st.just("Title"),
        st.just("like"),
        st.sampled_from(["a%", "%b%", "_da", "100\\%", "a\\_b", "%\\\\%", "ADA", "%"]),
    ),
    st.tuples(st.just("Title"), st.sampled_from(["in", "not in"]), st.lists(texts, min_size=1, max_size=3)),
    st.tuples(
        st.just("Budget__c"),
        st.sampled_from(["=", "!=", "<", "<=", ">", ">="]),
        st.sampled_from([0.0, 1.0, 2.5, -3.0, 7.0]),
    ),
    st.tuples(
        st.just("Budget__c"),
        st.sampled_from(["in", "not in"]),
        st.lists(st.sampled_from([0.0, 2.5, 9.0]), min_size=1, max_size=3),
    ),
    st.tuples(
        st.just("EmailBouncedDate"),
        st.sampled_from(["=", "!=", "<", "<=", ">", ">="]),
        st.sampled_from([time for time in TIMES if time]),
    ),
    st.tuples(
        st.just("EmailBouncedDate"),
        st.sampled_from(["=", "!=", "<", "<=", ">", ">="]),
        st.sampled_from(["TODAY", "LAST_N_DAYS:1", "YESTERDAY", "THIS_MONTH", "LAST_YEAR", "N_DAYS_AGO:1"]),
    ),
    st.tuples(
        st.just("Purchase_By__c"),
        st.sampled_from(["=", "!=", "<", "<=", ">", ">="]),
        st.sampled_from([*(day for day in DAYS if day), "TODAY", "LAST_WEEK"]),
    ),
    st.tuples(st.just("IsConverted"), st.sampled_from(["=", "!="]), st.booleans()),
    st.tuples(st.sampled_from(["Title", "Budget__c", "EmailBouncedDate"]), st.sampled_from(["=", "!="]), st.none()),
)
trees = st.recursive(
    conditions,
    lambda inner: st.one_of(
        st.tuples(st.just("not"), inner),
        st.tuples(st.sampled_from(["and", "or"]), st.lists(inner, min_size=2, max_size=3)),
    ),
    max_leaves=6,
)


def spelled(value: Any, *, pattern: bool = False) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, date | float):
        return str(value)
    if pattern:
        return f"'{value}'"
    return (
        value
        if (value.partition(":")[0].isupper() and "_" in value) or value in ("TODAY", "YESTERDAY")
        else quote(value)
    )


def soql(tree: Any) -> str:
    if tree[0] == "not":
        return f"NOT ({soql(tree[1])})"
    if tree[0] in ("and", "or"):
        return f" {tree[0]} ".join(f"({soql(each)})" for each in tree[1])
    name, operator, value = tree
    if isinstance(value, list):
        return f"{name} {operator} ({', '.join(spelled(each) for each in value)})"
    return f"{name} {operator} {spelled(value, pattern=operator == 'like')}"


def like(text: str, pattern: str) -> bool:
    """Match character by character."""
    if not pattern:
        return not text
    if pattern[0] == "\\":
        return bool(text) and text[0] == pattern[1] and like(text[1:], pattern[2:])
    if pattern[0] == "%":
        return any(like(text[start:], pattern[1:]) for start in range(len(text) + 1))
    return bool(text) and pattern[0] in ("_", text[0]) and like(text[1:], pattern[1:])


def compare(left: Any, operator: str, right: Any) -> bool:
    return {"=": left == right, "<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[
        operator
    ]


def holds(tree: Any, row: dict[str, Any]) -> bool:  # noqa: C901, PLR0911 - the whole meaning in one place
    if tree[0] == "not":
        return not holds(tree[1], row)
    if tree[0] == "and":
        return all(holds(each, row) for each in tree[1])
    if tree[0] == "or":
        return any(holds(each, row) for each in tree[1])
    name, operator, wanted = tree
    value = row[name]
    if operator == "!=":
        return not holds((name, "=", wanted), row)
    if operator == "not in":
        return not holds((name, "in", wanted), row)
    if operator == "in":
        return any(holds((name, "=", each), row) for each in wanted)
    if wanted is None:
        return value is None
    if value is None:
        return False
    if operator == "like":
        return like(value.lower(), wanted.lower())
    if isinstance(wanted, str) and name == "Title":
        return compare(value.lower(), operator, wanted.lower())
    if isinstance(wanted, str):
        literal, _, count = wanted.partition(":")
        bounds = span(literal, int(count) if count else None, NOW.date())
        assert bounds is not None
        first, after = bounds if isinstance(value, datetime) else (bounds[0].date(), bounds[1].date())
        return {
            "=": first <= value < after,
            "<": value < first,
            "<=": value < after,
            ">": value >= after,
            ">=": value >= first,
        }[operator]
    return compare(value, operator, wanted)


@settings(max_examples=up_to(250), deadline=None)
@given(tree=trees)
def test_where_finds_what_a_row_by_row_reading_finds(view: View, tree: Any) -> None:
    result = run(parse(f"SELECT Id FROM Lead WHERE {soql(tree)}"), view)
    expected = [identifiers.encode("00Q", row + 1) for row, values in enumerate(ROWS) if holds(tree, values)]
    assert result.frame["Id"].to_list() == expected, soql(tree)


@settings(max_examples=up_to(60), deadline=None)
@given(
    keys=st.lists(
        st.tuples(
            st.sampled_from(["Title", "Budget__c", "EmailBouncedDate", "IsConverted"]),
            st.booleans(),
            st.sampled_from(["", "FIRST", "LAST"]),
        ),
        min_size=1,
        max_size=3,
        unique_by=lambda key: key[0],
    ),
    limit=st.integers(0, 70),
    offset=st.integers(0, 70),
)
def test_rows_are_sorted_without_letter_case_and_missing_values_come_first(
    view: View, keys: Any, limit: int, offset: int
) -> None:
    order = ", ".join(
        f"{name} {'DESC' if down else 'ASC'} {f'NULLS {nulls}' if nulls else ''}" for name, down, nulls in keys
    )
    result = run(parse(f"SELECT Id FROM Lead ORDER BY {order} LIMIT {limit} OFFSET {offset}"), view)
    rows = list(enumerate(ROWS))
    for name, down, nulls in reversed(keys):
        present = [each for each in rows if each[1][name] is not None]
        absent = [each for each in rows if each[1][name] is None]
        present.sort(
            key=lambda each: each[1][name].lower() if isinstance(each[1][name], str) else each[1][name], reverse=down
        )
        if down:
            present = [
                each
                for key in dict.fromkeys(str(_key(each[1][name])) for each in present)
                for each in rows
                if each[1][name] is not None and str(_key(each[1][name])) == key
            ]
        rows = present + absent if nulls == "LAST" else absent + present
    expected = [identifiers.encode("00Q", row + 1) for row, _ in rows][offset : offset + limit]
    assert result.frame["Id"].to_list() == expected


def _key(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


@settings(max_examples=up_to(200), deadline=None)
@given(text=st.text(max_size=30).map(str.strip).filter(bool))
def test_any_text_survives_quoting(view: View, text: str) -> None:
    condition = parse(f"SELECT Id FROM Lead WHERE Title = {quote(text)}").where
    assert unescaped(condition.value.value) == text


@settings(max_examples=up_to(200), deadline=None)
@given(noise=st.text(max_size=40))
def test_whatever_stands_behind_select_is_read_or_refused(view: View, noise: str) -> None:
    try:
        run(parse(f"SELECT {noise}"), view)
    except SalesforceError as refusal:
        assert refusal.code in ("MALFORMED_QUERY", "INVALID_TYPE", "INVALID_FIELD", "QUERY_TOO_COMPLICATED")  # noqa: PT017 - either is right


@pytest.mark.parametrize(
    ("query", "code", "words"),
    [
        (
            "SELECT Id FROM Lead WHERE Title = 'a' AND Title = 'b' OR Title = 'c'",
            "MALFORMED_QUERY",
            "unexpected token: 'OR'",
        ),
        ("SELECT Id FROM Lead WHERE", "MALFORMED_QUERY", "unexpected token: '<EOF>'"),
        ('SELECT Id FROM Lead WHERE Title = "a"', "MALFORMED_QUERY", "no viable alternative"),
        ("SELECT Id, Id FROM Lead", "MALFORMED_QUERY", "duplicate field selected: Id"),
        ("SELECT Nope FROM Lead", "INVALID_FIELD", "ERROR at Row:1:Column:8\nNo such column 'Nope' on entity 'Lead'"),
        ("SELECT Id FROM Contact WHERE Acount.Name = 'a'", "INVALID_FIELD", "Didn't understand relationship 'Acount'"),
        ("SELECT Id FROM Nope", "INVALID_TYPE", "sObject type 'Nope' is not supported"),
        (
            "SELECT Id FROM Lead WHERE Title = 5",
            "INVALID_FIELD",
            "must be of type string and should be enclosed in quotes",
        ),
        (
            "SELECT Id FROM Lead WHERE CreatedDate > '2026-01-01T00:00:00Z'",
            "INVALID_FIELD",
            "must be of type dateTime and should not be enclosed in quotes",
        ),
        ("SELECT Id FROM Lead WHERE IsConverted = 'true'", "INVALID_FIELD", "must be of type boolean"),
        ("SELECT Id FROM Lead WHERE CreatedDate > SOMEDAY", "INVALID_FIELD", "must be of type dateTime"),
        ("SELECT Id FROM Lead WHERE Description = 'a'", "INVALID_FIELD", "can not be filtered"),
        ("SELECT Id FROM Lead ORDER BY Description", "INVALID_FIELD", "can not be sorted"),
        ("SELECT CreatedDate, COUNT(Id) FROM Lead GROUP BY CreatedDate", "INVALID_FIELD", "can not be grouped"),
        ("SELECT Title, COUNT(Id) FROM Lead", "MALFORMED_QUERY", "must be grouped or aggregated"),
        ("SELECT Id FROM Lead WHERE Id = 'abc'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: abc"),
        ("SELECT FIELDS(ALL) FROM Lead", "MALFORMED_QUERY", "must have a LIMIT of at most 200"),
        ("SELECT Id FROM Lead OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE", "maximum offset allowed is 2000"),
        ("SELECT Id, (SELECT Id FROM Nopes) FROM Lead", "INVALID_TYPE", "Didn't understand relationship 'Nopes'"),
        ("SELECT Id FROM Lead WHERE Title IN (SELECT Id FROM Contact)", "MALFORMED_QUERY", "semi join"),
        ("SELECT SUM(Title) FROM Lead", "MALFORMED_QUERY", "does not support aggregate operator SUM"),
        ("SELECT Id Name FROM Lead", "MALFORMED_QUERY", "only aggregate expressions use field aliasing"),
        ("SELECT Id FROM Lead WHERE Title = 'a\\xb'", "MALFORMED_QUERY", "Illegal character sequence '\\x'"),
        ("SELECT COUNT() FROM Lead GROUP BY Title", "MALFORMED_QUERY", "COUNT() stands alone"),
        ("SELECT COUNT(), Title FROM Lead", "MALFORMED_QUERY", "COUNT() stands alone"),
        ("SELECT Title, COUNT(Id) Title FROM Lead GROUP BY Title", "MALFORMED_QUERY", "duplicate alias: Title"),
        ("SELECT CALENDAR_YEAR(CreatedDate), COUNT(Id) FROM Lead", "MALFORMED_QUERY", "must be grouped or aggregated"),
        ("SELECT Title FROM Lead GROUP BY Title HAVING Email != null", "MALFORMED_QUERY", "must be grouped"),
        ("SELECT Id FROM Lead WHERE HOUR_IN_DAY(Purchase_By__c) = 1", "MALFORMED_QUERY", "does not support function"),
        ("SELECT Id FROM Lead WHERE COUNT(Id) > 1", "INVALID_FIELD", "COUNT is not supported here"),
        (
            "SELECT Id FROM Lead WHERE Title = 'a' OR Id IN (SELECT LeadId FROM CampaignMember)",
            "MALFORMED_QUERY",
            "Semi join sub-selects are not allowed with the 'OR' operator",
        ),
        (
            "SELECT Id FROM Lead WHERE Id IN (SELECT LeadId FROM CampaignMember WHERE LeadId IN (SELECT Id FROM Lead))",
            "MALFORMED_QUERY",
            "Nesting of semi join sub-selects is not supported",
        ),
        (
            "SELECT Id FROM Lead WHERE Id IN (SELECT MasterRecordId FROM Lead)",
            "MALFORMED_QUERY",
            "The inner and outer selects should not be on the same object type",
        ),
        (
            f"SELECT Id FROM Lead WHERE {' AND '.join(3 * ['Id IN (SELECT WhoId FROM Task)'])}",
            "MALFORMED_QUERY",
            "Maximum 2 semi join sub-selects are allowed",
        ),
    ],
)
def test_mistakes_are_named_with_code_and_words(view: View, query: str, code: str, words: str) -> None:
    with pytest.raises(SalesforceError) as refusal:
        run(parse(query), view)
    assert refusal.value.code == code
    assert words in refusal.value.message


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("NumberOfEmployees IN (5, 7.0, null)", 2),
        ("NumberOfEmployees NOT IN (5)", 1),
        ("CreatedDate IN (2026-01-01T01:00:00+01:00, 2027-01-01T00:00:00Z)", 1),
        ("CreatedDate IN (LAST_YEAR, 2026-01-01T00:00:00Z)", 2),
        ("Purchase_By__c IN (2026-02-01, TOMORROW)", 2),
        ("Id IN ('00Q8d0000000001', '00q8d0000000002eaa')", 2),
        ("IsConverted IN (TRUE)", 0),
    ],
)
def test_lists_hold_values_of_the_fields_type(condition: str, expected: int) -> None:
    org = Org(Clock(NOW))
    for employees, made, day in (
        (5, datetime(2026, 1, 1, tzinfo=UTC), date(2026, 2, 1)),
        (None, datetime(2025, 3, 1, tzinfo=UTC), date(2026, 6, 16)),
    ):
        row = {"LastName": "a", "NumberOfEmployees": employees, "CreatedDate": made, "Purchase_By__c": day}
        org.tables["Lead"].insert({**row, "IsDeleted": False, "IsConverted": False})
    assert run(parse(f"SELECT Id FROM Lead WHERE {condition}"), org.seen_by("0058d0000000001AAA")).total == expected


def test_names_are_read_in_any_letter_case_and_answered_in_their_own(view: View) -> None:
    result = run(parse("select id, LASTNAME, owner.name from lead l where L.title = 'ADA' limit 1"), view)
    assert [column.name for column in result.columns] == ["Id", "LastName", "Owner.Name"]


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("CALENDAR_YEAR(EmailBouncedDate) = 2025", lambda at: at is not None and at.year == 2025),
        ("DAY_ONLY(convertTimezone(EmailBouncedDate)) = TODAY", lambda at: at is not None and at.date() == NOW.date()),
        ("HOUR_IN_DAY(EmailBouncedDate) > 3", lambda at: at is not None and at.hour > 3),
        ("DAY_IN_YEAR(EmailBouncedDate) = 166", lambda at: at is not None and at.timetuple().tm_yday == 166),
    ],
)
def test_parts_of_a_date_can_be_compared(view: View, condition: str, holds: Callable[[Any], bool]) -> None:
    expected = sum(holds(row["EmailBouncedDate"]) for row in ROWS)
    assert run(parse(f"SELECT COUNT() FROM Lead WHERE {condition}"), view).total == expected
    assert run(parse(f"SELECT Id FROM Lead WHERE {condition}"), view).total == expected


def test_a_count_stops_at_its_limit(view: View) -> None:
    assert run(parse("SELECT COUNT() FROM Lead LIMIT 7"), view).total == 7


def test_escapes_name_characters_by_their_number(view: View) -> None:
    found = run(parse("SELECT Title FROM Lead WHERE Title = 'Zo\\u00EB' OR Title LIKE 'x\\u005Cy'"), view)
    assert set(found.frame["Title"]) == {"Zoë", "x\\y"}


def test_functions_that_show_a_value_may_have_an_alias_and_group_keys_their_own_names(view: View) -> None:
    shown = run(parse("SELECT toLabel(title) t, FORMAT(Budget__c) FROM Lead WHERE Title = 'Ada' LIMIT 1"), view)
    assert [column.name for column in shown.columns] == ["t", "Budget__c"]
    assert shown.frame["t"].to_list() == ["Ada"]
    assert run(parse("SELECT title, COUNT(Id) FROM Lead GROUP BY title"), view).frame.columns == ["Title", "expr0"]


def test_groups_are_counted_summed_and_filtered(view: View) -> None:
    result = run(
        parse(
            "SELECT IsConverted done, COUNT(Id), SUM(Budget__c) total FROM Lead GROUP BY IsConverted HAVING COUNT(Id) > 20 ORDER BY COUNT(Id)"
        ),
        view,
    )
    expected = [row["Budget__c"] for row in ROWS if not row["IsConverted"] and row["Budget__c"] is not None]
    assert result.frame.to_dicts() == [{"done": False, "expr0": 40, "total": sum(expected)}]
    assert run(parse("SELECT COUNT() FROM Lead WHERE IsConverted = true"), view).total == 20
    years = run(
        parse(
            "SELECT CALENDAR_YEAR(EmailBouncedDate) y, COUNT(Id) n FROM Lead GROUP BY CALENDAR_YEAR(EmailBouncedDate)"
        ),
        view,
    )
    assert sum(years.frame["n"]) == 60


@pytest.mark.parametrize(
    ("literal", "count", "first", "after"),
    [
        ("TODAY", None, "2026-06-15", "2026-06-16"),
        ("LAST_N_DAYS", 30, "2026-05-16", "2026-06-16"),
        ("NEXT_N_DAYS", 3, "2026-06-16", "2026-06-19"),
        ("N_DAYS_AGO", 2, "2026-06-13", "2026-06-14"),
        ("THIS_WEEK", None, "2026-06-14", "2026-06-21"),
        ("LAST_WEEK", None, "2026-06-07", "2026-06-14"),
        ("LAST_MONTH", None, "2026-05-01", "2026-06-01"),
        ("LAST_N_MONTHS", 2, "2026-04-01", "2026-06-01"),
        ("THIS_QUARTER", None, "2026-04-01", "2026-07-01"),
        ("NEXT_N_QUARTERS", 1, "2026-07-01", "2026-10-01"),
        ("LAST_90_DAYS", None, "2026-03-17", "2026-06-16"),
        ("LAST_YEAR", None, "2025-01-01", "2026-01-01"),
        ("LAST_N_YEARS", 2, "2024-01-01", "2026-01-01"),
        ("NEXT_FISCAL_YEAR", None, "2027-01-01", "2028-01-01"),
    ],
)
def test_date_literals_cover_their_days(literal: str, count: int | None, first: str, after: str) -> None:
    bounds = span(literal, count, NOW.date())
    assert bounds is not None
    assert [each.date().isoformat() for each in bounds] == [first, after]


@pytest.mark.parametrize("literal", ["LAST_DAY", "SOMEDAY", "LAST_", "N_DAYS", "LAST_N_", "NEXT_CENTURY"])
def test_unknown_date_literals_are_none(literal: str) -> None:
    assert span(literal, None, NOW.date()) is None
    assert span(literal, 3, NOW.date()) is None


@settings(max_examples=up_to(200), deadline=None)
@given(serial=st.integers(0, 62**9 - 1), prefix=st.sampled_from(["00Q", "003", "0PE", "a00"]))
def test_ids_are_known_in_15_and_in_18_characters_of_any_case(serial: int, prefix: str) -> None:
    full = identifiers.encode(prefix, serial)
    assert len(full) == 18
    assert identifiers.serial(full) == serial
    assert identifiers.normalise(full[:15]) == full
    assert identifiers.normalise(full.lower()) == full
    assert identifiers.normalise(full.upper()) == full


def test_the_checksum_is_that_of_real_ids() -> None:
    assert identifiers.lengthen("0014S000007dTS6") == "0014S000007dTS6QAM"
    assert identifiers.lengthen("00Q4S000002sSac") == "00Q4S000002sSacUAE"


def test_ids_of_many_rows_are_those_of_single_rows_and_ascend() -> None:
    many = identifiers.sequence("00Q", 60, 500)
    assert many.to_list() == [identifiers.encode("00Q", serial) for serial in range(60, 560)]
    assert many.is_sorted()
    assert isinstance(many, pl.Series)
