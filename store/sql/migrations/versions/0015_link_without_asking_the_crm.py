"""Link to leads without asking the CRM.

Revision: 0015, after 0014.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Add the column, which the next pass fills."""
    op.add_column("connections", sa.Column("links", sa.Text(), nullable=True))
