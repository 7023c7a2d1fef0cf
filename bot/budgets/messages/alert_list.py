"""Answers about alerts: the open ones, the resolved ones, and the result of a press."""

from collections.abc import Sequence
from dataclasses import replace

from bot.budgets.grouping import by_rule
from bot.budgets.messages.alert_words import line_sentence, numbers_and_states, state_words
from bot.budgets.models import DataOutageFacts
from bot.budgets.results import AlertChanged, AlertListing, ListedAlert
from bot.language.text import filter_text
from bot.reports.messages.suggestions import ask, page_of
from bot.slack.blocks import (
    actions,
    context,
    escape,
    header,
    message_of,
    moment,
    place,
    section,
    text_message,
)
from bot.slack.message import Message
from bot.wording import listed, plural

ALERTS_PER_PAGE = 15
"""Lines per page."""


def alert_listing_message(answer: AlertListing) -> Message:
    """Return one line per rule with its figures, and the number and state of each alert, in
    pages."""
    is_open = answer.which == "open"
    command = "alerts list" if is_open else "alerts history"
    other = (
        ask("Resolved alerts", "alerts history") if is_open else ask("Open alerts", "alerts list")
    )
    alerts = {each.line: each for each in answer.alerts}
    groups = [
        [alerts[line] for line in lines] for lines in by_rule(each.line for each in answer.alerts)
    ]
    if not groups:
        everything = [ask("All open alerts", "alerts list")] if answer.is_filtered else []
        return text_message(_nothing(answer, command), *everything, other)
    page = page_of(
        groups,
        answer.only.page,
        ALERTS_PER_PAGE,
        lambda number: f"{command} {filter_text(answer.only, number)}".strip(),
    )
    period = answer.only.period
    kind = "open " if is_open else "" if period else "resolved "
    count = plural(len(answer.alerts), f"{kind}alert") + (f", {period.words}" if period else "")
    blocks = [header(count), *(section(_listed(each)) for each in page.shown)]
    notes = [*_fresh(page.shown), *page.notes]
    if notes:
        blocks.append(context(notes))
    return message_of([*blocks, actions([*page.buttons, other])])


def alert_changed_message(answer: AlertChanged) -> Message:
    """Return what the press did, or why it did nothing."""
    number = f"Alert #{answer.line.alert_id}"
    if answer.already == "resolved":
        words = f"Nothing to do: {number} is already {state_words(answer.line)}."
    elif answer.already == "acknowledged":
        words = f"{number} was {state_words(answer.line)} before you."
    elif answer.already == "snoozed":
        words = f"Nothing changed: {number} is already {state_words(answer.line)}."
    else:
        if answer.with_it:
            numbers = [f"#{alert}" for alert in (answer.line.alert_id, *answer.with_it)]
            number = f"Alerts {listed(numbers)}"
        words = f"Done. {number}: {state_words(answer.line)}."
    return text_message(words, ask("Open alerts", "alerts list"))


def _nothing(answer: AlertListing, command: str) -> str:
    if answer.is_filtered:
        where = f" in <#{answer.only.channel}>" if answer.only.channel else ""
        what = filter_text(replace(answer.only, channel=None))
        return f"No alert matches “{escape(f'{command} {what}'.strip())}”{where}."
    if answer.which == "open":
        return "No open alerts."
    return "No alert was resolved in the last 90 days."


def _fresh(shown: Sequence[Sequence[ListedAlert]]) -> list[str]:
    """Return the age of the figures, which are those of each alert's crossing."""
    facts = [each[-1].line.facts for each in shown]
    read = [each.as_of for each in facts if not isinstance(each, DataOutageFacts)]
    if not read:
        return []
    newest = f" to {moment(max(read))}" if moment(max(read)) != moment(min(read)) else ""
    return [f"Figures as of each alert: {moment(min(read))}{newest}"]


def _listed(alerts: Sequence[ListedAlert]) -> str:
    lines = [each.line for each in alerts]
    words = f"{line_sentence(lines)}\n{numbers_and_states(lines)}, in {place(alerts[-1].channel)}"
    lost = [each for each in alerts if not each.is_delivered]
    if lost:
        numbers = listed([f"#{each.line.alert_id}" for each in lost])
        which = f" ({numbers})" if len(lost) < len(alerts) else ""
        words += f". Not delivered to the channel{which}: see `/aicost status`"
    return words
