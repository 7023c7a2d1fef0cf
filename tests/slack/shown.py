"""What a message shows: its text, its buttons and its menus."""

from collections.abc import Callable
from datetime import UTC, datetime

from bot.language.commands import Spend
from bot.ledger.models import Dimension
from bot.reports.messages.sharing import shared
from bot.reports.models import (
    ConnectionSummary,
    SpendAnswer,
    Summary,
)
from bot.slack.charts import charts_as_text
from bot.slack.message import Message
from bot.slack.text_renderer import plain_text
from simulators.slack.limits import blocks_problems
from tests.harness.answers import render

Make = Callable[..., ConnectionSummary]
Summarise = Callable[..., Summary]
AT = datetime(2026, 11, 24, 12, tzinfo=UTC)


def answered(summary: Summary, by: Dimension | None = None) -> Message:
    """The message that answers the question behind a summary."""
    asked = Spend(summary.scope, summary.period, summary.period_words, by, "mtd")
    return render(SpendAnswer(asked, summary))


def check(message: Message) -> str:
    """Slack takes it, with and without charts; all that it says."""
    for one in (message, charts_as_text(message), shared(message, "Ana", AT)):
        assert not blocks_problems(list(one.blocks), "message")
        assert len(one.blocks) <= 50
        assert len({block.get("block_id") for block in one.blocks} - {None}) == sum(
            "block_id" in block for block in one.blocks
        )
    assert message.text
    return message.text + "\n" + plain_text({"blocks": message.blocks})


def values(message: Message) -> list[str]:
    """What the message's buttons would ask, in order."""
    return [
        element["value"]
        for block in message.blocks
        if block["type"] == "actions"
        for element in block["elements"]
        if element["type"] == "button"
    ]


def choices(message: Message) -> dict[str, list[str]]:
    """What the message's menus would ask, by the menu's name."""
    return {
        element["placeholder"]["text"]: [option["value"] for option in element["options"]]
        for block in message.blocks
        if block["type"] == "actions"
        for element in block["elements"]
        if element["type"] == "static_select"
    }


def mrkdwn(message: Message) -> list[str]:
    """Every text of a message in which Slack reads marks and mentions."""
    found = [message.text]

    def walk(node: object) -> None:
        if isinstance(node, dict):
            if node.get("type") == "mrkdwn":
                found.append(str(node["text"]))
            for value in node.values():
                walk(value)
        elif isinstance(node, list | tuple):
            for value in node:
                walk(value)

    walk(list(message.blocks))
    return found
