"""Title and artist of a song, from the tags of its file."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the columns."""
    op.add_column("jobs", sa.Column("title", sa.String))
    op.add_column("jobs", sa.Column("artist", sa.String))


def downgrade() -> None:
    """Drop the columns."""
    op.drop_column("jobs", "artist")
    op.drop_column("jobs", "title")
