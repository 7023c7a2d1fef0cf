"""Figures, days and names in the words people read.

Everything here gives plain text, except `escape`, `name` and `moment`, which give Slack's mrkdwn.
Money never reads as ``$0.00`` unless it is zero, and unknown is a word of its own.
"""

import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, Decimal

from providers.money import total
from providers.period import DAY, Period

UNKNOWN = "unknown"
_CENT = Decimal("0.01")
_DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTH_NAMES = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_HALF_ENTITY = re.compile(r"&[a-z]{0,3}$")


def money(amount: Decimal | None) -> str:
    """``$1,234.50``, ``−$3.20``, ``under $0.01``, ``unknown``.

    What is there but too small for a cent is said in words: a ``<`` would need escaping.
    """
    if amount is None:
        return UNKNOWN
    return in_cents(amount, amount.quantize(_CENT, rounding=ROUND_HALF_EVEN))


def money_rows(amounts: Sequence[Decimal]) -> list[str]:
    """The amounts as money, rounded so that what is shown adds up to their rounded sum."""
    return [
        in_cents(amount, cents)
        for amount, cents in zip(amounts, round_together(amounts), strict=True)
    ]


def round_together(amounts: Sequence[Decimal]) -> list[Decimal]:
    """Each amount in whole cents, so that they add up to the rounded sum: the cents that plain
    rounding would lose or invent go to the largest remainders."""
    return round_to(amounts, total(amounts).quantize(_CENT, rounding=ROUND_HALF_EVEN))


def round_to(amounts: Sequence[Decimal], goal: Decimal) -> list[Decimal]:
    """The same, adding up to `goal`: their sum rounded down or up to a whole cent."""
    floors = [amount.quantize(_CENT, rounding=ROUND_FLOOR) for amount in amounts]
    spare = int((goal - total(floors)) / _CENT)
    by_remainder = sorted(range(len(amounts)), key=lambda i: floors[i] - amounts[i])
    for i in by_remainder[:spare]:
        floors[i] += _CENT
    return floors


def money_short(amount: Decimal | None) -> str:
    """Whole dollars from a hundred on, where cents only distract: ``$1,235``."""
    if amount is None or abs(amount) < 100:
        return money(amount)
    dollars = amount.quantize(Decimal(1), rounding=ROUND_HALF_EVEN)
    return f"{'−' if dollars < 0 else ''}${abs(dollars):,}"


def in_cents(amount: Decimal, cents: Decimal) -> str:
    """An amount that was rounded to these cents, as money."""
    if not cents and amount:
        return "under $0.01" if amount > 0 else "just below $0"
    return f"{'−' if cents < 0 else ''}${abs(cents):,.2f}"


def percent(part: Decimal, whole: Decimal) -> str:
    """How much `part` is of a positive `whole`: ``18%``, ``under 1%``, ``1,250%``."""
    share = (abs(part) * 100 / whole).quantize(Decimal(1), rounding=ROUND_HALF_EVEN)
    return f"{share:,}%" if share or not part else "under 1%"


def change(now: Decimal | None, before: Decimal | None) -> str | None:
    """``up 18% ($12.30)``, ``unchanged``, ``new``; None where either is unknown."""
    if now is None or before is None:
        return None
    difference = now - before
    if not difference:
        return "unchanged"
    if before <= 0:
        return "new" if not before else f"changed by {money(difference)}"
    direction = "up" if difference > 0 else "down"
    return f"{direction} {percent(difference, before)} ({money(abs(difference))})"


def day(value: date, today: date | None = None) -> str:
    """``24 Nov``, with the year where `today` is given and in another one."""
    words = f"{value.day} {_MONTHS[value.month - 1]}"
    return words if today is None or today.year == value.year else f"{words} {value.year}"


def month(value: date) -> str:
    """``Nov 2026``."""
    return f"{_MONTHS[value.month - 1]} {value.year}"


def month_name(value: date) -> str:
    """``November``."""
    return _MONTH_NAMES[value.month - 1]


def day_name(value: date) -> str:
    """``Monday``."""
    return _DAY_NAMES[value.weekday()]


def window(period: Period, today: date) -> str:
    """The UTC days of a period: ``1–24 Nov, UTC``, ``28 Oct – 3 Nov, UTC``."""
    if not len(period):
        return "no days"
    return f"{days(period, today)}, UTC"


def days(period: Period, today: date) -> str:
    """Like `window`, without saying UTC; for a period of at least one day."""
    first, last = period.start, period.end - DAY
    if first == last:
        return day(first, today)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{day(last, today)}"
    if first.year == last.year:
        return f"{day(first)} – {day(last, today)}"
    return f"{day(first)} {first.year} – {day(last)} {last.year}"


def day_list(values: Sequence[date], today: date) -> str:
    """Days with runs joined: ``3–5 Nov, 9 Nov``; long lists end in ``and 12 more days``."""
    runs: list[Period] = []
    for value in sorted(values):
        if runs and runs[-1].end == value:
            runs[-1] = Period(runs[-1].start, value + DAY)
        else:
            runs.append(Period.of_day(value))
    shown = ", ".join(days(run, today) for run in runs[:6])
    rest = sum(len(run) for run in runs[6:])
    return f"{shown} and {plural(rest, 'more day')}" if rest else shown


def moment(value: datetime) -> str:
    """A moment in mrkdwn: in the reader's own zone in Slack, in UTC where it can't be."""
    utc = value.astimezone(UTC)
    fallback = f"{day(utc.date())} {utc:%H:%M} UTC"
    return f"<!date^{int(utc.timestamp())}^{{date_short_pretty}} at {{time}}|{fallback}>"


def plural(count: int, noun: str) -> str:
    """``1 day``, ``3 days``, ``1,200 days``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def listed(words: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def clip(text: str, limit: int) -> str:
    """At most `limit` code points, ending in an ellipsis where something was cut."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def clip_mrkdwn(text: str, limit: int) -> str:
    """Like `clip`, without leaving half an entity or half a ``<…>`` behind."""
    if len(text) <= limit:
        return text
    kept = _HALF_ENTITY.sub("", text[: limit - 1])
    opened = kept.rfind("<")
    if opened > kept.rfind(">"):
        kept = kept[:opened]
    return kept.rstrip() + "…"


def escape(text: str) -> str:
    """Text from outside, safe in mrkdwn: it can neither ping nor link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def tidy(text: str, limit: int = 60) -> str:
    """A name from outside on one line: no control, format or direction characters, clipped."""
    visible = "".join(
        " " if unicodedata.category(char) in {"Cc", "Zl", "Zp"} else char
        for char in text
        if unicodedata.category(char) not in {"Cf", "Cs", "Co"} or char == "\u200d"
    )
    return clip(" ".join(visible.split()), limit) or "(no name)"


def name(text: str, limit: int = 60) -> str:
    """A name from outside, tidied and escaped for mrkdwn."""
    return escape(tidy(text, limit))
