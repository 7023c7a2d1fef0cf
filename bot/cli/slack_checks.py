"""The checks of `aicost doctor` that ask Slack: tokens, scopes, hosts and WebSockets."""

import asyncio
from collections.abc import Sequence

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.cli.checks import Finding, check_encrypted, faults
from bot.config.intervals import PRODUCTION
from bot.config.route import route_text
from bot.config.settings import SlackSettings
from bot.db.database import Database
from bot.db.engine import for_people
from bot.db.schema import is_outdated, missing
from bot.process_health import OTHER_BOT_REMEDY
from bot.serve import slack_tokens
from bot.slack.app import SlackTokens
from bot.slack.auth import check_app_token, sign_in
from bot.slack.clients import hosts_of_answers, new_session, reach, web_client
from bot.slack.errors import SlackSetupError, SlackUnreachable
from bot.slack.socket import SocketsBlocked, count_connections
from providers.http import OnDate

REQUIRED_SCOPES = ("chat:write", "commands", "users:read")
"""The app does not work without each of these."""
USEFUL_SCOPES = ("app_mentions:read", "channels:read", "groups:read", "im:history")
"""The manifest requests these too. Without one of them the bot asks a manager more often."""
OPTIONAL_SCOPES = ("chat:write.public", "files:write", "im:write", "usergroups:read")
"""The manifest's `bot_optional`."""
REINSTALL = (
    "Add them at api.slack.com/apps, your app, OAuth & Permissions, then reinstall the app to the "
    "workspace."
)
NEW_MANIFEST = (
    "Paste what `aicost manifest` prints at api.slack.com/apps, your app, App Manifest. Then "
    "reinstall the app to the workspace. See docs/reference/slack-scopes.md."
)
"""An app made from an earlier manifest also lacks the newer events."""


async def check_slack(
    slack: SlackSettings, pause: float, on_date: OnDate | None
) -> Sequence[Finding]:
    """Check that Slack accepts the tokens, that they have the scopes, and that answers reach Slack.
    `pause` is the seconds between two tries."""
    if not slack.is_configured:
        message = "Slack isn't configured. sync, ask and export work without it."
        remedy = "Set SLACK_BOT_TOKEN, and SLACK_APP_TOKEN or SLACK_SIGNING_SECRET."
        return [Finding("Slack", "warning", message, remedy)]
    plain = check_encrypted("Slack", slack.api_url, "SLACK_API_URL")
    if problems := slack.problems():
        return [*plain, *faults("Slack", problems)]
    tokens = slack_tokens(slack)
    async with new_session(on_date) as session:
        client = web_client(tokens.bot_token, tokens.api_url, session)
        checks = [_bot_token(client, pause)]
        if tokens.app_token is not None:
            checks.append(_app_token(client, tokens.app_token, pause))
        checks += [_host(session, host) for host in hosts_of_answers(tokens.api_url)]
        findings = await asyncio.gather(*checks)
    return [*plain, *dict.fromkeys(findings)]  # out of reach for one, out of reach for the other


async def _host(session: aiohttp.ClientSession, host: str) -> Finding:
    """Check a host of response URLs or uploads, which a firewall must allow."""
    failure = await reach(session, f"https://{host}")
    if failure is None:
        return Finding("Slack", "ok", f"{host} is reachable.")
    is_for_files = host.startswith("files.")
    lost = "Exports can't be sent." if is_for_files else "Answers are sent another way."
    message = f"{host} couldn't be reached: {failure.why}. {lost}"
    way = route_text(f"https://{host}", "set by Slack")
    return Finding("Slack", "warning", message, f"{failure.fix} {way}")


async def check_socket(
    slack: SlackSettings, database_url: str | None, pause: float
) -> Sequence[Finding]:
    """Check that a WebSocket to Slack opens, and that all the app's connections belong to processes
    on this database; None: it can't be asked. `pause` is the seconds between two tries."""
    tokens = slack_tokens(slack)
    try:
        connections = await _connections(tokens, pause)
    except SocketsBlocked as error:
        way = route_text(f"wss://{error.host}", "set by Slack")
        message = f"{error} Without one, Socket Mode doesn't work."
        return [Finding("Slack", "fault", message, f"{error.remedy} {way}")]
    except SlackUnreachable as error:
        message = f"Couldn't check for other bots with these tokens. {error}"
        return [Finding("Slack", "warning", message, error.remedy)]
    known = await _copies_on(database_url) if database_url is not None else None
    if known is None or connections <= known:
        return []
    message = (
        f"Slack connections with these tokens: {connections}. Copies of aicost running on this "
        f"database: {known}."
    )
    return [Finding("Slack", "warning", message, OTHER_BOT_REMEDY)]


async def _connections(tokens: SlackTokens, pause: float) -> int:
    """Count them. An address is good for a short time only, so a second one is tried too."""
    async with new_session() as session:
        client = web_client(tokens.bot_token, tokens.api_url, session)
        try:
            return await count_connections(client, session, tokens.app_token or "")
        except SocketsBlocked:
            await asyncio.sleep(pause)
            return await count_connections(client, session, tokens.app_token or "")


async def _copies_on(url: str) -> int | None:
    """Return how many copies run on the database; None if its tables are an earlier version's."""
    if await asyncio.to_thread(missing, url) is not None:
        return 0
    if await asyncio.to_thread(is_outdated, url):
        return None
    database = Database(url, for_people(PRODUCTION.database))
    try:
        return await database.leases.count_alive()
    finally:
        await database.close()


async def check_bot_token(slack: SlackSettings, pause: float) -> Finding:
    """Check the bot token and its scopes."""
    token = slack.bot_token.get_secret_value() if slack.bot_token else ""
    async with new_session() as session:
        return await _bot_token(web_client(token, slack.api_url, session), pause)


async def check_socket_token(slack: SlackSettings, pause: float) -> Finding:
    """Check that the app-level token opens Socket Mode."""
    token = slack.app_token.get_secret_value() if slack.app_token else ""
    async with new_session() as session:
        return await _app_token(web_client(token, slack.api_url, session), token, pause)


async def _bot_token(client: AsyncWebClient, pause: float) -> Finding:
    try:
        workspace = await sign_in(client, pause=pause)
    except SlackSetupError as error:
        return Finding("Slack", "fault", str(error), error.remedy)
    if not workspace.scopes:
        message = "The bot token works. Slack didn't list its scopes, so they weren't checked."
        remedy = (
            "Compare them with docs/reference/slack-scopes.md. "
            "A proxy may remove the header X-OAuth-Scopes."
        )
        return Finding("Slack", "warning", message, remedy)
    missing, lacking, unused = (
        ", ".join(scope for scope in scopes if scope not in workspace.scopes)
        for scopes in (REQUIRED_SCOPES, USEFUL_SCOPES, OPTIONAL_SCOPES)
    )
    if missing:
        message = f"The bot token is missing scopes: {missing}."
        return Finding("Slack", "fault", message, REINSTALL)
    if lacking:
        message = f"The bot token works, but is missing scopes: {lacking}."
        return Finding("Slack", "warning", message, NEW_MANIFEST)
    optional = f" Optional scopes not granted: {unused}." if unused else ""
    return Finding("Slack", "ok", f"The bot token works and has its scopes.{optional}")


async def _app_token(client: AsyncWebClient, app_token: str, pause: float) -> Finding:
    try:
        await check_app_token(client, app_token, pause=pause)
    except SlackSetupError as error:
        return Finding("Slack", "fault", str(error), error.remedy)
    return Finding("Slack", "ok", "The app-level token works.")
