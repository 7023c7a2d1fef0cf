"""A claim on a delivery ends once its process was not seen to renew it: no time of the wall clock
is kept for that any more."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("delivery", "leased_until")
