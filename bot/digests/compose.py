"""Build a `Digest` from `DigestFacts`. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from bot.analysis.anomalies import ExpectedRange, MinimumExcess, find_anomaly, usual
from bot.analysis.forecast import forecast_sum
from bot.db.models import Cadence, Depth
from bot.digests.changes import movers, recap_of, restatements_of, top
from bot.digests.facts import DigestFacts, KnownDays, budget_statuses, is_worth_a_word
from bot.digests.models import ChartBar, Digest, DigestConnection, SoFar
from bot.ledger.models import Connection
from bot.reports.history import spending
from bot.reports.models import ConnectionSummary
from providers.money import total
from providers.period import DAY, Period

LATE = timedelta(minutes=2)
"""A digest that is posted this long after its slot mentions it."""
CHART_DAYS = 14
CHART_MONTHS = 12
SHORT_RUNWAY = DAY * 7
"""A prepaid balance that ends sooner is mentioned on any day."""
_LOW_DAY = 2
"""A low day is mentioned if it costs less than the expected range's low end divided by this."""


def compose(
    facts: DigestFacts, digest_id: int | None, cadence: Cadence, depth: Depth, promised_at: datetime
) -> Digest:
    """Return the digest of these facts. It is late from soon after `promised_at`."""
    known = KnownDays(facts.days)
    connections = tuple(
        _connection(each, facts, known, cadence)
        for each in facts.summary.connections
        if any(each.name == one.name for one in facts.connections)
    )
    used = [each.at_least for each in connections if each.at_least is not None]
    total_used = total(used) if used else None
    is_complete = bool(connections) and all(map(_is_well, connections))
    is_whole = bool(connections) and all(map(_is_known, connections))
    expected, is_unusual = _usual(facts, known, cadence, total_used if is_whole else None)
    budgets = budget_statuses(facts, facts.budgets)
    restated = restatements_of(facts)
    recap = recap_of(facts, known)
    needs_attention = (
        is_unusual
        or not is_complete
        or bool(restated)
        or bool(facts.expiring_keys)
        or recap is not None
        or any(map(is_worth_a_word, budgets))
        or any(_is_running_out(each, facts.now) for each in facts.summary.connections)
        or (facts.summary.next_limit is not None and facts.summary.next_limit.is_biting)
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
        month=_month(facts, known),
        connections=connections,
        balances=tuple(each for each in facts.summary.connections if not each.reports_spend),
        budgets=budgets,
        movers=movers(facts, known),
        change=facts.change,
        top=top(facts),
        restatements=restated,
        next_limit=facts.summary.next_limit,
        expiring_keys=tuple(facts.expiring_keys),
        recap=recap,
        chart=_months(facts, known) if cadence == "monthly" else _last_days(facts, known),
        is_quiet=cadence == "daily" and not needs_attention,
    )


def _connection(
    summary: ConnectionSummary, facts: DigestFacts, known: KnownDays, cadence: Cadence
) -> DigestConnection:
    own = [each for each in facts.connections if each.name == summary.name]
    return DigestConnection(
        summary=summary,
        used=known.used(summary.name, facts.period),
        at_least=known.at_least(own, facts.period),
        missing_days=known.missing(summary.name, facts.period),
        unfinished_days=known.unfinished(summary.name, facts.period),
        usual=_usual_of(own, facts, known) if _is_one_day(facts, cadence) else None,
    )


def _is_known(connection: DigestConnection) -> bool:
    return connection.used is not None and not connection.unfinished_days


def _is_well(connection: DigestConnection) -> bool:
    summary = connection.summary
    left_is_known = summary.left is None or summary.left.remaining is not None
    return summary.status == "ok" and _is_known(connection) and left_is_known


def _is_one_day(facts: DigestFacts, cadence: Cadence) -> bool:
    return cadence == "daily" and len(facts.period) == 1


def _usual_of(
    connections: Sequence[Connection], facts: DigestFacts, known: KnownDays
) -> ExpectedRange | None:
    return usual(known.history(connections, facts.period.start), facts.period.start)


def _usual(
    facts: DigestFacts, known: KnownDays, cadence: Cadence, used: Decimal | None
) -> tuple[ExpectedRange | None, bool]:
    """Return what such a day usually costs, and whether this one is mentioned as unusual."""
    if used is None or not _is_one_day(facts, cadence):
        return None, False
    history, day = known.history(facts.connections, facts.period.start), facts.period.start
    expected = usual(history, day)
    if expected is None:
        return None, False
    is_low = (
        used < expected.low
        and used * _LOW_DAY <= expected.middle
        and expected.middle - used >= MinimumExcess().dollars
    )
    return expected, is_low or find_anomaly(history, day, used) is not None


def _is_running_out(connection: ConnectionSummary, now: datetime) -> bool:
    left = connection.left
    if left is None or left.remaining is None:
        return False
    end = left.runs_out_on
    return left.remaining <= 0 or (end is not None and end - now.date() <= SHORT_RUNWAY)


def _month(facts: DigestFacts, known: KnownDays) -> SoFar:
    month = Period.of_month(facts.period.end - DAY)
    so_far = _so_far(facts, known, Period(month.start, facts.period.end))
    if so_far.without or so_far.used is None or month.end == facts.period.end:
        return so_far
    parts = spending(facts.connections, facts.days, facts.now)
    forecast = forecast_sum(parts, month, facts.now)
    if forecast is None or forecast.filled_days:
        return so_far
    return replace(so_far, expected=forecast.expected, low=forecast.low, high=forecast.high)


def _so_far(facts: DigestFacts, known: KnownDays, window: Period) -> SoFar:
    without = tuple(
        each.title for each in facts.connections if known.used(each.name, window) is None
    )
    used_before = known.sum(facts.connections, window.before("month"))
    return SoFar(window, known.at_least(facts.connections, window), without, used_before)


def _last_days(facts: DigestFacts, known: KnownDays) -> tuple[ChartBar, ...]:
    span = Period(facts.period.end - DAY * CHART_DAYS, facts.period.end)
    return _bars(facts, known, [Period.of_day(day) for day in span])


def _months(facts: DigestFacts, known: KnownDays) -> tuple[ChartBar, ...]:
    months = [Period.of_month(facts.period.end - DAY)]
    while len(months) < CHART_MONTHS:
        months.insert(0, Period.of_month(months[0].start - DAY))
    return _bars(facts, known, months)


def _bars(facts: DigestFacts, known: KnownDays, periods: Sequence[Period]) -> tuple[ChartBar, ...]:
    """Return the bars of the chart: the periods known for all of the connections that know most of
    them."""
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
            bars.append(ChartBar(period, used))
    return tuple(bars)
