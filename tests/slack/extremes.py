"""Values of any type at the extremes, made from the types alone: what a message is made of tomorrow
is covered too."""

import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import MISSING, dataclass, field, fields, is_dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from itertools import count
from typing import Any, Literal, get_args, get_origin

from sqlmodel import SQLModel

from bot.access.models import Denial
from bot.budgets.messages.budgets import budget_line
from bot.budgets.messages.held_alerts import HeldAlerts, held_lines
from bot.budgets.messages.undelivered import Undelivered
from bot.budgets.models import AlertLine
from bot.currency.models import ReferenceRate, ReportingCurrency
from bot.db.errors import DatabaseUnavailable
from bot.db.models import DigestSubscription, Rule
from bot.ledger.data_quality import ConnectionState
from bot.ledger.models import Connection
from bot.reports.choices import LONGEST_NAME, ScopeItem
from bot.reports.messages.sharing import NotShareable
from bot.reports.models import ConnectionSummary
from bot.schedule import EVERY_DAY, Schedule
from providers.period import Period

NOW = datetime(2026, 11, 24, 15, 20, tzinfo=UTC)
HOSTILE = "<!channel> <@U123|x> *b* `c` & \u202egnp.exe " + "שלום " * 40 + "🚀" * 60 + "x" * 200
FIXED: Mapping[Any, Any] = {
    DatabaseUnavailable: DatabaseUnavailable(HOSTILE, HOSTILE, "has no disk space left"),
    datetime: NOW,
    date: date(2026, 11, 23),
    time: time(9),
    timedelta: timedelta(hours=3),
    Period: Period(date(2026, 11, 1), date(2026, 11, 25)),
    Schedule: Schedule(time(9), EVERY_DAY, "Europe/London"),
    bytes: b"BilledCost\r\n",
    float: 0.5,
}
OURS: Mapping[str, str] = {
    "channel": "C0COSTS",
    "where": "C0COSTS",
    "alert_channels": "C0COSTS",
    "anomaly_channels": "C0COSTS",
    "limited": "S0GROUP",
    "made_by": "U0MEMBER",
    "changed_by": "U0MEMBER",
    "actor": "U0MEMBER",
    "person": "U0MEMBER",
    "mentions": "U0MEMBER",
    "place": "S0GROUP",
    "zone": "Europe/London",
    "provider": "openrouter",
    "connection": "openrouter-eu",
    "state": "has no disk space left",
    "period_words": "this month so far",
    "period_text": "mtd",
    "code": "channel_not_found",
    "reference": "1a2b3c4d",
    "thread_ts": "1763999999.000100",
}
"""Texts that Slack or this app makes, by the name of their field: they hurt nobody."""
OUR_SENTENCES = frozenset({(Denial, "reason"), (NotShareable, "reason"), (Undelivered, "what")})
SLUGS = (Connection, ConnectionSummary, ConnectionState)
"""What goes by a name from our own configuration."""
NEVER_EMPTY = frozenset({"lines", "outlooks"})
OF_EACH_CONNECTION = frozenset({"connections", "states", "bars"})
CONNECTIONS = 50
FEW = 3
"""Of what there can be several in each of several."""


@cache
def _fields(kind: Any) -> Sequence[tuple[str, Any, bool]]:
    """Each field that a class is made with, its type, and whether it has a default: looked up once,
    not for each of two thousand values."""
    if _is_entity(kind):
        made = kind.model_fields.items()
        return [(name, each.annotation, not each.is_required()) for name, each in made]
    hints = typing.get_type_hints(kind, localns={"Rule": Rule})
    return [(each.name, hints[each.name], _has_default(each)) for each in fields(kind) if each.init]


NOT_NAMES = {"person": "U0MEMBER", "each": "project"}
"""What stands for a name in these scopes: an id of Slack, and a kind."""


@dataclass(slots=True)
class Maker:
    """Makes values: `amount` for each sum of money, None where it is not known; so many of whatever
    there can be several of; what may be None is, where `is_bare`."""

    amount: Decimal | None
    size: int
    is_bare: bool = False
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))
    _within: list[Any] = field(default_factory=list)
    """What is being made. Of what has several of its own kind, these have none."""

    def make(self, kind: Any, name: str = "", depth: int = 0) -> Any:
        """One value of that type, for a field of that name."""
        if kind in FIXED:
            return FIXED[kind]
        if kind is str:
            return OURS.get(name) or f"{next(self._numbers)} {HOSTILE}"
        if kind is bool:
            return next(self._numbers) % 2 == 0
        if kind is int:
            return next(self._numbers)
        if kind is Decimal:
            return Decimal(0) if self.amount is None else self.amount
        if kind in (Any, object):
            return HOSTILE
        if kind is type(None):
            return None
        if is_dataclass(kind) or _is_entity(kind):
            return self._built(kind, depth)
        return self._composed(kind, name, depth)

    def _composed(self, kind: Any, name: str, depth: int) -> Any:
        if name == "budget_line":
            return budget_line
        origin, inner = get_origin(kind), get_args(kind)
        if origin is Literal:
            return inner[next(self._numbers) % len(inner)]
        if origin in (types.UnionType, typing.Union):
            return self._one_of(inner, name, depth)
        least = 1 if name in NEVER_EMPTY else 0
        most = FEW if depth else CONNECTIONS if name in OF_EACH_CONNECTION else self.size
        some = range(max(least, min(self.size, most)))
        if origin is tuple and inner[-1:] != (...,):
            return tuple(self.make(each, name, depth) for each in inner)
        if origin in (tuple, list, Sequence):
            if self._within.count(inner[0]) > 1:
                return ()
            return tuple(self.make(inner[0], name, depth + 1) for _ in some)
        if origin in (set, frozenset, AbstractSet):
            return frozenset(self.make(inner[0], name, depth + 1) for _ in some)
        if origin in (dict, Mapping):
            return {
                self.make(inner[0], name, depth + 1): self.make(inner[1], name, depth + 1)
                for _ in some
            }
        raise TypeError(f"how is {name} made, which is {kind}?")

    def _one_of(self, kinds: Sequence[Any], name: str, depth: int) -> Any:
        known = [each for each in kinds if each is not type(None)]
        is_unknown = known == [Decimal] and self.amount is None
        if len(known) < len(kinds) and (self.is_bare or is_unknown):
            return None
        return self.make(known[next(self._numbers) % len(known)], name, depth)

    def _built(self, kind: Any, depth: int) -> Any:
        if kind is Rule and (self.is_bare or self.amount is None):  # people have set it
            return replace(self, amount=Decimal(0), is_bare=False)._built(kind, depth)
        self._within.append(kind)
        made = {
            name: self.make(hint, name, depth)
            for name, hint, has_default in _fields(kind)
            if not (self.is_bare and has_default)
        }
        self._within.pop()
        for scope_kind, scope_name in (("kind", "name"), ("scope_kind", "scope_name")):
            if made.get(scope_kind) in NOT_NAMES and scope_name in made:
                made[scope_name] = NOT_NAMES[made[scope_kind]]
        for each in made:
            if (kind, each) in OUR_SENTENCES:
                made[each] = "Our own words."
        if kind in (ReferenceRate, ReportingCurrency):
            made["currency"] = "EUR"
        if kind in SLUGS:
            made["name"] = f"openrouter-{next(self._numbers)}"
        for what in ("", "scope_"):
            if made.get(f"{what}kind") == "person":  # its name is a Slack id
                made[f"{what}name"] = OURS["person"]
        if kind in (ReferenceRate, ReportingCurrency):
            made["currency"] = "EUR"
        if kind is HeldAlerts:
            made["lines"] = held_lines(self.make(tuple[AlertLine, ...], "lines"))
        if kind is ScopeItem:
            made["value"] = made["value"][:LONGEST_NAME]
        if kind is DigestSubscription:
            made["days"] = sorted(EVERY_DAY)
        return kind(**made)


def _is_entity(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, SQLModel)


def _has_default(each: Any) -> bool:
    return each.default is not MISSING or each.default_factory is not MISSING
