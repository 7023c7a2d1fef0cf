"""The Home tab: one user's overview, and the settings below it for managers."""

import json
from collections.abc import Sequence
from typing import Any

from bot.access.models import Denial
from bot.budgets.grouping import by_rule
from bot.budgets.messages.alert import act_buttons
from bot.budgets.messages.alert_words import (
    brief_sentence,
    line_sentence,
    numbers_and_states,
    state_title,
    subjects_with_numbers,
)
from bot.budgets.messages.budget_words import (
    bar,
    least_words,
    over_or_left,
    scope_words,
    share_of,
    used_up_words,
)
from bot.budgets.models import (
    AlertLine,
    BudgetStatus,
    LimitFacts,
    LowBalanceFacts,
)
from bot.digests.messages.answers import change_button, digest_line
from bot.home.models import RESOLVED_FOR, HomeData
from bot.home.views.managing import managed_blocks
from bot.home.views.onboarding import guide
from bot.reports.messages.parts import (
    balance_words,
    connection_line,
    connections_note,
    last_day_words,
    lead_line,
    limit_block,
    spent_words,
    when,
)
from bot.reports.messages.small_print import compared_note, small_print
from bot.reports.messages.status import state_lines, well_words
from bot.reports.messages.suggestions import ask
from bot.slack import openers
from bot.slack.blocks import (
    Element,
    actions,
    button,
    clip_mrkdwn,
    context,
    divider,
    escape,
    header,
    moment,
    paragraphs,
    place,
    section,
)
from bot.slack.message import Block
from bot.wording import capitalized, chosen, plural

REFRESH = "aicost.home.refresh"
BLOCKS = 100
LEAST = 50
"""Minimum number of blocks reserved for the figures."""
BYTES = 240_000
"""Slack accepts views of up to 250 KB."""
ALERTS = 8
"""Budgets (or other subjects) with an open alert."""
RESOLVED = 4
DIGESTS = 10
CONNECTIONS_ALONE = 8
"""Up to this number of connections get a paragraph each; more are packed."""
ALONE_TEXT = 1500
PACKED_TEXT = 400
"""Longest text of a packed connection; the rest of a long reason is under Health."""
STATES = 12
ALERT_TEXT = 3000
CHANNELS_UNKNOWN = (
    "Only digests you created are shown. This app can't see which channels you are in (scopes "
    "channels:read and groups:read)."
)


def home_view(home_data: HomeData) -> dict[str, Any]:
    """Return the tab, within Slack's 100 blocks and 250 KB."""
    blocks: list[Block] = []
    if home_data.next_step is not None:
        blocks += guide(home_data.done)
    blocks += _total(home_data)
    blocks += _alerts(home_data)
    blocks += _figures(home_data)
    blocks += _digests(home_data)
    blocks += _health(home_data)
    settings = managed_blocks(home_data.managed, home_data) if home_data.managed else []
    as_of = (
        f"Updated {moment(home_data.now)}. Times are in your time zone, unless another is named. "
        "Days and months are UTC, as providers bill."
    )
    end = _fitting([*settings, context([as_of])], BLOCKS - LEAST, BYTES // 2)
    start = _fitting(_with_one_primary(blocks), BLOCKS - len(end), BYTES - _bytes(end))
    return _home([*start, *end])


def refused_view(refusal: Denial) -> dict[str, Any]:
    """Return the view of a user who may see nothing here: why, and what to do."""
    return _home([header("AI spend"), section(refusal.reason)])


def failed_view(reference: str) -> dict[str, Any]:
    """Return the view if the content could not be loaded."""
    words = (
        "Something went wrong, so this page can't be shown. Open it again in a minute. "
        f"If it happens again, give your admin this reference: `{reference}`."
    )
    return in_place(words)


def in_place(words: str) -> dict[str, Any]:
    """Return a view that only shows these words."""
    return _home([header("AI spend"), section(words), actions([_refresh()])])


def _home(blocks: Sequence[Block]) -> dict[str, Any]:
    return {"type": "home", "blocks": list(blocks)}


def _with_one_primary(blocks: Sequence[Block]) -> list[Block]:
    """Return the blocks with only their first primary button: it is what to press first."""
    found, result = False, list[Block]()
    for block in blocks:
        if block["type"] == "actions":
            row = []
            for each in block["elements"]:
                is_primary = each.get("style") == "primary"
                row.append({k: v for k, v in each.items() if not (found and k == "style")})
                found = found or is_primary
            block = {**block, "elements": row}
        result.append(block)
    return result


def _fitting(blocks: Sequence[Block], most: int, room: int) -> list[Block]:
    """Return as many blocks as fit; the last one says if more were left out."""
    if len(blocks) <= most and _bytes(blocks) <= room:
        return list(blocks)
    note = context(["Not everything fits here. `/aicost` and `/aicost status` show the rest."])
    kept: list[Block] = []
    left = room - _bytes([note])
    for block in blocks[: most - 1]:
        left -= _bytes([block])
        if left < 0:
            break
        kept.append(block)
    return [*kept, note]


def _bytes(blocks: Sequence[Block]) -> int:
    """Return the maximum size of blocks, in any encoding that Slack may count in."""
    return sum(len(json.dumps(block)) + 2 for block in blocks)


def _total(home_data: HomeData) -> list[Block]:
    summary = home_data.summary
    overall = [_bar_line(each) for each in home_data.overall]
    return [
        header(f"AI spend: {spent_words(summary)}{when(summary)}"),
        section("\n".join([lead_line(summary), *overall])),
        *limit_block(summary),
    ]


def _figures(home_data: HomeData) -> list[Block]:
    summary = home_data.summary
    today, bars = summary.now.date(), dict(home_data.bars)
    blocks: list[Block] = [divider(), header("Providers")]
    are_alone = len(summary.connections) <= CONNECTIONS_ALONE
    most = ALONE_TEXT if are_alone else PACKED_TEXT
    lines = [
        "\n".join(
            [
                clip_mrkdwn(connection_line(each, today), most),
                *(_bar_line(bar) for bar in bars.get(each.name, ())),
            ]
        )
        for each in summary.connections
    ]
    blocks += [section(line) for line in lines] if are_alone else paragraphs(lines)
    if not lines:
        blocks.append(section("You can't see any connection here."))
    above = "\n".join(lines)
    notes = [*compared_note(summary), *small_print(summary, above=above)]
    notes += connections_note(summary)
    if notes:
        blocks.append(context(notes))
    blocks.append(actions(_questions()))
    return blocks


def _questions() -> list[Element]:
    return [
        ask("Why", "why mtd"),
        ask("By model", "mtd by model"),
        ask("Forecast", "forecast"),
        _refresh(),
    ]


def _refresh() -> Element:
    return button("Refresh", REFRESH, "home", spoken="Read this page again")


def _bar_line(each: BudgetStatus) -> str:
    """``████████░░ 84% of the $500 monthly budget, $80.00 left, may be used up about 30 Nov``."""
    target, scope = each.target, each.rule.scope
    of = "" if scope.kind in ("provider", "connection") else f" for {scope_words(scope)}"
    budget = f"{chosen(target.amount)} {target.period} budget{of}"
    if each.actual is None or each.is_least:
        least = least_words(target.amount, each.known or None)
        return f"{budget}: use unknown{least}"
    share = share_of(target.amount, each.actual, target.thresholds)
    words = (
        f"{bar(target.amount, each.actual)} {share} of the {budget}, "
        f"{over_or_left(target.amount, each.actual)}"
    )
    end = used_up_words(target.amount, each.forecast_low, each.crossing_on)
    return f"{words}, {end}" if end else words


def _alerts(home_data: HomeData) -> list[Block]:
    """Return the open alerts, those first that are about what stops requests."""
    messages = home_data.alerts
    if not messages:
        return [section("No open alerts."), *_resolved(home_data)]
    groups = [(each, lines) for each in messages for lines in by_rule(each.lines)]
    groups.sort(key=lambda each: not isinstance(each[1][-1].facts, LimitFacts | LowBalanceFacts))
    unresolved = [line for _, lines in groups for line in lines if line.state != "resolved"]
    blocks: list[Block] = [divider(), header(f"Open alerts ({len(unresolved)})")]
    for each, lines in groups[:ALERTS]:
        state = state_title(lines)
        words = (
            f"{'' if state == 'Open' else f'*{state}:* '}{_sentence(lines, home_data)}\n"
            f"{capitalized(place(each.channel))} · {numbers_and_states(lines)}"
        )
        numbers = ",".join(f"#{line.alert_id}" for line in lines if line.state != "resolved")
        to_acknowledge = sum(line.state in ("open", "snoozed") for line in lines)
        every = "Acknowledge both" if to_acknowledge == 2 else f"Acknowledge all {to_acknowledge}"
        label = "Acknowledge" if to_acknowledge < 2 else every
        message, may_raise = str(each.delivery_id), home_data.managed is not None
        row = actions(act_buttons(lines, numbers, message, label, may_raise=may_raise))
        blocks += [section(clip_mrkdwn(words, ALERT_TEXT)), row]
    if len(groups) > ALERTS:
        blocks.append(section(f"And {len(groups) - ALERTS} more: see All open alerts."))
        blocks.append(actions([ask("All open alerts", "alerts list")]))
    return [*blocks, *_resolved(home_data)]


def _resolved(home_data: HomeData) -> list[Block]:
    """Return what was resolved lately, so that nobody looks for it among the open alerts."""
    found = [escape(each) for each in subjects_with_numbers(home_data.resolved)]
    if not found:
        return []
    rest = len(found) - RESOLVED
    shown = [
        *found[-RESOLVED:],
        *([f"{rest} more (see `/aicost alerts history`)"] if rest > 0 else []),
    ]
    words = f"Resolved in the last {RESOLVED_FOR.days} days: {', '.join(shown)}."
    return [section(words, ask("Resolved alerts", "alerts history"))]


def _sentence(lines: Sequence[AlertLine], home_data: HomeData) -> str:
    """Return an alert with the figure of now, if it is in the bar or the balance below."""
    facts, now = lines[-1].facts, ""
    if isinstance(facts, LowBalanceFacts):
        connections = home_data.summary.connections
        left = next((each.left for each in connections if each.name == facts.connection), None)
        if left is not None and left.remaining is not None:
            end = last_day_words(left, home_data.now.date())
            now = f"{balance_words(left)} left{f', until {end}' if end else ''}"
    else:
        bars = [*home_data.overall, *(each for _, bars in home_data.bars for each in bars)]
        status = next((each for each in bars if each.rule.id == lines[-1].rule_id), None)
        if status is not None and status.actual is not None:
            target = status.target
            now = f"{share_of(target.amount, status.actual, target.thresholds)} used"
    return brief_sentence(lines, now) if now else line_sentence(lines)


def _digests(home_data: HomeData) -> list[Block]:
    blocks: list[Block] = [divider(), header("Your channels")]
    if not home_data.digests:
        blocks.append(section("No digest in your channels yet."))
    blocks += [
        section(digest_line(plan), change_button(plan)) for plan in home_data.digests[:DIGESTS]
    ]
    rest = len(home_data.digests) - DIGESTS
    if rest > 0:
        more = f"And {plural(rest, 'more digest')}: see `/aicost digest list` in a channel."
        blocks.append(context([more]))
    if not home_data.are_channels_known:
        blocks.append(context([CHANNELS_UNKNOWN]))
    blocks.append(actions([openers.new_digest()]))
    return blocks


def _health(home_data: HomeData) -> list[Block]:
    today = home_data.summary.now.date()
    summaries = {each.name: each for each in home_data.summary.connections}
    lead = f"{well_words(home_data.states, home_data.summary)}."
    well = {each.name for each in home_data.summary.connections if each.status == "ok"}
    troubled = [each for each in home_data.states if each.faults or each.name not in well]
    lines = [state_lines(each, summaries.get(each.name), today) for each in troubled[:STATES]]
    if len(troubled) > STATES:
        lines.append(f"And {len(troubled) - STATES} more with problems: see All connections.")
    return [
        divider(),
        header("Health"),
        *paragraphs([lead, *lines]),
        actions([ask("All connections", "status")]),
    ]
