"""Every table that a command prints has rows, and a heading over each column."""

from collections.abc import Callable

from pipeline.passes import BACKFILL
from tests.stage import Stage

Open = Callable[..., Stage]


def headings_of(text: str) -> list[list[str]]:
    """Return the headings of every table, which heavy bars separate; each must have a row."""
    lines = text.splitlines()
    places = [place for place, line in enumerate(lines) if "┃" in line]
    assert not [place for place in places if lines[place + 2].startswith("└")], f"an empty table:\n{text}"
    return [[cell.strip() for cell in lines[place].strip("┃").split("┃")] for place in places]


def test_tables_have_rows_and_headings(hubspot: Open) -> None:
    stage = hubspot(30)
    before = [("status",), ("check",), ("provision", "--dry-run"), ("provision",), ("provision",)]
    said = [stage.leadgauge(*words) for words in before]
    stage.do(BACKFILL)
    lead = stage.people()[0]
    after: list[tuple[str, ...]] = [
        *(("status",), ("leads",), ("leads", "--moved"), ("explain", lead), ("explain", lead, "--history")),
        *(("plan",), ("plan", "--lead", lead), ("check",), ("provision", "--remove", "--orphans", "--yes")),
        *(("provision", "--remove", "--dry-run"), ("provision", "--remove", "--yes")),
    ]
    said += [stage.leadgauge(*words) for words in after]
    assert not [done.stderr for done in said if "Traceback" in done.stderr]
    tables = [headings for done in said for headings in headings_of(done.stdout)]
    assert len(tables) >= len(before) + 3
    assert all(all(headings) for headings in tables), tables
