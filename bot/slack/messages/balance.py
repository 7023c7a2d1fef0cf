"""The answer to "how much is left, and until when?"."""

from bot.slack.blocks import actions, bounded, context, header, paragraphs, section
from bot.slack.message import Block, Message
from bot.slack.messages.asking import ask, scoped, share
from bot.slack.messages.parts import left_words, stop_line
from bot.slack.text import moment, name
from bot.spend.query import text_of
from bot.spend.query_types import Balance
from bot.spend.summary import ConnectionSummary, Summary

SPOKEN = 12


def balance_message(asked: Balance, summary: Summary) -> Message:
    """Each prepaid connection's balance, burn and runway; then what bites first."""
    today = summary.now.date()
    prepaid = [each for each in summary.connections if each.left]
    postpaid = [each for each in summary.connections if not each.left]
    lines = [_line(summary, each, strong="*") for each in prepaid]
    said = [_line(summary, each, strong="") for each in prepaid[:SPOKEN]]
    if not prepaid:
        lines = said = ["Nothing here is prepaid, so there is no balance to run out."]
    blocks: list[Block] = [header("Prepaid balances"), *paragraphs(lines)]
    if summary.earliest_stop:
        stop = stop_line(summary.earliest_stop, today)
        blocks.append(section(f"*Earliest stop:* {stop}"))
        said = [*said, f"Earliest stop: {stop}."]
    notes = [note for each in prepaid[:SPOKEN] if (note := _read(each))]
    if postpaid:
        names = ", ".join(name(each.title) for each in postpaid[:SPOKEN])
        notes.append(f"Without a balance, billed afterwards or not declared: {names}")
    if notes:
        blocks.append(context(notes))
    blocks.append(
        actions([ask("What was used", scoped(asked.scope, "mtd")), share(text_of(asked))])
    )
    return Message(" ".join(said), bounded(blocks))


def _line(summary: Summary, connection: ConnectionSummary, *, strong: str) -> str:
    if connection.left is None:
        return name(connection.title)
    words = left_words(connection.left, summary.now.date(), strong=strong)
    return f"{strong}{name(connection.title)}{strong}: {words}."


def _read(connection: ConnectionSummary) -> str | None:
    if connection.left is None or connection.left.read_at is None:
        return None
    return f"{name(connection.title)}: balance read {moment(connection.left.read_at)}"
