"""The lines that several answers share: a connection in its own terms, the earliest stop, and the
small print. All give mrkdwn; names and reasons from outside are escaped here."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date

from bot.budgets.models import UpcomingLimit
from bot.db.models import Restatement
from bot.reports.models import ConnectionSummary, Left, Summary
from bot.slack.blocks import escape, moment, name
from bot.wording import (
    change,
    day,
    day_list,
    day_name,
    days,
    estimate,
    listed,
    money,
    plural,
    rounding_note,
    window,
)
from providers.money import total
from providers.period import DAY
from providers.redaction import clip

REASON = 600
RESTATED_SHOWN = 5
UNPRICED = 6


def used_sentence(summary: Summary) -> str:
    """``$123.45 used, as far as known`` and how that compares, in plain text."""
    used = summary.used_total
    if used is None:
        return "used: unknown"
    words = f"{money(used)} used" + ("" if summary.is_complete else ", as far as known")
    compared = compared_sentence(summary)
    return f"{words}; {compared}" if compared else words


def compared_sentence(summary: Summary) -> str | None:
    """``1–23 Nov: up 18% ($12.30) on 1–23 Oct``: complete days, compared with like ones."""
    words = change(summary.used_compared, summary.used_before)
    if words is None or summary.compared is None or summary.compared_with is None:
        return None
    today = summary.now.date()
    before = days(summary.compared_with, today)
    if summary.compared.end > today:
        whole = f"{day_name(summary.compared_with.start)} {before}"
        return f"{whole} came to {money(summary.used_before)} in all"
    if words == "unchanged":
        joined = f"unchanged from {before}"
    elif words == "new":
        joined = f"new, nothing was used {before}"
    else:
        joined = f"{words} on {before}"
    return f"{days(summary.compared, today)}: {joined}"


def where_and_when(summary: Summary) -> str:
    """``this month so far (1–24 Nov, UTC)``, in plain text."""
    return f"{summary.period_words} ({window(summary.period, summary.now.date())})"


def used_words(summary: Summary) -> dict[str, str]:
    """What each connection used, by name."""
    return {each.name: money(each.used) for each in summary.connections if each.used is not None}


def connections_note(summary: Summary) -> list[str]:
    """A footnote where what the connections used, as shown, is not the total as shown."""
    used = [each.used for each in summary.connections if each.used is not None]
    return rounding_note(used, total(used))


def connection_line(connection: ConnectionSummary, used: str, today: date) -> str:
    """One connection in its own terms: used, and what is left where it is prepaid."""
    title = f"*{name(connection.title)}*"
    if connection.status == "unknown":
        return f"{title}: unknown. {_reason(connection.reason)}".rstrip()
    early = early_words(connection)
    has_reason = bool(connection.reason) and not (early and connection.used is None)
    terms = _terms(connection, today, has_reason=has_reason, strong="*")
    line = f"{title} used *{used}* · {terms}"
    if early:
        line += f"\n{early}"
    if has_reason:
        label = "Not up to date: " if connection.status == "stale" else ""
        line += f"\n{label}{_reason(connection.reason)}"
    return line


def early_words(connection: ConnectionSummary) -> str | None:
    """Return the running day so far, where the provider has not published it. It isn't part of the
    spend."""
    early = connection.early
    if early is None:
        return None
    about, basis = ("about ", ", estimated from tokens") if early.is_estimated else ("", "")
    words = (
        f"Today by {early.until.astimezone(UTC):%H:%M} UTC {about}{money(early.amount)}{basis} and "
        f"no part of any total: {name(connection.title)} has not published the day."
    )
    if not early.unpriced:
        return words
    shown = [name(model) for model in early.unpriced[:UNPRICED]]
    rest = len(early.unpriced) - len(shown)
    models = listed([*shown, plural(rest, "more model")] if rest else shown)
    return f"{words} Not in it, as no price is known: {models}."


def connection_sentence(connection: ConnectionSummary, used: str, today: date) -> str:
    """The same for `text`, in one sentence without marks."""
    title = name(connection.title)
    if connection.status == "unknown":
        return f"{title}: unknown. {_reason(connection.reason)}".rstrip()
    has_reason = connection.status == "stale" and bool(connection.reason)
    words = f"{title} used {used}, {_terms(connection, today, has_reason=has_reason)}."
    if early := early_words(connection):
        words += f" {early}"
    if has_reason:
        words += f" Not up to date: {_reason(connection.reason)}"
    return words


def _terms(
    connection: ConnectionSummary, today: date, *, has_reason: bool, strong: str = ""
) -> str:
    """What is left, or how it is billed; without what the connection's own reason says anyway."""
    left = connection.left
    if left is None:
        return connection.billing
    if has_reason and left.reason and left.reason in (connection.reason or ""):
        left = replace(left, reason=None)
    return left_words(left, today, strong=strong)


def left_words(left: Left, today: date, *, strong: str = "") -> str:
    """``$40.55 left, at about $4.00 a day until 3 Dec (UTC)``; `strong` marks the amount."""
    if left.remaining is None:
        return f"what is left is {strong}unknown{strong}" + _because(left.reason)
    if left.remaining <= 0:
        overdrawn = " (overdrawn)" if left.remaining < 0 else ""
        return f"{strong}{money(left.remaining)} left{strong}{overdrawn}" + _because(left.reason)
    about = "about " if left.is_estimated else ""
    estimated = " (estimated)" if left.is_estimated else ""
    words = f"{strong}{about}{money(left.remaining)} left{strong}{estimated}"
    return words + _until(left, today) + _because(left.reason)


def stop_line(stop: UpcomingLimit, today: date) -> str:
    """Return the line of the next limit: which it is, when it is reached, and what then happens."""
    if stop.is_biting:
        when = "used up already"
        if stop.until is not None:
            when += f", until {day(stop.until, today)} (UTC)"
    elif stop.on is None:
        when = "no date can be told"
    elif stop.earliest is not None and stop.earliest != stop.latest:
        when = _between(stop.earliest, stop.latest, today)
    else:
        when = f"{day(stop.on, today)} (UTC)"
    consequence = f"; {escape(clip(stop.consequence, REASON))}" if stop.consequence else ""
    return f"{escape(clip(stop.what, 200))}, {when}{consequence}"


def titles_of(summary: Summary) -> dict[str, str]:
    """Connection names to the titles people know."""
    return {each.name: each.title for each in summary.connections}


def small_print(summary: Summary) -> list[str]:
    """Freshness, what has settled, gaps, what was left out, what was restated."""
    today = summary.now.date()
    lines = [
        f"{name(connection.title)}: {'; '.join(about)}"
        for connection in summary.connections[:6]
        if (about := _about(connection, today))
    ]
    if len(summary.connections) > 6:
        lines.append(
            f"And {plural(len(summary.connections) - 6, 'more connection')}: see `/aicost status`."
        )
    announced = [each for each in summary.restatements if each.is_announced]
    return [*lines, *restated_lines(announced, titles_of(summary), today)]


def restated_lines(
    restatements: Sequence[Restatement], titles: dict[str, str], today: date
) -> list[str]:
    """Return the lines for days that a provider changed after they had ended."""
    lines = [_restated(each, titles, today) for each in restatements[:RESTATED_SHOWN]]
    rest = sorted(each.day for each in restatements[RESTATED_SHOWN:])
    if not rest:
        return lines
    by_day = f"`/aicost {rest[0]}..{rest[-1]} by day`"
    return [*lines, f"And {plural(len(rest), 'more restated day')}: see {by_day}."]


def _restated(each: Restatement, titles: dict[str, str], today: date) -> str:
    who = name(titles.get(each.connection, each.connection))
    if each.was_kept:
        return (
            f"{who} now shows nothing for {day(each.day, today)}; "
            f"the {money(each.before)} read before is kept."
        )
    return f"Restated by {who}: {day(each.day, today)} {money(each.before)} → {money(each.after)}"


def unpublished_words(days: Sequence[date], today: date) -> str:
    """``30 Nov is not published yet``, in plain text."""
    return f"{day_list(days, today)} {'is' if len(days) == 1 else 'are'} not published yet"


def _about(connection: ConnectionSummary, today: date) -> list[str]:
    words = []
    fresh = []
    if connection.as_of:
        fresh.append(f"read {moment(connection.as_of)}")
    if connection.settled_until:
        settled = day(connection.settled_until - DAY, today)
        fresh.append(f"settled through {settled} (rarely changes)")
    if fresh:
        words.append(", ".join(fresh))
    awaited = [each for each in connection.unpublished_days if each < today]
    past = [each for each in connection.missing_days if each < today and each not in awaited]
    if past:
        words.append(f"no figures for {day_list(past, today)}")
    if awaited:
        words.append(unpublished_words(awaited, today))
    if today in connection.missing_days:
        words.append("today is not published yet")
    if connection.with_purchase_fee is not None:
        words.append(
            f"with the fee for buying credit about {money(connection.with_purchase_fee)}, which is "
            "no part of the total"
        )
    if connection.byok_excluded:
        words.append(
            f"left out {money(connection.byok_excluded)} that other providers bill (own keys)"
        )
    return words


def _until(left: Left, today: date) -> str:
    if left.burn_per_day is None:
        return ", too little is known to say for how long"
    if not left.burn_per_day:
        return ", nothing is being used"
    rate = f", at about {estimate(left.burn_per_day)} a day"
    if left.is_thin and left.runs_out_earliest != left.runs_out_latest:
        return f"{rate} {_somewhen(left, today)}"
    if left.runs_out_on is None:
        return f"{rate} for longer than can be told"
    if left.runs_out_on <= today:
        return f"{rate} not beyond today (UTC)"
    return f"{rate} until {day(left.runs_out_on, today)} (UTC)"


def _somewhen(left: Left, today: date) -> str:
    """``until some day between 28 Nov and 13 Dec (UTC), as little is known yet``."""
    if left.runs_out_earliest is None:
        return "for longer than can be told"
    when = _between(left.runs_out_earliest, left.runs_out_latest, today)
    return f"until some day {when}, as little is known yet"


def _between(first: date, last: date | None, today: date) -> str:
    """``between 28 Nov and 13 Dec (UTC)``, ``after 28 Nov (UTC)``."""
    if last is None:
        return f"after {day(first, today)} (UTC)"
    return f"between {day(first, today)} and {day(last, today)} (UTC)"


def _because(reason: str | None) -> str:
    return f" ({_reason(reason).removesuffix('.')})" if reason else ""


def _reason(reason: str | None) -> str:
    return escape(clip(reason, REASON)) if reason else ""
