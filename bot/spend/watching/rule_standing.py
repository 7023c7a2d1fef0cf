"""Where a rule stands now, for lists and for the answer to a change.

What could not be read just now is shown as it was last read, and said to be so; nothing is judged
from it.
"""

from datetime import datetime

from bot.spend.ledger import Part
from bot.spend.reading.forecast import crossing
from bot.spend.watching.books import Books, at_least, in_scope, last_read, reading, rests_on
from bot.spend.watching.rule_answers import RuleStanding
from bot.spend.watching.rules import Budget, Floor, Rule, budget_period
from bot.spend.watching.standing import account, budget_figures, foretell, last_account
from providers.period import utc_day


def rule_standing(rule: Rule, books: Books) -> RuleStanding:
    """The figures there are; where one is missing or not up to date, why."""
    if isinstance(rule.target, Budget):
        return _budget_standing(rule, rule.target, books)
    return _floor_standing(rule, books)


def _budget_standing(rule: Rule, target: Budget, books: Books) -> RuleStanding:
    figures = budget_figures(rule, target, books)
    if figures is None or figures.is_least:
        return _budget_when_last_read(rule, target, books)
    expected = foretell(rule.scope, target, books)
    return RuleStanding(
        rule,
        actual=figures.actual,
        forecast=expected.expected if expected else None,
        forecast_low=expected.low if expected else None,
        forecast_high=expected.high if expected else None,
        crossing_on=crossing(target.amount, expected).likely
        if expected and figures.actual < target.amount
        else None,
        as_of=_read_at(rule, books),
    )


def _budget_when_last_read(rule: Rule, target: Budget, books: Books) -> RuleStanding:
    period = budget_period(target.period, utc_day(books.now))
    used = last_read(rule.scope, period, books)
    least = at_least(rule.scope, period, books) if used is None else None
    at = None if used is None and least is None else _read_at(rule, books)
    return RuleStanding(
        rule, actual=used, at_least=least, as_of=at, reason=_why_unknown(rule, books)
    )


def _read_at(rule: Rule, books: Books) -> datetime | None:
    read = [c.charges_read_at for c in in_scope(rule.scope, books.connections)]
    return min((at for at in read if at is not None), default=None)


def _floor_standing(rule: Rule, books: Books) -> RuleStanding:
    found = account(rule.scope, books)
    reason = None if found is not None else _why_unknown(rule, books)
    last = found or last_account(rule.scope, books)
    if last is None:
        return RuleStanding(rule, reason=reason)
    connection, balance = last
    return RuleStanding(
        rule,
        left=balance.remaining,
        runs_out_on=books.runs_out_on.get(connection.name),
        as_of=balance.read_at,
        reason=reason,
    )


def _why_unknown(rule: Rule, books: Books) -> str:
    """The first thing that is wrong with a connection in scope, and its mend."""
    for connection in in_scope(rule.scope, books.connections):
        if isinstance(rule.target, Floor) and connection.billing == "postpaid":
            continue
        part = _rests_on(rule, connection.name, books)
        fault = connection.fault(part)
        if fault is not None:
            return f"{fault.message.rstrip('.')}. {fault.remedy}"
        if connection.charges_read_at is None:
            return f"{connection.title} has not been read yet."
        if isinstance(rule.target, Floor) and reading(connection, books) is None:
            return f"{connection.title}'s balance has not been read lately."
    return "Some days of the period are not known yet."


def _rests_on(rule: Rule, connection: str, books: Books) -> Part:
    if isinstance(rule.target, Budget):
        return "charges"
    found = books.balances.get(connection)
    return "balance" if found is None else rests_on(found)
