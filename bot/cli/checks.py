"""The checks of `aicost doctor` that access other systems: the database, each key, the
receiver of the webhook."""

import asyncio
import shutil
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from sqlalchemy.engine import URL

from bot.app import configured, connect_provider, provider_pool
from bot.config.currency import Currency
from bot.config.environment import Problem
from bot.config.intervals import PRODUCTION, Intervals
from bot.config.route import is_plain, route_text
from bot.config.settings import ConnectionSettings
from bot.config.webhook import URL_VARIABLE, Webhook
from bot.currency.rates import SECONDS, ReferenceRates
from bot.db.address import describe, gone, is_open_to_others, parse, path_of
from bot.db.database import Database
from bot.db.engine import for_people
from bot.db.errors import DatabaseUnavailable
from bot.db.schema import is_outdated, missing
from bot.notifications.events import webhook_state
from bot.notifications.models import FAILURES_SHOWN_FOR
from bot.notifications.repository import OutboxRepository
from bot.processes import users_of_deleted
from bot.reports.messages.parts import more_keys_words
from bot.reports.repository import read_expiring_keys
from bot.slack.clients import new_session, reach
from bot.wording import listed, tidy
from providers.errors import ProviderError
from providers.http import OnDate

OUTDATED = "The database has the tables of an earlier version of aicost."
UPGRADE = (
    "Back it up, then run `aicost db upgrade`. The start of the bot upgrades it too. See "
    "docs/upgrading.md."
)
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


def check_encrypted(subject: str, url: str, variable: str) -> list[Finding]:
    """Warn of an address that keys are sent to unencrypted."""
    if not is_plain(url):
        return []
    message = f"Keys are sent unencrypted to {url} ({variable})."
    return [Finding(subject, "warning", message, "Use https://.")]


async def check_database(
    url: str, now: datetime, connections: Sequence[ConnectionSettings] = ()
) -> Sequence[Finding]:
    """Check that the database can be opened and written, and has this version's tables. List
    undelivered messages, and keys of these connections that expire soon.

    Nothing changes: a missing database is not created, and an earlier version's is not upgraded.
    """
    lost: Sequence[Finding] = ()
    try:
        lost = await asyncio.to_thread(_lost, parse(url))
        if (there_is := await asyncio.to_thread(missing, url)) is not None:
            remedy = (
                "`aicost run` and `aicost sync` create it. If you had one before, restore a backup."
            )
            return lost or [Finding("database", "warning", there_is, remedy)]
        has_old_tables = await asyncio.to_thread(is_outdated, url)
        database = Database(url, for_people(PRODUCTION.database))
        database.configured = [configured(each) for each in connections]
        try:
            await database.check_writable()
            if has_old_tables:
                found = [*lost, Finding("database", "warning", OUTDATED, UPGRADE)]
            else:
                message = "The database is reachable, writable and up to date."
                found = [*(lost or [Finding("database", "ok", message)])]
                found += [*await _stuck(database, now), *await _expiring_keys(database, now)]
        finally:
            await database.close()
    except DatabaseUnavailable as error:
        return [*lost, Finding("database", "fault", str(error), error.remedy)]
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
    findings = check_encrypted(subject, connection.base_url, kind.base_url_variable)
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
