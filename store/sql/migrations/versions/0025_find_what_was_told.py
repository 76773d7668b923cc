"""Find what was told to the CRM since a change.

Revision: 0025, after 0024.
"""

from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Create the index."""
    op.create_index("results_told", "results", ["outbox", "told_by"])
