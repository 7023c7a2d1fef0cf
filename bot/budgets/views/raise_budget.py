"""The modal behind *Raise budget*."""

from typing import Any

from bot.budgets.messages.budget_words import rule_words
from bot.budgets.messages.budgets import standing_words
from bot.budgets.models import Budget
from bot.budgets.results import BudgetStatus
from bot.slack.blocks import section
from bot.wording import chosen

RAISE_FORM = "aicost.budget.raise"
AMOUNT = "amount"


def raise_view(standing: BudgetStatus) -> dict[str, Any]:
    """Where the budget stands, and a field for its new amount; `private_metadata` is the rule's
    number and version. Raises `ValueError` for a floor."""
    rule = standing.rule
    if not isinstance(rule.target, Budget):
        raise ValueError("only a budget can be raised")
    return {
        "type": "modal",
        "callback_id": RAISE_FORM,
        "private_metadata": f"{rule.id} {rule.version}",
        "title": _plain("Raise budget"),
        "submit": _plain("Raise"),
        "close": _plain("Cancel"),
        "blocks": [
            section(f"*{rule_words(rule)}*\n{standing_words(standing)}"),
            {
                "type": "input",
                "block_id": AMOUNT,
                "label": _plain(f"New amount in US dollars, {rule.target.period}"),
                "hint": _plain(
                    f"More than {chosen(rule.target.amount)}. The thresholds stay. "
                    "Alerts below the new amounts are resolved, and say so in their threads."
                ),
                "element": {
                    "type": "number_input",
                    "action_id": AMOUNT,
                    "is_decimal_allowed": True,
                    "min_value": "0.01",
                    "max_value": "1000000000",
                },
            },
        ],
    }


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": False}
