"""Keep from when on time alone can change what is written about each lead.

Revision: 0028, after 0027.
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    """Add the column. Everybody is due until the first sweep has found out who is not."""
    op.add_column("results", sa.Column("due_at", sa.BigInteger(), server_default="0"))
    op.create_index("results_due", "results", ["outbox", "due_at"])
