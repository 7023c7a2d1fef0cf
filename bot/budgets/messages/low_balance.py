"""Low-balance alerts in words: what is left, what happens when it is used up, where to add
credit."""

from collections.abc import Sequence
from dataclasses import replace

from bot.budgets.messages.budget_words import low_balance_words, scope_title
from bot.budgets.models import AlertLine, Ended, LowBalanceFacts, LowBalanceRule
from bot.slack.blocks import name
from bot.wording import capitalized, estimate, likely_day, money
from providers.base import ProviderKind
from providers.catalog import by_name, title_of
from providers.period import utc_day

_CAUSES: dict[Ended, str] = {
    "topped_up": "{} was topped up.",
    "recovered": "{} is above the threshold again.",
    "changed": "The alert for {} was changed.",
    "removed": "The alert for {} was removed.",
    "account_removed": "The configuration no longer has {} as a prepaid account.",
}


def account_title(facts: LowBalanceFacts) -> str:
    """``OpenRouter``, or ``OpenRouter (research)`` if the rule covers several accounts. Mrkdwn."""
    return name(facts.account) if facts.account else scope_title(facts.scope)


def plain_account_title(facts: LowBalanceFacts) -> str:
    """Return the account's title in plain text."""
    return facts.account or title_of(facts.connection)


def left(facts: LowBalanceFacts) -> str:
    """``about $18.42 left``, ``−$1.08 left (overdrawn)``, in plain text."""
    if facts.remaining < 0:
        return f"{money(facts.remaining, facts.currency)} left (overdrawn)"
    amount, currency = facts.remaining, facts.currency
    if facts.is_estimated:
        return f"about {estimate(amount, currency)} left"
    return f"{money(amount, currency)} left"


def left_at_end(facts: LowBalanceFacts) -> str:
    """``about $68.42 left, until 11–12 Dec``, when the alert was resolved; empty if that isn't
    known."""
    if facts.remaining_at_end is None:
        return ""
    now = replace(
        facts,
        remaining=facts.remaining_at_end,
        runs_out_on=facts.runs_out_at_end,
        runs_out_earliest=facts.runs_out_earliest_at_end,
        runs_out_latest=facts.runs_out_latest_at_end,
    )
    end = last_day(now) if now.remaining > 0 else ""
    return f"{left(now)}{f', until {end}' if end else ''}"


def minimum(facts: LowBalanceFacts) -> str:
    """``$20.00 or less``, ``7 days of credit or less``."""
    return low_balance_words(LowBalanceRule(facts.dollars, facts.days, facts.currency))


def low_balance_sentence(lines: Sequence[AlertLine], facts: LowBalanceFacts) -> str:
    """Return what is left and what follows; once it is resolved, the cause first. Mrkdwn."""
    title = account_title(facts)
    if any(line.state != "resolved" for line in lines):
        return f"{title}: {left(facts)}. {outlook(facts, is_headed=False)}"
    ended = lines[-1].ended
    cause = _CAUSES[ended].format(title) if ended in _CAUSES else f"{title} is resolved."
    at_end = left_at_end(facts)
    now = f"Now {at_end}." if at_end else ""
    return " ".join(filter(None, [cause, now, left_before(facts, ended)]))


def left_before(facts: LowBalanceFacts, ended: Ended | None) -> str:
    """``$18.42 was left when the alert opened. The next alert comes at $20.00 or less.``"""
    was = capitalized(left(facts).replace(" left", " was left", 1))
    is_kept = ended in ("topped_up", "recovered")
    rule = "The next alert comes at" if is_kept else "The alert was set to"
    return f"{was} when the alert opened. {rule} {minimum(facts)}."


def outlook(facts: LowBalanceFacts, *, is_headed: bool) -> str:
    """``Then OpenRouter requests fail until you add credit. Expected use: about $4.10 a day. The
    alert is set to $20.00 or less.`` `is_headed`: without the date, which the heading has."""
    lasts, rate, then = "", "", "When it is used up, "
    if facts.remaining <= 0:
        then = "Now "
    elif facts.burn_per_day and facts.burn_per_day > 0 and facts.runs_out_on:
        lasts, then = f"It lasts until {last_day(facts)} (UTC).", "Then "
        a_day = estimate(facts.burn_per_day, facts.currency)
        rate = f"Expected use: about {a_day} a day."
    kind = kind_of(facts)
    whose = name(facts.account) if facts.account else kind.title if kind else ""
    effect = f"{then}{whose} {kind.without_credit}." if kind else ""
    words = ["" if is_headed else lasts, effect, rate]
    return " ".join(filter(None, [*words, f"The alert is set to {minimum(facts)}."]))


def last_day(facts: LowBalanceFacts) -> str:
    """``27–29 Nov``, ``about 28 Nov``; empty if nothing is being used."""
    if facts.runs_out_on is None:
        return ""
    first, last = facts.runs_out_earliest, facts.runs_out_latest
    return likely_day(facts.runs_out_on, first, last, utc_day(facts.as_of))


def kind_of(facts: LowBalanceFacts) -> ProviderKind | None:
    """Return the provider; None if only the name of a connection is known."""
    by_scope = by_name(facts.scope.name or "") if facts.scope.kind == "provider" else None
    return by_scope or by_name(facts.connection)
