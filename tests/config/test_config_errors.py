"""Every config error of the scorecard's options is refused by `check` with its line and a remedy."""

from textwrap import dedent, indent

import pytest

from config.checking import check_scorecard
from tests.config.conftest import Write

MARK = "  # here"

BASE = """\
scorecard: wrong
fields: {n: number, t: time, flag: flag, why: text, other: text, tags: list}
deals: {amount: number, open: flag, closed: time, step: text}
"""
AROUND = """\
score:
  engagement:
    groups:
      - name: G
        rules:
"""
STAGES = "readiness: {stages: [{name: New}, {name: Ready, when: {flag: true}}]}\n"


def top(text: str) -> str:
    return BASE + dedent(text)


def rule(text: str) -> str:
    return BASE + AROUND + indent(f"- name: R\n{indent(dedent(text).strip(), '  ')}\n", " " * 10)


def group(text: str, rules: str = "[{name: R, lead: {flag: true}, points: 1}]") -> str:
    written = f"- name: G\n{indent(dedent(text).strip(), '  ')}\n  rules: {rules}\n"
    return BASE + "score:\n  engagement:\n    groups:\n" + indent(written, " " * 6)


def figure(text: str) -> str:
    return top(f"figures:\n  f: {text}{MARK}\n")


CASES = [
    (top(f"readiness:\n  stages: [{{name: A}}, {{name: B, when: {{n: 1}}, index: 101}}]{MARK}\n"), "101"),
    (rule(f"table: n\npoints:\n  1-10: 3\n  5-20: 4{MARK}"), "'5-20' overlaps with '1-10'"),
    (rule(f"table: n\npoints:\n  10-1: 3{MARK}"), "begins above its end"),
    (rule(f"table: n\npoints:\n  5: 3\n  5-9: 4{MARK}"), "'5-9' overlaps with '5'"),
    (rule(f"table: n\npoints:\n  5-9: 4\n  5+: 3{MARK}"), "'5+' overlaps with '5-9'"),
    (rule(f"activity: {{}}\npoints:\n  0-2: 5{MARK}"), "begins below 1"),
    (rule(f"activity: {{}}\npoints:\n  below 3: 5{MARK}"), "begins below 1"),
    (rule(f"activity: {{}}\npoints: {{1-2: 5}}\nat_least: 2{MARK}"), "`at_least` does not go with points for how many"),
    (rule(f"activity: {{}}\npoints: {{1-2: 5}}\naward: each{MARK}"), "`award` does not go with points for how many"),
    (
        BASE + AROUND + f"{' ' * 10}- {{name: R, number: n, points: {{give: 2, per: 100}}}}{MARK}\n",
        "maximum: this option is missing",
    ),
    (rule(f"number: n\nmaximum: 5\npoints:\n  give: 2\n  per: 0{MARK}"), "'0' must be above 0"),
    (rule(f"number: n\nmaximum: 5\npoints:\n  give: 2\n  per: -5{MARK}"), "'-5' must be above 0"),
    (
        rule(f"points: 1\nlead:\n  n:\n    or_missing: true{MARK}"),
        "`or_missing` has no effect without another operator",
    ),
    (rule(f"points: 1\nlead:\n  n:\n    known: true\n    or_missing: true{MARK}"), "`or_missing` has no effect"),
    (rule(f"points: 1\nlead:\n  n:\n    above: many{MARK}"), "'many' is not a number"),
    (
        rule(f"points: 1\nlead:\n  n:\n    above: {{field: t}}{MARK}"),
        "a number cannot be compared with 't', which is a time",
    ),
    (rule(f"points: 1\nlead:\n  n:\n    between: [1, {{field: why}}]{MARK}"), "a number cannot be compared with 'why'"),
    (rule(f"points: 1\nlead:\n  tags:\n    is: {{field: tags}}{MARK}"), "a list cannot be compared with another field"),
    (rule(f"points: 1\nlead:\n  why:\n    contains: {{field: other}}{MARK}"), "`in` for several"),
    (rule(f"points: 1\nactivity:\n  seconds:\n    above: {{field: n}}{MARK}"), "cannot be compared with another field"),
    (
        rule(f"points: 1\nactivity:\n  seconds:\n    above: {{field: value}}{MARK}"),
        "cannot be compared with another field",
    ),
    (top(f"calendar: Mars/Olympus{MARK}\n"), "there is no time zone 'Mars/Olympus'"),
    (top(f"calendar:\n  zone: Berlin{MARK}\n"), "there is no time zone 'Berlin'"),
    (top(f"calendar:\n  year_starts: Brumaire{MARK}\n"), "there is no month 'Brumaire'"),
    (rule(f"points: 1\nactivity: {{}}\nduring: this decade{MARK}"), "'this decade' is not a period"),
    (rule(f"points: 1\nactivity: {{}}\nlimit: 1 per decade{MARK}"), "is not a limit"),
    (rule(f"points: 1\nlead:\n  t:\n    during: next fortnight{MARK}"), "'next fortnight' is not a period"),
    (rule(f"points: 1\nlead:\n  n:\n    during: this month{MARK}"), "'during' cannot be used on a number value"),
    (
        rule(f"points: 1\nactivity:\n  value:\n    during: this month{MARK}"),
        "'during' cannot be used on a number value",
    ),
    (rule(f"points: 1\nactivity: {{}}\nreset:\n  - name: A{MARK}"), "a reset has one moment"),
    (top(f"reset:\n  - {{name: A, activity: {{kind: call}}, since: t}}{MARK}\n"), "a reset has one moment"),
    (top(f"reset:\n  - name: A\n    since: n{MARK}\n"), "'n' is not a declared time field"),
    (group(f"reset:\n  - name: A\n    since: t\n    rest: 3d{MARK}"), "rest: "),
    (rule(f"points: 1\nactivity: {{}}\nreset:\n  - name: A\n    since: t\n    reason: why{MARK}"), "reason: "),
    (top(f"reset:\n  - name: A\n    since: t\n    reason: nowhy{MARK}\n"), "there is no field 'nowhy'"),
    (top(f"reset:\n  - name: A\n    since: t\n    reason: tags{MARK}\n"), "'tags' is a list field and no reason"),
    (rule(f"points: 1\nlead: {{flag: true}}\nwhen: {{flag: true}}{MARK}"), "`when` is not allowed here"),
    (group(f"half_life: 30d{MARK}"), "no rule of this group can fade"),
    (group(f"lifespan: 30d{MARK}", "[{name: R, table: n, points: {1+: 3}}]"), "no rule of this group can fade"),
    (top(f"reset:\n  - {{name: Anew, since: t}}\n  - name: ' aNEW'{MARK}\n    since: t\n"), "there are two resets"),
    (top(f"reset:\n  - name: None{MARK}\n    since: t\n"), "'none' means no value"),
    (
        top(
            f"""\
            grade:
              profiles: [{{name: I, criteria: [{{name: Size, weight: 1, match: {{n: 1}}}}]}}]
              disqualified:
                - {{name: School, when: {{flag: true}}}}
                - name: school{MARK}
                  when: {{n: 1}}
            """
        ),
        "there are two disqualifiers 'school'",
    ),
    (
        top(
            f"""\
            grade:
              profiles: [{{name: I, criteria: [{{name: Size, weight: 1, match: {{n: 1}}}}]}}]
              disqualified:
                - name: NONE{MARK}
                  when: {{n: 1}}
            """
        ),
        "'none' means no value",
    ),
    (
        top(f"{STAGES}priority:\n  names:\n    - Hot\n    - hot{MARK}\n  matrix: {{}}\n"),
        "there are two priorities 'hot'",
    ),
    (
        top(f"{STAGES}priority:\n  names:\n    Hot: Call\n    None: Leave{MARK}\n  matrix: {{}}\n"),
        "'none' means no value",
    ),
    (
        top(
            f"{STAGES}priority:\n  names: [Hot, Cold]\n  first:\n    - is: Warm{MARK}\n      when: {{}}\n  matrix: {{}}\n"
        ),
        "there is no priority 'Warm'",
    ),
    (
        top(
            f"""\
            {STAGES.strip()}
            priority:
              names: [Hot, Cold]
              matrix:
                New: {{A: Hot, B: Hot, C: Cold, D: Cold, F: Cold, '?': Cold}}
                Ready:
                  A: Warm{MARK}
                  B: Hot
                  C: Hot
                  D: Hot
                  F: Hot
                  '?': Hot
            """
        ),
        "there is no priority 'Warm'",
    ),
    (
        top(f"figures: {{f: {{max: occurred_at, of: activities}}}}\nreset:\n  - name: A\n    since: f{MARK}\n"),
        "the figure 'f' does not exist yet",
    ),
    (figure("{max: account.employees, of: deals}"), "a figure cannot use 'account.employees'"),
    (figure("{count: deals, where: {account.employees: 5}}"), "a figure cannot use 'account.employees'"),
    (figure("{sum: step, of: deals}"), "`sum` needs a number, and 'step' is a text"),
    (figure("{average: closed, of: deals}"), "`average` needs a number, and 'closed' is a time"),
    (figure("{max: open, of: deals}"), "`max` needs a number or a time, and 'open' is a flag"),
    (figure("{max: amuont, of: deals}"), "Did you mean `amount`"),
    (figure("{sum: url, of: activities}"), "`sum` needs a number, and 'url' is a text"),
    (figure("{min: clicks, of: activities}"), "activities have no field 'clicks'"),
    (figure("{count: cats}"), "there are no figures of 'cats'"),
    (figure("{count: {deals: 1}}"), "there are no figures of '{'deals': 1}'"),
    (figure("{of: deals}"), "a figure is made in one way"),
    (figure("{count: deals, where: {amount: {contains: x}}}"), "'contains' cannot be used on a number"),
    (figure("{count: activities, where: {seconds: {above: {field: value}}}}"), "cannot be compared with another field"),
]


@pytest.mark.parametrize(("text", "message"), CASES, ids=[message for _, message in CASES])
def test_a_config_error_is_refused_with_its_line_and_a_remedy(write: Write, text: str, message: str) -> None:
    line = next(number for number, one in enumerate(text.splitlines(), 1) if one.endswith(MARK))
    found = check_scorecard(write(text)).mistakes
    (mistake,) = [one for one in found if message in str(one)] or found
    assert message in str(mistake)
    assert mistake.line == line, str(mistake)
    assert mistake.remedy


WARNED = [
    (rule(f"points: 1\nlead:\n  not: {{n: {{above: 0}}}}{MARK}"), "a lead without `n` never meets this `not`"),
    (
        rule(f"table: {{days_since: t}}\npoints: {{0-30: 1, 31-90: 2}}{MARK}"),
        "the ranges '0-30' and '31-90' of 'R' leave a gap",
    ),
]


@pytest.mark.parametrize(("text", "message"), WARNED, ids=[message for _, message in WARNED])
def test_what_is_probably_not_meant_is_warned_of_with_its_line(write: Write, text: str, message: str) -> None:
    line = next(number for number, one in enumerate(text.splitlines(), 1) if one.endswith(MARK))
    report = check_scorecard(write(text))
    (slip,) = [one for one in report.slips if message in str(one)]
    assert (slip.line, list(report.mistakes)) == (line, [])
    assert slip.remedy
