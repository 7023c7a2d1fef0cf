"""The setup guide: finished steps, and the next one."""

from collections.abc import Mapping

from bot.home.models import STEPS, Step
from bot.slack import openers
from bot.slack.blocks import Element, actions, divider, header, section
from bot.slack.message import Block
from providers.catalog import KEY_VARIABLES

_DONE: Mapping[Step, str] = {
    "connected": "A provider is connected",
    "synced": "First figures are in",
    "digest": "A channel gets a digest",
    "budget": "A budget sends alerts",
}
_NEXT: Mapping[Step, str] = {
    "connected": (
        f"Connect a provider. The person who runs aicost sets {KEY_VARIABLES} and restarts it; "
        "`aicost doctor` says what is missing."
    ),
    "synced": (
        "The first figures are being loaded. A year takes a minute or two. If nothing comes, the "
        "health section below says why."
    ),
    "digest": "Choose a channel that gets the figures every morning.",
    "budget": "Set a budget, so that a channel gets alerts in time. A manager can do this.",
}


def guide(done: frozenset[Step]) -> list[Block]:
    """Return the steps, each done or open, and a button for the next one."""
    ahead = next(step for step in STEPS if step not in done)
    lines = [
        f"{number}. {_DONE[step]}: {'done' if step in done else 'not yet'}"
        for number, step in enumerate(STEPS, start=1)
    ]
    blocks: list[Block] = [
        header("Welcome to aicost"),
        section("\n".join(lines)),
        section(f"*Next:* {_NEXT[ahead]}"),
    ]
    button = _BUTTONS.get(ahead)
    if button is not None:
        blocks.append(actions([button()]))
    return [*blocks, divider()]


def _primary_digest() -> Element:
    return openers.new_digest() | {"style": "primary"}


def _primary_budget() -> Element:
    return openers.new_budget() | {"style": "primary"}


_BUTTONS = {"digest": _primary_digest, "budget": _primary_budget}
