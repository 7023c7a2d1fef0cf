"""Two periods or two providers compared in one table."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from bot.currency.messages import reporting_lines
from bot.language.commands import Export, Spend
from bot.language.references import is_channel, reference
from bot.language.text import text_of
from bot.reports.messages.parts import spent_words, titles_of
from bot.reports.messages.small_print import small_print
from bot.reports.messages.spend import SUMMED
from bot.reports.messages.suggestions import all_rows, ask, csv_of, share_costs
from bot.reports.models import CompareAnswer, Summary
from bot.slack.blocks import actions, context, escape, header, message_of, name, section
from bot.slack.charts import Amount, Cell, data_table
from bot.slack.message import Block, Message
from bot.wording import (
    UNKNOWN,
    days,
    money,
    more_or_less,
    plural,
    signed,
    tidy,
    window,
    with_id,
    with_owner,
)
from providers.money import difference, total

ROWS = 20
_CHANNEL = "One channel"
_CHANNELS = ("First channel", "Second channel")
Key = tuple[str, str, str | None]
"""A row's name, connection and id: two keys of one name are two rows."""
Row = tuple[str, Decimal | None, Decimal | None]
"""A name, with its spend on both sides; None: unknown."""


def compare_message(found: CompareAnswer) -> Message:
    """Return both figures and their difference, then each part of them. Of two periods the earlier
    one comes first, however they were typed."""
    answer = _earlier_first(found)
    first, second = answer.first, answer.second
    labels = _labels(answer)
    title = f"{labels[0]}: {spent_words(first)} · {labels[1]}: {spent_words(second)}"
    sentence = _sentence(answer, labels)
    spans = dict.fromkeys(window(each.period, each.now.date()) for each in (first, second))
    lead = [escape(sentence), f"{' and '.join(spans)}.", *_reporting(answer), *_places(answer)]
    blocks: list[Block] = [header(title), section("\n".join(lead))]
    by = answer.query.first.by or "connection"
    every = compared_rows(answer)
    rows = [row for row in every if not _is_nothing(row)]
    if rows:
        is_of_channels = by == "channel"
        blocks.append(_channels(rows) if is_of_channels else _table(answer, rows, labels, by))
    notes = list(
        dict.fromkeys(
            note
            for each in (first, second)
            for note in small_print(each, "" if answer.is_of_scopes else each.period_words)
        )
    )
    if left_out := len(every) - len(rows):
        notes.insert(0, f"{plural(left_out, 'row')} left out: $0.00 in both.")
    if len(rows) > ROWS:
        notes.append(all_rows(by))
    blocks += [context(notes)] if notes else []
    each = ((labels[0], answer.query.first), (labels[1], answer.query.second))
    buttons = [ask(label, text_of(query)) for label, query in each]
    if len(rows) > ROWS and by not in ("key", "user", "team", "channel"):
        exports = dict.fromkeys(text_of(_export(query)) for _, query in each)
        buttons += [csv_of(words) for words in exports]
    row = actions([*buttons, *share_costs(answer.query)])
    return message_of(blocks, [row])


def _earlier_first(answer: CompareAnswer) -> CompareAnswer:
    first, second, query = answer.first, answer.second, answer.query
    ends = [(each.period.start, each.period.end) for each in (first, second)]
    if answer.is_of_scopes or ends[0] <= ends[1]:
        return answer
    return CompareAnswer(replace(query, first=query.second, second=query.first), second, first)


def _is_nothing(row: Row) -> bool:
    return all(used == 0 for used in row[1:])


def _reporting(answer: CompareAnswer) -> list[str]:
    """Return both totals in the reporting currency, in the order of the title."""
    first, second = answer.first, answer.second
    is_complete = first.is_complete and second.is_complete
    totals = (first.used_total, second.used_total)
    return reporting_lines(first.reporting, *totals, is_complete=is_complete)


def _export(query: Spend) -> Export:
    words = (query.period_words, query.period_text, query.about)
    return Export(query.scope, query.period, *words)


def compared_rows(answer: CompareAnswer) -> Sequence[Row]:
    """Return each part of both sides, largest first; they add up to the totals. The provider
    follows a name that several have, and then the id."""
    first, second = _parts(answer.first), _parts(answer.second)
    if answer.is_of_scopes or answer.query.first.by in SUMMED:  # the same at two providers
        first, second = _by_name(first), _by_name(second)
    keys = [*first, *(key for key in second if key not in first)]
    titles = {**titles_of(answer.first), **titles_of(answer.second)}
    labels = [name for name, _, _ in keys]
    if answer.query.first.by is not None:
        labels = with_owner(labels, [titles.get(who, who) for _, who, _ in keys])
        labels = with_id(labels, [item_id for _, _, item_id in keys])

    def side(parts: Mapping[Key, Decimal], summary: Summary, key: Key) -> Decimal | None:
        return None if summary.used_total is None else parts.get(key, Decimal(0))

    rows = [
        (
            label,
            side(first, answer.first, key),
            side(second, answer.second, key),
        )
        for label, key in zip(labels, keys, strict=True)
    ]
    return sorted(rows, key=lambda row: -max(row[1] or Decimal(0), row[2] or Decimal(0)))


def _parts(summary: Summary) -> Mapping[Key, Decimal]:
    """Return the rows of the breakdown, or the connections if there is none."""
    if summary.breakdown is not None:
        return {(row.name, row.connection, row.item_id): row.used for row in summary.breakdown.rows}
    return {
        (each.title, each.name, None): each.used
        for each in summary.connections
        if each.used is not None
    }


def _by_name(parts: Mapping[Key, Decimal]) -> Mapping[Key, Decimal]:
    names = dict.fromkeys(name for name, _, _ in parts)
    return {
        (name, "", None): total(used for (other, *_), used in parts.items() if other == name)
        for name in names
    }


def _labels(answer: CompareAnswer) -> tuple[str, str]:
    """Return the names of both sides in plain text, which can't show the name of a channel."""
    labels = _label(answer, answer.first), _label(answer, answer.second)
    return _CHANNELS if labels == (_CHANNEL, _CHANNEL) else labels


def _places(answer: CompareAnswer) -> list[str]:
    """Return which channels are compared. Slack shows their names to those who may see them."""
    abouts = [each.about for each in (answer.first, answer.second)]
    names = [each.name for each in abouts if each and each.kind == "channel" and each.name]
    return [f"Channels: {', '.join(map(_shown, dict.fromkeys(names)))}."] if names else []


def _shown(channel: str) -> str:
    return reference(channel) if is_channel(channel) else name(channel)


def _channels(rows: Sequence[Row]) -> Block:
    """Return the rows in mrkdwn: a table can't have channels that only their members see."""
    lines = [
        f"{_shown(channel)}: {money(one)} → {money(other)}" + _in_brackets(one, other)
        for channel, one, other in _with_others(rows)
    ]
    return section("\n".join(lines))


def _in_brackets(one: Decimal | None, other: Decimal | None) -> str:
    return "" if one is None or other is None else f" ({signed(difference(other, one))})"


def _label(answer: CompareAnswer, summary: Summary) -> str:
    if not answer.is_of_scopes:
        return summary.period_words[:1].upper() + summary.period_words[1:]
    if summary.about is not None:
        if summary.about.kind == "person":
            return "You"
        if summary.about.kind == "channel":
            return _CHANNEL
        return tidy(f"{summary.about.kind.capitalize()} {summary.about.name}")
    titles = [each.title for each in summary.connections]
    return tidy(titles[0] if len(titles) == 1 else (summary.scope and summary.scope.name) or "All")


def _sentence(answer: CompareAnswer, labels: tuple[str, str]) -> str:
    """``This month so far is $22.08 less (−2%) than last month.``"""
    moved = more_or_less(answer.second.used_total, answer.first.used_total)
    if moved is None:
        return "One of the two is unknown, so the difference is unknown."
    if labels == _CHANNELS:
        return f"The second channel is {moved} the first."
    than = labels[0] if answer.is_of_scopes else answer.first.period_words
    return f"{labels[1]} is {moved} {than}."


def _table(answer: CompareAnswer, rows: Sequence[Row], labels: tuple[str, str], by: str) -> Block:
    """Return a row for each part. A phone shows three columns and scrolls to the fourth: the side
    that the sentence compares with, as the earlier period."""
    shown = _with_others(rows)
    if answer.is_of_scopes:
        head = [by.capitalize(), labels[1], "Difference", labels[0]]
        cells = [[label, _cell(two), _moved(one, two), _cell(one)] for label, one, two in shown]
        return data_table(f"Compared by {by}", head, cells)
    caption = f"Change by {by} from {answer.first.period_words} to {answer.second.period_words}"
    later, earlier = [days(each.period, each.now.date()) for each in (answer.second, answer.first)]
    head = [by.capitalize(), later, "Change", earlier]
    cells = [[label, _cell(two), _moved(one, two), _cell(one)] for label, one, two in shown]
    return data_table(caption, head, cells)


def _with_others(rows: Sequence[Row]) -> Sequence[Row]:
    """Return the largest rows, and one for all others."""
    shown, others = list(rows[:ROWS]), rows[ROWS:]
    if others:
        sums = _sum([row[1] for row in others]), _sum([row[2] for row in others])
        shown.append((f"{len(others)} more", *sums))
    return shown


def _sum(amounts: Sequence[Decimal | None]) -> Decimal | None:
    known = [each for each in amounts if each is not None]
    return total(known) if len(known) == len(amounts) else None


def _cell(used: Decimal | None) -> Cell:
    return UNKNOWN if used is None else Amount(used, money(used))


def _moved(one: Decimal | None, other: Decimal | None) -> Cell:
    if one is None or other is None:
        return UNKNOWN
    moved = difference(other, one)
    return Amount(moved, signed(moved))
