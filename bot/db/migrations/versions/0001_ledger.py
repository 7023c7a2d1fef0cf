"""The ledger: connections, charges, coverage, balances, limits; leases and the audit trail.

Money is whole nano-dollars, quantities are whole millionths.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("after", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_at"), "audit", ["at"])
    op.create_table(
        "connection",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("billing", sa.String(), nullable=False),
        sa.Column("settling_days", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("earliest_served", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_connection")),
    )
    op.create_table(
        "lease",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("expires_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )
    op.create_table(
        "balance",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("remaining", sa.BigInteger(), nullable=False),
        sa.Column("total_credits", sa.BigInteger(), nullable=False),
        sa.Column("total_usage", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection"], ["connection.name"], name=op.f("fk_balance_connection_connection")
        ),
        sa.PrimaryKeyConstraint("connection", "read_at", name=op.f("pk_balance")),
    )
    op.create_table(
        "breakdown",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("cut", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.String(), nullable=True),
        sa.Column("effective_cost", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=True),
        sa.Column("unit", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["connection"], ["connection.name"], name=op.f("fk_breakdown_connection_connection")
        ),
        sa.PrimaryKeyConstraint("connection", "cut", "day", "position", name=op.f("pk_breakdown")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "charge",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sub_account_id", sa.String(), nullable=True),
        sa.Column("sku_id", sa.String(), nullable=True),
        sa.Column("model", sa.String(), nullable=True),
        sa.Column("meter", sa.String(), nullable=True),
        sa.Column("effective_cost", sa.BigInteger(), nullable=False),
        sa.Column("byok_estimate", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=True),
        sa.Column("unit", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["connection"], ["connection.name"], name=op.f("fk_charge_connection_connection")
        ),
        sa.PrimaryKeyConstraint("connection", "day", "position", name=op.f("pk_charge")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "connection_part",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("degraded", sa.String(), nullable=True),
        sa.Column("fault_kind", sa.String(), nullable=True),
        sa.Column("fault_message", sa.String(), nullable=True),
        sa.Column("fault_remedy", sa.String(), nullable=True),
        sa.Column("fault_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fault_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fault_is_permanent", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(
            ["connection"],
            ["connection.name"],
            name=op.f("fk_connection_part_connection_connection"),
        ),
        sa.PrimaryKeyConstraint("connection", "part", name=op.f("pk_connection_part")),
    )
    op.create_table(
        "coverage",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("byok_estimate", sa.BigInteger(), nullable=False),
        sa.Column("first_read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection"], ["connection.name"], name=op.f("fk_coverage_connection_connection")
        ),
        sa.PrimaryKeyConstraint("connection", "day", name=op.f("pk_coverage")),
    )
    op.create_table(
        "name",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection"], ["connection.name"], name=op.f("fk_name_connection_connection")
        ),
        sa.PrimaryKeyConstraint("connection", "kind", "item_id", name=op.f("pk_name")),
    )
    op.create_table(
        "provider_limit",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("scope_id", sa.String(), nullable=False),
        sa.Column("scope_name", sa.String(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=True),
        sa.Column("remaining", sa.BigInteger(), nullable=True),
        sa.Column("interval", sa.String(), nullable=True),
        sa.Column("resets_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_hard", sa.Boolean(), nullable=False),
        sa.Column("is_enforcing", sa.Boolean(), nullable=False),
        sa.Column("consequence", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection"],
            ["connection.name"],
            name=op.f("fk_provider_limit_connection_connection"),
        ),
        sa.PrimaryKeyConstraint("connection", "position", name=op.f("pk_provider_limit")),
    )
    op.create_table(
        "restatement",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("before", sa.BigInteger(), nullable=False),
        sa.Column("after", sa.BigInteger(), nullable=False),
        sa.Column("was_settled", sa.Boolean(), nullable=False),
        sa.Column("was_kept", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection"], ["connection.name"], name=op.f("fk_restatement_connection_connection")
        ),
        sa.PrimaryKeyConstraint("connection", "found_at", "day", name=op.f("pk_restatement")),
    )
