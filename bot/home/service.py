"""The content of the Home tab, read with a fixed number of queries."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.access.models import Person, Policy, VisibilityRule, is_manager
from bot.access.repository import AuditRepository
from bot.access.service import VisibilityService
from bot.anomalies.repository import AnomalyRepository
from bot.budgets.figures import budget_with_forecast, rule_status, with_forecast
from bot.budgets.models import Budget, BudgetStatus
from bot.budgets.repository import AlertRepository, RuleRepository, line_of, load_snapshot
from bot.budgets.results import pairs_of, sees_alert
from bot.budgets.snapshot import BudgetSnapshot
from bot.db.database import Database
from bot.db.models import Alert, AuditEntry, DigestSubscription, Rule
from bot.digests.repository import DigestRepository
from bot.home.models import (
    RESOLVED_FOR,
    AdminSection,
    HomeData,
    OpenMessage,
    Step,
    fullest,
    one_line_each,
)
from bot.ledger.models import Connection
from bot.ledger.repository import LedgerRepository
from bot.reports.answers import Answers

BARS = 2
"""Budgets shown per connection."""
PRESSING = 5
DIGESTS = 8
CHANGES = 6
CHANGES_SINCE = timedelta(days=90)


class Home:
    """The use case of the Home tab. The caller has checked that the user may read."""

    def __init__(
        self,
        database: Database,
        answers: Answers,
        visibility_service: VisibilityService,
        policy: Policy,
    ) -> None:
        self._database = database
        self._answers = answers
        self._visibility_service = visibility_service
        self._policy = policy

    async def home_data(
        self, person: Person, channels: frozenset[str] | None, now: datetime
    ) -> HomeData:
        """Return one user's content. `channels`: those the user is in; None if Slack doesn't
        say."""
        visibility = await self._visibility_service.scope_for(person, None)
        async with self._database.reading() as session:
            status = await self._answers.status(session.seen_by(visibility), now)
            connections = await LedgerRepository(session).connections()
            pairs = pairs_of(connections)
            rules = await RuleRepository(session).in_force()
            snapshot = await load_snapshot(session, rules, now)
            alerts = await AlertRepository(session).unresolved()
            resolved = await AlertRepository(session).ended_since(now - RESOLVED_FOR)
            digests = await DigestRepository(session).active()
            anomaly_channels = await AnomalyRepository(session).channels()
            managed_anomaly_channels = await AnomalyRepository(session).managed()
            manages = is_manager(person, self._policy)
            audit = (
                await AuditRepository(session).since(now - CHANGES_SINCE, CHANGES)
                if manages
                else ()
            )
        seen = [rule for rule in rules if visibility.sees_scope(rule.scope, pairs)]
        statuses = [rule_status(rule, snapshot) for rule in seen]
        bars = [each for each in statuses if isinstance(each, BudgetStatus)]
        limited = await self._visibility_service.rules() if manages else ()

        def forecast(found: Sequence[BudgetStatus]) -> tuple[BudgetStatus, ...]:
            return tuple(budget_with_forecast(each, snapshot) for each in fullest(found, BARS))

        messages = _messages([row for row in alerts if sees_alert(visibility, row.facts, pairs)])
        return HomeData(
            now=now,
            summary=status.summary,
            states=status.states,
            done=_done(connections, rules, digests),
            overall=forecast([bar for bar in bars if bar.rule.scope.kind == "all"]),
            bars=tuple((each.name, forecast(_bars_of(each, bars))) for each in connections),
            alerts=one_line_each(messages),
            resolved=tuple(
                line_of(row) for row in resolved[::-1] if sees_alert(visibility, row.facts, pairs)
            ),
            digests=tuple(
                plan
                for plan in digests
                if plan.made_by == person.id or plan.channel in (channels or ())
            ),
            are_channels_known=channels is not None,
            managed=replace(
                _managed(rules, bars, digests, anomaly_channels, limited, audit, snapshot),
                managed_anomaly_channels=managed_anomaly_channels,
            )
            if manages
            else None,
        )


def _done(
    connections: Sequence[Connection], rules: Sequence[Rule], digests: Sequence[DigestSubscription]
) -> frozenset[Step]:
    steps: dict[Step, bool] = {
        "connected": bool(connections),
        "synced": any(each.charges_read_at or each.balance_read_at for each in connections),
        "digest": bool(digests),
        "budget": bool(rules),
    }
    return frozenset(step for step, is_done in steps.items() if is_done)


def _bars_of(connection: Connection, bars: Sequence[BudgetStatus]) -> list[BudgetStatus]:
    scopes = (("connection", connection.name), ("provider", connection.provider))
    return [bar for bar in bars if (bar.rule.scope.kind, bar.rule.scope.name) in scopes]


def _messages(rows: Sequence[Alert]) -> tuple[OpenMessage, ...]:
    """Return the alerts grouped by their message, newest first."""
    by_message: dict[int, list[Alert]] = {}
    for row in rows:
        by_message.setdefault(row.delivery_id, []).append(row)
    return tuple(
        OpenMessage(delivery, group[0].channel, tuple(line_of(row) for row in group))
        for delivery, group in by_message.items()
    )


def _by_due(plan: DigestSubscription) -> tuple[bool, datetime, int]:
    """Sort key: paused ones first, then by due time."""
    return plan.next_due_at is not None, plan.next_due_at or plan.changed_at, plan.id


def _managed(
    rules: Sequence[Rule],
    bars: Sequence[BudgetStatus],
    digests: Sequence[DigestSubscription],
    anomaly_channels: Sequence[str],
    limited: Sequence[VisibilityRule],
    audit: Sequence[AuditEntry],
    snapshot: BudgetSnapshot,
) -> AdminSection:
    low_balances = [rule for rule in rules if not isinstance(rule.target, Budget)]
    shown = [bar.rule for bar in fullest(bars, PRESSING)]
    shown += low_balances[: PRESSING - len(shown)]
    return AdminSection(
        rules=len(rules),
        pressing=tuple(with_forecast(rule_status(rule, snapshot), snapshot) for rule in shown),
        alert_channels=tuple(Counter(rule.channel for rule in rules).most_common()),
        anomaly_channels=tuple(anomaly_channels),
        digests=len(digests),
        paused=sum(plan.next_due_at is None for plan in digests),
        first_digests=tuple(sorted(digests, key=_by_due)[:DIGESTS]),
        limited=tuple(limited),
        audit=tuple(audit),
    )
