"""Every breakdown of every filter, alone and compared, is the simulators' truth."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from typing import get_args

import pytest

from bot.language.commands import CommandRejected, ParseFailure
from bot.ledger.models import Dimension
from bot.reports.messages.compare import compared_rows
from bot.reports.models import CompareAnswer, SpendAnswer, Summary
from providers.money import total
from providers.period import Period
from simulators.world import Truth
from simulators.world.truth import ProviderName
from tests.harness import App

PROVIDERS: tuple[ProviderName, ...] = ("openai", "openrouter")
BOTH = Period(date(2026, 11, 2), date(2026, 11, 16))
TEXTS = ("2026-11-02..2026-11-08", "2026-11-09..2026-11-15")
NOT_HERE = ("team", "person", "channel")
"""Breakdowns that need more than these providers and no settings."""
BREAKDOWNS = (
    *("", "by project and model"),
    *(f"by {each}" for each in get_args(Dimension) if each not in NOT_HERE),
)
REFUSED = {
    *(("project", by) for by in ("by project", "by key", "by user", "by project and model")),
    *(("model", by) for by in ("by model", "by key", "by user", "by project and model")),
    *(("key", by) for by in ("by key", "by project", "by model", "by user")),
    ("key", "by project and model"),
}
"""What can't be combined: the providers don't say it, or it would have one row."""
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


@pytest.mark.slow
async def test_every_breakdown_filter_and_comparison_is_the_truth(app: App) -> None:
    """To the nano. What can't be combined is refused, and nothing else is."""
    await app.sync()
    world = app.providers.world
    projects = {each.name: each.project_id for each in world.openai.projects}
    refused = set[tuple[str, str]]()
    for words, of in filters(world.truth, projects).items():
        expected = cache(of)
        for by in BREAKDOWNS:
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
    assert refused == REFUSED
