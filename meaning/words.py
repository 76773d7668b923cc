"""Fold text to plain words, find words of several languages in it, and do so once per distinct text.

The words come from site visitors and CRM users, so they are matched by Rust's linear-time engine. Its fast path knows
no Unicode word boundaries, so patterns use those of ASCII: folded Latin words are ASCII.
"""

from collections.abc import Callable, Iterable
from typing import Final

import polars as pl

Tell = Callable[[pl.DataFrame], pl.DataFrame]
"""Adds a column `told` to a frame of distinct texts, which has the column `text`."""
_REMEMBERED: Final = 100_000
"""Distinct texts whose meaning is kept; a table of job titles repeats itself from page to page."""


def folded(text: pl.Expr) -> pl.Expr:
    """Return lower-case words without accents or punctuation: `#demoForm` becomes `demo form`, `Démo` is `demo`."""
    spaced = text.str.replace_all(r"(\p{Ll})(\p{Lu})", "$1 $2").str.replace_all(r"(\p{Lu})(\p{Lu}\p{Ll})", "$1 $2")
    # Only Latin accents are dropped: U+3099 belongs to the Japanese letter before it.
    bare = spaced.str.normalize("NFKD").str.replace_all(r"[\u0300-\u036f]", "").str.normalize("NFKC")
    plain = bare.str.to_lowercase().str.replace_all("ß", "ss", literal=True).str.replace_all("ø", "o", literal=True)
    return plain.str.replace_all(r"[^\p{L}\p{N}]+", " ").str.strip_chars()


def ascii_words(pattern: str) -> str:
    r"""Return a pattern whose `\b` and `\w` are those of ASCII."""
    return pattern.replace(r"\b", r"(?-u:\b)").replace(r"\w", "[a-z0-9]")


def pattern(terms: Iterable[str]) -> str:
    """Return one pattern for terms of folded text: whole words, except where the script has no spaces."""
    spaced: list[str] = []
    unspaced: list[str] = []
    for term in terms:
        (unspaced if _is_unspaced(term) else spaced).append(ascii_words(term))
    words = [rf"(?-u:\b)(?:{'|'.join(spaced)})(?-u:\b)"] if spaced else []
    return "|".join([*words, *unspaced])


def by_distinct(text: pl.Expr, tell: Tell) -> pl.Expr:
    """Return what a function tells about each text, asking it once per distinct text."""
    known: dict[str, tuple[str | None]] = {}

    def told(values: pl.Series) -> pl.Series:
        distinct = values.unique().drop_nulls()
        # Pages are read in parallel, and another thread may clear what is remembered: take it out first.
        here = {one: found for one in distinct if (found := known.get(one))}
        if fresh := [one for one in distinct if one not in here]:
            frame = pl.DataFrame({"text": fresh}, {"text": pl.String})
            new = {one: (meant,) for one, meant in zip(fresh, tell(frame)["told"], strict=True)}
            here.update(new)
            if len(known) > _REMEMBERED:
                known.clear()
            known.update(new)
        return pl.Series(values.name, [None if one is None else here[one][0] for one in values], pl.String)

    return text.map_batches(told, return_dtype=pl.String(), is_elementwise=True)


def _is_unspaced(term: str) -> bool:
    return any(ord(letter) >= ord("\u3000") for letter in term)
