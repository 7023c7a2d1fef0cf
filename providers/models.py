"""Values that every provider returns: FOCUS names for charges, plain ones for the rest.

All money is `Decimal` in US dollars, all days are UTC days, all moments are aware UTC.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Generic, Literal, TypeVar

from providers.errors import PermissionMissing, ProviderError
from providers.period import Interval, Period

Billing = Literal["postpaid", "prepaid"]
NameKind = Literal["project", "key", "user"]
Dimension = Literal["key", "user"]
"""What costs are grouped by apart from the charges: no provider reports both at once."""
T = TypeVar("T")
K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class ItemsRead(Generic[T]):
    """Items that are read one by one: one that fails costs none of the others."""

    items: Sequence[T]
    not_read: Sequence[str] = ()
    """What of them could not be read, and why: a sentence each, with text from outside in it."""
    is_partial: bool = False
    """Some could not be asked for: what was known of them is not contradicted by this read."""
    is_shortened: bool = False
    """There was no time to ask for all of them: the next read goes on from here."""

    @classmethod
    def joined(cls, parts: "Iterable[ItemsRead[T]]") -> "ItemsRead[T]":
        """What several reads brought together."""
        read = list(parts)
        return cls(
            [item for part in read for item in part.items],
            [reason for part in read for reason in part.not_read],
            any(part.is_partial for part in read),
            any(part.is_shortened for part in read),
        )

    @classmethod
    def gathered(
        cls, titles: Mapping[K, str], read: "Mapping[K, ItemsRead[T] | ProviderError]"
    ) -> "ItemsRead[T]":
        """What came of asking about several things, each with a title: what has no answer was not
        answered in time. Raises the first error where nothing could be read of any of them."""
        failed = [each for each in read.values() if isinstance(each, ProviderError)]
        if failed and len(failed) == len(titles):
            raise failed[0]
        parts = []
        for key, title in titles.items():
            each = read.get(key)
            if each is None:
                each = cls([], [f"{title}: no answer in time"], is_partial=True)
            parts.append(cls.failed(title, each) if isinstance(each, ProviderError) else each)
        return cls.joined(parts)

    @classmethod
    def failed(cls, title: str, error: ProviderError, *, are_all: bool = False) -> "ItemsRead[T]":
        """One item could not be asked for; `are_all`: nor could any other of its kind, so that it
        is about the key."""
        remedy = error.remedy
        if isinstance(error, PermissionMissing) and not are_all:
            remedy = "The key can read others of this account. Check its permissions for this one."
        return cls((), [f"{title}: {str(error).rstrip('.')}. {remedy}"], is_partial=True)


@dataclass(frozen=True, slots=True)
class Charge:
    """One UTC day's cost of one thing in one project: a row of FOCUS cost and usage data.

    A read holds one charge for each (day, sub_account_id, sku_id). `effective_cost` is what the
    provider charges for what was consumed, whether billed later or drawn from a balance. What
    another provider will bill (OpenRouter BYOK) is only an estimate. It is `x_byok_estimate` and
    never part of `effective_cost`.
    """

    charge_period_start: date
    effective_cost: Decimal
    sub_account_id: str | None = None
    sku_id: str | None = None
    """The provider's own name for what was sold: OpenAI's line item, OpenRouter's model."""
    x_model: str | None = None
    """The model read from `sku_id`, or the service where it names none; None: unattributed."""
    sku_meter: str | None = None
    """What is metered: ``input``, ``cached input``, ``output`` …"""
    consumed_quantity: Decimal | None = None
    consumed_unit: str | None = None
    x_byok_estimate: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Name:
    """The provider's name for an id, as free text from outside: hostile until escaped."""

    kind: NameKind
    item_id: str
    name: str
    expires_at: datetime | None = None
    """Of a key: from when on requests with it fail; None: never, or not known."""


@dataclass(frozen=True, slots=True)
class ChargesRead:
    """Every charge of `period`, and the days the provider answered for.

    `covered` holds every past day of the period. It holds the running day only where the provider
    has published something for it: an empty running day is *not published*, not zero. An empty day
    that has just ended may be unpublished too. A single read can't show which, so sync moves such a
    day to `unpublished` by what else is known.
    """

    period: Period
    charges: Sequence[Charge]
    covered: frozenset[date]
    degraded: str | None = None
    """Why this came by a fallback that is not the provider's best answer, if it did."""
    names: Sequence[Name] = ()
    """Names that came with the charges: known even to a key that may read nothing else."""
    unreadable: Mapping[date, str] = field(default_factory=dict)
    """Why a day of the period is not covered: which of its rows cannot be read. Such a day has no
    charges here; text from outside stands in the reason."""
    unpublished: frozenset[date] = frozenset()
    """Empty days that ended, and are not covered since they are taken to be not published yet."""
    as_of: datetime | None = None
    """What happened since then is not in it, where the provider says so: it has published all days
    that ended by then, and none that began later. None: the time of reading."""


@dataclass(frozen=True, slots=True)
class BreakdownItem:
    """One UTC day's cost of one key or user: a breakdown that can't be added to the charges. A user
    has a name or an id, and never an e-mail address."""

    day: date
    item_id: str | None
    """None: the provider says that it cannot attribute this part."""
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
class LimitKind:
    """What people call a kind of limit, and what counts against it."""

    words: str
    """``limit of key``, before the name of what it holds for; of an account: all of it."""
    holds_for: Literal["account", "project", "key"] | None = None
    """None: something else, of which only the provider reports what was used."""


@dataclass(frozen=True, slots=True)
class ProviderLimit:
    """A limit that the provider itself enforces, or only mails about (`is_hard` false)."""

    kind: str
    """One of those that the provider's `ProviderKind.limits` describes."""
    scope_id: str
    scope_name: str | None
    amount: Decimal
    consequence: str
    """What then happens: ``requests with that key fail``."""
    interval: Interval | None
    """None: for the life of what it caps."""
    is_hard: bool
    is_enforcing: bool
    """The cap is blocking traffic now."""
    used: Decimal | None = None
    """Spent against this limit in its present window; None where the provider doesn't report it."""
    remaining: Decimal | None = None
    resets_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Probe:
    """What a credential turned out to be."""

    account: str | None
    """The provider's id of the organization or account, where it gives one."""
    kind: str
    """In plain words: ``admin key``, ``management key``, ``inference key``."""
    can_read_charges: bool
    can_read_balance: bool | None
    """None where the provider reports a balance to no key."""
    notes: Sequence[str] = ()
    expires_at: datetime | None = None
