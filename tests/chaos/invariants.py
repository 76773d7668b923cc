"""Invariants. Each is a function that returns its violations; its docstring states it.

Those in `PASSES` hold after every pass, those in `ENDS` once all faults are over. A failure names the invariant.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from store.sql import schema
from tests.chaos.kept import ALONG
from tests.chaos.seen import OUTPUTS, Ended, Passed
from tests.stage import custom
from vocabulary.outputs import BY_NAME, in_crm

Seen = TypeVar("Seen")
Invariant = Callable[[Seen], Iterator[object]]
NEAR = timedelta(minutes=5)
"""Largest difference between our clock and the CRM's."""
_NAMES = {*schema.OUTPUTS, *(in_crm(BY_NAME[name], "accounts").name for name in schema.OUTPUTS)}
_OURS = {spelled for name in _NAMES for spelled in (name, custom(name), custom(name).replace("__c", "__pc"))}
"""Our fields of leads and of accounts, also as the account of a person shows them."""


def nothing_taken_from_absence(passed: Passed) -> Iterator[object]:
    """The leads of the CRM, their activities, results and write history stay in the database.

    Not activities that people changed: they may be of another kind now, of another lead, or gone.
    """
    there = passed.after.fields.keys() - passed.touched
    for table, rows in passed.before.past.items():
        left = set(passed.after.past[table])
        kept = (row for row in rows if table != "activities" or _record(row[1]) not in passed.after.altered)
        yield from (f"{table} {row}" for row in kept if row[0] in there and row not in left)


def _record(activity: str) -> str:
    return activity.split(":")[1]


def nothing_older(passed: Passed) -> Iterator[object]:
    """No lead in the CRM goes back to an earlier result."""
    before = passed.before.fields
    for lead, fields in passed.after.fields.items():
        was, now = (values.get("lead_scored_at") for values in (before.get(lead, {}), fields))
        if was and lead not in passed.touched and (not now or now < was):
            yield f"{lead} {was} {now}"


def nothing_by_a_wrong_clock(passed: Passed) -> Iterator[object]:
    """No lead in the CRM has a result from the future of the CRM's clock."""
    latest = passed.after.at + NEAR
    for lead, fields in passed.after.fields.items():
        scored = fields.get("lead_scored_at")
        if scored and datetime.fromisoformat(scored).astimezone(UTC) > latest:
            yield f"{lead} {scored}"


def only_our_fields(passed: Passed) -> Iterator[object]:
    """Only fields created by leadgauge are written."""
    return iter(passed.names - _OURS)


def nothing_leaks(passed: Passed) -> Iterator[object]:
    """The log has no token or e-mail address, and credentials go only to their host."""
    yield from (f"log: {secret}" for secret in passed.secrets if secret in passed.log)
    yield from passed.strangers


def nothing_due_is_forgotten(passed: Passed) -> Iterator[object]:
    """What a feed said is due is gone only once it was read."""
    for lead, right in passed.told.items():
        if lead not in passed.due | passed.touched and lead in passed.after.fields and passed.read.get(lead) != right:
            yield f"{lead} is no longer due, and was not read since it became {right}"


def no_traceback(passed: Passed) -> Iterator[object]:
    """Failures of a CRM, a file or a database are reported in a sentence, without a traceback."""
    if "Traceback (most recent call last)" in passed.log:
        yield passed.log[passed.log.index("Traceback (most recent call last)") :][-1_500:]


def no_warning(passed: Passed) -> Iterator[object]:
    """Nothing is used that a library will give up. Polars prints such a warning where it cannot raise it."""
    yield from re.findall(r"^\w+Warning: .*", passed.log, re.MULTILINE)


def nothing_lost(end: Ended) -> Iterator[object]:
    """Everything in the CRM is in the mirror, and every result is in the outbox."""
    return _missing(end.clean, end.kept)


def nothing_doubled(end: Ended) -> Iterator[object]:
    """There are no duplicate leads, activities or outcomes."""
    for table, rows in end.kept.items():
        yield from (f"{table} {row}" for row, times in Counter(map(repr, rows)).items() if times > 1)


def nothing_gone_stays(end: Ended) -> Iterator[object]:
    """The database has nothing that the CRM no longer has or never had."""
    return _missing(end.kept, end.clean)


def nothing_wrong_stays(end: Ended) -> Iterator[object]:
    """The CRM has what a clean run writes, except where a person wrote or a restored database reports drift."""
    wrong = _differing(end.fields, end.clean_fields)
    return (found for found in wrong if found[:2] not in end.meddled and found[0] not in end.reported)


def all_can_be_put_right(end: Ended) -> Iterator[object]:
    """Resending everything leaves the CRM as a clean run does, even where a person wrote."""
    return _differing(end.put_right, end.clean_fields)


def nothing_written_twice(end: Ended) -> Iterator[object]:
    """A pass without changes writes nothing."""
    if end.rewritten:
        yield f"{end.rewritten} leads"


def no_half_card(end: Ended) -> Iterator[object]:
    """No lead is scored by a partly saved scorecard."""
    shown = {fields["lead_scorecard"] for fields in end.fields.values()}
    return iter(shown - end.labels - {None} if end.labels else ())


PASSES: Sequence[Invariant[Passed]] = (
    *(nothing_taken_from_absence, nothing_older, nothing_by_a_wrong_clock),
    *(only_our_fields, nothing_leaks, no_traceback, no_warning, nothing_due_is_forgotten),
)
ENDS: Sequence[Invariant[Ended]] = (
    *(nothing_lost, nothing_doubled, nothing_gone_stays, nothing_wrong_stays),
    *(all_can_be_put_right, nothing_written_twice, no_half_card),
)


def broken(invariants: Sequence[Invariant[Seen]], seen: Seen) -> list[str]:
    """Return a line for each violation, after the invariant's name and statement."""
    return [line for invariant in invariants for line in _said(invariant, list(invariant(seen)))]


MOST = 10
"""Most violations shown per invariant."""


def _said(invariant: Invariant[Any], violations: Sequence[object]) -> Iterator[str]:
    if violations:
        yield f"{invariant.__name__}: {(invariant.__doc__ or '').splitlines()[0]} {len(violations)} violations:"
        yield from (f"    {violation}" for violation in violations[:MOST])


def _missing(rows: Mapping[str, Sequence[Any]], others: Mapping[str, Sequence[Any]]) -> Iterator[str]:
    for table, found in rows.items():
        there = set(map(repr, others[table]))
        yield from (f"{table} {row}" for row in found if repr(row) not in there)


def _differing(shown: Mapping[str, Any], right: Mapping[str, Any]) -> Iterator[tuple[str, str, object, object]]:
    for lead, fields in shown.items():
        for name in OUTPUTS:
            if name not in ALONG and fields[name] != right[lead][name]:
                yield lead, name, fields[name], right[lead][name]
