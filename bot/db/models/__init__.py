"""All tables. A new module of tables must be imported here, so that migrations see it."""

from bot.db.models.base import Table
from bot.db.models.connections import (
    Balance,
    ConnectionPart,
    DeclaredBalance,
    DeclaredKind,
    LimitReading,
    Part,
    StoredConnection,
    StoredInvoice,
    StoredName,
    UnreadableDay,
    UserMatch,
)
from bot.db.models.digests import (
    Cadence,
    Depth,
    DigestSettings,
    DigestSlot,
    DigestSubscription,
    SlotOutcome,
)
from bot.db.models.ledger import (
    Coverage,
    Hour,
    HourModel,
    Restatement,
    StoredBreakdown,
    StoredCharge,
    StoredCorrection,
)
from bot.db.models.outbox import Delivery, DeliveryKind, DeliveryState
from bot.db.models.rules import Alert, Rule
from bot.db.models.system import AuditEntry, Lease, SpikeWatch, Visibility

__all__ = [
    "Alert",
    "AuditEntry",
    "Balance",
    "Cadence",
    "ConnectionPart",
    "Coverage",
    "DeclaredBalance",
    "DeclaredKind",
    "Delivery",
    "DeliveryKind",
    "DeliveryState",
    "Depth",
    "DigestSettings",
    "DigestSlot",
    "DigestSubscription",
    "Hour",
    "HourModel",
    "Lease",
    "LimitReading",
    "Part",
    "Restatement",
    "Rule",
    "SlotOutcome",
    "SpikeWatch",
    "StoredBreakdown",
    "StoredCharge",
    "StoredConnection",
    "StoredCorrection",
    "StoredInvoice",
    "StoredName",
    "Table",
    "UnreadableDay",
    "UserMatch",
    "Visibility",
]
