"""Figures, days and lists in plain text, the same everywhere.

Money is never ``$0.00`` unless it is zero, and unknown is ``unknown``.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache

from providers.money import cents, difference, total
from providers.period import DAY, DAY_NAMES, MONTH_NAMES, Period
from providers.redaction import clip

UNKNOWN = "unknown"
NO_BREAK = "\u00a0"
USD = "USD"
_NO_CODE = re.compile("[^A-Z]")
_VERSION = re.compile(r"-20\d\d-?[01]\d-?[0-3]\d$")
"""The date at the end of a model's name."""
UNATTRIBUTED = "(unattributed)"
"""The name of cost that the provider attributes to no item."""
UNALLOCATED = "(unallocated)"
"""What no team pays. No team can have this name."""
NO_CHANNEL = "(no channel)"
"""What arose in no channel of Slack, as far as the provider says."""
NOT_READ = {by: f"(not read by {by})" for by in ("key", "user", "channel")}
"""What was used on days whose breakdown was not read, by the dimension."""
MANAGERS_SEE_USERS = (
    "Only workspace admins and the managers and leads of aicost see what others cost. Ask one of "
    "them."
)
ROUNDED = "Rounded to the cent: rows may differ from the total."
RUNS = 16
"""The maximum number of runs of days in a month."""


def money(amount: Decimal | None, currency: str = USD) -> str:
    """``$1,234.50``, ``−$3.20``, ``under $0.01``, ``unknown``; another currency than US dollars has
    its code: ``110.00 CNY``.

    Less than a cent is written in words, because ``<`` would need escaping.
    """
    if amount is None:
        return UNKNOWN
    shown = cents(amount)
    if not shown and amount:
        under = amount > 0
        return f"under {_in('0.01', currency)}" if under else f"just below {_in('0', currency)}"
    return f"{'−' if shown < 0 else ''}{_in(f'{abs(shown):,.2f}', currency)}"


def _in(digits: str, currency: str) -> str:
    """Return an amount in its currency. Signs other than the dollar's are shared by several."""
    return f"${digits}" if currency == USD else f"{digits} {currency_code(currency)}"


def currency_code(currency: str) -> str:
    """``CNY``. It is from outside, so nothing but its letters is shown."""
    return _NO_CODE.sub("", currency)[:3]


def chosen(amount: Decimal) -> str:
    """An amount exactly as a user chose it: ``$3,550``, ``$512.50``, ``$0.005``."""
    if amount == amount.to_integral_value():
        return f"${amount:,.0f}"
    if amount == cents(amount):
        return f"${amount:,.2f}"
    return f"${amount.normalize():,f}"


def signed(amount: Decimal, currency: str = USD) -> str:
    """Like `money`, with a plus sign for more: ``+$3.20``."""
    text = money(amount, currency)
    return f"+{text}" if amount > 0 and not text.startswith("under") else text


def estimate(amount: Decimal | None, currency: str = USD) -> str:
    """An estimate, rounded by `rounded`: ``$1,235``, ``$42``, ``$4.20``."""
    if amount is None or not cents(amount):
        return money(amount, currency)
    shown = rounded(amount)
    digits = f"{abs(shown):,.{0 if abs(shown) >= 10 else 2}f}"
    return f"{'−' if shown < 0 else ''}{_in(digits, currency)}"


def band(low: Decimal, high: Decimal) -> str:
    """A range of estimates: ``$5,647–$5,718``; one figure if both are the same."""
    first, last = estimate(low), estimate(high)
    return first if first == last else f"{first}–{last}"


def with_range(expected: Decimal | None, low: Decimal | None, high: Decimal | None) -> str:
    """Return an estimate with its range, if known: ``about $5,678 ($5,647–$5,718)``."""
    words = f"about {estimate(expected)}"
    return words if low is None or high is None else f"{words} ({band(low, high)})"


def rounded(amount: Decimal) -> Decimal:
    """Round an estimate to whole dollars; below $10, to its two significant digits."""
    digits = 0 if abs(amount) >= 10 else 1 if abs(amount) >= 1 else 2
    return amount.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_EVEN)


def rounding_note(rows: Iterable[Decimal], whole: Decimal) -> list[str]:
    """Return a footnote if the rows as shown do not add up to the total as shown."""
    return [] if total(map(cents, rows)) == cents(whole) else [ROUNDED]


def percent(part: Decimal, whole: Decimal) -> str:
    """A share of a positive `whole`: ``18%``, ``under 1%``, ``1,250%``."""
    share = (abs(part) * 100 / whole).quantize(Decimal(1), rounding=ROUND_HALF_EVEN)
    return f"{share:,}%" if share or not part else "under 1%"


def more_or_less(now: Decimal | None, before: Decimal | None) -> str | None:
    """``$175.56 more (+3%) than``, ``about the same as``; None if either is unknown.

    The amount is the difference of the two as shown. There is no percentage if `before` is not
    above zero as shown.
    """
    if now is None or before is None:
        return None
    moved = difference(now, before)
    if not moved:
        return "about the same as"
    sign, side = ("+", "more") if moved > 0 else ("−", "less")
    if cents(before) <= 0 or now < 0:
        return f"{money(abs(moved))} {side} than"
    share = percent(moved, cents(before))
    share = share if share.startswith("under") else f"{sign}{share}"
    return f"{money(abs(moved))} {side} ({share}) than"


def share_compared(now: Decimal, before: Decimal, than: str) -> str:
    """``2% more than by this day in October``, ``About the same as 9–15 Nov``; an amount if there
    is no percentage: ``$90.36 more than …``."""
    moved = difference(now, before)
    if not moved:
        return f"About the same as {than}"
    side = "more" if moved > 0 else "less"
    if cents(before) <= 0 or now < 0:
        return f"{money(abs(moved))} {side} than {than}"
    share = percent(moved, cents(before))
    return f"{share[0].upper()}{share[1:]} {side} than {than}"


def compared_words(now: Decimal, before: Decimal, than: str) -> str:
    """``2% more than by this day in October (+$90.36)``. The amount is the difference of the two as
    shown."""
    words, moved = share_compared(now, before, than), difference(now, before)
    return words if not moved or cents(before) <= 0 or now < 0 else f"{words} ({signed(moved)})"


def short_day(value: date) -> str:
    """``Mon 24 Nov``."""
    return f"{day_name(value)[:3]} {day(value)}"


def day(value: date, today: date | None = None) -> str:
    """``24 Nov``, with the year if it isn't that of `today`."""
    words = f"{value.day} {month_name(value)[:3]}"
    return words if today is None or today.year == value.year else f"{words} {value.year}"


def month(value: date) -> str:
    """``Nov 2026``."""
    return f"{month_name(value)[:3]} {value.year}"


def month_name(value: date) -> str:
    """``November``."""
    return MONTH_NAMES[value.month - 1]


def with_owner(names: Sequence[str], owners: Sequence[str]) -> list[str]:
    """Return names in plain text, those that are there more than once with their owner:
    ``search · OpenAI``."""
    many = {each for each, count in Counter(names).items() if count > 1}
    pairs = zip(names, owners, strict=True)
    return [f"{each} · {owner}" if each in many and owner else each for each, owner in pairs]


def with_id(names: Sequence[str], ids: Sequence[str | None]) -> list[str]:
    """Return names in plain text, those that are there more than once with their id:
    ``ci (key_2)``."""
    many = {each for each, count in Counter(names).items() if count > 1}
    pairs = zip(names, ids, strict=True)
    return [f"{each} ({item_id})" if each in many and item_id else each for each, item_id in pairs]


def day_name(value: date) -> str:
    """``Monday``."""
    return DAY_NAMES[value.weekday()]


def day_kind(value: date, place: int | None) -> str:
    """``Monday``, or ``last day of a month`` for a date that costs more each month: 1 is the first
    day, −1 the last."""
    if place is None:
        return day_name(value)
    ends = {1: "first", 2: "second", -1: "last", -2: "last but one"}
    return f"{ends[place]} day of a month" if place in ends else f"{place}th of a month"


def window(period: Period, today: date) -> str:
    """The UTC days of a period: ``1–24 Nov, UTC``, ``28 Oct – 3 Nov, UTC``."""
    if not len(period):
        return "no days"
    return f"{days(period, today)}, UTC"


def days(period: Period, today: date) -> str:
    """Like `window`, without "UTC"; for a period of at least one day."""
    first, last = period.start, period.end - DAY
    if first == last:
        return day(first, today)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{day(last, today)}"
    if first.year == last.year:
        return f"{day(first)} – {day(last, today)}"
    return f"{day(first)} {first.year} – {day(last)} {last.year}"


def unbroken(words: str) -> str:
    """Return words that Slack keeps on one line: ``about 3 Dec`` with no-break spaces."""
    return words.replace(" ", NO_BREAK)


def likely_day(on: date, first: date | None, last: date | None, today: date) -> str:
    """Return the range of a day, or that day if there is none: ``2–3 Dec``, ``about 3 Dec``,
    ``today``. A range without an end has no `last`."""
    if first is None or first == last:
        return "today" if on <= today else f"about {day(on, today)}"
    if last is None:
        return f"{day(first, today)} or later"
    return days(Period(first, last + DAY), today)


def day_list(values: Sequence[date], today: date) -> str:
    """Days with consecutive ones joined: ``3–5 Nov, 9 Nov``; long lists end in ``and 12 more days
    (see `/aicost 2026-09`)``. No month has more runs than are shown."""
    runs: list[Period] = []
    for value in sorted(values):
        if runs and runs[-1].end == value:
            runs[-1] = Period(runs[-1].start, value + DAY)
        else:
            runs.append(Period.of_day(value))
    shown = ", ".join(days(run, today) for run in runs[:RUNS])
    rest = sum(len(run) for run in runs[RUNS:])
    if not rest:
        return shown
    return f"{shown} and {plural(rest, 'more day')} (see `/aicost {runs[RUNS].start:%Y-%m}`)"


def utc_moment(value: datetime) -> str:
    """``24 Nov 15:20 UTC``."""
    utc = value.astimezone(UTC)
    return f"{day(utc.date())} {utc:%H:%M} UTC"


def dated_moment(value: datetime) -> str:
    """``2026-11-24 15:20 UTC``: in a reason, which `bot.slack.blocks.local_moments` shows in the
    reader's time zone."""
    return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def plural(count: int, noun: str) -> str:
    """``1 day``, ``3 days``, ``1,200 days``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def capitalized(text: str) -> str:
    """Return the text with its first letter in upper case."""
    return text[:1].upper() + text[1:]


def listed(words: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def undated(models: Sequence[str]) -> list[str]:
    """Return names of models without the date of their version, ``gpt-5`` for
    ``gpt-5-2025-08-07``; with it where two would have the same name."""
    short = [_VERSION.sub("", each) or each for each in models]
    many = {each for each, count in Counter(short).items() if count > 1}
    return [full if each in many else each for each, full in zip(short, models, strict=True)]


@lru_cache(maxsize=4096)
def _visible(char: str) -> str:
    """Return the character, a blank for one that breaks a line, and nothing for a hidden one."""
    category = unicodedata.category(char)
    if category in {"Cc", "Zl", "Zp"}:
        return " "
    return "" if category in {"Cf", "Cs", "Co"} and char != "\u200d" else char


def tidy(text: str, limit: int = 60) -> str:
    """Return a name from outside on one line: no control, format or direction characters,
    clipped."""
    visible = text if text.isprintable() else "".join(map(_visible, text))
    return clip(" ".join(visible.split()), limit) or "(no name)"
