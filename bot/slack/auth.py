"""Sign in: check the tokens before anything uses them.

With a wrong app-level token Bolt's `connect_async()` neither returns nor raises.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.config.intervals import PRODUCTION
from bot.config.route import route_text
from bot.slack.api_errors import error_code_of
from bot.slack.clients import part_of
from bot.slack.errors import SlackSetupError, SlackUnreachable
from providers.connection_errors import ConnectionFailure, connection_failure
from providers.redaction import sanitize

ATTEMPTS = 3
_REFUSED = {
    "invalid_auth": "does not know it",
    "not_authed": "got none",
    "account_inactive": "says that its app was uninstalled",
    "token_revoked": "says that it was revoked",
    "token_expired": "says that it has expired",
    "not_allowed_token_type": "says that it is a token of another kind",
}


@dataclass(frozen=True, slots=True)
class Workspace:
    """The workspace, and the bot user in it."""

    team_id: str
    team: str
    enterprise_id: str | None
    bot_id: str
    bot_user_id: str
    scopes: frozenset[str]
    """Scopes of the bot token; empty if Slack did not return them."""


async def sign_in(
    client: AsyncWebClient, attempts: int = ATTEMPTS, pause: float = PRODUCTION.sign_in
) -> Workspace:
    """Check the bot token. Raises `SlackSetupError`, or `SlackUnreachable` after `attempts` tries
    with `pause` seconds between them."""

    async def call() -> AsyncSlackResponse:
        answer = await client.auth_test()
        for key in ("team_id", "user_id"):
            part_of(answer, key, str)
        return answer

    answer = await _asked(call, "SLACK_BOT_TOKEN", "xoxb-", client.base_url, attempts, pause)
    headers = {key.lower(): value for key, value in answer.headers.items()}
    scopes = str(headers.get("x-oauth-scopes", "")).split(",")
    return Workspace(
        team_id=answer["team_id"],
        team=sanitize(str(answer.get("team") or "")),
        enterprise_id=answer.get("enterprise_id"),
        bot_id=str(answer.get("bot_id") or ""),
        bot_user_id=answer["user_id"],
        scopes=frozenset(scope.strip() for scope in scopes if scope.strip()),
    )


async def app_id(client: AsyncWebClient, workspace: Workspace) -> str | None:
    """Return the app's own id; None if Slack doesn't return it, as without the scope users:read."""
    try:
        return part_of(await client.bots_info(bot=workspace.bot_id), "bot.app_id", str)
    except (SlackApiError, aiohttp.ClientError, TimeoutError, SlackClientError):
        return None


async def check_app_token(
    client: AsyncWebClient,
    app_token: str,
    attempts: int = ATTEMPTS,
    pause: float = PRODUCTION.sign_in,
) -> None:
    """Check the app-level token. Raises as `sign_in` does."""
    await _asked(
        lambda: client.apps_connections_open(app_token=app_token),
        "SLACK_APP_TOKEN",
        "xapp-",
        client.base_url,
        attempts,
        pause,
    )


async def _asked(
    call: Callable[[], Awaitable[AsyncSlackResponse]],
    variable: str,
    kind: str,
    base_url: str,
    attempts: int,
    pause: float,
) -> AsyncSlackResponse:
    """Return the answer of one call with that token, retried while Slack is unreachable."""
    for attempt in range(1, attempts + 1):
        try:
            return await call()
        except SlackApiError as error:
            code = error_code_of(error)
            if code in _REFUSED or code == "missing_scope":
                raise _refused(code, variable, kind) from None
            failure = ConnectionFailure(f"it answers {code}", "Check SLACK_API_URL if it is set.")
        except (aiohttp.ClientError, TimeoutError, SlackClientError, OSError) as error:
            failure = connection_failure(error)
        if attempt < attempts:
            await asyncio.sleep(pause)
    raise SlackUnreachable(
        f"Slack can't be reached or doesn't answer as it should: {failure.why}.",
        f"{failure.fix} {route_text(base_url, 'SLACK_API_URL')}",
    )


def _refused(code: str, variable: str, kind: str) -> SlackSetupError:
    if code == "missing_scope":
        return SlackSetupError(
            f"Slack takes {variable}, which lacks the scope connections:write.",
            "Make an app-level token with connections:write (Basic Information).",
        )
    where = "OAuth & Permissions" if kind == "xoxb-" else "Basic Information, App-Level Tokens"
    return SlackSetupError(
        f"Slack refuses {variable}: it {_REFUSED[code]} ({code}).",
        f"Copy the {kind} token again from api.slack.com/apps, your app, {where}.",
    )
