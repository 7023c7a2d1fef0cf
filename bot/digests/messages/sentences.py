"""The sentences of a digest, in mrkdwn. Names and reasons from outside are escaped here."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from bot.analysis.anomalies import ExpectedRange
from bot.budgets.messages.budget_words import (
    forecast_words,
    least_words,
    scope_words,
    share_of,
)
from bot.budgets.models import BudgetStatus, Contributor
from bot.currency.messages import reporting_lines
from bot.digests.models import Digest, DigestConnection, Recap
from bot.reports.messages.parts import (
    first_names,
    left_words,
    more_keys_words,
    next_limit_line,
    restated_lines,
    unpublished_words,
)
from bot.slack.blocks import moment, name
from bot.wording import (
    band,
    chosen,
    day,
    day_kind,
    day_list,
    day_name,
    days,
    listed,
    money,
    month_name,
    more_or_less,
    plural,
    rounding_note,
    signed,
    tidy,
    with_range,
)
from providers.catalog import title_of
from providers.money import difference, total
from providers.period import DAY, Period

BUDGETS = 2
CHANGES = 3
CONNECTIONS = 4
BALANCES = 2
KEYS = 3
CLOSE = Decimal("0.1")
"""Share of the expected range's limit up to which an excess is "a little"."""


def title(digest: Digest) -> str:
    """``AI spend: $148.60 on Mon 23 Nov, 2.9× usual for a Monday`` in plain text."""
    if digest.cadence == "monthly":
        month = _days(digest.period, digest)
        if digest.used is None or any(each.used is None for each in digest.connections):
            return f"{_who(digest)}: {month} has settled, but some days are missing"
        return f"{_who(digest)}: {month} settled at {money(digest.used)}{_compared(digest)}"
    on = "on" if len(digest.period) == 1 else "for"
    when = f"{on} {_days(digest.period, digest)}"
    if digest.used is None:
        return f"{_who(digest)}: unknown {when}"
    missing = [each for each in digest.connections if each.used is None]
    if missing:
        what = "missing" if all(each.at_least is None for each in missing) else "incomplete"
        titles = [each.summary.title for each in missing]
        names = f"{listed([tidy(each) for each in titles])} {_is(titles)} {what}"
        return f"{_who(digest)}: at least {money(digest.used)} {when} ({names})"
    if any(each.unfinished_days for each in digest.connections):
        return f"{_who(digest)}: {money(digest.used)} so far {when}"
    return f"{_who(digest)}: {money(digest.used)} {when}{_compared(digest)}"


def _who(digest: Digest) -> str:
    scope = digest.scope
    if scope.kind == "all":
        return "AI spend"
    if scope.kind == "channel":
        return "AI spend of this channel"
    if scope.kind == "project":
        return f"Spend of project {tidy(scope.name or '')}"
    titles = [e.summary.title for e in digest.connections if e.summary.name == scope.name]
    return f"{tidy(next(iter(titles), title_of(scope.name or '')))} spend"


def _compared(digest: Digest) -> str:
    """Return how a day compares with similar days, or another period with the one before."""
    used, expected = digest.used, digest.usual
    if used is None or expected is None:
        changed = _changed(used, digest.used_before, _days(digest.before, digest))
        return f", {changed}" if changed else ""
    kind = f" for {_kind(digest, expected)}"
    if digest.is_unusual and used > expected.middle > 0:
        return f", {used / expected.middle:.1f}× usual{kind}"
    if digest.is_unusual:
        return f", unusually low{kind}"
    if expected.low <= used <= expected.high:
        return f", about as usual{kind}"
    side, edge = ("more", expected.high) if used > expected.high else ("less", expected.low)
    near = "a little " if abs(used - edge) <= abs(edge) * CLOSE else ""
    return f", {near}{side} than usual{kind}"


def _changed(now: Decimal | None, before: Decimal | None, when: str) -> str | None:
    """Return ``$18.20 more (+5%) than October``; None if either is unknown."""
    if now is None or before is None:
        return None
    if not before and now > 0:
        return f"nothing was spent {when}"
    return f"{more_or_less(now, before)} {when}"


def connection_lines(digest: Digest) -> list[str]:
    """Return each connection's spend, with what is usual if it isn't. Two share a line."""
    known = sorted(digest.connections, key=lambda each: -(each.used or 0))
    largest = sorted(known, key=lambda each: each.used is not None)  # unknown ones first
    shown = largest if len(largest) <= CONNECTIONS else largest[: CONNECTIONS - 1]
    shown = [each for each in digest.connections if each in shown]
    parts = [_connection(each, digest) for each in shown]
    if len(shown) == 1 and shown[0].used is not None and not shown[0].unfinished_days:
        usual = shown[0].usual
        parts = (
            [f"Usual for {_kind(digest, usual)}: {band(usual.low, usual.high)}."] if usual else []
        )
    if len(parts) == 2:
        parts = [" · ".join(parts)]
    rest = [each for each in digest.connections if each not in shown]
    if rest:
        spent = money(total(each.at_least for each in rest if each.at_least is not None))
        least = "at least " if any(each.used is None for each in rest) else ""
        parts.append(f"And {plural(len(rest), 'more connection')}: {least}{spent}.")
    late = [each.summary for each in digest.connections if each.summary.status != "ok"]
    parts += [_not_updated(each.title, each.as_of) for each in late[:CONNECTIONS]]
    if len(late) > CONNECTIONS:
        parts.append(f"And {len(late) - CONNECTIONS} more not up to date: see `/aicost status`.")
    return parts


def _kind(digest: Digest, expected: ExpectedRange) -> str:
    """``a Monday``, ``the 1st of a month``."""
    article = "a" if expected.place is None else "the"
    return f"{article} {day_kind(digest.period.start, expected.place)}"


def _connection(connection: DigestConnection, digest: Digest) -> str:
    label, today = f"*{name(connection.summary.title)}*", digest.now.date()
    if connection.used is None:
        least = connection.at_least
        known = "unknown" if least is None else f"at least {money(least)}"
        return f"{label} {known} ({_gaps(connection, today)})"
    words = f"{label} {money(connection.used)}"
    if connection.unfinished_days:
        return f"{words} so far ({day_list(connection.unfinished_days, today)} not complete yet)"
    usual = connection.usual
    if usual is None or usual.low <= connection.used <= usual.high:
        return words
    return f"{words} (usual: {band(usual.low, usual.high)})"


def _not_updated(title: str, as_of: datetime | None) -> str:
    since = f"is not up to date: last updated {moment(as_of)}" if as_of else "has no data yet"
    return f"{name(title)} {since}. For the reason, see `/aicost status`."


def _gaps(connection: DigestConnection, today: date) -> str:
    """``9 Nov is not published yet``."""
    awaited = connection.summary.unpublished_days
    other = [each for each in connection.missing_days if each not in awaited]
    parts = [unpublished_words(awaited, today)] if awaited else []
    return ", ".join([*parts, *([f"no data for {day_list(other, today)}"] if other else [])])


def month_line(digest: Digest) -> str | None:
    """``November: *$917.20* by 23 Nov, forecast about $1,201 ($1,198–$1,206).``"""
    month = digest.month
    label, until = month_name(month.window.start), day(month.window.end - DAY)
    if digest.cadence == "monthly":
        return None
    if month.used is None:
        return f"{label}: unknown, because some days are missing."
    if month.without:
        names = listed([name(each) for each in month.without])
        missing = f"{names} {_is(month.without)} incomplete"
        return f"{label}: at least *{money(month.used)}* by {until} ({missing})."
    if (month.window.end - DAY).month != month.window.end.month:
        return f"{label}: *{money(month.used)}*; the last days may still change."
    if month.expected is None or month.low is None or month.high is None:
        return f"{label}: *{money(month.used)}* by {until}."
    expected = with_range(month.expected, month.low, month.high)
    return f"{label}: *{money(month.used)}* by {until}, forecast {expected}."


def budget_lines(digest: Digest) -> list[str]:
    """Return a line for each budget that is half used, forecast to be exceeded, or unknown. Of
    many, those with the largest share used."""
    found = [each for each in digest.budgets if _matters(each)]
    if len(found) > BUDGETS:
        found.sort(key=lambda each: (each.actual is None, -each.share))
    lines = [_budget(each, digest.period, digest) for each in found[:BUDGETS]]
    rest = len(found) - len(lines)
    more = f"And {plural(rest, 'more budget')}: see `/aicost budget list`."
    return [*lines, more] if rest else lines


def _matters(budget: BudgetStatus) -> bool:
    amount = budget.target.amount
    if budget.actual is None or budget.actual * 2 >= amount:
        return True
    return budget.forecast is not None and budget.forecast >= amount


def _budget(budget: BudgetStatus, period: Period, digest: Digest) -> str:
    """``OpenAI budget: *80%* of $500 used by 23 Nov ($400.00), forecast about $612, over
    budget.``"""
    scope, target, until = budget.rule.scope, budget.target, f" by {day(period.end - DAY)}"
    words = scope_words(scope)
    is_whole = scope.kind in ("provider", "connection")
    what = f"{words} budget" if is_whole else f"Budget for {words}"
    amount = f"{chosen(target.amount)} {target.period}"
    if budget.actual is None:
        least = least_words(target.amount, budget.at_least)
        return f"{what} ({amount}): unknown{least}; some days are missing."
    if budget.period.end <= period.end:
        ended = budget.period
        when = month_name(ended.start) if target.period == "monthly" else _days(ended, digest)
        what, until = f"{what} for {when}", ""
    if until == "" or target.period == "monthly":  # what a budget is unless it says otherwise
        amount = chosen(target.amount)
    used = f"{what}: *{share_of(target.amount, budget.actual)}* of {amount} used{until} "
    used += f"({money(budget.actual)}"
    used += ", *over budget*)" if budget.actual > target.amount else ")"
    if budget.forecast is None:
        return f"{used}."
    low, high = budget.forecast_low, budget.forecast_high
    forecast = forecast_words(target.amount, budget.actual, budget.forecast, low, high)
    return f"{used}, forecast {forecast}."


def balance_lines(digest: Digest) -> list[str]:
    """Return ``OpenRouter: $274.25 left, lasts until 9–11 Dec``, the earliest end first.
    Without the average per day: next to what one weekday usually costs, it confuses."""
    today, found = digest.now.date(), []
    for each in (*(one.summary for one in digest.connections), *digest.balances):
        left = each.left
        if left is not None:
            if each.status != "ok" and each.reports_spend:
                left = replace(left, reason=None)  # said once, with what is not up to date
            ends = left.runs_out_on or date.max
            words = f"{name(each.title)}: {left_words(left, today, strong='*', has_rate=False)}."
            found.append((left.remaining is not None and left.remaining > 0, ends, words))
    found.sort(key=lambda one: one[:2])
    rest = len(found) - BALANCES
    more = [f"And {plural(rest, 'more balance')}: see `/aicost balance`."] if rest > 0 else []
    return [*(words for *_, words in found[:BALANCES]), *more]


def limit_line(digest: Digest) -> str | None:
    """Return the next limit, unless it is a balance that has a line of its own."""
    limit = digest.next_limit
    if limit is None or digest.is_quiet:
        return None
    lefts = [e.summary.left for e in digest.connections if e.summary.name == limit.connection]
    is_its_balance = any(left is not None and left.runs_out_on == limit.on for left in lefts)
    if limit.on is not None and not limit.is_biting and is_its_balance:
        return None
    return next_limit_line(limit, digest.now.date())


def expiring_key_lines(digest: Digest) -> list[str]:
    """Return ``OpenAI key search-prod expires …`` for each key in use that expires soon."""
    titles = {each.summary.name: each.summary.title for each in digest.connections}
    lines = [
        f"{name(titles.get(key.connection, key.connection))} key *{name(key.name)}* expires "
        f"{moment(key.expires_at)}. Requests with it then fail."
        for key in digest.expiring_keys[:KEYS]
    ]
    rest = len(digest.expiring_keys) - len(lines)
    more = f"{more_keys_words(rest)}: see `/aicost status`."
    return [*lines, more] if rest else lines


def movers_line(digest: Digest) -> str | None:
    """``Biggest change compared with Mon 16 Nov: gpt-5.2 +$9.82.``"""
    is_one = digest.cadence == "daily" and not digest.is_unusual
    movers = digest.movers[:1] if is_one else digest.movers
    if not movers:
        return None
    what = "Biggest change" if len(movers) == 1 else "Biggest changes"
    moved = ", ".join(map(_moved, movers))
    return f"{what} compared with {_days(digest.before, digest)}: {moved}."


def _moved(each: Contributor) -> str:
    before = each.used_before or Decimal(0)
    if not before:
        return f"*{name(each.name)}* new at {money(each.used)}"
    return f"*{name(each.name)}* {signed(difference(each.used, before))}"


def restated(digest: Digest) -> list[str]:
    """Return the lines for days that have changed since a digest showed them."""
    titles = {each.summary.name: each.summary.title for each in digest.connections}
    return restated_lines(digest.restatements, titles, digest.now.date())


def recap_lines(recap: Recap, digest: Digest) -> list[str]:
    """Return the lines of a settled month, and what changed before it settled."""
    today, month = digest.now.date(), month_name(recap.month.start)
    if recap.used is None:
        missing = day_list(recap.missing_days, today)
        return [f"*{month} has settled*, but what it cost is unknown: no data for {missing}."]
    budgets = [_budget(each, recap.month, digest) for each in recap.budgets[:BUDGETS]]
    lines = [_settled(recap, today), *budgets]
    if digest.cadence == "monthly":
        return lines  # the heading has the rest
    changed = _changed(recap.used, recap.used_before, month_name(recap.month.start - DAY))
    compared = f", {changed}" if changed else ""
    return [f"*{month} settled at {money(recap.used)}*{compared}.", *lines]


def _settled(recap: Recap, today: date) -> str:
    if not recap.changes:
        return "No day changed after the month ended."
    changed = [
        f"{day(each.day, today)} {money(each.before)} → {money(each.after)}"
        for each in recap.changes[:CHANGES]
    ]
    rest, month = len(recap.changes) - len(changed), recap.month.start
    more = f" and {plural(rest, 'more day')} (see `/aicost {month:%Y-%m} by day`)" if rest else ""
    return (
        f"{plural(len(recap.changes), 'day')} changed after the month ended, by "
        f"{signed(recap.change)} in total: {', '.join(changed)}{more}."
    )


def small_print(digest: Digest) -> list[str]:
    """Return the delay of the digest, the age of its figures, and how far they have settled."""
    lines = []
    if digest.late_by:
        hours, minutes = divmod(int(digest.late_by.total_seconds() // 60), 60)
        parts = [f"{hours} h"] * bool(hours) + [f"{minutes} min"] * bool(minutes or not hours)
        lines.append(f"This digest is {' '.join(parts)} late.")
    used = [each.at_least for each in digest.connections if each.at_least is not None]
    too = reporting_lines(digest.reporting, digest.used, is_complete=digest.is_complete)
    return [*lines, *too, _freshness(digest), *rounding_note(used, total(used))]


def _freshness(digest: Digest) -> str:
    as_of = digest.as_of
    words = f"Updated {moment(as_of)}" if as_of else "Not every connection has been read yet"
    settled = [each.summary.settled_until for each in digest.connections]
    known = sorted({each for each in settled if each is not None and each < digest.period.end})
    if None in settled or not known:
        return f"{words}. Days are UTC."
    parts = []
    for until in known[:CONNECTIONS]:
        alike = [e.summary for e in digest.connections if e.summary.settled_until == until]
        these = [name(each.title) for each in alike]
        whose = f" ({first_names(these)})" if len(these) < len(digest.connections) else ""
        parts.append(f"{day(until - DAY, digest.now.date())}{whose}")
    return f"{words}. Days are UTC. Days after {listed(parts)} may still change."


def _days(period: Period, digest: Digest) -> str:
    """``Mon 23 Nov``, ``October``, ``16–22 Nov``."""
    today = digest.now.date()
    if len(period) == 1:
        return f"{day_name(period.start)[:3]} {day(period.start, today)}"
    if digest.cadence == "monthly" and period == Period.of_month(period.start):
        return month_name(period.start)
    return days(period, today)


def _is(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"
