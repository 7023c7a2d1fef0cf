"""What will stop requests, and when: providers' hard limits and budgets, and prepaid balances.

A team's own budgets stop no requests: their forecast is part of the forecast.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from bot.analysis.model import fit_spend_model
from bot.analysis.seasonality import History
from bot.budgets.models import UpcomingLimit
from bot.db.models import LimitReading
from bot.ledger import reasons
from bot.ledger.balances import Estimate, contradiction
from bot.ledger.models import Connection, DayFigure, ItemFigure
from bot.reports.history import complete, estimate_runway
from bot.reports.models import KnownLimit, LedgerFacts, LimitUse, RemainingBalance
from providers.models import LimitKind
from providers.money import total
from providers.period import DAY, Interval, Period, midnight, utc_day

FARTHEST = 62
"""Days ahead that are checked: the running month and the next."""
LATELY_DAYS = 28
"""Four whole weeks, for the share that a project or key has of its connection's use."""
_A_DAY: dict[Interval, Decimal] = {
    "day": Decimal(1),
    "week": 1 / Decimal(7),
    "month": 12 / Decimal(365),
}


def next_limit(
    connections: Sequence[Connection],
    left: Mapping[str, RemainingBalance],
    limits: Iterable[LimitReading],
    now: datetime,
    recent: Sequence[DayFigure] = (),
    use: LimitUse | None = None,
) -> UpcomingLimit | None:
    """Return the widest limit that is already reached, or else the one that is reached soonest;
    None if none has a date.

    `left`: the balances by connection. `recent`: the connections' recent days, including the
    running one.
    """
    by_name = {connection.name: connection for connection in connections}
    found = [
        (0, stop)
        for each in connections
        if (balance := left.get(each.name)) and (stop := _of_balance(each, balance))
    ]
    for limit in limits:
        if (connection := by_name.get(limit.connection)) and limit.is_hard:
            stop = _of_limit(limit, connection, recent, use or LimitUse(), now)
            found.append((_width(limit, connection), stop))
    dated = [each for each in found if each[1].is_biting or each[1].on is not None]
    dated.sort(key=lambda each: (not each[1].is_biting, each[1].on or date.max, each[0]))
    return dated[0][1] if dated else None


def blocks_requests(limit: LimitReading) -> bool:
    """Return True if the limit blocked requests when it was last read."""
    is_used_up = limit.remaining is not None and limit.remaining <= 0
    return limit.is_hard and (limit.is_enforcing or is_used_up)


def known_limits(
    connections: Sequence[Connection],
    limits: Iterable[LimitReading],
    days: Sequence[DayFigure],
    projects: Sequence[ItemFigure],
    now: datetime,
) -> Sequence[KnownLimit]:
    """Return the limits of these connections, the most used first; unknown use comes last.

    `days`: the running month and week so far, including the running day. `projects`: what projects
    used in the running month so far.
    """
    by_name = {connection.name: connection for connection in connections}
    found = [
        _known_limit(limit, by_name[limit.connection], days, projects, now)
        for limit in limits
        if limit.connection in by_name
    ]
    return sorted(found, key=lambda each: (-_share(each), each.what))


def _known_limit(
    limit: LimitReading,
    connection: Connection,
    days: Sequence[DayFigure],
    projects: Sequence[ItemFigure],
    now: datetime,
) -> KnownLimit:
    kind, today = connection.limit_kind(limit.kind), utc_day(now)
    window = Period.containing(limit.interval, today) if limit.interval else None
    used = limit.used
    if used is None and limit.remaining is not None:
        used = limit.amount - limit.remaining
    if not _is_of_now(limit, now):
        used = None
    if used is None and window is not None:
        used = _used_in(window, limit, kind, days, projects, today)
    return KnownLimit(
        connection=limit.connection,
        what=f"{connection.title}: {limit_words(limit, kind)}",
        amount=limit.amount,
        used=used,
        interval=limit.interval,
        resets_on=window.end if window else None,
        is_hard=limit.is_hard,
        is_blocking=blocks_requests(limit) and _is_of_now(limit, now),
        consequence=limit.consequence,
        read_at=limit.read_at,
    )


def _used_in(
    window: Period,
    limit: LimitReading,
    kind: LimitKind,
    days: Sequence[DayFigure],
    projects: Sequence[ItemFigure],
    today: date,
) -> Decimal | None:
    """Return the spend in the window from the ledger, if the provider doesn't report it; None if a
    past day is not known."""
    of_window = {
        each.day: each.used
        for each in days
        if each.connection == limit.connection and each.day in window
    }
    if any(day < today and day not in of_window for day in window):
        return None
    if kind.holds_for == "account":
        return total(of_window.values())
    if kind.holds_for == "project" and limit.interval == "month":
        return _sum_of(projects, limit) or Decimal(0)
    return None


def _share(limit: KnownLimit) -> Decimal:
    if limit.used is None:
        return Decimal(-1)
    return limit.used / limit.amount if limit.amount else Decimal(1)


def limit_words(limit: LimitReading, kind: LimitKind) -> str:
    """Return the limit's title, such as ``limit of key ci``. Contains a name from outside."""
    if kind.holds_for == "account":
        return kind.words
    return f"{kind.words} {limit.scope_name or limit.scope_id}"


def _of_limit(
    limit: LimitReading,
    connection: Connection,
    recent: Sequence[DayFigure],
    use: LimitUse,
    now: datetime,
) -> UpcomingLimit:
    today, kind = utc_day(now), connection.limit_kind(limit.kind)
    own = [day for day in recent if day.connection == limit.connection]
    history: History = [(day.day, day.used) for day in complete(own, now)]
    is_biting = blocks_requests(limit) and _is_of_now(limit, now)
    on = None
    if not is_biting:
        so_far = next((day.used for day in own if day.day == today), None)
        on = _reached_on(limit, kind, history, so_far, use, now)
    opens = Period.containing(limit.interval, on or today).end if limit.interval else None
    return UpcomingLimit(
        connection=limit.connection,
        what=f"{connection.title}: {limit_words(limit, kind)}",
        on=on,
        consequence=limit.consequence,
        is_biting=is_biting,
        until=opens,
    )


def _width(limit: LimitReading, connection: Connection) -> int:
    """Return a rank: 1 for the widest kind, then rising. A balance, which applies to everything,
    has 0."""
    kinds = list(connection.limit_kinds)
    return 1 + (kinds.index(limit.kind) if limit.kind in kinds else len(kinds))


def _of_balance(connection: Connection, left: RemainingBalance) -> UpcomingLimit | None:
    if left.remaining is None:
        return None
    is_empty = left.remaining <= 0
    if not is_empty and left.runs_out_on is None:
        return None
    return UpcomingLimit(
        connection=connection.name,
        what=f"{connection.title} credit",
        on=None if is_empty else left.runs_out_on,
        consequence=f"{connection.title} {connection.without_credit}",
        is_biting=is_empty,
        earliest=None if is_empty else left.runs_out_earliest,
        latest=None if is_empty else left.runs_out_latest,
        is_credit=True,
    )


def _is_of_now(limit: LimitReading, now: datetime) -> bool:
    """Return True if it was read in the limit's current window. Otherwise its use is out of
    date."""
    interval = limit.interval
    if interval is None:
        return True
    return utc_day(limit.read_at) in Period.containing(interval, utc_day(now))


def _reached_on(
    limit: LimitReading,
    kind: LimitKind,
    history: History,
    today_so_far: Decimal | None,
    use: LimitUse,
    now: datetime,
) -> date | None:
    """Return the UTC day on which a limit is likely to be used up, in its current window or later.

    `history`: what the limit's connection used on complete days, ascending. None if that isn't
    within two months, or if the rate of use is unknown.
    """
    today = utc_day(now)
    pace = _pace(limit, kind, history, use, now)
    room = _room(limit, kind, history, today_so_far, use, now)
    if pace is None or room is None:
        return None
    rest_of_today = (midnight(today + DAY) - now) / DAY
    for n in range(FARTHEST):
        day = today + DAY * n
        if n and limit.interval and day == Period.containing(limit.interval, day).start:
            room = float(limit.amount)
        room -= pace(day) * (rest_of_today if n == 0 else 1)
        if room <= 0:
            return day
    return None


def left_of(connection: Connection, facts: LedgerFacts, now: datetime) -> RemainingBalance | None:
    """Return the balance and how long it lasts; None for a postpaid connection."""
    readings = facts.balances.get(connection.name, ())
    if connection.billing == "postpaid" and not readings:
        return None
    recent = [day for day in facts.recent if day.connection == connection.name]
    estimate = facts.estimates.get(connection.name)
    cap = cap_per_day(connection, facts.limits, facts.use)
    lasts = estimate_runway(readings, recent, now, cap, estimate.expiring if estimate else ())
    fault = connection.fault("balance")
    if not readings:
        return RemainingBalance(
            None, None, lasts.burn_per_day, None, _why_no_balance(connection, estimate)
        )
    if doubt := contradiction(connection, readings, recent):
        return RemainingBalance(None, None, lasts.burn_per_day, None, doubt)
    last = readings[-1]
    return RemainingBalance(
        remaining=last.remaining,
        read_at=last.read_at,
        burn_per_day=lasts.burn_per_day,
        runs_out_on=lasts.likely,
        reason=reasons.of_faults([fault]) if fault else None,
        is_estimated=last.is_estimated,
        runs_out_earliest=lasts.earliest,
        runs_out_latest=lasts.latest,
        is_thin=lasts.is_thin,
        estimate=estimate,
        currency=last.currency,
        note=last.note,
    )


def _why_no_balance(connection: Connection, estimate: Estimate | None) -> str:
    fault = connection.fault("balance")
    if fault is not None:
        return reasons.of_faults([fault])
    if estimate is not None and estimate.missing_days:
        if awaited := [day for day in estimate.missing_days if connection.awaits(day)]:
            return reasons.not_published(connection, awaited)
        return reasons.no_estimate(estimate.balance.at.date(), estimate.missing_days[0])
    return reasons.no_balance(connection)


def cap_per_day(
    connection: Connection, limits: Iterable[LimitReading], use: LimitUse
) -> Decimal | None:
    """Return the most that hard limits allow per day on average; None if there are none.

    A limit of the account applies to all of it. Limits of keys limit the total only if every
    recently used key has one.
    """
    hard = [r for r in limits if r.connection == connection.name and r.is_hard]
    holds_for = {limit.kind: connection.limit_kind(limit.kind).holds_for for limit in hard}
    caps = [
        limit.amount * _A_DAY[limit.interval]
        for limit in hard
        if holds_for[limit.kind] == "account" and limit.interval
    ]
    keys = [limit for limit in hard if holds_for[limit.kind] == "key" and limit.interval]
    lately = [each for each in use.keys_lately if each.connection == connection.name]
    used = [item for item in lately if item.used > 0]
    if used and all(any(_is_about(limit, item) for limit in keys) for item in used):
        caps.append(
            total(limit.amount * _A_DAY[limit.interval] for limit in keys if limit.interval)
        )
    return min(caps, default=None)


def _pace(
    limit: LimitReading, kind: LimitKind, history: History, use: LimitUse, now: datetime
) -> Callable[[date], float] | None:
    """Return a function for the expected use per day that counts against the limit."""
    model = fit_spend_model(history)
    if kind.holds_for == "account":
        return model.day if model else None
    items = use.keys_lately if kind.holds_for == "key" else use.projects_lately
    lately = _sum_of(items, limit)
    start = utc_day(now) - DAY * LATELY_DAYS
    whole = total(cost for day, cost in history if day >= start)
    if kind.holds_for and lately and whole > 0 and model:
        share = float(lately / whole)
        return lambda day: share * model.day(day)
    a_day = _so_far_a_day(limit, now)
    if a_day <= 0:
        return None
    return lambda day: a_day * (model.factors[day.weekday()] if model else 1.0)


def _so_far_a_day(limit: LimitReading, now: datetime) -> float:
    """Return the mean use per day in the window, if at least one day of it has passed."""
    if limit.used is None or limit.interval is None or not _is_of_now(limit, now):
        return 0.0
    elapsed = (
        limit.read_at - midnight(Period.containing(limit.interval, utc_day(now)).start)
    ) / DAY
    return float(limit.used) / elapsed if elapsed >= 1 else 0.0


def _room(
    limit: LimitReading,
    kind: LimitKind,
    history: History,
    today_so_far: Decimal | None,
    use: LimitUse,
    now: datetime,
) -> float | None:
    if not _is_of_now(limit, now):
        return float(limit.amount)
    if limit.remaining is not None:
        return float(limit.remaining)
    used: Decimal | None = limit.used
    if kind.holds_for == "account" and limit.interval:
        span = Period.containing(limit.interval, utc_day(now))
        used = total([*(cost for day, cost in history if day in span), today_so_far or Decimal(0)])
    if kind.holds_for == "project":
        used = _sum_of(use.projects, limit) or Decimal(0)
    return None if used is None else float(limit.amount - used)


def _sum_of(items: Sequence[ItemFigure], limit: LimitReading) -> Decimal | None:
    found = [
        item.used
        for item in items
        if item.connection == limit.connection and _is_about(limit, item)
    ]
    return total(found) if found else None


def _is_about(limit: LimitReading, item: ItemFigure) -> bool:
    """Return whether the limit is about the item. Providers name keys by id in one place and by
    name in another."""
    known = {limit.scope_id, limit.scope_name} - {None}
    return item.item_id in known or (item.name is not None and item.name in known)
