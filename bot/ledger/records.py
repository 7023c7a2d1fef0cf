"""Values that the rest of the house knows as rows of the database."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from bot.db.statements import Values
from bot.ledger.day_replacement import NewDay
from bot.ledger.item_sums import sums
from bot.ledger.models import Part, Restatement
from providers.errors import ProviderError
from providers.models import BreakdownItem, Charge, Dimension, PrepaidBalance, ProviderLimit


def charge_rows(connection: str, days: Iterable[NewDay]) -> Iterator[Values]:
    """Every charge of the days, in order."""
    for new in days:
        for position, charge in enumerate(new.charges):
            yield {
                "connection": connection,
                "day": new.day,
                "position": position,
                "sub_account_id": charge.sub_account_id,
                "sku_id": charge.sku_id,
                "model": charge.x_model,
                "meter": charge.sku_meter,
                "effective_cost": charge.effective_cost,
                "byok_estimate": charge.x_byok_estimate,
                "quantity": charge.consumed_quantity,
                "unit": charge.consumed_unit,
            }


def cut_rows(
    connection: str, days: Iterable[NewDay], cut: str, item_of: Callable[[Charge], str | None]
) -> Iterator[Values]:
    """The days' charges summed by item."""
    for new in days:
        for position, item in enumerate(sums(new.charges, item_of)):
            yield {
                "connection": connection,
                "cut": cut,
                "day": new.day,
                "position": position,
                "item_id": item.item_id,
                "effective_cost": item.effective_cost,
                "quantity": item.quantity,
                "unit": item.unit,
            }


def breakdown_rows(
    connection: str, cut: Dimension, items: Iterable[BreakdownItem]
) -> Iterator[Values]:
    """The vendor's own cut."""
    for position, item in enumerate(items):
        yield {
            "connection": connection,
            "cut": cut,
            "day": item.day,
            "position": position,
            "item_id": item.item_id,
            "effective_cost": item.effective_cost,
            "quantity": None,
            "unit": None,
        }


def coverage_rows(connection: str, days: Iterable[NewDay], now: datetime) -> Iterator[Values]:
    """The days as read now."""
    for new in days:
        yield {
            "connection": connection,
            "day": new.day,
            "used": new.used,
            "byok_estimate": new.byok_estimate,
            "first_read_at": new.first_read_at,
            "last_read_at": now,
            "last_changed_at": new.last_changed_at,
        }


def restatement_row(found: Restatement) -> Values:
    """What a later read changed."""
    return {
        "connection": found.connection,
        "found_at": found.found_at,
        "day": found.day,
        "before": found.before,
        "after": found.after,
        "was_settled": found.was_settled,
        "was_kept": found.was_kept,
    }


def balance_row(connection: str, balance: PrepaidBalance, now: datetime) -> Values:
    """A balance as read now."""
    return {
        "connection": connection,
        "read_at": now,
        "remaining": balance.remaining,
        "total_credits": balance.total_credits,
        "total_usage": balance.total_usage,
    }


def limit_rows(connection: str, limits: Iterable[ProviderLimit], now: datetime) -> Iterator[Values]:
    """The vendor's caps as read now."""
    for position, limit in enumerate(limits):
        yield {
            "connection": connection,
            "position": position,
            "read_at": now,
            "kind": limit.kind,
            "scope_id": limit.scope_id,
            "scope_name": limit.scope_name,
            "amount": limit.amount,
            "used": limit.used,
            "remaining": limit.remaining,
            "interval": limit.interval,
            "resets_at": limit.resets_at,
            "is_hard": limit.is_hard,
            "is_enforcing": limit.is_enforcing,
            "consequence": limit.consequence,
        }


def success_row(connection: str, part: Part, now: datetime, degraded: str | None) -> Values:
    """A part read in whole: it has no fault."""
    return {
        "connection": connection,
        "part": part,
        "read_at": now,
        "degraded": degraded,
        "fault_kind": None,
        "fault_message": None,
        "fault_remedy": None,
        "fault_since": None,
        "fault_at": None,
        "fault_is_permanent": None,
    }


def fault_row(
    connection: str, part: Part, error: ProviderError, since: datetime, now: datetime
) -> Values:
    """A part that could not be read; when it last was is not touched."""
    return {
        "connection": connection,
        "part": part,
        "fault_kind": error.kind,
        "fault_message": str(error),
        "fault_remedy": error.remedy,
        "fault_since": since,
        "fault_at": now,
        "fault_is_permanent": error.is_permanent,
    }
