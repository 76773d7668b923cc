"""Jobs of Bulk API 2.0, and the results of ingest jobs."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import polars as pl

from leadgauge_sandbox.salesforce import identifiers
from leadgauge_sandbox.salesforce.errors import not_found
from leadgauge_sandbox.salesforce.records import TIME_FORMAT
from leadgauge_sandbox.salesforce.tabular import read_rows


@dataclass(frozen=True, slots=True)
class Written:
    """A row that was written."""

    identifier: str
    created: bool
    row: list[str]


@dataclass(frozen=True, slots=True)
class Failed:
    """A row that was refused."""

    identifier: str
    error: str
    row: list[str]


@dataclass(slots=True)
class Ingested:
    """The results of all rows."""

    header: list[str]
    written: list[Written] = field(default_factory=list)
    failed: list[Failed] = field(default_factory=list)
    unprocessed: list[list[str]] = field(default_factory=list)

    @property
    def processed(self) -> int:
        """The number of rows processed."""
        return len(self.written) + len(self.failed)

    @classmethod
    def untouched(cls, content: bytes, delimiter: str) -> "Ingested":
        """Return the result of a job that never ran."""
        try:
            header, rows = read_rows(content, delimiter)
        except ValueError:
            return cls([])
        return cls(header, unprocessed=rows)


@dataclass(slots=True)
class Job:
    """One query or ingest job."""

    identifier: str
    kind: str
    """`query` or `ingest`."""
    operation: str
    object: str
    user: str
    created: datetime
    version: str
    origin: str
    """The API and client that change records by it."""
    line_ending: str
    delimiter: str
    state: str
    changed: datetime
    query: str | None = None
    external_id: str | None = None
    assignment_rule: str | None = None
    content: bytes | None = None
    closed_at: float = 0.0
    """When it was ready to run, by the machine's clock."""
    stalls: int = 0
    """How many more polls it needs."""
    result: pl.DataFrame | None = None
    ingested: Ingested | None = None
    error: str | None = None
    milliseconds: int = 0

    def short(self) -> dict[str, Any]:
        """Return the response to setting the state of an ingest job."""
        body: dict[str, Any] = {
            "id": self.identifier,
            "operation": self.operation,
            "object": self.object,
            "createdById": self.user,
            "createdDate": self.created.strftime(TIME_FORMAT),
            "systemModstamp": self.changed.strftime(TIME_FORMAT),
            "state": self.state,
        }
        if self.external_id is not None:
            body["externalIdFieldName"] = self.external_id
        if self.assignment_rule is not None:
            body["assignmentRuleId"] = self.assignment_rule
        return body | {"concurrencyMode": "Parallel", "contentType": "CSV", "apiVersion": float(self.version)}

    def opened(self) -> dict[str, Any]:
        """Return the response to creating the job."""
        body = self.short()
        if self.kind == "ingest":
            body["contentUrl"] = f"services/data/v{self.version}/jobs/ingest/{self.identifier}/batches"
        return body | self._format()

    def info(self) -> dict[str, Any]:
        """Return the response to a status request."""
        if self.kind == "ingest" and self.state == "Open":
            return {**self.opened(), "jobType": "V2Ingest"}
        done = self.ingested
        body = self.short() | {"jobType": "V2Query" if self.kind == "query" else "V2Ingest"} | self._format()
        processed = self.result.height if self.result is not None else 0
        body["numberRecordsProcessed"] = done.processed if done is not None else processed
        if self.kind == "ingest":
            body["numberRecordsFailed"] = len(done.failed) if done is not None else 0
        body |= {"retries": 0, "totalProcessingTime": self.milliseconds}
        if self.kind == "ingest":
            body |= {"apiActiveProcessingTime": self.milliseconds, "apexProcessingTime": 0}
        elif self.result is not None:
            body["isPkChunkingSupported"] = True
        return body if self.error is None else body | {"errorMessage": self.error}

    def _format(self) -> dict[str, Any]:
        return {"lineEnding": self.line_ending, "columnDelimiter": self.delimiter}


@dataclass(slots=True)
class Jobs:
    """All jobs, oldest first."""

    delay: float = 0.0
    """Seconds that a job takes."""
    queries_started: int = 0
    _jobs: dict[str, Job] = field(default_factory=dict)

    def add(self, make: Callable[[str], Job]) -> Job:
        """Add a new job."""
        identifier = identifiers.encode("750", len(self._jobs) + 1)
        job = self._jobs[identifier] = make(identifier)
        return job

    def find(self, kind: str, identifier: str) -> Job:
        """Return a job of a kind by its id."""
        job = self._jobs.get(identifiers.normalise(identifier) or "")
        if job is None or job.kind != kind or job.state == "Deleted":
            raise not_found()
        return job

    def of(self, kind: str) -> list[Job]:
        """Return the jobs of a kind, newest first."""
        return [job for job in reversed(self._jobs.values()) if job.kind == kind and job.state != "Deleted"]

    def due(self) -> list[Job]:
        """Return the jobs that are ready or running."""
        return [job for job in self._jobs.values() if job.state in ("UploadComplete", "InProgress")]

    def poll(self, job: Job) -> None:
        """Count a poll."""
        job.stalls = max(0, job.stalls - 1)
