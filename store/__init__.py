"""SQL state: the mirror of the CRM, the outbox of results, cursors, runs and leases."""

from store.figures import Figures
from store.mirror.mirror import Counts, FieldChanges, Frames, Mirror, Saved
from store.notices.crossing import Alerting, Listener
from store.notices.queue import New, Notice, Notices, SinkState
from store.outbox.chunks import ChunkClosed, ChunkKey, Chunks
from store.outbox.crm_fields import CrmField, CrmFields
from store.outbox.drifting import Drift, Mended
from store.outbox.outbox import Held, Moved, Outbox, Recorded, Refused, Staged, Tolerances, Wanted, Write
from store.outbox.telling import Since, Told
from store.sql.daemons import Daemons, Sight
from store.sql.errors import LeaseHeld, LeaseLost, StoreError
from store.sql.leases import BorrowedLease, Holder, Lease, Loan, Transaction, Writer
from store.sql.notes import FAILING, OLDER
from store.sql.requests import Answer, Request, Requests
from store.sql.runs import Run, Runs
from store.store import BoxState, State, Status, Store, waiting_migrations

__all__ = [
    "FAILING",
    "OLDER",
    "Alerting",
    "Answer",
    "BorrowedLease",
    "BoxState",
    "ChunkClosed",
    "ChunkKey",
    "Chunks",
    "Counts",
    "CrmField",
    "CrmFields",
    "Daemons",
    "Drift",
    "FieldChanges",
    "Figures",
    "Frames",
    "Held",
    "Holder",
    "Lease",
    "LeaseHeld",
    "LeaseLost",
    "Listener",
    "Loan",
    "Mended",
    "Mirror",
    "Moved",
    "New",
    "Notice",
    "Notices",
    "Outbox",
    "Recorded",
    "Refused",
    "Request",
    "Requests",
    "Run",
    "Runs",
    "Saved",
    "Sight",
    "Since",
    "SinkState",
    "Staged",
    "State",
    "Status",
    "Store",
    "StoreError",
    "Told",
    "Tolerances",
    "Transaction",
    "Wanted",
    "Write",
    "Writer",
    "waiting_migrations",
]
