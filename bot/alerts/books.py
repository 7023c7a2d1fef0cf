"""Taking one look at the ledger: everything that rules are judged from."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from bot.answers.left import read_left
from bot.ports import Reading
from bot.spend.facts import LedgerFacts
from bot.spend.ledger import BalanceReading, By, DayFigure, ItemFigure
from bot.spend.one_connection import left_of
from bot.spend.reading.habits import HABIT_DAYS
from bot.spend.runway import spending
from bot.spend.watching.books import ITEM_KINDS, Books, by_name
from bot.spend.watching.rules import Budget, Rule, budget_period
from providers.period import DAY, Period, utc_day

HISTORY_DAYS = 70
"""Ten weeks: the longest budget period twice."""


async def look(reading: Reading, rules: Sequence[Rule], now: datetime) -> Books:
    """One consistent look, with the cuts that these rules need."""
    today = utc_day(now)
    connections = await reading.connections()
    figures = await reading.days(Period(today - DAY * HABIT_DAYS, today + DAY))
    by_connection: dict[str, list[DayFigure]] = defaultdict(list)
    for figure in figures:
        by_connection[figure.connection].append(figure)
    items: dict[tuple[Period, By], Mapping[str, Sequence[ItemFigure]]] = {}
    for rule in rules:
        by = ITEM_KINDS.get(rule.scope.kind)
        if by is not None and isinstance(rule.target, Budget):
            period = budget_period(rule.target.period, today)
            if (period, by) not in items:
                items[period, by] = by_name(await reading.items(period, by))
    left = await read_left(reading, connections, now)
    facts = LedgerFacts(
        connections,
        days=(),
        recent=left.recent,
        balances=left.balances,
        limits=left.limits,
        estimates=left.estimates,
        use=left.use,
    )
    balances: dict[str, BalanceReading] = {}
    burn: dict[str, Decimal] = {}
    ends: dict[str, date] = {}
    for connection in connections:
        readings = left.balances.get(connection.name)
        found = left_of(connection, facts, now)
        if not readings or found is None or found.remaining is None:
            continue
        if connection.billing != "prepaid":
            continue
        balances[connection.name] = readings[-1]
        if found.burn_per_day is not None:
            burn[connection.name] = found.burn_per_day
        if found.runs_out_on is not None:
            ends[connection.name] = found.runs_out_on
    return Books(
        now=now,
        connections=connections,
        days={
            name: {figure.day: figure.used for figure in of_one}
            for name, of_one in by_connection.items()
        },
        items=items,
        balances=balances,
        burn=burn,
        runs_out_on=ends,
        spending={
            each.name: part
            for each, part in zip(connections, spending(connections, figures, now), strict=True)
        },
        limits=left.limits,
        byok={
            name: {figure.day: figure.byok_estimate for figure in of_one}
            for name, of_one in by_connection.items()
        },
    )
