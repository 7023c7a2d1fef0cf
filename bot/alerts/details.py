"""What somebody who presses Details is told: where things stand now, and what drives them."""

from collections.abc import Sequence
from datetime import datetime

from bot.alerts.books import look
from bot.alerts.facts import LIKE, Evidence
from bot.alerts.rulebook import RuleBook
from bot.answers.asker import Asker
from bot.answers.why import change
from bot.ports import Reading
from bot.seeing.sights import Sights
from bot.seeing.withheld import pairs_of, scope_of
from bot.spend.reading.change import Change
from bot.spend.watching.books import Books, in_scope
from bot.spend.watching.notice import Facts, Notice, SpikeFacts
from bot.spend.watching.rule_answers import AlertDetails, DetailedRule, NotDone
from bot.spend.watching.rule_standing import rule_standing
from bot.spend.watching.rules import Budget, Rule, Scope, budget_period
from bot.spend.watching.standing import WHOLE_CONNECTIONS, account
from providers.period import DAY, WEEK, Like, Period, utc_day

MOST = 10
UNSEEN = "This alert is about figures that you don't see here. Ask a manager."


class Details:
    """The use case behind the button; whoever calls has checked the permission."""

    def __init__(self, book: RuleBook, sights: Sights) -> None:
        self._book = book
        self._sights = sights

    async def of_message(
        self, delivery: int, asker: Asker, now: datetime
    ) -> AlertDetails | NotDone:
        """Everything that one alert message told, as it stands now, if all of it is seen."""
        sight = await self._sights.sight(asker.person, asker.channel or None)
        async with self._book.reading() as reading:
            notice = await reading.notice(delivery)
            if notice is None:
                return NotDone("This alert is not known any more.", ("alerts list",))
            pairs = pairs_of(await reading.connections())
            if not all(sight.sees_scope(scope_of(line.facts), pairs) for line in notice.lines):
                return NotDone(UNSEEN)
            rules = _rules_of(notice, await reading.rules())
            books = await look(reading, rules, now)
            evidence = Evidence(reading, books)
            detailed = [await _detailed(rule, evidence, reading) for rule in rules]
            next_stop = await evidence.next_stop(sight)
            unusual = [await _unusual(line.facts, books, reading) for line in notice.lines]
        return AlertDetails(
            lines=notice.lines,
            rules=tuple(detailed),
            next_stop=next_stop,
            now=now,
            titles={each.name: each.title for each in books.connections},
            unusual=tuple(each for each in unusual if each is not None),
        )


def _rules_of(notice: Notice, rules: Sequence[Rule]) -> list[Rule]:
    """The rules in force that the message is about."""
    told = {line.rule_id for line in notice.lines}
    return [rule for rule in rules if rule.id in told]


async def _detailed(rule: Rule, evidence: Evidence, ledger: Reading) -> DetailedRule:
    scope, period, like = _driven_by(rule, evidence.books)
    contributors = await evidence.contributors(scope, period, like, MOST)
    taken_apart = None
    if scope.kind in WHOLE_CONNECTIONS:
        connections = in_scope(scope, evidence.books.connections)
        found = await change(ledger, connections, period, like, evidence.books.now)
        taken_apart = None if isinstance(found, str) else found
    standing = rule_standing(rule, evidence.books)
    return DetailedRule(standing, period, period.before(like), contributors, taken_apart)


async def _unusual(facts: Facts, books: Books, ledger: Reading) -> Change | None:
    """What drove an unusual day; None for other lines, and while that day still runs."""
    if not isinstance(facts, SpikeFacts):
        return None
    connections = in_scope(Scope("connection", facts.connection), books.connections)
    found = await change(ledger, connections, Period.of_day(facts.day), "week", books.now)
    return None if isinstance(found, str) else found


def _driven_by(rule: Rule, books: Books) -> tuple[Scope, Period, Like]:
    """What a rule's figures are driven by: its scope's use on the complete days of the period, or
    today's before there are any; an account's in the last complete week."""
    today = utc_day(books.now)
    if isinstance(rule.target, Budget):
        start = budget_period(rule.target.period, today).start
        end = today if start < today else today + DAY
        return rule.scope, Period(start, end), LIKE[rule.target.period]
    found = account(rule.scope, books)
    scope = rule.scope if found is None else Scope("connection", found[0].name)
    return scope, Period(today - DAY * WEEK, today), "days"
