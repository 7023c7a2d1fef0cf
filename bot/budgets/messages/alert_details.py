"""The answer to *Details*: the current state of an alert, with its drivers in a table."""

from collections.abc import Sequence

from bot.analysis.drivers import Change
from bot.budgets.grouping import by_rule
from bot.budgets.messages.alert import MORE
from bot.budgets.messages.alert_words import line_sentence, numbers_and_states
from bot.budgets.messages.budget_words import rule_words
from bot.budgets.messages.budgets import rule_status_words
from bot.budgets.models import AlertLine, Contributor, LimitFacts
from bot.budgets.results import AlertDetails, DetailedRule
from bot.reports.messages.causes import PRICES, Names, why_sentence
from bot.reports.messages.parts import next_limit_line
from bot.reports.messages.plain_reasons import without_codes
from bot.reports.messages.suggestions import SEE_CSV, ask, csv_of
from bot.slack.blocks import (
    actions,
    bounded,
    context,
    escape,
    header,
    local_moments,
    message_of,
    moment,
    paragraphs,
)
from bot.slack.charts import Amount, Cell, data_table
from bot.slack.message import Block, Message
from bot.wording import UNKNOWN, days, money, signed, window, with_owner
from providers.money import difference
from providers.period import DAY
from providers.redaction import clip

LINES = 12
TABLES = 3
WORDS = 300


def alert_details_message(answer: AlertDetails) -> Message:
    """Render the details, visible only to the user who pressed the button."""
    grouped = by_rule(answer.lines)
    sentences = [f"• {line_sentence(lines)} {_note(lines)}" for lines in grouped[:LINES]]
    if len(grouped) > LINES:
        sentences.append(f"And {len(grouped) - LINES} more: {MORE}.")
    sentences += [
        f"*{rule_words(each.status.rule)}*. {rule_status_words(each.status)}"
        for each in answer.rules[:LINES]
    ]
    changes = [each.change for each in answer.rules[:TABLES] if each.change is not None]
    driven = [*changes, *answer.unusual[:TABLES]]
    sentences += [_why(each, answer) for each in driven]
    blocks: list[Block] = [header("Latest figures"), *paragraphs(sentences)]
    blocks += [_table(each, answer) for each in answer.rules[:TABLES] if each.contributors]
    if not answer.rules and any(line.rule_id is not None for line in answer.lines):
        blocks += paragraphs(["The budget behind this was removed."])
    if answer.next_stop is not None:
        blocks += paragraphs([next_limit_line(answer.next_stop, answer.now.date())])
    blocks += paragraphs(
        [local_moments(escape(clip(each, WORDS))) for each in answer.unknown_limits]
    )
    blocks.append(context([f"Updated {moment(answer.now)}"]))
    buttons = [ask("All budgets", "budget list"), ask("This month by model", "mtd by model")]
    dearer = next((each for each in driven if len(each.why.prices.changes) > PRICES), None)
    if dearer is not None:
        buttons.append(csv_of(f"export {dearer.days.start}..{dearer.days.end - DAY}"))
    blocks.append(actions(buttons))
    return message_of(bounded(blocks, rest=MORE))


def _note(lines: Sequence[AlertLine]) -> str:
    facts = lines[-1].facts
    words = f"{numbers_and_states(lines)}."
    if isinstance(facts, LimitFacts):
        return f"{words} Effect: {without_codes(facts.consequence)}"
    return words


def _why(driven: Change, answer: AlertDetails) -> str:
    today = answer.now.date()
    span = f"{days(driven.days, today)} compared with {days(driven.before, today)} (UTC)"
    words = f"{span}: {why_sentence(driven.why, Names(driven.names, answer.titles))}"
    return f"{words} For all, {SEE_CSV}." if len(driven.why.prices.changes) > PRICES else words


def _table(each: DetailedRule, answer: AlertDetails) -> Block:
    today = answer.now.date()
    owners = [answer.titles.get(one.connection, one.connection) for one in each.contributors]
    labels = with_owner([one.name for one in each.contributors], owners)
    rows: list[list[Cell]] = [
        [
            label,
            Amount(one.used, money(one.used)),
            _change(one),
        ]
        for label, one in zip(labels, each.contributors, strict=True)
    ]
    head = ["What", days(each.period, today), "Change"]
    caption = f"Compared with {window(each.before, today)}"
    return data_table(caption, head, rows)


def _change(one: Contributor) -> Cell:
    """Return the difference of the amounts as shown: with it, a phone needs no column more."""
    if one.used_before is None:
        return UNKNOWN
    moved = difference(one.used, one.used_before)
    return Amount(moved, signed(moved))
