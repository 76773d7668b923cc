"""Guessing which of some known names was meant."""

import re
from collections.abc import Iterable
from difflib import get_close_matches


def closest(written: str, known: Iterable[str]) -> str | None:
    """Return the known name that was probably meant; capitals, spaces, `_` and `-` make no difference."""
    folded = {_folded(name): name for name in known}
    close = get_close_matches(_folded(written), folded, n=1)
    return folded[close[0]] if close else None


def meant(written: str, known: Iterable[str]) -> str:
    """Return a question after the name that was probably meant, with a space behind it; nothing if none is close."""
    near = closest(written, known)
    return f"Did you mean {near!r}? " if near else ""


def _folded(name: str) -> str:
    return re.sub(r"[\s_-]+", "", name).lower() or name
