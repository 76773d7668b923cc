"""Write rows in batches of 100, and find the rows that HubSpot rejects."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, Final

from connectors.hubspot.answers import BAD_REQUEST, CONFLICT, NOT_FOUND, Complaint, NotGranted, Rejected
from connectors.hubspot.targets import Target
from connectors.hubspot.transport import Transport
from vocabulary.doing import span
from vocabulary.writes import Pushed, Refusal, Row, Value

BATCH: Final = 100
_PORTAL_WIDE: Final = frozenset({"PROPERTY_DOESNT_EXIST", "READ_ONLY_VALUE"})
"""Error codes that apply to every row, so that retrying row by row would only waste calls.

"Read-only and non-existent properties will result in an error":
https://developers.hubspot.com/docs/api-reference/2026-03/crm/objects/contacts/batch/update-contacts.md (2026-11).
"""
_CHECK: Final = "Run `leadgauge check`, which names the field."
_OF_VALUES: Final = frozenset({"INVALID_OPTION", "INVALID_INTEGER", "INVALID_LONG", "INVALID_NUMBER", "INVALID_DATE"})
"""Error codes of invalid values. The properties accepted them when they were checked, so they have changed since."""
_HOPELESS: Final = 20
"""Individually refused rows, with none written, after which batches are no longer split."""
_GONE: Final = "OBJECT_NOT_FOUND"


def wire(value: Value, decimals: int = 0) -> str:
    """Format a value for HubSpot: text, integers without a decimal point, ISO 8601 times, empty to clear.

    All values are strings on the wire, and an empty one clears the property:
    https://developers.hubspot.com/docs/api-reference/2026-03/crm/objects/contacts/batch/update-contacts.md (2026-11).
    """
    match value:
        case None:
            return ""
        case datetime():
            return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        case float():
            return _number(value, decimals)
        case _:
            return str(value)


def _number(value: float, decimals: int) -> str:
    """Format a number with our decimals. One with more decimals was written by someone else and is kept exactly."""
    if decimals and round(value, decimals) == value:
        return f"{value:.{decimals}f}"
    return str(round(value)) if value.is_integer() else repr(value)


@dataclass(frozen=True, slots=True)
class Writer:
    """Sends batches in parallel, and yields their answers as they arrive."""

    transport: Transport
    pool: Executor
    parallel: int
    decimals: Mapping[str, int]
    target: Target
    tally: Counter[str] = field(default_factory=Counter)
    """Numbers of rows written, and of rows refused individually."""

    def push(self, rows: Sequence[Row]) -> Iterator[Sequence[Pushed]]:
        """Write rows. Further rows of the same lead go into later batches, so that its last row is written last."""
        for layer in _layers(rows):
            yield from self._push_unique(layer)

    def _push_unique(self, rows: Sequence[Row]) -> Iterator[list[Pushed]]:
        """Keep `parallel` batches running. If one fails, yield the answers of the others before raising."""
        batches = iter([rows[start : start + BATCH] for start in range(0, len(rows), BATCH)])
        running = self._start(batches, self.parallel)
        failure: BaseException | None = None
        try:
            while running:
                done, running = wait(running, return_when=FIRST_COMPLETED)
                answered = [future for future in done if not future.exception()]
                failure = next((error for future in done if (error := future.exception())), failure)
                running |= set() if failure else self._start(batches, len(done))
                for future in answered:
                    yield future.result()
        finally:
            for future in running:
                future.cancel()
        if failure:
            raise failure

    def _start(self, batches: Iterator[Sequence[Row]], count: int) -> set[Future[list[Pushed]]]:
        return {self.pool.submit(self.write, batch) for batch in islice(batches, count)}

    def write(self, rows: Sequence[Row]) -> list[Pushed]:
        """Write a batch. HubSpot refuses all of it for one bad row (recorded), so halve it to isolate that row."""
        with span("push batch", rows=len(rows)):
            return self._write(rows)

    def _write(self, rows: Sequence[Row]) -> list[Pushed]:
        try:
            inputs = [self._input(row) for row in rows]
            # A merge just now leaves its row out, also when asked again at once: what is left out then is looked up.
            answer = self.transport.post("update", {"inputs": inputs}, sure=True, type=self.target.type)
        except Rejected as rejected:
            return self._refused(rows, rejected)
        return [*self._answered(rows, answer)]

    def _input(self, row: Row) -> dict[str, Any]:
        values = {name: wire(value, self.decimals.get(name, 0)) for name, value in row.values.items()}
        return {"id": row.lead, "properties": values}

    @property
    def _hopeless(self) -> bool:
        """Whether the portal refuses every row, so that splitting batches would only waste calls."""
        return not self.tally["written"] and self.tally["refused"] >= _HOPELESS

    def _answered(self, rows: Sequence[Row], answer: Mapping[str, Any]) -> Iterator[Pushed]:
        """Match the answer to the rows by id. A record that it omits may have been merged into another."""
        written = {str(result["id"]) for result in answer["results"]}
        refused = _complaints(answer)
        self.tally["written"] += len(written)
        for row in rows:
            if row.lead in written:
                yield Pushed(row.lead)
            elif row.lead in refused:
                yield Pushed(row.lead, refused[row.lead])
            else:
                yield self._trace(row.lead)

    def _trace(self, lead: str) -> Pushed:
        """Look up a record that an answer omits. If it was merged, HubSpot returns the survivor."""
        try:
            found = str(self.transport.get("object", type=self.target.type, id=lead)["id"])
        except Rejected as rejected:
            if rejected.complaint.status != NOT_FOUND:
                raise
            return Pushed(lead, Refusal(_GONE, f"The {self.target.singular} no longer exists.", gone=True))
        if found == lead:
            message = f"HubSpot's answer does not name this {self.target.singular}."
            return Pushed(lead, Refusal("NO_ANSWER", message, retry=True))
        return Pushed(lead, survivor=found)

    def _refused(self, rows: Sequence[Row], rejected: Rejected) -> list[Pushed]:
        complaint = rejected.complaint
        if isinstance(rejected, NotGranted) or complaint.status not in {BAD_REQUEST, NOT_FOUND, CONFLICT}:
            raise rejected
        if complaint.code in _PORTAL_WIDE:
            raise Rejected("the output fields", complaint, _CHECK, about_fields=True) from rejected
        if len(rows) == 1 or self._hopeless:
            self.tally["refused"] += len(rows)
            return [Pushed(row.lead, _refusal(complaint)) for row in rows]
        middle = len(rows) // 2
        return [*self.write(rows[:middle]), *self.write(rows[middle:])]


def _refusal(complaint: Complaint) -> Refusal:
    message = (
        complaint.message if not complaint.properties else f"{', '.join(complaint.properties)}: {complaint.message}"
    )
    gone = _GONE in {complaint.code, complaint.category}
    return Refusal(complaint.code, message, gone=gone, about_fields=complaint.code in _OF_VALUES)


def _layers(rows: Sequence[Row]) -> list[list[Row]]:
    """Split rows so that no layer contains a lead twice.

    HubSpot refuses such a batch with 400 "Duplicate IDs found in batch input" (recorded).
    """
    layers: list[list[Row]] = []
    seen: dict[str, int] = {}
    for row in rows:
        depth = seen.get(row.lead, 0)
        seen[row.lead] = depth + 1
        if depth == len(layers):
            layers.append([])
        layers[depth].append(row)
    return layers


def _complaints(answer: Mapping[str, Any]) -> dict[str, Refusal]:
    """Return the refusal of each id; one error may list many ids (recorded)."""
    return {
        str(one): Refusal(
            str(error.get("category") or "ERROR"),
            str(error.get("message") or "HubSpot gave no reason."),
            gone=error.get("category") == _GONE,
        )
        for error in answer.get("errors") or []
        for one in (error.get("context") or {}).get("ids") or []
    }
