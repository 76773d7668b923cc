"""Order leads by the place of their priority, since a scorecard may name its priorities as it likes.

Revision: 0017, after 0016.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

_INDEX = "results_pending"
_WAITS = sa.text("pending IS NOT NULL")


def upgrade() -> None:
    """Add the column, filled in for the names that every scorecard had before, and put it into the index."""
    op.add_column("results", sa.Column("level", sa.Integer()))
    op.execute(
        "UPDATE results SET level = CASE lead_priority WHEN 'P1' THEN 1 WHEN 'P2' THEN 2 WHEN 'P3' THEN 3 ELSE 4 END"
        " WHERE lead_priority IS NOT NULL"
    )
    op.drop_index(_INDEX, "results")
    columns = ["outbox", "pending", "level", "lead_priority_index"]
    op.create_index(_INDEX, "results", columns, sqlite_where=_WAITS, postgresql_where=_WAITS)
