"""In Slack, a day that the provider has not published yet is missing, and never zero."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import pytest
import pytest_asyncio

from bot.bootstrap import open_house
from bot.cli.demo import running_app
from bot.service import serving
from bot.settings.settings import settings_of
from bot.slack.plain import plain_text
from bot.sync.report import silent
from providers.period import Period
from simulators.clock import DemoClock
from simulators.demo.stage import Stage
from simulators.demo.steps import Expect, OpenHome, Say
from simulators.quirks import Quirks
from simulators.slack import serve_slack, small_office
from simulators.slack.office import MANAGER
from simulators.vendors import simulated_vendors
from simulators.world import World

SINCE = date(2026, 10, 8)
WEDNESDAY = date(2026, 11, 4)
BEFORE_MIDNIGHT = datetime(2026, 11, 4, 23, 40, tzinfo=UTC)
HALF_PAST_ONE = datetime(2026, 11, 5, 1, 30, 5, tzinfo=UTC)
PUBLISHED = datetime(2026, 11, 5, 3, 5, tzinfo=UTC)
NO_FIGURE = "OpenAI has not published anything for 4 Nov"
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def night(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """The night after Wednesday, at 01:30 in London: OpenAI publishes a day at 03:00. Of two
    digests one was due just now, and one is to wait until the day has settled."""
    clock = DemoClock(BEFORE_MIDNIGHT)
    quirks = Quirks()
    quirks.publishes_after["openai"] = timedelta(hours=3)
    folder = tmp_path_factory.mktemp("night")
    async with (
        simulated_vendors(World("night", clock), quirks) as vendors,
        serve_slack(small_office(clock, render=plain_text)) as slack,
    ):
        environment = {
            **vendors.environment,
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
            "SLACK_API_URL": slack.api_url,
            "AICOST_MANAGERS": MANAGER,
            "DATABASE_URL": f"sqlite:///{folder}/ledger.db",
            "PORT": "0",
        }
        settings = settings_of(environment, folder)
        async with open_house(settings, clock) as house:
            await house.sync().round(silent, SINCE)
            async with house.store.writing() as ledger:  # so that the bot reads no year before it
                for name in ("openai", "openrouter"):
                    await ledger.set_earliest_served(name, SINCE)
        async with serving(settings, clock, "127.0.0.1") as bot:
            await slack.connected()
            stage = Stage(slack.workspace, vendors, clock, running_app(bot))
            for words, channel in (
                ("on 01:30 daily Europe/London", "ai-costs"),
                ("on 00:30 daily Europe/London when settled by 11:00", "engineering"),
            ):
                await stage.do(Say(f"/aicost digest {words}", who="ben", channel=channel))
            await run_at(stage, HALF_PAST_ONE - timedelta(hours=1))
            await run_at(stage, HALF_PAST_ONE)
            yield stage


async def run_at(stage: Stage, moment: datetime) -> None:
    """The bot syncs at that moment, and does what is due then."""
    async with stage.app.paused():
        stage.clock.set(moment)
        await stage.app.sync()
        await stage.app.do_due()


async def answered(stage: Stage, words: str) -> str:
    """What the manager reads in answer to a command."""
    outcome = await stage.do(Say(f"/aicost {words}", who="mona"))
    assert outcome.answer is not None
    return outcome.answer.plain


def posted(stage: Stage, channel: str) -> str:
    """All that is said in the channel."""
    return stage.visible(stage.person("ben"), Expect("", who="ben", channel=channel))


async def test_a_digest_names_the_day_that_is_not_published(night: Stage) -> None:
    """The digest gives no amount for OpenAI, says why, and calls its total incomplete."""
    said = posted(night, "ai-costs")
    assert "AI costs: Wednesday 4 Nov" in said
    assert "OpenAI: used is unknown, 4 Nov is not published yet" in said
    assert re.search(r"\$[\d.]+ used, as far as known, on Wednesday 4 Nov", said)
    assert "$0.00" not in said
    assert "unusually little" not in said


async def test_home_leaves_the_day_out_of_its_total(night: Stage) -> None:
    """Home says that the total is incomplete, and names the day."""
    await night.do(OpenHome(who="mona"))
    said = night.visible(night.person("mona"), Expect("", who="mona", surface="home"))
    assert "used, as far as known · 1–5 Nov" in said
    assert NO_FIGURE in said


@pytest.mark.parametrize("period", ["yesterday", "2026-11"])
async def test_an_export_names_the_day_that_it_lacks(night: Stage, period: str) -> None:
    """A file whose sum would pass for the whole says which day is missing, and so does an answer
    without a file."""
    assert NO_FIGURE in await answered(night, f"export openai {period}")
    assert NO_FIGURE not in await answered(night, f"export openrouter {period}")


async def test_a_budget_does_not_count_the_day_as_zero(night: Stage) -> None:
    """What is used of a budget is unknown while a day of it is missing."""
    said = await answered(night, "budget set openai 9000 monthly")
    assert "Used so far is unknown" in said
    assert "Used so far is unknown" in await answered(night, "budget list")
    assert "monthly budget" not in posted(night, "ai-costs")


async def test_known_days_over_a_threshold_alert_before_the_day_is_published(night: Stage) -> None:
    """The alert, the Home tab and the digest say that it is the least."""
    truth = night.scene.vendors.world.truth
    least = f"at least ${truth.used('openai', Period(date(2026, 11, 1), WEDNESDAY)):,.2f}"
    said = await answered(night, "budget set openai 300 monthly at 50")
    assert f"Used so far is unknown, {least}" in said
    await run_at(night, HALF_PAST_ONE)
    assert f"OpenAI has used {least} of its $300 monthly budget" in posted(night, "ai-costs")
    await night.do(OpenHome(who="mona"))
    home = night.visible(night.person("mona"), Expect("", who="mona", surface="home"))
    assert "how much is used is unknown, at least" in home
    digest = await answered(night, "digest preview")
    assert f"what was used is unknown, {least}" in digest


async def test_a_digest_that_waits_is_posted_with_the_whole_day(night: Stage) -> None:
    """`when settled` waits until the day was published and stayed the same for an hour."""
    assert "4 Nov" not in posted(night, "engineering")
    await run_at(night, PUBLISHED)
    assert "4 Nov" not in posted(night, "engineering")
    await run_at(night, PUBLISHED + timedelta(minutes=61))
    truth = night.scene.vendors.world.truth
    used = truth.openai(WEDNESDAY) + truth.openrouter(WEDNESDAY)
    assert f"${used:.2f} used on Wednesday 4 Nov" in posted(night, "engineering")
