"""Record which outboxes may be written; one that has written before the upgrade may go on.

Revision: 0016, after 0015.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

_TOLD = "SELECT 1 FROM results WHERE results.outbox = outboxes.outbox AND told_at IS NOT NULL"
_WROTE = "SELECT 1 FROM writes WHERE writes.outbox = outboxes.outbox"
_SENDS = "SELECT 1 FROM in_flight WHERE in_flight.outbox = outboxes.outbox"


def upgrade() -> None:
    """Add the column."""
    op.add_column("outboxes", sa.Column("allowed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(
        f"UPDATE outboxes SET allowed = TRUE WHERE EXISTS ({_TOLD}) OR EXISTS ({_WROTE}) OR EXISTS ({_SENDS})"  # noqa: S608 - all constants
    )
