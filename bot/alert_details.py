"""What somebody who presses Details is told: where things stand now, and what drives them."""

from collections.abc import Sequence
from datetime import datetime

from bot.alert_facts import Evidence, next_stop
from bot.books import look
from bot.rulebook import RuleBook
from bot.spend.books import Books
from bot.spend.notice import Notice
from bot.spend.rule_answers import AlertDetails, DetailedRule, NotDone
from bot.spend.rule_standing import rule_standing
from bot.spend.rules import Budget, Rule, Scope, budget_period
from bot.spend.standing import account
from providers.period import DAY, Period, utc_day

MOST = 10
WEEK = DAY * 7


class Details:
    """The use case behind the button; whoever calls has checked the permission."""

    def __init__(self, book: RuleBook) -> None:
        self._book = book

    async def of_message(self, delivery: int, now: datetime) -> AlertDetails | NotDone:
        """Everything that one alert message told, as it stands now."""
        async with self._book.reading() as reading:
            notice = await reading.notice(delivery)
            if notice is None:
                return NotDone("This alert is not known any more.", ("alerts list",))
            rules = _rules_of(notice, await reading.rules())
            books = await look(reading, rules, now)
            evidence = Evidence(reading, books)
            detailed = [await _detailed(rule, evidence) for rule in rules]
        return AlertDetails(notice.lines, tuple(detailed), next_stop(books), now)


def _rules_of(notice: Notice, rules: Sequence[Rule]) -> list[Rule]:
    """The rules in force that the message is about."""
    told = {line.rule_id for line in notice.lines}
    return [rule for rule in rules if rule.id in told]


async def _detailed(rule: Rule, evidence: Evidence) -> DetailedRule:
    scope, period = _driven_by(rule, evidence.books)
    contributors = await evidence.contributors(scope, period, MOST)
    return DetailedRule(rule_standing(rule, evidence.books), period, contributors)


def _driven_by(rule: Rule, books: Books) -> tuple[Scope, Period]:
    """What a rule's figures are driven by: its scope's use in the period, or an account's in the
    last complete week."""
    today = utc_day(books.now)
    if isinstance(rule.target, Budget):
        start = budget_period(rule.target.period, today).start
        return rule.scope, Period(start, today + DAY)
    found = account(rule.scope, books)
    scope = rule.scope if found is None else Scope("connection", found[0].name)
    return scope, Period(today - WEEK, today)
