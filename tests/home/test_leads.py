"""Answers that lead on: menus, sharing, details, files, mentions and shortcuts."""

import csv
import io
from datetime import date
from decimal import Decimal

import pytest

from bot.ledger.charges import ChargeRepository
from bot.reports import views
from bot.reports.messages.suggestions import (
    ASK_DIMENSION,
    ASK_PERIOD,
    ASK_SCOPE,
    CSV,
    IN_THREAD,
    SHARE,
    SHARE_ANYWAY,
)
from bot.slack.text_renderer import plain_text
from providers.period import Period
from simulators.slack.answer import Answer
from simulators.slack.limits import blocks_problems
from simulators.slack.office import (
    COSTS,
    ENGINEERING,
    GUEST,
    MANAGER,
    MEMBER,
    NARROW_GUEST,
    PARTNERS,
    QUIET,
    STRANGER,
)
from simulators.slack.pings import pings
from simulators.slack.state import SCOPES, Installation
from simulators.slack.things import Message
from tests.harness import Harness
from tests.harness.fixtures import Start


def seen(answer: Answer) -> Message:
    """What someone saw; Slack takes it, and it pings nobody."""
    message = answer.message
    assert message is not None, answer.failure
    assert not blocks_problems(message.blocks, "message")
    assert not pings({"text": message.text, "blocks": message.blocks})
    return message


async def test_menus_change_the_answer_in_place(harness: Harness) -> None:
    """Another period, provider or breakdown takes the place of the answer that only you see."""
    office = harness.slack
    first = seen(await office.say(MEMBER, COSTS, "/aicost"))
    for action, value, says in (
        (ASK_PERIOD, "last month", "last month"),
        (ASK_SCOPE, "openai last month", "OpenAI: $"),
        (ASK_DIMENSION, "openai last month by project", "OpenAI: $"),
    ):
        first = seen(await office.press(first, action, MEMBER, value))
        assert says in first.text
    assert len(office.channel(COSTS).seen_by(MEMBER)) == 1
    assert office.channel(COSTS).messages == []


async def test_shared_with_details_in_its_thread(harness: Harness) -> None:
    """Shared: who and when; its details come into the thread, once, whoever presses again."""
    office = harness.slack
    first = seen(await office.say(MEMBER, COSTS, "/aicost"))
    shared = seen(await office.press(first, SHARE, MEMBER))
    assert "Shared by ben" in shared.text
    await office.press(shared, IN_THREAD, MANAGER)
    thread = office.channel(COSTS).thread(shared.ts)
    for message, by in zip(thread, ("model", "project"), strict=True):
        assert f"Spend by {by}" in str(message.blocks)
    again = seen(await office.press(shared, IN_THREAD, MEMBER))
    assert "already" in again.text
    assert len(office.channel(COSTS).thread(shared.ts)) == 2
    assert [entry.action for entry in await harness.changes()] == ["answer.shared"]


async def test_not_shared_outside_without_a_manager(harness: Harness) -> None:
    """Where people of other workspaces read, a member is sent to a manager, who says yes first."""
    office = harness.slack
    first = seen(await office.say(MEMBER, PARTNERS, "/aicost"))
    refused = seen(await office.press(first, SHARE, MEMBER))
    assert "A manager can share it" in refused.text
    own = seen(await office.say(MANAGER, PARTNERS, "/aicost"))
    asked = seen(await office.press(own, SHARE, MANAGER))
    assert office.channel(PARTNERS).messages == []
    forged = seen(await office.press(asked, SHARE_ANYWAY, MEMBER))
    assert "Only workspace admins" in forged.text
    assert office.channel(PARTNERS).messages == []
    await office.press(asked, SHARE_ANYWAY, MANAGER)
    (message,) = office.channel(PARTNERS).messages
    assert "Shared by mona" in message.text


async def test_shared_from_home_into_a_channel(harness: Harness) -> None:
    """On Home a modal asks where to; only a channel that the person is in."""
    office = harness.slack
    home = await office.open_home(MEMBER)
    assert home is not None
    answer = await harness.open_modal(home, "aicost.answer.ask", MEMBER, "balance")
    await office.press(answer, SHARE, MEMBER)
    modal = office.person(MEMBER).modal
    assert modal is not None
    assert modal.content["callback_id"] == views.SHARE_FORM
    office.channel(COSTS).members.discard(MEMBER)
    await harness.slack.submit(modal, MEMBER, {views.CHANNEL: COSTS})
    assert office.channel(COSTS).messages == []
    answer = await harness.open_modal(home, "aicost.answer.ask", MEMBER, "balance")
    await office.press(answer, SHARE, MEMBER)
    modal = office.person(MEMBER).modal
    assert modal is not None
    await harness.slack.submit(modal, MEMBER, {views.CHANNEL: ENGINEERING})
    (message,) = office.channel(ENGINEERING).messages
    assert "Shared by ben" in message.text


async def test_a_viewer_reads_and_shares_nothing(start_bot: Start) -> None:
    """A guest who is named reads, and no more; one who is not gets the reason."""
    async with start_bot(AICOST_VIEWERS=NARROW_GUEST) as harness:
        office = harness.slack
        first = seen(await office.say(NARROW_GUEST, COSTS, "/aicost"))
        refused = seen(await office.press(first, SHARE, NARROW_GUEST))
        assert "not change or share anything" in refused.text
        for user, channel in ((GUEST, COSTS), (STRANGER, PARTNERS)):
            answer = seen(await office.say(user, channel, "/aicost export"))
            assert "$" not in answer.text
            assert office.person(user).files == []


async def test_csv_goes_to_the_requester_alone(harness: Harness) -> None:
    """By command and by button: FOCUS columns that add up to what the answer says."""
    office = harness.slack
    answer = seen(await office.say(MEMBER, COSTS, "/aicost export openai 2026-10"))
    assert "Sent to you directly" in answer.text
    assert "EffectiveCost is the spend shown in Slack" in answer.text
    assert "BilledCost is what is invoiced: 0 for use of prepaid credit" in answer.text
    (file,) = office.person(MEMBER).files
    assert file.name == "aicost-openai-2026-10-01-2026-10-31.csv"
    rows = list(csv.DictReader(io.StringIO(file.content.decode())))
    total = sum((Decimal(row["EffectiveCost"]) for row in rows), Decimal(0))
    shown = seen(await office.say(MEMBER, COSTS, "/aicost openai 2026-10"))
    assert f"${total.quantize(Decimal('0.01')):,}" in shown.text
    await office.press(shown, CSV, MEMBER)
    assert len(office.person(MEMBER).files) == 2
    assert not [m for m in office.channel(COSTS).messages if m.files]
    assert {entry.action for entry in await harness.changes()} == {"charges.exported"}


async def test_without_its_scope_csv_names_another_way(start_bot: Start) -> None:
    """Without files:write: a clear word, and the command line's way."""
    app = Installation(scopes=SCOPES - {"files:write"})
    async with start_bot(installation=app) as harness:
        answer = seen(await harness.slack.say(MEMBER, COSTS, "/aicost export 7d"))
        assert "files:write" in answer.text
        assert "aicost export --from 2026-11-18 --to 2026-11-25" in answer.text


async def test_csv_without_opening_direct_messages(start_bot: Start) -> None:
    """Without im:write the file finds its way to the person all the same."""
    app = Installation(scopes=SCOPES - {"im:write"})
    async with start_bot(installation=app) as harness:
        await harness.slack.say(MEMBER, COSTS, "/aicost export 7d")
        assert len(harness.slack.person(MEMBER).files) == 1


async def test_a_limited_channel_shares_and_exports_less(start_bot: Start) -> None:
    """What `aicost.toml` limits is limited in answers, shares, exports, lists and on Home."""
    toml = f'[[visibility]]\nchannel = "{ENGINEERING}"\nconnections = ["openrouter"]\n'
    async with start_bot(toml=toml) as harness:
        office = harness.slack
        await office.say(MANAGER, COSTS, "/aicost budget set openai 100000 monthly")
        await office.say(MANAGER, COSTS, "/aicost budget set openrouter 100000 monthly")
        first = seen(await office.say(MEMBER, ENGINEERING, "/aicost"))
        assert "OpenAI" not in str(first.blocks)
        shared = seen(await office.press(first, SHARE, MANAGER))
        assert "OpenAI" not in str(shared.blocks)
        answer = seen(await office.say(MEMBER, ENGINEERING, "/aicost openai"))
        assert "openai isn't connected" in answer.text
        listed = seen(await office.say(MEMBER, ENGINEERING, "/aicost budget list"))
        assert "OpenRouter" in listed.text
        assert "OpenAI" not in listed.text
        await office.say(MEMBER, ENGINEERING, "/aicost export 7d")
        (file,) = office.person(MEMBER).files
        rows = list(csv.DictReader(io.StringIO(file.content.decode())))
        assert {row["x_Connection"] for row in rows} == {"openrouter"}
        why = seen(await office.say(MEMBER, ENGINEERING, "/aicost why 7d"))
        assert "OpenAI" not in why.text


async def test_a_group_sees_less_everywhere(start_bot: Start) -> None:
    """Who is in a limited group sees its projects alone, on Home too; others see everything."""
    async with start_bot() as probe:
        async with probe.database.reading() as session:
            items = await ChargeRepository(session).items(
                Period(date(2026, 11, 1), date(2026, 11, 24)), "project"
            )
        project = next(item.name for item in items if item.name)
    toml = f'[[visibility]]\ngroup = "S0SEARCH"\nprojects = ["{project}"]\n'
    async with start_bot(toml=toml) as harness:
        office = harness.slack
        office.groups["S0SEARCH"] = (MEMBER, MANAGER)
        own = seen(await office.say(MEMBER, COSTS, "/aicost by project"))
        assert project in str(own.blocks)
        home = await office.open_home(MEMBER)
        assert home is not None
        words = plain_text({"text": "", "blocks": home.blocks})
        assert "Next limit" not in words
        assert " left" not in words.split("Health")[0]
        everything = seen(await office.say(MANAGER, COSTS, "/aicost"))
        assert everything.blocks != own.blocks
        assert " left" in str(everything.blocks)


async def test_unknown_membership_shows_nothing(start_bot: Start) -> None:
    """Where Slack doesn't say who is in a limited group, nobody but managers sees anything."""
    app = Installation(scopes=SCOPES - {"usergroups:read"})
    toml = '[[visibility]]\ngroup = "S0SEARCH"\nconnections = ["openai"]\n'
    async with start_bot(installation=app, toml=toml) as harness:
        answer = seen(await harness.slack.say(MEMBER, COSTS, "/aicost"))
        assert "usergroups:read" in answer.text
        assert "$" not in answer.text
        assert "$" in seen(await harness.slack.say(MANAGER, COSTS, "/aicost")).text


async def test_who_is_in_the_group_manages(start_bot: Start) -> None:
    """Whoever is in a named user group manages; whoever is not does not."""
    async with start_bot(AICOST_MANAGERS="S0LEADS") as harness:
        office = harness.slack
        office.groups["S0LEADS"] = (MEMBER,)
        done = seen(await office.say(MEMBER, COSTS, "/aicost budget set all 100000 monthly"))
        assert "created" in done.text
        refused = seen(await office.say(MANAGER, COSTS, "/aicost budget set all 5 monthly"))
        assert "Only workspace admins" in refused.text


async def test_a_mention_in_a_thread_is_answered_there_once(harness: Harness) -> None:
    """Asked by name in a thread it answers there; announced twice by Slack, once."""
    office = harness.slack
    await office.say(MEMBER, COSTS, "how are we doing?")
    parent = office.channel(COSTS).messages[0]
    answer = await office.mention(MEMBER, COSTS, "openai last week", parent.ts)
    message = seen(answer)
    assert message.thread_ts == parent.ts
    assert "OpenAI: $" in message.text
    event = {
        "type": "app_mention",
        "user": MEMBER,
        "text": f"<@{office.app.bot_user}> mtd",
        "ts": parent.ts,
        "channel": COSTS,
    }
    for _ in range(2):
        await office.emit(event)
    reported = [m for m in office.channel(COSTS).thread(parent.ts) if "this month so far" in m.text]
    assert len(reported) == 1


async def test_nothing_is_left_in_the_channel_for_a_deleted_message(harness: Harness) -> None:
    """A mention, a shortcut and the details of an answer: the requester alone is answered."""
    office = harness.slack
    await office.say(MEMBER, COSTS, "how are we doing?")
    (parent,) = office.channel(COSTS).messages
    await office.shortcut(MEMBER, views.HERE_SHORTCUT, parent)
    shared = (await office.say(MEMBER, COSTS, "/aicost mtd")).message
    assert shared is not None
    await office.press(shared, SHARE, MEMBER)
    answer = office.channel(COSTS).messages[-1]
    office.delete(parent)
    office.delete(answer)

    await office.emit(
        {
            "type": "app_mention",
            "user": MEMBER,
            "text": f"<@{office.app.bot_user}> openai last week",
            "ts": parent.ts,
            "channel": COSTS,
        }
    )
    await office.press(answer, IN_THREAD, MEMBER)
    modal = office.person(MEMBER).modal
    assert modal is not None
    await harness.slack.submit(modal, MEMBER, {views.QUESTION: "forecast"})

    assert office.channel(COSTS).messages == []
    reported = [m.text for m in office.channel(COSTS).seen_by(MEMBER)]
    assert any("OpenAI: $" in text for text in reported)
    assert any("was deleted" in text for text in reported)
    assert "was deleted" in plain_text({"text": "", "blocks": modal.blocks})


@pytest.mark.parametrize(
    ("user", "channel", "words", "says"),
    [
        (GUEST, COSTS, "mtd", "Guests of this workspace"),
        (STRANGER, PARTNERS, "mtd", "People of other workspaces"),
        (MEMBER, COSTS, "blurb", "blurb"),
        (MEMBER, COSTS, "budget set all 5 monthly", "Only workspace admins"),
        (MEMBER, PARTNERS, "mtd", "AI spend"),
        (MEMBER, COSTS, "", "AI spend"),
    ],
)
async def test_mentions_that_are_not_for_everybody(
    harness: Harness, user: str, channel: str, words: str, says: str
) -> None:
    """Refusals, puzzles, and answers where outsiders read: to the requester alone."""
    message = seen(await harness.slack.mention(user, channel, words))
    assert says in message.text
    assert (message.shown_to == user) == (words != "" or channel != COSTS)


async def test_the_global_shortcut_takes_a_question(harness: Harness) -> None:
    """A modal takes the question, and the answer takes its place; a guest is refused."""
    office = harness.slack
    await office.shortcut(MEMBER, views.ASK_SHORTCUT)
    modal = office.person(MEMBER).modal
    assert modal is not None
    await harness.slack.submit(modal, MEMBER, {views.QUESTION: "balance"})
    assert "OpenRouter: " in plain_text({"text": "", "blocks": modal.blocks})
    await office.shortcut(GUEST, views.ASK_SHORTCUT)
    refused = office.person(GUEST).modal
    assert refused is not None
    assert "Guests" in plain_text({"text": "", "blocks": refused.blocks})


async def test_the_message_shortcut_answers_in_the_thread(harness: Harness) -> None:
    """The answer goes into the thread of the message it was used on."""
    office = harness.slack
    await office.say(MEMBER, COSTS, "is it dear?")
    parent = office.channel(COSTS).messages[0]
    await office.shortcut(MEMBER, views.HERE_SHORTCUT, parent)
    modal = office.person(MEMBER).modal
    assert modal is not None
    await harness.slack.submit(modal, MEMBER, {views.QUESTION: "forecast"})
    (reply,) = office.channel(COSTS).thread(parent.ts)
    assert "Shared by ben" in reply.text
    assert "in the thread" in plain_text({"text": "", "blocks": modal.blocks})


async def test_a_channel_without_the_app(harness: Harness) -> None:
    """Answers and shares work where the app is not a member; details say how to have them."""
    office = harness.slack
    first = seen(await office.say(MEMBER, QUIET, "/aicost"))
    shared = seen(await office.press(first, SHARE, MEMBER))
    reported = seen(await office.press(shared, IN_THREAD, MEMBER))
    assert "/invite" in reported.text
