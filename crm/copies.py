"""The copies of `crm/card`, since neither HubSpot nor Salesforce takes a file from outside its project."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
CARD: Final = HERE / "card"
# Salesforce's guide imports the files of a component without their ending, as its resolver adds it:
# https://developer.salesforce.com/docs/platform/lwc/guide/js-share-code (2026-11).
ENDING: Final = re.compile(r'(?P<module>"\./\w+)\.js"')


def copies(folder: str, *, endings: bool = True) -> Iterator[tuple[str, str]]:
    """Yield the paths and texts of the shared modules, as files of a folder.

    Without `endings`, they import each other as `./texts`.
    """
    for module in sorted(CARD.glob("*.js")):
        if "." not in module.stem:  # not those that test them
            head = f"// Copied from crm/card/{module.name}: change it there, and run `python -m crm`.\n"
            text = module.read_text(encoding="utf-8")
            yield f"{folder}/{module.name}", head + (text if endings else ENDING.sub(r'\g<module>"', text))
