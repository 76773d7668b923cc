"""The first write of a scorecard: a pass asks for it, unless the settings say `write.first: go`.

Until it is allowed, passes read, score and stage, and everything waits in the outbox.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from connectors.base import Cost
from pipeline.guard import holds_back, is_undone
from pipeline.job import ActiveScorecard, Job
from store import Lease
from vocabulary.outputs import Of
from vocabulary.units import counted, how_long

WAITS: Final = "first_write"
"""The note in a run with what it would have written."""


@dataclass(frozen=True, slots=True)
class FirstWrite:
    """What the first write of a scorecard would write."""

    scorecard: str
    of: Of
    leads: int
    """How many leads or accounts."""
    cost: Cost
    priorities: Mapping[str, int]
    """How many of the leads have each priority, best first, or `none`."""

    @property
    def summary(self) -> str:
        """What would be written, as a sentence."""
        leads = counted(self.leads, self.of)
        calls = "1 call" if self.cost.calls == 1 else f"{self.cost.calls:,} calls"
        return (
            f"{self.scorecard} would write {leads} for the first time{self._parts}: {calls}, about"
            f" {how_long(self.cost.seconds)}."
        )

    @property
    def sentence(self) -> str:
        """What would be written, and what to do."""
        return (
            f"{self.summary} Nothing was written. Look at `leadgauge plan`; then run `leadgauge backfill --yes`, or"
            " `leadgauge sync --accept` beside a daemon."
        )

    @property
    def _parts(self) -> str:
        return f" ({', '.join(f'{name} {leads:,}' for name, leads in self.priorities.items())})"

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {"summary": self.summary} | asdict(self)


@dataclass(frozen=True, slots=True)
class Asking:
    """Asks for the first writes of a connection's scorecards, or allows them."""

    job: Job
    lease: Lease
    yes: bool
    """Whether the person who started the pass has said yes."""

    def before(self, run: int) -> None:
        """Before a pass writes anything: allow the first writes, or block them until the pass has scored."""
        for box in self.job.boxes:
            outbox, held = box.outbox, box.outbox.held()
            if outbox.allowed() or holds_back(self.job, held):
                continue
            if not self._goes:
                if held is None:
                    outbox.begin(run, self.lease)
                continue
            if held:
                outbox.release(held.run)
            outbox.allow()

    def waits(self, active: ActiveScorecard) -> bool:
        """Return whether the outbox is held for its first write, and nothing else."""
        held = active.outbox.held()
        return held is not None and not active.outbox.allowed() and not holds_back(self.job, held)

    def after(self, active: ActiveScorecard, run: int) -> FirstWrite | None:
        """After scoring, hold the outbox and return what it would write; None if it may write, or has nothing to.

        While a person's undo holds the outbox, that is what it waits for.
        """
        outbox, held = active.outbox, active.outbox.held()
        if outbox.allowed() or (held and is_undone(self.job, active, held)):
            return None
        if self._goes:
            outbox.allow()
            return None
        first = first_write(self.job, active)
        if first is None:
            return None
        owner = held.run if held and not holds_back(self.job, held) else run
        outbox.hold(owner, first.sentence, self.lease)
        return first

    @property
    def _goes(self) -> bool:
        return self.yes or self.job.connection.write.first == "go"


def first_write(job: Job, active: ActiveScorecard) -> FirstWrite | None:
    """Return what the outbox waits to write; None if that is nothing."""
    waiting = active.outbox.waiting("lead_priority")
    leads = sum(waiting.values())
    if not leads:
        return None
    priorities = {name or "none": waiting[name] for name in (*active.card.priorities, None) if name in waiting}
    return FirstWrite(active.name, active.of, leads, job.connector.cost_of_push(leads), priorities)
