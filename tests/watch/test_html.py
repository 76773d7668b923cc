"""The report as HTML: escaped, self-contained, and leading to its records."""

import json
import re
from urllib.parse import quote

from tests.watch.reports import HOSTILE, report
from watch.html import body, command, page
from watch.tables import RECORDS, key, parts_of


def test_names_of_others_are_text_everywhere() -> None:
    """In tables, sentences, charts and labels; nothing of theirs is markup or a template."""
    made = page(report())
    assert "<script" not in made
    assert "&lt;script&gt;" in made
    assert "{{7*7}}" in made
    assert "\u202e" not in made


def test_the_file_asks_for_nothing_from_elsewhere() -> None:
    """No address but those of the SVG's name spaces, no style sheet, no script."""
    made = page(report())
    assert set(re.findall(r"https?://[^\"'<\s]+", made)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }
    assert "<link" not in made
    assert "url(http" not in made


def test_in_a_file_each_table_names_the_commands_that_list_its_leads() -> None:
    """They can be pasted: whatever a name holds is quoted for the shell."""
    made = page(report())
    assert "leadgauge report -c main --records conversion/priority/2026-02/P3" in made
    assert command(report(), key("a", "it's; rm")) == "leadgauge report -c main --records 'a/it%27s%3B rm'"


def test_in_a_page_each_number_is_a_link_that_the_page_gives() -> None:
    """And no commands are named there."""
    made = body(report(), lambda one: f"/crm/main/report/leads?records={quote(one)}")
    assert made.count("/crm/main/report/leads?records=conversion/priority/2026-02/P3") == 4
    assert "--records" not in made


def test_a_key_holds_anything() -> None:
    """Slashes and signs in names do not break it."""
    assert parts_of(key("conversion", "priority", "2026-02+2026-05", f"a/b%2F {HOSTILE}")) == [
        "conversion",
        "priority",
        "2026-02+2026-05",
        f"a/b%2F {HOSTILE}",
    ]


def test_findings_that_cost_most_come_first_and_the_others_stand_behind() -> None:
    """The first page has room for six."""
    made = page(report())
    assert "3 more" in made
    assert made.index("Further findings") > made.index("What to do")
    assert "Nothing was found that asks for anything" in page(report(findings=0))


def test_the_json_has_every_table_with_its_keys() -> None:
    """Plain values only."""
    made = json.loads(json.dumps(report().as_json(), default=str))
    rows = made["sections"][0]["tables"]["priority"]
    assert [row["leads"] for row in rows] == [100, 100, 100]
    assert all(row[RECORDS].startswith("conversion/priority/2026-02/") for row in rows)
