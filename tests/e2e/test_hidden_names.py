"""A channel that sees one project: nothing tells a hidden name from one that doesn't exist."""

import csv
import io

import pytest

from simulators.slack.office import COSTS, ENGINEERING, MANAGER, MEMBER
from tests.harness import Harness
from tests.harness.fixtures import Start

ONE_PROJECT = f'[[visibility]]\nchannel = "{ENGINEERING}"\nprojects = ["search"]\n'
HIDDEN = {
    "voice": "woize",
    "support-assistant": "suppart-azzistant",
    "gpt-audio-mini-2025-12-15": "gpt-oudia-mono-2025-12-15",
    "voice-prod": "woize-prad",
    "Ines Duarte": "Enis Daurte",
}
"""Projects, a model, a key and a user outside of it, each with a name of the same shape that
nothing has."""
ASKED = (
    *("{}", "project {}", "model {}", "key {}", "{} last week by model", "why {}"),
    *("why project {}", "forecast project {}", "project search vs project {}", "help {}"),
    *("export {}", "export project {}", "project {} by user", "digest on 9:00 {}"),
    *("alerts list project {}", "budget remove project {}", "budget set {} 100000 monthly"),
    "budget set project {} 100000 monthly",
)


@pytest.fixture
def limited(start_bot: Start) -> Start:
    """A bot whose channel #engineering sees one project."""
    return lambda: start_bot(toml=ONE_PROJECT)


@pytest.mark.parametrize("user", [MEMBER, pytest.param(MANAGER, marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "hidden",
    [
        pytest.param(name, marks=() if name == "voice" else pytest.mark.slow)
        for name in sorted(HIDDEN)
    ],
)
async def test_a_hidden_name_is_answered_like_one_that_nothing_has(
    limited: Start, user: str, hidden: str
) -> None:
    """Alone, after its kind, misspelled, and in every command, also for a manager."""
    async with limited() as harness:
        assert "created" in await harness.ask(
            "budget set project voice 100000 monthly", MANAGER, COSTS
        )
        for form in ASKED:
            there = await _asked(harness, user, form, hidden)
            assert there == await _asked(harness, user, form, HIDDEN[hidden]), form
        slip = await harness.ask("voise last week", user, ENGINEERING)  # a letter off
        assert "voice" not in slip
        assert "voice" in await harness.ask("voice last week", MEMBER, COSTS)


async def _asked(harness: Harness, user: str, form: str, name: str) -> str:
    """The answer in the limited channel, with the name taken out."""
    said = f'"{name}"' if " " in name else name
    answer = await harness.ask(form.format(said), user, ENGINEERING)
    return answer.replace(name, "…").replace(name.casefold(), "…")


async def test_its_csv_holds_that_project_alone(limited: Start) -> None:
    """Of everything, and of one model that others use too; hidden amounts are in no sum."""
    async with limited() as harness:
        search = harness.providers.world.openai.project("search").project_id
        for words in ("export last week", "export model gpt-5-2025-08-07 last week"):
            await harness.slack.say(MEMBER, ENGINEERING, f"/aicost {words}")
            file = harness.slack.person(MEMBER).files[-1]
            rows = list(csv.DictReader(io.StringIO(file.content.decode())))
            assert rows
            assert {row["SubAccountId"] for row in rows} == {search}, words
