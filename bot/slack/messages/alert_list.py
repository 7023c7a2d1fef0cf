"""Answers about alerts: the open ones, those that are over, and what a press did."""

from bot.slack.blocks import actions, bounded, header, paragraphs, section
from bot.slack.message import Message
from bot.slack.messages.alert_words import line_sentence, state_words
from bot.slack.messages.asking import ask
from bot.slack.text import escape, listed, name, plural
from bot.spend.watching.rule_answers import AlertChanged, AlertListing, ListedAlert

LISTED = 30


def alert_listing_message(answer: AlertListing) -> Message:
    """Each with its number, its figures and its state."""
    other = (
        ask("Those that are over", "alerts history")
        if answer.which == "open"
        else ask("Open alerts", "alerts list")
    )
    if not answer.alerts:
        words = (
            "No alert is open."
            if answer.which == "open"
            else "No alert ended within the last 90 days."
        )
        return Message(words, (section(words), actions([other])))
    title = "Open alerts" if answer.which == "open" else "Alerts that are over"
    lines = [_listed(each) for each in answer.alerts[:LISTED]]
    rest = len(answer.alerts) - len(lines)
    if rest:
        lines.append(f"And {plural(rest, 'more alert')}.")
    said = " ".join(lines).replace("*", "").replace("\n", " ")
    return Message(
        f"{title}: {said}", bounded([header(title), *paragraphs(lines), actions([other])])
    )


def alert_changed_message(answer: AlertChanged) -> Message:
    """What the press did, or why nothing."""
    number = f"Alert #{answer.line.alert_id}"
    if answer.already == "resolved":
        words = f"{number} is over already, so there is nothing to do: {state_words(answer.line)}."
    elif answer.already == "acknowledged":
        words = f"{number} was {state_words(answer.line)} before you."
    else:
        if answer.with_it:
            numbers = [f"#{alert}" for alert in (answer.line.alert_id, *answer.with_it)]
            number = f"Alerts {listed(numbers)}"
        words = f"Done. {number}: {state_words(answer.line)}."
    return Message(words, (section(words), actions([ask("Open alerts", "alerts list")])))


def _listed(each: ListedAlert) -> str:
    line = each.line
    words = f"*#{line.alert_id}* in <#{each.channel}>: {line_sentence(line)}\n{state_words(line)}"
    if not each.is_delivered:
        why = f" ({name(each.trouble)})" if each.trouble else ""
        words += f". {escape('Not delivered to the channel')}{why}"
    return words
