"""`aicost init`: ask for what is needed at a terminal, check each answer, and write `.env`.

Each answer is saved once it passes its check, so the command can be stopped and run again at any
step. Secrets are never shown or printed.
"""

import asyncio
import os
import re
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from bot.cli import work
from bot.cli.checks import (
    Finding,
    check_connection,
    check_database,
    faults,
)
from bot.cli.doctor import careful, finding_lines, is_healthy
from bot.cli.env_file import set_variable
from bot.cli.manifest import address_of, for_http, link_to_form, manifest_text
from bot.cli.slack_checks import check_bot_token, check_socket_token
from bot.config.config_file import ConfigFile
from bot.config.environment import Environment, Problem, read_environment
from bot.config.settings import DatabaseSettings, SlackSettings, connections_of, load_settings
from bot.db.schema import is_outdated, upgrade
from providers.base import ProviderKind
from providers.catalog import ALL, either

NO_TERMINAL = (
    "aicost init asks at a terminal. Without one, write the tokens and keys into .env: "
    "docs/quickstart.md says how."
)
WELCOME = """\
This sets aicost up in {folder}: an app in Slack, its tokens, and keys of AI providers.
Each answer is checked and saved to .env. Stop with Ctrl-C at any time, and run it again.
"""
SLACK_APP = """\
1. The Slack app

Open this link. Slack's form for a new app is filled in: choose the workspace, then Create.

{link}

Or paste this at https://api.slack.com/apps, Create New App, From a manifest:

{manifest}
Then open Install App in the app's menu, and install it to the workspace."""
BOT = "OAuth & Permissions, Bot User OAuth Token: it starts with xoxb-."
SOCKET = (
    "Basic Information, App-Level Tokens, Generate Token and Scopes: add connections:write, then "
    "Generate. It starts with xapp-."
)
SIGNING = "Basic Information, App Credentials, Signing Secret: 32 letters and digits."
DATABASE = (
    "Figures are kept in a SQLite file, aicost.db in this folder, or in PostgreSQL. For PostgreSQL "
    "give its URL: postgresql://user:password@host/name."
)
MANAGERS = (
    "Workspace admins and owners may set budgets. To let others do so, give their Slack ids, "
    "separated by commas. An id is in a person's profile, under the three dots, Copy member ID."
)
STRANGE = Problem(
    "That has spaces or characters that no key has, or is too short or too long.",
    "Copy it again, alone.",
)
NOT_HEX = Problem("That isn't a signing secret.", "It has 32 characters, 0 to 9 and a to f.")
NO_PROVIDER = f"One provider is needed. Enter the key of {either([kind.title for kind in ALL])}."
OVERRIDDEN = "{} is set in the environment, which goes before .env: unset it to use this answer."
FAILED = """\
The present one doesn't pass its check.
keep: it stays. {kept}"""
REMOVE = "remove: it is deleted from .env. {removed}"
CHANGE = "change: enter another one, or check it again."
NO_START = "The bot doesn't start until it passes."
NOT_READ = "aicost has no new figures of {} until it passes."
STOPPED = "Stopped. What was entered so far is in .env: run aicost init again to go on."
DONE = """\
Done. Start the bot:        aicost run
See that all is well:       aicost doctor
Then, in Slack:             /aicost, and /invite @aicost in a channel"""

Check = Callable[[Environment], Awaitable[Sequence[Finding]]]


@dataclass(frozen=True, slots=True)
class _Question:
    """One variable of `.env`."""

    variable: str
    where: str
    """Where to find the value."""
    label: str
    check: Check
    is_secret: bool = True
    is_optional: bool = False
    kept: str = NO_START
    """What follows if the present value stays although it fails its check."""
    removed: str = ""
    """What follows if an optional value is removed."""


async def init() -> int:
    """Ask for all values; return 2 if not at a terminal."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        click.echo(NO_TERMINAL, err=True)
        return 2
    folder = Path.cwd()
    if not os.access(folder, os.W_OK | os.X_OK):
        click.echo(f"{folder} can't be written: run aicost init in a folder of yours.", err=True)
        return 2
    # asyncio's own handler would wait for the end of the line that is being typed.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        await _set_up(folder)
    except (click.Abort, KeyboardInterrupt):
        click.echo(f"\n{STOPPED}")
        return 130
    return 0


async def _set_up(folder: Path) -> None:
    click.echo(WELCOME.format(folder=folder))
    environment = read_environment(folder)
    address = _public_address(is_http=_is_http(environment))
    manifest = manifest_text()
    if address is not None:
        manifest = for_http(manifest, address)
    click.echo(SLACK_APP.format(link=link_to_form(manifest), manifest=manifest))
    click.prompt("\nPress Enter once the app is installed", default="", show_default=False)
    bot_token = _Question("SLACK_BOT_TOKEN", BOT, "Bot token", _check_bot_token)
    if address is None:
        other = _Question("SLACK_APP_TOKEN", SOCKET, "App-level token", _check_app_token)
    else:
        other = _Question("SLACK_SIGNING_SECRET", SIGNING, "Signing secret", _check_signing_secret)
    click.echo("\n2. Slack's tokens")
    await _ask(bot_token, folder)
    await _ask(other, folder)
    if address is not None:
        set_variable(folder, "SLACK_APP_TOKEN", None)  # with it, the bot would use Socket Mode
    click.echo("\n3. AI providers")
    await _ask_for_keys(folder)
    click.echo("\n4. Where figures are kept, and who may change settings")
    await _ask(
        _Question(
            "DATABASE_URL",
            DATABASE,
            "Database",
            _check_database,
            is_optional=True,
            removed="Figures are kept in aicost.db in this folder then.",
        ),
        folder,
    )
    await _ask(
        _Question(
            "AICOST_MANAGERS",
            MANAGERS,
            "Managers",
            _check_managers,
            is_secret=False,
            is_optional=True,
            removed="Only workspace admins and owners may set budgets then.",
        ),
        folder,
    )
    click.echo("\n5. The first answer")
    if click.confirm("Read the figures now? That takes about a minute", default=True):
        await _first_answer(folder)
    click.echo(f"\n{DONE}")


def _is_http(environment: Environment) -> bool:
    return "SLACK_SIGNING_SECRET" in environment and "SLACK_APP_TOKEN" not in environment


def _public_address(*, is_http: bool) -> str | None:
    """Return the address for Slack's requests; None for Socket Mode."""
    click.echo(
        "The bot connects to Slack by itself (Socket Mode) and needs no public address.\n"
        "In HTTP mode Slack connects to the bot, at an address such as https://aicost.example."
    )
    if not click.confirm("Use HTTP mode?", default=is_http):
        return None
    while True:
        try:
            return address_of(click.prompt("Address of the bot").strip())
        except click.BadParameter as error:
            click.echo(error.message)


async def _ask_for_keys(folder: Path) -> None:
    while True:
        answers = [await _ask(_key_question(kind), folder) for kind in ALL]
        if any(answers):
            return
        click.echo(NO_PROVIDER)


def _key_question(kind: ProviderKind) -> _Question:
    async def check(environment: Environment) -> Sequence[Finding]:
        connections = connections_of(environment, Path.cwd(), ConfigFile())
        now, intervals = work.now(), work.intervals()
        found: list[Finding] = []
        for each in connections:
            if each.kind == kind:
                found += await check_connection(each, now, intervals, lambda _host, _date: None)
        return found

    where = f"{kind.title} takes {kind.key_words}."
    return _Question(
        kind.key_variable,
        where,
        f"{kind.title} key",
        check,
        is_optional=True,
        kept=NOT_READ.format(kind.title),
        removed=f"{kind.title} isn't read any more.",
    )


async def _ask(question: _Question, folder: Path) -> bool:
    """Ask until an answer passes its check or is skipped, and save it; return True if there is
    one. A present value that fails its check may be kept or removed."""
    name = question.variable
    click.echo(f"\n{question.where}")
    while True:
        environment = read_environment(folder)
        held = environment.get(name) or environment.get(f"{name}_FILE")
        if held:
            hint = " (Enter keeps the present one)"
        else:
            hint = " (Enter skips it)" if question.is_optional else ""
        typed = click.prompt(
            f"{question.label}{hint}", default="", show_default=False, hide_input=question.is_secret
        ).strip()
        if not typed and not held:
            if question.is_optional:
                return False
            continue
        value = typed or environment.get(name)
        findings = await _checked(question, environment, value)
        for finding in findings:
            click.echo("\n".join(finding_lines(finding)))
        if not is_healthy(findings):
            action = "change" if typed else _ask_about_failed(question)
            if action == "keep":
                return True
            if action == "remove":
                set_variable(folder, name, None)
                set_variable(folder, f"{name}_FILE", None)
                return False
            continue
        if typed:
            set_variable(folder, name, typed)
            set_variable(folder, f"{name}_FILE", None)
            if os.environ.get(name, typed) != typed:
                click.echo(OVERRIDDEN.format(name))
        return True


def _ask_about_failed(question: _Question) -> str:
    """Return "keep", "remove" or "change" for a present value that fails its check."""
    names = {question.variable, f"{question.variable}_FILE"}
    can_remove = question.is_optional and not names & set(os.environ)
    lines = [FAILED.format(kept=question.kept)]
    lines += [REMOVE.format(removed=question.removed)] if can_remove else []
    click.echo("\n".join([*lines, CHANGE]))
    actions = ["keep", "remove", "change"] if can_remove else ["keep", "change"]
    return str(click.prompt("What to do", type=click.Choice(actions)))


async def _checked(
    question: _Question, environment: Environment, value: str | None
) -> Sequence[Finding]:
    """Return the findings of the question's check with that value."""
    if value is None:  # in a file of its own
        given = dict(environment)
    elif question.is_secret and not re.fullmatch(r"[!-~]{8,1000}", value):
        return faults(question.label, [STRANGE])
    else:
        others = {k: v for k, v in environment.items() if k != f"{question.variable}_FILE"}
        given = {**others, question.variable: value}
    return await careful(question.label, question.check(given))


async def _check_bot_token(environment: Environment) -> Sequence[Finding]:
    slack = SlackSettings.of(environment)
    if mistaken := [each for each in slack.problems() if each.what.startswith("SLACK_BOT_TOKEN")]:
        return faults("Bot token", mistaken)
    return [await check_bot_token(slack, work.intervals().sign_in)]


async def _check_app_token(environment: Environment) -> Sequence[Finding]:
    slack = SlackSettings.of(environment)
    if mistaken := [each for each in slack.problems() if each.what.startswith("SLACK_APP_TOKEN")]:
        return faults("App-level token", mistaken)
    return [await check_socket_token(slack, work.intervals().sign_in)]


async def _check_signing_secret(environment: Environment) -> Sequence[Finding]:
    """Check only the form: Slack has no way to check the secret."""
    secret = SlackSettings.of(environment).signing_secret
    if secret is None or not re.fullmatch("[0-9a-f]{32}", secret.get_secret_value()):
        return faults("Signing secret", [NOT_HEX])
    return []


async def _check_database(environment: Environment) -> Sequence[Finding]:
    url = DatabaseSettings.of(environment).url
    found = await check_database(url, work.now())
    if is_healthy(found) and await asyncio.to_thread(is_outdated, url):
        await asyncio.to_thread(upgrade, url)
        upgraded = "The database had the tables of an earlier version. It was upgraded."
        return [Finding("database", "ok", upgraded), *await check_database(url, work.now())]
    return found


async def _check_managers(environment: Environment) -> Sequence[Finding]:
    SlackSettings.of(environment)
    return []


async def _first_answer(folder: Path) -> None:
    load_settings(folder)
    if await work.sync(None, no_posts=False) != 0:
        click.echo("Not everything could be read. aicost doctor says why.")
    click.echo()
    await work.ask("", as_json=False)
