"""The letters of a grade, best first."""

from typing import Any, Final, Literal, get_args

Letter = Literal["A+", "A", "A-", "B+", "B", "B-", "C+", "C", "C-", "D+", "D", "D-", "F"]
Column = Literal["A", "B", "C", "D", "F", "?"]
LETTERS: Final[tuple[str, ...]] = get_args(Letter)
COLUMNS: Final[tuple[Column, ...]] = get_args(Column)
UNKNOWN: Final = "?"


def rank(letter: str) -> int:
    """Return a letter's rank: the greater the better, F being 0."""
    return len(LETTERS) - 1 - LETTERS.index(letter)


def ranks(written: Any) -> tuple[int, int]:
    """Return the worst and the best rank that a written grade means: a bare letter means any sign."""
    text = str(written).strip().upper()
    if text == UNKNOWN:
        raise ValueError("the grade ? is unknown: write known: false")
    if text not in LETTERS:
        raise ValueError(f"there is no grade '{written}': the grades are {', '.join(LETTERS)}")
    meant = [rank(letter) for letter in LETTERS if letter == text or (len(text) == 1 and letter[0] == text)]
    return min(meant), max(meant)
