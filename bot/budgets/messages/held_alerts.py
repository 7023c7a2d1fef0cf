"""One message in place of alerts that may have been posted before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.budgets.grouping import by_rule
from bot.budgets.messages.alert_words import (
    line_sentence,
    mention_words,
    numbers_and_states,
)
from bot.budgets.models import AlertLine
from bot.json_codec import JsonCodec
from bot.reports.messages.suggestions import ask
from bot.slack.blocks import actions, message_of, moment, section
from bot.slack.message import Message
from bot.wording import plural

LINES = 15
HELD = "held:"
"""Prefix of the keys of these messages in the outbox."""


@dataclass(frozen=True, slots=True)
class HeldAlerts:
    """The alerts of one channel that were found after the database's records had a gap."""

    since: datetime
    until: datetime
    lines: tuple[str, ...]
    """Mrkdwn."""
    kind: Literal["held_alerts"] = "held_alerts"


HELD_ALERTS: JsonCodec[HeldAlerts] = JsonCodec(HeldAlerts)


def held_lines(lines: Sequence[AlertLine]) -> tuple[str, ...]:
    """Return one line per rule, with the numbers of its alerts, and then the people to notify."""
    groups = by_rule(lines)
    shown = [f"{line_sentence(each)} ({numbers_and_states(each)})" for each in groups[:LINES]]
    if more := len(groups) - len(shown):
        shown.append(f"See `/aicost alerts list` for {plural(more, 'more alert')}.")
    if mentions := mention_words(lines):
        shown.append(mentions)
    return tuple(shown)


def held_alerts_message(held: HeldAlerts) -> Message:
    """Return why they were not posted one by one, and what they are."""
    words = (
        f"aicost has no records from {moment(held.since)} to {moment(held.until)}: it didn't run, "
        "or its database was put back to an earlier state. To post nothing twice, it doesn't post "
        "the alerts and digests of that time. These alerts are open:"
    )
    button = ask("Open alerts", "alerts list")
    return message_of([section(words), *map(section, held.lines), actions([button])])
