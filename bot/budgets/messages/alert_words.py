"""Alerts in words: what was crossed with its figures, and their states."""

from collections.abc import Sequence
from datetime import UTC, timedelta
from decimal import Decimal

from bot.budgets.grouping import by_rule
from bot.budgets.messages.budget_words import (
    PERIODS,
    connection_words,
    over_or_left,
    percents,
    scope_title,
    share_of,
)
from bot.budgets.messages.low_balance import (
    account_title,
    last_day,
    left,
    left_at_end,
    left_before,
    low_balance_sentence,
    minimum,
    outlook,
    plain_account_title,
)
from bot.budgets.models import (
    PREVIEWED,
    AlertLine,
    AlertState,
    AnomalyFacts,
    BudgetFacts,
    DataOutageFacts,
    Ended,
    Facts,
    LimitFacts,
    LowBalanceFacts,
)
from bot.language.references import reference
from bot.reports.messages.plain_reasons import without_codes
from bot.slack.blocks import escape, hour_words, moment, name
from bot.wording import (
    band,
    capitalized,
    chosen,
    day,
    estimate,
    listed,
    money,
    plural,
    with_range,
)
from providers.catalog import title_of
from providers.redaction import clip

RULES = 6
STATES: tuple[AlertState, ...] = ("open", "acknowledged", "snoozed", "resolved")
"""Those that need the most attention first."""
ENDS: dict[Ended, str] = {
    "period_ended": "the period ended",
    "changed": "the budget or alert was changed",
    "removed": "the budget or alert was removed",
    "account_removed": "the configuration has no such prepaid account any more",
    "below_line": "below the threshold again",
    "topped_up": "the balance was topped up",
    "recovered": "above the threshold again",
    "came_true": "actual spend reached the threshold",
}


def short_words(lines: Sequence[AlertLine]) -> str:
    """Return the alerts of one line in plain text, with the figures of the last one: ``OpenAI
    budget: 84% of $500 used``."""
    return ": ".join(filter(None, _subject_and_figure(lines)))


def title_words(lines: Sequence[AlertLine]) -> str:
    """Return the alerts of one line to follow their state in a heading: ``OpenAI budget, 84% of
    $500 used``."""
    facts = lines[-1].facts
    if isinstance(facts, AnomalyFacts) and facts.hour is not None:  # the sentence says which hour
        return (
            f"Unusual {title_of(facts.connection)} spend, {_anomaly_figure(facts, 'in one hour')}"
        )
    if are_resolved(lines):
        return resolved_words(lines)
    return ", ".join(filter(None, _subject_and_figure(lines)))


def state_title(lines: Sequence[AlertLine]) -> str:
    """Return the state of the alerts of one line, in plain text: ``Open``, ``Acknowledged``,
    ``Snoozed``, ``Resolved``. Of different ones, the one that needs the most attention. Until when
    it is snoozed is in the small print, in the reader's time zone."""
    states = {line.state for line in lines}
    return next(each for each in STATES if each in states).capitalize()


def _subject_and_figure(lines: Sequence[AlertLine]) -> tuple[str, str]:
    facts = lines[-1].facts
    match facts:
        case BudgetFacts():
            of = f"of {chosen(facts.amount)}"
            if any(line.level.basis == "actual" for line in lines):
                least = "at least " if facts.is_least else ""
                figure = f"{least}{_share(lines, facts)} {of} used"
            else:
                figure = f"forecast passes {lines[-1].level.percent}% {of}"
            return _subject(facts), figure
        case LowBalanceFacts():
            end = last_day(facts) if facts.remaining > 0 else ""
            until = f", until {end}" if end else ""
            return f"{plain_account_title(facts)} balance", f"{left(facts)}{until}"
        case DataOutageFacts():
            return f"No data from {title_of(facts.connection)}", ""
        case LimitFacts():
            used = facts.used if facts.used is not None else facts.amount
            return clip(facts.what, 100), f"{money(used)} of {money(facts.amount)} used"
        case AnomalyFacts():
            return f"Unusual {title_of(facts.connection)} spend", _anomaly_figure(
                facts, _when(facts)
            )


def resolved_words(lines: Sequence[AlertLine]) -> str:
    """Return what was resolved, in plain text: ``OpenAI budget (was at 84%)``."""
    facts = lines[-1].facts
    if isinstance(facts, BudgetFacts):
        return f"{_subject(facts)} (was at {_share(lines, facts)})"
    if isinstance(facts, LowBalanceFacts):
        title, was = plain_account_title(facts), money(facts.remaining, facts.currency)
        now = left_at_end(facts)
        if lines[-1].ended == "topped_up":
            return f"{title} balance topped up{f', {now}' if now else ''}"
        return f"{title}, {now} (was {was})" if now else f"{title} balance (was {was})"
    if isinstance(facts, DataOutageFacts) and lines[-1].ended == "recovered":
        return f"{title_of(facts.connection)} data is back"
    return short_words(lines)


def _subject(facts: BudgetFacts) -> str:
    kind, scope = facts.scope.kind, facts.scope.name or ""
    if kind == "all":
        return "All providers' budget"
    if kind == "person":  # plain text can't show a name, and an id says nothing
        return "One person's budget"
    if kind == "channel":
        return "One channel's budget"
    return f"{title_of(scope)} budget" if kind in ("provider", "connection") else f"{scope} budget"


def line_sentence(lines: Sequence[AlertLine]) -> str:
    """Return the alerts of one line as sentences, with the figures of the last one: in the past
    once all are resolved, as the figures are those of the alert. Mrkdwn without formatting."""
    facts, is_resolved = lines[-1].facts, are_resolved(lines)
    match facts:
        case BudgetFacts():
            return _budget_sentence(lines, facts, is_resolved=is_resolved)
        case LowBalanceFacts():
            return low_balance_sentence(lines, facts)
        case DataOutageFacts():
            return _outage_sentence(facts, is_resolved=is_resolved)
        case LimitFacts():
            used = f"{money(facts.used)} of " if facts.used is not None else ""
            state = "used up" if facts.is_biting else "nearly used up"
            verb = "was" if is_resolved else "is"
            return f"{escape(clip(facts.what, 200))} {verb} {state}: {used}{money(facts.amount)}."
        case AnomalyFacts():
            return _anomaly_sentence(facts)


def below_heading(lines: Sequence[AlertLine]) -> str:
    """Return `line_sentence` of an alert that is alone below its heading, without what the heading
    says."""
    facts, is_resolved = lines[-1].facts, are_resolved(lines)
    if isinstance(facts, BudgetFacts) and not is_resolved:
        is_spend = any(line.level.basis == "actual" for line in lines)
        # a heading can't name a person or a channel, and has only the name of a project or key
        is_headed = is_spend and facts.scope.kind in ("all", "provider", "connection")
        return _budget_sentence(lines, facts, is_resolved=False, is_headed=is_headed)
    if isinstance(facts, LowBalanceFacts) and not is_resolved:
        return outlook(facts, is_headed=True)
    if isinstance(facts, LowBalanceFacts) and lines[-1].ended == "topped_up":
        return left_before(facts, "topped_up")
    return line_sentence(lines)


def mention_words(lines: Sequence[AlertLine]) -> str:
    """Return the people to notify about the open alerts among these, in mrkdwn; empty without."""
    mentions = dict.fromkeys(who for each in lines if each.state == "open" for who in each.mentions)
    return " ".join(map(reference, mentions))


def are_resolved(lines: Sequence[AlertLine]) -> bool:
    """Whether no alert of one line needs anything any more."""
    return all(line.state == "resolved" for line in lines)


def _outage_sentence(facts: DataOutageFacts, *, is_resolved: bool) -> str:
    what, since = f"data from {connection_words(facts.connection)}", moment(facts.since)
    reason, rules = without_codes(facts.reason), escape(_some(facts.rules))
    if is_resolved:
        return f"There was no {what} from {since} on: {reason} Not checked meanwhile: {rules}."
    return (
        f"No {what} since {since}: {reason} These can't be checked: {rules}. For the fix, see "
        "`/aicost status`."
    )


def _some(rules: Sequence[str]) -> str:
    """Return rules as they are typed; only the first ones if there are many."""
    shown = list(rules[:RULES])
    rest = len(rules) - len(shown)
    more = f"{plural(rest, 'more budget')} (see `/aicost budget list`)"
    return listed([*shown, more] if rest else shown)


def brief_sentence(lines: Sequence[AlertLine], now: str) -> str:
    """Return `line_sentence` with the current figure in place of those of the alert:
    ``*OpenAI budget*: 81% used. It passed 50% and 80%.``"""
    facts = lines[-1].facts
    if isinstance(facts, BudgetFacts):
        passed = f"it passed {found}" if (found := passed_words(lines)) else ""
        levels = [line.level.percent for line in lines if line.level.basis == "forecast"]
        forecast = f"the forecast passes {max(levels)}%" if levels else ""
        news = capitalized(listed(list(filter(None, [passed, forecast]))))
        return f"*{escape(_subject(facts))}*: {now}. {news}."
    if isinstance(facts, LowBalanceFacts):
        return f"*{account_title(facts)} balance*: {now}. The alert is set to {minimum(facts)}."
    return line_sentence(lines)


def subjects_with_numbers(lines: Sequence[AlertLine]) -> list[str]:
    """Return ``OpenAI budget (#1, #4)``, ``OpenRouter balance (#3, acknowledged)`` for the alerts
    of each rule, in plain text."""
    found = []
    for group in by_rule(lines):
        numbers = [f"#{line.alert_id}" for line in sorted(group, key=lambda line: line.alert_id)]
        state = state_title(group).lower()
        marks = ", ".join([*numbers, *([] if state in ("open", "resolved") else [state])])
        found.append(f"{_subject_and_figure(group)[0]} ({marks})")
    return found


def _anomaly_figure(facts: AnomalyFacts, when: str) -> str:
    times = times_of(facts.used, facts.usual)
    return f"{_used(facts)} {when}{f', {times}' if times else ''}"


def _anomaly_sentence(facts: AnomalyFacts) -> str:
    used = f"{connection_words(facts.connection)}: {_used(facts)}"
    if facts.hour is None:
        words = f"{used} on {day(facts.day)} (UTC), usual: about {estimate(facts.usual)}."
    else:
        when = hour_words(facts.hour)
        words = f"{used} in one hour ({when}). Usual for that hour: {_usual(facts)}."
    if facts.is_estimated:
        words += " Estimated from token counts at recent prices."
    if facts.unpriced:
        models = listed([name(each) for each in facts.unpriced[:RULES]])
        words += f" Not included, as no price is known: {models}."
    if facts.is_byok_switch:
        words += (
            " Much less ran on your own provider keys. One of them may be used up or withdrawn, "
            "so its calls are now paid from credit."
        )
    return words


def _usual(facts: AnomalyFacts) -> str:
    low, high = facts.usual_low, facts.usual_high
    if money(facts.usual) == money(Decimal(0)):
        return "next to nothing"
    if low is None or high is None or estimate(low) == estimate(high):
        return f"about {estimate(facts.usual)}"
    return band(low, high)


def _used(facts: AnomalyFacts) -> str:
    return f"about {estimate(facts.used)}" if facts.is_estimated else money(facts.used)


def times_of(used: Decimal, usual: Decimal) -> str:
    """``2.9× usual``; empty if the usual amount is close to nothing."""
    if usual < Decimal("0.01"):
        return ""
    times = used / usual
    return f"{times:,.{1 if times < 10 else 0}f}× usual"


def _when(facts: AnomalyFacts) -> str:
    if facts.hour is None:
        return f"on {facts.day:%a} {day(facts.day)}"
    utc = facts.hour.astimezone(UTC)
    return f"on {day(utc.date())}, {utc:%H:%M}–{utc + timedelta(hours=1):%H:%M} UTC"


def _budget_sentence(
    lines: Sequence[AlertLine], facts: BudgetFacts, *, is_resolved: bool, is_headed: bool = False
) -> str:
    """Return the budget's figures. `is_headed`: without the scope, the amount and the share."""
    amount, used = facts.amount, facts.actual
    scope, share = scope_title(facts.scope), _share(lines, facts)
    known = f"{'at least ' if facts.is_least else ''}{money(used)}"
    if is_resolved:
        words = f"{scope}: was at {known} of {chosen(amount)} {facts.period} ({share})."
    elif is_headed:
        words = f"{capitalized(known)} used {PERIODS[facts.period]}"
    else:
        words = f"{scope}: {known} of {chosen(amount)} used {PERIODS[facts.period]} ({share})"
    if not is_resolved:
        unknown = ". Some days are not known yet."
        words += unknown if facts.is_least else f", {over_or_left(amount, used)}."
    if (passed := passed_words(lines)) and not (is_headed and passed == share):
        words += f" Passed {passed}."
    forecast = [line.level.percent for line in lines if line.level.basis == "forecast"]
    if forecast:
        is_known = not is_resolved and facts.forecast is not None
        low, high = facts.forecast_low, facts.forecast_high
        about = f": {with_range(facts.forecast, low, high)}" if is_known else ""
        words += f" Forecast {'passed' if is_resolved else 'passes'} {max(forecast)}%{about}."
    return words


def _share(lines: Sequence[AlertLine], facts: BudgetFacts) -> str:
    return share_of(facts.amount, facts.actual, [line.level.percent for line in lines])


def passed_words(lines: Sequence[AlertLine]) -> str:
    """``50%, 80% and 100%``: the thresholds that the actual spend passed; empty if none."""
    facts = lines[-1].facts
    if not isinstance(facts, BudgetFacts):
        return ""
    levels = [line.level for line in lines if line.level.basis == "actual"]
    passed = {
        level.percent for level in levels if facts.actual * 100 >= facts.amount * level.percent
    }
    return percents(sorted(passed)) if passed else ""


def state_words(line: AlertLine) -> str:
    """Return the state of an alert, for the small print."""
    if line.state == "resolved" and line.ended is not None:
        when = f" {moment(line.ended_at)}" if line.ended_at else ""
        return f"resolved{when}: {_end_words(line.ended, line.facts)}"
    if line.state == "acknowledged":
        when = f" {moment(line.acted_at)}" if line.acted_at else ""
        return f"acknowledged by {_person(line.acted_by)}{when}"
    if line.state == "snoozed":
        until = f" until {moment(line.snoozed_until)}" if line.snoozed_until else ""
        return f"snoozed by {_person(line.acted_by)}{until}"
    return f"open since {moment(line.crossed_at)}"


def _end_words(ended: Ended, facts: Facts) -> str:
    """Return why an alert ended, and no more than is known of what it is about."""
    if ended == "recovered":
        match facts:
            case AnomalyFacts():
                return "later spend was as usual"
            case DataOutageFacts():
                return "data is back"
            case LimitFacts():
                return "no longer used up" if facts.is_biting else "no longer nearly used up"
    return ENDS[ended]


def numbers_and_states(lines: Sequence[AlertLine]) -> str:
    """``Alerts #1 and #2 open since …``, ``Alerts: #1 acknowledged by Mo …; #3 open since …``.
    Empty for a preview."""
    by_state: dict[str, list[str]] = {}
    for line in sorted(lines, key=lambda each: each.alert_id):
        if line.alert_id != PREVIEWED:
            by_state.setdefault(state_words(line), []).append(f"#{line.alert_id}")
    words = "; ".join(f"{listed(numbers)} {state}" for state, numbers in by_state.items())
    label = "Alert" if len(lines) == 1 else "Alerts" if len(by_state) == 1 else "Alerts:"
    return f"{label} {words}" if words else ""


def _person(who: str | None) -> str:
    """Return the name of the user who pressed, because a mention would notify them."""
    return name(who) if who else "a former member"
