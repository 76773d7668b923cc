"""Text from outside becomes one plain line without control characters, addresses or secrets."""

import logging
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.table import Table

from commands.common import Cleaning, PlainConsole, cleaned_traceback
from connectors.base import ConnectorError
from vocabulary.findings import Finding
from vocabulary.outside import LIMIT, clean, escaped, printable, remember
from vocabulary.provisioned import Provisioned
from vocabulary.writes import Refusal

ESC = "\x1b"


@given(st.text())
@example("\x1b]0;title\x07\x1b[2Jx\x9b31m\u202e\u2028\ud800\r\n")
def test_whatever_comes_is_one_bounded_line_that_prints(text: str) -> None:
    said = clean(text, limit=50)
    assert len(said) <= 50
    assert len(said.splitlines()) <= 1
    assert not any(unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} for char in said)
    assert not any(char in said for char in "\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069")
    said.encode()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"a {ESC}[31mred{ESC}[0m {ESC}]8;;http://x{ESC}\\link", "a red link"),
        ("one\r\n2026-01-01 ERROR two", "one 2026-01-01 ERROR two"),
        ("for anna.meier+x@mail.customer.example, please", "for [e-mail], please"),
        ("email=anna%40customer.example", "email=[e-mail]"),
        ("Authorization: Bearer abc.def-123 rest", "Authorization: [secret] rest"),
        ('{"refresh_token": "9f3c-aaaa", "id": 7}', '{"refresh_token": "[secret]", "id": 7}'),
        ("https://files.example/e.csv?id=1&sig=abc123def", "https://files.example/e.csv?id=1&sig=[secret]"),
        ("postgresql://me:hunter2@host/db", "postgresql://[secret]@host/db"),
        ("session 00D5g000004abcD!AQcAQH0dMHZfz972Sz.x ended", "session [secret] ended"),
        ("pat-na1-6513270e-269e-4d37-b2a7-4de452e6b438", "[secret]"),
        ("eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2ln", "[secret]"),
        ("CJSP5qf1KhICAQEYs6gxIIKtAygDMhQAABBBccc", "[secret]"),
        ("<sessionId>x!y</sessionId>", "<sessionId>[secret]</sessionId>"),
        ("<!doctype html><style>p{}</style><h1>502 Bad&nbsp;Gateway</h1>&#27;[2J", "502 Bad Gateway [2J"),
    ],
)
def test_what_is_taken_out_or_masked(text: str, expected: str) -> None:
    assert clean(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "The token permissions are missing: contacts-read",
        "No such column 'Foo_Bar_2_Of_A_Very_Long_Custom_Name__c' on entity 'Lead'.",
        "/services/data/v62.0/jobs/ingest/7505e000003abcAAAQ/successfulResults",
        "correlation 6513270e-269e-4d37-b2a7-4de452e6b438",
        "Überschreitung der Länge: 名前, 3 < 5 and 7 > 2",
    ],
)
def test_what_helps_a_person_is_kept(text: str) -> None:
    assert clean(text) == text


def test_a_secret_that_the_process_knows_is_masked_in_whatever_form_it_comes_back() -> None:
    remember("kn0wn secret/of mine")
    assert clean("key kn0wn%20secret%2Fof%20mine or kn0wn secret/of mine") == "key [secret] or [secret]"
    assert printable("kn0wn secret/of mine\nnext") == "[secret]\nnext"


@pytest.mark.parametrize(
    "piece", ["a", "a@", "<", "token=", f"{ESC}[", f"{ESC}]", "Aa1", "x@a.", "<html><script>", "bearer "]
)
def test_a_text_made_to_be_slow_is_cleaned_like_any_other(piece: str) -> None:
    """The patterns see a bounded part; longer text is cut at a word."""
    assert len(clean(piece * 1_000_000)) <= LIMIT


def test_errors_refusals_and_findings_hold_nothing_raw() -> None:
    raw = f"{ESC}[31mno\nfor anna@customer.example"
    held = [
        str(ConnectorError(raw, answer=raw, remedy=raw)),
        Refusal(raw, raw).code + Refusal(raw, raw).message,
        Finding("error", raw, raw, raw).message,
        Provisioned("score", "score", "clash", raw).message,
    ]
    for text in held:
        assert "no for [e-mail]" in text
        assert ESC not in text
        assert "\n" not in text


def test_a_logged_line_cannot_forge_another_one() -> None:
    error = error_of("x\n2026-01-01 00:00:00 ERROR   main: forged")
    record = logging.LogRecord("pipeline", 40, "", 0, "%s: lost", (f"a\r\nb{ESC}[2J",), (type(error), error, None))
    assert Cleaning().filter(record)
    assert record.getMessage() == "a b: lost"
    assert record.exc_text is not None
    assert all(line.startswith("  | ") for line in record.exc_text.splitlines())
    assert "  | 2026-01-01 00:00:00 ERROR main: forged" in cleaned_traceback(
        error_of("x\n2026-01-01 00:00:00 ERROR main: forged")
    )


def error_of(text: str) -> BaseException:
    return ValueError(text)


def test_the_terminal_shows_markup_and_control_sequences_as_text() -> None:
    out = PlainConsole(width=100)
    table = Table("Why")
    table.add_row(f"[bold red]x[/] :warning: {ESC}]0;owned\x07{ESC}[2J\u202e")
    with out.capture() as shown:
        out.print(table)
        out.print(f"[link=http://x]y[/link]{ESC}[31m")
    assert "[bold red]x[/] :warning:" in shown.get()
    assert "[link=http://x]y[/link]" in shown.get()
    assert "\u202e" not in shown.get()
    assert "owned" not in shown.get()
    assert f"{ESC}[2J" not in shown.get()


def test_json_for_programs_says_the_same_without_a_control_character() -> None:
    assert escaped('"a\x9b\u202eü"') == '"a\\u009b\\u202eü"'
