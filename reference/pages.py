"""Which pages have blocks that are generated, and how each block is made."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from config.docs import BLOCK
from reference.commands import commands
from reference.errors import errors
from reference.metrics import metrics
from reference.outputs import outputs

PAGES: Final = ("commands.md", "outputs.md", "metrics.md", "errors.md")
MADE: Final[Mapping[str, Callable[[], str]]] = {
    "commands": commands,
    "outputs": outputs,
    "metrics": metrics,
    "errors": errors,
}


def rendered(text: str) -> str:
    """Return a page with up-to-date blocks between the marks `<!-- NAME -->` and `<!-- end -->`."""

    def block(match: re.Match[str]) -> str:
        return f"<!-- {match['what']} -->\n\n{MADE[match['what']]()}\n\n<!-- end -->"

    return BLOCK.sub(block, text)
