"""Cards that use each option, scored by `leadgauge score` from files, with the numbers worked out by hand.

They are written from docs/scorecard.md alone: every expectation is what the page says, not what the engine did.
"""

import csv
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from commands.score import command

AS_OF = "2026-03-01T12:00:00Z"

Rows = list[dict[str, str]]


def run(folder: Path, card: str, **tables: str) -> tuple[Rows, Rows]:
    """The results and the explanation lines of a card and of tables."""
    files = {"leads": "id\n1\n", "activities": "lead_id,id,kind,occurred_at\n", **tables}
    (folder / "card.yaml").write_text(card, encoding="utf-8")
    words = ["--scorecard", str(folder / "card.yaml"), "--as-of", AS_OF]
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
        words += [f"--{name}", str(folder / f"{name}.csv")]
    if "accounts" in tables:
        words += ["--accounts-out", str(folder / "accounts-out.csv")]
        words += ["--accounts-explain", str(folder / "accounts-explain.csv")]
    ran = CliRunner().invoke(
        command, [*words, "--out", str(folder / "out.csv"), "--explain", str(folder / "lines.csv")]
    )
    assert ran.exit_code == 0, ran.output
    return rows(folder / "out.csv"), rows(folder / "lines.csv")


def rows(path: Path) -> Rows:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def told(found: Rows, *columns: str) -> list[Any]:
    """Some results of each lead; a single column as it is."""
    picked = [tuple(row[f"lead_{column}"] for column in columns) for row in found]
    return [one[0] for one in picked] if len(columns) == 1 else picked


def lines_of(lines: Rows, lead: str = "1") -> list[tuple[str, float]]:
    return [(row["name"], round(float(row["points"]), 4)) for row in lines if row["id"] == lead]


def test_limits_are_shared_over_the_reasons(tmp_path: Path) -> None:
    """Group cut 50 of 108: 60 and 48 keep 58/108. Lift of 5 of 8: -8 keeps 3/8. The section has 45 and cuts 5 more."""
    card = """
scorecard: shared
score:
  fit:
    maximum: 45
    groups:
      - name: Content
        maximum: 50
        rules:
          - {name: Whitepaper, lead: {}, points: 60}
          - {name: Webinar, lead: {}, points: 48}
          - {name: Careers, lead: {}, points: -8}
      - name: Warnings
        minimum: -3
        rules:
          - {name: Bounced, lead: {}, points: -8}
  engagement:
    minimum: 4
    groups: [{name: Nothing, rules: [{name: Views, activity: {kind: page_view}, points: 5}]}]
"""
    found, lines = run(tmp_path, card)
    # Content 108 - 8 = 100, cut 50: 60 -> 32.2222, 48 -> 25.7778. Warnings -3. Fit 47, cut 2 of 58: x 56/58.
    # 31.1111 + 24.8889 - 8 - 3 = 45; engagement is lifted from 0 to 4, which nobody bears: an item of its own.
    assert told(found, "fit", "engagement", "score") == [("45", "4", "49")]
    assert told(found, "score_reasons") == [
        "+31 Whitepaper (of 60) · +25 Webinar (of 48) · −8 Careers · +4 engagement · −3 Bounced (of 8)"
    ]
    assert sum(points for _, points in lines_of(lines)) == 49


def test_who_is_disqualified_and_of_whom_nothing_is_known(tmp_path: Path) -> None:
    card = """
scorecard: shown
fields: {employees: number, school: flag, domain: text, bonus: flag}
score:
  minimum: 10
  fit:
    groups:
      - name: G
        rules:
          - {name: Large, lead: {employees: {at_least: 1000}}, points: 97}
          - {name: Plus, lead: {bonus: true}, points: 5}
          - {name: Minus, lead: {bonus: true}, points: -5}
grade:
  profiles: [{name: ICP, criteria: [{name: Size, weight: 1, match: {employees: {at_least: 11}}}]}]
  disqualified:
    - {name: School, when: {school: true}}
    - {name: Competitor, when: {domain: rival.example}}
  disqualified_score: zero
readiness: {stages: [{name: New}, {name: Ready, when: {score: {at_least: 50}}}]}
priority:
  matrix: {New: {A: P3, B: P3, C: P3, D: P4, F: P4, '?': P4}, Ready: {A: P1, B: P1, C: P2, D: P3, F: P4, '?': P2}}
"""
    leads = "id,employees,school,domain,bonus\na,2000,yes,rival.example,\nb,2000,no,,\nc,,no,,\nd,,,,yes\n"
    found, lines = run(tmp_path, card, leads=leads)
    shown = told(found, "fit", "score", "grade", "readiness", "priority", "priority_index", "score_status")
    assert shown[0] == ("97", "0", "F", "Ready", "", "", "disqualified")
    assert shown[1] == ("97", "97", "A+", "Ready", "P1", "100", "scored")
    assert shown[2] == ("", "", "", "New", "P4", "", "insufficient data")
    assert shown[3][:2] == ("0", "10")  # +5 and -5 are points, and the minimum lifts their sum
    assert told(found, "score_reasons")[:3] == [
        "Disqualified: School, Competitor",
        "+97 Large",
        "Too little is known",
    ]
    assert [(row["type"], row["name"], row["points"]) for row in lines if row["id"] == "a"] == [
        ("rule", "Large", "97.0"),
        ("disqualified", "Disqualified", "-97.0"),
    ]
    assert not lines_of(lines, "c")


def test_days_and_quarters_of_a_fiscal_calendar(tmp_path: Path) -> None:
    """New York: 3 November 2025 begins at 05:00Z; the last quarter is November to January."""
    card = """
scorecard: calendar
calendar: {zone: America/New_York, year_starts: February}
fields: {seen: time, day: date}
score:
  engagement:
    groups:
      - name: G
        rules:
          - {name: Daily, activity: {kind: page_view}, points: 3, limit: 1 per day}
          - {name: Last quarter, activity: {kind: page_view}, during: last quarter, points: 100}
          - {name: Seen, lead: {seen: {during: last quarter}}, points: 1000}
          - {name: Next, lead: {seen: {during: next day}}, points: 7}
          - {name: That day, lead: {day: 2026-02-01}, points: 10000}
          - {name: Before, lead: {seen: {below: 2026-02-01}}, points: 20000}
"""
    leads = "id,seen,day\n1,2026-02-01T04:59Z,2026-02-01\n2,2026-02-01T05:00Z,2026-02-02\n3,2026-03-02T05:00Z,\n"
    activities = "lead_id,id,kind,occurred_at\n1,a,page_view,2025-11-02T04:30Z\n1,b,page_view,2025-11-03T04:30Z\n"
    found, lines = run(tmp_path, card, leads=leads, activities=activities)
    # 04:30Z is 00:30 on 2 November (UTC-4), and the next one 23:30 on the same day (UTC-5, clocks were put back).
    assert lines_of(lines) == [
        ("Daily", 3),
        ("Last quarter", 200),
        ("Seen", 1000),
        ("That day", 10000),
        ("Before", 20000),
    ]
    assert told(found, "score") == ["31203", "0", "7"]


def test_figures_and_points_per_unit(tmp_path: Path) -> None:
    """log2(1 + 7) = 3; root of 9 = 3; the lost deal of 10 February hides what was before."""
    card = """
scorecard: figures
deals: {amount: number, open: flag, closed_at: time}
figures:
  largest: {max: amount, of: deals, where: {open: true}}
  open_amount: {sum: amount, of: deals, where: {open: true}}
  deal_count: {count: deals}
  mean: {average: amount, of: deals}
  lost_at: {max: closed_at, of: deals, where: {open: false}}
  views: {count: activities, where: {kind: page_view}}
  last_view: {max: occurred_at, of: activities, where: {kind: page_view}}
reset: [{name: Lost, since: lost_at}]
score:
  fit:
    groups:
      - name: Deals
        rules:
          - {name: Largest, number: largest, points: {give: 2, per: 1000, shape: log}, maximum: 12, missing: -1}
          - {name: Open, number: open_amount, points: {give: 1, per: 1000, from: 1000, shape: root}, maximum: 12}
          - {name: Number, number: deal_count, points: {give: 5, per: 1}, maximum: 12}
          - {name: Mean, lead: {mean: {at_least: 3000}}, points: 100}
  engagement:
    groups:
      - name: Views
        rules:
          - {name: Views, number: views, points: {give: 1, per: 1}, maximum: 50}
          - {name: Recent, table: {days_since: last_view}, points: {0-5: 10, 5-30: 4}, missing: 1}
"""
    leads = "id\n1\n2\n"
    deals = "id,lead_id,account_id,amount,open,closed_at\nx,1,,7000,yes,\ny,1,,3000,yes,\nz,1,,,no,2026-02-10\n"
    activities = (
        "lead_id,id,kind,occurred_at\n1,a,page_view,2026-02-09T00:00Z\n1,b,page_view,2026-02-10T00:00Z\n"
        "1,c,page_view,2026-02-24T12:00Z\n1,d,page_view,2026-02-20T12:00Z\n2,e,page_view,2026-01-01T00:00Z\n"
    )
    found, lines = run(tmp_path, card, leads=leads, deals=deals, activities=activities)
    # 2 log2(8) = 6; root((10000 - 1000)/1000) = 3; 5 x 3 = 15 cut to 12; the mean of 7000 and 3000 is 5000.
    # The view at the very moment of the loss does not count: 2 are left, the last one 5 days ago, where 5-30 has 5.
    assert lines_of(lines) == [
        ("Largest", 6),
        ("Open", 3),
        ("Number", 12),
        ("Mean", 100),
        ("Views", 2),
        ("Recent", 4),
    ]
    assert told(found, "fit", "engagement", "score") == [("121", "6", "127"), ("-1", "1", "0")]


def test_membership_of_which_none_is_an_answer(tmp_path: Path) -> None:
    card = """
scorecard: member
fields: {segments: member_of, tags: list}
score:
  fit:
    groups:
      - name: G
        rules:
          - {name: In, lead: {segments: {contains: Partners}}, points: 1}
          - {name: In one, lead: {segments: {contains_any: [Partners, Press]}}, points: 2}
          - {name: In none of these, lead: {segments: {not_in: [Partners, Press]}}, points: 4}
          - {name: Not in, lead: {not: {segments: {contains: Partners}}}, points: 8}
          - {name: In none at all, lead: {segments: {known: false}}, points: 16}
          - {name: Starts, lead: {segments: {starts_with: par}}, points: 32}
          - {name: Tag, lead: {not: {tags: {contains: x}}}, points: 64}
          - {name: No such tag, lead: {tags: {not_in: [x], or_missing: true}}, points: 128}
"""
    leads = "id,segments,tags\n1,,\n2,partners;Trial,x;y\n3,Press,y\n"
    found, _ = run(tmp_path, card, leads=leads)
    assert told(found, "score") == [str(4 + 8 + 16 + 128), str(1 + 2 + 32), str(2 + 8 + 64 + 128)]


def test_resets_of_every_place_and_the_rest(tmp_path: Path) -> None:
    """Each view gives 1, 10, 100 or 1000; unsubscribed 4 days ago, called 6 days ago, returned 8 days ago."""
    card = """
scorecard: resets
fields: {returned_at: time, why: text}
reset: [{name: Returned by sales, since: returned_at, reason: why, rest: 30d}]
score:
  engagement:
    groups:
      - name: Whole
        rules:
          - {name: All, activity: {kind: page_view}, points: 1}
          - {name: Rule, activity: {kind: page_view}, points: 10, reset: [{name: U, activity: {kind: unsubscribe}}]}
          - {name: Asked, lead: {activities: {kind: page_view, at_least: 4}}, points: 5000}
      - name: Group
        reset: [{name: C, activity: {kind: call}}]
        rules:
          - {name: Grouped, activity: {kind: page_view}, points: 100}
          - {name: Both, activity: {kind: page_view}, points: 1000, reset: [{name: U, activity: {kind: unsubscribe}}]}
readiness: {stages: [{name: New}, {name: Ready, when: {score: {at_least: 50}}, keep: {score: {at_least: 0}}}]}
priority:
  first: [{is: P1, when: {activities: {kind: demo_request}}}]
  matrix: {New: {A: P3, B: P3, C: P3, D: P4, F: P4, '?': P4}, Ready: {A: P1, B: P1, C: P2, D: P3, F: P4, '?': P2}}
"""
    leads = "id,returned_at,why\n1,2026-02-21T12:00Z,no budget\n2,2026-01-30T12:00Z,\n3,2026-02-21T12:00Z,\n4,,\n"
    views = "".join(f"1,{day},page_view,2026-02-{day}T12:00Z\n" for day in (20, 21, 22, 23, 24, 25, 26, 28))
    others = "1,u,unsubscribe,2026-02-25T12:00Z\n1,c,call,2026-02-23T12:00Z\n3,d,demo_request,2026-02-28T12:00Z\n"
    previous = "id,lead_readiness,as_of\n2,Ready,2026-01-30T12:00Z\n4,Ready,2026-01-30T12:00Z\n"
    activities = "lead_id,id,kind,occurred_at\n" + views + others
    found, lines = run(tmp_path, card, leads=leads, activities=activities, previous=previous)
    # Later than the return (21st): 22, 23, 24, 25, 26, 28. Than the unsubscription: 26, 28. Than the call: 24, 25, 26, 28.
    assert lines_of(lines) == [("All", 6), ("Rule", 20), ("Asked", 5000), ("Grouped", 400), ("Both", 2000)]
    shown = told(found, "readiness", "priority", "priority_index", "score_status")
    assert shown[0] == ("Ready", "", "", "resting")
    assert shown[1] == ("New", "P4", "0", "scored")  # 30 days are over; the stage of that very moment is not kept
    assert shown[2][1] == "P1"
    assert shown[2][3] == "scored"
    assert shown[3][:2] == ("Ready", "P2")
    reasons = told(found, "score_reasons")[0]
    assert reasons.startswith(
        "Resting until 23 Mar 2026: Returned by sales (no budget) · +5000 Asked · +2000 Both (2×, last 28 Feb"
    )


def test_when_counts_and_group_decay(tmp_path: Path) -> None:
    card = """
scorecard: counts
fields: {business: flag, t: time}
score:
  engagement:
    groups:
      - name: Opened
        when: {business: true}
        minimum: 7
        rules: [{name: Visits, activity: {kind: page_view}, points: 1}]
      - name: Trials
        rules:
          - {name: Business trial, when: {business: true}, activity: {kind: trial_start}, points: 30}
      - name: Faded
        half_life: 30d
        rules:
          - {name: By count, activity: {kind: page_view}, points: {1-2: 8, 3-9: 16}, half_life: 14d}
          - {name: Opens, activity: {kind: email_open}, points: 8, limit: 1 per name per month}
          - {name: Own, activity: {kind: call}, points: 10, lifespan: 60d}
          - {name: Since, lead: {}, points: 4, since: t}
          - {name: Steady, lead: {business: {known: false}}, points: 3}
      - name: Worst
        award: worst
        rules:
          - {name: Good, lead: {}, points: 20}
          - {name: Bad, lead: {business: true}, points: -10}
          - {name: Worse, activity: {kind: bounce}, points: -5, during: this month}
"""
    leads = "id,business,t\n1,,2026-01-30T12:00Z\n2,yes,\n3,no,\n"
    activities = (
        "lead_id,id,kind,occurred_at,name\n1,a,page_view,2026-02-01T12:00Z,\n1,b,page_view,2026-02-09T12:00Z,\n"
        "1,c,page_view,2026-02-15T12:00Z,\n1,d,trial_start,2026-02-28T12:00Z,\n1,e,call,2026-01-30T12:00Z,\n"
        "1,f,email_open,2026-01-30T12:00Z,May\n1,g,email_open,2026-01-20T12:00Z,may\n1,h,email_open,2026-01-30T12:00Z,\n"
        "2,i,trial_start,2026-02-28T12:00Z,\n2,j,bounce,2026-02-28T12:00Z,\n2,k,bounce,2026-03-01T00:00Z,\n"
    )
    found, lines = run(tmp_path, card, leads=leads, activities=activities)
    # Three views, the latest 14 days ago: 16 / 2. Opens of 30 days ago: May once, no name once: 4 + 4. The call: 10 / 2.
    assert lines_of(lines) == [("By count", 8), ("Opens", 8), ("Own", 5), ("Since", 2), ("Steady", 3), ("Good", 20)]
    # The group that is open gives its minimum, a line of its own; of 20, -10 and -5 the worst stands.
    assert [points for _, points in lines_of(lines, "2")] == [7, 30, -10]
    assert told(found, "score") == ["46", "27", "20"]


def test_priorities_of_any_names(tmp_path: Path) -> None:
    card = """
scorecard: names
fields: {amount: number}
score: {fit: {maximum: 40, groups: [{name: G, rules: [{name: A, number: amount, points: {give: 1, per: 1}, maximum: 40}]}]}}
readiness: {stages: [{name: New}, {name: Warm, when: {score: {at_least: 10}}}, {name: Ready, when: {score: {at_least: 30}}}]}
priority:
  names: {Hot: Call today, Warm: Call this week, Cold: Leave to marketing}
  first: [{is: Cold, when: {amount: {above: 39}}}]
  matrix:
    New: {A: Cold, B: Cold, C: Cold, D: Cold, F: Cold, '?': Cold}
    Warm: {A: Warm, B: Warm, C: Warm, D: Warm, F: Warm, '?': Warm}
    Ready: {A: Hot, B: Hot, C: Hot, D: Hot, F: Hot, '?': Hot}
  balance: {fit: 3, readiness: 1}
"""
    found, _ = run(tmp_path, card, leads="id,amount\na,5\nb,10\nc,30\nd,40\n")
    # (3 x 12.5 + 0)/4 = 9.375; (3 x 25 + 50)/4 = 31.25; (3 x 75 + 100)/4 = 81.25; 100.
    assert told(found, "priority", "priority_index") == [("Cold", "9"), ("Warm", "31"), ("Hot", "81"), ("Cold", "100")]


def test_fields_against_fields_and_missing_values(tmp_path: Path) -> None:
    card = """
scorecard: fields
fields: {bought_at: time, contract_end: time, n: number, low: number, high: number, name: text, other: text}
score:
  fit:
    groups:
      - name: G
        rules:
          - {name: Later, lead: {bought_at: {above: {field: contract_end}}}, points: 1}
          - {name: At least, lead: {bought_at: {at_least: {field: contract_end}}}, points: 2}
          - {name: Later or missing, lead: {bought_at: {above: {field: contract_end}, or_missing: true}}, points: 4}
          - {name: Between, lead: {n: {between: [{field: low}, {field: high}]}}, points: 8}
          - {name: Small, lead: {n: {below: 50, or_missing: true}}, points: 16}
          - {name: Not small, lead: {not: {n: {below: 50, or_missing: true}}}, points: 32}
          - {name: Same, lead: {name: {is: {field: other}}}, points: 64}
          - {name: Until, table: {days_until: contract_end}, points: {below 0: 1000, 0–7: 2000, 7+: 3000}, missing: 4000}
          - {name: Ranges, table: n, points: {-10--5: 1, '-5-0': 2, '5': 3, 5.5–8: 4, 100+: 5}, otherwise: 9, missing: 7}
"""
    leads = (
        "id,bought_at,contract_end,n,low,high,name,other\n"
        "1,2026-03-08,2026-03-08,5,1,5, Ada ,ada\n"
        "2,2026-03-08T12:00Z,2026-03-08,-5,,5,x,\n"
        "3,,2026-02-01,,1,5,x,y\n"
        "4,2026-03-01,,50,1,5,,\n"
    )
    found, _ = run(tmp_path, card, leads=leads)
    # 1: equal times; 5 in 1..5; 6.5 days ahead. 2: later; low unknown; 6.5 days. 3: n missing. 4: contract_end missing.
    assert told(found, "score") == [
        str(2 + 8 + 16 + 64 + 2000 + 3),
        str(1 + 2 + 4 + 16 + 2000 + 2),
        str(4 + 16 + 1000 + 7),
        str(4 + 32 + 4000 + 9),
    ]
    assert (
        told(found, "score_reasons")[0]
        == "+2000 Until: 0–7 · +64 Same · +16 Small · +8 Between · +3 Ranges: 5 · +2 others"
    )


@pytest.mark.parametrize(("zone", "points"), [("UTC", "6"), ("Pacific/Auckland", "4")])
def test_a_limit_per_url_and_a_period_of_the_calendar(tmp_path: Path, zone: str, points: str) -> None:
    """31 January 12:00Z is 1 February in Auckland: three views of /a in one month there, in two here."""
    card = f"""
scorecard: urls
calendar: {zone}
score:
  engagement:
    groups:
      - name: G
        rules: [{{name: Views, activity: {{kind: page_view}}, points: 2, limit: 1 per url per month}}]
"""
    activities = (
        "lead_id,id,kind,occurred_at,url\n1,a,page_view,2026-01-31T12:00Z,/A?utm_source=x\n"
        "1,b,page_view,2026-02-10T12:00Z,/a\n1,c,page_view,2026-02-11T12:00Z, /a \n1,d,page_view,2026-02-11T12:00Z,/b\n"
    )
    found, _ = run(tmp_path, card, activities=activities)
    assert told(found, "score") == [points]


def test_why_now_names_the_form_though_the_card_does_not_ask_for_it(tmp_path: Path) -> None:
    card = """
scorecard: why
fields: {industry: text, employees: number}
score:
  fit:
    groups:
      - name: G
        rules:
          - {name: Industry, table: industry, points: {COMPUTER_SOFTWARE: 15}}
          - {name: Size, lead: {employees: {at_least: 10}}, points: 5}
  engagement:
    groups:
      - name: G
        rules: [{name: Demo, activity: {kind: demo_request}, points: 30, half_life: 30d, award: once}]
"""
    activities = (
        "lead_id,id,kind,occurred_at,name\n1,a,demo_request,2026-01-30T12:00Z,Enterprise form\n"
        "1,b,demo_request,2026-01-29T12:00Z,Other form\n"
    )
    found, lines = run(tmp_path, card, leads="id,industry,employees\n1,COMPUTER_SOFTWARE,12\n", activities=activities)
    why = "Asked for a demo on 30 Jan (Enterprise form) · Computer software, 12 employees"
    assert told(found, "why_now", "score_reasons") == [
        (why, "+15 Computer software · +15 Demo (30 Jan 2026) · +5 Size")
    ]
    assert (lines[-1]["name"], lines[-1]["count"], lines[-1]["latest"][:16]) == ("Demo", "1", "2026-01-30T12:00")


def test_surges_requests_and_stages_that_are_kept(tmp_path: Path) -> None:
    card = """
scorecard: urgency
score:
  engagement:
    groups:
      - name: G
        maximum: 10
        rules:
          - {name: Views, activity: {kind: page_view}, points: 5, limit: 2 per day}
          - {name: Forms, activity: {kind: form_submit}, points: 20, award: once, at_least: 2, half_life: 7d}
          - {name: Bounced, activity: {kind: bounce}, points: -50}
          - {name: Clicks, activity: {kind: email_click}, points: {1: 3, 2+: 8}}
readiness:
  stages:
    - {name: New}
    - {name: Warm, when: {score: {at_least: 10}}, keep: {score: {at_least: 5}}}
    - {name: Hot, when: {score: {at_least: 100}}, keep: {score: {at_least: 10}}}
  urgency:
    - {is: now, when: {unanswered: {kind: form_submit, by: [call, meeting], within: 14d}}}
    - {is: soon, when: {surge: {at_least: 2, points: 15}}}
    - {is: later, when: {activities: {within: 90d}}}
"""
    history = {
        # Three views of one day, of which two count, and one more: 15. Before, from exactly 7 days on: 15, a third is 5.
        "1": "28T08 28T09 28T10 27T12 22T12 10T12 10T13 01T12",
        # Before: 25, and 15 is less than twice a third of it.
        "2": "28T08 28T09 28T10 27T12 22T12 10T12 10T13 05T12 06T12",
        "7": "28T08 28T09",
        "8": "28T08",
        "9": "28T08",
        "10": "28T08",
    }
    did = [(lead, "page_view", at) for lead, times in history.items() for at in times.split()]
    did += [("3", "form_submit", "10T10"), ("3", "form_submit", "20T10"), ("3", "call", "20T10")]
    did += [("4", "call", "24T10"), ("4", "form_submit", "25T10"), ("5", "form_submit", "15T12")]
    did += [("6", "form_submit", "24T12"), ("6", "form_submit", "27T12"), ("6", "meeting", "28T12")]
    did += [("6", "bounce", "28T12"), ("6", "email_click", "26T12"), ("6", "email_click", "27T12")]
    activities = [f"{lead},{place},{kind},2026-02-{at}:00Z" for place, (lead, kind, at) in enumerate(did)]
    found, lines = run(
        tmp_path,
        card,
        leads="\n".join(["id", *map(str, range(1, 11))]),
        activities="\n".join(["lead_id,id,kind,occurred_at", *activities]),
        previous="id,lead_readiness\n7,Hot\n8,Warm\n9,New\n10,Hot\n",
    )
    assert told(found, "readiness", "urgency") == [
        ("Warm", "soon"),
        ("Warm", "later"),
        ("New", "later"),  # a call at the very moment of the request answers it, and the older one too
        ("New", "now"),
        ("New", "later"),  # a request of exactly 14 days ago is not younger than that
        ("New", "soon"),  # 20 of the latest form in full, and 8 of the latest click
        ("Hot", "later"),
        ("Warm", "later"),
        ("New", "later"),
        ("Warm", "later"),  # in a later stage before
    ]
    # 3: 20 x 0.5 ^ (9.0833/7) = 8.136. 6: 20 x 0.5 ^ (2/7) = 16.4067, with 8 and -50: -25.5933.
    assert lines_of(lines, "6") == [("Forms", 16.4067), ("Bounced", -50), ("Clicks", 8), ("Rounding", -0.4067)]
    assert told(found, "score") == ["10", "10", "8", "0", "0", "-26", "10", "5", "5", "5"]


@pytest.mark.parametrize(
    ("missing", "four", "six"),
    [("ignore", ("B+", "75", "5"), ("", "100", "5")), ("mismatch", ("C", "50", "5"), ("", "50", "5"))],
)
def test_grades_of_which_something_is_unknown(
    tmp_path: Path, missing: str, four: tuple[str, ...], six: tuple[str, ...]
) -> None:
    card = f"""
scorecard: grades
fields: {{kind: text, a: flag, b: flag, c: flag}}
score: {{fit: {{groups: [{{name: G, rules: [{{name: P, lead: {{a: true}}, points: 5}}]}}]}}}}
grade:
  minimum_known: 60%
  missing: {missing}
  profiles:
    - name: X
      applies: {{kind: x}}
      criteria:
        - {{name: A, weight: 3, match: {{a: true}}}}
        - {{name: B, weight: 2, match: {{b: true}}, partial: {{c: true}}}}
        - {{name: C, weight: 1, match: {{c: true}}}}
readiness: {{stages: [{{name: Only}}]}}
priority: {{matrix: {{Only: {{A: P1, B: P2, C: P3, D: P3, F: P4, '?': P4}}}}}}
"""
    leads = "id,kind,a,b,c\n1,x,yes,yes,yes\n2,x,yes,no,yes\n3,x,yes,,yes\n4,x,yes,,no\n5,x,,no,\n6,x,yes,,\n7,y,yes,yes,yes\n"
    found, _ = run(tmp_path, card, leads=leads)
    # Of a single stage, and of a fit without a maximum, the index has no share: it is the percent.
    assert told(found, "grade", "priority_index", "score") == [
        ("A+", "100", "5"),
        ("A-", "83", "5"),  # 3 + half of 2 + 1 of 6
        ("A-", "83", "5"),  # whether b holds is unknown, but the half is sure
        four,  # b may hold: 3 of the known 4, or of 6
        ("", "", ""),  # nothing is known: b may be a half
        six,  # half of the weights is known, which is too little
        ("", "", "5"),  # no profile
    ]


def test_accounts_beside_their_leads(tmp_path: Path) -> None:
    card = """
scorecard: accounts
fields: {domain: text, role: text, school: flag}
deals: {amount: number, open: flag}
score:
  fit:
    groups:
      - name: Company
        rules:
          - {name: Large, lead: {account.employees: {at_least: 1000}}, points: 5}
          - {name: Not large, lead: {account.employees: {below: 1000, or_missing: true}}, points: 2}
          - {name: Pipeline, number: account.open_amount, points: {give: 1, per: 1000}, maximum: 20, missing: 3}
          - {name: Busy, lead: {account.views: {at_least: 3}}, points: 7}
  engagement: {groups: [{name: Web, rules: [{name: Views, activity: {kind: page_view}, points: 10}]}]}
grade:
  profiles: [{name: P, criteria: [{name: Role, weight: 1, match: {role: {known: true}}}]}]
  disqualified: {school: true}
readiness: {stages: [{name: New}, {name: Ready, when: {engagement: {at_least: 20}}}]}
priority:
  first: [{is: P1, when: {account.ready: {at_least: 2}}}]
  matrix:
    New: {A: P3, B: P3, C: P4, D: P4, F: P4, '?': P4}
    Ready: {A: P2, B: P2, C: P3, D: P4, F: P4, '?': P4}
accounts:
  fields: {domain: text, employees: number}
  by_domain: {lead: domain, account: domain}
  figures:
    open_amount: {sum: amount, of: deals, where: {open: true}}
    views: {count: activities, where: {kind: page_view}, within: 7d}
    people: {count: leads}
    ready: {count: leads, where: {stage: Ready}}
  score:
    fit:
      groups:
        - name: Firm
          rules:
            - {name: Large, lead: {employees: {at_least: 1000}}, points: 30}
            - {name: People, number: people, points: {give: 2, per: 1}, maximum: 10}
    engagement:
      people: {top: 2, maximum: 25}
      coverage: {by: role, engaged: {engagement: {at_least: 10}}, points: {Decision maker: 15, User: 5, Finance: 10}}
      groups:
        - name: Together
          maximum: 12
          rules:
            - {name: Demo, activity: {kind: demo_request}, points: 20, half_life: 1d}
            - {name: Views, activity: {kind: page_view}, points: {1-2: 1, 3+: 4}}
  readiness: {stages: [{name: Cold}, {name: Hot, when: {score: {at_least: 80}}}]}
"""
    leads = (
        "id,account_id,domain,role,school\n1,A,acme.com,User,\n2,,www.ACME.com,Decision maker,\n3,A,,finance,\n"
        "4,A,,Finance,yes\n5,B,,User,\n6,,gmail.com,,\n7,,twin.com,,\n8,Z,acme.com,,\n"
    )
    views = {"1": "28 27 19", "2": "28 26", "4": "28 27 20", "5": "28"}  # days of February, each at noon
    did = [
        f"{lead},{lead}{day},page_view,2026-02-{day}T12:00:00Z" for lead, days in views.items() for day in days.split()
    ]
    found, _ = run(
        tmp_path,
        card,
        leads=leads,
        activities="\n".join(["lead_id,id,kind,occurred_at", *did, "2,demo,demo_request,2026-02-28T12:00:00Z"]),
        accounts="id,domain,employees\nA,acme.com,2000\nB,beta.io,50\nC,gmail.com,10\nD,twin.com,9\nE,twin.com,9\nF,,5000\n",
        deals="id,lead_id,account_id,amount,open\na,1,A,5000,yes\na,2,A,5000,yes\nb,,A,100000,no\nc,,B,,yes\nd,,A,2500,yes\n",
    )
    # A has 7,500 in open deals, of which one has two leads, six views of 7 days, and three people in Ready.
    # 6: free mail. 7: two accounts have this domain. 8: an account that nobody describes; its record goes before the domain.
    assert told(found, "fit", "engagement", "score", "priority") == [
        ("20", "30", "50", "P1"),
        ("20", "20", "40", "P1"),
        ("20", "0", "20", "P1"),
        ("20", "30", "50", ""),
        ("2", "10", "12", "P3"),
        ("5", "0", "5", "P4"),
        ("5", "0", "5", "P4"),
        ("2", "0", "2", "P4"),
    ]
    accounts = {row["id"]: row for row in rows(tmp_path / "accounts-out.csv")}
    # A: 30 for its size and 8 for four people; 25 and 20 for two of them, who cover 15 and 5; 10 and 4 are cut to 12.
    assert {
        name: (row["account_fit"], row["account_score"], row["account_readiness"]) for name, row in accounts.items()
    } == {
        "A": ("38", "115", "Hot"),
        "B": ("2", "18", "Cold"),  # 2 and 10, 5, 1
        "C": ("0", "0", "Cold"),
        "D": ("0", "0", "Cold"),
        "E": ("0", "0", "Cold"),
        "F": ("30", "30", "Cold"),
        "Z": ("2", "2", "Cold"),
    }
    reasons = "+30 Large · +25 Person 1 · +20 Person 2 · +15 Decision maker · +9 Demo (of 10, 28 Feb 2026) · +16 others"
    assert accounts["A"]["account_score_reasons"] == reasons
    assert sum(points for _, points in lines_of(rows(tmp_path / "accounts-explain.csv"), "A")) == 115
