"""Which settings `aicost.toml` manages."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("rule", "digest", "visibility", "spike_watch"):
        op.add_column(
            table,
            sa.Column("is_managed", sa.Boolean(), nullable=False, server_default=sa.false()),
        )
