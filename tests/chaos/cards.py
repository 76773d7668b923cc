"""The scorecard on disk: the shipped one without stage memory, but with segments, in versions that differ in a rule.

It may score accounts too.
"""

from pathlib import Path

SHIPPED_POINTS = 20
_RULE = "            points: 20\n"
_FIELD = "  segments: member_of\n"
_GROUP = """\
      - name: Segments
        rules:
          - {name: Chosen, lead: {segments: {contains: chosen}}, points: 4}
          - {name: Left, lead: {segments: {in: [left]}}, points: -3}
"""
_BESIDE = """\
          - {name: Somebody asked, lead: {account.asked: {at_least: 1}}, points: 2}
          - {name: Known company, lead: {account.employees: {known: true}}, points: 1}
"""
_ACCOUNTS = """
accounts:
  fields: {domain: text, employees: number}
  by_domain: {lead: email_domain, account: domain}
  figures:
    asked: {count: activities, where: {kind: demo_request}}
    open_deals: {count: deals, where: {open: true}}
    last_won: {max: closed_at, of: deals, where: {won: true}}
    warm: {count: leads, where: {engagement: {at_least: 5}}}
  reset: [{name: Won, since: last_won}]
  score:
    fit:
      groups:
        - name: Company
          rules:
            - {name: Known, lead: {employees: {known: true}}, points: 5}
            - {name: Deals, number: open_deals, points: {give: 3, per: 1}, maximum: 9}
    engagement:
      people: {top: 3, maximum: 60}
      coverage: {by: seniority, engaged: {engagement: {at_least: 1}}, points: {director: 5, manager: 3, vp: 5}}
  readiness:
    stages: [{name: Quiet}, {name: Warm, when: {warm: {above: 0}}}, {name: Selling, when: {open_deals: {above: 0}}}]
  priority:
    matrix:
      Quiet: {A: P4, B: P4, C: P4, D: P4, F: P4, '?': P4}
      Warm: {A: P2, B: P2, C: P2, D: P2, F: P2, '?': P2}
      Selling: {A: P3, B: P3, C: P3, D: P3, F: P3, '?': P3}
"""
"""Accounts with figures of every kind, of which their leads read some; who belongs to them follows from domains too."""


def versions_of(card: Path, *, accounts: bool = False) -> "Card":
    """Return the card in a file, without stage memory, so results do not depend on history, and with segments."""
    group = _GROUP + (_BESIDE if accounts else "")
    lines = [line for line in card.read_text().splitlines(keepends=True) if not line.strip().startswith("keep:")]
    at, fit = (next(place for place, line in enumerate(lines) if line.startswith(one)) for one in ("fields:", "  fit:"))
    groups = lines.index("    groups:\n", fit)
    whole = [*lines[: at + 1], _FIELD, *lines[at + 1 : groups + 1], group, *lines[groups + 1 :]]
    return Card(card, "".join([*whole, _ACCOUNTS if accounts else ""]))


class Card:
    """A scorecard that is edited repeatedly."""

    def __init__(self, file: Path, text: str) -> None:
        assert text.count(_RULE) == 1, "the shipped card has exactly one such rule"
        self._file, self._text = file, text
        self.save(SHIPPED_POINTS)

    def save(self, points: int) -> None:
        """Write a whole version."""
        self._file.write_text(self._version(points))

    def tear(self, points: int, place: float) -> None:
        """Write only the first part of a version, like a slow editor."""
        text = self._version(points)
        self._file.write_text(text[: int(place * len(text))])

    def _version(self, points: int) -> str:
        return self._text.replace(_RULE, _RULE.replace(str(SHIPPED_POINTS), str(points)))
