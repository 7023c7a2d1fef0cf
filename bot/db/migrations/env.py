"""Alembic's entry: runs on the connection that `bot.db.migrating` hands over."""

from typing import Literal

from alembic import context
from sqlalchemy.types import TypeDecorator

from bot.db.models import Table


def _portable_type(kind: str, column_type: object, _context: object) -> str | Literal[False]:
    """Write a new revision in the plain types beneath ours: what it once did must never change."""
    if kind != "type":
        return False
    if isinstance(column_type, TypeDecorator):
        return f"sa.{column_type.impl_instance!r}"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Table.metadata,
    render_as_batch=True,
    transactional_ddl=True,
    render_item=_portable_type,
)
with context.begin_transaction():
    context.run_migrations()
