"""Write through Bulk API 2.0: one job with one CSV, and an answer for every row."""

import csv
import io
import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import polars as pl

from connectors.base import Unavailable
from connectors.limits import pause
from connectors.salesforce import frames
from connectors.salesforce.errors import OF_FIELDS, Unreadable
from connectors.salesforce.fields import as_cell, field_name
from connectors.salesforce.readings import INGEST_JOB, STARTED_JOB, IngestJob
from connectors.salesforce.session import Session
from connectors.salesforce.wire import Answer
from vocabulary.doing import told
from vocabulary.outside import clean
from vocabulary.writes import Refusal, Row

logger: Final = logging.getLogger(__name__)

ROWS_PER_JOB: Final = 50_000
"""Far below the limit of 100 MB per job, because our rows have about a hundred bytes each.

Salesforce accepts 150 MB after its base64 conversion, hence "upload data that does not exceed 100 MB":
https://developer.salesforce.com/docs/platform/api-asynch/guide/datafiles-prepare-csv.md (2026-11).
"""

FAILED: Final = "failedResults"
UNPROCESSED: Final = "UNPROCESSED"
_FIRST_LOOK, _LONGEST_LOOK, _GROWTH = 0.25, 20.0, 1.6
_OVER: Final = frozenset({"JobComplete", "Failed", "Aborted"})


@dataclass(frozen=True, slots=True)
class Ingest:
    """One update job for rows of one object that all have the same outputs."""

    session: Session
    object: str
    rows: Sequence[Row]

    def refusals(self) -> dict[str, Refusal]:
        """Run the job and return the refusals by lead, for the rows that Salesforce rejected."""
        job = self._upload_or_again()
        info = self._wait(job)
        if info.state != "JobComplete":
            return self._logged(job, self._refused_as_a_whole(job, info))
        # JobComplete does not mean that all rows were written.
        if info.numberRecordsFailed == 0 and info.numberRecordsProcessed == len(self.rows):
            return {}
        return self._logged(job, self._refused_rows(job))

    @staticmethod
    def _logged(job: str, refusals: dict[str, Refusal]) -> dict[str, Refusal]:
        log_refused(Counter(each.code for each in refusals.values()), None, job=job)
        return refusals

    def _upload_or_again(self) -> str:
        """Upload, and once more into a new job if an answer was lost, because writing the same values again is safe."""
        try:
            return self._upload()
        except Unavailable:
            return self._upload()

    def _upload(self) -> str:
        body = {"object": self.object, "operation": "update", "contentType": "CSV", "lineEnding": "LF"}
        job = self.session.ask(STARTED_JOB, "POST", "jobs/ingest", body=body).id
        headers = {"Content-Type": "text/csv; charset=UTF-8"}
        upload = f"jobs/ingest/{job}/batches"
        self.session.call("PUT", upload, data=as_csv(self.rows), headers=headers, repeatable=False)
        self.session.call("PATCH", f"jobs/ingest/{job}", body={"state": "UploadComplete"}, repeatable=False)
        return job

    def _wait(self, job: str) -> IngestJob:
        seconds = _FIRST_LOOK
        while (info := self.session.ask(_state, "GET", f"jobs/ingest/{job}")).state not in _OVER:
            pause(self.session.stop, seconds)
            seconds = min(seconds * _GROWTH, _LONGEST_LOOK)
        return info

    def _refused_as_a_whole(self, job: str, info: IngestJob) -> dict[str, Refusal]:
        """Return refusals for a job that ended early. Rows written before that stay written.

        An unknown field fails the whole job: `InvalidBatch : Field name not found : X`, with both counts 0 (recorded).
        """
        code = info.said.partition(":")[0].strip()
        refusal = Refusal(
            code, info.said, retry=not code.upper().startswith("INVALID"), about_fields=code == INVALID_BATCH
        )
        taken = set(self._ids(job, "successfulResults"))
        return {row.lead: refusal for row in self.rows if row.lead not in taken}

    def _refused_rows(self, job: str) -> dict[str, Refusal]:
        """Return the refusals of failed rows. A row that no result mentions does not count as written."""
        failed = self._results(job, FAILED)
        named = {lead: refusal_of(error) for lead, error in failed.select("Id", "sf__Error").iter_rows()}
        silent = {row.lead for row in self.rows} - set(named) - set(self._ids(job, "successfulResults"))
        lost = Refusal(UNPROCESSED, "Salesforce did not process this row.", retry=True)
        return named | dict.fromkeys(silent, lost)

    def _ids(self, job: str, which: str) -> list[str]:
        return self._results(job, which)["Id"].to_list()

    def _results(self, job: str, which: str) -> pl.DataFrame:
        wanted = ("sf__Id", "sf__Error" if which == FAILED else "sf__Created", "Id")
        return self.session.ask(
            partial(_table, wanted), "GET", f"jobs/ingest/{job}/{which}", headers={"Accept": "text/csv"}
        )


def _state(answer: Answer) -> IngestJob:
    info = INGEST_JOB(answer)
    counted = info.numberRecordsProcessed is not None and info.numberRecordsFailed is not None
    if info.state == "JobComplete" and not counted:
        raise Unreadable("a finished job without its record counts")
    return info


def _table(wanted: Sequence[str], answer: Answer) -> pl.DataFrame:
    """Parse the results of a job. Empty results are safe, because rows that they omit are written again.

    Always UTF-8: simple-salesforce 1.12.10 would decode them as ISO-8859-1 if the header names no charset.
    """
    if not answer.content.strip():
        return frames.empty(wanted)
    rows = frames.table(answer.content)
    if missing := [name for name in wanted if name not in rows.columns]:
        raise Unreadable(f"results of a job without the column {missing[0]}")
    if rows["Id"].null_count():
        raise Unreadable("results of a job with a row without an id")
    return rows


def as_csv(rows: Sequence[Row]) -> bytes:
    """Return rows with the same outputs as CSV. Empty values clear the field."""
    outputs = list(rows[0].values)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["Id", *map(field_name, outputs)])
    writer.writerows([row.lead, *(as_cell(row.values[output]) for output in outputs)] for row in rows)
    return text.getvalue().encode()


def refusal_of(error: str) -> Refusal:
    """Parse `CODE:message:FIELD --`, the format of `sf__Error` (recorded)."""
    code, _, rest = error.partition(":")
    return refusal(code, rest.removesuffix("--").strip().removesuffix(":"))


def refusal(code: str, message: str) -> Refusal:
    """Return the refusal for a Salesforce error code."""
    about_fields = code in OF_FIELDS or code == INVALID_BATCH
    return Refusal(code, message, gone=code in GONE, retry=code in LOCKS | BUSY, about_fields=about_fields)


def log_refused(codes: Counter[str], request: str | None, **more: str) -> None:
    """Log how many rows were refused, by code, with Salesforce's own id of the call or, in `more`, of the job."""
    for code, rows in codes.items():
        doing = told(rows=rows, code=clean(code, limit=_LONGEST_CODE), request=request, **more)
        logger.info("Salesforce refused %s rows", rows, extra=doing)


_LONGEST_CODE: Final = 100
INVALID_BATCH: Final = "InvalidBatch"
GONE: Final = frozenset({"ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY"})
LOCKS: Final = frozenset({"UNABLE_TO_LOCK_ROW"})
BUSY: Final = frozenset({"SERVER_UNAVAILABLE", "UNKNOWN_EXCEPTION", "REQUEST_RUNNING_TOO_LONG", UNPROCESSED})
