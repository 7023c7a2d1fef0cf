"""From what the ledger remembers to a digest: what matters first, nothing that isn't known."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from bot.spend.digest import Bar, Cadence, Depth, Digest, DigestConnection, Recap, SoFar
from bot.spend.digest_budgets import is_worth_a_word, standings
from bot.spend.digest_facts import DigestFacts, Known
from bot.spend.digest_plan import month_of
from bot.spend.forecast import forecast
from bot.spend.ledger import Connection, ItemFigure, Restatement
from bot.spend.notice import Contributor
from bot.spend.spikes import Floors, Usual, spike, usual
from bot.spend.standing import WHOLE_CONNECTIONS
from bot.spend.summary import UNATTRIBUTED, ConnectionSummary
from providers.money import total
from providers.period import DAY, Period, midnight

LATE = timedelta(minutes=2)
"""A digest that comes this long after its slot says so."""
TOP = 5
MOVERS = 3
CHART_DAYS = 14
CHART_MONTHS = 12
SHORT_RUNWAY = DAY * 7
"""A prepaid balance that ends sooner is worth a word on any day."""
_SETTLING_CHANGE = Decimal(1)
"""Dollars by which a day that was still settling must have changed to be told."""
_CENT = Decimal("0.01")
_WORTH_MOVING = 50
"""A model that moved by less than the whole divided by this is not told."""
_LOW_DAY = 2
"""A day below the usual band is worth a word when it costs less than the usual divided by this."""


def compose(
    facts: DigestFacts, digest_id: int | None, cadence: Cadence, depth: Depth, promised_at: datetime
) -> Digest:
    """The digest that these facts make; it is late from soon after `promised_at`."""
    known = Known(facts.days)
    connections = tuple(
        _connection(each, facts, known, cadence)
        for each in facts.summary.connections
        if any(each.name == one.name for one in facts.connections)
    )
    used = [each.used for each in connections if each.used is not None]
    total_used = total(used) if used else None
    is_complete = bool(connections) and all(map(_is_well, connections))
    is_whole = bool(connections) and all(map(_is_known, connections))
    expected, is_unusual = _usual(facts, known, cadence, total_used if is_whole else None)
    budgets = standings(facts, facts.budgets)
    restated = _told_again(facts)
    recap = _recap(facts, known)
    needs_attention = (
        is_unusual
        or not is_complete
        or bool(restated)
        or recap is not None
        or any(map(is_worth_a_word, budgets))
        or any(_is_running_out(each, facts.now) for each in facts.summary.connections)
        or (facts.summary.earliest_stop is not None and facts.summary.earliest_stop.is_biting)
    )
    return Digest(
        digest_id=digest_id,
        cadence=cadence,
        depth=depth,
        scope=facts.scope,
        period=facts.period,
        before=facts.before,
        now=facts.now,
        late_by=facts.now - promised_at if facts.now - promised_at > LATE else None,
        used=total_used,
        used_before=known.sum(facts.connections, facts.before),
        is_complete=is_complete,
        usual=expected,
        is_unusual=is_unusual,
        week=_week(facts, known),
        month=_month(facts, known),
        connections=connections,
        budgets=budgets,
        movers=_movers(facts, known),
        top=_top(facts),
        restatements=restated,
        earliest_stop=facts.summary.earliest_stop,
        recap=recap,
        chart=_months(facts, known) if cadence == "monthly" else _last_days(facts, known),
        is_quiet=cadence == "daily" and not needs_attention,
    )


def _connection(
    summary: ConnectionSummary, facts: DigestFacts, known: Known, cadence: Cadence
) -> DigestConnection:
    own = [each for each in facts.connections if each.name == summary.name]
    return DigestConnection(
        name=summary.name,
        title=summary.title,
        billing=summary.billing,
        status=summary.status,
        reason=summary.reason,
        used=known.used(summary.name, facts.period),
        missing_days=known.missing(summary.name, facts.period),
        unfinished_days=known.unfinished(summary.name, facts.period),
        usual=_usual_of(own, facts, known) if _is_one_day(facts, cadence) else None,
        left=summary.left,
        as_of=summary.as_of,
        final_until=summary.final_until,
    )


def _is_known(connection: DigestConnection) -> bool:
    return connection.used is not None and not connection.unfinished_days


def _is_well(connection: DigestConnection) -> bool:
    return (
        connection.status == "ok"
        and _is_known(connection)
        and (connection.left is None or connection.left.remaining is not None)
    )


def _is_one_day(facts: DigestFacts, cadence: Cadence) -> bool:
    return cadence == "daily" and len(facts.period) == 1


def _usual_of(connections: Sequence[Connection], facts: DigestFacts, known: Known) -> Usual | None:
    return usual(known.history(connections, facts.period.start), facts.period.start)


def _usual(
    facts: DigestFacts, known: Known, cadence: Cadence, used: Decimal | None
) -> tuple[Usual | None, bool]:
    """What such a day usually costs, and whether this one is worth a word."""
    if used is None or not _is_one_day(facts, cadence):
        return None, False
    history, day = known.history(facts.connections, facts.period.start), facts.period.start
    expected = usual(history, day)
    if expected is None:
        return None, False
    is_low = (
        used < expected.low
        and used * _LOW_DAY <= expected.middle
        and expected.middle - used >= Floors().dollars
    )
    return expected, is_low or spike(history, day, used) is not None


def _is_running_out(connection: ConnectionSummary, now: datetime) -> bool:
    left = connection.left
    if left is None or left.remaining is None:
        return False
    end = left.runs_out_on
    return left.remaining <= 0 or (end is not None and end - now.date() <= SHORT_RUNWAY)


def _week(facts: DigestFacts, known: Known) -> SoFar:
    last = facts.period.end - DAY
    return _so_far(facts, known, Period(last - DAY * last.weekday(), facts.period.end))


def _month(facts: DigestFacts, known: Known) -> SoFar:
    month = month_of(facts.period.end - DAY)
    so_far = _so_far(facts, known, Period(month.start, facts.period.end))
    if so_far.without or so_far.used is None or month.end == facts.period.end:
        return so_far
    history = known.history(facts.connections, facts.period.end)
    foretold = forecast(history, month, midnight(facts.period.end))
    if foretold is None or foretold.filled_days:
        return so_far
    return SoFar(so_far.window, so_far.used, (), foretold.expected, foretold.low, foretold.high)


def _so_far(facts: DigestFacts, known: Known, window: Period) -> SoFar:
    parts = [(each.title, known.used(each.name, window)) for each in facts.connections]
    used = [amount for _, amount in parts if amount is not None]
    without = tuple(title for title, amount in parts if amount is None)
    return SoFar(window, total(used) if used else None, without)


def _movers(facts: DigestFacts, known: Known) -> tuple[Contributor, ...]:
    """Only of connections whose days are known, both now and before."""
    comparable = {
        each.name
        for each in facts.connections
        if known.used(each.name, facts.period) is not None
        and known.used(each.name, facts.before) is not None
    }
    now = {_key(item): item for item in facts.items if item.connection in comparable}
    before = {_key(item): item for item in facts.items_before if item.connection in comparable}
    moved = [_contributor(now.get(key), before.get(key)) for key in dict.fromkeys([*now, *before])]
    whole = total(item.used for item in facts.items)
    least = max(_CENT, abs(whole) / _WORTH_MOVING)
    moved = [each for each in moved if abs(_change(each)) >= least]
    moved.sort(key=lambda each: (-abs(_change(each)), each.connection, each.name))
    return tuple(moved[:MOVERS])


def _key(item: ItemFigure) -> tuple[str, str | None]:
    return item.connection, item.item_id


def _contributor(now: ItemFigure | None, before: ItemFigure | None) -> Contributor:
    item = now or before
    if item is None:
        raise ValueError("nothing moved")
    return Contributor(
        name=item.name or item.item_id or UNATTRIBUTED,
        connection=item.connection,
        used=now.used if now else Decimal(0),
        used_before=before.used if before else Decimal(0),
    )


def _change(contributor: Contributor) -> Decimal:
    return contributor.used - (contributor.used_before or Decimal(0))


def _top(facts: DigestFacts) -> tuple[Contributor, ...]:
    largest = sorted(facts.items, key=lambda item: (-item.used, item.connection))
    return tuple(
        Contributor(item.name or item.item_id or UNATTRIBUTED, item.connection, item.used, None)
        for item in largest[:TOP]
        if item.used > 0
    )


def _told_again(facts: DigestFacts) -> tuple[Restatement, ...]:
    """Days of earlier digests that changed, each from its first to its last figure; of a day that
    was still settling only what is worth a word. Those of a month told anew are in its recap."""
    return tuple(
        each
        for each in merged(facts.restatements)
        if each.day < facts.period.start
        and (facts.recap_month is None or each.day not in facts.recap_month)
        and (each.was_settled or each.was_kept or abs(each.after - each.before) >= _SETTLING_CHANGE)
    )


def merged(found: Sequence[Restatement]) -> tuple[Restatement, ...]:
    """Several changes of one day as one, newest day first; none where it is back where it was."""
    days: dict[tuple[str, object], Restatement] = {}
    for each in sorted(found, key=lambda one: one.found_at):
        first = days.get((each.connection, each.day))
        days[each.connection, each.day] = Restatement(
            connection=each.connection,
            day=each.day,
            before=first.before if first and not each.was_kept else each.before,
            after=each.after,
            found_at=each.found_at,
            was_settled=each.was_settled or (first is not None and first.was_settled),
            was_kept=each.was_kept,
        )
    changed = [each for each in days.values() if each.was_kept or each.before != each.after]
    return tuple(sorted(changed, key=lambda one: (one.day, one.connection), reverse=True))


def _recap(facts: DigestFacts, known: Known) -> Recap | None:
    month = facts.recap_month
    if month is None:
        return None
    changes = tuple(
        each for each in merged(facts.recap_restatements) if each.day in month and not each.was_kept
    )
    missing = {day for each in facts.connections for day in known.missing(each.name, month)}
    ended = replace(facts, period=month)
    monthly = [
        each
        for each in facts.budgets
        if each.target.period == "monthly" and each.rule.scope.kind in WHOLE_CONNECTIONS
    ]
    return Recap(
        month=month,
        used=known.sum(facts.connections, month),
        used_before=known.sum(facts.connections, month_of(month.start - DAY)),
        changes=changes,
        change=total(each.after - each.before for each in changes),
        budgets=standings(ended, monthly),
        missing_days=tuple(sorted(missing)),
    )


def _last_days(facts: DigestFacts, known: Known) -> tuple[Bar, ...]:
    span = Period(facts.period.end - DAY * CHART_DAYS, facts.period.end)
    return _bars(facts, known, [Period.of_day(day) for day in span])


def _months(facts: DigestFacts, known: Known) -> tuple[Bar, ...]:
    months = [month_of(facts.period.end - DAY)]
    while len(months) < CHART_MONTHS:
        months.insert(0, month_of(months[0].start - DAY))
    return _bars(facts, known, months)


def _bars(facts: DigestFacts, known: Known, periods: Sequence[Period]) -> tuple[Bar, ...]:
    """Of the connections that know most of these periods, those that all of them know."""
    counts = {
        each.name: sum(known.is_finished(each.name, period) for period in periods)
        for each in facts.connections
    }
    most = max(counts.values(), default=0)
    drawn = [each for each in facts.connections if most and counts[each.name] * 2 >= most]
    bars = []
    for period in periods:
        parts = [(each.title, known.used(each.name, period)) for each in drawn]
        if drawn and all(known.is_finished(each.name, period) for each in drawn):
            used = tuple((title, amount) for title, amount in parts if amount is not None)
            bars.append(Bar(period, used))
    return tuple(bars)
