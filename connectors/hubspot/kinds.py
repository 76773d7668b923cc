"""Which kind of activity a form or a page stands for, by its name or address."""

import re
from collections.abc import Callable, Sequence
from functools import cache

from connectors.hubspot.settings import Becomes

KindOf = Callable[[str | None, str | None], str]


def kinds(patterns: Sequence[Becomes], otherwise: str) -> KindOf:
    """Return a function from name and URL to kind: that of the first pattern found in either, else `otherwise`."""
    compiled = [(re.compile(entry.match, re.IGNORECASE), entry.kind) for entry in patterns]

    @cache
    def kind_of(name: str | None, url: str | None) -> str:
        texts = [_words(text) for text in (name, url) if text]
        return next((kind for pattern, kind in compiled if any(map(pattern.search, texts))), otherwise)

    return kind_of


def _words(text: str) -> str:
    """Read `/request-a_demo` as words, so that a pattern's word ends are found."""
    return text.replace("_", " ").replace("-", " ")
