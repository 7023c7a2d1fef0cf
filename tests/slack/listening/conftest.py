"""A bot with made-up answers, in Socket Mode or in HTTP mode."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

import pytest

from bot.access import middleware
from bot.access.models import Policy
from bot.access.people import People
from bot.access.repository import Audit
from bot.config.intervals import Intervals
from bot.db.database import Database
from bot.metrics import Metrics
from bot.reports.listeners import answers, sharing
from bot.reports.listeners.sharing import Sharing
from bot.reports.models import ConnectionSummary, Summary
from bot.slack.app import SlackTokens, open_slack
from bot.slack.bolt_app import register_fallbacks
from bot.slack.channels import slack_channels
from bot.slack.clients import new_session
from bot.slack.text_renderer import plain_text
from bot.web import Web
from simulators.slack import serve_slack, small_office
from simulators.slack.office import NARROW_GUEST
from tests.quick import LONGEST
from tests.slack.listening.talk import Open, SlackHarness, Talk, at_first, seeing_all


@pytest.fixture
def talk(
    connection: Callable[..., ConnectionSummary],
    prepaid: ConnectionSummary,
    summary: Callable[..., Summary],
) -> Talk:
    """Answers about OpenAI and OpenRouter."""
    return Talk(summary([connection(), prepaid]))


@pytest.fixture
def opened(talk: Talk, now: datetime, intervals: Intervals, sqlite_url: str) -> Open:
    """Opens a harness in Socket Mode or in HTTP mode."""

    @asynccontextmanager
    async def started(*, http: bool = False) -> AsyncIterator[SlackHarness]:
        metrics = Metrics()
        database = Database(sqlite_url)
        office = small_office(lambda: now, render=plain_text)
        office.allow(LONGEST)
        async with serve_slack(office) as slack, new_session() as session:
            tokens = SlackTokens(
                slack.bot_token,
                None if http else slack.app_token,
                slack.signing_secret if http else None,
                slack.api_url,
            )
            policy = Policy(viewers=frozenset({NARROW_GUEST}))
            channels = slack_channels(slack.bot_token, slack.api_url, session)
            bot = await open_slack(tokens, metrics, intervals=intervals)
            people = People(bot.app.client, bot.workspace)
            middleware.register(bot.app, people, policy, seeing_all, lambda: now)
            commands = answers.SlackCommands(talk, session, seeing_all)
            answers.register(bot.app, commands)
            shared = Sharing(channels, policy, Audit(database), at_first)
            sharing.register(bot.app, commands, shared)
            register_fallbacks(bot.app)
            web = Web(metrics.registry)
            if http:
                web.serve_slack(bot.handle_http)
                port = await web.start(0, "127.0.0.1")
                slack.use_http(f"http://127.0.0.1:{port}/slack/events")
            await bot.start()

            async def finished() -> None:
                await bot.app.in_flight.finished(LONGEST)

            office.app_finished = finished
            try:
                yield SlackHarness(slack, office, bot, talk, metrics)
            finally:
                await bot.stop()
                await web.stop()
                await database.close()

    return started


@pytest.fixture
async def harness(opened: Open) -> AsyncIterator[SlackHarness]:
    """A bot in Socket Mode."""
    async with opened() as running:
        yield running
