"""Every table, by subject. A new module of tables is imported here, for migrations to see it."""

from bot.store.tables.base import Table
from bot.store.tables.connections import Connection, ConnectionPart, Name
from bot.store.tables.credit import Balance, ProviderLimit
from bot.store.tables.house import Audit, Lease
from bot.store.tables.ledger import Breakdown, Charge, Coverage, Restatement

__all__ = [
    "Audit",
    "Balance",
    "Breakdown",
    "Charge",
    "Connection",
    "ConnectionPart",
    "Coverage",
    "Lease",
    "Name",
    "ProviderLimit",
    "Restatement",
    "Table",
]
