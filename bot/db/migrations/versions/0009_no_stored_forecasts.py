"""How good forecasts were is computed from the charges: forecasts aren't stored any more."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_table("forecast")
