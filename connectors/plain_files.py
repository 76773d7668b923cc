"""Read small files named by the user, refusing pipes and devices, which may never end, and huge files."""

import os
import stat
from pathlib import Path
from typing import Final

MOST: Final = 1_000_000
"""Maximum bytes: about a scorecard of 9,000 rules, which takes half a minute to parse."""
_KINDS: Final = (
    (stat.S_ISDIR, "this is a folder", "Name the file in it."),
    (stat.S_ISFIFO, "this is a pipe", "Save it as a file."),
    (stat.S_ISSOCK, "this is a socket", "Name a file."),
    (stat.S_ISCHR, "this is a device", "Name a file."),
    (stat.S_ISBLK, "this is a device", "Name a file."),
)


class NotPlain(ValueError):  # noqa: N818 - named for what the file is
    """A path cannot be read as a small file. `reason` is worded to follow its name, `remedy` says what to do."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(f"{reason}. {remedy}")
        self.reason, self.remedy = reason, remedy


def read_bytes(path: Path, most: int = MOST) -> bytes:
    """Return the content of a plain file. Raise `NotPlain` for anything else, without blocking on it."""
    try:
        opened = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise NotPlain("there is no such file", "Check the name, or make one with `leadgauge init`.") from None
    except (OSError, ValueError) as problem:
        raise _unreadable(problem) from None
    try:
        return _content(opened, most)
    finally:
        os.close(opened)


def read_text(path: Path, most: int = MOST) -> str:
    """Return the text of a plain UTF-8 file, without a byte order mark."""
    try:
        return read_bytes(path, most).decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise NotPlain(f"byte {problem.start + 1} is not UTF-8", "Save the file as UTF-8.") from None


def _content(file: int, most: int) -> bytes:
    mode = os.fstat(file).st_mode
    for is_kind, reason, remedy in _KINDS:
        if is_kind(mode):
            raise NotPlain(reason, remedy)
    parts, left = [], most + 1
    try:
        while left and (part := os.read(file, left)):
            parts.append(part)
            left -= len(part)
    except OSError as problem:
        raise _unreadable(problem) from None
    if not left:
        raise NotPlain(f"the file is larger than {most / 1e6:g} MB", "Name another one, or make it smaller.")
    return b"".join(parts)


def _unreadable(problem: OSError | ValueError) -> NotPlain:
    why = problem.strerror if isinstance(problem, OSError) and problem.strerror else str(problem)
    return NotPlain(f"the file cannot be read ({why})", "Check its name and permissions.")
