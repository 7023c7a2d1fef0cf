"""Use by day: from analytics, or from the activity of completed days."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TypeVar

from providers.errors import (
    HistoryNotServed,
    ProviderError,
    RequestRefused,
    UnexpectedResponse,
)
from providers.hours import HOUR, HourCost
from providers.models import BreakdownItem, Charge, ChargesRead
from providers.openrouter import mapper
from providers.openrouter.client import OpenRouterClient
from providers.openrouter.mapper import At, Mapped
from providers.parsing import Fields, text_if_any
from providers.period import DAY, Period, midnight

WINDOW_DAYS = 31
WINDOW_HOURS = timedelta(days=7)
"""Hours per answer, with some sixty models."""
ACTIVITY_DAYS = 30
"""How many completed days `/activity` serves."""
_WHAT = "OpenRouter's analytics"

Found = TypeVar("Found")


async def charges_by_day(client: OpenRouterClient, period: Period) -> Mapped[date, Charge]:
    """Return credits used, BYOK estimates and, where they are served, tokens by workspace and
    model, from analytics."""
    metrics = ("credits_usage", "byok_usage")
    attempts = [
        ((*metrics, *mapper.TOKENS), ("model", "workspace")),
        ((*metrics, *mapper.TOKENS), ("model",)),
        (metrics, ("model",)),
    ]

    async def read(start: datetime, end: datetime) -> Mapped[date, Charge] | None:
        while True:
            try:
                answer = await client.analytics(start, end, "day", *attempts[0])
            except HistoryNotServed:
                raise
            except RequestRefused:  # costs are asked for without what it may not know
                if len(attempts) == 1:
                    raise
                del attempts[0]
            else:
                return mapper.charges_from_analytics(answer, _days(start, end))

    return await _in_windows(_days_of(period), DAY, read)


async def breakdown_by_day(
    client: OpenRouterClient,
    period: Period,
    dimension: str,
    item_of: Callable[[Fields], mapper.Identity],
) -> Mapped[date, BreakdownItem]:
    """Return credits used by one dimension, from analytics; `item_of` identifies a row's value."""

    async def read(start: datetime, end: datetime) -> Mapped[date, BreakdownItem] | None:
        answer = await client.analytics(start, end, "day", ("credits_usage",), (dimension,))
        return mapper.breakdown(answer, _days(start, end), item_of)

    return await _in_windows(_days_of(period), DAY, read)


async def costs_by_hour(
    client: OpenRouterClient, start: datetime, end: datetime
) -> Mapped[datetime, HourCost]:
    """Return credits used by model in each of these whole hours, from analytics."""

    async def read(start: datetime, end: datetime) -> Mapped[datetime, HourCost] | None:
        answer = await client.analytics(start, end, "hour", ("credits_usage",), ("model",))
        return mapper.costs_of_hours(answer, start, end)

    starts = [start + WINDOW_HOURS * n for n in range(-((start - end) // WINDOW_HOURS))]
    return await _in_windows([(at, min(end, at + WINDOW_HOURS)) for at in starts], HOUR, read)


async def charges_of_completed_days(
    client: OpenRouterClient, period: Period, today: date, error: ProviderError
) -> ChargesRead:
    """Return the period's completed days from the activity, because analytics failed with `error`.
    Days that the activity no longer has are not covered; raises `error` if it has none of them."""
    served = Period(today - DAY * ACTIVITY_DAYS, today)
    completed = period.clip(served)
    if not len(completed):
        raise error
    try:
        names = await _workspace_names(client)
        read = mapper.charges_from_activity(await _activity(client), served, names)
        if read.is_foreign:
            raise error
        if read.undated:
            read = await _activity_by_day(client, completed, names)
    except ProviderError:
        raise error from None
    if all(day in read.unreadable for day in completed):
        raise error
    return ChargesRead(
        period,
        [each for each in read.items if each.charge_period_start in completed],
        frozenset(day for day in completed if day not in read.unreadable),
        degraded=f"Only completed days could be read; today is missing. {error}",
        unreadable={day: why for day, why in read.unreadable.items() if day in completed},
    )


async def _activity(client: OpenRouterClient, day: date | None = None) -> Sequence[object]:
    """Return the activity by workspace; where that is refused, of all of them together."""
    try:
        return await client.activity(day, "workspace")
    except HistoryNotServed:
        raise
    except RequestRefused:
        return await client.activity(day)


async def _workspace_names(client: OpenRouterClient) -> dict[str, str]:
    """Return the names of workspaces by id, as analytics has names; ids stand where none is
    known."""
    try:
        listed = await client.workspaces()
    except ProviderError:
        return {}
    named = ((text_if_any(row, "id"), text_if_any(row, "name")) for row in listed.items)
    return {workspace: name for workspace, name in named if workspace and name}


async def _activity_by_day(
    client: OpenRouterClient, days: Period, names: Mapping[str, str]
) -> Mapped[date, Charge]:
    """Each day by itself: a row that does not say its day is then known to be of that one."""
    found: list[Charge] = []
    unreadable: dict[date, str] = {}
    for day in days:
        read = mapper.charges_from_activity(await _activity(client, day), Period.of_day(day), names)
        unreadable |= read.unreadable
        found += read.items
    return Mapped(found, unreadable)


async def _in_windows(
    windows: Iterable[tuple[datetime, datetime]],
    unit: timedelta,
    read: Callable[[datetime, datetime], Awaitable[Mapped[At, Found] | None]],
) -> Mapped[At, Found]:
    """Return the result for each day or hour, which is the `unit`. A window whose answer was
    shortened, or has a row without a time, is halved until only one unit is left."""
    found: list[Found] = []
    unreadable: dict[At, str] = {}
    whole = list(windows)
    waiting = list(whole)
    lost: list[str] = []
    while waiting:
        start, end = waiting.pop()
        part = await read(start, end)
        is_one = end - start <= unit
        if part is not None and part.is_foreign and (start, end) in whole:
            raise UnexpectedResponse(part.undated or _WHAT)
        if (part is None or part.undated) and not is_one:
            middle = start + (end - start) // unit // 2 * unit
            waiting += [(start, middle), (middle, end)]
        elif part is None:
            raise UnexpectedResponse(f"{_WHAT}: {start:%Y-%m-%d %H:%M} doesn't fit in one answer")
        else:
            found += part.items
            unreadable |= part.unreadable
            lost += [part.undated] if part.undated else []
    if len(lost) > 1 and len(lost) == sum((end - start) // unit for start, end in whole):
        raise UnexpectedResponse(lost[0])
    return Mapped(found, unreadable)


def _days_of(period: Period) -> list[tuple[datetime, datetime]]:
    windows = reversed(period.windows(WINDOW_DAYS))
    return [(midnight(window.start), midnight(window.end)) for window in windows]


def _days(start: datetime, end: datetime) -> Period:
    return Period(start.date(), end.date())
