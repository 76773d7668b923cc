"""Leave out of a scorecard's text the limits of groups and sections that their rules never reach."""

from collections.abc import Collection
from pathlib import Path
from re import fullmatch
from tempfile import TemporaryDirectory
from typing import Final

from config.documents import Document, read_document
from config.lint import lint
from config.loading import scorecard_in

_IDLE: Final = r"\s+(minimum|maximum): -?\d+(\.\d+)?"
_ROUNDS: Final = 20


def without_idle_limits(text: str) -> str:
    """Return a card without the limits of groups and sections that its rules never reach."""
    for _ in range(_ROUNDS):
        lines = text.splitlines()
        idle = {line for line in _lines_of_slips(text) if fullmatch(_IDLE, lines[line - 1])}
        if not idle:
            return text
        text = "\n".join(line for number, line in enumerate(lines, 1) if number not in idle) + "\n"
    return text


def _lines_of_slips(text: str) -> Collection[int]:
    document = read_text_of(text)
    return {slip.line for slip in lint(scorecard_in(document), document) if slip.line}


def read_text_of(text: str, name: str = "scorecard.yaml") -> Document:
    """Return the document that a text would be as a file."""
    with TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_text(text, encoding="utf-8")
        return read_document(path)
