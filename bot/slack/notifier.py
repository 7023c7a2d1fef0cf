"""Post notifications to channels, threads and users: one call, one try, one clear outcome.

The outbox retries, because it knows what is worth a retry. So the client must have no retry
handlers. Only content that Slack refuses is posted again in a plainer form, at last as text alone.
"""

from dataclasses import dataclass
from typing import Any, Literal

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.api_errors import error_code_of, error_text, is_about_content, to_delivery_error
from bot.slack.blocks import TEXT_LIMIT, clip_mrkdwn
from bot.slack.charts import plainer
from bot.slack.clients import AnswerUnusable, part_of
from bot.slack.inflight import within
from bot.slack.message import DeliveryError, Message, PermanentError, Posted

log = structlog.get_logger(__name__)

PERSON_PREFIXES = ("U", "W")
NOTIFY_SECONDS = 2.0
"""Timeout of each way: the last one must be tried within eight seconds of the request."""


class SlackNotifier:
    """Each call raises `DeliveryError` unless Slack certainly accepted the message."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def post(self, channel: str, message: Message, thread_ts: str | None = None) -> Posted:
        """Post to a channel, or in the thread of a message in it. A user's id means direct
        messages.

        Slack posts a reply to a deleted message at the channel's root, without an error. Such a
        post is deleted again and counts as refused (`message_gone`).
        """
        if channel.startswith(PERSON_PREFIXES):
            channel = await self.open_dm(channel)
        answer = await self._call(
            "chat.postMessage",
            message,
            {
                "channel": channel,
                "unfurl_links": False,
                "unfurl_media": False,
                **({"thread_ts": thread_ts} if thread_ts else {}),
            },
        )
        try:
            posted = Posted(str(answer.get("channel") or channel), part_of(answer, "ts", str))
        except AnswerUnusable as error:
            raise to_delivery_error(error) from None
        stands = answer.get("message")
        if thread_ts and not (isinstance(stands, dict) and stands.get("thread_ts")):
            await self._take_back(posted)
            raise PermanentError("thread_not_found", "message_gone")
        return posted

    async def _take_back(self, posted: Posted) -> None:
        try:
            await self._client.chat_delete(channel=posted.channel, ts=posted.ts)
        except Exception as error:
            log.warning("slack.stray_reply_not_deleted", error=str(to_delivery_error(error)))

    async def update(self, channel: str, ts: str, message: Message) -> None:
        """Replace an earlier message."""
        await self._call("chat.update", message, {"channel": channel, "ts": ts})

    async def post_ephemeral(
        self, channel: str, user: str, message: Message, thread_ts: str | None = None
    ) -> None:
        """Show a message to one user only, in a channel or a thread."""
        where = {"channel": channel, "user": user}
        await self._call(
            "chat.postEphemeral", message, where | ({"thread_ts": thread_ts} if thread_ts else {})
        )

    async def auth_test_ok(self) -> bool:
        """Return True if Slack accepts the token now; False also if it does not answer."""
        try:
            await self._client.auth_test()
        except Exception as error:
            log.debug(
                "slack.not_let_in", error=str(to_delivery_error(error))
            )  # the state is logged already
            return False
        return True

    async def open_dm(self, user: str) -> str:
        """Return the conversation with one user. Without the optional scope `im:write`, return the
        user's id, which `chat.postMessage` accepts as a channel."""
        try:
            answer = await self._client.conversations_open(users=[user])
            return part_of(answer, "channel.id", str)
        except SlackApiError as error:
            if error_code_of(error) == "missing_scope":
                return user
            raise to_delivery_error(error) from None
        except Exception as error:
            raise to_delivery_error(error) from None

    async def _call(self, method: str, message: Message, where: dict[str, Any]) -> dict[str, Any]:
        forms = list(plainer(message))
        for form in forms:
            try:
                return await self._send(method, form, where)
            except SlackApiError as error:
                if form is forms[-1] or not is_about_content(error_code_of(error)):
                    raise to_delivery_error(error, method) from None
                log.warning(
                    "slack.content_refused",
                    method=method,
                    error=error_text(error),
                )
            except Exception as error:
                raise to_delivery_error(error, method) from None
        raise AssertionError("a message has at least one form")

    async def _send(self, method: str, message: Message, where: dict[str, Any]) -> dict[str, Any]:
        body = {
            **where,
            "text": clip_mrkdwn(message.text, TEXT_LIMIT),
            "blocks": list(message.blocks),
        }
        answer = await self._client.api_call(method, json=body)
        return dict(answer.data) if isinstance(answer.data, dict) else {}


@dataclass(frozen=True, slots=True)
class DirectReply:
    """Answers a user by Slack's Web API if there is no response URL or trigger."""

    client: AsyncWebClient
    user: str
    channel: str | None
    """None for a direct message."""
    thread_ts: str | None = None

    async def __call__(
        self,
        message: Message,
        *,
        response_type: Literal["ephemeral", "in_channel"] = "ephemeral",
        replace_original: bool = False,
    ) -> None:
        """Answer this user only, in the same place or else by direct message; or answer everyone in
        the channel. Raises `DeliveryError` or `TimeoutError`."""
        notifier = SlackNotifier(self.client)
        if response_type == "in_channel":
            where = self.channel or self.user
            await within(NOTIFY_SECONDS, notifier.post(where, message, self.thread_ts))
            return
        if self.channel:
            ephemeral = notifier.post_ephemeral(self.channel, self.user, message, self.thread_ts)
            try:
                await within(NOTIFY_SECONDS, ephemeral)
            except (DeliveryError, TimeoutError) as error:
                log.info("slack.not_answered_in_place", error=str(error) or type(error).__name__)
            else:
                return
        await within(NOTIFY_SECONDS, self._by_dm(notifier, message))

    async def _by_dm(self, notifier: SlackNotifier, message: Message) -> None:
        await notifier.post(self.user, message)
