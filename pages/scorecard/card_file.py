"""A scorecard's file as it is now or as it would be: its text, its mistakes by line, and its lint."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Final

from ruamel.yaml.nodes import Node

from config import ConfigError, Mistake
from config.checking import failed_examples
from config.documents import Document, composed, document_from
from config.editing import Value, values
from config.kind_of_file import expect
from config.lint import lint
from config.loading import scorecard_in
from config.mistakes import in_short
from config.settings import ScorecardUse
from connectors.plain_files import NotPlain, read_bytes
from pipeline.job import ActiveScorecard, Job
from scoring import Scorecard

KEPT: Final = 24
"""How many readings of texts are kept: those that people are looking at or editing."""


@dataclass(frozen=True)
class Reading:
    """What a text says: a scorecard with its lint, or mistakes."""

    text: str
    root: Node | None
    document: Document | None
    card: Scorecard | None
    mistakes: Sequence[Mistake] = ()
    slips: Sequence[Mistake] = ()

    @cached_property
    def values(self) -> Sequence[Value]:
        """The values that can be changed where they stand."""
        return values(self.root)

    @cached_property
    def failed(self) -> Sequence[Mistake]:
        """The examples in the card that do not give what they expect."""
        return () if self.card is None or self.document is None else failed_examples(self.card, self.document)

    @property
    def digest(self) -> str:
        """What tells this text from another."""
        return digest_of(self.text)


def use_of(job: Job, box: ActiveScorecard) -> ScorecardUse:
    """Return the part of the settings that names a scorecard."""
    return next(use for use in job.connection.scorecards if use.prefix == box.prefix)


def file_of(job: Job, box: ActiveScorecard) -> Path:
    """Return the file of a scorecard."""
    return use_of(job, box).file


def digest_of(text: str) -> str:
    """Return what tells one text of a file from another."""
    return hashlib.sha256(text.encode()).hexdigest()


def text_of(path: Path) -> str:
    """Return the text of a scorecard's file with its line ends; raise `NotPlain`."""
    content = read_bytes(path)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise NotPlain(f"byte {problem.start + 1} is not UTF-8", "Save the file as UTF-8.") from None


def read(text: str, path: Path) -> Reading:
    """Return what a text says that is or will be in a file."""
    return _read(text, in_short(path))


@lru_cache(maxsize=KEPT)
def _read(text: str, name: str) -> Reading:
    root = document = None
    try:
        root = composed(text, name)
        document = document_from(root, name)
        expect(document, "scorecard")
        card = scorecard_in(document)
    except ConfigError as error:
        return Reading(text, root, document, None, error.mistakes)
    return Reading(text, root, document, card, (), lint(card, document))
