"""Find conversions by id, whichever lead has them.

Revision: 0014, after 0013.
"""

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Create the index."""
    op.create_index("outcomes_id", "outcomes", ["connection", "id"])
