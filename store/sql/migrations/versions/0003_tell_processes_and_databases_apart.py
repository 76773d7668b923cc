"""Give processes and this database unique ids.

Revision: 0003, after 0002.
"""

import uuid

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the column and the table; a lease held now is identified by its holder's name until it ends."""
    op.add_column("connections", sa.Column("process", sa.Text()))
    text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    identity = op.create_table("identity", sa.Column("id", text, nullable=False))
    op.bulk_insert(identity, [{"id": uuid.uuid4().hex}])
