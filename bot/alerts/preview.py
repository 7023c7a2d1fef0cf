"""The alert that a budget or floor would cause, as it would read if it were crossed now."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.alerts.books import look
from bot.alerts.facts import Evidence, facts_of
from bot.alerts.rulebook import RuleBook
from bot.seeing.sights import Sights
from bot.spend.watching.books import Books
from bot.spend.watching.notice import PREVIEWED, AlertLine, Notice
from bot.spend.watching.rule_answers import NotDone
from bot.spend.watching.rules import Budget, Floor, Level, Rule, Scope, levels
from bot.spend.watching.standing import budget_figures, floor_figures

NOBODY = "nobody"


class AlertPreviews:
    """The use case behind *Preview* in the modals of budgets, floors and alerts."""

    def __init__(self, book: RuleBook, sights: Sights) -> None:
        self._book = book
        self._sights = sights

    async def of_target(
        self, scope: Scope, target: Budget | Floor, channel: str, now: datetime
    ) -> Notice | NotDone:
        """What would be said of a rule that is not set yet."""
        return await self._of(Rule(0, 1, scope, target, channel, NOBODY, now), (), now)

    async def of_rule(
        self, rule: int, mentions: tuple[str, ...], now: datetime
    ) -> Notice | NotDone:
        """What would be said of a rule that is, naming these people."""
        found = await self._numbered(rule)
        return found if isinstance(found, NotDone) else await self._of(found, mentions, now)

    async def of_change(self, rule: int, target: Budget | Floor, now: datetime) -> Notice | NotDone:
        """What would be said of a rule that is, with this for its line."""
        found = await self._numbered(rule)
        if isinstance(found, NotDone):
            return found
        people = tuple(dict.fromkeys(who for _, who in found.mentions))
        return await self._of(replace(found, target=target), people, now)

    async def _numbered(self, rule: int) -> Rule | NotDone:
        async with self._book.reading() as reading:
            found = next((each for each in await reading.rules() if each.id == rule), None)
        return found or NotDone("This budget was removed in the meantime.", ("budget list",))

    async def _of(self, rule: Rule, mentions: tuple[str, ...], now: datetime) -> Notice | NotDone:
        sight = await self._sights.of_channel(rule.channel)
        async with self._book.reading() as reading:
            books = await look(reading, [rule], now)
            if not _has_figures(rule, books):
                return NotDone(
                    "What this would say can't be shown: its figures are not known at the moment. "
                    "It can be set all the same."
                )
            facts = await facts_of(rule, Evidence(reading, books), sight)
        return Notice(
            0,
            tuple(
                AlertLine(
                    alert_id=PREVIEWED,
                    rule_id=rule.id,
                    level=level,
                    facts=facts,
                    is_standing=False,
                    crossed_at=now,
                    state="open",
                    mentions=mentions,
                )
                for level in _levels(rule, books)
            ),
        )


def _has_figures(rule: Rule, books: Books) -> bool:
    if isinstance(rule.target, Budget):
        return budget_figures(rule, rule.target, books) is not None
    return floor_figures(rule, rule.target, books) is not None


def _levels(rule: Rule, books: Books) -> Sequence[Level]:
    """The thresholds that are passed now, or else the lowest."""
    lines = levels(rule.target)
    if not isinstance(rule.target, Budget):
        return lines[:1]
    figures = budget_figures(rule, rule.target, books)
    used = figures.actual if figures else None
    crossed = [
        line
        for line in lines
        if line.basis == "actual"
        and used is not None
        and used * 100 >= rule.target.amount * line.threshold
    ]
    return crossed or lines[:1]
