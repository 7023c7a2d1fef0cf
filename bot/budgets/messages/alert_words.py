"""Alerts in sentences: what was crossed with its figures, and what became of it since."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from bot.budgets.messages.budget_words import (
    connection_words,
    low_balance_words,
    over_or_left,
    scope_words,
    share_of,
    subject_of,
)
from bot.budgets.models import (
    PREVIEWED,
    AlertLine,
    BlindFacts,
    BudgetFacts,
    Ended,
    FloorFacts,
    LimitFacts,
    SpikeFacts,
)
from bot.slack.blocks import escape, moment, name
from bot.wording import chosen, day, estimate, listed, money, plural
from providers.catalog import title_of
from providers.redaction import clip

REASON = 400
RULES = 6
ENDS: dict[Ended, str] = {
    "period_ended": "the period has ended",
    "changed": "the rule was changed",
    "removed": "the rule was removed",
    "below_line": "the figures fell below the threshold again",
    "topped_up": "the balance was topped up",
    "recovered": "recovered",
    "came_true": "actual spend reached the threshold",
}


def short_words(lines: Sequence[AlertLine]) -> str:
    """Return a few plain words for alerts of one line, with the figures of the last one."""
    last = lines[-1]
    facts = last.facts
    match facts:
        case BudgetFacts():
            scope = facts.scope.name or "all providers"
            if any(line.level.basis == "actual" for line in lines):
                at = f"at {share_of(facts.amount, facts.actual)}"
                at += " or more" if facts.is_least else ""
            else:
                at = f"forecast at {last.level.threshold}%"
            return f"{title_of(scope)} budget {at}"
        case FloorFacts():
            return f"{title_of(facts.connection)} credit is low"
        case BlindFacts():
            return f"{title_of(facts.connection)} can't be read"
        case LimitFacts():
            return f"{facts.what}: {'blocking now' if facts.is_biting else 'nearly used up'}"
        case SpikeFacts():
            what = "day" if facts.hour is None else "hour"
            return f"Unusual {what} on {title_of(facts.connection)}"


def line_sentence(lines: Sequence[AlertLine]) -> str:
    """Return alerts of one line as sentences with the figures of the last one, in mrkdwn without
    formatting."""
    facts = lines[-1].facts
    match facts:
        case BudgetFacts():
            return _budget_sentence(lines, facts)
        case FloorFacts():
            return _low_balance_sentence(facts)
        case BlindFacts():
            since = moment(facts.since)
            return (
                f"{connection_words(facts.connection)} can't be read since {since}, so these see "
                f"nothing: {escape(_some(facts.rules))}. {escape(clip(facts.reason, REASON))} "
                f"{escape(clip(facts.remedy, REASON))}"
            )
        case LimitFacts():
            used = f"{money(facts.used)} of " if facts.used is not None else ""
            state = "is used up" if facts.is_biting else "is nearly used up"
            return f"{escape(clip(facts.what, 200))} {state}: {used}{money(facts.amount)}."
        case SpikeFacts(hour=datetime() as hour):
            return _hour_sentence(facts, hour)
        case SpikeFacts():
            return (
                f"{connection_words(facts.connection)} used {money(facts.used)} on "
                f"{day(facts.day)} (UTC), usual is about {estimate(facts.usual)}.{_switch(facts)}"
            )


def _some(rules: Sequence[str]) -> str:
    """Rules as they are typed, the first of them where there are many."""
    shown = list(rules[:RULES])
    rest = len(rules) - len(shown)
    more = f"{plural(rest, 'more budget')} (see `/aicost budget list`)"
    return listed([*shown, more] if rest else shown)


def _hour_sentence(facts: SpikeFacts, hour: datetime) -> str:
    about = "about " if facts.is_estimated else ""
    words = (
        f"{connection_words(facts.connection)} used {about}{money(facts.used)} {hour_words(hour)}; "
        f"usual for that hour is {_band(facts)}."
    )
    if facts.is_estimated:
        words += " Estimated from tokens, at recent prices."
    if facts.unpriced:
        models = listed([name(each) for each in facts.unpriced[:RULES]])
        words += f" Not in it, as no price is known: {models}."
    return words


def _band(facts: SpikeFacts) -> str:
    low, high = facts.usual_low, facts.usual_high
    if money(facts.usual) == money(Decimal(0)):
        return "next to nothing"
    if low is None or high is None or estimate(low) == estimate(high):
        return f"about {estimate(facts.usual)}"
    return f"{estimate(low)} to {estimate(high)}"


def hour_words(hour: datetime) -> str:
    """``from 14:00 to 15:00 UTC on 24 Nov``, and when that was where the reader is."""
    utc = hour.astimezone(UTC)
    until = utc + timedelta(hours=1)
    return f"from {utc:%H:%M} to {until:%H:%M} UTC on {day(utc.date())} ({moment(hour)})"


def _switch(facts: SpikeFacts) -> str:
    if not facts.is_byok_switch:
        return ""
    return (
        " As much less ran on your own provider keys: one of them may be used up or withdrawn, and "
        "its calls are now paid from credit."
    )


def _budget_sentence(lines: Sequence[AlertLine], facts: BudgetFacts) -> str:
    parts = [spent_words(facts)]
    passed = passed_words(lines)
    if passed:
        parts.append(f"Passed {passed}.")
    forecast = [line.level.threshold for line in lines if line.level.basis == "forecast"]
    if forecast:
        expected = f"{estimate(facts.forecast)} expected at the period's end"
        parts.append(f"The forecast reaches {max(forecast)}%: {expected}.")
    return " ".join([*parts, f"Since {day(facts.period_start)} (UTC)."])


def spent_words(facts: BudgetFacts) -> str:
    """``OpenAI is $20.00 over its $500 monthly budget ($520.00 used).``, or ``OpenAI has used at
    least $520.00 of its $500 monthly budget (104%); some days are not known yet.``"""
    amount, used = facts.amount, facts.actual
    subject = subject_of(facts.scope)
    budget = f"{subject.its} {chosen(amount)} {facts.period} budget"
    if facts.is_least:
        return (
            f"{subject.words} {subject.has} used at least {money(used)} of {budget} "
            f"({share_of(amount, used)}); some days are not known yet."
        )
    if used > amount:
        over = f"{subject.words} {subject.verb} {over_or_left(amount, used)}"
        return f"{over} {budget} ({money(used)} used)."
    return (
        f"{subject.words} {subject.has} used {money(used)} of {budget} ({share_of(amount, used)}); "
        f"{over_or_left(amount, used)}."
    )


def passed_words(lines: Sequence[AlertLine]) -> str:
    """``50, 80 and 100%``: the thresholds that the actual spend passed; empty where none."""
    facts = lines[-1].facts
    if not isinstance(facts, BudgetFacts):
        return ""
    levels = [line.level for line in lines if line.level.basis == "actual"]
    passed = {
        level.threshold for level in levels if facts.actual * 100 >= facts.amount * level.threshold
    }
    return f"{listed([str(each) for each in sorted(passed)])}%" if passed else ""


def _low_balance_sentence(facts: FloorFacts) -> str:
    about = "an estimated " if facts.is_estimated else ""
    left = (
        f"{money(facts.remaining)} left (overdrawn)"
        if facts.remaining < 0
        else f"{about}{money(facts.remaining)} left"
    )
    words = f"{scope_words(facts.scope)} credit is low: {left}"
    if facts.burn_per_day and facts.burn_per_day > 0 and facts.remaining > 0:
        words += f", at about {estimate(facts.burn_per_day)} a day"
        if facts.runs_out_on:
            words += f" it lasts until {day(facts.runs_out_on)} (UTC)"
    return f"{words}. Asked to warn at {low_balance_words(facts.dollars, facts.days)}."


def state_words(line: AlertLine) -> str:
    """What became of an alert, for the small print."""
    if line.state == "resolved" and line.ended is not None:
        when = f" {moment(line.ended_at)}" if line.ended_at else ""
        return f"resolved{when}: {ENDS[line.ended]}"
    if line.state == "acknowledged":
        when = f" {moment(line.acted_at)}" if line.acted_at else ""
        return f"acknowledged by {_person(line.acted_by)}{when}"
    if line.state == "snoozed":
        until = f" until {moment(line.snoozed_until)}" if line.snoozed_until else ""
        return f"snoozed by {_person(line.acted_by)}{until}"
    return f"open since {moment(line.crossed_at)}"


def numbers_and_states(lines: Sequence[AlertLine]) -> str:
    """``Alerts #1 and #2: acknowledged by Mo …; #3: open since …``; empty for a preview."""
    by_state: dict[str, list[str]] = {}
    for line in sorted(lines, key=lambda each: each.alert_id):
        if line.alert_id != PREVIEWED:
            by_state.setdefault(state_words(line), []).append(f"#{line.alert_id}")
    words = "; ".join(f"{listed(numbers)}: {state}" for state, numbers in by_state.items())
    return f"{'Alert' if len(lines) == 1 else 'Alerts'} {words}" if words else ""


def _person(who: str | None) -> str:
    """Who pressed, by name: a mention would ring."""
    return name(who) if who else "somebody"
