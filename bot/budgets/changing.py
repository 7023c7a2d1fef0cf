"""Make, change and end budgets and low-balance rules within a transaction, and put each change on
record."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.access.managed import CONFIG_FILE
from bot.access.repository import AuditRepository
from bot.budgets.alert_store import AlertEnding, edit_messages, end_alert
from bot.budgets.figures import alert_status
from bot.budgets.models import Budget, LowBalanceRule
from bot.budgets.repository import AlertRepository, RuleRepository, load_snapshot
from bot.db.models import Alert, AuditEntry, Rule
from bot.db.session import Session
from bot.json_codec import JsonCodec
from bot.language.commands import BudgetSet, LowBalanceSet
from bot.ledger.models import in_scope
from bot.ledger.repository import LedgerRepository
from bot.scope import Scope

_PLAIN: JsonCodec[dict[str, Any]] = JsonCodec(dict[str, Any])
_AUDITED = {
    *("id", "version", "channel", "made_by", "made_at", "first_evaluated_at"),
    *("snoozed_until", "snoozed_level", "mentions", "is_end_quiet", "is_managed"),
}


@dataclass(frozen=True, slots=True)
class SavedRule:
    """A rule as it is now, and what it was before."""

    rule: Rule
    before: Budget | LowBalanceRule | None
    """None: it is new."""
    is_changed: bool
    """False: it was so already."""


async def save_rule(
    session: Session,
    rule: Rule | None,
    command: BudgetSet | LowBalanceSet,
    channel: str,
    by: str,
    now: datetime,
) -> SavedRule:
    """Make this rule what the command says, or make a new one. The caller evaluates it, if it is
    changed. What `aicost.toml` makes or changes is managed by it from then on."""
    target = await in_currency_of_balance(session, command.scope, command.target)
    before, held = (None, None) if rule is None else (_as_json(rule), rule.target)
    changed = _changed(rule, command, target, channel, by)
    if rule is None:
        rule = Rule.of(command.scope, target, channel, by, now)
    elif held != target or _currency(held) != _currency(target):
        rule.change(target, now)
    rule.channel, rule.mentions = channel, command.mentions
    rule.is_end_quiet = command.is_end_quiet
    rule.is_managed = by == CONFIG_FILE
    await RuleRepository(session).save(rule)
    if changed is not None:
        await _record(session, changed, before, rule, by, now)
    return SavedRule(rule, held, changed is not None)


async def in_currency_of_balance(
    session: Session, scope: Scope, target: Budget | LowBalanceRule
) -> Budget | LowBalanceRule:
    """Return a low-balance rule with the currency of the balance that it is about; US dollars where
    none was read yet. A budget is always in US dollars."""
    if isinstance(target, Budget):
        return target
    ledger = LedgerRepository(session)
    for connection in in_scope(scope, await ledger.connections()):
        balance = await ledger.latest_balance(connection.name)
        if balance is not None:
            return replace(target, currency=balance.currency)
    return target


def _currency(target: Budget | LowBalanceRule | None) -> str:
    return target.currency if isinstance(target, LowBalanceRule) else "USD"


async def remove_rule(session: Session, rule: Rule, by: str, now: datetime) -> int:
    """Take the rule out of force; return how many of its alerts that resolved."""
    snapshot = await load_snapshot(session, [rule], now)
    alerts = await open_alerts(session, rule)
    endings: list[AlertEnding] = []
    for each in alerts:
        status = None
        if rule.scope.kind != "each":
            status = alert_status(rule, each.facts, snapshot)
        endings += end_alert(each, "removed", now, rule, status)
    await edit_messages(session, alerts, now, endings)
    rule.removed_at = now
    await _record(session, "budget.removed", _as_json(rule), None, by, now)
    return len(alerts)


async def open_alerts(session: Session, rule: Rule) -> Sequence[Alert]:
    """Return the rule's alerts that aren't resolved, oldest first."""
    alerts = await AlertRepository(session).unresolved()
    return [alert for alert in reversed(alerts) if alert.rule_id == rule.id]


def _changed(
    rule: Rule | None,
    command: BudgetSet | LowBalanceSet,
    target: Budget | LowBalanceRule,
    channel: str,
    by: str,
) -> str | None:
    """Return the audit trail's word for the change; None where nothing changes."""
    if rule is None:
        return "budget.set"
    if rule.channel != channel:
        return "budget.moved"
    is_same = (
        rule.target == target
        and _currency(rule.target) == _currency(target)
        and set(rule.mentions) == set(command.mentions)
        and rule.is_end_quiet == command.is_end_quiet
        and rule.is_managed == (by == CONFIG_FILE)
    )
    return None if is_same else "budget.changed"


async def _record(
    session: Session,
    action: str,
    before: dict[str, Any] | None,
    after: Rule | None,
    by: str,
    now: datetime,
) -> None:
    shown = before if after is None else _as_json(after)
    await AuditRepository(session).add(
        AuditEntry(
            at=now,
            actor=by,
            action=action,
            target=f"budget #{shown['id']}" if shown else "",
            before=before,
            after=None if after is None else shown,
        )
    )


def _as_json(rule: Rule) -> dict[str, Any]:
    """A rule as the audit trail keeps it."""
    values = {"scope": rule.scope, "target": rule.target, **rule.model_dump(include=_AUDITED)}
    kept: dict[str, Any] = _PLAIN.plain(values)
    return kept
