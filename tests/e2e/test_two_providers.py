"""A team with OpenAI and OpenRouter alone, and nothing in aicost.toml: what it doesn't have costs
it no request and no word."""

import re
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import get_args
from urllib.parse import urlsplit

import pytest

from bot.language.commands import Topic
from bot.slack import openers
from simulators.slack.office import COSTS, GUEST, MANAGER, MEMBER
from tests.harness import Harness
from tests.harness.fixtures import Start

OTHERS = re.compile(
    r"anthropic|claude|\bxai\b|grok|deepseek|\bteams?\b|unallocated|\bwebhooks?\b|cloudevent"
    r"|currenc|\beuros?\b|by channel|each person|channel of slack",
    re.IGNORECASE,
)
"""Words of what only others have."""
MODEL = re.compile(r"[\w.-]+/[\w.:-]+|claude-[\w.-]+")
"""A model as OpenRouter names it."""
QUESTIONS = (
    *(
        "",
        "by model",
        "by project",
        "by key",
        "by user",
        "last week by day",
        "openai vs openrouter",
    ),
    *("balance", "limits", "status", "forecast", "why last week", "statement last month"),
    *("budget list", "alerts list", "digest list", "export last week", "spend of frobnicator"),
    *("help", *(f"help {topic}" for topic in get_args(Topic))),
)
_watchers: list[set[int]] = []


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.connect" and _watchers and isinstance(arguments[1], tuple):
        for ports in _watchers:
            ports.add(int(arguments[1][1]))


sys.addaudithook(_hook)


@contextmanager
def connections_made() -> Iterator[set[int]]:
    """Collect the ports on this machine to which anything in this process connects."""
    ports: set[int] = set()
    _watchers.append(ports)
    try:
        yield ports
    finally:
        _watchers.remove(ports)


async def test_nothing_is_said_of_what_it_does_not_have(harness: Harness) -> None:
    """In no answer, help, form, alert, digest, refusal or on Home."""
    said = {words: await harness.ask(words, MANAGER) for words in QUESTIONS}
    said |= {f"a member's {words}": await harness.ask(words) for words in ("by user", "me")}
    said["a guest's"] = await harness.ask("", GUEST)
    await harness.slack.say(MANAGER, COSTS, "/aicost budget set openai 100 monthly")
    await harness.slack.say(MANAGER, COSTS, "/aicost budget set openrouter left 9000")
    await harness.slack.say(MANAGER, COSTS, "/aicost digest on 09:00 daily UTC")
    await harness.advance(hours=18)
    assert len(harness.posted()) >= 3
    said["posted"] = harness.shown()
    for user in (MANAGER, MEMBER):
        said[f"Home of {user}"] = await harness.home(user)
    home = await harness.slack.open_home(MANAGER)
    assert home is not None
    for form in (openers.NEW_BUDGET, openers.NEW_LOW_BALANCE, openers.DIGEST, openers.VISIBILITY):
        said[form] = str((await harness.open_modal(home, form, MANAGER, "new")).content)
    found = {where: OTHERS.findall(MODEL.sub("", text)) for where, text in said.items()}
    assert {where: words for where, words in found.items() if words} == {}, found


@pytest.mark.parametrize(("by_user", "more"), [("off", 0), ("on", 1)])
async def test_an_hour_takes_these_requests(start_bot: Start, by_user: str, more: int) -> None:
    """Costs by user, which can be turned off, take one request an hour at each provider. Nobody but
    these two and Slack is asked anything."""
    async with start_bot(AICOST_BREAKDOWN_BY_USER=by_user) as harness:
        await harness.advance(hours=2)
        servers = (harness.providers.openai, harness.providers.openrouter)
        before = [Counter(each.path for each in server.requests) for server in servers]
        with connections_made() as ports:
            await harness.advance(hours=2)
            await harness.ask("by model")
        openai, openrouter = (
            Counter(each.path for each in server.requests) - earlier
            for server, earlier in zip(servers, before, strict=True)
        )
        assert openai["/v1/organization/costs"] == 2 + more, openai
        assert openrouter["/api/v1/analytics/query"] == 2 + more, openrouter
        urls = (harness.slack_server.api_url, *(server.base_url for server in servers))
        assert ports <= {urlsplit(url).port for url in urls}
