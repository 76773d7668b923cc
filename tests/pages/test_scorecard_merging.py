"""The merge of a proposal into the scorecard of today, line by line."""

import pytest

from pages.scorecard.merging import Overlap, merged

BASE = "points:\n  vp: 10\n  head: 2\n  lead: 1\nlimit: 3\n"


@pytest.mark.parametrize(
    ("proposal", "today", "expected"),
    [
        (("head: 2", "head: 4"), ("vp: 10", "vp: 11"), "points:\n  vp: 11\n  head: 4\n  lead: 1\nlimit: 3\n"),
        (("head: 2", "head: 4"), ("head: 2", "head: 4"), "points:\n  vp: 10\n  head: 4\n  lead: 1\nlimit: 3\n"),
        (("limit: 3", "limit: 4\nx: 1"), ("points:\n", ""), "  vp: 10\n  head: 2\n  lead: 1\nlimit: 4\nx: 1\n"),
        (("  vp: 10\n", ""), ("limit: 3\n", "limit: 3"), "points:\n  head: 2\n  lead: 1\nlimit: 3"),
    ],
)
def test_changes_that_do_not_meet_are_both_made(
    proposal: tuple[str, str], today: tuple[str, str], expected: str
) -> None:
    """Values side by side do not meet, and what both changed alike is changed once."""
    for side in ("proposal", "today"):
        found = merged(BASE, BASE.replace(*proposal), BASE.replace(*today), side)  # type: ignore[arg-type]
        assert (found.text, list(found.overlaps)) == (expected, [])


def test_lines_that_both_changed_are_told_with_their_place() -> None:
    """Those of today are taken unless those of the proposal are asked for."""
    ours, theirs = (
        BASE.replace("head: 2", "head: 4"),
        BASE.replace("points:", "# new\npoints:").replace("head: 2", "head: 3"),
    )
    found = merged(BASE, ours, theirs)
    assert found.text == theirs
    assert found.overlaps == [Overlap(4, ["  head: 2"], ["  head: 3"], ["  head: 4"])]
    assert merged(BASE, ours, theirs, "proposal").text == theirs.replace("head: 3", "head: 4")


def test_a_line_added_to_what_is_removed_is_an_overlap() -> None:
    """It would end up in the part before it."""
    added, removed = BASE.replace("limit: 3", "  new: 1\nlimit: 3"), BASE.replace("  lead: 1\n", "")
    assert len(merged(BASE, added, removed).overlaps) == 1


def test_two_additions_at_one_place_are_an_overlap() -> None:
    """Nobody can say which comes first."""
    assert len(merged(BASE, BASE + "a: 1\n", BASE + "b: 1\n").overlaps) == 1
