"""The checks of `aicost doctor` that access other systems: the database, each key, Slack."""

import asyncio
import shutil
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.engine import URL

from bot.app import configured, connect_provider, provider_pool
from bot.config.currency import Currency
from bot.config.environment import Problem
from bot.config.intervals import PRODUCTION, Intervals
from bot.config.route import is_plain, route_text
from bot.config.settings import ConnectionSettings, SlackSettings
from bot.config.webhook import URL_VARIABLE, Webhook
from bot.currency.rates import SECONDS, ReferenceRates
from bot.db.address import describe, gone, is_open_to_others, parse, path_of
from bot.db.database import Database
from bot.db.engine import for_people
from bot.db.errors import DatabaseUnavailable
from bot.db.schema import missing, upgrade
from bot.notifications.events import webhook_state
from bot.notifications.models import FAILURES_SHOWN_FOR
from bot.notifications.repository import OutboxRepository
from bot.process_health import OTHER_BOT_REMEDY
from bot.processes import users_of_deleted
from bot.reports.messages.parts import more_keys_words
from bot.reports.repository import read_expiring_keys
from bot.serve import slack_tokens
from bot.slack.auth import check_app_token, sign_in
from bot.slack.clients import hosts_of_answers, new_session, reach, web_client
from bot.slack.errors import SlackSetupError, SlackUnreachable
from bot.slack.socket import count_connections
from bot.wording import listed, tidy
from providers.errors import ProviderError
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
LITTLE_ROOM = 200 * 1024 * 1024
"""Free bytes on the database's disk below which doctor warns: the log of a large ledger may grow by
as much."""
KEYS = 5
"""Most expiring keys that are named."""
FindingState = Literal["ok", "warning", "fault"]


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check."""

    subject: str
    state: FindingState
    message: str
    remedy: str | None = None


def faults(
    subject: str, problems: Sequence[Problem], state: FindingState = "fault"
) -> list[Finding]:
    """Return a finding for each problem of the settings."""
    return [Finding(subject, state, problem.what, problem.remedy) for problem in problems]


def exposed(subject: str, path: Path) -> Finding:
    """Return the finding that every user of this machine can read the file."""
    message = f"Every user of this machine can read {path.absolute()}."
    return Finding(subject, "warning", message, f"chmod 600 {path.absolute()}")


def _plain(subject: str, url: str, variable: str) -> list[Finding]:
    if not is_plain(url):
        return []
    message = f"Keys are sent unencrypted to {url} ({variable})."
    return [Finding(subject, "warning", message, "Use https://.")]


async def check_database(
    url: str, now: datetime, connections: Sequence[ConnectionSettings] = ()
) -> Sequence[Finding]:
    """Check that the database can be opened, migrated and written. List undelivered messages, and
    keys of these connections that expire soon. A missing database is not created."""
    lost: Sequence[Finding] = ()
    try:
        lost = await asyncio.to_thread(_lost, parse(url))
        if (there_is := await asyncio.to_thread(missing, url)) is not None:
            remedy = (
                "`aicost run` and `aicost sync` create it. If you had one before, restore a backup."
            )
            return lost or [Finding("database", "warning", there_is, remedy)]
        await asyncio.to_thread(upgrade, url)
        database = Database(url, for_people(PRODUCTION.database))
        database.configured = [configured(each) for each in connections]
        try:
            await database.check_writable()
            warnings = [*await _stuck(database, now), *await _expiring_keys(database, now)]
        finally:
            await database.close()
    except DatabaseUnavailable as error:
        return [*lost, Finding("database", "fault", str(error), error.remedy)]
    message = "The database is reachable, writable and up to date."
    found = [*(lost or [Finding("database", "ok", message)]), *warnings]
    path = path_of(parse(url))
    if path is not None and is_open_to_others(path):
        found.append(exposed("database", path))
    if path is not None and (free := shutil.disk_usage(path.parent).free) < LITTLE_ROOM:
        message = f"The disk of {path} has {free / 2**20:,.0f} MiB left."
        found.append(Finding("database", "warning", message, "Free some disk space."))
    return found


def _lost(url: URL) -> Sequence[Finding]:
    """Does a process still write into a file that is no longer at its place?"""
    path = path_of(url)
    users = users_of_deleted(path) if path is not None else []
    if not users:
        return []
    which = f"process {listed([str(each) for each in users])}"
    message = f"{describe(url)} was deleted or replaced while {which} was using it."
    return [Finding("database", "fault", message, gone(url).remedy)]


async def _stuck(database: Database, now: datetime) -> Sequence[Finding]:
    findings = []
    async with database.reading() as session:
        outbox = OutboxRepository(session)
        overdue = (await outbox.counts(now)).overdue
        failed = await outbox.recent_failures(now - FAILURES_SHOWN_FOR)
        events = await webhook_state(session, now)
    if overdue:
        message = f"Overdue messages: {overdue}."
        remedy = "Check that `aicost run` is running, and look for deliveries in its log."
        findings.append(Finding("deliveries", "warning", message, remedy))
    if failed:
        places = ", ".join(sorted({f"{each.channel} ({each.error})" for each in failed}))
        message = f"Messages given up in the last week: {len(failed)}, to {places}."
        remedy = "Fix the channels (invite the bot, unarchive), then resume what was paused."
        findings.append(Finding("deliveries", "warning", message, remedy))
    if events.is_stopped:
        message = "The webhook's receiver answered 410 Gone, so events aren't sent any more."
        remedy = f"Correct {URL_VARIABLE}, then restart aicost."
        findings.append(Finding("webhook", "warning", message, remedy))
    elif events.error is not None or events.given_up:
        waits = f" ({events.error})" if events.error else ""
        last = f", the last for {events.last_error}" if events.last_error else ""
        message = (
            f"Events waiting: {events.waiting}{waits}. Given up in the last week: "
            f"{events.given_up}{last}."
        )
        remedy = "Look at the receiver's log. See docs/how-to/webhooks.md."
        findings.append(Finding("webhook", "warning", message, remedy))
    return findings


async def _expiring_keys(database: Database, now: datetime) -> Sequence[Finding]:
    """Warn of keys in use that expire soon, as their provider reported at the last sync."""
    async with database.reading() as session:
        keys = await read_expiring_keys(session, now)
    remedy = "Create a new key before then, and replace this one where it is used."
    named = [
        Finding(
            f"connection {key.connection}",
            "warning",
            f"Key {tidy(key.name)} expires on {key.expires_at:%Y-%m-%d} (UTC) and is in use.",
            remedy,
        )
        for key in keys[:KEYS]
    ]
    if not (rest := len(keys) - len(named)):
        return named
    message = f"{more_keys_words(rest)}: see `aicost ask status`."
    return [*named, Finding("connections", "warning", message, remedy)]


async def check_webhook(webhook: Webhook) -> Sequence[Finding]:
    """Can the receiver's host be reached, over TLS? Nothing is posted, and its path isn't asked."""
    host = webhook.origin.partition("://")[2]
    async with new_session() as session:
        failure = await reach(session, webhook.origin)
    if failure is None:
        return [Finding("webhook", "ok", f"{host} is reachable. Nothing was posted.")]
    message = f"{host} couldn't be reached: {failure.why}. Events wait until it is."
    way = route_text(webhook.origin, URL_VARIABLE)
    return [Finding("webhook", "fault", message, f"{failure.fix} {way}")]


async def check_currency(currency: Currency, now: datetime) -> Sequence[Finding]:
    """Read the reference rate."""
    rates = ReferenceRates(currency, lambda: new_session(seconds=SECONDS))
    found = await rates.current(now)
    if found.rate is None:
        remedy = "Look at the file or the address. See docs/how-to/currency.md."
        message = f"No amount in {currency.code}: {found.reason}"
        return [Finding("reporting currency", "fault", message, remedy)]
    words = f"1 USD is {found.rate.per_dollar} {currency.code}, as of {found.rate.day}."
    return [Finding("reporting currency", "ok", words)]


async def check_connection(
    connection: ConnectionSettings, now: datetime, intervals: Intervals, on_date: OnDate
) -> Sequence[Finding]:
    """Check that the key works and has the permissions it needs."""
    subject = f"connection {connection.name}"
    kind = connection.kind
    findings = _plain(subject, connection.base_url, kind.base_url_variable)
    try:
        async with aclosing(provider_pool(intervals.retries, on_date)) as pool:
            seen = await connect_provider(connection, pool).provider.probe(now)
    except ProviderError as error:
        route = route_text(error.url or connection.base_url, kind.base_url_variable)
        return [*findings, Finding(subject, "fault", str(error), f"{error.remedy} {route}")]
    lacks = None
    if kind.reports_spend and not seen.can_read_charges:
        lacks = "spend"
    elif connection.billing == "prepaid" and seen.can_read_balance is False:
        lacks = "the balance"
    if lacks is not None:
        article = "an" if seen.kind[0] in "aeiou" else "a"
        message = f"This is {article} {seen.kind}, which can't read {lacks}."
        return [*findings, Finding(subject, "fault", message, f"Use {kind.key_words}.")]
    notes = list(seen.notes)
    if connection.billing == "prepaid" and seen.can_read_balance is None:
        notes.append(
            f"{kind.title} has no API for the prepaid balance. Enter it in Slack: "
            f"/aicost balance set {connection.name} 250."
        )
    findings.append(Finding(subject, "ok", f"The {seen.kind} works. {' '.join(notes)}".strip()))
    if seen.expires_at is not None and seen.expires_at - now < timedelta(days=14):
        message = f"The key expires on {seen.expires_at:%Y-%m-%d} (UTC)."
        findings.append(Finding(subject, "warning", message, "Create a new key before then."))
    return findings


async def check_slack(
    slack: SlackSettings, pause: float, on_date: OnDate | None
) -> Sequence[Finding]:
    """Check that Slack accepts the tokens, that they have the scopes, and that answers reach Slack.
    `pause` is the seconds between two tries."""
    if not slack.is_configured:
        message = "Slack isn't configured. sync, ask and export work without it."
        remedy = "Set SLACK_BOT_TOKEN, and SLACK_APP_TOKEN or SLACK_SIGNING_SECRET."
        return [Finding("Slack", "warning", message, remedy)]
    plain = _plain("Slack", slack.api_url, "SLACK_API_URL")
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


async def check_alone(slack: SlackSettings, database_url: str) -> Sequence[Finding]:
    """Check that all socket connections of the app belong to processes on this database."""
    tokens = slack_tokens(slack)
    try:
        async with new_session() as session:
            client = web_client(tokens.bot_token, tokens.api_url, session)
            connections = await count_connections(client, session, tokens.app_token or "")
        known = await _copies_on(database_url)
    except SlackUnreachable as error:
        message = f"Couldn't check for other bots with these tokens. {error}"
        return [Finding("Slack", "warning", message, error.remedy)]
    unknown_connections = connections - known
    if unknown_connections <= 0:
        return []
    message = (
        f"Slack connections with these tokens: {connections}. Copies of aicost running on this "
        f"database: {known}."
    )
    return [Finding("Slack", "warning", message, OTHER_BOT_REMEDY)]


async def _copies_on(url: str) -> int:
    if await asyncio.to_thread(missing, url) is not None:
        return 0
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
