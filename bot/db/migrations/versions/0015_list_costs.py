"""Charges at list prices."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("charge", sa.Column("list_cost", sa.BigInteger(), nullable=True))
