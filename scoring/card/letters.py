"""The letters of a grade, best first."""

from typing import Any, Final, Literal, get_args

Letter = Literal["A+", "A", "A-", "B+", "B", "B-", "C+", "C", "C-", "D+", "D", "D-", "F"]
Column = Literal["A", "B", "C", "D", "F", "?"]
LETTERS: Final[tuple[str, ...]] = get_args(Letter)
COLUMNS: Final[tuple[Column, ...]] = get_args(Column)
UNKNOWN: Final = "?"


def rank(letter: str) -> int:
    """Return the rank of a letter: 0 for F, higher for better grades."""
    return len(LETTERS) - 1 - LETTERS.index(letter)


def ranks(written: Any) -> tuple[int, int]:
    """Return the worst and the best rank of a grade. A letter without a sign includes those with one."""
    text = str(written).strip().upper()
    if text == UNKNOWN:
        raise ValueError("the grade ? means unknown: write known: false")
    if text not in LETTERS:
        raise ValueError(f"there is no grade '{written}': use one of {', '.join(LETTERS)}")
    meant = [rank(letter) for letter in LETTERS if letter == text or (len(text) == 1 and letter[0] == text)]
    return min(meant), max(meant)
