"""Names of follow-ups that are to be made of a finished song; clients see them change."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_SEEN = "state, stage, progress, error, started_at, finished_at, attempts, revision"


def upgrade() -> None:
    """Add the column, and watch it."""
    op.add_column("jobs", sa.Column("wanted", sa.String, nullable=False, server_default=""))
    _watch(f"{_SEEN}, wanted")


def downgrade() -> None:
    """Drop the column."""
    _watch(_SEEN)
    op.drop_column("jobs", "wanted")


def _watch(columns: str) -> None:
    op.execute("DROP TRIGGER job_changed")
    op.execute(
        f"CREATE TRIGGER job_changed AFTER UPDATE OF {columns} ON jobs BEGIN "
        "UPDATE changes SET number = number + 1; END"
    )
