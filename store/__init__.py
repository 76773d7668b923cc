"""SQL state: the mirror of the CRM, the outbox of results, cursors, runs and leases."""

from store.crm_fields import CrmField, CrmFields
from store.drifting import Drift, Mended
from store.errors import LeaseHeld, LeaseLost, StoreError
from store.leases import Holder, Lease
from store.mirror import Counts, Declared, Frames, Mirror, Saved
from store.outbox import Held, Outbox, Recorded, Refused, Staged, Tolerances, Write
from store.runs import Run, Runs
from store.status import OLDER
from store.store import Status, Store

__all__ = [
    "OLDER",
    "Counts",
    "CrmField",
    "CrmFields",
    "Declared",
    "Drift",
    "Frames",
    "Held",
    "Holder",
    "Lease",
    "LeaseHeld",
    "LeaseLost",
    "Mended",
    "Mirror",
    "Outbox",
    "Recorded",
    "Refused",
    "Run",
    "Runs",
    "Saved",
    "Staged",
    "Status",
    "Store",
    "StoreError",
    "Tolerances",
    "Write",
]
