"""Lines that several answers share: a connection, the next limit, and the small print. All return
mrkdwn; names and reasons from outside are escaped here."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, timedelta
from decimal import Decimal

from bot.budgets.models import UpcomingLimit
from bot.db.models import Restatement
from bot.reports.messages.plain_reasons import REASON, without_codes
from bot.reports.messages.suggestions import credit_buttons
from bot.reports.models import ConnectionSummary, RemainingBalance, Summary
from bot.slack.blocks import escape, moment, name, section
from bot.slack.message import Block
from bot.wording import (
    capitalized,
    compared_words,
    day,
    day_list,
    days,
    estimate,
    likely_day,
    listed,
    money,
    plural,
    rounding_note,
    short_day,
    unbroken,
)
from providers.catalog import by_name
from providers.money import total
from providers.period import DAY, midnight
from providers.redaction import clip

RESTATED_SHOWN = 5
UNPRICED = 6
NOTED = 6
NEAR = DAY * 7
"""A limit within this time is near."""
TOGETHER = timedelta(minutes=15)
"""Connections read within this time count as read at the same time."""

BILLED = {"postpaid": "billed by invoice", "prepaid": "prepaid"}
"""How a connection is billed, in words for all readers."""


def spent_words(summary: Summary) -> str:
    """``$5,278.18``, ``at least $169.89``, ``unknown``."""
    return at_least(summary.used_total, is_complete=summary.is_complete)


def at_least(used: Decimal | None, *, is_complete: bool) -> str:
    """Return an amount; "at least" if it isn't complete, "unknown" for None."""
    return money(used) if is_complete or used is None else f"at least {money(used)}"


def when(summary: Summary) -> str:
    """Return the period as words that follow an amount: ``on 30 Nov 2026``; dates and months follow
    a comma."""
    words = summary.period_words
    if words.startswith(("this ", "last ", "today", "yesterday", "since ", "the ")):
        return f" {words}"
    is_day = words[:1].isdigit() and "–" not in words
    return f" on {words}" if is_day else f", {words}"


def lead_line(summary: Summary, billing: str = "") -> str:
    """``*3% more* than 1–29 Oct (+$175.56).``: the comparison, with the period if it is compared as
    a whole. `compared_note` has the days of another. The period alone if there is no comparison."""
    today, compared = summary.now.date(), summary.compared
    terms = f" {capitalized(billing)}." if billing else ""
    sentence = compared_sentence(summary)
    if not len(summary.period) or sentence is None or compared is None:
        span = f"{days(summary.period, today)} (UTC)" if len(summary.period) else "No days"
        is_least = summary.used_total is not None and not summary.is_complete
        why = " Not compared, because figures are missing." if is_least else ""
        return f"{span}.{why}{terms}"
    if compared.end > today:
        return f"{days(compared, today)} (UTC). {sentence}.{terms}"
    if compared.end == summary.period.end:
        span = f"{days(compared, today)} (UTC)"
        return f"{span}: {_glance(f'{sentence[0].lower()}{sentence[1:]}')}.{terms}"
    return f"{_glance(capitalized(sentence))}.{terms}"


def _glance(sentence: str) -> str:
    """``*3% more* than …``, ``*about the same* as …``: how it compares, in bold."""
    how, word, rest = sentence.partition(" as " if " the same as " in sentence else " than ")
    return f"*{how}*{word}{rest}" if word else sentence


def compared_sentence(summary: Summary) -> str | None:
    """Return the comparison of the period's complete days with the same days before; None if it is
    unknown."""
    used, used_before = summary.used_compared, summary.used_before
    if used is None or used_before is None or not summary.compared or not summary.compared_with:
        return None
    end = midnight(summary.compared.end)
    if any(each.as_of and each.as_of < end <= summary.now for each in summary.connections):
        return None  # its last day was not over when it was read
    today = summary.now.date()
    before = days(summary.compared_with, today)
    if summary.compared.end > today:
        whole = short_day(summary.compared_with.start)
        return f"{whole}: {money(summary.used_before)} for the whole day"
    if not summary.used_before:
        return f"nothing was spent {before}"
    return compared_words(used, used_before, before)


def connections_note(summary: Summary) -> list[str]:
    """Return a footnote if the connections' spend, as shown, doesn't add up to the total as
    shown."""
    used = [each.used for each in summary.connections if each.used is not None]
    return rounding_note(used, total(used))


def connection_line(connection: ConnectionSummary, today: date) -> str:
    """Return ``*OpenRouter*: *$728.62* · $274.25 left, lasts until 9–11 Dec at about $26 a day``,
    with problems below it."""
    title = f"*{name(connection.title)}*"
    if connection.status == "unknown":
        return f"{title}: unknown. {_reason(connection.reason)}".rstrip()
    if not connection.reports_spend:
        terms = connection_terms(connection, today)
        late = connection_notes(connection) if connection.status != "ok" else []
        return "\n".join([f"{title}: {terms}. Spend isn't reported, so no total has it.", *late])
    notes = connection_notes(connection)
    terms = connection_terms(connection, today)
    terms = f" · {terms}" if terms else ""
    used = at_least(connection.used, is_complete=connection.is_complete(today))
    return "\n".join([f"{title}: *{used}*{terms}", *notes])


def connection_terms(connection: ConnectionSummary, today: date) -> str:
    """Return the balance, or the billing; without what the connection's reason already says. Empty
    for a part of an account."""
    left = connection.left
    if left is None:
        return BILLED.get(connection.billing or "", "")
    if _is_reason_shown(connection) and left.reason and left.reason in (connection.reason or ""):
        left = replace(left, reason=None)
    return left_words(left, today)


def connection_notes(connection: ConnectionSummary) -> list[str]:
    """Return the running day so far, and the problems of the figures."""
    notes = [early] if (early := early_words(connection)) else []
    if _is_reason_shown(connection):
        words = [last_updated(connection), _reason(connection.reason)]
        notes.append(" ".join(filter(None, words)))
    return notes


def last_updated(connection: ConnectionSummary) -> str:
    """Return ``*Last updated today at 10:30.*`` for old figures."""
    at = connection.as_of if connection.status == "stale" else None
    return f"*Last updated {moment(at)}.*" if at else ""


def _is_reason_shown(connection: ConnectionSummary) -> bool:
    return bool(connection.reason) and not (connection.early and connection.used is None)


def early_words(connection: ConnectionSummary) -> str | None:
    """Return the running day so far, if the provider hasn't published it. It isn't part of the
    spend."""
    early = connection.early
    if early is None:
        return None
    about, basis = ("about ", " (estimated from tokens)") if early.is_estimated else ("", "")
    words = (
        f"Today until {early.until.astimezone(UTC):%H:%M} UTC: {about}{money(early.amount)}{basis}."
        f" No total includes it: {name(connection.title)} hasn't published today yet."
    )
    if not early.unpriced:
        return words
    shown = [name(model) for model in early.unpriced[:UNPRICED]]
    rest = len(early.unpriced) - len(shown)
    models = listed([*shown, plural(rest, "more model")] if rest else shown)
    return f"{words} No price is known for {models}."


def left_words(
    left: RemainingBalance, today: date, *, strong: str = "", has_rate: bool = True
) -> str:
    """``$40.55 left, lasts until 1–6 Dec at about $4 a day``: the days are an 80% range.
    `strong` marks the amount."""
    if left.remaining is None:
        return f"balance {strong}unknown{strong}" + _because(left.reason)
    if left.remaining <= 0:
        overdrawn = " (overdrawn)" if left.remaining < 0 else ""
        words = f"{strong}{money(left.remaining, left.currency)} left{strong}{overdrawn}"
        return f"{words}{_because(left.reason)}{_because(left.note)}"
    words = f"{strong}{balance_words(left)} left{strong}"
    lasts = _lasts(left, today, has_rate=has_rate)
    return f"{words}, {lasts}{_because(left.reason)}{_because(left.note)}"


def balance_words(left: RemainingBalance) -> str:
    """``$40.55``, ``about $41`` if it is estimated, ``unknown``; in plain text."""
    if left.is_estimated and left.remaining is not None and left.remaining > 0:
        return f"about {estimate(left.remaining, left.currency)}"
    return money(left.remaining, left.currency)


def last_day_words(left: RemainingBalance, today: date) -> str:
    """``about 3 Dec``, ``27–29 Nov``; empty if the balance's last day isn't known."""
    amount, on = left.remaining, left.runs_out_on
    if on is None or on <= today or left.is_thin or amount is None or amount <= 0:
        return ""
    return likely_day(on, left.runs_out_earliest, left.runs_out_latest, today)


def _lasts(left: RemainingBalance, today: date, *, has_rate: bool) -> str:
    if left.burn_per_day is None:
        return "too little data to say how long it lasts"
    if not left.burn_per_day:
        return "not being used"
    a_day = estimate(left.burn_per_day, left.currency)
    rate = f" at about {a_day} a day" if has_rate else ""
    if left.is_thin and left.runs_out_earliest != left.runs_out_latest:
        if left.runs_out_earliest is None:
            return f"no end date{rate}"
        when = _between(left.runs_out_earliest, left.runs_out_latest, today)
        return f"runs out {when}{rate} (few days of data)"
    if left.runs_out_on is None:
        return f"no end date{rate}"
    verb = "runs out" if left.runs_out_on <= today else "lasts until"
    first, last = left.runs_out_earliest, left.runs_out_latest
    return f"{verb} {likely_day(left.runs_out_on, first, last, today)}{rate}"


def _between(first: date, last: date | None, today: date) -> str:
    """``between 28 Nov and 13 Dec``, ``after 28 Nov``."""
    if last is None:
        return f"after {day(first, today)}"
    return f"between {day(first, today)} and {day(last, today)}"


def limit_block(summary: Summary) -> list[Block]:
    """Return the next limit, if there is one: a balance with a button to add credit. Without the
    button if figures are missing and the limit isn't near: credit wouldn't help then."""
    stop = summary.next_limit
    if stop is None:
        return []
    soonest = stop.earliest or stop.on
    is_near = stop.is_biting or (soonest and soonest - summary.now.date() <= NEAR)
    if not summary.is_complete and not is_near:
        return [section(next_limit_line(stop, summary.now.date()))]
    kinds = [
        kind
        for each in summary.connections
        if each.name == stop.connection
        and (kind := by_name(each.provider))
        and stop.consequence == f"{each.title} {kind.without_credit}"
    ]
    button = next(iter(credit_buttons(kinds)), None)
    return [section(next_limit_line(stop, summary.now.date()), button)]


def next_limit_line(stop: UpcomingLimit, today: date) -> str:
    """``*Credit until 9–11 Dec:* OpenRouter. Then OpenRouter requests fail until you add credit.``,
    ``*Next limit that stops requests:* OpenAI: …``. A budget stops none."""
    label = "Limit reached" if stop.is_biting else "Next limit that stops requests"
    if stop.is_biting:
        when = "used up"
        if stop.until is not None:
            when += f" until {day(stop.until, today)}"
    elif stop.on is None:
        when = "date unknown"
    else:
        when = likely_day(stop.on, stop.earliest, stop.latest, today)
    effect = "Now" if stop.is_biting else "Then"
    what, consequence = clip(stop.what, 200), clip(stop.consequence, REASON)
    if stop.is_credit and stop.on is not None:
        account = escape(what.removesuffix(" credit"))
        return f"*Credit until {unbroken(when)}:* {account}. {effect} {escape(consequence)}."
    return f"*{label}:* {escape(what)}, {when}. {effect} {escape(consequence)}."


def titles_of(summary: Summary) -> dict[str, str]:
    """Return the titles of connections by name."""
    return {each.name: each.title for each in summary.connections}


def first_names(titles: Sequence[str]) -> str:
    """``OpenAI and OpenRouter``; of many only the first ones."""
    rest = len(titles) - NOTED
    return listed([*titles[:NOTED], f"{rest} more"] if rest > 0 else titles)


def restated_lines(
    restatements: Sequence[Restatement], titles: dict[str, str], today: date
) -> list[str]:
    """Return the lines for days that a provider changed after they had ended."""
    lines = [_restated(each, titles, today) for each in restatements[:RESTATED_SHOWN]]
    rest = sorted(each.day for each in restatements[RESTATED_SHOWN:])
    if not rest:
        return lines
    by_day = f"`/aicost {rest[0]}..{rest[-1]} by day`"
    return [*lines, f"And {plural(len(rest), 'more corrected day')}: see {by_day}."]


def _restated(each: Restatement, titles: dict[str, str], today: date) -> str:
    who = name(titles.get(each.connection, each.connection))
    if each.was_kept:
        return (
            f"{who} now reports no spend for {day(each.day, today)}. "
            f"The earlier {money(each.before)} is kept."
        )
    return f"{who} corrected {day(each.day, today)}: {money(each.before)} → {money(each.after)}."


def unpublished_words(days: Sequence[date], today: date) -> str:
    """``30 Nov is not published yet``, in plain text."""
    return f"{day_list(days, today)} {'is' if len(days) == 1 else 'are'} not published yet"


def _because(reason: str | None) -> str:
    return f" ({_reason(reason).removesuffix('.')})" if reason else ""


def _reason(reason: str | None) -> str:
    return without_codes(reason) if reason else ""


def more_keys_words(count: int) -> str:
    """Return ``2 more keys expire within two weeks``."""
    return f"{plural(count, 'more key')} {'expires' if count == 1 else 'expire'} within two weeks"
