"""Send notifications to Slack: each kind of content has its message."""

from bot.budgets.alerts import EpisodeEnd, Notice
from bot.budgets.messages.alert import episode_end_message, notice_message
from bot.digests.messages.digest import digest_message
from bot.digests.models import Digest
from bot.home.messages.departures import maker_left_message, person_gone_message
from bot.notifications.messages import undelivered_message
from bot.notifications.notifier import Content, OwnerLeftChannel, Undelivered, UserDeactivated
from bot.slack.message import Message
from bot.slack.notifier import SlackNotifier

PERSON_PREFIXES = ("U", "W")


class MessageNotifier:
    """`bot.notifications.notifier.Notifier` over Slack's Web API."""

    def __init__(self, notifier: SlackNotifier) -> None:
        self._notifier = notifier

    async def auth_test_ok(self) -> bool:
        """Whether Slack takes the token now; False too where it does not answer."""
        return await self._notifier.auth_test_ok()

    async def post(self, channel: str, content: Content, thread_ts: str | None = None) -> str:
        """Post; a person's id stands for the direct messages with them."""
        where = channel
        if channel.startswith(PERSON_PREFIXES):
            where = await self._notifier.open_dm(channel)
        return (await self._notifier.post(where, message_of(content), thread_ts)).ts

    async def edit(self, channel: str, ts: str, content: Content) -> None:
        """Put new content in place of a message's."""
        await self._notifier.update(channel, ts, message_of(content))


def message_of(content: Content) -> Message:
    """How any content reads."""
    match content:
        case Notice():
            return notice_message(content)
        case EpisodeEnd():
            return episode_end_message(content)
        case Undelivered():
            return undelivered_message(content)
        case UserDeactivated():
            return person_gone_message(content)
        case OwnerLeftChannel():
            return maker_left_message(content)
        case Digest():
            return digest_message(content)
