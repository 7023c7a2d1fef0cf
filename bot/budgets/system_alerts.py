"""Alerts without a rule, for every channel with rules. They are about connections that couldn't be
read for so long that the rules can't be checked, and about providers' limits that are nearly used
up."""

from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from bot.budgets.models import (
    Budget,
    DataOutageFacts,
    Ended,
    Facts,
    LimitFacts,
    Threshold,
    budget_period,
)
from bot.budgets.snapshot import (
    READING_USABLE_FOR,
    BudgetSnapshot,
    evaluated_from,
    read_fault,
    required_part,
)
from bot.db.models import Alert, LimitReading, Rule
from bot.language.names import scope_text
from bot.ledger.models import Connection, Fault, in_scope
from bot.reports.limits import blocks_requests, limit_words
from providers.period import utc_day

NO_DATA_AFTER = timedelta(hours=6)
NEAR = Decimal("0.9")
CLEAR_BELOW = Decimal("0.8")
"""A limit that was near stays so until less than this share of it is used."""
NEARLY_USED_UP = Threshold("limit", 90)
BLOCKING = Threshold("limit", 100)


def depends_on(rule: Rule, snapshot: BudgetSnapshot) -> tuple[Connection, ...]:
    """Return the connections that a rule is evaluated from."""
    if isinstance(rule.target, Budget):
        period = budget_period(rule.target.period, utc_day(snapshot.now))
        return evaluated_from(rule.scope, period, snapshot)
    return tuple(c for c in in_scope(rule.scope, snapshot.connections) if c.billing == "prepaid")


def connections_without_data(
    rules: Sequence[Rule],
    snapshot: BudgetSnapshot,
    after: timedelta,
    known: Container[tuple[str, str]],
) -> list[Alert]:
    """Return an alert for each connection that has failed for at least `after` and each channel
    with rules that depend on it. Those in `known`, by channel and connection, are skipped."""
    found: dict[tuple[str, str], list[tuple[Rule, Fault]]] = defaultdict(list)
    for rule in rules:
        for connection in depends_on(rule, snapshot):
            fault = _fault_behind(rule, connection, snapshot)
            if fault is not None and snapshot.now - fault.since >= after:
                found[rule.channel, connection.name].append((rule, fault))
    return [
        _without_data(channel, connection, affected, snapshot.now)
        for (channel, connection), affected in found.items()
        if (channel, connection) not in known
    ]


def _fault_behind(rule: Rule, connection: Connection, snapshot: BudgetSnapshot) -> Fault | None:
    if not isinstance(rule.target, Budget):
        found = snapshot.balances.get(connection.name)
        return connection.fault("balance" if found is None else required_part(found))
    return read_fault(rule.scope, connection, snapshot)


def _without_data(
    channel: str, connection: str, affected: Sequence[tuple[Rule, Fault]], now: datetime
) -> Alert:
    fault = min((fault for _, fault in affected), key=lambda each: each.since)
    facts = DataOutageFacts(
        connection=connection,
        since=fault.since,
        reason=fault.message,
        remedy=fault.remedy,
        rules=tuple(rule_text(rule) for rule, _ in affected),
    )
    key = f"blind:{channel}:{connection}:{fault.since.isoformat()}"
    return system_alert(key, channel, Threshold("data_outage", 0), facts, now)


def system_alert(key: str, channel: str, level: Threshold, facts: Facts, now: datetime) -> Alert:
    """Return an alert that belongs to no rule. `key` is unique."""
    return Alert(
        key=key,
        basis=level.basis,
        threshold=level.percent,
        channel=channel,
        facts=facts,
        crossed_at=now,
    )


def rule_text(rule: Rule) -> str:
    """Return a rule as it is typed: ``openai 500 monthly``."""
    scope, target = scope_text(rule.scope), rule.target
    if isinstance(target, Budget):
        return f"{scope} {typed(target.amount)} {target.period}"
    if target.dollars is not None:
        return f"{scope} left {typed(target.dollars)}"
    return f"{scope} left {target.days}d"


def typed(amount: Decimal) -> str:
    """Return an amount as it is typed: ``500``, ``12.5``."""
    return f"{amount.normalize():f}"


def near_limits(rules: Sequence[Rule], snapshot: BudgetSnapshot) -> list[Alert]:
    """Return an alert for each hard limit that is nearly used up or blocks requests, and each
    channel with rules on its connection. There is one per window and amount of the limit."""
    near = [
        (limit, level)
        for limit in snapshot.limits
        if (level := _level(limit, snapshot, NEAR)) is not None
    ]
    channels: dict[str, set[str]] = defaultdict(set)
    for rule in rules if near else ():
        for connection in depends_on(rule, snapshot):
            channels[connection.name].add(rule.channel)
    return [
        _near(channel, limit, level, snapshot)
        for limit, level in near
        for channel in sorted(channels[limit.connection])
    ]


def _level(limit: LimitReading, snapshot: BudgetSnapshot, near: Decimal) -> Threshold | None:
    if not limit.is_hard or not _is_alerted_now(limit, snapshot):
        return None
    if blocks_requests(limit):
        return BLOCKING
    used = limit.used
    if used is None and limit.remaining is not None:
        used = limit.amount - limit.remaining
    return NEARLY_USED_UP if used is not None and used >= limit.amount * near else None


def _is_alerted_now(limit: LimitReading, snapshot: BudgetSnapshot) -> bool:
    """Return True if the reading is about the limit's current window."""
    resets_at = limit.resets_at
    is_recent = snapshot.now - limit.read_at <= READING_USABLE_FOR
    is_fresh = snapshot.connection(limit.connection).fault("limits") is None
    return is_recent and is_fresh and (resets_at is None or resets_at > snapshot.now)


def _near(channel: str, limit: LimitReading, level: Threshold, snapshot: BudgetSnapshot) -> Alert:
    connection = snapshot.connection(limit.connection)
    facts = LimitFacts(
        connection=limit.connection,
        what=f"{connection.title}: {limit_words(limit, connection.limit_kind(limit.kind))}",
        amount=limit.amount,
        used=limit.used,
        remaining=limit.remaining,
        resets_at=limit.resets_at,
        consequence=limit.consequence,
        is_biting=level == BLOCKING,
        as_of=limit.read_at,
    )
    key = f"{_cap(channel, limit)}:{level.percent}"
    return system_alert(key, channel, level, facts, snapshot.now)


def _cap(channel: str, limit: LimitReading) -> str:
    window = limit.resets_at.isoformat() if limit.resets_at else "always"
    return (
        f"limit:{channel}:{limit.connection}:{limit.kind}:{limit.scope_id}"
        f":{typed(limit.amount)}:{window}"
    )


def data_outage_resolved(
    facts: DataOutageFacts, channel: str, rules: Sequence[Rule], snapshot: BudgetSnapshot
) -> Ended | None:
    """Return why a data outage ended; None: not yet."""
    here = [rule for rule in rules if rule.channel == channel]
    relevant = [
        (rule, connection)
        for rule in here
        for connection in depends_on(rule, snapshot)
        if connection.name == facts.connection
    ]
    if not relevant:
        return "removed"
    has_no_data = any(
        _fault_behind(rule, connection, snapshot) is not None for rule, connection in relevant
    )
    return None if has_no_data else "recovered"


def limit_alert_resolved(
    key: str, facts: LimitFacts, channel: str, snapshot: BudgetSnapshot
) -> Ended | None:
    """Return why an alert about a limit ended; None: not yet, or not known."""
    if facts.resets_at is not None and facts.resets_at <= snapshot.now:
        return "period_ended"
    names = {connection.name for connection in snapshot.connections}
    if facts.connection not in names:
        return "removed"
    if snapshot.connection(facts.connection).fault("limits") is not None:
        return None
    cap = key.rpartition(":")[0]
    return None if cap in _going_on(channel, facts, snapshot) else "recovered"


def _going_on(channel: str, facts: LimitFacts, snapshot: BudgetSnapshot) -> Iterable[str]:
    for limit in snapshot.limits:
        level = _level(limit, snapshot, CLEAR_BELOW)
        if level is not None and (level == BLOCKING or not facts.is_biting):
            yield _cap(channel, limit)
