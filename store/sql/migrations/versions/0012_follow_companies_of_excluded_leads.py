"""Keep the account of an excluded lead, and which of its fields changed, so that the lead is read again.

Revision: 0012, after 0011.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

_ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the columns."""
    op.add_column("excluded", sa.Column("account", _ID, nullable=True))
    op.add_column("excluded", sa.Column("changed", sa.Text(), nullable=False, server_default="[]"))
    op.create_index("excluded_account", "excluded", ["connection", "account"])
