"""Keep what a field held before it changed.

Revision: 0002, after 0001.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the column; it is empty for history that was read before."""
    op.add_column("field_history", sa.Column("before", sa.Text()))
