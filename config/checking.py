"""Everything that can be said of a scorecard without a CRM: its mistakes, its examples, its slips."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from config.documents import Document, read_document
from config.examples import Compared, run_examples
from config.lint import lint
from config.loading import scorecard_in
from config.mistakes import ConfigError, Mistake, in_short


@dataclass(frozen=True, slots=True)
class ScorecardReport:
    """What was found out about a scorecard."""

    file: str
    label: str
    """Name and content hash; empty where the scorecard cannot be read."""
    mistakes: Sequence[Mistake]
    slips: Sequence[Mistake]
    examples: Sequence[Compared]


def check_scorecard(path: Path) -> ScorecardReport:
    """Read a scorecard, run its examples, look for slips."""
    try:
        document = read_document(path)
        card = scorecard_in(document)
    except ConfigError as error:
        return ScorecardReport(in_short(path), "", error.mistakes, (), ())
    compared = run_examples(card)
    failed = list(_failed(compared, document))
    return ScorecardReport(document.file, card.label, failed, lint(card, document), compared)


def _failed(compared: Sequence[Compared], document: Document) -> Iterator[Mistake]:
    for one in compared:
        if not one.passed:
            path = ("examples", one.example, "expect", one.result)
            message = f"the example '{one.name}' expects {one.result} {one.expected}, and it came out as {one.got}."
            yield document.mistake(path, message, "Change the rules, or what is expected.")
