"""Write a project into a folder, and renew one that was written before."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Final

LISTING: Final = "leadgauge-files.txt"
"""Names the files of a project that leadgauge wrote; by it, a folder is known as ours."""


class NotOurs(Exception):  # noqa: N818 - named for the folder
    """A folder holds files of others."""

    exit_code = 2

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(f"{folder}: {reason} Nothing was written. Name an empty folder, or a new one.")


def write(folder: Path, what: str, files: Mapping[str, bytes]) -> list[str]:
    """Write the files of a project, and remove and return those of an earlier one that it no longer has.

    `what` is the CRM of the project: one of the other CRM is not overwritten.
    """
    head = f"# Written by `leadgauge crm {what}`, which renews these files and removes those that it no longer needs."
    before = _listed(folder, head)
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    gone = [path for path in before if path not in files and (folder / path).is_file()]
    for path in gone:
        _remove(folder, folder / path)
    (folder / LISTING).write_text("\n".join([head, *sorted(files)]) + "\n", encoding="utf-8")
    return gone


def _remove(folder: Path, file: Path) -> None:
    """Delete a file, and the folders that it leaves empty."""
    file.unlink()
    parent = file.parent
    while parent != folder and not any(parent.iterdir()):
        parent.rmdir()
        parent = parent.parent


def _listed(folder: Path, head: str) -> list[str]:
    """Return the files that leadgauge wrote into a folder earlier; raise NotOurs if it has others only."""
    if not folder.exists() or not any(folder.iterdir()):
        return []
    listing = folder / LISTING
    if not listing.is_file():
        raise NotOurs(folder, "there are files in it, and leadgauge did not make it.")
    first, *lines = listing.read_text(encoding="utf-8").splitlines() or [""]
    if first != head:
        raise NotOurs(folder, f"its {LISTING} is not that of such a project.")
    return list(_inside(folder, lines))


def _inside(folder: Path, lines: Sequence[str]) -> Iterator[str]:
    """Yield the paths of a listing, none of which may lead out of the folder."""
    for line in lines:
        path = PurePosixPath(line)
        if path.is_absolute() or ".." in path.parts or not (folder / path).resolve().is_relative_to(folder.resolve()):
            raise NotOurs(folder, f"its {LISTING} names {line}, which is not in it.")
        yield line
