"""The modals of reports: ask a question, choose where to share an answer, declare a prepaid
balance."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from bot.language.amounts import dollars
from bot.language.commands import BalanceAdd, BalanceSet
from bot.ledger.models import Connection
from bot.scope import Scope
from bot.slack.blocks import context
from bot.slack.fields import (
    Option,
    any_channel,
    field,
    form,
    line,
    number,
    picked_day,
    radio,
    select,
)
from bot.slack.forms import FormErrors, Submission
from bot.wording import tidy
from providers.catalog import example

ASK_SHORTCUT = "aicost_ask"
HERE_SHORTCUT = "aicost_ask_here"
QUESTION_FORM = "aicost.question.form"
HERE_FORM = "aicost.question.here"
SHARE_FORM = "aicost.share.form"
CHANNEL = "channel"
QUESTION = "question"
EXAMPLES = (
    f"For example: {example('postpaid')} last week by model · balance · why yesterday · forecast"
    " · help"
)
BALANCE_FORM = "aicost.balance.form"
CONNECTION = "connection"
KIND = "kind"
AMOUNT = "amount"
AT = "at"
EXPIRES = "expires"
_LEFT, _BOUGHT = "left", "bought"


def question_view() -> dict[str, Any]:
    """Return the modal of a question. Its answer appears in it, visible to the requester only."""
    return form(
        QUESTION_FORM,
        "Ask about AI costs",
        "Ask",
        [field(QUESTION, "What do you want to know?", line("mtd")), context([EXAMPLES])],
    )


def question_here_view(channel: str, thread_ts: str) -> dict[str, Any]:
    """Return the modal of a question that is answered publicly in a message's thread."""
    return form(
        HERE_FORM,
        "Answer with AI costs",
        "Answer in the thread",
        [
            field(
                QUESTION,
                "What should be answered there?",
                line("mtd"),
                hint="Everyone in the channel sees the answer with your name.",
            ),
            context([EXAMPLES]),
        ],
        metadata=f"{channel} {thread_ts}",
    )


def share_view(words: str) -> dict[str, Any]:
    """Return the modal that asks where to share. `words` is the command, kept as the
    `private_metadata`."""
    return form(
        SHARE_FORM,
        "Share to channel",
        "Share",
        [
            field(
                CHANNEL,
                "Channel",
                any_channel(),
                hint="Everyone there sees it with your name. It shows only what that "
                "channel may see.",
            )
        ],
        metadata=words,
    )


def balance_view(accounts: Sequence[Connection], today: date) -> dict[str, Any]:
    """Return the modal, which offers these connections. Raises `ValueError` if there is no
    connection."""
    if not accounts:
        raise ValueError("no account takes a declared balance")
    connections = [Option(tidy(each.title), each.name) for each in accounts]
    return form(
        BALANCE_FORM,
        "Prepaid balance",
        "Save",
        [
            field(CONNECTION, "Connection", select(connections, connections[0].value)),
            field(
                KIND,
                "What you are entering",
                radio(
                    [
                        Option("What was left in total", _LEFT),
                        Option("What was bought since a balance was entered", _BOUGHT),
                    ],
                    _LEFT,
                ),
            ),
            field(AMOUNT, "US dollars", number(least="0", decimals=True)),
            field(
                AT,
                "At the start of this UTC day",
                picked_day(today),
                hint="Empty: now.",
                optional=True,
            ),
            field(
                EXPIRES,
                "Unused credit expires on",
                picked_day(None),
                hint="Empty: a balance doesn't expire; purchases expire after a year.",
                optional=True,
            ),
            context(["What is left is then estimated: this amount minus later spend."]),
        ],
    )


def read_balance(sent: Submission, today: date) -> BalanceSet | BalanceAdd | FormErrors:
    """Return the command, or what to fix under each field."""
    is_bought = sent.text(KIND) == _BOUGHT
    amount = dollars(sent.text(AMOUNT))
    if amount is None and sent.text(AMOUNT).strip("0.") == "" and not is_bought:
        amount = Decimal(0)
    at, expires = sent.day(AT), sent.day(EXPIRES)
    errors = {}
    if amount is None:
        errors[AMOUNT] = "Enter an amount above $0."
    if at is not None and at > today:
        errors[AT] = "That day is in the future."
    if expires is not None and expires <= (at or today):
        errors[EXPIRES] = "Credit can't expire before it was bought."
    if errors or amount is None:
        return FormErrors(errors)
    command = BalanceAdd if is_bought else BalanceSet
    return command(Scope("connection", sent.text(CONNECTION)), amount, at, expires)
