"""Values that every provider returns: FOCUS names for charges, plain ones for the rest.

Money is `Decimal` in US dollars, days are UTC days, moments are aware UTC.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Generic, Literal, TypeVar

from providers.errors import PermissionMissing, ProviderError
from providers.period import Interval, Period

Billing = Literal["postpaid", "prepaid"]
NameKind = Literal["project", "key", "user", "channel"]
BreakdownDimension = Literal["key", "user", "channel"]
"""Dimensions apart from the charges: no provider reports both at once. A channel is one of
Slack, by its id there."""
T = TypeVar("T")
K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class ItemsRead(Generic[T]):
    """Items read one by one; a failed one doesn't affect the others."""

    items: Sequence[T]
    not_read: Sequence[str] = ()
    """What could not be read, and why: a sentence each, with text from outside."""
    is_partial: bool = False
    """Some could not be requested, so earlier readings of them stay valid."""
    is_shortened: bool = False
    """There was no time for all of them; the next read continues."""
    is_absent: bool = False
    """The account doesn't have them, which is no fault. Earlier readings stay valid."""
    without: frozenset[str] = frozenset()
    """Ids of what was asked about and has no such item, so an earlier reading doesn't stay."""

    @classmethod
    def joined(cls, parts: "Iterable[ItemsRead[T]]") -> "ItemsRead[T]":
        """Return the items of several reads."""
        read = list(parts)
        return cls(
            [item for part in read for item in part.items],
            [reason for part in read for reason in part.not_read],
            any(part.is_partial for part in read),
            any(part.is_shortened for part in read),
            without=frozenset().union(*(part.without for part in read)),
        )

    @classmethod
    def gathered(
        cls, titles: Mapping[K, str], read: "Mapping[K, ItemsRead[T] | ProviderError]"
    ) -> "ItemsRead[T]":
        """Return the results of requests about several subjects, each with a title. A subject
        without a result did not answer in time. Raises the first error if nothing could be read at
        all."""
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
        """Return that one item could not be requested. `are_all`: nor could any other of its kind,
        so the key is the cause."""
        remedy = error.remedy
        if isinstance(error, PermissionMissing) and not are_all:
            remedy = "The key can read others of this account. Check its permissions for this one."
        return cls((), [f"{title}: {str(error).rstrip('.')}. {remedy}"], is_partial=True)


@dataclass(frozen=True, slots=True)
class Charge:
    """One UTC day's cost of one thing in one project: a row of FOCUS cost and usage data.

    A read has at most one charge for each (day, sub_account_id, sku_id). `effective_cost` is what
    the provider charges for consumption, whether billed later or drawn from a balance. What another
    provider will bill (OpenRouter BYOK) is only an estimate: `x_byok_estimate`, never part of
    `effective_cost`.
    """

    charge_period_start: date
    effective_cost: Decimal
    sub_account_id: str | None = None
    sku_id: str | None = None
    """The provider's name of what was sold: OpenAI's line item, OpenRouter's model."""
    x_model: str | None = None
    """The model in `sku_id`, or the service if it names no model; None: unattributed."""
    sku_meter: str | None = None
    """What is metered: ``input``, ``cached input``, ``output`` …"""
    consumed_quantity: Decimal | None = None
    consumed_unit: str | None = None
    x_byok_estimate: Decimal = Decimal(0)
    list_cost: Decimal | None = None
    """The same use at list prices, before discounts. None: not reported."""


@dataclass(frozen=True, slots=True)
class Name:
    """The provider's name of an id: text from outside, hostile until escaped."""

    kind: NameKind
    item_id: str
    name: str
    expires_at: datetime | None = None
    """For a key: when requests with it begin to fail. None: never, or not known."""


@dataclass(frozen=True, slots=True)
class ChargesRead:
    """Every charge of `period`, and the days the provider answered for.

    `covered` has every past day of the period. It has the running day only if the provider has
    published something for it: an empty running day is *not published*, not zero. An empty day that
    has just ended may be unpublished too. A single read can't show which, so sync moves such a day
    to `unpublished` from what else is known.
    """

    period: Period
    charges: Sequence[Charge]
    covered: frozenset[date]
    degraded: str | None = None
    """Why this came from a fallback that is not the provider's best answer, if it did."""
    names: Sequence[Name] = ()
    """Names that came with the charges, available even to a key that may read nothing else."""
    unreadable: Mapping[date, str] = field(default_factory=dict)
    """Why a day of the period is not covered: which of its rows can't be read. Such a day has no
    charges here. The reason contains text from outside."""
    unpublished: frozenset[date] = frozenset()
    """Empty days that ended, and are not covered since they are taken to be not published yet."""
    as_of: datetime | None = None
    """The time of the figures, if the provider gives one: it has published all days that ended by
    then, and none that began later. None: the time of reading."""


@dataclass(frozen=True, slots=True)
class BreakdownItem:
    """One UTC day's cost of one key, user or channel: a breakdown that can't be added to the
    charges. A user has a name or an id, and never an e-mail address."""

    day: date
    item_id: str | None
    """None: the provider reports that this part can't be attributed."""
    item_name: str | None
    effective_cost: Decimal


@dataclass(frozen=True, slots=True)
class PrepaidBalance:
    """An account's prepaid balance, as the provider reports it; `remaining` may be negative."""

    remaining: Decimal
    """In `currency`, exact."""
    total_credits: Decimal | None = None
    """All credits ever bought. It rises with a top-up, and may fall with an expiry, refund or
    transfer. With `total_usage`, None if the provider reports neither: then the ledger counts from
    its first reading, falls of the balance as usage and rises as bought credit."""
    total_usage: Decimal | None = None
    currency: str = "USD"
    """ISO 4217. An amount in another currency than USD is never added or converted."""
    others: Mapping[str, Decimal] = field(default_factory=dict)
    """What the same account has in other currencies."""
    note: str | None = None
    """A sentence to show with the amount."""


@dataclass(frozen=True, slots=True)
class LimitKind:
    """The title of a kind of limit, and what counts against it."""

    words: str
    """``limit of key``, followed by the name of its subject; a limit of the account has all of its
    title."""
    holds_for: Literal["account", "project", "key"] | None = None
    """None: something else, whose use only the provider reports."""


@dataclass(frozen=True, slots=True)
class ProviderLimit:
    """A limit that the provider enforces, or only sends e-mail about (`is_hard` false)."""

    kind: str
    """One of the kinds in `ProviderKind.limits`."""
    scope_id: str
    scope_name: str | None
    amount: Decimal
    consequence: str
    """What happens when it is reached: ``requests with that key fail``."""
    interval: Interval | None
    """None: it never resets."""
    is_hard: bool
    is_enforcing: bool
    """The limit blocks requests now."""
    used: Decimal | None = None
    """Spend in its current window; None if the provider doesn't report it."""
    remaining: Decimal | None = None
    resets_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Probe:
    """What was found out about a key."""

    account: str | None
    """The provider's id of the organization or account, if it returns one."""
    kind: str
    """In words: ``admin key``, ``management key``, ``inference key``."""
    can_read_charges: bool
    can_read_balance: bool | None
    """None if the provider reports a balance to no key."""
    notes: Sequence[str] = ()
    expires_at: datetime | None = None
