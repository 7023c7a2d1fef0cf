"""Map xAI's JSON to charges, a balance and limits. Pure.

Units differ by endpoint: `/usage` is in dollars, everything else in cents. The ledger of the
balance is inverted: what was bought is negative (xai-proto, ``billing.proto``). The JSON of proto3
may leave out zeros, so a missing amount is an error, never $0.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from providers.errors import UnexpectedResponse
from providers.models import Charge, PrepaidBalance, ProviderLimit
from providers.money import LARGEST_DAY, parse_amount, total
from providers.parsing import (
    Fields,
    fields,
    items,
    moment,
    required_amount,
    required_text,
    text_if_any,
)
from providers.period import Period, midnight, utc_day

_USAGE, _INVOICE, _LEDGER = "xAI's usage", "xAI's invoice preview", "xAI's prepaid balance"
_LIMITS = "xAI's spending limits"
_CENTS = Decimal(100)


@dataclass(slots=True)
class Used:
    """The cost of each day and group; None: not grouped."""

    costs: dict[tuple[date, str | None], list[Decimal]] = field(
        default_factory=lambda: defaultdict(list)
    )
    days: set[date] = field(default_factory=set)
    """Days with a figure in some series."""
    unreadable: dict[date, str] = field(default_factory=dict)
    is_partial: bool = False
    """There are more groups than it gives, so their sum is no total."""
    has_series: bool = False


def used(answer: object, window: Period) -> Used:
    """Return the figures of `/usage`. A point that can't be read makes its day unreadable."""
    read, found = fields(answer, _USAGE), Used()
    found.is_partial = read.get("limitReached") is True
    for series in items(read.get("timeSeries"), _USAGE):
        found.has_series = True
        for day, name, point in _points(fields(series, _USAGE)):
            if day not in window:
                continue
            values = items(point.get("values"), _USAGE)
            try:
                cost = parse_amount(values[0] if len(values) == 1 else None, LARGEST_DAY)
            except ValueError as error:
                found.unreadable[day] = f"{_USAGE}: a figure is {error}"
                continue
            found.costs[day, name].append(cost)
            found.days.add(day)
    return found


def _points(series: Fields) -> Iterator[tuple[date, str | None, Fields]]:
    group = [each for each in items(series.get("group") or [], _USAGE) if isinstance(each, str)]
    name = text_if_any({"group": group[0]}, "group") if group else None
    for point in items(series.get("dataPoints") or [], _USAGE):
        row = fields(point, _USAGE)
        at = moment(row, "timestamp", _USAGE)
        if at is None:
            raise UnexpectedResponse(f"{_USAGE}: a figure has no time")
        yield utc_day(at), name, row


def charges(used: Used) -> list[Charge]:
    """Return a charge for each day and group that cost anything, of the days that can be read."""
    return [
        Charge(day, total(costs), sku_id=name, x_model=name)
        for (day, name), costs in used.costs.items()
        if day not in used.unreadable and total(costs)
    ]


def balance(preview: object, ledger: object) -> PrepaidBalance:
    """Return what is left, and all that was ever bought.

    What is left is in the invoice preview: the ledger has use only after each month, so its total
    is too high until then (observed live 2026-08). Purchases are in the ledger.
    """
    invoice = fields(fields(preview, _INVOICE).get("coreInvoice"), _INVOICE)
    credit, spent = (
        -_cents(invoice, name, _INVOICE) for name in ("prepaidCredits", "prepaidCreditsUsed")
    )
    if spent < 0:
        raise UnexpectedResponse(f"{_INVOICE}: prepaidCreditsUsed is above zero")
    left = total((credit, -spent))
    bought = total(-amount for amount in _bought(fields(ledger, _LEDGER)))
    return PrepaidBalance(left, bought, total((bought, -left)))


def _bought(ledger: Fields) -> Iterator[Decimal]:
    """Yield purchases that were paid, refunds, and changes by xAI's staff."""
    for item in items(ledger.get("changes") or [], _LEDGER):
        row = fields(item, _LEDGER)
        origin = required_text(row, "changeOrigin", _LEDGER)
        is_paid = origin != "PURCHASE" or row.get("topupStatus") == "SUCCEEDED"
        if origin != "SPEND" and is_paid:
            yield _cents(row, "amount", _LEDGER)


def limits(answer: object, preview: object, now: datetime) -> list[ProviderLimit]:
    """Return the limit of a month's use beyond prepaid credit; none if it is zero, since then the
    balance is the only limit."""
    found = fields(fields(answer, _LIMITS).get("spendingLimits"), _LIMITS)
    amount = _cents(found, "effectiveSl", _LIMITS)
    if amount <= 0:
        return []
    invoice = fields(fields(preview, _INVOICE).get("coreInvoice"), _INVOICE)
    spent, prepaid = (
        _cents(invoice, name, _INVOICE) for name in ("totalWithCorr", "prepaidCreditsUsed")
    )
    beyond = max(Decimal(0), total((spent, prepaid)))  # what credit paid is negative
    month = Period.of_month(utc_day(now))
    return [
        ProviderLimit(
            kind="postpaid_limit",
            scope_id="team",
            scope_name="the team",
            amount=amount,
            consequence="xAI requests fail until the month ends or the limit is raised",
            interval="month",
            is_hard=True,
            is_enforcing=beyond >= amount,
            used=beyond,
            resets_at=midnight(month.end),
        )
    ]


def _cents(row: Fields, name: str, what: str) -> Decimal:
    """Return an amount of whole cents, as text in ``{"val": …}``, in dollars."""
    value: Mapping[str, object] = fields(row.get(name), f"{what}: {name}")
    return required_amount(value, "val", f"{what}: {name}") / _CENTS
