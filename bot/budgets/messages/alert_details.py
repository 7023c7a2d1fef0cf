"""The answer to *Details*: where things stand now, with what drives them in a table."""

from collections.abc import Sequence

from bot.analysis.drivers import Change
from bot.budgets.messages.alert import MORE
from bot.budgets.messages.alert_words import line_sentence, numbers_and_states
from bot.budgets.messages.budget_words import rule_words
from bot.budgets.messages.budgets import standing_words
from bot.budgets.models import AlertLine, Contributor, LimitFacts, by_rule
from bot.budgets.results import AlertDetails, DetailedRule
from bot.reports.messages.parts import stop_line
from bot.reports.messages.suggestions import ask
from bot.reports.messages.why import PRICES, Names, why_sentence
from bot.slack.blocks import actions, bounded, context, escape, header, moment, name, paragraphs
from bot.slack.charts import Amount, Cell, data_table
from bot.slack.message import Block, Message
from bot.wording import change, days, money, window
from providers.period import DAY
from providers.redaction import clip

LINES = 12
TABLES = 3


def alert_details_message(answer: AlertDetails) -> Message:
    """Render the details, visible only to the user who pressed the button."""
    grouped = by_rule(answer.lines, lambda line: line)
    sentences = [f"{line_sentence(lines)} {_note(lines)}" for lines in grouped[:LINES]]
    if len(grouped) > LINES:
        more = f"And {len(grouped) - LINES} more: {MORE}."
        sentences.append(more)
    blocks: list[Block] = [header("Details"), *paragraphs([f"• {words}" for words in sentences])]
    said = list(sentences)
    for each in answer.rules[:LINES]:
        words = f"*{rule_words(each.standing.rule)}*. {standing_words(each.standing)}"
        blocks += paragraphs([words])
        said.append(words.replace("*", ""))
    for driven in [*(each.change for each in answer.rules[:TABLES]), *answer.unusual[:TABLES]]:
        if driven is not None:
            words = _why(driven, answer)
            blocks += paragraphs([words])
            said.append(words.replace("*", ""))
    for each in answer.rules[:TABLES]:
        if each.contributors:
            blocks.append(_table(each, answer))
            said.append(_spoken(each))
    if not answer.rules and any(line.rule_id is not None for line in answer.lines):
        blocks += paragraphs(["The budget behind this was removed."])
        said.append("The budget behind this was removed.")
    if answer.next_stop is not None:
        stop = stop_line(answer.next_stop, answer.now.date())
        blocks += paragraphs([f"*Earliest stop:* {stop}."])
        said.append(f"Earliest stop: {stop}.")
    notes = [f"As of {moment(answer.now)}"]
    blocks.append(context(notes))
    blocks.append(
        actions([ask("All budgets", "budget list"), ask("This month by model", "mtd by model")])
    )
    return Message(" ".join(said).replace("`", ""), bounded(blocks, rest=MORE))


def _note(lines: Sequence[AlertLine]) -> str:
    facts = lines[-1].facts
    words = f"{numbers_and_states(lines)}."
    if isinstance(facts, LimitFacts):
        return f"{words} Then: {escape(clip(facts.consequence, 200))}."
    return words


def _why(driven: Change, answer: AlertDetails) -> str:
    today = answer.now.date()
    span = f"{days(driven.days, today)} against {days(driven.before, today)} (UTC)"
    words = f"{span}: {why_sentence(driven.why, Names(driven.names, answer.titles))}"
    if len(driven.why.prices.changes) > PRICES:
        last = driven.days.end - DAY
        words += f" Every row: `/aicost export {driven.days.start}..{last}`."
    return words


def _table(each: DetailedRule, answer: AlertDetails) -> Block:
    today = answer.now.date()
    rows: list[list[Cell]] = [
        [
            one.name,
            answer.titles.get(one.connection, one.connection),
            Amount(one.used, money(one.used)),
            _before(one),
            change(one.used, one.used_before) or "–",
        ]
        for one in each.contributors
    ]
    head = ["What", "Connection", "Used", "Before", "Change"]
    if len({one.connection for one in each.contributors}) == 1:
        head, rows = [head[0], *head[2:]], [[row[0], *row[2:]] for row in rows]
    caption = f"{window(each.period, today)}, compared with {window(each.before, today)}"
    return data_table(caption, head, rows)


def _before(one: Contributor) -> Cell:
    if one.used_before is None:
        return "unknown"
    return Amount(one.used_before, money(one.used_before))


def _spoken(each: DetailedRule) -> str:
    parts = []
    for one in each.contributors[:5]:
        moved = change(one.used, one.used_before)
        parts.append(f"{name(one.name)} {money(one.used)}" + (f", {moved}" if moved else ""))
    return f"Most of it: {'; '.join(parts)}."
