"""Compare what is installed with published advisories: `make audit`, or `make audit ADVISORIES=folder`.

Without a folder, pip-audit asks the package index. Where that cannot be reached, a clone of
https://github.com/pypa/advisory-database does. Nothing compared is a failure, never a pass.
"""

import subprocess
import sys
import tomllib
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version
from ruamel.yaml import YAML

from reference.third_party import ROOT, pinned

LOCKS: Final = ("requirements-image.lock", "requirements-demo.lock")
INDEX: Final = "https://pypi.org/pypi/pip/26.0/json"
FOUND: Final = 1
NOTHING_COMPARED: Final = 2
_UNREACHABLE: Final = """\
audit: the package index cannot be asked ({error}). Nothing was compared with any advisory.
  Try again where https://pypi.org can be reached, or clone https://github.com/pypa/advisory-database elsewhere
  and name its folder: make audit ADVISORIES=folder"""


def main(words: Sequence[str]) -> int:
    """Return the exit code: 0 if something was compared and nothing was found."""
    return by_folder(Path(words[0])) if words else by_index()


def by_index() -> int:
    """Let pip-audit ask the package index about each lock."""
    try:
        urllib.request.urlopen(INDEX, timeout=10).close()
    except OSError as error:
        print(_UNREACHABLE.format(error=error), file=sys.stderr)  # noqa: T201 - a command
        return NOTHING_COMPARED
    tool = [sys.executable, "-m", "pip_audit", "--strict", "--require-hashes", "--disable-pip", "--requirement"]
    return max(subprocess.run([*tool, lock], cwd=ROOT, check=False).returncode for lock in LOCKS)  # noqa: S603 - ours


def by_folder(folder: Path) -> int:
    """Compare the locks, and the lowest versions that pyproject.toml allows, with a clone of the database."""
    if not (folder / "vulns").is_dir():
        print(f"audit: {folder} has no folder vulns. Nothing was compared with any advisory.", file=sys.stderr)  # noqa: T201
        return NOTHING_COMPARED
    looked_at = {**{lock: pinned(ROOT / lock) for lock in LOCKS}, "pyproject.toml": lowest()}
    found = [f"{file}: {hit}" for file, versions in looked_at.items() for hit in advisories(folder, versions)]
    count = sum(map(len, looked_at.values()))
    print("\n".join([*found, f"audit: {count} versions compared, {len(found)} with advisories"]))  # noqa: T201
    return FOUND if found else 0


def lowest() -> dict[str, str]:
    """Return the lowest version of each direct dependency, extras included, but for the tools of developers."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [extra for name, extra in project["optional-dependencies"].items() if name not in {"dev", "sandbox"}]
    asked = map(Requirement, [*project["dependencies"], *(one for extra in extras for one in extra)])
    return {one.name: bound.version for one in asked for bound in one.specifier if bound.operator in {">=", "=="}}


def advisories(folder: Path, versions: Mapping[str, str]) -> Iterator[str]:
    """Yield the advisories that affect these versions of packages."""
    for name, version in versions.items():
        for file in sorted((folder / "vulns" / canonicalize_name(name)).glob("*.yaml")):
            told = YAML(typ="safe").load(file)
            if "withdrawn" not in told and any(_affects(one, version) for one in told.get("affected", ())):
                yield f"{name} {version} has {told['id']} ({', '.join(told.get('aliases', ()))})"


def _affects(affected: Mapping[str, Any], version: str) -> bool:
    ranges = [one for one in affected.get("ranges", ()) if one["type"] == "ECOSYSTEM"]
    listed = version in affected.get("versions", ())
    return listed or any(_within(one["events"], Version(version)) for one in ranges)


def _within(events: Sequence[Mapping[str, str]], version: Version) -> bool:
    """Return whether a version lies between an event that begins and the next that ends."""
    inside = False
    ordered = sorted(((kind, Version(bound)) for event in events for kind, bound in event.items()), key=itemgetter(1))
    for kind, bound in ordered:
        if kind == "introduced":
            inside = inside or version >= bound
        elif kind == "fixed":
            inside = inside and version < bound
        elif kind == "last_affected":
            inside = inside and version <= bound
    return inside


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
