"""The scorecard on disk: the shipped one without memory, in versions that differ by the points of one rule."""

from pathlib import Path

SHIPPED_POINTS = 20
_RULE = "            points: 20\n"


def versions_of(card: Path) -> "Card":
    """Return the card in a file, made to remember no stage, so that the way to a result leaves no trace in it."""
    lines = (line for line in card.read_text().splitlines(keepends=True) if not line.strip().startswith("keep:"))
    return Card(card, "".join(lines))


class Card:
    """One scorecard that somebody goes on changing."""

    def __init__(self, file: Path, text: str) -> None:
        assert text.count(_RULE) == 1, "the shipped card has one such rule"
        self._file, self._text = file, text
        self.save(SHIPPED_POINTS)

    def save(self, points: int) -> None:
        """Write a whole version."""
        self._file.write_text(self._version(points))

    def tear(self, points: int, place: float) -> None:
        """Write the first part of a version only, as an editor does that is slow."""
        text = self._version(points)
        self._file.write_text(text[: int(place * len(text))])

    def _version(self, points: int) -> str:
        return self._text.replace(_RULE, _RULE.replace(str(SHIPPED_POINTS), str(points)))
