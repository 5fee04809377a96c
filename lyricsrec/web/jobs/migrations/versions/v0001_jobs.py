"""The table of jobs, and a counter that grows with every change that clients can see."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_SEEN = "state, stage, progress, error, started_at, finished_at, attempts, revision"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "jobs",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("id", sa.String, nullable=False, unique=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("preset", sa.String, nullable=False),
        sa.Column("language", sa.String),
        sa.Column("stems", sa.Boolean, nullable=False),
        sa.Column("state", sa.String, nullable=False, index=True),
        sa.Column("stage", sa.String),
        sa.Column("progress", sa.Float),
        sa.Column("error", sa.String),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("started_at", sa.Float),
        sa.Column("finished_at", sa.Float),
        sa.Column("duration_s", sa.Float),
        sa.Column("size_bytes", sa.Integer, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("worker", sa.String),
        sa.Column("lease_until", sa.Float),
        sqlite_autoincrement=True,
    )
    changes = op.create_table("changes", sa.Column("number", sa.Integer, nullable=False))
    op.bulk_insert(changes, [{"number": 0}])
    for name, event in [("added", "INSERT"), ("changed", f"UPDATE OF {_SEEN}"), ("deleted", "DELETE")]:
        op.execute(f"CREATE TRIGGER job_{name} AFTER {event} ON jobs BEGIN UPDATE changes SET number = number + 1; END")


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("changes")
    op.drop_table("jobs")
