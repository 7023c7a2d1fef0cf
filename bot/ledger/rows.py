"""Rows of the database as the values that the rest of the house knows."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, get_args

from sqlalchemy import Row

from bot.db import models as tables
from bot.db.configured import ConfiguredConnection
from bot.ledger.models import (
    BalanceReading,
    Connection,
    DayFigure,
    Fault,
    LimitReading,
    Part,
    Restatement,
    UnreadableDay,
)
from providers.models import ProviderLimit


def connection_of(
    configured: ConfiguredConnection,
    earliest_served: date | None,
    parts: Mapping[str, tables.ConnectionPart],
    unreadable: Iterable[tables.UnreadableDay],
) -> Connection:
    """A connection as configured, and how reading each part of it goes."""

    def read_at(part: Part) -> datetime | None:
        return parts[part].read_at if part in parts else None

    return Connection(
        name=configured.name,
        provider=configured.provider,
        title=configured.title,
        billing=configured.billing,
        settling_days=configured.settling_days,
        publication_delay=configured.publication_delay,
        history_days=configured.history_days,
        purchase_fee=configured.purchase_fee,
        charges_read_at=read_at("charges"),
        balance_read_at=read_at("balance"),
        breakdown_read_at=read_at("breakdown"),
        earliest_served=earliest_served,
        degraded=parts["charges"].degraded if "charges" in parts else None,
        faults=tuple(
            fault
            for part in get_args(Part)
            if part in parts and (fault := fault_of(parts[part])) is not None
        ),
        notes={
            part: note
            for part in get_args(Part)
            if part != "charges" and part in parts and (note := parts[part].degraded)
        },
        unreadable=tuple(
            UnreadableDay(row.day, row.reason, row.since, row.read_at) for row in unreadable
        ),
    )


def day_of(row: Row[Any]) -> DayFigure:
    """A covered day."""
    return DayFigure(
        connection=row.connection,
        day=row.day,
        used=row.used,
        byok_estimate=row.byok_estimate,
        first_read_at=row.first_read_at,
        last_read_at=row.last_read_at,
        last_changed_at=row.last_changed_at,
    )


def fault_of(row: tables.ConnectionPart) -> Fault | None:
    """The fault of a part, if it has one."""
    if row.fault_kind is None or row.fault_since is None or row.fault_at is None:
        return None
    return Fault(
        part=row.part,
        kind=row.fault_kind,
        message=row.fault_message or "",
        remedy=row.fault_remedy or "",
        since=row.fault_since,
        at=row.fault_at,
        is_permanent=bool(row.fault_is_permanent),
    )


def balance_of(row: tables.Balance) -> BalanceReading:
    """A reading of a balance."""
    return BalanceReading(
        row.connection, row.read_at, row.remaining, row.total_credits, row.total_usage
    )


def limit_of(row: tables.ProviderLimit) -> LimitReading:
    """A vendor's cap."""
    limit = ProviderLimit(
        kind=row.kind,
        scope_id=row.scope_id,
        scope_name=row.scope_name,
        amount=row.amount,
        used=row.used,
        remaining=row.remaining,
        interval=row.interval,
        resets_at=row.resets_at,
        is_hard=row.is_hard,
        is_enforcing=row.is_enforcing,
        consequence=row.consequence,
    )
    return LimitReading(row.connection, row.read_at, limit)


def restatement_of(row: tables.Restatement) -> Restatement:
    """A restatement."""
    return Restatement(
        connection=row.connection,
        day=row.day,
        before=row.before,
        after=row.after,
        found_at=row.found_at,
        was_settled=row.was_settled,
        was_kept=row.was_kept,
    )
