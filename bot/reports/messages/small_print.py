"""The small print of an answer about spend, in mrkdwn: what is compared, how old and how settled
the figures are, gaps, and costs billed elsewhere."""

from datetime import date, datetime

from bot.reports.messages.parts import (
    NOTED,
    TOGETHER,
    compared_sentence,
    first_names,
    last_updated,
    restated_lines,
    titles_of,
    unpublished_words,
)
from bot.reports.models import ConnectionSummary, Summary
from bot.slack.blocks import moment, name
from bot.wording import capitalized, day, day_list, days, listed, money, plural
from providers.money import total
from providers.period import DAY, Period


def compared_note(summary: Summary) -> list[str]:
    """Return ``Compared: 1–29 Nov (UTC), $5,730.12 without today.`` if only a part of the period is
    compared: its days, with their amount if it isn't that of the heading."""
    today, compared = summary.now.date(), summary.compared
    if not compared or compared.end > today or compared_sentence(summary) is None:
        return []
    rest = Period(compared.end, summary.period.end)
    if not len(rest):
        return []
    without = f"without {'today' if rest == Period.of_day(today) else days(rest, today)}"
    if money(summary.used_compared) != money(summary.used_total):
        without = f"{money(summary.used_compared)} {without}"
    return [f"Compared: {days(compared, today)} (UTC), {without}."]


def small_print(summary: Summary, period: str = "", above: str = "") -> list[str]:
    """Return freshness, settled days, gaps, costs billed by other providers, and restatements.
    `period` is named with those costs, for an answer about two periods. What the lines `above` it
    have is left out."""
    today, shown = summary.now.date(), summary.connections[:NOTED]
    is_one = len(summary.connections) == 1
    lines = [*freshness(summary, above), *_byok(summary, period)]
    for each in shown:
        for words in _gaps(each, today):
            of_one = f"{name(each.title)}: {words[0].lower()}{words[1:]}"
            lines.append(words if is_one else of_one)
    if len(summary.connections) > NOTED:
        rest = plural(len(summary.connections) - NOTED, "more connection")
        lines.append(f"And {rest}: see `/aicost status`.")
    announced = [each for each in summary.restatements if each.is_announced]
    return [*lines, *restated_lines(announced, titles_of(summary), today)]


def _byok(summary: Summary, period: str) -> list[str]:
    """Return what calls with own keys (BYOK) cost at other providers."""
    through = [each for each in summary.connections if each.byok_excluded]
    if not through:
        return []
    amount = money(total(each.byok_excluded for each in through if each.byok_excluded))
    titles = listed([name(each.title) for each in through])
    calls = f"{amount} of calls with your own provider keys"
    which = f"{titles} {period}".rstrip()
    return [f"Not in the spend of {which}: {calls}. Those providers bill them."]


def freshness(summary: Summary, above: str = "") -> list[str]:
    """Return ``Updated 02:44. Days after 26 Nov may still change.`` Connections that agree share a
    line. Without the times that the lines above it have."""
    today = summary.now.date()
    known = [each for each in summary.connections if each.as_of is not None]
    read = [each for each in known if each.reports_spend] or known
    said = [each for each in read if (words := last_updated(each)) and words in above]
    read = [each for each in read if each not in said]
    groups: list[tuple[datetime | None, date | None, list[str]]] = [
        (None, each.settled_until, [name(each.title)]) for each in said if each.settled_until
    ]
    for each in sorted(read, key=lambda each: each.as_of or summary.now):
        at, settled = each.as_of or summary.now, each.settled_until
        alike = (
            titles
            for first, of, titles in groups
            if first is not None and of == settled and at - first <= TOGETHER
        )
        titles = next(alike, None)
        if titles is None:
            groups.append((at, settled, titles := []))
        titles.append(name(each.title))
    if len(groups) == 1 and len(groups[0][2]) == len(said) + len(read):
        return [_fresh("", *groups[0][:2], today)]
    return [
        _fresh(f"{first_names(titles)}: ", at, settled, today)
        for at, settled, titles in groups[:NOTED]
    ]


def _fresh(who: str, at: datetime | None, settled_until: date | None, today: date) -> str:
    updated = f"updated {moment(at)}" if at else ""
    may_change = ""
    if settled_until is not None:
        may_change = f"days after {day(settled_until - DAY, today)} may still change."
    parts = [each for each in (updated, may_change) if each]
    first, *more = parts if who else [capitalized(each) for each in parts]
    return ". ".join([f"{who}{first}", *map(capitalized, more)])


def _gaps(connection: ConnectionSummary, today: date) -> list[str]:
    """Return days without figures, and the cost of the purchase fee."""
    lines = []
    unpublished = connection.unpublished_days
    awaited = [each for each in unpublished if each < today]
    others = [each for each in connection.missing_days if each <= today and each not in unpublished]
    if others:
        lines.append(f"No data for {day_list(others, today)}.")
    if awaited:
        lines.append(f"{unpublished_words(awaited, today)}.")
    if today in unpublished:
        lines.append("Today is not published yet.")
    if connection.with_purchase_fee is not None:
        fee = money(connection.with_purchase_fee)
        lines.append(f"About {fee} with the fee for buying credit; no total includes the fee.")
    return lines
