"""`aicost doctor`: what works, what doesn't, and how to fix it. Never prints a traceback or a
secret.

Each check is independent, so that one fault does not hide the next.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TypeVar

import click
import structlog

from bot.cli import work
from bot.cli.checks import (
    Finding,
    check_connection,
    check_currency,
    check_database,
    check_webhook,
    exposed,
    faults,
)
from bot.cli.printing import written
from bot.cli.slack_checks import check_slack, check_socket
from bot.clock_check import ClockCheck
from bot.config.config_file import ConfigFile, blank_problems, read_config
from bot.config.currency import currency_of
from bot.config.environment import SettingsError, read_environment
from bot.config.intervals import PRODUCTION, Clock, Intervals
from bot.config.route import check_network, network_warnings
from bot.config.settings import (
    DatabaseSettings,
    ProcessSettings,
    SlackSettings,
    check_file,
    connections_of,
    secret_files,
    unread,
)
from bot.config.webhook import webhook_of
from bot.db.address import is_open_to_others
from bot.logs import new_reference
from bot.process_health import CLOCK_REMEDY, clock_text

_T = TypeVar("_T")
SLOW = (
    "Check the network, a firewall and the proxy (HTTPS_PROXY, NO_PROXY). Then run aicost doctor "
    "again."
)


async def doctor(as_json: bool) -> int:
    """Run all checks against the real systems; return 1 if one fails."""
    findings = await run_checks(Path.cwd(), work.now, work.intervals())
    if as_json:
        rows = [asdict(finding) for finding in findings]
        click.echo(written({"healthy": is_healthy(findings), "findings": rows}))
    else:
        click.echo("\n".join(line for finding in findings for line in finding_lines(finding)))
    return 0 if is_healthy(findings) else 1


async def run_checks(
    folder: Path, clock: Clock, intervals: Intervals = PRODUCTION
) -> Sequence[Finding]:
    """Return every finding, in the order in which to fix them."""
    findings = _exposed([folder / ".env"])
    clock_check = ClockCheck(clock)
    heard = clock_check.heard
    try:
        environment = read_environment(folder)
    except SettingsError as error:
        return [*findings, *faults("configuration", error.problems)]
    process = _read(lambda: ProcessSettings.of(environment), "configuration", findings)
    database = _read(lambda: DatabaseSettings.of(environment), "database", findings)
    database_url = database.url if database else None
    file = _read(lambda: read_config(environment, folder), "configuration", findings)
    findings += faults("configuration", blank_problems(environment, folder), "warning")
    connections = file and _read(
        lambda: connections_of(environment, folder, file), "configuration", findings
    )
    slack = _read(lambda: SlackSettings.of(environment), "Slack", findings)
    webhook = _read(lambda: webhook_of(environment), "webhook", findings)
    currency = _read(lambda: currency_of(environment, folder), "reporting currency", findings)
    if file and connections:
        has_users = process is None or process.breakdown_by_user
        _read(
            lambda: check_file(file, connections, environment, folder, has_users=has_users),
            "configuration",
            findings,
        )
        findings += faults("configuration", unread(environment, file), "warning")
    findings += _exposed(secret_files(environment, folder, file or ConfigFile()))
    if database_url is not None and connections is not None and is_healthy(findings):
        findings.append(Finding("configuration", "ok", "All settings are valid."))
    urls = [item.base_url for item in connections or ()] + ([slack.api_url] if slack else [])
    urls += [webhook.origin] if webhook else []
    urls += [currency.origin] if currency and currency.origin else []
    before = len(findings)
    _read(lambda: check_network(urls), "network", findings)
    is_reachable = len(findings) == before
    findings += faults("network", network_warnings(), "warning")
    checks: list[Awaitable[Sequence[Finding]]] = []
    if database_url is not None:
        checks.append(careful("database", check_database(database_url, clock(), connections or ())))
    checks += [
        careful(f"connection {item.name}", check_connection(item, clock(), intervals, heard))
        for item in (connections or () if is_reachable else ())
    ]
    if slack is not None and is_reachable:
        checks.append(careful("Slack", check_slack(slack, intervals.sign_in, heard)))
    if currency is not None and is_reachable:
        checks.append(careful("reporting currency", check_currency(currency, clock())))
    if webhook is not None and is_reachable:
        checks.append(careful("webhook", check_webhook(webhook)))
    for found in await asyncio.gather(*checks):
        findings += found
    faulty = {each.subject for each in findings if each.state == "fault"}
    if slack is not None and slack.app_token and is_reachable and "Slack" not in faulty:
        usable_url = None if "database" in faulty else database_url
        findings += await careful("Slack", check_socket(slack, usable_url, intervals.sign_in))
    if (offset := clock_check.offset()) is not None:
        findings.append(Finding("clock", "warning", clock_text(offset), CLOCK_REMEDY))
    return findings


def is_healthy(findings: Sequence[Finding]) -> bool:
    """Return True if there are no faults; warnings are allowed."""
    return not any(finding.state == "fault" for finding in findings)


def finding_lines(finding: Finding) -> Sequence[str]:
    """Return one finding as lines of text."""
    mark = {"ok": "ok     ", "warning": "warning", "fault": "FAULT  "}[finding.state]
    lines = [f"{mark}  {finding.subject}: {finding.message}"]
    return [*lines, f"         {finding.remedy}"] if finding.remedy else lines


def _read(read: Callable[[], _T], subject: str, findings: list[Finding]) -> _T | None:
    try:
        return read()
    except SettingsError as error:
        findings += faults(subject, error.problems)
        return None


def _exposed(files: Sequence[Path]) -> list[Finding]:
    """Return the files with secrets that every user of this machine can read. Files that a platform
    provides (`/run`) are skipped."""
    return [
        exposed("configuration", path)
        for path in files
        if is_open_to_others(path) and not path.is_relative_to("/run")
    ]


async def careful(subject: str, check: Awaitable[Sequence[Finding]]) -> Sequence[Finding]:
    """Return the findings of a check. A check that fails is itself a finding."""
    try:
        async with asyncio.timeout(60):
            return await check
    except SettingsError as error:
        return faults(subject, error.problems)
    except TimeoutError:
        return [Finding(subject, "fault", "No answer within a minute.", SLOW)]
    except Exception:
        reference = new_reference()
        structlog.get_logger(__name__).critical(
            "doctor.check_failed", exc_info=True, reference=reference
        )
        message = f"A defect in aicost stopped this check (reference {reference})."
        return [Finding(subject, "fault", message, "Report it with the log lines.")]
