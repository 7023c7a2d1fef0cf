"""Menus with more choices than Slack's hundred: typed into, chosen from, sent; and who is offered
what."""

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal

import pytest

from bot.budgets.views import budget
from bot.digests import views as digest
from bot.digests.repository import DigestRepository
from bot.home.views import visibility
from bot.ledger.charge_writer import ChargeWriter
from bot.ledger.repository import LedgerRepository
from bot.scope import Scope
from bot.slack import openers
from bot.slack.text_renderer import plain_text
from providers.models import Charge, ChargesRead, Name
from providers.period import Period
from simulators.slack import inputs
from simulators.slack.faults import Says
from simulators.slack.office import COSTS, ENGINEERING, GUEST, MANAGER, MEMBER, STRANGER
from simulators.slack.pings import pings
from simulators.slack.things import View
from tests.harness import Harness
from tests.harness.fixtures import Start
from tests.home.test_modals import BUDGET, DIGEST, opened, sent

DAY = date(2026, 10, 10)
HEBREW = "פרויקט חיפוש"
HOSTILE = "<!channel> <@U0ADMIN> *b* & 🚀"
LONG = "a project whose name goes on and on " * 14
NAMES = {7: HEBREW, 8: HOSTILE, 9: LONG}
COUNT = 2000


async def crowd(harness: Harness) -> None:
    """2,000 projects that used something on one day, some with names made to hurt."""
    charges = [
        Charge(
            charge_period_start=DAY,
            effective_cost=Decimal(COUNT - n) / 1000,
            sub_account_id=f"proj_{n:04}",
            sku_id="gpt-5, input",
            x_model="gpt-5",
        )
        for n in range(COUNT)
    ]
    names = [Name("project", f"proj_{n:04}", NAMES.get(n, f"Team {n}")) for n in range(COUNT)]
    read = ChargesRead(Period(DAY, date(2026, 10, 11)), charges, frozenset({DAY}))
    async with harness.database.writing() as session:
        await ChargeWriter(session).replace_days("openai", read, harness.clock())
        await LedgerRepository(session).merge_names("openai", names)


@pytest.fixture
async def crowded(start_bot: Start) -> AsyncIterator[Harness]:
    """A stage with very many projects."""
    async with start_bot() as harness:
        await crowd(harness)
        yield harness


def element_of(modal: View, action: str) -> dict[str, object]:
    """The menu of that action."""
    return next(dict(e) for _, e in inputs.elements(modal) if e["action_id"] == action)


async def test_the_two_thousandth_project_is_chosen(crowded: Harness) -> None:
    """Typed for, found, chosen and sent: it is the budget's scope, and its preview is real."""
    modal = await opened(crowded, openers.NEW_BUDGET)
    assert element_of(modal, budget.SEARCH_BUDGET)["type"] == "external_select"
    first = await crowded.slack.search(modal, budget.SEARCH_BUDGET, MANAGER, "")
    assert 50 < len(first.options) <= 100
    assert [label for label, _ in first.groups] == [
        "Everything",
        "Providers",
        "Projects",
        "Models",
        "Keys",
        "Each, with the same amount",
    ]
    with pytest.raises(ValueError, match="no option"):
        await sent(crowded, modal, BUDGET | {budget.SCOPE: "project:Team 1999"})
    found = await crowded.slack.search(modal, budget.SEARCH_BUDGET, MANAGER, "team 1999")
    assert found.texts == ["Team 1999"]
    filled = BUDGET | {budget.SCOPE: "project:Team 1999"}
    preview = await crowded.open_modal(modal, budget.PREVIEW, MANAGER, filled=filled)
    assert "Project Team 1999" in plain_text({"text": "", "blocks": preview.blocks})
    await crowded.slack.close(preview, MANAGER)
    answer = await sent(crowded, modal, filled)
    assert answer.errors == {}
    (rule,) = await crowded.rules()
    assert rule.scope == Scope("project", "Team 1999")


async def test_any_name_is_found(crowded: Harness) -> None:
    """By any of its words, in any script and case; one too long to come back, by its id."""
    for words, value in (
        (("חיפוש",), f"project:{HEBREW}"),
        (("<!channel>", "🚀"), f"project:{HOSTILE}"),
        (("GOES ON and project", "proj_0009"), "project:proj_0009"),
        (("openrouter",), "provider:openrouter"),
    ):
        modal = await opened(crowded, openers.NEW_BUDGET)
        for typed in words:
            found = await crowded.slack.search(modal, budget.SEARCH_BUDGET, MANAGER, typed)
            assert value in [option["value"] for option in found.options]
        await sent(crowded, modal, BUDGET | {budget.SCOPE: value})
        rule = (await crowded.rules())[-1]
        assert f"{rule.scope.kind}:{rule.scope.name}" == value
    listed = await crowded.slack.say(MANAGER, COSTS, "/aicost budget list")
    assert not pings({"text": listed.text, "blocks": listed.blocks})


async def test_nothing_fits(crowded: Harness) -> None:
    """Words that no name holds find nothing, and that is no failure."""
    modal = await opened(crowded, openers.NEW_BUDGET)
    for typed in ("no such thing", "x" * 3000, "%", "\\"):
        found = await crowded.slack.search(modal, budget.SEARCH_BUDGET, MANAGER, typed)
        assert (found.options, found.failure) == ([], None)


@pytest.mark.parametrize("user", [MEMBER, GUEST, STRANGER])
async def test_who_may_not_is_offered_nothing(crowded: Harness, user: str) -> None:
    """A forged search in a manager's modal shows no name."""
    modal = await opened(crowded, openers.NEW_BUDGET)
    found = await crowded.slack.search(modal, budget.SEARCH_BUDGET, user, "team")
    assert (found.options, found.failure) == ([], None)


async def test_someone_unknown_is_offered_nothing(crowded: Harness) -> None:
    """Where Slack won't say who types, there are no names."""
    modal = await opened(crowded, openers.DIGEST, MEMBER)
    crowded.slack_server.fail("users.info", Says("fatal_error"), times=3)
    found = await crowded.slack.search(modal, digest.SEARCH_DIGEST, STRANGER, "team")
    assert (found.options, found.failure) == ([], None)


async def test_a_digest_keeps_its_project(crowded: Harness) -> None:
    """A member's digest of a small project; changed later, its project stands in the menu still."""
    modal = await opened(crowded, openers.DIGEST, MEMBER)
    await crowded.slack.search(modal, digest.SEARCH_DIGEST, MEMBER, "team 1500")
    await sent(crowded, modal, DIGEST | {digest.SCOPE: "project:Team 1500"}, MEMBER)
    again = await opened(crowded, openers.DIGEST, MEMBER, "1")
    await sent(crowded, again, {digest.DEPTH: "full"}, MEMBER)
    async with crowded.database.reading() as session:
        (plan,) = await DigestRepository(session).active()
    assert plan.settings.scope == Scope("project", "Team 1500")
    assert plan.settings.depth == "full"


async def test_only_what_is_seen_is_offered(start_bot: Start) -> None:
    """Whoever sees two projects alone is offered those two, whatever they type."""
    toml = '[[visibility]]\ngroup = "S0SEARCH"\nprojects = ["Team 1", "team 1999"]\n'
    async with start_bot(toml=toml) as harness:
        await crowd(harness)
        harness.slack.groups["S0SEARCH"] = (MEMBER,)
        everything = await opened(harness, openers.DIGEST, MANAGER)
        for typed, texts in (("", {"Team 1", "Team 1999"}), ("team", {"Team 1", "Team 1999"})):
            found = await harness.slack.search(everything, digest.SEARCH_DIGEST, MEMBER, typed)
            projects = {text for text in found.texts if text.startswith("Team")}
            assert projects == texts
        assert (
            len(
                (
                    await harness.slack.search(everything, digest.SEARCH_DIGEST, MANAGER, "team")
                ).options
            )
            == 100
        )


async def test_projects_that_a_channel_sees(crowded: Harness) -> None:
    """Several are searched and chosen; the channel then sees those alone."""
    modal = await opened(crowded, openers.VISIBILITY)
    for typed in ("team 1998", "team 1999"):
        await crowded.slack.search(modal, visibility.SEARCH_PROJECTS, MANAGER, typed)
    chosen = ["Team 1998", "Team 1999"]
    answer = await sent(
        crowded, modal, {visibility.CHANNEL: ENGINEERING, visibility.PROJECTS: chosen}
    )
    assert answer.errors == {}
    words = f"/aicost {DAY}..{DAY} by project"
    shown = await crowded.slack.say(MEMBER, ENGINEERING, words)
    assert "Team 1999" in shown.plain
    assert "Team 20" not in shown.plain


async def test_few_choices_are_a_plain_menu(harness: Harness) -> None:
    """Where a hundred suffice nothing has to be typed, and nothing is asked of the app."""
    modal = await opened(harness, openers.NEW_BUDGET)
    assert element_of(modal, budget.SEARCH_BUDGET)["type"] == "static_select"
