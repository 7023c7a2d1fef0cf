"""The sentences of a digest, in mrkdwn. Names and reasons from outside are escaped here."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from bot.analysis.anomalies import ExpectedRange
from bot.budgets.models import Contributor
from bot.currency.messages import reporting_lines
from bot.digests.models import Digest, DigestConnection
from bot.reports.messages.causes import Names, causes_sentence
from bot.reports.messages.parts import (
    TOGETHER,
    balance_words,
    first_names,
    last_day_words,
    left_words,
    more_keys_words,
    next_limit_line,
    restated_lines,
    unpublished_words,
)
from bot.reports.models import RemainingBalance
from bot.slack.blocks import moment, name
from bot.wording import (
    band,
    capitalized,
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
    unbroken,
    undated,
)
from providers.catalog import title_of
from providers.money import difference, total
from providers.period import DAY, Period

CONNECTIONS = 4
LARGEST = 2
"""Connections that are named if there are more than `CONNECTIONS`."""
BALANCES = 2
SOON = DAY * 30
CAUSES = 2
KEYS = 3
CLOSE = Decimal("0.1")
"""Share of the expected range's limit up to which an excess is "a little"."""


def title(digest: Digest) -> str:
    """``AI spend: $148.60 on Mon 23 Nov, 2.9× usual`` in plain text: usual for that weekday."""
    if digest.cadence == "monthly":
        month = span_of(digest.period, digest)
        if digest.used is None or any(each.used is None for each in digest.connections):
            return f"{_who(digest)}: {month} has settled, but some days are missing"
        return f"{_who(digest)}: {month} settled at {money(digest.used)}{_compared(digest)}"
    on = "on" if len(digest.period) == 1 else "for"
    when = f"{on} {span_of(digest.period, digest)}"
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
        changed = changed_words(used, digest.used_before, span_of(digest.before, digest))
        return f", {changed}" if changed else ""
    kind = "" if expected.place is None else f" for {_kind(digest, expected)}"
    if digest.is_unusual and used > expected.middle > 0:
        return f", {used / expected.middle:.1f}× usual{kind}"
    if digest.is_unusual:
        return f", unusually low{kind}"
    return f", {_compared_with_usual(used, expected)}{kind}"


def changed_words(now: Decimal | None, before: Decimal | None, when: str) -> str | None:
    """Return ``$18.20 more (+5%) than October``; None if either is unknown."""
    if now is None or before is None:
        return None
    if not before and now > 0:
        return f"nothing was spent {when}"
    return f"{more_or_less(now, before)} {when}"


def connection_lines(digest: Digest) -> list[str]:
    """Return each connection's spend, with what is usual if it isn't. Two share a line, and so do
    those that are about as usual."""
    known = sorted(digest.connections, key=lambda each: -(each.used or 0))
    largest = sorted(known, key=lambda each: each.used is not None)  # unknown ones first
    shown = largest if len(largest) <= CONNECTIONS else largest[:LARGEST]
    shown = [each for each in digest.connections if each in shown]
    parts = [_connection(each, digest) for each in shown if not _is_about_usual(each)]
    calm = [_connection(each, digest) for each in shown if _is_about_usual(each)]
    parts += [" · ".join(calm)] if calm else []
    if len(shown) == 1 and shown[0].used is not None and not shown[0].unfinished_days:
        usual = shown[0].usual
        parts = (
            [f"Usual for {_kind(digest, usual)}: {band(usual.low, usual.high)}."] if usual else []
        )
    if len(shown) == 2:
        parts = [" · ".join(parts)]
    rest = [each for each in digest.connections if each not in shown]
    if rest:
        spent = money(total(each.at_least for each in rest if each.at_least is not None))
        least = "at least " if any(each.used is None for each in rest) else ""
        more = f"And {plural(len(rest), 'more connection')}: {least}{spent}"
        typed = f"{digest.period.start}..{digest.period.end - DAY}"
        way = digest.period.start if len(digest.period) == 1 else typed
        parts.append(f"{more} (see `/aicost {way}`).")
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
    if usual is None:
        return words
    if _is_about_usual(connection):
        where = _compared_with_usual(connection.used, usual).removeprefix("about ")
        return f"{words} ({where})"
    return f"{words} (usual: {band(usual.low, usual.high)})"


def _is_about_usual(connection: DigestConnection) -> bool:
    used, usual = connection.used, connection.usual
    if used is None or usual is None or connection.unfinished_days:
        return False
    return _compared_with_usual(used, usual) not in ("more than usual", "less than usual")


def _compared_with_usual(used: Decimal, usual: ExpectedRange) -> str:
    """``about as usual``, ``a little more than usual``, ``less than usual``."""
    if usual.low <= used <= usual.high:
        return "about as usual"
    side, edge = ("more", usual.high) if used > usual.high else ("less", usual.low)
    near = "a little " if abs(used - edge) <= abs(edge) * CLOSE else ""
    return f"{near}{side} than usual"


def _not_updated(title: str, as_of: datetime | None) -> str:
    since = f"is not up to date: last updated {moment(as_of)}" if as_of else "has no data yet"
    return f"{name(title)} {since}. For the reason, see `/aicost status`."


def _gaps(connection: DigestConnection, today: date) -> str:
    """``9 Nov is not published yet``."""
    awaited = connection.summary.unpublished_days
    other = [each for each in connection.missing_days if each not in awaited]
    parts = [unpublished_words(awaited, today)] if awaited else []
    return ", ".join([*parts, *([f"no data for {day_list(other, today)}"] if other else [])])


def balance_lines(digest: Digest) -> list[str]:
    """Return ``*Credit until 9–11 Dec:* OpenRouter, $274.25 left.``, the earliest end first; others
    only if they end within `SOON`, or aren't known.

    Without the average per day: next to what one weekday usually costs, it confuses."""
    today, found = digest.now.date(), []
    for each in (*(one.summary for one in digest.connections), *digest.balances):
        left = each.left
        if left is not None:
            if each.status != "ok" and each.reports_spend:
                left = replace(left, reason=None)  # said once, with what is not up to date
            ends = left.runs_out_on or date.max
            words = f"{_credit(each.title, left, today)}."
            found.append((left.remaining is not None and left.remaining > 0, ends, words))
    found.sort(key=lambda one: one[:2])
    found = [each for each in found if each is found[0] or not each[0] or each[1] <= today + SOON]
    rest = len(found) - BALANCES
    more = [f"And {plural(rest, 'more balance')}: see `/aicost balance`."] if rest > 0 else []
    return [*(words for *_, words in found[:BALANCES]), *more]


def _credit(title: str, left: RemainingBalance, today: date) -> str:
    until = last_day_words(left, today)
    if until and not left.reason and not left.note:
        return f"*Credit until {unbroken(until)}:* {name(title)}, {balance_words(left)} left"
    return f"*Credit:* {name(title)}, {left_words(left, today, strong='*', has_rate=False)}"


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
    more = f"And {more_keys_words(rest)}: see `/aicost status`."
    return [*lines, more] if rest else lines


def movers_line(digest: Digest) -> str | None:
    """``Project *search* (+$9.82) cost more, mostly on gpt-5.2 (compared with Mon 16 Nov).``: the
    cause that *Why* gives. If that isn't known, the models: ``Biggest change compared with …``."""
    is_one = digest.cadence == "daily" and not digest.is_unusual
    movers = digest.movers[:1] if is_one else digest.movers
    if not movers:
        return None
    if digest.change is not None and digest.change.why.findings:
        titles = {each.summary.name: each.summary.title for each in digest.connections}
        names = Names(digest.change.names, titles)
        causes = causes_sentence(digest.change.why, names, 1 if is_one else CAUSES)
        compared = f"(compared with {span_of(digest.before, digest)})"
        words = f"{causes.removesuffix('.')} {compared}."
        return capitalized(words) if is_one else f"*Why:* {words}"
    what = "Biggest change" if len(movers) == 1 else "Biggest changes"
    moved = ", ".join(map(_moved, movers, undated([each.name for each in movers])))
    return f"{what} compared with {span_of(digest.before, digest)}: {moved}."


def _moved(each: Contributor, label: str) -> str:
    before = each.used_before or Decimal(0)
    if not before:
        return f"*{name(label)}* new at {money(each.used)}"
    return f"*{name(label)}* {signed(difference(each.used, before))}"


def restated(digest: Digest) -> list[str]:
    """Return the lines for days that have changed since a digest showed them."""
    titles = {each.summary.name: each.summary.title for each in digest.connections}
    return restated_lines(digest.restatements, titles, digest.now.date())


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
    words = f"Updated {_times(digest)}" if as_of else "Not every connection has been read yet"
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


def _times(digest: Digest) -> str:
    """``today at 08:00``; where connections differ, each time with its connections."""
    groups: list[tuple[datetime, list[str]]] = []
    read = [(e.summary.as_of or digest.now, name(e.summary.title)) for e in digest.connections]
    for at, title in sorted(read):
        if groups and at - groups[-1][0] <= TOGETHER:
            groups[-1][1].append(title)
        else:
            groups.append((at, [title]))
    if len(groups) == 1:
        return moment(groups[0][0])
    return listed([f"{moment(at)} ({first_names(names)})" for at, names in groups[:CONNECTIONS]])


def span_of(period: Period, digest: Digest) -> str:
    """``Mon 23 Nov``, ``October``, ``16–22 Nov``."""
    today = digest.now.date()
    if len(period) == 1:
        return f"{day_name(period.start)[:3]} {day(period.start, today)}"
    if digest.cadence == "monthly" and period == Period.of_month(period.start):
        return month_name(period.start)
    return days(period, today)


def _is(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"
