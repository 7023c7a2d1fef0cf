"""Declared balances and purchases, and the channels that get anomaly alerts."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "spike_watch",
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_spike_watch")),
    )
    op.create_table(
        "declared_credit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("used_before", sa.BigInteger(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection"],
            ["connection.name"],
            name=op.f("fk_declared_credit_connection_connection"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_declared_credit")),
    )
    op.create_index(
        op.f("ix_declared_credit_connection"), "declared_credit", ["connection"], unique=False
    )
