"""Every table, by subject. A new module of tables is imported here, for migrations to see it."""

from bot.store.tables.base import Table
from bot.store.tables.connections import Connection, ConnectionPart, Name
from bot.store.tables.credit import Balance, DeclaredCredit, ProviderLimit, SpikeWatch
from bot.store.tables.digests import Digest, DigestSlot
from bot.store.tables.hours import Hour, HourModel
from bot.store.tables.house import Audit, Lease
from bot.store.tables.ledger import Breakdown, Charge, Coverage, Restatement, UnreadableDay
from bot.store.tables.outbox import Delivery
from bot.store.tables.rules import Alert, Rule
from bot.store.tables.visibility import Visibility

__all__ = [
    "Alert",
    "Audit",
    "Balance",
    "Breakdown",
    "Charge",
    "Connection",
    "ConnectionPart",
    "Coverage",
    "DeclaredCredit",
    "Delivery",
    "Digest",
    "DigestSlot",
    "Forecast",
    "Hour",
    "HourModel",
    "Lease",
    "Name",
    "ProviderLimit",
    "Restatement",
    "Rule",
    "SpikeWatch",
    "Table",
    "UnreadableDay",
    "Visibility",
]
