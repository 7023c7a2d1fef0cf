"""What was used hour by hour."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hour",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("is_estimated", sa.Boolean(), nullable=False),
        sa.Column("unpriced", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection"], ["connection.name"], name=op.f("fk_hour_connection_connection")
        ),
        sa.PrimaryKeyConstraint("connection", "hour", name=op.f("pk_hour")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "hour_model",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection"], ["connection.name"], name=op.f("fk_hour_model_connection_connection")
        ),
        sa.PrimaryKeyConstraint("connection", "hour", "model", name=op.f("pk_hour_model")),
        sqlite_with_rowid=False,
    )
