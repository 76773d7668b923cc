"""Every config error of accounts is refused by `check` with its line and a remedy."""

from textwrap import dedent, indent

import pytest

from config.checking import check_scorecard
from tests.config.conftest import Write
from tests.config.test_config_errors import MARK

BASE = """\
scorecard: wrong
fields: {n: number, t: time, flag: flag, role: text, site: text}
deals: {amount: number, open: flag, closed: time}
score:
  engagement:
    groups:
      - name: G
        rules:
          - {name: R, activity: {kind: page_view}, points: 1}
"""
STAGES = "readiness: {stages: [{name: New}, {name: Ready, when: {flag: true}}]}\n"
HOT = "figures: {hot: {count: leads, where: {engagement: {at_least: 5}}}, seen: {count: activities}}"


def accounts(text: str, more: str = "") -> str:
    written = "fields: {size: number, web: text, since: time}\n" + dedent(text).strip()
    return BASE + more + "accounts:\n" + indent(written, "  ") + "\n"


def rule(text: str) -> str:
    written = indent(dedent(text).strip(), " " * 12)
    return (
        BASE.rstrip() + f"\n          - name: S\n{written}\n" + "accounts:\n  fields: {size: number}\n  " + HOT + "\n"
    )


def engagement(text: str) -> str:
    return accounts("score:\n  engagement:\n" + indent(dedent(text).strip(), "    "))


COVERAGE = "coverage:\n  by: role\n  engaged: {n: 1}\n  points: {User: 5}\n"
CASES = [
    (rule(f"points: 1\nlead:\n  account.hot: 5{MARK}"), "'account.hot' is not computed yet at this point"),
    (rule(f"points: 1\nlead:\n  n:\n    above: {{field: account.hot}}{MARK}"), "'account.hot' is not computed yet"),
    (rule(f"points: {{1+: 2}}\ntable: account.hot{MARK}"), "'account.hot' is not computed yet at this point"),
    (rule(f"points: 1\nlead:\n  account.sise: 5{MARK}"), "Did you mean `account.size`"),
    (rule(f"points: 1\nlead:\n  account.size:\n    contains: x{MARK}"), "'contains' cannot be used on a number"),
    (
        BASE.replace("site: text}", "account.size: number}" + MARK) + "accounts: {fields: {size: number}}\n",
        "'account.size' is of the account",
    ),
    (
        BASE.replace("site: text}", "account: text}" + MARK) + "accounts:\n  fields: {size: number}\n",
        "'account' is the lead's account",
    ),
    (
        BASE.replace("{kind: page_view}, points: 1}", "{kind: page_view}, points: 1, when: {account.size: 5}}" + MARK),
        "Declare it as `size` under `accounts.fields`",
    ),
    (BASE + f"accounts:\n  fields:\n    lead: text{MARK}\n", "'lead' is a reserved name"),
    (
        BASE + f"accounts:\n  fields:\n    vip: member_of{MARK}\n",
        "Write one of `text`, `number`, `flag`, `time`, `date`, `list`",
    ),
    (accounts(f"figures:\n  size: {{count: deals}}{MARK}"), "'size' is a field too"),
    (
        accounts(f"figures:\n  f:\n    count: leads\n    where:\n      account.size: 5{MARK}"),
        "a figure cannot use 'account.size'",
    ),
    (accounts(f"figures:\n  f: {{sum: account.size, of: leads}}{MARK}"), "a figure cannot use 'account.size'"),
    (accounts(f"figures:\n  f: {{sum: size, of: leads}}{MARK}"), "leads have no field 'size'"),
    (accounts(f"figures:\n  f: {{sum: role, of: leads}}{MARK}"), "`sum` needs a number, and 'role' is a text"),
    (accounts(f"figures:\n  f: {{max: grade, of: leads}}{MARK}"), "leads have no field 'grade'"),
    (accounts(f"figures:\n  f: {{count: people}}{MARK}"), "there are no figures of 'people'"),
    (accounts(f"figures:\n  f:\n    count: leads\n    where:\n      grade: A{MARK}"), "'grade' is not computed yet"),
    (BASE + f"figures:\n  f: {{count: leads}}{MARK}\n", "there are no figures of 'leads'"),
    (accounts(HOT + f"\nreset:\n  - name: A\n    since: seen{MARK}"), "the figure 'seen' does not exist yet"),
    (
        accounts(HOT, f"reset:\n  - name: A\n    since: account.seen{MARK}\n"),
        "the figure 'account.seen' does not exist yet",
    ),
    (accounts(HOT + f"\nreset:\n  - name: A\n    since: size{MARK}"), "'size' is not a declared time field"),
    (accounts(f"by_domain:\n  lead: sight{MARK}\n  account: web"), "there is no field 'sight'"),
    (accounts(f"by_domain:\n  lead: site\n  account: size{MARK}"), "'size' is a number field"),
    (
        accounts(f"by_domain:\n  lead: site{MARK}")
        .replace("  by_domain:", "  by_domain:" + MARK)
        .replace("site" + MARK, "site"),
        "account: this option is missing",
    ),
    (engagement(f"people:\n  top: 0{MARK}\n  maximum: 5"), "top"),
    (engagement(f"people:\n  top: 101{MARK}\n  maximum: 5"), "top"),
    (engagement(f"people:\n  top: 1\n  maximum: -1{MARK}"), "maximum"),
    (engagement(COVERAGE.replace("by: role", f"by: roll{MARK}")), "leads have no field 'roll'"),
    (engagement(COVERAGE.replace("by: role", f"by: n{MARK}")), "'n' is a number field"),
    (engagement(COVERAGE.replace("{n: 1}", f"\n    size: 1{MARK}")), "there is no field 'size'"),
    (
        engagement(COVERAGE.replace("{n: 1}", f"\n    account.hot: 1{MARK}")).replace(
            "accounts:\n", "accounts:\n  " + HOT + "\n"
        ),
        "'account.hot' is not computed yet",
    ),
    (engagement(COVERAGE.replace("{User: 5}", f"\n    User: 5\n    ' user': 6{MARK}")), "is the same value as 'User'"),
    (accounts(f"score:\n  engagement: {{maximum: 5}}{MARK}"), "nothing gives an account engagement"),
    (
        accounts(
            f"score:\n  fit:\n    groups: [{{name: G, rules: [{{name: R, points: 1, lead: {{role: x}}}}]}}]{MARK}"
        ),
        "there is no field 'role'",
    ),
    (
        accounts(
            f"grade:\n  profiles: [{{name: I, criteria: [{{name: S, weight: 1, match: {{stage: New}}}}]}}]{MARK}",
            STAGES,
        ),
        "'stage' is not computed yet",
    ),
    (accounts(f"priority:{MARK}\n  matrix: {{}}"), "priority needs readiness"),
    (
        accounts(
            f"readiness: {{stages: [{{name: Cold}}]}}\npriority:\n  matrix:\n    New: {{A: P1, B: P1, C: P1, D: P1, F: P1, '?': P1}}{MARK}\n    Cold: {{A: P1, B: P1, C: P1, D: P1, F: P1, '?': P1}}",
            STAGES,
        ),
        "there is no stage 'New'",
    ),
    (
        BASE.replace("engagement:", "fit:").replace("activity: {kind: page_view}", "lead: {flag: true}")
        + f"accounts:\n  score:\n    engagement:\n      people: {{top: 1, maximum: 5}}{MARK}\n",
        "the leads of this card have no engagement",
    ),
    (accounts(f"calendar: UTC{MARK}"), "calendar"),
]


@pytest.mark.parametrize(("text", "message"), CASES, ids=[message for _, message in CASES])
def test_a_config_error_of_accounts_is_refused_with_its_line_and_a_remedy(
    write: Write, text: str, message: str
) -> None:
    line = next(number for number, one in enumerate(text.splitlines(), 1) if one.endswith(MARK))
    found = check_scorecard(write(text)).mistakes
    (mistake,) = [one for one in found if message in str(one)] or found
    assert message in str(mistake)
    assert mistake.line == line, str(mistake)
    assert mistake.remedy
