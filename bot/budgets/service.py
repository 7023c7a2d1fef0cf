"""Budgets and floors: set, changed, listed, removed. Whoever calls has checked the permission."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from bot.access.repository import AuditRepository
from bot.access.requester import Requester
from bot.budgets.alert_store import edit_messages, end_episode
from bot.budgets.alerting import Alerts
from bot.budgets.load_snapshot import HISTORY_DAYS, load_snapshot
from bot.budgets.models import Budget, BudgetStatus, LowBalanceRule, Rule, Scope, carried, levels
from bot.budgets.repository import AlertRepository, RuleRepository
from bot.budgets.results import RuleListing, RuleRemoved, RuleSet
from bot.budgets.snapshot import ITEM_KINDS, in_scope, is_named
from bot.budgets.status import budget_status
from bot.db.database import Database
from bot.db.models import AuditEntry
from bot.db.session import Session
from bot.json_codec import JsonCodec
from bot.language.commands import BudgetRemove, BudgetSet, CommandRejected, FloorSet
from bot.language.typos import unambiguous_match
from bot.ledger.charges import ChargeRepository
from bot.ledger.repository import LedgerRepository
from bot.wording import chosen
from providers.period import DAY, Period, utc_day

RULE: JsonCodec[Rule] = JsonCodec(Rule)


@dataclass(frozen=True, slots=True)
class _Manner:
    """How a rule's alerts are told."""

    mentions: tuple[tuple[int, str], ...]
    is_end_quiet: bool


class Budgets:
    """The use case behind `/aicost budget`."""

    def __init__(self, database: Database, alerts: Alerts) -> None:
        self._database = database
        self._alerts = alerts

    async def set_budget(
        self, command: BudgetSet, requester: Requester, now: datetime
    ) -> RuleSet | CommandRejected:
        """Make this scope's budget for this period in this channel, or change it."""
        target = Budget(
            command.amount, command.period, command.thresholds, command.forecast_thresholds
        )
        return await self._put(
            command.scope, target, command.channel, _manner(command), requester, now
        )

    async def set_floor(
        self, command: FloorSet, requester: Requester, now: datetime
    ) -> RuleSet | CommandRejected:
        """Make this account's floor in this channel, or change it."""
        target = LowBalanceRule(command.dollars, command.days)
        return await self._put(
            command.scope, target, command.channel, _manner(command), requester, now
        )

    async def standing(self, rule: int, now: datetime) -> BudgetStatus | CommandRejected:
        """One rule, and where it stands."""
        async with self._database.reading() as session:
            found = _numbered(rule, await RuleRepository(session).rules())
            if found is None:
                return _removed()
            return budget_status(found, await load_snapshot(session, [found], now))

    async def raise_to(
        self, rule: int, version: int, amount: Decimal, requester: Requester, now: datetime
    ) -> RuleSet | CommandRejected:
        """Give a budget a larger amount, if it still is as whoever raises it saw it."""
        async with self._database.writing() as session:
            found = _as_seen(rule, version, await RuleRepository(session).rules())
            if isinstance(found, CommandRejected):
                return found
            if not isinstance(found.target, Budget):
                return _removed()
            held = found.target.amount
            if amount <= held:
                return CommandRejected(
                    f"Give more than the {chosen(held)} it is now. To lower it, press Change "
                    "beside it in the list of budgets."
                )
            target = replace(found.target, amount=amount)
            return await self._change(session, found, target, _manner(found), requester, now)

    async def change(
        self,
        rule: int,
        version: int,
        target: Budget | LowBalanceRule,
        requester: Requester,
        now: datetime,
    ) -> RuleSet | CommandRejected:
        """Give a budget or floor another line, if it still is as whoever changes it saw it."""
        async with self._database.writing() as session:
            found = _as_seen(rule, version, await RuleRepository(session).rules())
            if isinstance(found, CommandRejected):
                return found
            if found.target == target:
                return CommandRejected("Nothing changed: this is how it is set now.")
            return await self._change(
                session, found, target, _manner_under(found, target), requester, now
            )

    async def listing(self, now: datetime) -> RuleListing:
        """Every rule, and where it stands."""
        async with self._database.reading() as session:
            rules = await RuleRepository(session).rules()
            snapshot = await load_snapshot(session, rules, now)
        return RuleListing(tuple(budget_status(rule, snapshot) for rule in rules))

    async def remove(
        self, command: BudgetRemove, requester: Requester, now: datetime
    ) -> RuleRemoved | CommandRejected:
        """Take one rule out of force; what it opened is over."""
        async with self._database.writing() as session:
            rules = await RuleRepository(session).rules()
            found = _referred(command.reference, rules, requester.channel)
            if isinstance(found, CommandRejected):
                return found
            return await self._remove(session, found, requester, now)

    async def take_out(
        self, rule: int, version: int, requester: Requester, now: datetime
    ) -> RuleRemoved | CommandRejected:
        """The same for the rule of that number, if it still is as whoever removes it saw it."""
        async with self._database.writing() as session:
            found = _as_seen(rule, version, await RuleRepository(session).rules())
            if isinstance(found, CommandRejected):
                return found
            return await self._remove(session, found, requester, now)

    async def _put(
        self,
        scope: Scope,
        target: Budget | LowBalanceRule,
        named: str | None,
        manner: _Manner,
        requester: Requester,
        now: datetime,
    ) -> RuleSet | CommandRejected:
        channel = named or requester.channel
        async with self._database.writing() as session:
            refused = await _unfit(session, scope, target, now)
            if refused is not None:
                return refused
            for rule in await RuleRepository(session).rules():
                if not _is_same(rule, scope, target, channel):
                    continue
                if _is_as_asked(rule, target, manner):
                    standing = budget_status(rule, await load_snapshot(session, [rule], now))
                    return unchanged(standing, is_here=named is None)
                return await self._change(session, rule, target, manner, requester, now)
            rule = await RuleRepository(session).add_rule(
                scope, target, channel, requester.person.id, now
            )
            rule = await _speaking(session, rule, manner)
            await AuditRepository(session).add_audit(
                _entry(requester, "budget.set", None, rule, now)
            )
            return await self._judged(session, rule, None, now)

    async def _change(
        self,
        session: Session,
        before: Rule,
        target: Budget | LowBalanceRule,
        manner: _Manner,
        requester: Requester,
        now: datetime,
    ) -> RuleSet:
        rule = await _speaking(
            session, await RuleRepository(session).change_rule(before.id, target, now), manner
        )
        await AuditRepository(session).add_audit(
            _entry(requester, "budget.changed", before, rule, now)
        )
        return await self._judged(session, rule, before, now)

    async def _judged(
        self, session: Session, rule: Rule, before: Rule | None, now: datetime
    ) -> RuleSet:
        """Hold the rule against the figures there are, and say where it stands."""
        snapshot = await load_snapshot(session, [rule], now)
        open_before = await _open_alerts(session, rule.id)
        crossed = await self._alerts.judge(session, [rule], snapshot, now)
        ended = len(open_before - await _open_alerts(session, rule.id))
        return RuleSet(budget_status(rule, snapshot), before, crossed > 0, ended)

    async def _remove(
        self, session: Session, rule: Rule, requester: Requester, now: datetime
    ) -> RuleRemoved:
        snapshot = await load_snapshot(session, [rule], now)
        episodes = [
            episode
            for episode in await AlertRepository(session).episodes(
                utc_day(now) - DAY * HISTORY_DAYS
            )
            if episode.rule_id == rule.id and episode.state != "resolved"
        ]
        ended = [
            await end_episode(session, rule, each, "removed", snapshot, now) for each in episodes
        ]
        endings = [each for each in ended if each is not None]
        await edit_messages(session, [episode.id for episode in episodes], now, endings)
        await RuleRepository(session).remove_rule(rule.id, now)
        await AuditRepository(session).add_audit(
            _entry(requester, "budget.removed", rule, None, now)
        )
        return RuleRemoved(rule, len(episodes))


def unchanged(standing: BudgetStatus, *, is_here: bool = False) -> RuleSet:
    """The answer where a rule is set as it was asked for already."""
    return RuleSet(
        standing,
        standing.rule,
        is_said_in_channel=False,
        ended=0,
        is_changed=False,
        is_here=is_here,
    )


def _manner(given: BudgetSet | FloorSet | Rule) -> _Manner:
    return _Manner(given.mentions, given.is_end_quiet)


def _is_as_asked(rule: Rule, target: Budget | LowBalanceRule, manner: _Manner) -> bool:
    return (
        rule.target == target
        and set(rule.mentions) == set(manner.mentions)
        and rule.is_end_quiet == manner.is_end_quiet
    )


def _manner_under(rule: Rule, target: Budget | LowBalanceRule) -> _Manner:
    """As the rule's alerts are told, with its people at the new lines."""
    before, after = ([each.threshold for each in levels(one)] for one in (rule.target, target))
    return _Manner(carried(rule.mentions, before, after), rule.is_end_quiet)


async def _speaking(session: Session, rule: Rule, manner: _Manner) -> Rule:
    await RuleRepository(session).mention(rule.id, manner.mentions)
    await RuleRepository(session).say_ends(rule.id, "quietly" if manner.is_end_quiet else "aloud")
    return replace(rule, mentions=manner.mentions, is_end_quiet=manner.is_end_quiet)


def _entry(
    requester: Requester, action: str, before: Rule | None, after: Rule | None, now: datetime
) -> AuditEntry:
    target = "".join(f"budget #{rule.id}" for rule in (after or before,) if rule)
    return AuditEntry(
        at=now,
        actor=requester.person.id,
        action=action,
        target=target,
        before=None if before is None else RULE.plain(before),
        after=None if after is None else RULE.plain(after),
    )


def _numbered(number: int, rules: Sequence[Rule]) -> Rule | None:
    return next((rule for rule in rules if rule.id == number), None)


def _as_seen(number: int, version: int, rules: Sequence[Rule]) -> Rule | CommandRejected:
    """The rule, if nobody changed or removed it since somebody saw that version of it."""
    found = _numbered(number, rules)
    if found is None:
        return _removed()
    if found.version == version:
        return found
    now = f"it is {chosen(found.target.amount)} now" if isinstance(found.target, Budget) else ""
    return CommandRejected(
        f"Somebody changed this budget in the meantime{': ' if now else ''}{now}. "
        "Close this and open it again to see how it is set."
    )


def _removed() -> CommandRejected:
    return CommandRejected("This budget was removed in the meantime.", ("budget list",))


async def _open_alerts(session: Session, rule: int) -> set[int]:
    return {
        row.line.alert_id
        for row in await AlertRepository(session).alerts()
        if row.line.rule_id == rule
    }


def _is_same(rule: Rule, scope: Scope, target: Budget | LowBalanceRule, channel: str) -> bool:
    """The same scope, period and channel again changes that budget; a floor has one line."""
    if rule.channel != channel or _folded(rule.scope) != _folded(scope):
        return False
    if isinstance(rule.target, Budget) and isinstance(target, Budget):
        return rule.target.period == target.period
    if isinstance(rule.target, LowBalanceRule) and isinstance(target, LowBalanceRule):
        return (rule.target.days is None) == (target.days is None)
    return False


def _folded(scope: Scope) -> tuple[str, str]:
    return scope.kind, (scope.name or "").casefold()


async def _unfit(
    session: Session, scope: Scope, target: Budget | LowBalanceRule, now: datetime
) -> CommandRejected | None:
    """Why this scope cannot have this rule, if it cannot."""
    connections = await LedgerRepository(session).connections()
    chosen = in_scope(scope, connections)
    if not chosen:
        names = ", ".join(c.name for c in connections)
        return CommandRejected(f"No connection goes by “{scope.name}”. There are: {names}.")
    if isinstance(target, LowBalanceRule) and not any(c.billing == "prepaid" for c in chosen):
        return CommandRejected(
            f"{chosen[0].title} is billed afterwards: nothing is left to run low there. "
            "A budget warns by what was used.",
        )
    by = ITEM_KINDS.get(scope.kind)
    if by is None:
        return None
    today = utc_day(now)
    known = await ChargeRepository(session).items(
        Period(today - DAY * HISTORY_DAYS, today + DAY), by
    )
    if any(is_named(item, scope.name) for item in known):
        return None
    names_of = sorted({item.name or item.item_id or "" for item in known} - {""})
    close = unambiguous_match(scope.name or "", names_of)
    hint = f" Did you mean “{close}”?" if close else ""
    return CommandRejected(
        f"No {scope.kind} called “{scope.name}” has used anything in the last ten weeks.{hint}",
        (f"mtd by {by}",),
    )


def _referred(reference: str, rules: Sequence[Rule], channel: str) -> Rule | CommandRejected:
    """The one rule that a number or a scope's name means; this channel's before others'."""
    wanted = reference.strip().lstrip("#").casefold()
    if wanted.isdigit():
        found = [rule for rule in rules if rule.id == int(wanted)]
    else:
        found = [rule for rule in rules if wanted in _spoken(rule.scope)]
        here = [rule for rule in found if rule.channel == channel]
        found = here or found
    if len(found) == 1:
        return found[0]
    if not found:
        return CommandRejected(f"There is no budget “{reference}”.", ("budget list",))
    numbers = ", ".join(f"#{rule.id}" for rule in found)
    return CommandRejected(
        f"“{reference}” means several budgets ({numbers}): name one by its number.",
        ("budget list",),
    )


def _spoken(scope: Scope) -> tuple[str, str]:
    name = (scope.name or "all").casefold()
    return name, f"{scope.kind} {name}"
