"""The buttons that open modals, for all messages and views."""

from bot.slack.blocks import Element, button

NEW_BUDGET = "aicost.open.budget"
NEW_LOW_BALANCE = "aicost.open.floor"
CHANGE_RULE = "aicost.open.change"
DIGEST = "aicost.open.digest"
ROUTING = "aicost.open.routing"
"""Of older messages. It lists the budgets, each of which has its form."""
ANOMALIES = "aicost.open.spikes"
BALANCE = "aicost.open.balance"
INVOICE = "aicost.open.invoice"
VISIBILITY = "aicost.open.visibility"

ASK = "aicost.answer.ask"
"""Sends the command in its value to `/aicost`; opens nothing."""
RESUME = "aicost.digest.resume"
"""Resumes a paused digest; opens nothing."""


def new_budget() -> Element:
    """Return the button that opens the budget modal."""
    return button("Add budget", NEW_BUDGET, "new")


def new_low_balance() -> Element:
    """Return the button that opens the modal of a low-balance alert."""
    return button("Add low-balance alert", NEW_LOW_BALANCE, "new")


def change_rule(rule: int) -> Element:
    """Return the button that opens the modal to change or remove a budget or low-balance alert."""
    return button("Change", CHANGE_RULE, str(rule), spoken=f"Change budget {rule}")


def new_digest() -> Element:
    """Return the button that opens the digest modal for a new digest."""
    return button("Add digest", DIGEST, "new")


def change_digest(digest: int) -> Element:
    """Return the button that opens the digest modal for an existing digest."""
    return button("Change", DIGEST, str(digest), spoken=f"Change digest {digest}")


def balance() -> Element:
    """Return the button that opens the modal to enter a prepaid balance."""
    return button("Enter a balance", BALANCE, "new")


def invoice(month: str, scope: str | None) -> Element:
    """Return the button that opens the modal to enter an invoice. `month` is as in ``2026-10``."""
    return button("Enter invoice", INVOICE, f"{month} {scope or ''}".strip())


def anomalies() -> Element:
    """Return the button that opens the modal of the channels that get anomaly alerts."""
    return button("Set anomaly alerts", ANOMALIES, "new")


def visibility() -> Element:
    """Return the button that opens the modal of visibility rules."""
    return button("Choose who sees what", VISIBILITY, "new")
