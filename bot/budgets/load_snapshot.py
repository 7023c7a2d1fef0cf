"""Read one consistent state of the ledger, with everything that rules are evaluated from."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from bot.analysis.seasonality import HABIT_DAYS
from bot.budgets.figures import budget_status, budget_with_forecast, rule_status
from bot.budgets.models import Budget, BudgetStatus, budget_period
from bot.budgets.repository import RuleRepository
from bot.budgets.snapshot import ITEM_KINDS, BudgetSnapshot, by_name
from bot.db.models import Rule
from bot.db.session import Session
from bot.ledger.charges import ChargeRepository
from bot.ledger.models import BalanceReading, DayFigure, Dimension, ItemFigure
from bot.ledger.repository import LedgerRepository
from bot.reports.history import spending
from bot.reports.repository import read_left
from bot.reports.summarize import left_of
from bot.scope import Scope
from providers.period import DAY, Period, utc_day

RULE_HISTORY_DAYS = 70
"""Ten weeks: twice the longest budget period."""


async def read_statuses(
    session: Session, scope: Scope | None, now: datetime
) -> Sequence[BudgetStatus]:
    """Return the status of the budgets on that connection or provider; None: of all budgets but
    those for each person, team or project, which have no forecast and are not for everyone."""
    budgets = [
        (rule, rule.target)
        for rule in await RuleRepository(session).in_force()
        if isinstance(rule.target, Budget)
        and rule.scope.kind != "each"
        and (scope is None or _is_on(rule.scope, scope))
    ]
    if not budgets:
        return ()
    snapshot = await load_snapshot(session, [rule for rule, _ in budgets], now)
    statuses = [budget_status(rule, target, snapshot) for rule, target in budgets]
    return [budget_with_forecast(each, snapshot) for each in statuses]


async def read_fullest(session: Session, now: datetime) -> Sequence[BudgetStatus]:
    """Return the status of each budget for each person, team or project: of the one of them that
    used most, without a forecast."""
    rules = [each for each in await RuleRepository(session).in_force() if each.scope.kind == "each"]
    if not rules:
        return ()
    snapshot = await load_snapshot(session, rules, now)
    statuses = [rule_status(rule, snapshot) for rule in rules]
    return [each for each in statuses if isinstance(each, BudgetStatus)]


def _is_on(scope: Scope, target: Scope) -> bool:
    """Return True for the same name: a connection mostly has its provider's."""
    return scope.kind in ("connection", "provider") and scope.name == target.name


async def load_snapshot(session: Session, rules: Sequence[Rule], now: datetime) -> BudgetSnapshot:
    """Return one consistent snapshot with the breakdowns that these rules need."""
    today = utc_day(now)
    connections = await LedgerRepository(session).connections()
    figures = await ChargeRepository(session).days(Period(today - DAY * HABIT_DAYS, today + DAY))
    by_connection: dict[str, list[DayFigure]] = defaultdict(list)
    for figure in figures:
        by_connection[figure.connection].append(figure)
    items: dict[tuple[Period, Dimension], Mapping[str, Sequence[ItemFigure]]] = {}
    unread: dict[tuple[Period, Dimension], Mapping[str, Collection[date]]] = {}
    for rule in rules:
        is_each = rule.scope.kind == "each"
        by = ITEM_KINDS.get((is_each and rule.scope.name) or rule.scope.kind)
        if by is not None and isinstance(rule.target, Budget):
            period = budget_period(rule.target.period, today)
            if (period, by) not in items:
                charges = ChargeRepository(session)
                items[period, by] = by_name(await charges.items(period, by))
                unread[period, by] = await charges.unread_days(period, by)
    facts = await read_left(session, connections, now)
    balances: dict[str, BalanceReading] = {}
    left_unknown: dict[str, str] = {}
    burn: dict[str, Decimal] = {}
    ends: dict[str, date] = {}
    for connection in connections:
        readings = facts.balances.get(connection.name)
        found = left_of(connection, facts, now)
        if found is not None and found.remaining is None and found.reason is not None:
            left_unknown[connection.name] = found.reason
        if not readings or found is None or found.remaining is None:
            continue
        if connection.billing != "prepaid":
            continue
        balances[connection.name] = readings[-1]
        if found.burn_per_day is not None:
            burn[connection.name] = found.burn_per_day
        if found.runs_out_on is not None:
            ends[connection.name] = found.runs_out_on
    return BudgetSnapshot(
        now=now,
        connections=connections,
        days={
            name: {figure.day: figure.used for figure in of_one}
            for name, of_one in by_connection.items()
        },
        items=items,
        unread=unread,
        balances=balances,
        left_unknown=left_unknown,
        burn=burn,
        runs_out_on=ends,
        spending={
            each.name: part
            for each, part in zip(connections, spending(connections, figures, now), strict=True)
        },
        teams=session.teams,
        people=session.person_costs,
        limits=facts.limits,
        byok={
            name: {figure.day: figure.byok_estimate for figure in of_one}
            for name, of_one in by_connection.items()
        },
    )
