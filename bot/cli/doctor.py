"""`aicost doctor`: what is well, what is not, and how to fix each; never a traceback or a secret.

Each check looks at one thing by itself, so that one fault does not hide the next.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal, TypeVar

import structlog

from bot.config.config_file import read_config
from bot.config.environment import Problem, SettingsError, read_environment
from bot.config.route import check_network, is_plain, network_warnings, route_words
from bot.config.settings import (
    ConnectionSettings,
    DatabaseSettings,
    ProcessSettings,
    SlackSettings,
    connections_of,
    secret_files,
    unread,
    visibility_of,
)
from bot.db.file import is_open_to_others
from bot.ledger.data_quality import CLOCK_REMEDY, clock_text
from bot.logs import new_reference
from providers.errors import ProviderError
from providers.models import Probe

_T = TypeVar("_T")
SLOW = (
    "Check the network, a firewall, and the proxy (HTTPS_PROXY, NO_PROXY); then run aicost doctor "
    "again."
)
SHARED = ("Slack", "database", "network")
"""What copies of one bot share, and the way to it."""
State = Literal["ok", "warning", "fault"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about one thing."""

    subject: str
    state: State
    message: str
    remedy: str | None = None


@dataclass(frozen=True, slots=True)
class Instruments:
    """The outside, as the doctor touches it; each may fail in any way."""

    prove_database: Callable[[str], Awaitable[Sequence[Finding]]]
    probe: Callable[[ConnectionSettings], Awaitable[Probe]]
    prove_slack: Callable[[SlackSettings], Awaitable[Sequence[Finding]]]
    clock_offset: Callable[[], timedelta | None] = lambda: None
    """How far this machine's clock is off by what was answered to the other checks."""
    prove_alone: Callable[[SlackSettings, str], Awaitable[Sequence[Finding]]] | None = None
    """Does Slack know of no other bot than those of this database? Asked where both are well."""


async def run_checks(folder: Path, now: datetime, instruments: Instruments) -> Sequence[Finding]:
    """Every finding, in the order in which one would fix them."""
    findings: list[Finding] = []
    try:
        environment = read_environment(folder)
    except SettingsError as error:
        return _faults("configuration", error.problems)
    _read(lambda: ProcessSettings.of(environment), "configuration", findings)
    database = _read(lambda: DatabaseSettings.of(environment), "database", findings)
    database_url = database.url if database else None
    file = _read(lambda: read_config(environment, folder), "configuration", findings)
    connections = file and _read(
        lambda: connections_of(environment, folder, file), "configuration", findings
    )
    slack = _read(lambda: SlackSettings.of(environment), "Slack", findings)
    if file and connections:
        _read(lambda: visibility_of(file, connections), "configuration", findings)
        findings += _faults("configuration", unread(environment, file), "warning")
        findings += _exposed(folder, secret_files(environment, folder, file))
    if database_url is not None and connections is not None and is_healthy(findings):
        findings.append(Finding("configuration", "ok", "The settings can be read."))
    urls = [item.base_url for item in connections or ()] + ([slack.api_url] if slack else [])
    before = len(findings)
    _read(lambda: check_network(urls), "network", findings)
    is_reachable = len(findings) == before
    findings += _faults("network", network_warnings(), "warning")
    checks: list[Awaitable[Sequence[Finding]]] = []
    if database_url is not None:
        checks.append(_careful("database", instruments.prove_database(database_url)))
    checks += [
        _careful(f"connection {item.name}", _connection(item, now, instruments.probe))
        for item in (connections or () if is_reachable else ())
    ]
    if slack is not None and is_reachable:
        checks.append(_careful("Slack", _slack(slack, instruments.prove_slack)))
    for found in await asyncio.gather(*checks):
        findings += found
    is_known = is_reachable and not any(
        each.state == "fault" and each.subject in SHARED for each in findings
    )
    if is_known and slack and slack.app_token and database_url and instruments.prove_alone:
        findings += await _careful("Slack", instruments.prove_alone(slack, database_url))
    if (offset := instruments.clock_offset()) is not None:
        findings.append(Finding("clock", "warning", clock_text(offset), CLOCK_REMEDY))
    return findings


def is_healthy(findings: Sequence[Finding]) -> bool:
    """Warnings leave the bot healthy, faults do not."""
    return not any(finding.state == "fault" for finding in findings)


def finding_lines(finding: Finding) -> Sequence[str]:
    """One finding for people."""
    mark = {"ok": "ok     ", "warning": "warning", "fault": "FAULT  "}[finding.state]
    lines = [f"{mark}  {finding.subject}: {finding.message}"]
    return [*lines, f"         {finding.remedy}"] if finding.remedy else lines


def _read(read: Callable[[], _T], subject: str, findings: list[Finding]) -> _T | None:
    try:
        return read()
    except SettingsError as error:
        findings += _faults(subject, error.problems)
        return None


def _faults(subject: str, problems: Sequence[Problem], state: State = "fault") -> list[Finding]:
    return [Finding(subject, state, problem.what, problem.remedy) for problem in problems]


def _exposed(folder: Path, files: Sequence[Path]) -> list[Finding]:
    """Files with secrets that every user of this machine may read. Where a platform puts them
    (`/run`), it sees to that itself."""
    return [
        exposed("configuration", path)
        for path in (folder / ".env", *files)
        if is_open_to_others(path) and not path.is_relative_to("/run")
    ]


def exposed(subject: str, path: Path) -> Finding:
    """Every user of this machine may read the file."""
    message = f"Every user of this machine can read {path.absolute()}."
    return Finding(subject, "warning", message, f"chmod 600 {path.absolute()}")


def _plain(subject: str, url: str, variable: str) -> list[Finding]:
    if not is_plain(url):
        return []
    message = f"Keys travel unencrypted to {url} ({variable})."
    return [Finding(subject, "warning", message, "Use https://.")]


async def _careful(
    subject: str, check: Awaitable[Sequence[Finding]], patience: float = 60
) -> Sequence[Finding]:
    """The check's findings; a check that breaks is itself a finding."""
    try:
        async with asyncio.timeout(patience):
            return await check
    except TimeoutError:
        return [Finding(subject, "fault", "No answer within a minute.", SLOW)]
    except Exception:
        reference = new_reference()
        structlog.get_logger(__name__).critical(
            "doctor.check_failed", exc_info=True, reference=reference
        )
        message = f"This could not be checked: aicost itself failed (reference {reference})."
        return [Finding(subject, "fault", message, "Report it with the log's lines.")]


async def _connection(
    connection: ConnectionSettings,
    now: datetime,
    probe: Callable[[ConnectionSettings], Awaitable[Probe]],
) -> Sequence[Finding]:
    subject = f"connection {connection.name}"
    kind = connection.kind
    findings = _plain(subject, connection.base_url, kind.base_url_variable)
    try:
        seen = await probe(connection)
    except ProviderError as error:
        route = route_words(error.url or connection.base_url, kind.base_url_variable)
        return [*findings, Finding(subject, "fault", str(error), f"{error.remedy} {route}")]
    lacks = None
    if not seen.can_read_charges:
        lacks = "what was used"
    elif connection.billing == "prepaid" and seen.can_read_balance is False:
        lacks = "the balance"
    if lacks is not None:
        article = "an" if seen.kind[0] in "aeiou" else "a"
        message = f"This is {article} {seen.kind}, which can't read {lacks}."
        return [*findings, Finding(subject, "fault", message, f"It takes {kind.key_words}.")]
    notes = list(seen.notes)
    if connection.billing == "prepaid" and seen.can_read_balance is None:
        notes.append(
            f"{kind.title} has no API for the prepaid balance. Enter it in Slack: "
            f"/aicost balance set {connection.name} 250."
        )
    findings.append(Finding(subject, "ok", f"The {seen.kind} works. {' '.join(notes)}".strip()))
    if seen.expires_at is not None and seen.expires_at - now < timedelta(days=14):
        message = f"The key expires on {seen.expires_at:%Y-%m-%d} (UTC)."
        findings.append(Finding(subject, "warning", message, "Make a new key before then."))
    return findings


async def _slack(
    slack: SlackSettings, prove: Callable[[SlackSettings], Awaitable[Sequence[Finding]]]
) -> Sequence[Finding]:
    problems = slack.problems()
    if not slack.is_configured:
        message = "Slack is not configured; sync, ask and export work without it."
        remedy = "Set SLACK_BOT_TOKEN, and SLACK_APP_TOKEN or SLACK_SIGNING_SECRET."
        return [Finding("Slack", "warning", message, remedy)]
    plain = _plain("Slack", slack.api_url, "SLACK_API_URL")
    return [*plain, *(_faults("Slack", problems) or await prove(slack))]
