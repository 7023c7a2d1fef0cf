"""Messages to an owner or manager: what could not be posted where, why, and how to fix it."""

from dataclasses import dataclass
from typing import Literal

from bot.access.models import conversation_kind
from bot.budgets.messages.alert import notice_message
from bot.budgets.models import Notice
from bot.json_codec import JsonCodec
from bot.reports.messages.suggestions import ask
from bot.slack.blocks import actions, button, message_of, name, place, section
from bot.slack.message import FIXES, NO_APPS, Block, FailureReason, Message
from bot.slack.openers import RESUME

CLEAR: tuple[FailureReason, ...] = ("archived", "channel_gone", "not_in_channel", "shared_outside")
"""What `FIXES` says as exactly as Slack's error code."""


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A message to an owner or manager about what could not be posted."""

    what: str
    channel: str
    trouble: FailureReason
    code: str
    """Slack's error code, with details."""
    digest_id: int | None = None
    """If set, a button resumes this digest."""
    notice: Notice | None = None
    """If set, the alert itself, so that nothing is lost with the channel."""
    is_ahead: bool = False
    """Nothing was lost yet: this is what would be."""
    kind: Literal["undelivered"] = "undelivered"


UNDELIVERED: JsonCodec[Undelivered] = JsonCodec(Undelivered)


def undelivered_message(failed: Undelivered) -> Message:
    """Return what was not delivered, what to do, and, for an alert, the alert itself."""
    could = "can't be posted any more" if failed.is_ahead else "could not be posted"
    no_apps = NO_APPS.get(conversation_kind(failed.channel))
    is_gone = failed.trouble in ("channel_gone", "not_in_channel")
    fix = no_apps if no_apps and is_gone else FIXES[failed.trouble]
    code = "" if failed.trouble in CLEAR else f" ({name(failed.code, 150)})"
    words = f"{failed.what} {could} in {place(failed.channel)}{code}. {fix}"
    blocks: list[Block] = [section(words)]
    if failed.is_ahead:
        blocks.append(actions([ask("All budgets", "budget list")]))
    if failed.digest_id is not None:
        blocks.append(
            actions([button("Resume the digest", RESUME, str(failed.digest_id), style="primary")])
        )
    if failed.notice is not None:
        blocks += notice_message(failed.notice).blocks
    return message_of(blocks)
