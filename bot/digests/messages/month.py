"""The month so far in a digest, in mrkdwn: its spend, the comparison and the forecast."""

from bot.digests.models import Digest
from bot.slack.blocks import name
from bot.wording import days, listed, money, month_name, share_compared, unbroken, with_range
from providers.period import DAY


def month_line(digest: Digest) -> str | None:
    """``*This month: $917.20* (1–23 Nov).``"""
    month, today = digest.month, digest.now.date()
    label, span = month_name(month.window.start), unbroken(days(month.window, today))
    if digest.cadence == "monthly":
        return None
    if (month.window.end - DAY).month != month.window.end.month:
        span = "the last days may still change"
    else:
        label = "This month"
    if month.used is None:
        return f"*{label}: unknown*, because some days are missing."
    if month.without:
        names = listed([name(each) for each in month.without])
        verb = "is" if len(month.without) == 1 else "are"
        missing = f"{names} {verb} incomplete"
        return f"*{label}: at least {money(month.used)}* ({span}; {missing})."
    return f"*{label}: {money(month.used)}* ({span})."


def month_forecast_line(digest: Digest) -> str | None:
    """``1–23 Nov: 5% more than 1–23 Oct. Forecast for November: about $1,201 ($1,198–$1,206).``
    None for a month that has ended or isn't known."""
    compared, span = _month_compared(digest), days(digest.month.window, digest.now.date())
    words = [f"{span}: {compared}." if compared else "", _month_forecast(digest)]
    return " ".join(filter(None, words)) or None


def quiet_month_line(digest: Digest) -> str | None:
    """Return `month_line` and `month_forecast_line` as one line."""
    line, compared = month_line(digest), _month_compared(digest)
    if line is None:
        return None
    words = f"{line.removesuffix('.')}, {compared}." if compared else line
    return " ".join(filter(None, [words, _month_forecast(digest)]))


def _is_going_on(digest: Digest) -> bool:
    """Whether the month isn't over yet, and its spend is known."""
    month = digest.month
    has_ended = (month.window.end - DAY).month != month.window.end.month
    return not (digest.cadence == "monthly" or month.used is None or month.without or has_ended)


def _month_compared(digest: Digest) -> str:
    month = digest.month
    if not _is_going_on(digest) or month.used is None or not month.used_before:
        return ""
    than = days(month.window.before("month"), digest.now.date())
    compared = share_compared(month.used, month.used_before, than)
    return f"{compared[0].lower()}{compared[1:]}"


def _month_forecast(digest: Digest) -> str:
    month = digest.month
    if not _is_going_on(digest) or month.expected is None:
        return ""
    if month.low is None or month.high is None:
        return ""
    expected = with_range(month.expected, month.low, month.high)
    return f"Forecast for {month_name(month.window.start)}: {expected}."
