"""Where a budget's alerts go, and whom they name. Whoever calls has checked the permission."""

from dataclasses import replace
from datetime import datetime

from bot.access.repository import AuditRepository
from bot.access.requester import Requester
from bot.budgets.load_snapshot import load_snapshot
from bot.budgets.models import Budget, Rule, levels
from bot.budgets.repository import RuleRepository
from bot.budgets.results import RuleSet
from bot.budgets.service import unchanged
from bot.budgets.status import budget_status
from bot.db.database import Database
from bot.db.models import AuditEntry
from bot.db.session import Session
from bot.json_codec import JsonCodec
from bot.language.commands import CommandRejected

RULE: JsonCodec[Rule] = JsonCodec(Rule)


class Routing:
    """The use case behind the modal of where alerts go."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def rules(self) -> tuple[Rule, ...]:
        """Every budget and floor."""
        async with self._database.reading() as session:
            return tuple(await RuleRepository(session).rules())

    async def route(
        self,
        rule: int,
        channel: str,
        people: tuple[str, ...],
        only_highest: frozenset[str],
        requester: Requester,
        now: datetime,
    ) -> RuleSet | CommandRejected:
        """Warn in this channel, naming these people at each line, those of `only_highest` at the
        last one alone."""
        async with self._database.writing() as session:
            before = await _rule(session, rule)
            if before is None:
                return CommandRejected("This budget was removed in the meantime.", ("budget list",))
            mentions = _mentions(before, people, only_highest)
            if channel == before.channel and set(mentions) == set(before.mentions):
                return unchanged(budget_status(before, await load_snapshot(session, [before], now)))
            if channel != before.channel:
                for other in await RuleRepository(session).rules():
                    if _collides(before, other, channel):
                        return CommandRejected(
                            f"That channel has such a budget already (#{other.id}): change or "
                            "remove one of them first."
                        )
                await RuleRepository(session).route(rule, channel)
            await RuleRepository(session).mention(rule, mentions)
            after = replace(before, channel=channel, mentions=mentions)
            await AuditRepository(session).add_audit(
                AuditEntry(
                    at=now,
                    actor=requester.person.id,
                    action="budget.moved" if channel != before.channel else "budget.changed",
                    target=f"budget #{rule}",
                    before=RULE.plain(before),
                    after=RULE.plain(after),
                )
            )
            snapshot = await load_snapshot(session, [after], now)
        return RuleSet(budget_status(after, snapshot), before, is_said_in_channel=False, ended=0)


async def _rule(session: Session, number: int) -> Rule | None:
    return next((each for each in await RuleRepository(session).rules() if each.id == number), None)


def _collides(rule: Rule, other: Rule, channel: str) -> bool:
    """The same scope and period again in one channel would be one budget."""
    if other.id == rule.id or other.channel != channel or other.scope != rule.scope:
        return False
    if isinstance(rule.target, Budget) and isinstance(other.target, Budget):
        return rule.target.period == other.target.period
    return type(rule.target) is type(other.target)


def _mentions(
    rule: Rule, people: tuple[str, ...], only_highest: frozenset[str]
) -> tuple[tuple[int, str], ...]:
    lines = sorted({level.threshold for level in levels(rule.target)})
    return tuple(
        (threshold, person)
        for person in people
        for threshold in (lines[-1:] if person in only_highest else lines)
    )
