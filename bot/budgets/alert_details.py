"""The answer to the button *Details*: the current state of an alert, and its causes."""

from collections.abc import Sequence
from datetime import datetime

from bot.access.models import Requester, VisibilityScope
from bot.access.service import VisibilityService
from bot.analysis.drivers import Change
from bot.budgets.context import AlertContext
from bot.budgets.figures import WHOLE_CONNECTIONS, alert_status, with_forecast
from bot.budgets.grouping import by_rule
from bot.budgets.models import (
    LIKE,
    AnomalyFacts,
    BalanceStatus,
    Budget,
    BudgetFacts,
    Contributor,
    Facts,
    Notice,
    RuleStatus,
    UpcomingLimit,
    budget_period,
)
from bot.budgets.repository import AlertRepository, RuleRepository, load_snapshot
from bot.budgets.results import AlertDetails, DetailedRule, pairs_of, scope_of, sees_alert, soonest
from bot.budgets.snapshot import BudgetSnapshot
from bot.db.database import Database
from bot.db.models import Rule
from bot.db.session import Session
from bot.language.commands import CommandRejected
from bot.ledger.models import in_scope
from bot.ledger.reasons import unknown_limits
from bot.ledger.repository import LedgerRepository
from bot.reports.why import change
from bot.scope import Scope
from providers.period import DAY, WEEK, Like, Period, utc_day

MOST = 10
UNSEEN = "This alert is about figures you don't have access to. Ask a manager."


class AlertDetailsReader:
    """The use case of the button. The caller has checked the permission."""

    def __init__(self, database: Database, visibility_service: VisibilityService) -> None:
        self._database = database
        self._visibility_service = visibility_service

    async def notice(self, delivery: int, requester: Requester) -> Notice:
        """Return the alerts of a message as the message shows them, if all are visible."""
        visibility = await self._visibility_service.scope_for(
            requester.person, requester.channel or None
        )
        async with self._database.reading() as session:
            return await _visible_notice(session, delivery, visibility)

    async def of_message(self, delivery: int, requester: Requester, now: datetime) -> AlertDetails:
        """Return the current state of all alerts of a message, if all are visible."""
        visibility = await self._visibility_service.scope_for(
            requester.person, requester.channel or None
        )
        async with self._database.reading() as session:
            notice = await _visible_notice(session, delivery, visibility)
            rules = _rules_of(notice, await RuleRepository(session).in_force())
            snapshot = await load_snapshot(session, rules, now)
            context = AlertContext(session, snapshot)
            detailed = [
                await _detailed(with_forecast(status, snapshot), context, session)
                for rule in rules
                for status in _statuses(rule, notice, snapshot, visibility)
            ]
            next_stop = await _next_stop(notice, context, visibility)
            unusual = [await _unusual(line.facts, snapshot, session) for line in notice.lines]
            found = await LedgerRepository(session.seen_by(visibility)).connections()
            scopes = [scope_of(line.facts) for line in notice.lines]
            unread = unknown_limits(
                [each for each in found if any(in_scope(scope, [each]) for scope in scopes)]
            )
        return AlertDetails(
            lines=notice.lines,
            rules=tuple(detailed),
            next_stop=next_stop,
            now=now,
            titles={each.name: each.title for each in snapshot.connections},
            unusual=tuple(each for each in unusual if each is not None),
            unknown_limits=unread,
        )


async def _visible_notice(session: Session, delivery: int, visibility: VisibilityScope) -> Notice:
    """Raise `CommandRejected` if the message is gone or an alert of it isn't visible."""
    notice = await AlertRepository(session).notice(delivery)
    if notice is None:
        raise CommandRejected("This alert no longer exists.", ("alerts list",))
    pairs = pairs_of(await LedgerRepository(session).connections())
    if not all(sees_alert(visibility, line.facts, pairs) for line in notice.lines):
        raise CommandRejected(UNSEEN)
    return notice


def _rules_of(notice: Notice, rules: Sequence[Rule]) -> list[Rule]:
    """Return the rules in force that the message is about."""
    rule_ids = {line.rule_id for line in notice.lines}
    return [rule for rule in rules if rule.id in rule_ids]


def _statuses(
    rule: Rule, notice: Notice, snapshot: BudgetSnapshot, visibility: VisibilityScope
) -> list[RuleStatus]:
    """Return the figures of a rule; of a low-balance rule, those of each account of the message."""
    accounts = {
        getattr(line.facts, "connection", None): line.facts
        for line in notice.lines
        if line.rule_id == rule.id
    }
    return [alert_status(rule, facts, snapshot, visibility) for facts in accounts.values()]


async def _detailed(status: RuleStatus, context: AlertContext, session: Session) -> DetailedRule:
    scope, period, like = _driven_by(status, context.snapshot)
    contributors: tuple[Contributor, ...] = ()
    if scope.kind != "each":
        contributors = await context.contributors(scope, period, like, MOST)
    taken_apart = None
    if scope.kind in WHOLE_CONNECTIONS:
        connections = in_scope(scope, context.snapshot.connections)
        found = await change(session, connections, period, like, context.snapshot.now)
        taken_apart = None if isinstance(found, str) else found
    return DetailedRule(status, period, period.before(like), contributors, taken_apart)


async def _next_stop(
    notice: Notice, context: AlertContext, visibility: VisibilityScope
) -> UpcomingLimit | None:
    """Return the next limit that applies to what the message is about."""
    stops = []
    for lines in by_rule(notice.lines):
        facts = lines[-1].facts
        drivers = facts.contributors if isinstance(facts, BudgetFacts) else ()
        stops.append(await context.next_stop(visibility, scope_of(facts), drivers))
    return soonest(stops)


async def _unusual(facts: Facts, snapshot: BudgetSnapshot, session: Session) -> Change | None:
    """Return the causes of an unusual day. None for other alerts, and while that day still runs."""
    if not isinstance(facts, AnomalyFacts):
        return None
    connections = in_scope(Scope("connection", facts.connection), snapshot.connections)
    found = await change(session, connections, Period.of_day(facts.day), "week", snapshot.now)
    return None if isinstance(found, str) else found


def _driven_by(status: RuleStatus, snapshot: BudgetSnapshot) -> tuple[Scope, Period, Like]:
    """Return what explains a rule's figures: its scope, and the complete days of the period (today
    before there are any). For a balance, the whole account in the last complete week."""
    rule, today = status.rule, utc_day(snapshot.now)
    if isinstance(rule.target, Budget):
        start = budget_period(rule.target.period, today).start
        end = today if start < today else today + DAY
        return rule.scope, Period(start, end), LIKE[rule.target.period]
    account = status.connection if isinstance(status, BalanceStatus) else None
    scope = Scope("connection", account) if account else rule.scope
    return scope, Period(today - DAY * WEEK, today), "days"
