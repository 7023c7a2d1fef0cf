"""Costs of hours: as the provider reports them, or computed from tokens at recent prices.

A price is a model's cost divided by its tokens over recent complete days of the ledger. So it
includes the discounts, free tokens and service tiers of those days. The result is an estimate, and
is marked as one.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot.ledger.models import HourFigure, HourItem, LineFigure
from bot.wording import UNATTRIBUTED
from providers.hours import HOUR, HourCost, HoursRead, HourTokens, meter_kind, token_meter
from providers.money import from_nano, to_nano, total

Rates = Mapping[tuple[str, str], Decimal]
"""Dollars per token, by model and meter."""
_UNITS = {"tokens": 1, "1000_tokens": 1000}


@dataclass(frozen=True, slots=True)
class PricedHours:
    """Every hour of a read, and its cost by model."""

    figures: tuple[HourFigure, ...]
    items: tuple[HourItem, ...]


def rates(lines: Sequence[LineFigure]) -> Rates:
    """Return the price per token, from lines of recent complete days.

    Text, speech and images of one model have one rate, because the hours don't separate them. Cache
    writes have one rate over all, and one for each kind. There is no price if credits exceed the
    cost.
    """
    costs: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
    tokens: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
    for line in lines:
        meter = token_meter(line.meter or "")
        unit = _UNITS.get(line.unit or "")
        if line.model is None or meter is None or unit is None or not line.quantity:
            continue
        for each in {meter, meter_kind(line.meter or "") or meter}:
            costs[line.model, each].append(line.used)
            tokens[line.model, each].append(line.quantity * unit)
    counted = {key: (total(costs[key]), total(parts)) for key, parts in tokens.items()}
    return {key: cost / count for key, (cost, count) in counted.items() if count > 0 and cost >= 0}


def unknown_meters(lines: Sequence[LineFigure], read: HoursRead) -> list[str]:
    """Return the meters in tokens, of models used in those hours, that aicost doesn't know. They
    have no price."""
    models = {use.model for use in read.uses if isinstance(use, HourTokens)}
    return sorted(
        {
            f"{line.model}: it is not known what “{line.meter}” meters"
            for line in lines
            if line.meter and line.model in models and line.unit in _UNITS
            if token_meter(line.meter) is None
        }
    )


def unknown_models(read: HoursRead, known: Rates) -> frozenset[str]:
    """Return the models used in those hours for which a price is missing."""
    return frozenset(
        use.model or UNATTRIBUTED
        for use in read.uses
        if isinstance(use, HourTokens) and _cost(use, known) is None
    )


def priced(connection: str, read: HoursRead, known: Rates) -> PricedHours:
    """Return the cost of each known hour, without the models that have no price; those are listed.
    Use outside the hours that the read covers is ignored."""
    by_hour: dict[datetime, list[HourCost | HourTokens]] = defaultdict(list)
    for use in read.uses:
        by_hour[use.hour].append(use)
    figures: list[HourFigure] = []
    items: list[HourItem] = []
    for n in range((read.end - read.start) // HOUR):
        hour = read.start + HOUR * n
        if hour in read.unreadable:
            continue
        figure, of_models = _of_hour(connection, hour, by_hour.get(hour, ()), known)
        figures.append(figure)
        items += of_models
    return PricedHours(tuple(figures), tuple(items))


def _of_hour(
    connection: str, hour: datetime, uses: Sequence[HourCost | HourTokens], known: Rates
) -> tuple[HourFigure, list[HourItem]]:
    costs: dict[str | None, list[Decimal]] = defaultdict(list)
    unpriced: set[str] = set()
    for use in uses:
        cost = _cost(use, known)
        if cost is None:
            unpriced.add(use.model or UNATTRIBUTED)
        else:
            costs[use.model].append(cost)
    items = [
        HourItem(connection, hour, model, from_nano(to_nano(total(parts))))
        for model, parts in costs.items()
        if model not in unpriced
    ]
    is_estimated = any(isinstance(use, HourTokens) for use in uses)
    used = total(item.used for item in items)
    figure = HourFigure(connection, hour, used, is_estimated, tuple(sorted(unpriced)))
    return figure, items


def _cost(use: HourCost | HourTokens, known: Rates) -> Decimal | None:
    """Return the cost; None if the price of any counted unit isn't known."""
    if isinstance(use, HourCost):
        return use.cost
    if use.model is None:
        return None
    parts = [
        None if (rate := _rate(use.model, meter, known)) is None else rate * count
        for meter, count in use.tokens.items()
    ]
    found = [part for part in parts if part is not None]
    return total(found) if len(found) == len(parts) else None


def _rate(model: str, meter: str, known: Rates) -> Decimal | None:
    """Return the price of that kind, or else of all kinds together."""
    rate = known.get((model, meter))
    return known.get((model, token_meter(meter) or meter)) if rate is None else rate
