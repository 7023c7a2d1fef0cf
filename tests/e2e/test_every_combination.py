"""Every breakdown of every filter, alone and compared, is the simulators' truth."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import get_args

import pytest

from bot.language.commands import CommandRejected, ParseFailure
from bot.ledger.models import Dimension
from bot.reports.messages.compare import compared_rows
from bot.reports.models import CompareAnswer, SpendAnswer, Summary
from providers.money import total
from providers.period import Period
from simulators.anthropic import AnthropicServer
from simulators.provider_server import serve_provider
from simulators.quirks import Quirks
from simulators.slack.office import ENGINEERING
from simulators.world import Truth
from simulators.world.truth import ProviderName
from tests.harness import App, Harness

PROVIDERS: tuple[ProviderName, ...] = ("openai", "openrouter")
BOTH = Period(date(2026, 11, 2), date(2026, 11, 16))
TEXTS = ("2026-11-02..2026-11-08", "2026-11-09..2026-11-15")
NOT_HERE = ("team", "channel")
"""Breakdowns that need settings and a provider that reports them: see the test of teams."""
BREAKDOWNS = (
    *("", "by project and model"),
    *(f"by {each}" for each in get_args(Dimension) if each not in NOT_HERE),
)
BY_USER = ("by user", "by person")
"""The same breakdown by two names."""
REFUSED = {
    *(("project", by) for by in ("by project", "by key", *BY_USER, "by project and model")),
    *(("model", by) for by in ("by model", "by key", *BY_USER, "by project and model")),
    *(("key", by) for by in ("by key", "by project", "by model", *BY_USER)),
    ("key", "by project and model"),
}
"""What can't be combined: the providers don't say it, or it would have one row."""
TEAMS = """
[[team]]
name = "apps"
rules = [{ connection = "openrouter", keys = ["ci"] }]
"""
Of = Callable[[Period], Decimal]


def filters(truth: Truth, projects: Mapping[str, str]) -> dict[str, Of]:
    """Each kind of filter as it is typed, with the truth of it."""

    def model(name: str) -> Of:
        return lambda days: total(
            truth.by_model(each, days).get(name, Decimal(0)) for each in PROVIDERS
        )

    (name, project), *_ = projects.items()
    used = sorted(each for each in truth.by_model("openai", BOTH) if each)
    key = min(each for each in truth.by_key("openai", BOTH) if each)
    return {
        "": lambda days: total(truth.used(each, days) for each in PROVIDERS),
        "openai": lambda days: truth.used("openai", days),
        f'project "{name}"': lambda days: truth.by_project("openai", days).get(project, Decimal(0)),
        f'model "{used[0]}"': model(used[0]),
        f'key "{key}"': lambda days: truth.by_key("openai", days).get(key, Decimal(0)),
    }


def check(summary: Summary, expected: Of, said: str) -> None:
    """The total, each day and the rows of a breakdown."""
    assert summary.used_total == expected(summary.period), said
    if summary.breakdown is not None:
        rows = total(row.used for row in summary.breakdown.rows)
        assert rows == summary.used_total, said
    for day in summary.days:
        assert day.used == expected(Period.of_day(day.day)), (said, day.day)


async def refused_of(
    app: App, filters_: Mapping[str, Of], breakdowns: Sequence[str]
) -> set[tuple[str, str]]:
    """Ask every combination, alone and compared, and check the answers; return what is refused."""
    refused = set[tuple[str, str]]()
    for words, of in filters_.items():
        expected = cache(of)
        for by in breakdowns:
            for period in (TEXTS[0], " vs ".join(TEXTS)):
                said = " ".join(f"{words} {period} {by}".split())
                answer = (await app.services.ask(said, app.clock())).result
                match answer:
                    case SpendAnswer(summary=summary):
                        check(summary, expected, said)
                    case CompareAnswer(first=first, second=second):
                        check(first, expected, said)
                        check(second, expected, said)
                        parts = compared_rows(answer)
                        for side, summary in ((1, first), (2, second)):
                            amounts = [row[1] if side == 1 else row[2] for row in parts]
                            assert (
                                total(each or Decimal(0) for each in amounts) == summary.used_total
                            ), said
                    case ParseFailure() | CommandRejected():
                        refused.add((words.partition(" ")[0], by))
                    case _:
                        raise AssertionError(said)
    return refused


@pytest.mark.slow
async def test_every_breakdown_filter_and_comparison_is_the_truth(app: App) -> None:
    """To the nano. What can't be combined is refused, and nothing else is."""
    await app.sync()
    world = app.providers.world
    projects = {each.name: each.project_id for each in world.openai.projects}
    assert await refused_of(app, filters(world.truth, projects), BREAKDOWNS) == REFUSED


@pytest.mark.slow
async def test_teams_channels_and_people(simulators: Harness, tmp_path: Path) -> None:
    """The same by team and by channel of Slack, and of one of each. The operator is no person."""
    settings = tmp_path / "aicost.toml"
    settings.write_text(TEAMS)
    async with serve_provider(AnthropicServer(simulators.providers.world, Quirks())) as running:
        variables = {
            "OPENAI_ADMIN_KEY": None,
            "AICOST_CONFIG": str(settings),
            **running.environment,
        }
        async with simulators.app(**variables) as app:
            await app.sync_nothing_before(BOTH.start)
            truth = app.providers.world.truth
            sold: tuple[ProviderName, ...] = ("anthropic", "openrouter")
            of: dict[str, Of] = {
                "": lambda days: total(truth.used(each, days) for each in sold),
                "openrouter": lambda days: truth.used("openrouter", days),
                "team apps": lambda days: truth.by_key("openrouter", days).get("ci", Decimal(0)),
                f"<#{ENGINEERING}>": lambda days: truth.by_channel("anthropic", days).get(
                    ENGINEERING, Decimal(0)
                ),
                "me": lambda _days: Decimal(0),
            }
            none = {(words, "by channel") for words in ("team", "me")}
            place = f"<#{ENGINEERING}>"
            assert await refused_of(app, of, ("", "by team", "by channel")) == {
                *none,
                *(("team", "by team"), (place, "by team"), (place, "by channel")),
                *(("me", ""), ("me", "by team")),
            }
