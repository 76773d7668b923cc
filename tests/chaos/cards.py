"""The scorecard on disk: the shipped one without stage memory, but with segments, in versions that differ in a rule."""

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


def versions_of(card: Path) -> "Card":
    """Return the card in a file, without stage memory, so results do not depend on history, and with segments."""
    lines = [line for line in card.read_text().splitlines(keepends=True) if not line.strip().startswith("keep:")]
    at, fit = (next(place for place, line in enumerate(lines) if line.startswith(one)) for one in ("fields:", "  fit:"))
    groups = lines.index("    groups:\n", fit)
    return Card(card, "".join([*lines[: at + 1], _FIELD, *lines[at + 1 : groups + 1], _GROUP, *lines[groups + 1 :]]))


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
