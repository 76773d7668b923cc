"""The copies of `crm/card`, since neither HubSpot nor Salesforce takes a file from outside its project."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
CARD: Final = HERE / "card"


def copies(folder: str) -> Iterator[tuple[str, str]]:
    """Yield the paths and texts of the shared modules, as files of a folder."""
    for module in sorted(CARD.glob("*.js")):
        if "." not in module.stem:  # not those that test them
            head = f"// Copied from crm/card/{module.name}: change it there, and run `python -m crm`.\n"
            yield f"{folder}/{module.name}", head + module.read_text(encoding="utf-8")
