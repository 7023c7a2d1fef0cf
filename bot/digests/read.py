"""Read the facts of a digest from one consistent state of the ledger."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import get_args

from bot.access.models import EVERYTHING, ScopeFilter, VisibilityScope
from bot.analysis.drivers import Change
from bot.analysis.seasonality import HABIT_DAYS
from bot.budgets.figures import budget_status, budget_with_forecast
from bot.budgets.models import AlertLine, Budget, BudgetStatus, budget_period
from bot.budgets.repository import AlertRepository, RuleRepository, line_of, load_snapshot
from bot.budgets.results import sees_alert
from bot.budgets.snapshot import ITEM_KINDS, BudgetSnapshot, is_named
from bot.db.models import DigestSettings
from bot.db.session import Session
from bot.digests.compose import compose
from bot.digests.facts import BudgetSpending, DigestFacts, budget_concerns, budget_window
from bot.digests.models import Digest
from bot.digests.plan import reported_period
from bot.language.commands import Spend
from bot.ledger.charges import ChargeRepository
from bot.ledger.models import Connection, DayFigure, in_scope
from bot.ledger.repository import LedgerRepository
from bot.reports.repository import read_expiring_keys, read_facts
from bot.reports.summarize import summarize
from bot.reports.why import change
from bot.schedule import Slot
from bot.scope import Scope
from providers.period import DAY, Like, Period, midnight, utc_day

REST = timedelta(hours=1)
"""A day counts as settled if nothing new was found for it for this long."""


def settling_days(connections: Sequence[Connection], scope: Scope) -> int:
    """Return the longest time that a connection in scope needs to settle a day."""
    return max((each.settling_days for each in in_scope(scope, connections)), default=0)


async def read_digest(
    session: Session,
    digest_id: int | None,
    settings: DigestSettings,
    slot: Slot,
    now: datetime,
    *,
    promised_at: datetime | None = None,
    recap_month: Period | None = None,
) -> Digest:
    """Return the digest of a slot from the current ledger. It is promised for the slot, or for
    later.

    For a project, the ledger is limited by `visibility_for_scope`. A channel's digest is posted
    there, where everyone may see what AI costs in it; corrections of whole days aren't in it.
    """
    is_of_channel = settings.scope.kind == "channel"
    if is_of_channel:
        session = session.seen_by(EVERYTHING).narrowed(settings.scope)
    everything = await _that_report_spend(session)
    settling = settling_days(everything, settings.scope)
    period, before = reported_period(settings, slot, settling)
    if settings.cadence == "monthly":
        recap_month = period
    days = await ChargeRepository(session).days(
        Period(period.end - DAY * HABIT_DAYS, utc_day(now) + DAY)
    )
    connections = _concerned(settings.scope, everything, days)
    names = [each.name for each in connections]
    scope = settings.scope if settings.scope.kind in ("provider", "connection") else None
    spend = Spend(scope, period, "", None, "")
    facts = DigestFacts(
        now=now,
        scope=settings.scope,
        period=period,
        before=before,
        summary=summarize(spend, await read_facts(session, spend, now), now),
        connections=connections,
        everything=everything,
        days=days,
        items=await ChargeRepository(session).items(period, "model", names),
        items_before=await ChargeRepository(session).items(before, "model", names),
        restatements=[
            each
            for each in await LedgerRepository(session).restatements(
                slot.due_at - DAY * len(period)
            )
            if each.connection in names and not is_of_channel
        ],
        budgets=await _budgets(session.narrowed(None), settings.scope, period, everything, now),
        recap_month=recap_month,
        recap_restatements=[
            each
            for each in await LedgerRepository(session).restatements(midnight(recap_month.end))
            if each.connection in names
        ]
        if recap_month and not is_of_channel
        else (),
        change=None if is_of_channel else await _change(session, connections, period, before, now),
        expiring_keys=[
            each
            for each in await read_expiring_keys(session.narrowed(None), now)
            if each.connection in names and not is_of_channel
        ],
    )
    promised = promised_at or slot.due_at
    return compose(facts, digest_id, settings.cadence, settings.depth, promised)


def visibility_for_scope(visibility: VisibilityScope, scope: Scope) -> VisibilityScope:
    """Return the visibility that a digest of that scope has, within `visibility`."""
    if scope.kind != "project":
        return visibility
    project = ScopeFilter(None, frozenset({(scope.name or "").casefold()}))
    return VisibilityScope((*visibility.layers, (project,)), visibility.people)


async def is_settled(session: Session, scope: Scope, day: date) -> bool:
    """Return True if a finished day has settled: each connection in scope was read well after the
    day ended, and the last hour of reads found nothing new."""
    everything = await _that_report_spend(session)
    wanted = {each.name for each in in_scope(scope, everything) if each.fault("charges") is None}
    figures = {
        figure.connection: figure
        for figure in await ChargeRepository(session).days(Period.of_day(day))
    }
    names = [each.name for each in in_scope(scope, everything)]
    return bool(names) and all(
        name in wanted and name in figures and _is_at_rest(figures[name]) for name in names
    )


async def _that_report_spend(session: Session) -> Sequence[Connection]:
    found = await LedgerRepository(session).connections()
    return [each for each in found if each.reports_spend]


def _is_at_rest(figure: DayFigure) -> bool:
    ended = midnight(figure.day + DAY)
    since = max(ended, figure.last_changed_at)
    return figure.last_read_at - since >= REST


def _concerned(
    scope: Scope, everything: Sequence[Connection], days: Sequence[DayFigure]
) -> Sequence[Connection]:
    """Return the connections in scope; for a project or channel, those in which it used
    anything."""
    connections = in_scope(scope, everything)
    if scope.kind not in ("project", "channel"):
        return connections
    used = {figure.connection for figure in days if figure.used}
    return [each for each in connections if each.name in used] or connections


async def _budgets(
    session: Session,
    scope: Scope,
    period: Period,
    connections: Sequence[Connection],
    now: datetime,
) -> list[BudgetSpending]:
    providers = {each.name: each.provider for each in connections}
    found = []
    for rule in await RuleRepository(session).in_force():
        if not isinstance(rule.target, Budget):
            continue
        if not budget_concerns(scope, rule, providers):
            continue
        if rule.scope.kind == "team" and session.teams.called(rule.scope.name or "") is None:
            continue  # no longer configured, so nothing is known of it
        by = ITEM_KINDS.get(rule.scope.kind)
        window = budget_window(rule.target, period)
        items = await ChargeRepository(session).items(window, by) if by else ()
        named = [item for item in items if is_named(item, rule.scope.name)]
        unread = await ChargeRepository(session).unread_days(window, by) if by else ()
        found.append(BudgetSpending(rule, rule.target, named, unread))
    running = [
        each.rule
        for each in found
        if utc_day(now) in budget_period(each.target.period, period.end - DAY)
    ]
    if not running:
        return found
    snapshot = await load_snapshot(session, running, now)
    return [
        replace(each, current=_current(each, snapshot)) if each.rule in running else each
        for each in found
    ]


def _current(budget: BudgetSpending, snapshot: BudgetSnapshot) -> BudgetStatus:
    """Return a budget's figures of now, without a forecast that is too uncertain to be posted."""
    status = budget_with_forecast(budget_status(budget.rule, budget.target, snapshot), snapshot)
    forecast = snapshot.forecast.get((status.scope, budget.target.period))
    if forecast is not None and not forecast.is_thin and not forecast.filled_days:
        return status
    return replace(status, forecast=None, forecast_low=None, forecast_high=None, crossing_on=None)


async def _change(
    session: Session,
    connections: Sequence[Connection],
    period: Period,
    before: Period,
    now: datetime,
) -> Change | None:
    """Return the causes of the change between exactly these periods, as `/aicost why` finds
    them."""
    like = next((each for each in get_args(Like) if period.before(each) == before), None)
    found = None if like is None else await change(session, connections, period, like, now)
    is_same = isinstance(found, Change) and (found.days, found.before) == (period, before)
    return found if isinstance(found, Change) and is_same else None


async def open_alerts(session: Session, channel: str) -> tuple[AlertLine, ...]:
    """Return the visible unresolved alerts of a channel, oldest first."""
    pairs = [(each.name, each.provider) for each in session.configured]
    return tuple(
        line_of(each)
        for each in (await AlertRepository(session).unresolved())[::-1]
        if each.channel == channel and sees_alert(session.visibility, each.facts, pairs)
    )
