"""Options of a command as a person can paste them into a shell."""

import re
from typing import Final

PLAIN: Final = re.compile(r"[\w./:=@%+,-]+")


def option(name: str, value: str) -> str:
    """Return an option with its value, quoted if a shell would not take it as one word."""
    if PLAIN.fullmatch(value):
        return f"{name} {value}"
    escaped = re.sub(r'([\\"$`])', r"\\\1", value)
    return f'{name} "{escaped}"'
