"""The scorecard on disk: the shipped one without stage memory, in versions that differ in one rule's points."""

from pathlib import Path

SHIPPED_POINTS = 20
_RULE = "            points: 20\n"


def versions_of(card: Path) -> "Card":
    """Return the card in a file, without stage memory, so results do not depend on history."""
    lines = (line for line in card.read_text().splitlines(keepends=True) if not line.strip().startswith("keep:"))
    return Card(card, "".join(lines))


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
