"""Checks a scorecard without a CRM: mistakes, failed examples and lint warnings."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from config.documents import Document, read_document
from config.examples import Compared, run_examples
from config.kind_of_file import expect
from config.lint import lint
from config.loading import scorecard_in
from config.mistakes import ConfigError, Mistake, in_short
from scoring import Scorecard


@dataclass(frozen=True, slots=True)
class ScorecardReport:
    """The result of checking a scorecard."""

    file: str
    label: str
    """Name and content hash; empty if the scorecard cannot be read."""
    mistakes: Sequence[Mistake]
    slips: Sequence[Mistake]
    examples: Sequence[Compared]


def check_scorecard(path: Path) -> ScorecardReport:
    """Read a scorecard, run its examples and lint it."""
    try:
        document = read_document(path)
        expect(document, "scorecard")
        card = scorecard_in(document)
    except ConfigError as error:
        return ScorecardReport(in_short(path), "", error.mistakes, (), ())
    compared = run_examples(card)
    failed = list(_failed(compared, document))
    return ScorecardReport(document.file, card.label, failed, lint(card, document), compared)


def failed_examples(card: Scorecard, document: Document) -> list[Mistake]:
    """Return the examples of a scorecard whose results are not those that they expect."""
    return list(_failed(run_examples(card), document))


def _failed(compared: Sequence[Compared], document: Document) -> Iterator[Mistake]:
    for one in compared:
        if not one.passed:
            path = ("examples", one.example, one.option, one.result)
            what = f"{one.result} of the account" if one.option == "expect_account" else one.result
            message = f"the example '{one.name}' expects {what} {one.expected}, but the result is {one.got}."
            yield document.mistake(path, message, "Change the rules or the expected value.")
