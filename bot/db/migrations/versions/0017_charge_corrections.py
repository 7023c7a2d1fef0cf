"""What charges of closed months changed by."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "charge_correction",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sub_account_id", sa.String(), nullable=True),
        sa.Column("sku_id", sa.String(), nullable=True),
        sa.Column("model", sa.String(), nullable=True),
        sa.Column("meter", sa.String(), nullable=True),
        sa.Column("effective_cost", sa.BigInteger(), nullable=False),
        sa.Column("byok_estimate", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=True),
        sa.Column("unit", sa.String(), nullable=True),
        sa.Column("list_cost", sa.BigInteger(), nullable=True),
        sa.Column("is_credit", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection"],
            ["connection.name"],
            name=op.f("fk_charge_correction_connection_connection"),
        ),
        sa.PrimaryKeyConstraint(
            "connection", "day", "found_at", "position", name=op.f("pk_charge_correction")
        ),
        sqlite_with_rowid=False,
    )
