"""Keep the rows that wait in the order in which they are written, so that the next ones are read without a sort.

Revision: 0029, after 0028.
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"

_INDEX = "results_pending"
_WAITS = sa.text("pending IS NOT NULL")


def upgrade() -> None:
    """Make the index anew."""
    op.drop_index(_INDEX, "results")
    order: list[str | sa.TextClause] = [
        "outbox",
        "pending",
        sa.text("coalesce(level, 32767)"),
        sa.text("coalesce(lead_priority_index, -1) DESC"),
        "lead",
        "level",
    ]
    op.create_index(_INDEX, "results", order, sqlite_where=_WAITS, postgresql_where=_WAITS)
