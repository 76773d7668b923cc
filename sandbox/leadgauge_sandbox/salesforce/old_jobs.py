"""Jobs of Bulk API 1.0 and their batches."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Batch:
    """Rows or a query, with their results."""

    identifier: str
    request: bytes
    state: str = "Queued"
    message: str | None = None
    results: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class OldJob:
    """A job and its batches."""

    identifier: str
    operation: str
    object: str
    user: str
    made: str
    version: str
    external_id: str | None
    state: str = "Open"
    batches: list[Batch] = field(default_factory=list)

    def info(self) -> dict[str, Any]:
        """Return the job as JSON."""
        done = [batch for batch in self.batches if batch.state == "Completed"]
        return {
            "id": self.identifier,
            "operation": self.operation,
            "object": self.object,
            "createdById": self.user,
            "createdDate": self.made,
            "systemModstamp": self.made,
            "state": self.state,
            "externalIdFieldName": self.external_id,
            "concurrencyMode": "Parallel",
            "contentType": "JSON",
            "numberBatchesQueued": len(self.batches) - len(done),
            "numberBatchesInProgress": 0,
            "numberBatchesCompleted": len(done),
            "numberBatchesTotal": len(self.batches),
            "apiVersion": float(self.version),
        }

    def batch_info(self, batch: Batch) -> dict[str, Any]:
        """Return a batch as JSON."""
        failed = sum(1 for each in batch.results if each.get("success") is False)
        return {
            "id": batch.identifier,
            "jobId": self.identifier,
            "state": batch.state,
            "stateMessage": batch.message,
            "createdDate": self.made,
            "systemModstamp": self.made,
            "numberRecordsProcessed": len(batch.results),
            "numberRecordsFailed": failed,
            "totalProcessingTime": 0,
        }
