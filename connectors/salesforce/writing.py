"""Write results to leads, contacts and accounts: few through sObject Collections, many through Bulk API 2.0."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from typing import Final

from connectors.base import Cost
from connectors.limits import pause
from connectors.salesforce import rest
from connectors.salesforce.errors import Unreadable
from connectors.salesforce.fields import NULL, as_json, field_name
from connectors.salesforce.frames import MERGED_ID
from connectors.salesforce.ingest import LOCKS, ROWS_PER_JOB, Ingest, log_refused, refusal
from connectors.salesforce.people import Target, kind_of, target_of
from connectors.salesforce.readings import Saved, SaveError, saved_rows
from connectors.salesforce.session import Session
from connectors.salesforce.soql import Query, in_chunks, one_of
from connectors.salesforce.wire import Answer
from vocabulary.doing import span
from vocabulary.writes import Pushed, Refusal, Row

# "The list can contain up to 200 objects":
# https://developer.salesforce.com/docs/atlas.en-us.258.0.api_rest.meta/api/resources_composite_sobjects_collections_update.htm
ROWS_PER_CALL: Final = 200
_SHORT_ID: Final = 15
"""Characters of an id that identify the record; the other three are a checksum of the letter case."""

LOCK_ATTEMPTS: Final = 4
_CALLS_PER_JOB, _SECONDS_PER_JOB, _SECONDS_PER_CALL = 10, 60.0, 1.0

OF_PERSON_ACCOUNT: Final = "INVALID_PERSON_ACCOUNT_OPERATION"
"""The refusal of a person account's contact by its own id:
https://github.com/SFDO-Community/declarative-lookup-rollup-summaries/issues/544 (2026-11).
"""
PERSON: Final = "PersonContactId"
"""The contact of a person account, by which it is found:
https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_guidelines_personaccounts.htm (2026-11).
"""

Refusals = dict[str, Refusal]
"""The refused rows of a batch, by lead."""


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes rows and reports for each whether Salesforce accepted it."""

    session: Session

    def push(self, rows: Sequence[Row]) -> Iterator[Sequence[Pushed]]:
        """Write rows, yielding the answers batch by batch."""
        unknown = [row for row in rows if target_of(row.lead) is None]
        if unknown:
            wrong = Refusal("NOT_A_LEAD", "The id belongs to neither a lead, a contact nor an account.")
            yield [Pushed(row.lead, wrong) for row in unknown]
        few: list[Row] = []
        for target, same in _by_target(rows).items():
            if not self._is_many(len(same)):
                few += same
                continue
            few += [row for row in same if _says_null(row)]
            yield from self._through_jobs(target, [row for row in same if not _says_null(row)])
        yield from self._through_calls(few)

    def cost(self, rows: int) -> Cost:
        """Estimate the cost of writing this number of rows."""
        if self._is_many(rows):
            jobs = -(-rows // ROWS_PER_JOB)
            return Cost(jobs * _CALLS_PER_JOB, jobs * _SECONDS_PER_JOB)
        calls = -(-rows // ROWS_PER_CALL)
        return Cost(calls, calls * _SECONDS_PER_CALL)

    def _is_many(self, rows: int) -> bool:
        return rows > self.session.settings.bulk_writes_above

    def _through_jobs(self, target: Target, rows: Sequence[Row]) -> Iterator[Sequence[Pushed]]:
        for same in _with_same_outputs(rows):
            for start in range(0, len(same), ROWS_PER_JOB):
                batch = same[start : start + ROWS_PER_JOB]
                with span("push batch", rows=len(batch)):
                    refusals = Ingest(self.session, target, batch).refusals()
                yield self._answers(batch, refusals)

    def _through_calls(self, rows: Sequence[Row]) -> Iterator[Sequence[Pushed]]:
        for start in range(0, len(rows), ROWS_PER_CALL):
            batch = rows[start : start + ROWS_PER_CALL]
            yield self._answers(batch, self._send(batch))

    def _send(self, batch: Sequence[Row]) -> Refusals:
        """Write up to 200 rows. The answers are in the order of the rows, and failed ones have no id (recorded).

        The status is 200 even if every row failed; only a malformed request is answered with 400 (page as above).
        """
        answers = self._saved([row.lead for row in batch], [_record(row) for row in batch])
        paired = zip(batch, answers, strict=True)
        return {row.lead: _refusal(answer.errors) for row, answer in paired if not answer.success}

    def _saved(self, ids: Sequence[str], records: Sequence[dict[str, object]]) -> list[Saved]:
        """Write the records of up to 200 rows, and return their results."""
        body = {"allOrNone": False, "records": records}
        with span("push batch", rows=len(ids)):
            return self.session.ask(partial(_results, ids), "PATCH", "composite/sobjects", body=body)

    def _through_accounts(self, batch: Sequence[Row], refusals: Refusals) -> Refusals:
        """Write the rows of person accounts that Salesforce refuses by the contact's id through the account.

        The account shows the contact's custom fields as `…__pc`.
        """
        refused = [row for row in batch if row.lead in refusals and refusals[row.lead].code == OF_PERSON_ACCOUNT]
        accounts = {contact: account for account, contact in self._persons([row.lead for row in refused]) if contact}
        again = [row for row in refused if row.lead in accounts]
        refusals = {lead: said for lead, said in refusals.items() if lead not in {row.lead for row in again}}
        for start in range(0, len(again), ROWS_PER_CALL):
            rows = again[start : start + ROWS_PER_CALL]
            ids = [accounts[row.lead] for row in rows]
            records = [_record_of_account(row, id_) for row, id_ in zip(rows, ids, strict=True)]
            answers = self._saved(ids, records)
            paired = zip(rows, answers, strict=True)
            refusals |= {row.lead: _refusal(answer.errors) for row, answer in paired if not answer.success}
        return refusals

    def _persons(self, contacts: Sequence[str]) -> Iterator[tuple[str, str | None]]:
        """Yield the person accounts of contacts."""
        for chunk in in_chunks(contacts):
            query = Query("Account", ("Id", PERSON), one_of(PERSON, chunk))
            yield from rest.rows(self.session, query).iter_rows()

    def _answers(self, batch: Sequence[Row], refusals: Refusals) -> list[Pushed]:
        refusals = self._through_accounts(batch, self._again_where_locked(batch, refusals))
        refusals = self._merged_is_not_gone(refusals)
        return [Pushed(row.lead, refusals.get(row.lead)) for row in batch]

    def _again_where_locked(self, batch: Sequence[Row], refusals: Refusals) -> Refusals:
        """Write locked rows again (UNABLE_TO_LOCK_ROW), grouped by account, so that they do not lock each other."""
        for attempt in range(1, LOCK_ATTEMPTS):
            locked = [row for row in batch if row.lead in refusals and refusals[row.lead].code in LOCKS]
            if not locked:
                break
            pause(self.session.stop, attempt)
            ordered = self._ordered_by_parent(locked)
            refusals = {lead: refusals[lead] for lead in refusals.keys() - {row.lead for row in locked}}
            for start in range(0, len(ordered), ROWS_PER_CALL):
                refusals |= self._send(ordered[start : start + ROWS_PER_CALL])
        return refusals

    def _ordered_by_parent(self, rows: Sequence[Row]) -> list[Row]:
        contacts = [row.lead for row in rows if kind_of(row.lead) == "Contact"]
        parents = dict(self._column("Contact", contacts, "AccountId", deleted=False))
        return sorted(rows, key=lambda row: (target_of(row.lead) or "", parents.get(row.lead) or "", row.lead))

    def _merged_is_not_gone(self, refusals: Refusals) -> Refusals:
        """Mark rows whose record lost a merge as retryable, because the next pull moves them to the survivor."""
        gone = [lead for lead, said in refusals.items() if said.gone]
        merged = {
            lead
            for target, ids in _ids_by_target(gone).items()
            for lead, master in self._column(target, ids, MERGED_ID, deleted=True)
            if master
        }
        return {
            lead: replace(said, gone=False, retry=True) if lead in merged else said for lead, said in refusals.items()
        }

    def _column(
        self, target: Target, ids: Sequence[str], column: str, *, deleted: bool
    ) -> Iterator[tuple[str, str | None]]:
        for chunk in in_chunks(ids):
            query = Query(target, ("Id", column), one_of("Id", chunk), deleted=deleted)
            yield from rest.rows(self.session, query).iter_rows()


def _record(row: Row) -> dict[str, object]:
    values = {field_name(output): as_json(value) for output, value in row.values.items()}
    return {"attributes": {"type": target_of(row.lead)}, "id": row.lead, **values}


def _record_of_account(row: Row, account: str) -> dict[str, object]:
    names = {output: field_name(output).removesuffix("__c") + "__pc" for output in row.values}
    values = {names[output]: as_json(value) for output, value in row.values.items()}
    return {"attributes": {"type": "Account"}, "id": account, **values}


def _results(ids: Sequence[str], answer: Answer) -> list[Saved]:
    """Parse the results of a batch, and check that there is one for each row and none for another record."""
    saved = saved_rows(len(ids), answer)
    for id_, result in zip(ids, saved, strict=True):
        if result.success and (result.id or "")[:_SHORT_ID] != id_[:_SHORT_ID]:
            raise Unreadable("a result for a record that was not written")
    log_refused(Counter(each.errors[0].statusCode for each in saved if not each.success), answer.request)
    return saved


def _refusal(errors: Sequence[SaveError]) -> Refusal:
    """Return the first error as a refusal, with the fields that it names."""
    first = errors[0]
    named = f" ({', '.join(first.fields)})" if first.fields else ""
    return refusal(first.statusCode, f"{first.message}{named}")


def _says_null(row: Row) -> bool:
    """Return whether a text equals the marker that clears a field in Bulk API 2.0."""
    return NULL in row.values.values()


def _by_target(rows: Sequence[Row]) -> dict[Target, list[Row]]:
    found: dict[Target, list[Row]] = defaultdict(list)
    for row in rows:
        if target := target_of(row.lead):
            found[target].append(row)
    return found


def _ids_by_target(ids: Sequence[str]) -> dict[Target, list[str]]:
    found: dict[Target, list[str]] = defaultdict(list)
    for one in ids:
        if target := target_of(one):
            found[target].append(one)
    return found


def _with_same_outputs(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Split rows so that each part has the same columns, because an empty cell would leave the field unchanged."""
    ordered = sorted(rows, key=lambda row: sorted(row.values))
    return (list(group) for _, group in groupby(ordered, key=lambda row: sorted(row.values)))
