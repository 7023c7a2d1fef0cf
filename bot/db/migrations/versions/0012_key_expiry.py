"""When keys of projects expire."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("name", sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True))
