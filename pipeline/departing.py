"""Departing: empty the fields of leads that are no longer scored although the CRM has them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from pipeline.job import Job
from pipeline.removals import FEWEST
from store import Lease
from store.leads.departing import Why
from vocabulary.outputs import OUT_OF_SCOPE, STATUS
from vocabulary.writes import Row, Value

ROWS: Final = 5_000


@dataclass
class Departing:
    """Empties or marks the fields of the leads of a connection that departed."""

    job: Job
    lease: Lease
    accept: bool
    emptied: int = 0
    refused: int = 0
    reasons: list[str] = field(default_factory=list)
    """Why it waits for a person."""

    def run(self) -> None:
        """Write the rows, unless they are more than the guard allows."""
        count = self.job.departures.count()
        if not count:
            return
        known, share = self.job.removals.leads() + count, self.job.connection.write.guard
        if not self.accept and count > max(FEWEST, share * known):
            self.reasons.append(
                f"The fields of {count:,} leads that are no longer scored (outside the filter, or excluded) would be"
                f" emptied; `guard` allows {share:.0%} of {known:,}. Nothing was emptied. If it is right, run"
                " `leadgauge sync --accept`."
            )
            return
        while rows := self.job.departures.rows(ROWS):
            if not self._write(rows):
                return

    def _write(self, found: Sequence[tuple[Row, Why]]) -> bool:
        """Write some rows; return whether there was progress, since refused ones stay for the next pass."""
        rows = [row for row in (self._row(*each) for each in found) if row.values]
        done = {row.lead for row, _ in found} - {row.lead for row in rows}
        emptied: set[str] = set()
        for answers in self.job.connector.push(rows) if rows else ():
            emptied |= {one.lead for one in answers if one.refusal is None}
            done |= {one.lead for one in answers if one.refusal is None or one.refusal.gone}
            self.refused += sum(one.refusal is not None and not one.refusal.gone for one in answers)
        self.emptied += len(emptied)
        self.job.departures.settle(done, self.lease)
        return bool(done) and not self.refused

    def _row(self, row: Row, why: Why) -> Row:
        """Return what to write: nothing or a mark for leads outside the filter, as the settings say."""
        how = self.job.connection.write.outside if why == "outside" else "empty"
        if how == "keep":
            return Row(row.lead, {})
        held = {name: value for name, value in row.values.items() if name in self._fields}
        marks: dict[str, Value] = {name: OUT_OF_SCOPE for name in held if name.endswith(STATUS)}
        return Row(row.lead, {**held, **(marks if how == "mark" else {})})

    @cached_property
    def _fields(self) -> frozenset[str]:
        """The outputs that the CRM has fields for: those written now, and those written before and not removed."""
        return frozenset({*self.job.outputs, *(one.output for one in self.job.crm_fields.list())})
