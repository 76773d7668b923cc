"""Record which leads surprised a pass, and the latest `lead_scored_at` sent.

Revision: 0007, after 0006.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_HELD = "SELECT held_run FROM outboxes WHERE outboxes.outbox = results.outbox AND held_run IS NOT NULL"
_LATEST = "SELECT MAX(lead_scored_at) FROM results WHERE results.outbox = outboxes.outbox"
_MOVED = "lead_grade IS DISTINCT FROM told_lead_grade OR lead_priority IS DISTINCT FROM told_lead_priority"


def upgrade() -> None:
    """Add the columns. In a held outbox, every lead that differs counts as surprising."""
    op.add_column("outboxes", sa.Column("sent_until", sa.BigInteger()))
    op.add_column("outboxes", sa.Column("judging", sa.Integer()))
    op.add_column("outboxes", sa.Column("held_most", sa.Integer()))
    op.add_column("results", sa.Column("surprised_by", sa.Integer()))
    marked = sa.text("surprised_by IS NOT NULL")
    op.create_index(
        "results_surprised",
        "results",
        ["outbox", "surprised_by"],
        sqlite_where=marked,
        postgresql_where=marked,
    )
    moved = _MOVED if op.get_bind().dialect.name == "postgresql" else _MOVED.replace("IS DISTINCT FROM", "IS NOT")
    op.execute(f"UPDATE results SET surprised_by = ({_HELD}) WHERE told_at IS NOT NULL AND ({moved})")  # noqa: S608 - all constants
    op.execute(f"UPDATE outboxes SET sent_until = ({_LATEST})")  # noqa: S608 - as above
    op.execute("UPDATE outboxes SET held_most = 0 WHERE held_run IS NOT NULL")
