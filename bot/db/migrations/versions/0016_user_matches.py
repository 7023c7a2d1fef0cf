"""Which Slack users the providers' users are."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "user_match",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("slack_id", sa.String(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection"], ["connection.name"], name=op.f("fk_user_match_connection_connection")
        ),
        sa.PrimaryKeyConstraint("connection", "user_id", name=op.f("pk_user_match")),
    )
