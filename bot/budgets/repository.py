"""Rules and alerts in the database."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, or_, update
from sqlmodel import col, select

from bot.budgets.alerts import AlertLine, AlertRow, Facts, NewAlert, Notice
from bot.budgets.models import (
    Budget,
    Ended,
    Ends,
    Episode,
    EpisodeState,
    LowBalanceRule,
    Rule,
    Scope,
    Threshold,
)
from bot.db.models.outbox import Delivery
from bot.db.models.rules import Alert
from bot.db.models.rules import Rule as Stored
from bot.db.session import Session
from bot.json_codec import JsonCodec

FACTS: JsonCodec[Facts] = JsonCodec(Facts)


class RuleRepository:
    """Budgets and low-balance rules."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def rules(self) -> Sequence[Rule]:
        """Every budget and floor in force, oldest first."""
        rows = await self._session.exec(
            select(Stored).where(col(Stored.removed_at).is_(None)).order_by(col(Stored.id))
        )
        pairs = [(each.name, each.provider) for each in self._session.configured]
        rules = [_rule(row) for row in rows.all()]
        return [rule for rule in rules if self._session.visibility.sees_scope(rule.scope, pairs)]

    async def add_rule(
        self, scope: Scope, target: Budget | LowBalanceRule, channel: str, by: str, now: datetime
    ) -> Rule:
        """A new rule, version 1."""
        number = await self._session.scalar(
            insert(Stored)
            .values(
                version=1,
                scope_kind=scope.kind,
                scope_name=scope.name,
                channel=channel,
                mentions=[],
                is_end_quiet=False,
                made_by=by,
                made_at=now,
                changed_at=now,
                snoozed_level=0,
                **_target_values(target),
            )
            .returning(col(Stored.id))
        )
        return await self._rule(number)

    async def change_rule(self, rule: int, target: Budget | LowBalanceRule, now: datetime) -> Rule:
        """The next version of it, not judged yet and not snoozed."""
        await self._update_rule(
            rule,
            version=Stored.version + 1,
            changed_at=now,
            judged_at=None,
            snoozed_until=None,
            snoozed_level=0,
            **_target_values(target),
        )
        return await self._rule(rule)

    async def remove_rule(self, rule: int, now: datetime) -> None:
        """It is in force no longer; its alerts stay in the history."""
        await self._update_rule(rule, removed_at=now)

    async def route(self, rule: int, channel: str) -> None:
        """Another channel is warned from now on; what was said stays where it was."""
        await self._update_rule(rule, channel=channel)

    async def move_rules(self, channel: str, to: str) -> None:
        """Slack gave a channel another id: rules, alerts and what is still to be said follow."""
        for table in (Stored, Alert, Delivery):
            await self._session.exec(
                update(table).where(col(table.channel) == channel).values(channel=to)
            )

    async def mention(self, rule: int, mentions: Sequence[tuple[int, str]]) -> None:
        """Who is named at which threshold."""
        await self._update_rule(rule, mentions=[list(each) for each in mentions])

    async def say_ends(self, rule: int, how: Ends) -> None:
        """Aloud: the end of its alerts is said in their threads."""
        await self._update_rule(rule, is_end_quiet=how == "quietly")

    async def mark_judged(self, rules: Sequence[int], now: datetime) -> None:
        """These were held against figures in this version."""
        if rules:
            await self._session.exec(
                update(Stored).where(col(Stored.id).in_(rules)).values(judged_at=now)
            )

    async def snooze_rule(self, rule: int, until: datetime | None, level: int) -> None:
        """Quiet up to that percentage until then; None: no longer."""
        await self._update_rule(rule, snoozed_until=until, snoozed_level=level)

    async def _update_rule(self, rule: int, **values: Any) -> None:
        await self._session.exec(update(Stored).where(col(Stored.id) == rule).values(**values))

    async def _rule(self, rule: int | None) -> Rule:
        rows = await self._session.exec(select(Stored).where(col(Stored.id) == rule))
        return _rule(rows.one())


class AlertRepository:
    """Alerts, open and resolved."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def episodes(self, oldest: date) -> Sequence[Episode]:
        """Of rules in force: the unresolved ones, every floor's, and those of budget periods that
        began on `oldest` or later."""
        rows = await self._session.exec(
            select(Alert, col(Stored.id))
            .join(Stored, col(Stored.id) == col(Alert.rule_id))
            .where(col(Stored.removed_at).is_(None))
            .where(
                or_(
                    col(Alert.state) != "resolved",
                    col(Alert.period_start).is_(None),
                    col(Alert.period_start) >= oldest,
                )
            )
            .order_by(col(Alert.id))
        )
        return [_episode(*row) for row in rows.all()]

    async def notice(self, delivery: int) -> Notice | None:
        """What an alert's message says now."""
        rows = await self._alerts(col(Alert.delivery_id) == delivery)
        return Notice(delivery, tuple(row.line for row in rows)) if rows else None

    async def alerts(self, *, ended_since: datetime | None = None) -> Sequence[AlertRow]:
        """The unresolved ones, newest first; or those that ended since then."""
        if ended_since is None:
            return (await self._alerts(col(Alert.state) != "resolved"))[::-1]
        return (
            await self._alerts(col(Alert.state) == "resolved", col(Alert.ended_at) >= ended_since)
        )[::-1]

    async def alert(self, alert: int) -> AlertRow | None:
        """One alert."""
        rows = await self._alerts(col(Alert.id) == alert)
        return rows[0] if rows else None

    async def open_system_alerts(self) -> Sequence[AlertRow]:
        """The unresolved ones that belong to no rule: connections and caps, oldest first."""
        return await self._alerts(col(Alert.rule_id).is_(None), col(Alert.state) != "resolved")

    async def known_alerts(self, keys: Sequence[str]) -> frozenset[str]:
        """Which of these keys are those of alerts that were opened, whenever that was."""
        rows = await self._session.exec(select(col(Alert.key)).where(col(Alert.key).in_(keys)))
        return frozenset(rows.all())

    async def messages_of(self, alerts: Sequence[int]) -> Sequence[tuple[int, str]]:
        """The deliveries that told these alerts, each once, and the channels they went to."""
        if not alerts:
            return ()
        rows = await self._session.exec(
            select(col(Alert.delivery_id), col(Alert.channel))
            .where(col(Alert.id).in_(alerts))
            .distinct()
        )
        return rows.all()

    async def open_alert(self, alert: NewAlert) -> int | None:
        """The new alert's id; None where one with this key exists: it was said already."""
        there = select(col(Alert.id)).where(col(Alert.key) == alert.key)
        if await self._session.scalar(there) is not None:
            return None
        return await self._session.scalar(
            insert(Alert)
            .values(
                key=alert.key,
                rule_id=alert.rule_id,
                version=alert.version,
                basis=alert.level.basis,
                threshold=alert.level.threshold,
                period_start=alert.period_start,
                arming=alert.arming,
                channel=alert.channel,
                delivery_id=alert.delivery_id,
                facts=FACTS.text(alert.facts),
                is_standing=alert.is_standing,
                crossed_at=alert.crossed_at,
                state="open",
                is_rearmed=False,
                credits_at_crossing=alert.credits_at_crossing,
            )
            .returning(col(Alert.id))
        )

    async def set_alert_state(
        self,
        alert: int,
        state: EpisodeState,
        now: datetime,
        *,
        by: str | None = None,
        snoozed_until: datetime | None = None,
    ) -> bool:
        """False where it was resolved in the meantime; then nothing is changed."""
        done = await self._session.exec(
            update(Alert)
            .where(col(Alert.id) == alert, col(Alert.state) != "resolved")
            .values(state=state, acted_by=by, acted_at=now, snoozed_until=snoozed_until)
        )
        return done.rowcount == 1

    async def end_alert(self, alert: int, ended: Ended, now: datetime) -> None:
        """It is over."""
        await self._update_alert(alert, state="resolved", ended=ended, ended_at=now)

    async def reopen_alert(self, alert: int) -> None:
        """It was not over after all."""
        await self._update_alert(alert, state="open", ended=None, ended_at=None)

    async def rearm_alert(self, alert: int) -> None:
        """Its line may be crossed again."""
        await self._update_alert(alert, is_rearmed=True)

    async def carry_alert(self, alert: int, version: int) -> None:
        """It goes on under the changed rule."""
        await self._update_alert(alert, version=version)

    async def _alerts(self, *conditions: Any) -> list[AlertRow]:
        query = (
            select(Alert, col(Stored.mentions))
            .outerjoin(Stored, col(Stored.id) == col(Alert.rule_id))
            .where(*conditions)
            .order_by(col(Alert.id))
        )
        return [_alert_row(*row) for row in (await self._session.exec(query)).all()]

    async def _update_alert(self, alert: int, **values: Any) -> None:
        await self._session.exec(update(Alert).where(col(Alert.id) == alert).values(**values))


def _target_values(target: Budget | LowBalanceRule) -> dict[str, Any]:
    if isinstance(target, LowBalanceRule):
        return {
            "amount": None,
            "period": None,
            "thresholds": [],
            "forecast_thresholds": [],
            "floor_dollars": target.dollars,
            "floor_days": target.days,
        }
    return {
        "amount": target.amount,
        "period": target.period,
        "thresholds": list(target.thresholds),
        "forecast_thresholds": list(target.forecast_thresholds),
        "floor_dollars": None,
        "floor_days": None,
    }


def _rule(row: Stored) -> Rule:
    target: Budget | LowBalanceRule
    if row.amount is None or row.period is None:
        target = LowBalanceRule(row.floor_dollars, row.floor_days)
    else:
        target = Budget(
            row.amount, row.period, tuple(row.thresholds), tuple(row.forecast_thresholds)
        )
    return Rule(
        id=row.id,
        version=row.version,
        scope=Scope(row.scope_kind, row.scope_name),
        target=target,
        channel=row.channel,
        made_by=row.made_by,
        made_at=row.made_at,
        judged_at=row.judged_at,
        snoozed_until=row.snoozed_until,
        snoozed_level=row.snoozed_level,
        mentions=tuple((threshold, who) for threshold, who in row.mentions),
        is_end_quiet=row.is_end_quiet,
    )


def _episode(row: Alert, rule: int) -> Episode:
    return Episode(
        id=row.id,
        rule_id=rule,
        version=row.version,
        level=Threshold(row.basis, row.threshold),
        period_start=row.period_start,
        arming=row.arming,
        state=row.state,
        ended=row.ended,
        is_rearmed=row.is_rearmed,
        credits_at_crossing=row.credits_at_crossing,
        snoozed_until=row.snoozed_until,
    )


def _alert_row(row: Alert, mentions: list[Any] | None) -> AlertRow:
    line = AlertLine(
        alert_id=row.id,
        rule_id=row.rule_id,
        level=Threshold(row.basis, row.threshold),
        facts=FACTS.read(row.facts),
        is_standing=row.is_standing,
        crossed_at=row.crossed_at,
        state=row.state,
        acted_by=row.acted_by,
        acted_at=row.acted_at,
        snoozed_until=row.snoozed_until,
        ended=row.ended,
        ended_at=row.ended_at,
        mentions=tuple(who for level, who in mentions or () if level == row.threshold),
    )
    return AlertRow(line, row.key, row.channel, row.delivery_id, row.version)
