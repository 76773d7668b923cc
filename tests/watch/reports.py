"""A report with something in every part, and with hostile names."""

from datetime import UTC, datetime

from watch.conversion import _RATE
from watch.report import Report
from watch.tables import RECORDS, Chart, Column, Figure, Finding, Section, Table, key

HOSTILE = "<script>document.title='caught'</script>{{7*7}}$x_1$ \u202eevil مريم 株式会社"
LONG = "An_unbroken_name_" * 8


def report(*, findings: int = 9) -> Report:
    """Return it."""
    names = [HOSTILE, LONG, "P3"]
    rows = [
        {
            "value": name,
            "leads": 100,
            "matured": 90,
            "converted": 9,
            "rate": 0.1,
            "low": 0.05,
            "high": 0.18,
            RECORDS: key("conversion", "priority", "2026-02", name),
        }
        for name in names
    ]
    rates = [(name, 0.1, 0.05, 0.18) for name in names]
    priority = Table("priority", "By priority", [Column("value", HOSTILE), *_RATE], rows)
    folded = Table("months", f"Folded {HOSTILE}", [Column("value", "Value"), *_RATE], rows, folded=True)
    sections = [
        Section(
            "conversion",
            "Conversion",
            [f"`outputs: {{lead_score: true}}` {HOSTILE}"],
            [priority, folded],
            Chart(HOSTILE, "bars", "%", {"": rates}),
        ),
        Section(
            "amounts",
            "Amounts",
            ["Said."],
            [],
            Chart("Won", "bars", "won", {name: [("Q1 2026", 5.0, 0, 0), ("Q2 2026", 7.0, 0, 0)] for name in names}),
        ),
        Section(
            "inflation",
            "Inflation",
            ["Said."],
            [],
            Chart("Share", "lines", "%", {HOSTILE: [("2026-01", 0.1, 0.05, 0.2), ("2026-02", 0.2, 0.1, 0.3)]}),
        ),
        Section(
            "likelihood",
            "Likelihood",
            ["Said."],
            [],
            Chart("Promise", "lines", "%", {"came": [("5", 0.1, 0.05, 0.2), ("40", 0.3, 0.2, 0.5)]}, diagonal=True),
        ),
    ]
    made = [
        Finding(
            "order" if number else "untouched",
            f"{HOSTILE} {number} converts less.",
            f"Run `leadgauge calibrate`. {LONG}",
            "conversion",
            3,
            rows[0][RECORDS],
        )
        for number in range(findings)
    ]
    figures = [
        Figure(f"{HOSTILE} {number}", "12.3 %", LONG if number == 2 else "of 1,200", rows[0][RECORDS])
        for number in range(7)
    ]
    return Report("main", HOSTILE, HOSTILE, datetime(2026, 11, 15, tzinfo=UTC), 1234, 90, made, figures, sections, {})
