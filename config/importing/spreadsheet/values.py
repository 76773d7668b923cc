"""What people write as values: ranges, lists, yes and no, words to look for, everything else."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal

import polars as pl

from config.importing.card import plain
from meaning.numbers import ends, number
from vocabulary.fields import FLAGS

Type = Literal["text", "number", "flag", "time", "any"]

_OTHER: Final = re.compile(
    r"\(?(any |all )?(others?|else|everything else|anything else"
    r"|sonstige[srn]?|alle anderen|andere|autres?|otros?|altri)\)?",
    re.IGNORECASE,
)
_MISSING: Final = re.compile(
    r"\(?(unknown|missing|empty|blank|none given|not (set|known|given)|no value|n/?a|null"
    r"|unbekannt|leer|k\.? ?a\.?)\)?",
    re.IGNORECASE,
)
_KNOWN: Final = re.compile(
    r"\(?(any|known|exists?|is set|filled( in)?|has (a )?value|\*|vorhanden|bekannt)\)?", re.IGNORECASE
)
_AGO: Final = re.compile(
    r"(?:in |within )?(?:the )?(?:last|past|within|less than|<)\s*(\d+)\s*(day|week|month|year)s?(?: ago)?",
    re.IGNORECASE,
)
_OLDER: Final = re.compile(r"(?:more than|over|older than|>)\s*(\d+)\s*(day|week|month|year)s?(?: ago)?", re.IGNORECASE)
DAYS: Final[Mapping[str, int]] = {"day": 1, "week": 7, "month": 30, "quarter": 90, "year": 365}
_FROM: Final = re.compile(
    r"(.*\d.*?)\s*(?:\+|and (?:more|above|over|up)|or (?:more|above|over)|und mehr|oder mehr|et plus)", re.IGNORECASE
)
_TO: Final = re.compile(
    r"(.*\d.*?)\s*(?:or (?:less|fewer|below|under)|and (?:less|below|under)|und weniger|oder weniger)", re.IGNORECASE
)
_SIGNED: Final = re.compile(
    r"(<=|≤|=<|up to|at most|max\.?|>=|≥|=>|at least|min\.?|from|<|below|under|less than|fewer than|unter|weniger als"
    r"|>|above|over|more than|über|mehr als|=)\s*(.*\d.*)",
    re.IGNORECASE,
)
_OPERATORS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("<=", "≤", "=<", "up to", "at most", "max", "max."), "at_most"),
    **dict.fromkeys((">=", "≥", "=>", "at least", "min", "min.", "from"), "at_least"),
    **dict.fromkeys(("<", "below", "under", "less than", "fewer than", "unter", "weniger als"), "below"),
    **dict.fromkeys((">", "above", "over", "more than", "über", "mehr als"), "above"),
    "=": "is",
}
_NOT: Final = re.compile(r"(?:is )?(?:not|nicht|no)(?: in| one of| any of)?\s*:?\s+(.+)", re.IGNORECASE | re.DOTALL)
_CONTAINS: Final = re.compile(
    r"(?:contains?|includes?|including|enthält|contient)\s*:?\s+(.+)", re.IGNORECASE | re.DOTALL
)
_STARTS: Final = re.compile(r"(?:starts? with|begins? with|beginnt mit)\s*:?\s+(.+)", re.IGNORECASE | re.DOTALL)
_ENDS: Final = re.compile(r"(?:ends? with|endet (?:mit|auf))\s*:?\s+(.+)", re.IGNORECASE | re.DOTALL)
_MARKS: Final = "\"'`\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb"
_UNIT: Final = (
    r"(?:k|m|mm|mn|mln|mio|tsd|bn?|mrd|million|thousand|billion)?\.?\s*(?:%|percent|[€$£¥]|usd|eur|gbp|chf"
    r"|employees|people|users|seats|fte|staff|mitarbeiter|times?|x|visits?|views?|pages?|opens?|clicks?)?"
)
_NUMBER: Final = re.compile(
    rf"[+\-\u2212]?\s*[€$£¥]?\s*[+\-\u2212]?\d[\d.,'\u2019 \u00a0\u202f]*\s*{_UNIT}", re.IGNORECASE
)
_ZEROS: Final = re.compile(r"0\d+")
"""Digits that are no number but a code: `01067`."""


@dataclass(frozen=True, slots=True)
class Value:
    """What a cell asks of a field."""

    operator: str
    """An operator of a scorecard, or `otherwise` or `missing`."""
    operand: Any
    type: Type


def value(text: str) -> Value:
    """Return what a cell with something in it asks for."""
    said = " ".join(text.split())
    for pattern, operator in ((_OTHER, "otherwise"), (_MISSING, "missing")):
        if pattern.fullmatch(said):
            return Value(operator, None, "any")
    if _KNOWN.fullmatch(said):
        return Value("known", operand=True, type="any")
    return _of_time(said) or _of_number(said) or _of_flag(said) or _of_text(text)


def _of_time(said: str) -> Value | None:
    for pattern, operator in ((_AGO, "within"), (_OLDER, "older_than")):
        if found := pattern.fullmatch(said):
            return Value(operator, f"{int(found[1]) * DAYS[found[2].lower()]}d", "time")
    return None


def _of_number(said: str) -> Value | None:
    if (alone := _bound(said)) is not None:
        return Value("is", plain(alone), "number")
    for pattern, operator in ((_FROM, "at_least"), (_TO, "at_most")):
        if (found := pattern.fullmatch(said)) and (bound := _bound(found[1])) is not None:
            return Value(operator, plain(bound), "number")
    if found := _SIGNED.fullmatch(said):
        bound = _bound(found[2])
        return None if bound is None else Value(_OPERATORS[found[1].lower()], plain(bound), "number")
    return _of_range(said)


def _of_range(said: str) -> Value | None:
    parts = re.fullmatch(
        r"(?:from |between |von )?(.*?\d.*?)\s*(?:-|\u2013|\u2014|to|and|bis|und|\.\.\.?)\s*(\D?\d.*)", said
    )
    if not parts or not all(_NUMBER.fullmatch(part.strip()) for part in parts.groups()):
        return None
    low, high = spanned(said)
    return None if low is None or high is None or low > high else Value("between", [plain(low), plain(high)], "number")


def _bound(text: str) -> float | None:
    """Return the number that a text is, with or without a unit; None for `2nd` and for codes such as `01067`."""
    said = text.strip()
    return numbered(said) if _NUMBER.fullmatch(said) and not _ZEROS.fullmatch(said) else None


def _of_flag(said: str) -> Value | None:
    meant = {**FLAGS, "ja": True, "nein": False, "oui": True, "non": False, "sí": True, "y": True, "n": False}
    found = meant.get(said.lower()) if said not in {"1", "0"} else None
    return None if found is None else Value("is", found, "flag")


def _of_text(text: str) -> Value:
    said = text.strip()
    for pattern, one, several in (
        (_NOT, "is_not", "not_in"),
        (_CONTAINS, "contains", "contains_any"),
        (_STARTS, "starts_with", ""),
        (_ENDS, "ends_with", ""),
    ):
        if found := pattern.fullmatch(said):
            return _listed(one, several, entries(found[1]))
    listed = entries(said)
    if listed and all("*" in one for one in listed):
        return _wild(listed)
    return _listed("is", "in", listed)


def _listed(one: str, several: str, listed: Sequence[str]) -> Value:
    if len(listed) == 1 or not several:
        return Value(one, listed[0] if len(listed) == 1 else list(listed), "text")
    return Value(several, list(listed), "text")


def _wild(listed: Sequence[str]) -> Value:
    """Return what `*director*` or `/pricing*` asks for."""
    bare = [one.strip("*") for one in listed]
    if all(one.startswith("*") and one.endswith("*") for one in listed) and not any("*" in one for one in bare):
        return _listed("contains", "contains_any", bare)
    if len(listed) == 1 and "*" not in bare[0]:
        return Value("ends_with" if listed[0].startswith("*") else "starts_with", bare[0], "text")
    parts = "|".join(re.escape(one).replace(r"\*", ".*") for one in listed)
    return Value("matches", f"^({parts})$", "text")


def entries(text: str) -> list[str]:
    """Return the entries of a list: separated by `;`, `|` or line breaks, or else by commas."""
    said = re.sub(r"<br\s*/?>", "\n", text)
    parts = re.split(r"[;|\n]", said)
    if len(parts) == 1:
        parts = re.split(r",(?!\d{3}\b)", said)
    bare = [part.strip(" ,\t\r").strip(_MARKS).strip() for part in parts]
    return list(dict.fromkeys(part for part in bare if part)) or [text.strip()]


@cache
def numbered(text: str) -> float | None:
    """Return the number in a text: `1,500`, `12,5`, `10k`, `25%`; None if it is none."""
    found: float | None = pl.DataFrame({"text": [text]}).select(number(pl.col("text")))["text"].item()
    return found


@cache
def spanned(text: str) -> tuple[float | None, float | None]:
    """Return both ends of a range; None if a text is none."""
    low, high = ends(pl.col("text"))
    frame = pl.DataFrame({"text": [text]}).select(low.alias("low"), high.alias("high"))
    return frame["low"].item(), frame["high"].item()
