"""Runs in words: how they ended, how long they took, and their figures."""

from collections.abc import Iterator, Mapping
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
COMMANDS: Final = {
    "Look at `leadgauge plan`; then run `leadgauge backfill --yes`, or `leadgauge sync --accept` beside a daemon.": (
        "The page of the run shows the plan; an approver accepts it there."
    ),
    "Look at `leadgauge plan`, then run `leadgauge sync --accept` or revert the scorecard.": (
        "The page of the run shows the plan: an approver accepts it there, or the scorecard is changed back."
    ),
    "`leadgauge status` names the fields. Run `leadgauge sync --accept`, or set `write.drift: report`.": (
        "The page of the run shows the plan: an approver accepts it there, or set `write.drift: report`."
    ),
    "If they were really removed, run `leadgauge sync --accept`.": (
        "If they were really removed, an approver accepts that on the page of the removals."
    ),
    "Change the scorecard, or release its writes with `--accept`.": (
        "Change the scorecard, or ask an approver to accept on the page of the run what is held."
    ),
}
"""What reasons to hold tell people to do at a terminal, and how a page says it."""
LEVELS: Final = {"running": "busy", "done": "well", "refused": "warn", "stopped": "warn", "broken off": "warn"}


def state(run: Run) -> str:
    """Return how a run ended, in words."""
    if by := _accepted_by(run):
        return f"was held, accepted by {by}"
    return STATES[run.state]


def _accepted_by(run: Run) -> str:
    """Return who accepted what a run held; empty if nobody did."""
    return str(run.counts["accepted"]["by"]) if run.state == "held" and run.counts.get("accepted") else ""


def told(run: Run) -> str:
    """Return what a run says of itself, with what to do in words of the page instead of commands."""
    return on_page(run.message)


def on_page(text: str) -> str:
    """Return a reason to hold, with what is done on the page of its run instead of commands."""
    for command, words in COMMANDS.items():
        text = text.replace(command, words)
    return text


def counts(run: Run) -> Mapping[str, int | None]:
    """Return the figures of a run in the list; an undo wrote what it restored."""
    names = ("leads", "scored", "written", "refused", "calls")
    return {name: run.counts.get(name) or None for name in names} | (
        {"written": run.counts["restored"] or None} if "restored" in run.counts else {}
    )


def level(run: Run) -> str:
    """Return how a state is coloured."""
    return "well" if _accepted_by(run) else LEVELS.get(run.state, "stop")


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
