"""The size of the runtime, by package, from its lock and from what was installed: `python -m reference.sizes`."""

import re
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import Final

from config.docs import BLOCK, FOLDER, table
from reference.third_party import ROOT, pinned

LOCK: Final = ROOT / "requirements.lock"
PAGE: Final = FOLDER / "deploy.md"
MB: Final = 1_000_000


def taken(package: Distribution) -> int:
    """Return the bytes in the files of a package. Bytecode does not count."""
    return sum(Path(file.locate()).stat().st_size for file in package.files or () if file.suffix != ".pyc")


def sizes() -> dict[str, int]:
    """Return the bytes that each package of the runtime takes, the largest first."""
    found = {name: taken(distribution(name)) for name in pinned(LOCK)}
    return dict(sorted(found.items(), key=lambda one: (-one[1], one[0])))


def listed() -> str:
    """Return the packages with their size in MB; those below 1 MB in one line."""
    found = sizes()
    small = [name for name, size in found.items() if size < MB]
    rows = [[name, _mb(size)] for name, size in found.items() if size >= MB]
    rows += [[f"{len(small)} more: {', '.join(sorted(small))}", _mb(sum(found[name] for name in small))]]
    return table(["package", "MB"], [*rows, ["together", _mb(sum(found.values()))]])


def _mb(size: int) -> str:
    return f"{size / MB:.1f}"


def rendered(text: str) -> str:
    """Return the page with an up-to-date list."""

    def block(match: re.Match[str]) -> str:
        assert match["what"] == "sizes"
        return f"<!-- sizes -->\n\n{listed()}\n\n<!-- end -->"

    return BLOCK.sub(block, text)


if __name__ == "__main__":
    PAGE.write_text(rendered(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
