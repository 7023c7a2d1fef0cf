"""Where a rule stands: its figures as of one look at the books, None where any is not known."""

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal

from bot.spend.ledger import BalanceReading, Connection
from bot.spend.reading.forecast import Forecast, Spending, expectation, forecast_sum
from bot.spend.watching.books import Books, actual, at_least, in_scope, reading
from bot.spend.watching.rules import (
    Budget,
    BudgetFigures,
    Episode,
    Floor,
    FloorFigures,
    Rule,
    Scope,
    budget_period,
)
from providers.period import Period, utc_day

WHOLE_CONNECTIONS = ("all", "provider", "connection")


def budget_figures(rule: Rule, target: Budget, books: Books) -> BudgetFigures | None:
    """What the rule's lines are held against; the forecast only where the rule asks for it.

    Where days are missing it is what the known days came to, if they came to anything.
    """
    period = budget_period(target.period, utc_day(books.now))
    spent = actual(rule.scope, period, books)
    if spent is None:
        least = at_least(rule.scope, period, books)
        return BudgetFigures(least, None, is_least=True) if least is not None else None
    expected = expect(rule.scope, target, books) if target.forecast_thresholds else None
    return BudgetFigures(spent, expected)


def expect(scope: Scope, target: Budget, books: Books) -> Decimal | None:
    """Where the present period is expected to end; None where that is too uncertain to warn by."""
    if scope.kind not in WHOLE_CONNECTIONS:
        return None
    asked = (scope, target.period)
    if asked not in books.expected:
        books.expected[asked] = expectation(*_known(scope, target, books))
    return books.expected[asked]


def foretell(scope: Scope, target: Budget, books: Books) -> Forecast | None:
    """Where the present period will end, with a band; None where that cannot be said."""
    if scope.kind not in WHOLE_CONNECTIONS:
        return None
    asked = (scope, target.period)
    if asked not in books.foretold:
        books.foretold[asked] = forecast_sum(*_known(scope, target, books))
    return books.foretold[asked]


def _known(
    scope: Scope, target: Budget, books: Books
) -> tuple[Sequence[Spending], Period, datetime]:
    """What forecasts of the present period are made from, the period and the moment."""
    parts = [books.spending[each.name] for each in in_scope(scope, books.connections)]
    return parts, budget_period(target.period, utc_day(books.now)), books.now


def floor_figures(rule: Rule, target: Floor, books: Books) -> FloorFigures | None:
    """The reading that the floor is held against: of several accounts, the one with least left."""
    found = account(rule.scope, books)
    if found is None:
        return None
    _, balance = found
    days: int | None = None
    if target.days is not None:
        burn = books.burn.get(balance.connection)
        if burn is None:
            return None
        end = books.runs_out_on.get(balance.connection)
        days = None if end is None else (end - utc_day(books.now)).days
    return FloorFigures(balance.remaining, days, balance.total_credits)


def account(scope: Scope, books: Books) -> tuple[Connection, BalanceReading] | None:
    """The scope's connection with the least left, and its reading; None unless all are read."""
    return _least(scope, books, lambda connection: reading(connection, books))


def last_account(scope: Scope, books: Books) -> tuple[Connection, BalanceReading] | None:
    """The same by the last readings there are, however old; None where one was never read."""
    return _least(scope, books, lambda connection: books.balances.get(connection.name))


def _least(
    scope: Scope, books: Books, read: Callable[[Connection], BalanceReading | None]
) -> tuple[Connection, BalanceReading] | None:
    accounts = [c for c in in_scope(scope, books.connections) if c.billing == "prepaid"]
    readings = [(c, read(c)) for c in accounts]
    known = [(c, balance) for c, balance in readings if balance is not None]
    if not known or len(known) < len(readings):
        return None
    return min(known, key=lambda each: each[1].remaining)


def figure_now(rule: Rule, episode: Episode, books: Books) -> tuple[Decimal | None, Decimal | None]:
    """The actual spend or what is left as of now, and what was bought since the crossing."""
    if isinstance(rule.target, Budget):
        period = budget_period(rule.target.period, utc_day(books.now))
        return actual(rule.scope, period, books), None
    found = account(rule.scope, books)
    if found is None:
        return None, None
    balance = found[1]
    before = episode.credits_at_crossing
    bought = None if before is None else balance.total_credits - before
    return balance.remaining, bought if bought is not None and bought > 0 else None
