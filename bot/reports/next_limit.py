"""The next limit: a provider's own hard limit or budget, or a prepaid balance.

A team's own budgets stop no requests: their forecast is part of the forecast.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from bot.analysis.seasonality import History
from bot.budgets.models import UpcomingLimit
from bot.db.models import LimitReading
from bot.ledger.models import Connection, DayFigure
from bot.reports.facts import LimitUse
from bot.reports.limits import is_of_now, reached_on, window
from bot.reports.runway import complete
from bot.reports.summary import Left
from providers.period import utc_day

_KINDS = {
    "organization_spend_limit": "the organization's spend limit",
    "project_spend_limit": "the spend limit of project",
    "key_limit": "the limit of key",
    "budget": "the budget of",
}
_WIDEST_FIRST = ("balance", *_KINDS)
_WHEN_EMPTY = {
    "openai": "calls are refused (429 credit_balance_exhausted) until credit is bought",
    "openrouter": "calls are refused (402) until credit is bought",
}
_EMPTY = "calls are refused until credit is bought"


def next_limit(
    connections: Sequence[Connection],
    left: Mapping[str, Left],
    limits: Iterable[LimitReading],
    now: datetime,
    recent: Sequence[DayFigure] = (),
    use: LimitUse | None = None,
) -> UpcomingLimit | None:
    """The first of `stops`; None where there is none that can be dated."""
    found = stops(connections, left, limits, now, recent, use)
    return found[0] if found else None


def stops(
    connections: Sequence[Connection],
    left: Mapping[str, Left],
    limits: Iterable[LimitReading],
    now: datetime,
    recent: Sequence[DayFigure] = (),
    use: LimitUse | None = None,
) -> list[UpcomingLimit]:
    """Return the limits that are reached already, the widest first; then the others, the soonest
    first.

    `left` has the balances by connection; `recent` are the connections' recent days, with the
    running one.
    """
    titles = {connection.name: connection.title for connection in connections}
    found = [
        (_narrowness("balance"), stop)
        for each in connections
        if (balance := left.get(each.name)) and (stop := _of_balance(each, balance))
    ]
    for limit in limits:
        if limit.connection in titles and limit.is_hard:
            stop = _of_limit(limit, titles[limit.connection], recent, use or LimitUse(), now)
            if stop is not None:
                found.append((_narrowness(limit.kind), stop))
    found.sort(key=lambda each: (not each[1].is_biting, each[1].on or date.max, each[0]))
    return [stop for _, stop in found if stop.is_biting or stop.on is not None]


def when_empty(provider: str) -> str:
    """What happens once a prepaid balance is used up."""
    return _WHEN_EMPTY.get(provider, _EMPTY)


def blocks_requests(limit: LimitReading) -> bool:
    """Whether it blocks traffic, as last read."""
    is_used_up = limit.remaining is not None and limit.remaining <= 0
    return limit.is_hard and (limit.is_enforcing or is_used_up)


def limit_words(limit: LimitReading) -> str:
    """What it is called: ``the limit of key ci``, a name from outside in it."""
    words = _KINDS.get(limit.kind, limit.kind.replace("_", " "))
    if limit.kind == "organization_spend_limit":
        return words
    return f"{words} {limit.scope_name or limit.scope_id}"


def _of_limit(
    limit: LimitReading, title: str, recent: Sequence[DayFigure], use: LimitUse, now: datetime
) -> UpcomingLimit | None:
    today = utc_day(now)
    own = [day for day in recent if day.connection == limit.connection]
    history: History = [(day.day, day.used) for day in complete(own, now)]
    is_biting = blocks_requests(limit) and is_of_now(limit, now)
    on = None
    if not is_biting:
        on = reached_on(limit, history, _on(own, today), use, now)
    opens = window(limit.interval, on or today).end if limit.interval else None
    return UpcomingLimit(
        connection=limit.connection,
        what=f"{title}: {limit_words(limit)}",
        on=on,
        consequence=limit.consequence,
        is_biting=is_biting,
        until=opens,
    )


def _on(days: Sequence[DayFigure], today: date) -> Decimal | None:
    return next((day.used for day in days if day.day == today), None)


def _narrowness(kind: str) -> int:
    return _WIDEST_FIRST.index(kind) if kind in _WIDEST_FIRST else len(_WIDEST_FIRST)


def _of_balance(connection: Connection, left: Left) -> UpcomingLimit | None:
    if left.remaining is None:
        return None
    is_empty = left.remaining <= 0
    if not is_empty and left.runs_out_on is None:
        return None
    is_vague = left.is_thin and not is_empty
    estimated = " (estimated)" if left.is_estimated else ""
    return UpcomingLimit(
        connection=connection.name,
        what=f"{connection.title}: the prepaid balance{estimated}",
        on=None if is_empty else left.runs_out_on,
        consequence=when_empty(connection.provider),
        is_biting=is_empty,
        earliest=left.runs_out_earliest if is_vague else None,
        latest=left.runs_out_latest if is_vague else None,
    )
