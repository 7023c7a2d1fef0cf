"""Alert messages: what was crossed, what drove it, what comes next, and what happened since."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import accumulate

from bot.budgets.grouping import by_rule
from bot.budgets.messages.alert_drivers import driver_lines, found_on
from bot.budgets.messages.alert_words import (
    STATES,
    are_resolved,
    below_heading,
    line_sentence,
    mention_words,
    numbers_and_states,
    passed_words,
    short_words,
    state_title,
    title_words,
)
from bot.budgets.messages.budget_words import forecast_words, scope_title, share_of
from bot.budgets.messages.low_balance import kind_of
from bot.budgets.messages.resolution_words import end_words
from bot.budgets.models import (
    PREVIEWED,
    AlertLine,
    AlertResolution,
    AnomalyFacts,
    BudgetFacts,
    DataOutageFacts,
    LimitFacts,
    LowBalanceFacts,
    Notice,
)
from bot.budgets.results import scope_of, soonest
from bot.reports.messages.parts import next_limit_line
from bot.reports.messages.plain_reasons import without_codes
from bot.reports.messages.suggestions import credit_buttons
from bot.slack.blocks import (
    Element,
    actions,
    bounded,
    button,
    context,
    header,
    message_of,
    moment,
    name,
    paragraphs,
    section,
)
from bot.slack.charts import TABLE_ROWS, Amount, Cell, data_table
from bot.slack.fields import Option, menu
from bot.slack.message import Block, Message
from bot.wording import (
    chosen,
    day,
    money,
    month_name,
    plural,
)
from providers.redaction import clip

ACKNOWLEDGE = "aicost.alert.acknowledge"
SNOOZE = "aicost.alert.snooze"
RAISE = "aicost.alert.raise"
DETAILS = "aicost.alert.details"
WHY = "aicost.alert.why"
HEADED = 2
LISTED = 40
"""People, teams or projects of one budget for each of them that have a sentence in a message. The
others are named with their spend alone."""
IN_A_LINE = 20
LONGEST_LIST = 9_000
"""Characters of all lists in one message. Slack has refused 11,341 (`msg_blocks_too_long`, observed
live by slackapi/bolt-js#2867, April 2026), and documents no limit."""
FULL = 5
"""Budgets (or other subjects) shown in full in one message; the others are in a table."""
ROWS = TABLE_ROWS
MINUTE = timedelta(minutes=1)
MORE = "see `/aicost alerts list`"


def notice_message(notice: Notice) -> Message:
    """Return the message of an alert in its current state: one line per rule. Of a budget for each
    person, team or project, one list names all who passed a threshold."""
    groups = by_rule(notice.lines)
    lists = _lists(groups)
    alone = [lines for lines in groups if lines[-1].rule_id not in lists]
    full, rest = alone[:FULL], alone[FULL:]
    blocks: list[Block] = [header(_heading(groups))]
    for listed_lines in lists.values():
        blocks += _list(listed_lines, LONGEST_LIST // len(lists))
    for lines in full:
        sentence = below_heading(lines) if len(groups) == 1 else line_sentence(lines)
        sentences = f"{sentence}{_forecast(lines)}"
        blocks.append(section("\n".join([sentences, *_details(lines)])))
        if len(groups) > 1:
            blocks.append(context([_small_print(lines)]))
    if rest:
        blocks.append(data_table(f"The other {len(rest)}", _HEAD, [_row(each) for each in rest]))
        if len(rest) > ROWS:
            blocks.append(section(f"{len(rest) - ROWS} of them are not shown here: {MORE}."))
    blocks += _next_limit(full)
    notes = [_small_print(groups[0]) if len(groups) == 1 else "", _fresh(notice.lines)]
    if any(notes):
        blocks.append(context([" ".join(filter(None, notes))]))
    if not are_resolved(notice.lines):
        blocks.append(actions(_buttons(notice)))
    return message_of(bounded(blocks, rest=MORE))


def resolution_message(end: AlertResolution) -> Message:
    """Return the reply in an alert's thread when it is resolved."""
    return message_of([section(end_words(end))])


def _lists(
    groups: Sequence[Sequence[AlertLine]],
) -> Mapping[int | None, Sequence[Sequence[AlertLine]]]:
    """Return the groups of each rule that has several in one period: a budget for each person, team
    or project."""
    found: dict[int | None, list[Sequence[AlertLine]]] = {}
    for lines in groups:
        if isinstance(lines[-1].facts, BudgetFacts):
            found.setdefault(lines[-1].rule_id, []).append(lines)
    return {
        rule: own
        for rule, own in found.items()
        if rule is not None and len({scope_of(lines[-1].facts) for lines in own}) > 1
    }


def _list(groups: Sequence[Sequence[AlertLine]], room: int) -> list[Block]:
    """Return all who passed a threshold, those with the highest spend first, in `room`
    characters."""
    by_spend = [
        (facts, lines) for lines in groups if isinstance(facts := lines[-1].facts, BudgetFacts)
    ]
    by_spend.sort(key=lambda each: -each[0].actual)
    first = by_spend[0][0]
    title = f"Budgets of {chosen(first.amount)} {first.period}"
    sentences = [f"• {line_sentence(lines)}" for _, lines in by_spend[:LISTED]]
    shown = _fitting(sentences, room * 2 // 3)
    others = [_name_and_spend(facts) for facts, _ in by_spend[len(shown) :]]
    named = _fitting(others, room - sum(map(len, shown)))
    starts = range(0, len(named), IN_A_LINE)
    shown += [", ".join(named[start : start + IN_A_LINE]) for start in starts]
    if len(others) > len(named):
        shown.append(f"And {len(others) - len(named)} more: {MORE}.")
    if mentions := mention_words([line for lines in groups for line in lines]):
        shown.append(mentions)
    states = Counter(state_title(lines).lower() for lines in groups)
    notes = [", ".join(f"{states[each]} {each}" for each in STATES if states[each])]
    notes.append(f"Spend since {day(first.period_start)} (UTC)")
    return [*paragraphs([f"*{title}*", *shown]), context([" ".join(f"{note}." for note in notes)])]


def _fitting(words: Sequence[str], room: int) -> list[str]:
    """Return the first of these that have room together, each with two characters between."""
    ends = accumulate(len(each) + 2 for each in words)
    return [each for each, end in zip(words, ends, strict=True) if end <= room]


def _name_and_spend(facts: BudgetFacts) -> str:
    """``<@UANN> $52.10``, ``search at least $52.10`` in mrkdwn."""
    is_person = facts.scope.kind == "person"
    who = scope_title(facts.scope) if is_person else name(facts.scope.name or "")
    return f"{who} {'at least ' if facts.is_least else ''}{money(facts.actual)}"


_HEAD = ("What", "Used", "Share", "Passed", "Alerts")


def _row(lines: Sequence[AlertLine]) -> list[Cell]:
    """Return a row of the table. Only budgets have figures in it; the others' are in `alerts
    list`."""
    facts = lines[-1].facts
    numbers = ", ".join(f"#{line.alert_id}" for line in lines)
    if not isinstance(facts, BudgetFacts):
        return [short_words(lines), "–", "–", "–", numbers]
    scope = facts.scope.name or "all providers"
    what = f"{scope}: {chosen(facts.amount)} {facts.period}"
    share = share_of(facts.amount, facts.actual, [line.level.percent for line in lines])
    used = Amount(facts.actual, f"{'at least ' if facts.is_least else ''}{money(facts.actual)}")
    return [what, used, share, passed_words(lines) or "–", numbers]


def _heading(groups: Sequence[Sequence[AlertLine]]) -> str:
    """``Alert: OpenAI budget, 80% of $6,000 used``, in plain text; once someone acted, the state
    first. If the states differ, the number of each."""
    states = list(dict.fromkeys(map(state_title, groups)))
    if states == ["Open"]:
        states = ["Alert"]
    if len(states) > 1:
        counts = Counter(state_title(lines).lower() for lines in groups)
        states = [", ".join(f"{counts[each]} {each}" for each in STATES if counts[each])]
    return clip(f"{states[0]}: {_subjects(groups)}", 150)


def _subjects(groups: Sequence[Sequence[AlertLine]]) -> str:
    subjects = list(dict.fromkeys(map(title_words, groups)))
    if all(isinstance(lines[-1].facts, BudgetFacts) for lines in groups) and len(groups) > HEADED:
        are_over = all(map(are_resolved, groups))
        return f"{plural(len(groups), 'budget')}{'' if are_over else ' passed a threshold'}"
    if len(subjects) > HEADED:
        subjects[HEADED:] = [f"{plural(len(subjects) - HEADED, 'other')} below"]
    return "; ".join(subjects)


def _details(lines: Sequence[AlertLine]) -> list[str]:
    """Return the main driver, what a limit does, and the people to notify. For a budget that was
    already over a threshold when it was made, only the people; so of a balance that is resolved."""
    last = lines[-1]
    facts, found = last.facts, list[str]()
    if isinstance(facts, BudgetFacts | LowBalanceFacts | AnomalyFacts):
        is_over = isinstance(facts, LowBalanceFacts) and are_resolved(lines)
        if not (last.is_initial or is_over):
            found += driver_lines(last, facts)
    if isinstance(facts, LimitFacts) and not are_resolved(lines):
        when = "Now" if facts.is_biting else "When used up"
        found.append(f"*{when}:* {without_codes(facts.consequence)}")
        if facts.resets_at is not None:
            found.append(f"*Resets:* {moment(facts.resets_at)}")
    if mentions := mention_words(lines):
        found.append(mentions)
    return found


def _small_print(lines: Sequence[AlertLine]) -> str:
    facts = lines[-1].facts
    since = ""
    if isinstance(facts, BudgetFacts):
        since = f"Spend since {day(facts.period_start)} (UTC)"
    return " ".join(f"{each}." for each in (numbers_and_states(lines), since) if each)


def _forecast(lines: Sequence[AlertLine]) -> str:
    """`` Forecast for November: about $531 ($498–$571), so it may go over budget.`` Empty for an
    alert that is resolved, was no news, or is about the forecast itself."""
    last, facts = lines[-1], lines[-1].facts
    if not isinstance(facts, BudgetFacts) or facts.forecast is None:
        return ""
    is_said = any(line.level.basis == "forecast" for line in lines)
    if is_said or last.is_initial or are_resolved(lines):
        return ""
    span = month_name(facts.period_start) if facts.period == "monthly" else "the week"
    span = "the day" if facts.period == "daily" else span
    low, high, end = facts.forecast_low, facts.forecast_high, facts.crossing_on
    words = forecast_words(facts.amount, facts.actual, facts.forecast, low, high, end)
    return f" Forecast for {span}: {words}."


def _next_limit(groups: Sequence[Sequence[AlertLine]]) -> list[Block]:
    """Return the next limit of what is still open."""
    live = [lines for lines in groups if not are_resolved(lines)]
    last = [lines[-1] for lines in live if not lines[-1].is_initial]
    stop = soonest(each.facts.next_stop for each in last if isinstance(each.facts, BudgetFacts))
    if stop is None:
        return []
    return [section(next_limit_line(stop, found_on(last[-1])))]


def _fresh(lines: Sequence[AlertLine]) -> str:
    """Return the time of the oldest figures, once for all; empty without figures, if every alert
    shows this time as that of its opening, or once all are resolved."""
    read = [line.facts.as_of for line in lines if not isinstance(line.facts, DataOutageFacts)]
    if not read or are_resolved(lines):
        return ""
    at = min(read)
    are_alike = all(
        line.state == "open" and line.alert_id != PREVIEWED and abs(line.crossed_at - at) < MINUTE
        for line in lines
    )
    return "" if are_alike else f"Figures from {moment(at)}."


def _buttons(notice: Notice) -> list[Element]:
    value = str(notice.delivery_id)
    live = [line for line in notice.lines if line.state != "resolved"]
    return act_buttons(live, value, value)


def act_buttons(
    lines: Sequence[AlertLine],
    acted_on: str,
    message: str,
    acknowledge_words: str = "Acknowledge",
    *,
    may_raise: bool = True,
) -> list[Element]:
    """Return what users can do about unresolved alerts: add credit, acknowledge, ask why, raise the
    budget, see the latest figures, snooze. The first stands out.

    `acted_on` is the message's number or those of alerts (``#1,#3``), `message` the message's.
    Without `may_raise`, for a reader who can't change a budget, there is no button to raise it.
    """
    low = [line.facts for line in lines if isinstance(line.facts, LowBalanceFacts)]
    buttons = [{**each, "style": "primary"} for each in credit_buttons(map(kind_of, low))]
    if any(line.state != "acknowledged" for line in lines):
        acknowledge = button(acknowledge_words, ACKNOWLEDGE, acted_on)
        buttons.append(acknowledge if buttons else {**acknowledge, "style": "primary"})
    if any(
        isinstance(line.facts, BudgetFacts | AnomalyFacts) and scope_of(line.facts).kind != "person"
        for line in lines
    ):
        buttons.append(button("Why", WHY, message, spoken="Why did the spend rise?"))
    budgets = list(
        dict.fromkeys(line.rule_id for line in lines if isinstance(line.facts, BudgetFacts))
    )
    if len(budgets) == 1 and may_raise:
        buttons.append(button("Raise budget", RAISE, str(budgets[0])))
    elif budgets and may_raise:
        options = [Option(f"Budget {rule}", str(rule)) for rule in budgets]
        buttons.append(menu("Raise budget", RAISE, options))
    buttons.append(button("Latest figures", DETAILS, message))
    snoozes = [Option("For 1 hour", f"{acted_on} 1h")]
    snoozes.append(Option("Until 09:00 tomorrow", f"{acted_on} tomorrow"))
    if budgets:
        snoozes.append(Option("Until the period ends", f"{acted_on} period end"))
    return [*buttons, menu("Snooze", SNOOZE, snoozes)]
