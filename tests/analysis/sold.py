"""Made-up tables of line items whose prices and quantities are known."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import product
from math import prod
from typing import Any

from hypothesis import strategies as st

from bot.analysis.drivers import ChangeCauses, skus_with_price_difference, why
from bot.analysis.price_volume import CostItem
from bot.ledger.models import SkuDay
from providers.period import DAY

FIRST = date(2026, 11, 9)
DAYS = 7
WEIGHTS = tuple(Decimal(weight) / 28 for weight in (1, 2, 3, 4, 5, 6, 7))
"""Of the week's units on each of its days: they differ, so that a day shows its price."""
METERS = ("input", "cached input", "output")
ALL_KINDS = ""
"""The meter of a line item that holds several kinds of unit."""
NOTHING = Decimal(0)
MILLION = 10**6


@dataclass(frozen=True, slots=True)
class Sold:
    """One line item of a project: what it truly cost, and how much of it was used."""

    project: str | None
    model: str | None
    meter: str
    price: Decimal
    """Dollars for a million."""
    before: Decimal
    """Millions a week."""
    now: Decimal
    dearer: Decimal = Decimal(1)
    """The price of this week as a ratio to that of the last."""
    free: tuple[Decimal, Decimal] = (NOTHING, NOTHING)
    """Millions that were free before and are now, in rows of their own."""
    allowance: Decimal = NOTHING
    """Millions that are free within the row, a seventh of them each day."""
    credit: tuple[Decimal, Decimal] = (NOTHING, NOTHING)
    is_measured: bool = True
    unit: str = "tokens"
    is_batch: bool = False

    @property
    def sku(self) -> str:
        name = f"{self.model}, {self.meter}" if self.model else self.meter
        return f"{name} (batch)" if self.is_batch else name

    def items(self, is_now: bool) -> list[CostItem]:
        """The rows of one of the weeks, as a provider would give them."""
        used, free = (self.now, self.free[1]) if is_now else (self.before, self.free[0])
        rows = [(self._cost(used, is_now), used), (NOTHING, free)]
        rows.append((-self.credit[is_now], NOTHING))
        return [
            CostItem(
                "openai", self.project, self.model, cost, self.sku, self.meter or None,
                quantity * MILLION if self.is_measured else None,
                self.unit if self.is_measured else None,
            )
            for cost, quantity in rows
            if cost or (quantity and self.is_measured)
        ]  # fmt: skip

    def days(self) -> list[tuple[date, Decimal, Decimal]]:
        """Each day's cost and millions."""
        weeks = ((FIRST, self.before, False), (FIRST + DAY * DAYS, self.now, True))
        return [
            (start + DAY * n, self._day(used, is_now, weight), used * weight)
            for start, used, is_now in weeks
            for n, weight in enumerate(WEIGHTS)
        ]

    def _cost(self, used: Decimal, is_now: bool) -> Decimal:
        return sum((self._day(used, is_now, weight) for weight in WEIGHTS), NOTHING)

    def _day(self, used: Decimal, is_now: bool, weight: Decimal) -> Decimal:
        paid = max(NOTHING, used * weight - self.allowance / DAYS)
        return round(paid * self.price * (self.dearer if is_now else 1), 9)

    @property
    def is_plain(self) -> bool:
        """Whether its cost is its units times its price, and nothing else but one kind of unit."""
        is_bare = not any((*self.free, *self.credit, self.allowance))
        return self.is_measured and self.meter != ALL_KINDS and is_bare


Choices = Mapping[str, Sequence[Any]]
"""Of each field of a line, the values it may have; some are there twice, to come more often."""


def lines(*parts: Choices) -> st.SearchStrategy[Sold]:
    """Return lines with one value of each choice.

    One number chooses all the values of a part: to draw each of them by itself takes longer than
    the rest of a test. Smaller numbers are the values that come first.
    """
    numbers = (st.integers(0, prod(map(len, part.values())) - 1) for part in parts)
    return st.builds(lambda *chosen: Sold(**values(parts, chosen)), *numbers)


def values(parts: Sequence[Choices], chosen: Sequence[int]) -> dict[str, Any]:
    """Return the value of each choice that a part's number stands for."""
    found = {}
    for part, number in zip(parts, chosen, strict=True):
        for name, options in part.items():
            number, index = divmod(number, len(options))
            found[name] = options[index]
    return found


def some(*values: str) -> tuple[Decimal, ...]:
    return tuple(Decimal(value) for value in values)


def seldom(*values: str) -> tuple[Decimal, ...]:
    return some("0", "0", "0", "0", *values)


USE: Choices = {
    "project": ("search", "chat", None),
    "model": ("gpt-5", "gpt-5-mini", "embedding", None),
    "meter": METERS,
    "price": some("0.02", "0.25", "1.25", "10"),
    "before": some("0", "0.1", "1", "1.1", "5", "5.5", "20", "60"),
    "now": some("0", "0.1", "1", "1.1", "5", "5.5", "20", "60"),
    "dearer": some("1", "1", "1", "1", "1.24", "0.8"),
}
ODDITIES: Choices = {
    "free": tuple(product(seldom("1"), seldom("1", "2"))),
    "allowance": seldom("1"),
    "credit": tuple(product(seldom("60"), seldom("6", "60"))),
    "is_measured": (True, True, True, True, False),
}
LINES = lines(USE, ODDITIES)
PLAIN = lines({**USE, "project": ("search", "chat"), "dearer": some("1", "1", "1", "1.24")})

REPLACED = lines(
    {
        "project": ("search", "search", "chat", None),
        "model": ("gpt-4o", "gpt-5", "gpt-5-mini", "claude-3", "claude-4", "o3"),
        "meter": ("input", "input", *METERS),
        "price": some("0.25", "1.25", "5"),
        "before": some("0", "0", "10", "11", "20"),
        "now": some("0", "0", "10", "9", "20"),
    }
)
"""Of many models, with few different quantities: often as many units are gone as came."""

BATCHED = lines(
    {
        "project": ("search", "search", "chat", None),
        "model": ("gpt-5", "gpt-5", "gpt-5-mini", "gpt-4o"),
        "meter": ("input", "input", *METERS),
        "price": some("0.25", "1.25", "5"),
        "before": some("0", "0", "10", "11", "20"),
        "now": some("0", "0", "10", "9", "20"),
        "is_batch": (False, True),
    }
)
"""Of few models, each with normal and batch line items."""


def one_price(lines: list[Sold]) -> list[Sold]:
    """Each line item once in a project, at one price in all of them."""
    first: dict[str, Sold] = {}
    kept: dict[tuple[str | None, str], Sold] = {}
    for each in lines:
        like = first.setdefault(each.sku, each)
        priced = replace(each, price=like.price, dearer=like.dearer)
        kept.setdefault((each.project, each.sku), priced)
    return list(kept.values())


def tables(lines: st.SearchStrategy[Sold]) -> st.SearchStrategy[list[Sold]]:
    return st.lists(lines, min_size=1, max_size=8).map(one_price)


def explained(table: Sequence[Sold]) -> ChangeCauses:
    """What the product says of that table."""
    now = [item for each in table for item in each.items(True)]
    before = [item for each in table for item in each.items(False)]
    days: dict[tuple[str, date], list[Decimal]] = {}
    for each in table:
        for day, cost, millions in each.days():
            if each.is_measured and cost > 0 and millions > 0:
                sums = days.setdefault((each.sku, day), [NOTHING, NOTHING])
                sums[0] += cost
                sums[1] += millions * MILLION
    looked_at = skus_with_price_difference(now, before)
    return why(
        now,
        before,
        sku_days=[
            SkuDay("openai", sku, day, cost, quantity)
            for (sku, day), (cost, quantity) in days.items()
            if sku in looked_at
        ],
    )


def cost(lines: Iterable[Sold], is_now: bool) -> list[Decimal]:
    return [item.cost for each in lines for item in each.items(is_now)]
