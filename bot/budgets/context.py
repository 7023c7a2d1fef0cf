"""What drove a crossing: read when it is found, and stored in its alert."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from bot.access.models import VisibilityRule, VisibilityScope, visibility_of_channel
from bot.access.repository import VisibilityRepository
from bot.budgets.figures import budget_with_forecast
from bot.budgets.models import (
    LIKE,
    BalanceStatus,
    Budget,
    BudgetFacts,
    BudgetStatus,
    Contributor,
    Facts,
    LowBalanceFacts,
    LowBalanceRule,
    RuleStatus,
    UpcomingLimit,
)
from bot.budgets.snapshot import ITEM_KINDS, BudgetSnapshot, evaluated_from, is_named
from bot.db.models import Alert, LimitReading, Rule
from bot.db.session import Session
from bot.ledger.charges import ChargeRepository
from bot.ledger.models import Connection, Dimension, ItemFigure, in_scope
from bot.ledger.repository import LedgerRepository
from bot.reports.models import LedgerFacts
from bot.reports.repository import next_limit_of, read_left
from bot.scope import Scope
from providers.period import DAY, WEEK, Like, Period, utc_day

TOP = 3


class AlertContext:
    """Facts from the ledger for alert messages, each read at most once."""

    def __init__(self, session: Session, snapshot: BudgetSnapshot) -> None:
        self._ledger = session
        self.snapshot = snapshot
        self._items: dict[tuple[Period, Dimension], Sequence[ItemFigure]] = {}
        self._left: dict[VisibilityScope, LedgerFacts] = {}
        self._limited: Sequence[VisibilityRule] | None = None

    async def visibility_of(self, channel: str) -> VisibilityScope:
        """Return what everyone in this channel may see."""
        if self._limited is None:
            self._limited = await VisibilityRepository(self._ledger).rules()
        return visibility_of_channel(channel, self._limited)

    async def may_post(self, rule: Rule, status: BudgetStatus | None = None) -> bool:
        """Return whether the rule's channel may read about the one that these figures are of, or
        about each for None. What a rule names itself may be read where its maker posts it."""
        if rule.scope.kind != "each":
            return True
        seen = await self.visibility_of(rule.channel)
        if status is None or status.scope.kind != "project":
            return seen.sees_named(rule.scope, self._ledger.names())
        sources = evaluated_from(status.scope, status.period, self.snapshot)
        return seen.sees_named(status.scope, [each.name for each in sources])

    async def contributors(
        self, scope: Scope, period: Period, like: Like, most: int = TOP
    ) -> tuple[Contributor, ...]:
        """Return the largest models of a scope (projects, if the scope is a model), and the spend
        they are compared with. The one that rose most is among them.

        A breakdown by model isn't stored for projects and keys: they are their only contributor.
        A channel has none.
        """
        if scope.kind == "channel":
            return ()
        by: Dimension = "project" if scope.kind == "model" else "model"
        if scope.kind in ("project", "key", "model"):
            by = ITEM_KINDS[scope.kind]
        names = {c.name for c in in_scope(scope, self.snapshot.connections)}
        now = [
            item
            for item in await self._items_by(period, by)
            if item.connection in names
            and (scope.kind not in ITEM_KINDS or is_named(item, scope.name))
        ]
        past = period.clip(Period(date.min, utc_day(self.snapshot.now)))
        is_compared = (
            len(past) > 0 and self._covers(names, past) and self._covers(names, past.before(like))
        )
        before = _by_item(await self._items_by(past.before(like), by)) if is_compared else {}
        by_yesterday = _by_item(await self._items_by(past, by)) if past != period else None
        found = [
            Contributor(
                name=item.label,
                connection=item.connection,
                used=item.used,
                used_before=before.get(item.key, Decimal(0)) if is_compared else None,
                used_by_yesterday=None
                if by_yesterday is None
                else by_yesterday.get(item.key, Decimal(0)),
            )
            for item in sorted(now, key=lambda each: -each.used)
            if item.used > 0
        ]
        shown, rest = found[:most], found[most:]
        risen = max(found, key=lambda each: each.rise or 0, default=None)
        if risen in rest:
            shown[-1] = risen
        return tuple(shown)

    async def next_stop(
        self, visibility: VisibilityScope, scope: Scope, contributors: Sequence[Contributor]
    ) -> UpcomingLimit | None:
        """Return the next visible limit that applies to the scope; None if none has a date. A
        project, key, model or team uses the connections of its contributors."""
        if visibility not in self._left:
            seen = self._ledger.seen_by(visibility)
            connections = await LedgerRepository(seen).connections()
            self._left[visibility] = await read_left(seen, connections, self.snapshot.now)
        facts = self._left[visibility]
        connections = in_scope(scope, facts.connections)
        if scope.kind in ITEM_KINDS:
            used = {each.connection for each in contributors}
            connections = tuple(each for each in connections if each.name in used)
        limits = [each for each in facts.limits if _applies(each, scope, connections)]
        return next_limit_of(connections, replace(facts, limits=limits), self.snapshot.now)

    def _covers(self, names: set[str], period: Period) -> bool:
        return all(day in self.snapshot.days.get(name, {}) for name in names for day in period)

    async def _items_by(self, period: Period, by: Dimension) -> Sequence[ItemFigure]:
        if (period, by) not in self._items:
            self._items[period, by] = await ChargeRepository(self._ledger).items(period, by)
        return self._items[period, by]


def _applies(limit: LimitReading, scope: Scope, connections: Sequence[Connection]) -> bool:
    """Return True if a limit of these connections applies to the scope: to a project, key, model or
    team, only one of the whole account or of the item itself."""
    owner = next((each for each in connections if each.name == limit.connection), None)
    if owner is None:
        return False
    held_for = owner.limit_kind(limit.kind).holds_for
    if scope.kind not in ITEM_KINDS or held_for == "account":
        return True
    named = {known.casefold() for known in (limit.scope_id, limit.scope_name) if known}
    return held_for == scope.kind and (scope.name or "").casefold() in named


def _by_item(items: Sequence[ItemFigure]) -> dict[tuple[str, str | None], Decimal]:
    return {item.key: item.used for item in items}


async def facts_of(status: RuleStatus, context: AlertContext, visibility: VisibilityScope) -> Facts:
    """Return the facts of a rule that was crossed. Apart from the rule's own figures, they contain
    only what is visible with `visibility`, in the channel of the alert."""
    if isinstance(status, BudgetStatus):
        return await _budget_facts(status, context, visibility)
    return await _low_balance_facts(status, context)


async def facts_after_change(
    alert: Alert, rule: Rule, status: RuleStatus | None, context: AlertContext
) -> Facts:
    """Return the facts of an alert that goes on after its rule was changed: the current ones.

    If no figures are known, they are those of before with the rule's new amount or minimum. Whether
    a forecast passes that amount isn't known then, so the facts of its alert stay.
    """
    facts, target = alert.facts, rule.target
    if isinstance(status, BudgetStatus) and status.known is not None:
        if alert.basis == "actual" or not status.is_least:
            visibility = await context.visibility_of(alert.channel)
            return await _budget_facts(status, context, visibility, context.snapshot.now)
    elif isinstance(status, BalanceStatus) and status.remaining is not None:
        return await _low_balance_facts(status, context)
    if isinstance(facts, BudgetFacts) and isinstance(target, Budget) and alert.basis == "actual":
        return replace(facts, amount=target.amount)
    if isinstance(facts, LowBalanceFacts) and isinstance(target, LowBalanceRule):
        return replace(facts, dollars=target.dollars, days=target.days)
    return facts


async def _budget_facts(
    status: BudgetStatus,
    context: AlertContext,
    visibility: VisibilityScope,
    updated_at: datetime | None = None,
) -> BudgetFacts:
    status = budget_with_forecast(status, context.snapshot)
    if status.known is None:
        raise ValueError("a budget whose figures are not known is never crossed")
    now, scope, target, period = context.snapshot.now, status.scope, status.target, status.period
    contributors = await context.contributors(
        scope, Period(period.start, utc_day(now) + DAY), LIKE[target.period]
    )
    return BudgetFacts(
        scope=scope,
        amount=target.amount,
        period=target.period,
        period_start=period.start,
        period_end=period.end,
        actual=status.known,
        forecast=status.forecast,
        forecast_low=status.forecast_low,
        forecast_high=status.forecast_high,
        as_of=status.as_of or now,
        contributors=contributors,
        next_stop=await context.next_stop(visibility, scope, contributors),
        is_least=status.is_least,
        crossing_on=status.crossing_on,
        updated_at=updated_at,
    )


async def _low_balance_facts(status: BalanceStatus, context: AlertContext) -> LowBalanceFacts:
    if status.connection is None or status.remaining is None or status.as_of is None:
        raise ValueError("a low-balance rule without a known balance never alerts")
    today = utc_day(context.snapshot.now)
    return LowBalanceFacts(
        scope=status.rule.scope,
        connection=status.connection,
        dollars=status.target.dollars,
        days=status.target.days,
        remaining=status.remaining,
        burn_per_day=status.burn_per_day,
        runs_out_on=status.runs_out_on,
        runs_out_earliest=status.runs_out_earliest,
        runs_out_latest=status.runs_out_latest,
        as_of=status.as_of,
        contributors=await context.contributors(
            Scope("connection", status.connection), Period(today - DAY * WEEK, today), "days"
        ),
        is_estimated=status.is_estimated,
        currency=status.currency,
        account=status.account,
    )
