"""Runs in words: how they ended, how long they took, and their figures."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from pages.rendering import count, when
from store import Run
from vocabulary.units import how_long

LABELS: Final = {
    "total": "leads that the CRM has",
    "pages": "pages read",
    "leads": "leads read",
    "activities": "activities read",
    "gone": "leads that left",
    "deleted": "reported as deleted by the CRM",
    "excluded": "excluded by the settings",
    "emptied": "whose fields were emptied or marked",
    "returned": "leads that returned",
    "merged": "merged leads",
    "ahead": "leads with later results in the CRM than here",
    "to_score": "to be scored",
    "scored": "scored",
    "unchanged": "needed no write",
    "pending": "to be written after scoring",
    "to_write": "waited when writing began",
    "written": "written",
    "refused": "refused by the CRM",
    "restored": "restored",
    "already": "held their earlier values already",
    "later": "written again by later runs, also undone",
    "kept": "left, since someone else had changed them",
    "outside": "outside the filter since",
    "unknown": "with an earlier value that is not known",
    "calls": "calls to the CRM",
    "calls_left": "calls left that day",
}
"""What the counts of a run are called, in the order in which they are shown."""
ALWAYS: Final = frozenset({"leads", "scored", "written", "refused", "calls"})
"""Those that say something even if they are nothing."""
STATES: Final = {
    "running": "running",
    "done": "done",
    "refused": "done; the CRM refused some rows",
    "held": "held: waits for a person",
    "stopped": "stopped; the next one resumes",
    "failed": "failed",
    "broken off": "broken off; the next one resumes",
}
LEVELS: Final = {"running": "busy", "done": "well", "refused": "warn", "stopped": "warn", "broken off": "warn"}


def level(run: Run) -> str:
    """Return how a state is coloured."""
    return LEVELS.get(run.state, "stop")


def duration(run: Run) -> str:
    """Return how long a run took."""
    return "—" if run.finished_at is None else how_long((run.finished_at - run.started_at).total_seconds())


def figures(run: Run) -> Iterator[tuple[str, str]]:
    """Yield the figures of a run with what they count."""
    for name, words in LABELS.items():
        value = run.counts.get(name)
        if isinstance(value, int) and (value or name in ALWAYS):
            yield count(value), words


def remarks(run: Run) -> Iterator[str]:
    """Yield who asked for a run, who accepted it, and by what it judged."""
    if by := run.counts.get("asked_by"):
        yield f"Asked for by {by}."
    if accepted := run.counts.get("accepted"):
        yield f"Accepted by {accepted['by']} on {when_text(accepted['at'])} UTC."
    if judged := run.counts.get("judged_by"):
        yield f"Scored by {', '.join(judged.values())}."
    if of := run.counts.get("of"):
        yield f"Undid run {of}."


def when_text(moment: str) -> str:
    """Return a time that a run keeps as text."""
    return when(datetime.fromisoformat(moment))
