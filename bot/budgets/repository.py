"""Rules and alerts in the database."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, update
from sqlmodel import col, select

from bot.access.models import EACH_PERSON, VisibilityScope
from bot.budgets.models import AlertLine, Notice
from bot.db.models import Alert, Delivery, Rule
from bot.db.session import Session


class RuleRepository:
    """Budgets and low-balance rules."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def in_force(self, visibility: VisibilityScope | None = None) -> Sequence[Rule]:
        """Return every visible rule that was not removed, oldest first. The visibility is the
        session's if none is given."""
        rows = await self._session.exec(
            select(Rule).where(col(Rule.removed_at).is_(None)).order_by(col(Rule.id))
        )
        pairs = [(each.name, each.provider) for each in self._session.configured]
        seen = self._session.visibility if visibility is None else visibility
        known = set(self._session.person_costs.names)
        is_anyone_seen = seen.people is None or not known.isdisjoint(seen.people)
        return [
            rule
            for rule in rows
            if seen.sees_scope(rule.scope, pairs) and (is_anyone_seen or rule.scope != EACH_PERSON)
        ]

    async def save(self, rule: Rule) -> None:
        """Save a new or changed rule, and read its number and stored amounts back."""
        self._session.add(rule)
        await self._session.flush()
        await self._session.refresh(rule)

    async def move_channel(self, channel: str, to: str) -> None:
        """Move rules, alerts and undelivered messages to a channel's new id, and budgets on what AI
        costs there."""
        await self._session.exec(
            update(Rule)
            .where(col(Rule.scope_kind) == "channel", col(Rule.scope_name) == channel)
            .values(scope_name=to)
        )
        for table in (Rule, Alert, Delivery):
            await self._session.exec(
                update(table).where(col(table.channel) == channel).values(channel=to)
            )


class AlertRepository:
    """Alerts, open and resolved."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def of_rules(self, oldest: date) -> Sequence[Alert]:
        """Return the alerts of rules in force: the unresolved ones, all of low-balance rules, and
        those of budget periods that began on `oldest` or later."""
        rows = await self._session.exec(
            select(Alert)
            .join(Rule, col(Rule.id) == col(Alert.rule_id))
            .where(col(Rule.removed_at).is_(None))
            .where(
                or_(
                    col(Alert.state) != "resolved",
                    col(Alert.period_start).is_(None),
                    col(Alert.period_start) >= oldest,
                )
            )
            .order_by(col(Alert.id))
        )
        return rows.all()

    async def unresolved(self) -> Sequence[Alert]:
        """Return the alerts that are open, acknowledged or snoozed, newest first."""
        return (await self._where(col(Alert.state) != "resolved"))[::-1]

    async def unresolved_without_rule(self) -> Sequence[Alert]:
        """Return the unresolved alerts that belong to no rule, oldest first."""
        return await self._where(col(Alert.rule_id).is_(None), col(Alert.state) != "resolved")

    async def ended_since(self, since: datetime) -> Sequence[Alert]:
        """Return the alerts that ended since then, newest first."""
        return (await self._where(col(Alert.state) == "resolved", col(Alert.ended_at) >= since))[
            ::-1
        ]

    async def find(self, number: int) -> Alert | None:
        """Return the alert of that number."""
        return next(iter(await self._where(col(Alert.id) == number)), None)

    async def numbered(self, numbers: Sequence[int]) -> Sequence[Alert]:
        """Return the alerts of these numbers, oldest first."""
        return await self._where(col(Alert.id).in_(numbers))

    async def of_message(self, delivery: int) -> Sequence[Alert]:
        """Return the alerts of one message, oldest first."""
        return await self._where(col(Alert.delivery_id) == delivery)

    async def notice(self, delivery: int) -> Notice | None:
        """Return the current content of an alert's message."""
        rows = await self._session.exec(
            select(Alert, Rule)
            .outerjoin(Rule, col(Rule.id) == col(Alert.rule_id))
            .where(col(Alert.delivery_id) == delivery)
            .order_by(col(Alert.id))
        )
        lines = tuple(line_of(alert, rule) for alert, rule in rows)
        return Notice(delivery, lines) if lines else None

    async def waiting_notices(self) -> Sequence[tuple[str, Notice]]:
        """Return the alert messages that wait to be posted, with their channels."""
        rows = await self._session.exec(
            select(col(Delivery.channel), col(Delivery.id))
            .where(col(Delivery.kind) == "alert", col(Delivery.state).in_(("pending", "leased")))
            .order_by(col(Delivery.id))
        )
        found = [(channel, await self.notice(number)) for channel, number in rows.all()]
        return [(channel, notice) for channel, notice in found if notice is not None]

    async def known_keys(self, keys: Sequence[str]) -> frozenset[str]:
        """Return those of these keys under which an alert was ever opened."""
        rows = await self._session.exec(select(col(Alert.key)).where(col(Alert.key).in_(keys)))
        return frozenset(rows.all())

    async def add_all(self, alerts: Sequence[Alert]) -> None:
        """Save new alerts and read their numbers."""
        self._session.add_all(alerts)
        await self._session.flush()

    async def _where(self, *conditions: Any) -> Sequence[Alert]:
        rows = await self._session.exec(select(Alert).where(*conditions).order_by(col(Alert.id)))
        return rows.all()


def line_of(alert: Alert, rule: Rule | None = None) -> AlertLine:
    """Return an alert as messages show it, with the mentions of its rule."""
    mentions = rule.mentions if rule is not None else ()
    return AlertLine(
        alert_id=alert.id,
        rule_id=alert.rule_id,
        level=alert.level,
        facts=alert.facts,
        is_initial=alert.is_initial,
        crossed_at=alert.crossed_at,
        state=alert.state,
        acted_by=alert.acted_by,
        acted_at=alert.acted_at,
        snoozed_until=alert.snoozed_until,
        ended=alert.ended,
        ended_at=alert.ended_at,
        mentions=tuple(who for level, who in mentions if level == alert.threshold),
    )
