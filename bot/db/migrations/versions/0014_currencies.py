"""Balances in other currencies, and low-balance alerts on them."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table, name in (("balance", "currency"), ("rule", "low_balance_currency")):
        op.add_column(
            table, sa.Column(name, sa.String(), nullable=False, server_default=sa.text("'USD'"))
        )
    op.add_column("balance", sa.Column("note", sa.String(), nullable=True))
