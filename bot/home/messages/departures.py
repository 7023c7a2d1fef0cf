"""Messages about users who left a channel or the workspace."""

from dataclasses import dataclass
from typing import Literal

from bot.reports.messages.suggestions import ask
from bot.slack.blocks import text_message
from bot.slack.message import Message
from bot.wording import listed, plural

SETTINGS_NAMED = 10


@dataclass(frozen=True, slots=True)
class UserDeactivated:
    """To a manager: a user was deactivated; what they had set continues."""

    person: str
    digests: tuple[int, ...]
    rules: tuple[int, ...]
    unnamed: int
    """Budgets that mentioned the user, and no longer do."""
    kind: Literal["user_deactivated"] = "user_deactivated"


@dataclass(frozen=True, slots=True)
class OwnerLeftChannel:
    """To a user who left a channel: what they had set there continues."""

    channel: str
    digests: tuple[int, ...]
    rules: tuple[int, ...]
    kind: Literal["owner_left"] = "owner_left"


def person_gone_message(gone: UserDeactivated) -> Message:
    """Return what continues, and what changed."""
    lines = [f"<@{gone.person}> was deactivated in Slack."]
    kept = kept_words(gone.digests, gone.rules)
    if kept:
        lines.append(f"Their settings stay active: {kept}. Change or remove them if needed.")
    if gone.unnamed:
        lines.append(f"They were removed from the mentions of {plural(gone.unnamed, 'budget')}.")
    words = " ".join(lines)
    return text_message(words, ask("All budgets", "budget list"))


def kept_words(digests: tuple[int, ...], rules: tuple[int, ...]) -> str:
    """Return what continues, with its numbers; empty if nothing does."""
    kept = []
    if digests:
        kept.append(_numbered("digest", digests, "digest list"))
    if rules:
        kept.append(_numbered("budget", rules, "budget list"))
    return listed(kept) if kept else ""


def _numbered(noun: str, numbers: tuple[int, ...], words: str) -> str:
    """``digest 1``, ``budgets 1 and 4``; only alerts have a ``#``."""
    shown = [str(number) for number in numbers[:SETTINGS_NAMED]]
    rest = len(numbers) - len(shown)
    more = [f"{rest} more (see `/aicost {words}`)"] if rest else []
    return f"{noun if len(numbers) == 1 else f'{noun}s'} {listed([*shown, *more])}"


def maker_left_message(left: OwnerLeftChannel) -> Message:
    """Return what continues without them, and how to turn it off."""
    kept = kept_words(left.digests, left.rules)
    lines = [
        f"You left <#{left.channel}>.",
        f"Your settings there belong to the channel and stay active: {kept}.",
    ]
    if left.digests:
        lines.append(
            "Anyone in that channel can turn a digest off with "
            f"`/aicost digest off {left.digests[0]}`."
        )
    if left.rules:
        lines.append(f"A manager can remove a budget with `/aicost budget remove {left.rules[0]}`.")
    words = " ".join(lines)
    return text_message(words)
