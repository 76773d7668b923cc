"""Proposals: edited scorecards as files that a person reviews, and the log of what became of them.

Nothing here changes the scorecard but `Proposals.approve`. The log is the record: one JSON object a line, only ever
added to. What a proposal is follows from it, so that no second record can disagree.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal

import orjson

from connectors.plain_files import NotPlain, read_bytes
from pages.scorecard.card_file import digest_of, text_of

What = Literal["proposed", "approved", "rejected", "withdrawn"]
BOM: Final = b"\xef\xbb\xbf"
MOST_LOG: Final = 50_000_000


class CannotWrite(Exception):  # noqa: N818 - named for the problem
    """A proposal, the card or the log cannot be written."""

    def __init__(self, path: Path, problem: OSError, remedy: str = "") -> None:
        usual = "Let leadgauge write there, or name another folder in the settings: `pages: {proposals: FOLDER}`."
        super().__init__(f"{path} cannot be written ({problem.strerror or problem}). {remedy or usual}")
        self.problem = problem


def unusable(folder: Path) -> str:
    """Return why proposals cannot be kept in a folder; empty if they can, also if it is yet to be made."""
    there = next(path for path in (folder, *folder.parents) if os.access(path, os.F_OK))
    if not there.is_dir():
        return f"{there} is a file, not a folder" if there == folder else f"{there}, above it, is a file"
    if os.access(there, os.W_OK | os.X_OK):
        return ""
    return f"{there} is not writable" if there == folder else f"it does not exist, and {there} is not writable"


class Outdated(Exception):  # noqa: N818 - named for the problem
    """The scorecard is not the one that a proposal was made from any more."""


class NoProposal(Exception):  # noqa: N818 - named for the problem
    """There is no proposal of this number, it is decided already, or its file is not as it was."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log."""

    at: datetime
    who: str
    what: What
    proposal: int
    why: str
    base: str
    """What tells the text of the scorecard that the proposal was made from."""
    digest: str
    """What tells the text of the proposal."""
    card: str
    """Name and content hash of the proposed scorecard, as results name it."""
    connection: str
    leads: Mapping[str, Any] = field(default_factory=dict)
    """How many leads move, and over how many that was counted."""
    note: str = ""
    """What sales is told."""

    def as_line(self) -> bytes:
        """Return the entry as a line of the log."""
        told = {name: getattr(self, name) for name in self.__slots__}
        return orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposal and what became of it."""

    made: Entry
    decided: Entry | None
    file: Path

    @property
    def number(self) -> int:
        """The number in its file's name."""
        return self.made.proposal

    @property
    def state(self) -> str:
        """What became of it."""
        return (
            "open" if self.decided is None else {"approved": "in force since"}.get(self.decided.what, self.decided.what)
        )

    @property
    def is_open(self) -> bool:
        """Whether nobody has decided yet."""
        return self.decided is None


@dataclass(frozen=True, slots=True)
class Proposals:
    """The proposals for one scorecard's file."""

    card: Path
    folder: Path | None = None
    """Where they are kept; by default beside the scorecard."""

    @property
    def home(self) -> Path:
        """The folder that they are in."""
        return self.card.resolve().parent if self.folder is None else self.folder

    @property
    def name(self) -> str:
        """What the names of the files begin with; with a mark where cards of other folders may be here too."""
        card = self.card.resolve()
        mark = hashlib.sha256(str(card).encode()).hexdigest()[:6]
        return card.stem if self.home == card.parent else f"{card.stem}-{mark}"

    @property
    def log_file(self) -> Path:
        """The log."""
        return self.home / f"{self.name}.changes.jsonl"

    def file(self, number: int) -> Path:
        """Return the file of a proposal."""
        return self.home / f"{self.name}.proposed-{number}.yaml"

    def origin(self, number: int) -> Path:
        """Return the file with the text that a proposal was made from."""
        return self.home / f"{self.name}.from-{number}.yaml"

    def previous(self, number: int) -> Path:
        """Return the file with what a proposal replaced."""
        return self.home / f"{self.name}.before-{number}.yaml"

    def log(self) -> list[Entry]:
        """Return the log, oldest first; raise `NotPlain` if it cannot be read or has a line that is none."""
        if not self.log_file.exists():
            return []
        return [
            _entry(line, self.log_file) for line in read_bytes(self.log_file, MOST_LOG).splitlines() if line.strip()
        ]

    def all(self) -> list[Proposal]:
        """Return all proposals, newest first."""
        entries = self.log()
        decided = {entry.proposal: entry for entry in entries if entry.what != "proposed"}
        made = [entry for entry in entries if entry.what == "proposed"]
        return [Proposal(one, decided.get(one.proposal), self.file(one.proposal)) for one in reversed(made)]

    def one(self, number: int) -> Proposal:
        """Return a proposal; raise `NoProposal`."""
        found = next((one for one in self.all() if one.number == number), None)
        if found is None:
            raise NoProposal(f"There is no proposal {number}.")
        return found

    def text(self, number: int) -> str:
        """Return the text of a proposal; raise `NoProposal` if its file is not as it was made."""
        made = self.one(number).made
        try:
            text = text_of(self.file(number))
        except NotPlain as problem:
            raise NoProposal(f"{self.file(number).name}: {problem.reason}.") from None
        if digest_of(text) != made.digest:
            raise NoProposal(f"{self.file(number).name} was changed since it was proposed: propose what it holds anew.")
        return text

    def base(self, number: int) -> str | None:
        """Return the text that a proposal was made from; None if no file holds it any more. Raise `NoProposal`."""
        wanted = self.one(number).made.base
        for path in (self.origin(number), self.card.resolve(), *self.home.glob(f"{self.name}.before-*.yaml")):
            if path.exists() and digest_of(text := text_of(path)) == wanted:
                return text
        return None

    def propose(self, entry: Entry, text: str, base: str) -> int:
        """Save a proposal, with the text that it was made from, and note it; return its number, whatever the entry's.

        Raise `CannotWrite`.
        """
        with self._locked() as log:
            number = self._next()
            _write_new(self.origin(number), base.encode())
            _write_new(self.file(number), text.encode())
            _append(log, _numbered(entry, number), self.log_file)
        return number

    def reject(self, entry: Entry) -> None:
        """Note that a proposal is rejected or withdrawn. Raise `NoProposal` or `CannotWrite`."""
        with self._locked() as log:
            self._undecided(entry.proposal)
            _append(log, entry, self.log_file)

    def approve(self, entry: Entry) -> None:
        """Put a proposal into force: replace the scorecard's file at once, and keep what it held.

        Raise `Outdated` if that is not what the proposal was made from, `NoProposal` or `CannotWrite`.
        """
        card = self.card.resolve()
        with self._locked() as log:
            made, text = self._undecided(entry.proposal).made, self.text(entry.proposal)
            live = read_bytes(card)
            if digest_of(text_of(card)) != made.base:
                raise Outdated
            _replace(self.previous(entry.proposal), live, card)
            self._put(entry.proposal, (BOM if live.startswith(BOM) else b"") + text.encode())
            try:
                _append(log, entry, self.log_file)
            except CannotWrite:  # no change without its line in the log
                self._put(entry.proposal, live)
                raise

    def _put(self, number: int, content: bytes) -> None:
        """Replace what the scorecard's file holds."""
        card = self.card.resolve()
        try:
            _replace(card, content, card)
        except CannotWrite as problem:
            own = f"Let leadgauge write there, or put {self.file(number)} in its place yourself."
            raise CannotWrite(card, problem.problem, own) from None

    def _undecided(self, number: int) -> Proposal:
        found = self.one(number)
        if not found.is_open:
            assert found.decided is not None
            raise NoProposal(f"Proposal {number} was {found.decided.what} by {found.decided.who} already.")
        return found

    def _next(self) -> int:
        """Return the number of the next proposal: one that no file and no line of the log has."""
        taken = [entry.proposal for entry in self.log()]
        files = (path for what in ("proposed", "from") for path in self.home.glob(f"{self.name}.{what}-*.yaml"))
        names = (path.stem.rpartition("-")[2] for path in files)
        return max([*taken, *(int(one) for one in names if one.isdecimal())], default=0) + 1

    @contextmanager
    def _locked(self) -> Iterator[int]:
        """Open the log to add to it, while no other process does."""
        try:
            self.home.mkdir(parents=True, exist_ok=True)
            log = os.open(self.log_file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as problem:
            raise CannotWrite(self.log_file, problem) from None
        try:
            fcntl.flock(log, fcntl.LOCK_EX)
            yield log
        finally:
            os.close(log)


def _numbered(entry: Entry, number: int) -> Entry:
    told = {name: getattr(entry, name) for name in entry.__slots__}
    return Entry(**{**told, "proposal": number})


def _entry(line: bytes, file: Path) -> Entry:
    try:
        told = orjson.loads(line)
        return Entry(**{**told, "at": datetime.fromisoformat(told["at"])})
    except (ValueError, TypeError, KeyError):
        raise NotPlain(f"{file.name} has a line that is none of the log", "Mend it, or move the file away.") from None


def _append(log: int, entry: Entry, file: Path) -> None:
    """Add a line, or nothing of it."""
    before, line = os.fstat(log).st_size, entry.as_line()
    try:
        while line:
            line = line[os.write(log, line) :]
        os.fsync(log)
    except OSError as problem:
        os.ftruncate(log, before)
        raise CannotWrite(file, problem) from None


def _write_new(path: Path, content: bytes) -> None:
    try:
        made = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        with os.fdopen(made, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(made)
    except OSError as problem:
        raise CannotWrite(path, problem) from None


def _replace(path: Path, content: bytes, like: Path) -> None:
    """Write a file so that readers see the old content or the new one, with the permissions of another."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.unlink(missing_ok=True)
        _write_new(beside, content)
        beside.chmod(like.stat().st_mode & 0o777)
        beside.replace(path)
        _sync_folder(path.parent)
    except OSError as problem:
        raise CannotWrite(path, problem) from None
    finally:
        beside.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
