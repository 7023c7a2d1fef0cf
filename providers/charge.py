"""The shared language of what a vendor tells: FOCUS names for charges, plain ones for the rest.

All money is `Decimal` in US dollars, all days are UTC days, all moments are aware UTC.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from providers.period import Period

Billing = Literal["postpaid", "prepaid"]
NameKind = Literal["project", "key"]
Cut = Literal["key"]


@dataclass(frozen=True, slots=True)
class Charge:
    """One UTC day's cost of one thing in one project: a row of FOCUS cost and usage data.

    A read holds one charge for each (day, sub_account_id, sku_id). `effective_cost` is what the
    vendor charges for what was consumed, whether billed later or drawn from a balance. What the
    vendor merely estimates that somebody else will bill (OpenRouter BYOK) is `x_byok_estimate`
    and is never part of `effective_cost`.
    """

    charge_period_start: date
    effective_cost: Decimal
    sub_account_id: str | None = None
    sku_id: str | None = None
    """The vendor's own words for what was sold: OpenAI's line item, OpenRouter's model."""
    x_model: str | None = None
    """The model read from `sku_id`, or the service where it names none; None: unattributed."""
    sku_meter: str | None = None
    """What is metered: ``input``, ``cached input``, ``output`` …"""
    consumed_quantity: Decimal | None = None
    consumed_unit: str | None = None
    x_byok_estimate: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Name:
    """The vendor's name for an id, as free text from outside: hostile until escaped."""

    kind: NameKind
    item_id: str
    name: str


@dataclass(frozen=True, slots=True)
class ChargesRead:
    """Every charge of `period`, and the days the vendor answered for.

    `covered` holds every past day of the period; the running day only where the vendor has
    published something for it: an empty running day is *not published*, not zero.
    """

    period: Period
    charges: Sequence[Charge]
    covered: frozenset[date]
    degraded: str | None = None
    """Why this came by a fallback that is not the vendor's best answer, if it did."""
    names: Sequence[Name] = ()
    """Names that came with the charges: known even to a key that may read nothing else."""


@dataclass(frozen=True, slots=True)
class BreakdownItem:
    """One UTC day's cost of one key: a cut that cannot be added to the charges."""

    day: date
    item_id: str | None
    """None: the vendor says that it cannot attribute this part."""
    item_name: str | None
    effective_cost: Decimal


@dataclass(frozen=True, slots=True)
class PrepaidBalance:
    """An authoritative reading of an account's prepaid balance; `remaining` may be negative."""

    remaining: Decimal
    total_credits: Decimal
    """All that was ever bought; a rise is a top-up. It may fall: expiry, refund, transfer."""
    total_usage: Decimal


@dataclass(frozen=True, slots=True)
class ProviderLimit:
    """A cap that the vendor itself enforces, or only mails about (`is_hard` false)."""

    kind: str
    """``organization_spend_limit``, ``project_spend_limit``, ``spend_alert``, ``key_limit`` or
    ``budget``."""
    scope_id: str
    scope_name: str | None
    amount: Decimal
    used: Decimal | None
    """Recorded against this cap in its present window; None where the vendor does not say."""
    remaining: Decimal | None
    interval: Literal["day", "week", "month"] | None
    """None: for the life of what it caps."""
    resets_at: datetime | None
    is_hard: bool
    is_enforcing: bool
    """The cap is blocking traffic now."""
    consequence: str
    """What then happens: ``calls are refused (429 organization_spend_limit_exceeded)``."""


@dataclass(frozen=True, slots=True)
class Probe:
    """What a credential turned out to be."""

    account: str | None
    """The vendor's id of the organization or account, where it tells."""
    kind: str
    """In plain words: ``admin key``, ``management key``, ``inference key``."""
    can_read_charges: bool
    can_read_balance: bool | None
    """None where the vendor tells no balance, whatever the key."""
    notes: Sequence[str] = ()
    expires_at: datetime | None = None
