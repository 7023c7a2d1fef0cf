"""Every table, by subject. A new module of tables is imported here, for migrations to see it."""

from bot.db.models.base import Table
from bot.db.models.connections import Connection, ConnectionPart, Name
from bot.db.models.credit import Balance, DeclaredCredit, ProviderLimit, SpikeWatch
from bot.db.models.digests import Digest, DigestSlot
from bot.db.models.hours import Hour, HourModel
from bot.db.models.ledger import Breakdown, Charge, Coverage, Restatement, UnreadableDay
from bot.db.models.outbox import Delivery
from bot.db.models.rules import Alert, Rule
from bot.db.models.system import AuditEntry, Lease
from bot.db.models.visibility import Visibility

__all__ = [
    "Alert",
    "AuditEntry",
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
