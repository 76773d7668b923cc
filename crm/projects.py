"""A whole project: what is generated for some scorecards, and what is the same for all."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, Literal

from connectors.salesforce.fields import field_name
from crm import for_hubspot, for_salesforce, workflow
from crm.boards import Board, default_boards
from crm.component import scorecards
from crm.copies import HERE
from crm.for_salesforce import Org

Crm = Literal["hubspot", "salesforce"]
CRMS: Final[tuple[Crm, ...]] = ("hubspot", "salesforce")
SANDBOX: Final = HERE.parent / "sandbox" / "leadgauge_sandbox" / "components"
"""Where the sandbox has the built components."""
_UPLOADED: Final[dict[Crm, tuple[str, ...]]] = {
    "hubspot": ("hsproject.json", "src", "README.md"),
    "salesforce": ("sfdx-project.json", "force-app", ".forceignore", "README.md"),
}
"""What of the folders an administrator needs; the rest is for the developers of the components."""
_TESTS: Final = "__tests__"


class SameName(Exception):  # noqa: N818 - named for what is wrong
    """Two scorecards would have the same component."""

    exit_code = 2

    def __init__(self, path: str) -> None:
        super().__init__(
            f"Two scorecards would both have {path}: their prefixes differ in underscores only. Change one `prefix`."
        )


def generated(crm: Crm, boards: Sequence[Board], org: Org) -> dict[str, str]:
    """Return the generated files by path."""
    made: dict[str, str] = {}
    for path, text in for_hubspot.files(boards) if crm == "hubspot" else for_salesforce.files(boards, org):
        if path in made:
            raise SameName(path)
        made[path] = text
    return made


def left_out(crm: Crm, boards: Sequence[Board], org: Org) -> list[str]:
    """Return what a project lacks because the settings do not write an output that it needs."""
    return workflow.left_out(boards) if crm == "hubspot" else for_salesforce.left_out(boards, org)


def default_files(crm: Crm) -> dict[str, str]:
    """Return the generated files of the project that is part of this package."""
    return generated(crm, default_boards(), Org())


def project(crm: Crm, boards: Sequence[Board], org: Org) -> dict[str, bytes]:
    """Return all files of a project, ready to upload."""
    made = {path: text.encode() for path, text in generated(crm, boards, org).items()}
    return {**dict(_static(crm)), **made}


def _static(crm: Crm) -> Iterator[tuple[str, bytes]]:
    """Yield the files that are the same for all scorecards."""
    base, varying = HERE / crm, default_files(crm)
    for top in _UPLOADED[crm]:
        for file in _files(base / top):
            path = file.relative_to(base)
            if str(path) not in varying and _TESTS not in path.parts:
                yield path.as_posix(), file.read_bytes()


def _files(place: Path) -> list[Path]:
    """Return the files of a folder, or a file alone if it is there."""
    return sorted(one for one in (place, *place.rglob("*")) if one.is_file())


def checked_in() -> dict[Path, str]:
    """Return all generated files of the repository: of both projects, and what the sandbox knows of the scorecards."""
    made = {HERE / crm / path: text for crm in CRMS for path, text in default_files(crm).items()}
    return made | {SANDBOX / crm / "scorecards.json": _known(crm) for crm in CRMS}


def _known(crm: Crm) -> str:
    naming = str if crm == "hubspot" else field_name
    return json.dumps(scorecards(default_boards(), naming), indent=1, ensure_ascii=False) + "\n"


def refresh() -> int:
    """Rewrite the generated files of the repository, and return how many there are."""
    files = checked_in()
    for target, text in files.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return len(files)
