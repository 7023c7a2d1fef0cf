"""What could not be had is unknown, with a reason and a remedy; it is zero in no answer."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from bot.cli.printing import answer_text
from bot.language.commands import ParseFailure
from providers.money import plain
from providers.period import DAY, Period
from simulators import faults
from simulators.providers import SimulatedProviders
from simulators.quirks import Quirk
from tests.harness import App

MONTH = Period(date(2026, 11, 1), date(2026, 11, 25))
TEXTS = ("", "by model", "by project", "by key", "by day", "7d", "balance", "why", "forecast")


def nothing_more(_: SimulatedProviders) -> None:
    """The quirks alone."""


def without_scope(providers: SimulatedProviders) -> None:
    providers.openai.scopes[providers.openai.keys.admin] = set()


def failing(answer: faults.Answer, **where: Any) -> Callable[[SimulatedProviders], object]:
    return lambda providers: providers.openai.faults.add(answer, **where)


LIES: dict[str, tuple[tuple[Quirk, ...], Callable[[SimulatedProviders], object]]] = {
    "more, and no token": ((Quirk.SHORT_PAGES, Quirk.MORE_WITHOUT_TOKEN), nothing_more),
    "euros": ((Quirk.NON_USD_ROW,), nothing_more),
    "no amount": ((Quirk.ABSENT_AMOUNT,), nothing_more),
    "no scope": ((), without_scope),
    "no scope, as 401": ((Quirk.SCOPE_AS_401,), without_scope),
    "a bare error": ((Quirk.BARE_ERRORS,), without_scope),
    "outage": ((), failing(faults.outage())),
    "a page of HTML": ((), failing(faults.html())),
    "HTML that says it is well": ((), failing(faults.html(200))),
    "a body cut off": ((), failing(faults.truncated())),
    "a reset": ((), failing(faults.reset())),
    "404": ((), failing(faults.not_found())),
    "limited for an hour": ((), failing(faults.rate_limited("3600"))),
    "the second page fails": (
        (Quirk.SHORT_PAGES,),
        failing(faults.status(500), path="/costs", only_pages_after_first=True),
    ),
}


QUICK_LIES = {"euros", "outage", "the second page fails"}
"""A row, no answer, half of the pages."""


@pytest.mark.parametrize(
    ("quirks", "break_it"),
    [
        pytest.param(*lie, id=name, marks=() if name in QUICK_LIES else pytest.mark.slow)
        for name, lie in LIES.items()
    ],
)
async def test_nothing_is_known_of_openai_and_all_of_openrouter(
    app: App, quirks: tuple[Quirk, ...], break_it: Callable[[SimulatedProviders], object]
) -> None:
    """The sync says that it failed; no figure, total or sentence counts OpenAI as nothing."""
    app.providers.quirks.on(*quirks)
    break_it(app.providers)
    report = await app.sync(since=MONTH.start)
    assert [each.is_synced for each in report.connections] == [False, True]
    [fault, *_] = report.connections[0].faults.values()
    assert str(fault)
    assert fault.remedy
    truth = app.providers.world.truth
    for text in TEXTS:
        answer = await app.services.ask(text, app.clock())
        if isinstance(answer, ParseFailure):  # asked in Slack only
            continue
        said = answer_text(answer)
        assert not re.search(r"OpenAI[^\n]*\$0\b", said), said
        shown = await app.ask(text)
        mine = next(each for each in shown["connections"] if each["name"] == "openai")
        assert (mine["status"], mine["used"], mine["left"]) == ("unknown", None, None), text
        assert mine["reason"], text
        assert shown["used"]["complete"] is False
    month = await app.ask("mtd by model")
    assert month["used"]["total"] == plain(truth.used("openrouter", MONTH))
    assert {row["connection"] for row in month["breakdown"]["rows"]} == {"openrouter"}


async def test_a_day_that_the_provider_leaves_out_is_the_only_one_missing(app: App) -> None:
    """Never zero, and never the end of what is known of other days."""
    app.providers.quirks.on(Quirk.MISSING_DAY)
    assert (await app.sync(since=MONTH.start)).is_synced
    [openai] = (await app.ask("openai mtd"))["connections"]
    day = MONTH.start.replace(day=15)
    assert openai["missing_days"] == [day.isoformat()]
    truth = app.providers.world.truth
    assert openai["used"] == plain(truth.used("openai", MONTH) - truth.openai(day))
    [alone] = (await app.ask(f"openai {day}"))["connections"]
    assert (alone["status"], alone["used"]) == ("unknown", None)
    assert "15 Nov" in alone["reason"]


async def test_with_nothing_known_at_all_there_is_no_total(app: App) -> None:
    """Both providers down from the start: null, not "0"; no sentence with a figure."""
    for provider in (app.providers.openai, app.providers.openrouter):
        provider.faults.add(faults.outage())
    assert not (await app.sync(since=MONTH.start)).is_synced
    for text in TEXTS:
        answer = await app.services.ask(text, app.clock())
        if isinstance(answer, ParseFailure):
            continue
        assert "$" not in answer_text(answer), answer_text(answer)
        shown = await app.ask(text)
        assert shown["used"]["total"] is None
        assert shown["days"] == []


async def test_a_connection_that_fails_later_keeps_what_was_known(synced: App) -> None:
    """Stale is not unknown: the figures of the last good read, their age, and why."""
    before = await synced.ask("yesterday")
    synced.clock.advance(DAY)
    synced.providers.openai.faults.add(faults.outage())
    await synced.sync()
    after = await synced.ask("2026-11-23")
    mine = next(each for each in after["connections"] if each["name"] == "openai")
    assert mine["status"] == "stale"
    assert mine["used"] == before["connections"][0]["used"]
    assert mine["reason"]
    today = await synced.ask("openai today")
    assert today["connections"][0]["used"] is None
