"""Alert messages: what was crossed, what drove it, what comes next; and what became of it since."""

from collections.abc import Sequence

from bot.budgets.messages.alert_words import (
    ENDS,
    REASON,
    hour_words,
    line_sentence,
    numbers_and_states,
    passed_words,
    short_words,
)
from bot.budgets.messages.budget_words import (
    connection_words,
    scope_words,
    share_of,
)
from bot.budgets.models import (
    AlertLine,
    BlindFacts,
    BudgetFacts,
    Contributor,
    EpisodeEnd,
    FloorFacts,
    LimitFacts,
    Notice,
    SpikeFacts,
    by_rule,
)
from bot.reports.messages.parts import stop_line
from bot.slack.blocks import (
    actions,
    bounded,
    button,
    context,
    escape,
    header,
    moment,
    name,
    section,
)
from bot.slack.charts import TABLE_ROWS, Amount, Cell, data_table
from bot.slack.message import Block, Message
from bot.wording import change, chosen, day, estimate, listed, money, plural, window
from providers.period import Period
from providers.redaction import clip

ACKNOWLEDGE = "aicost.alert.acknowledge"
SNOOZE = "aicost.alert.snooze"
RAISE = "aicost.alert.raise"
DETAILS = "aicost.alert.details"
HEADED = 3
RAISED = 12
FULL = 5
"""Budgets (and what else was found) shown in full in one message; the others are in a table."""
ROWS = TABLE_ROWS
SPOKEN = 3_600
"""Characters of the text in which the others are named one by one."""
MORE = "see `/aicost alerts list`"


def notice_message(notice: Notice) -> Message:
    """One alert message in the state it is in now: one line for each rule."""
    groups = by_rule(notice.lines, lambda line: line)
    full, rest = groups[:FULL], groups[FULL:]
    is_resolved = all(line.state == "resolved" for line in notice.lines)
    state = "Resolved: " if is_resolved else ""
    said, reasons = [line_sentence(lines) for lines in full], list[str]()
    blocks: list[Block] = [header(_heading(groups, state))]
    for lines in full:
        details = _details(lines[-1])
        blocks += _line_blocks(lines, details)
        reasons += [f"{each.replace('*', '', 2)}." for each in details]
    if rest:
        blocks.append(data_table(f"The other {len(rest)}", _HEAD, [_row(each) for each in rest]))
        if len(rest) > ROWS:
            blocks.append(section(f"{len(rest) - ROWS} of them are not shown here: {MORE}."))
    blocks += _fresh(notice.lines)
    if not is_resolved:
        blocks.append(actions(_buttons(notice)))
    text = state + " ".join([*said, *reasons])
    return Message(f"{text} {_rest_words(rest, text)}".strip(), bounded(blocks, rest=MORE))


_HEAD = ("What", "Used", "Share", "Passed", "Alerts")


def _row(lines: Sequence[AlertLine]) -> list[Cell]:
    """A line of the table; what is no budget has no figures in it, they are in `alerts list`."""
    facts = lines[-1].facts
    numbers = ", ".join(f"#{line.alert_id}" for line in lines)
    if not isinstance(facts, BudgetFacts):
        return [short_words(lines), "–", "–", "–", numbers]
    scope = facts.scope.name or "all providers"
    what = f"{scope}: {chosen(facts.amount)} {facts.period}"
    share = share_of(facts.amount, facts.actual)
    used = Amount(facts.actual, _used_words(facts))
    return [what, used, share, passed_words(lines) or "–", numbers]


def _rest_words(rest: Sequence[Sequence[AlertLine]], before: str) -> str:
    """What the table holds, in words, as far as they fit."""
    words: list[str] = []
    room = SPOKEN - len(before)
    for lines in rest:
        facts = lines[-1].facts
        used = f" ({_used_words(facts)} used)" if isinstance(facts, BudgetFacts) else ""
        words.append(f"{escape(short_words(lines))}{used}.")
        room -= len(words[-1]) + 1
        if room < 0:
            words[-1] = f"And {len(rest) - len(words) + 1} more: {MORE.replace('`', '')}."
            break
    return " ".join(words)


def _used_words(facts: BudgetFacts) -> str:
    return f"{'at least ' if facts.is_least else ''}{money(facts.actual)}"


def episode_end_message(end: EpisodeEnd) -> Message:
    """What is said in an alert's thread when it is resolved."""
    return Message(_end_words(end), (section(_end_words(end)),))


def _heading(groups: Sequence[Sequence[AlertLine]], state: str) -> str:
    said = list(dict.fromkeys(short_words(lines) for lines in groups))
    rest = len(said) - HEADED
    words = "; ".join(said[:HEADED]) + (f"; {plural(rest, 'other')} below" if rest > 0 else "")
    return clip(f"{state}{words}", 150)


def _line_blocks(lines: Sequence[AlertLine], details: Sequence[str]) -> list[Block]:
    words = [line_sentence(lines)]
    live = [line for line in lines if line.state == "open"]
    mentions = dict.fromkeys(who for line in live for who in line.mentions)
    if mentions:
        words.append(" ".join(_mention(who) for who in mentions))
    blocks: list[Block] = [section("\n".join(words))]
    if details:
        blocks.append(section("\n".join(details)))
    states = numbers_and_states(lines)
    if states:
        blocks.append(context([states]))
    return blocks


def _details(line: AlertLine) -> list[str]:
    facts = line.facts
    lines: list[str] = []
    if isinstance(facts, BudgetFacts | FloorFacts | SpikeFacts) and facts.contributors:
        most = "; ".join(_contributor(c) for c in facts.contributors)
        lines.append(f"*{_most_words(facts)}:* {most}")
    if isinstance(facts, BudgetFacts):
        if facts.forecast is not None and line.level.basis == "actual":
            band = (
                f" ({estimate(facts.forecast_low)} to {estimate(facts.forecast_high)})"
                if facts.forecast_low is not None and facts.forecast_high is not None
                else ""
            )
            lines.append(f"*Forecast for its end:* {estimate(facts.forecast)}{band}")
        if facts.next_stop is not None:
            stop = stop_line(facts.next_stop, line.crossed_at.date())
            lines.append(f"*Earliest stop:* {stop}")
    if isinstance(facts, LimitFacts):
        lines.append(f"*Then:* {escape(clip(facts.consequence, REASON))}")
        if facts.resets_at is not None:
            lines.append(f"*Starts again:* {moment(facts.resets_at)}")
    return lines


def _most_words(facts: BudgetFacts | FloorFacts | SpikeFacts) -> str:
    if isinstance(facts, SpikeFacts) and facts.hour is not None:
        return "Most of it, beside what is usual for that hour"
    return "Most of it"


def _contributor(each: Contributor) -> str:
    whole = each.used if each.used_by_yesterday is None else each.used_by_yesterday
    moved = change(whole, each.used_before)
    until = "" if each.used_by_yesterday is None else " by yesterday"
    return f"{name(each.name)} {money(each.used)}" + (f", {moved}{until}" if moved else "")


def _fresh(lines: Sequence[AlertLine]) -> list[Block]:
    """How old the figures are, once for all of them: the oldest reading."""
    read = [line.facts.as_of for line in lines if not isinstance(line.facts, BlindFacts)]
    return [context([f"Figures read {moment(min(read))}"])] if read else []


def _mention(who: str) -> str:
    return f"<!subteam^{who}>" if who.startswith("S") else f"<@{who}>"


def _buttons(notice: Notice) -> Sequence[dict[str, object]]:
    value = str(notice.delivery_id)
    live = [line for line in notice.lines if line.state != "resolved"]
    budgets = list(
        dict.fromkeys(line.rule_id for line in live if isinstance(line.facts, BudgetFacts))
    )
    buttons = []
    if any(line.state != "acknowledged" for line in live):
        buttons.append(button("Acknowledge", ACKNOWLEDGE, value, style="primary"))
    buttons.append(button("Snooze 1 hour", SNOOZE, f"{value} 1h"))
    buttons.append(button("Snooze to tomorrow 09:00", SNOOZE, f"{value} tomorrow"))
    if budgets:
        buttons.append(button("Snooze to the period's end", SNOOZE, f"{value} period end"))
    for rule in budgets[:RAISED]:
        label = "Raise budget" if len(budgets) == 1 else f"Raise budget #{rule}"
        buttons.append(button(label, RAISE, str(rule)))
    buttons.append(button("Details", DETAILS, value))
    return buttons


def _end_words(end: EpisodeEnd) -> str:
    facts = end.facts
    why = ENDS[end.ended]
    if isinstance(facts, BudgetFacts):
        passed = [f"{each}%" for each in sorted((*end.lower, end.level.threshold))]
        title = f"{scope_words(facts.scope)} budget at {listed(passed)}"
        if end.ended == "period_ended":
            span = window(Period(facts.period_start, facts.period_end), facts.period_start)
            return f"Resolved: {title}. The period {span} has ended."
        now = ""
        if end.figure is not None and end.amount is not None and end.ended != "removed":
            now = (
                f" Now {money(end.figure)} of {money(end.amount)}, "
                f"{share_of(end.amount, end.figure)}."
            )
        return f"Resolved: {title}, {why}.{now}"
    if isinstance(facts, FloorFacts):
        left = f" {money(end.figure)} is left now." if end.figure is not None else ""
        if end.ended == "topped_up":
            bought = f" by {money(end.bought)}" if end.bought is not None else ""
            return f"Resolved: {scope_words(facts.scope)} was topped up{bought}.{left}"
        return f"Resolved: {scope_words(facts.scope)} credit, {why}.{left}"
    if isinstance(facts, BlindFacts):
        connection = connection_words(facts.connection)
        if end.ended == "removed":
            return f"Resolved: no budget here depends on {connection} now."
        return f"Resolved: {connection} can be read again, and its budgets are checked again."
    if isinstance(facts, LimitFacts):
        what = escape(clip(facts.what, 200))
        if end.ended == "period_ended":
            return f"Resolved: {what} was reset."
        return f"Resolved: {what} is no longer {'used up' if facts.is_biting else 'close'}."
    when = f"on {day(facts.day)}" if facts.hour is None else hour_words(facts.hour)
    return f"Resolved: {connection_words(facts.connection)} {when}, {why}."
