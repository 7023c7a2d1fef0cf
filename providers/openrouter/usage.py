"""What was used, day by day: from analytics, or from the activity of completed days."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import TypeVar

from providers.charge import BreakdownItem, Charge, ChargesRead
from providers.errors import AnswerNotUnderstood, ProviderError
from providers.hours import HOUR, HourCost
from providers.openrouter import mapper
from providers.openrouter.client import OpenRouterClient
from providers.period import DAY, Period, midnight
from providers.reading import Fields

WINDOW_DAYS = 31
WINDOW_HOURS = timedelta(days=7)
"""Of hours so many fit an answer, with some sixty models."""
ACTIVITY_DAYS = 30
"""How many completed days `/activity` serves."""

Found = TypeVar("Found")


async def charges_by_day(client: OpenRouterClient, period: Period) -> Sequence[Charge]:
    """Credits used and BYOK estimates by model, from analytics."""
    metrics = ("credits_usage", "byok_usage")
    return await _by_day(client, period, metrics, "model", mapper.charges_from_analytics)


async def breakdown_by_day(client: OpenRouterClient, period: Period) -> Sequence[BreakdownItem]:
    """Credits used by key, from analytics."""
    return await _by_day(client, period, ("credits_usage",), "api_key_id", mapper.breakdown)


async def costs_by_hour(client: OpenRouterClient, start: datetime, end: datetime) -> list[HourCost]:
    """Credits used by model in each of these whole hours, from analytics."""
    found: list[HourCost] = []
    at, length = start, WINDOW_HOURS
    while at < end:
        until = min(end, at + length)
        answer = await client.analytics(at, until, "hour", ("credits_usage",), "model")
        if not mapper.is_truncated(answer):
            found += mapper.costs_of_hours(answer, at, until)
            at = until
        elif until - at <= HOUR:
            raise AnswerNotUnderstood(f"OpenRouter's analytics: {at} does not fit an answer")
        else:
            length = (until - at) // HOUR // 2 * HOUR
    return found


async def charges_of_completed_days(
    client: OpenRouterClient, period: Period, today: date, error: ProviderError
) -> ChargesRead:
    """The period's completed days from the activity, in place of analytics, which failed with
    `error`. Raises that where the activity does not have them all."""
    completed = period.clip(Period(today - DAY * ACTIVITY_DAYS, today))
    if not len(completed) or completed.start != period.start:
        raise error
    try:
        activity = await client.activity()
    except ProviderError:
        raise error from None
    return ChargesRead(
        period,
        mapper.charges_from_activity(activity, completed),
        frozenset(completed),
        degraded=f"Read from the activity of completed days, without the running one. {error}",
    )


async def _by_day(
    client: OpenRouterClient,
    period: Period,
    metrics: Sequence[str],
    dimension: str,
    read: Callable[[Fields, Period], list[Found]],
) -> list[Found]:
    found: list[Found] = []
    windows = list(reversed(period.windows(WINDOW_DAYS)))
    while windows:
        window = windows.pop()
        start, end = midnight(window.start), midnight(window.end)
        answer = await client.analytics(start, end, "day", metrics, dimension)
        if mapper.is_truncated(answer):
            windows += _halves(window)
        else:
            found += read(answer, window)
    return found


def _halves(window: Period) -> list[Period]:
    """What to ask for in place of a window whose answer was cut short, newest last."""
    if len(window) == 1:
        raise AnswerNotUnderstood(f"OpenRouter's analytics: {window.start} does not fit an answer")
    newer, older = window.windows((len(window) + 1) // 2)
    return [older, newer]
