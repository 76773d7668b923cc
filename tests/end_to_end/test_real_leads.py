"""Real leads with odd text, blanks, Unicode and huge numbers are loaded, scored and written back."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from leadgauge_sandbox.hubspot.contacts import load_csv
from leadgauge_sandbox.population import Population
from pipeline.passes import BACKFILL
from tests.stage import Stage

Open = Callable[..., Stage]
DATA = Path(__file__).parents[2].parent / "shared" / "data"
LEADS = 1200
CARD = r"""
scorecard: courses
fields: {occupation: text, source: text, country: text, visits: number, minutes: number, city: text}
score:
  minimum: 0
  maximum: 100
  fit:
    groups:
      - name: Person
        rules:
          - {name: Working, lead: {occupation: Working Professional}, points: 30}
          - {name: Not chosen, lead: {city: Select}, points: -5}
          - {name: Source, table: source, points: {Google: 10, Reference: 25, Olark Chat: 5}, missing: -1}
      - name: Visits
        rules:
          - {name: Came often, lead: {visits: {at_least: 5}}, points: 10}
          - {name: Stayed, lead: {minutes: {at_least: 1000}}, points: 20}
grade:
  minimum_known: 40%
  profiles:
    - name: Near
      criteria:
        - {name: Country, weight: 1, match: {country: India}}
        - {name: Occupation, weight: 2, match: {occupation: [Working Professional, Unemployed]}, partial: {occupation: Student}}
  bands: {A: 80, B: 50, C: 20, F: 0}
"""
FIELDS = {
    "occupation": "what_is_your_current_occupation",
    "source": "lead_source",
    "country": "country",
    "visits": "totalvisits",
    "minutes": "total_time_spent_on_website",
    "city": "city",
}
ODD = [
    {
        "Lead Source": "Ｇｏｏｇｌｅ",
        "TotalVisits": "99999999999999999999",
        "Country": "  İSTANBUL ",
        "City": "Ω≈ç√∫˜µ≤",
    },
    {"Lead Source": 'a "quoted", cell\nwith a break', "TotalVisits": "-0", "Country": "\u2028", "City": "🦄" * 50},
    {
        "Lead Source": "'; DROP TABLE leads; --",
        "TotalVisits": "1e308",
        "Country": "<script>alert(1)</script>",
        "City": "x" * 5000,
    },
]


def use(card: str) -> Callable[[dict[str, Any]], None]:
    def change(connection: dict[str, Any]) -> None:
        connection.update(fields=FIELDS, scorecard=card)

    return change


@pytest.mark.skipif(not DATA.exists(), reason="the file of real leads is missing")
def test_real_leads_are_scored_and_written_back(hubspot: Open, tmp_path: Path) -> None:
    with (DATA / "xeducation_oldest60.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))[:LEADS]
    wanted = tmp_path / "leads.csv"
    with wanted.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, rows[0].keys())
        table.writeheader()
        table.writerows([*rows, *(dict.fromkeys(rows[0], "") | odd for odd in ODD)])
    stage = hubspot(population=Population.empty())
    assert load_csv(stage.app.state.portal, wanted) == len(rows) + len(ODD)
    stage.configure(use("courses.yaml"))
    (stage.folder / "courses.yaml").write_text(CARD, encoding="utf-8")
    stage.provision()
    report = stage.do(BACKFILL)
    assert (report.state, report.tally.written) == ("done", len(rows) + len(ODD))
    written = stage.fields("lead_score", "lead_grade", "lead_number", *FIELDS.values())
    by_number = {values["lead_number"]: values for values in written.values()}
    for row in rows:
        shown = by_number[row["Lead Number"]]
        if shown["lead_score"] is None:
            assert (points(row), shown["lead_grade"]) == (0, None), "nothing is known of the lead"
        else:
            assert float(shown["lead_score"]) == points(row), row
    assert {values["lead_grade"] for values in written.values()} >= {"A", "B"}
    assert stage.do(BACKFILL).tally.written == 0


def points(row: dict[str, str]) -> int:
    """Return the score of a row, computed by hand."""
    total = 30 * (row["What is your current occupation"].strip().lower() == "working professional")
    total -= 5 * (row["City"].strip().lower() == "select")
    source = {"google": 10, "reference": 25, "olark chat": 5, "": -1}
    total += source.get(row["Lead Source"].strip().lower(), 0)
    total += 10 * (float(row["TotalVisits"] or 0) >= 5) + 20 * (float(row["Total Time Spent on Website"] or 0) >= 1000)
    return min(max(total, 0), 100)
