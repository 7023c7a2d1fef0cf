"""Every table, by subject. A new module of tables is imported here, for migrations to see it."""

from bot.db.models.base import Table
from bot.db.models.connections import Connection, ConnectionPart, Name, Part, UnreadableDay
from bot.db.models.credit import Balance, DeclaredBalance, DeclaredKind, LimitReading, SpikeWatch
from bot.db.models.digests import Cadence, Depth, DigestPlan, DigestSlot, DigestTerms, SlotOutcome
from bot.db.models.hours import Hour, HourModel
from bot.db.models.ledger import Breakdown, Charge, Coverage, Restatement
from bot.db.models.outbox import Delivery, DeliveryKind, DeliveryState
from bot.db.models.rules import Alert, Rule
from bot.db.models.system import AuditEntry, Lease
from bot.db.models.visibility import Visibility

__all__ = [
    "Alert",
    "AuditEntry",
    "Balance",
    "Breakdown",
    "Cadence",
    "Charge",
    "Connection",
    "ConnectionPart",
    "Coverage",
    "DeclaredBalance",
    "DeclaredKind",
    "Delivery",
    "DeliveryKind",
    "DeliveryState",
    "Depth",
    "DigestPlan",
    "DigestSlot",
    "DigestTerms",
    "Hour",
    "HourModel",
    "Lease",
    "LimitReading",
    "Name",
    "Part",
    "Restatement",
    "Rule",
    "SlotOutcome",
    "SpikeWatch",
    "Table",
    "UnreadableDay",
    "Visibility",
]
