"""Costs by user: names, never addresses; for managers and leads; off by a setting."""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from bot.db.address import parse, path_of
from bot.reports.messages.suggestions import SHARE
from bot.wording import MANAGERS_SEE_USERS
from providers.money import plain, total
from providers.period import Period
from simulators.faults import status
from simulators.quirks import Quirk
from simulators.slack.office import COLLEAGUE, COSTS, ENGINEERING, MANAGER, MEMBER
from tests.e2e.test_truth import TOMORROW, expected, row_sums
from tests.harness import TWO_MONTHS, App
from tests.harness.fixtures import Start

NOVEMBER = Period(date(2026, 11, 1), TOMORROW)
OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1))
LEAD = "U0LEAD"
KNOWN = f"""
[[visibility]]
channel = "{ENGINEERING}"
projects = ["search"]

[[person]]
slack = "{MEMBER}"
users = ["Ines Duarte"]
"""
QUESTIONS = (
    "by user",
    "openai last week by user",
    "who spent the most",
    "this month vs last month by user",
)


def asked(app: App) -> Counter[str]:
    """How often the parts of a breakdown by user were asked for."""
    server = app.providers.openai
    costs = [each for each in server.requests_to("/costs") if "user_id" in str(each.query)]
    return Counter(costs=len(costs), users=len(server.requests_to("/users")))


def windows(app: App, group: str) -> set[str]:
    """When the windows begin whose costs were asked for by that group."""
    requests = app.providers.openai.requests_to("/costs")
    return {dict(each.query)["start_time"] for each in requests if group in str(each.query)}


async def test_rows_are_the_providers_own(app: App) -> None:
    """Each user's row is the truth's to the nano, and the rest is one row of its connection. A
    user is shown by name, or by id where the name is missing or is an address. A sync asks once
    for each window, again for days that are served of one that is refused, and for the users once
    a day. No address is stored."""
    app.providers.quirks.lookback = TWO_MONTHS
    assert (await app.sync()).is_synced
    truth = app.providers.world.truth
    ines, kai, lee = app.providers.world.openai.users
    for words, period in (("mtd", NOVEMBER), ("2026-10", OCTOBER)):
        answer = await app.ask(f"{words} by user")
        rows = answer["breakdown"]["rows"]
        for provider in ("openai", "openrouter"):
            assert row_sums(answer, provider) == expected(truth.by_user(provider, period))
        assert plain(total(Decimal(row["used"]) for row in rows)) == answer["used"]["total"]
        names = {row["name"] for row in rows if row["connection"] == "openai"}
        assert names == {ines.name, kai.user_id, lee.user_id, "(unattributed)"}
        routed = {row["name"] for row in rows if row["connection"] == "openrouter"}
        noor, alex, _, rui, sam = app.providers.world.openrouter.users
        assert routed - {rui.name} <= {noor.name, alex.name, sam.user_id, "(unattributed)"}
        assert {noor.name, alex.name, "(unattributed)"} <= routed
    assert str(ines.name) in str(await app.ask("this month vs last month by user"))
    file = path_of(parse(app.services.settings.database.url))
    assert file is not None
    for each in Path(file).parent.glob(f"{Path(file).name}*"):
        assert b"fernhill.example" not in each.read_bytes()

    analytics = len(app.providers.openrouter.requests_to("/analytics/query"))
    assert len(app.providers.openrouter.requests_to("/organization/members")) == 1
    before = asked(app)
    assert windows(app, "user_id") == windows(app, "line_item")
    assert before == {"costs": len(windows(app, "user_id")) + 1, "users": 1}
    app.clock.advance(timedelta(hours=2))
    await app.sync()
    assert asked(app) - before == {"costs": 1}
    assert len(app.providers.openrouter.requests_to("/analytics/query")) == analytics + 3
    assert len(app.providers.openrouter.requests_to("/organization/members")) == 1


async def test_two_of_one_name_have_their_ids(start_bot: Start) -> None:
    """As rows of their own, each with the id that a rule of a team can name."""
    async with start_bot() as harness:
        await harness.sync()
        answer = await harness.ask("mtd by user", MANAGER)
        _, alex, kim, _, _ = harness.providers.world.openrouter.users
        for user in (alex, kim):
            assert f"Alex Kim · OpenRouter ({user.user_id})" in answer


async def test_users_that_are_refused_are_unknown(app: App) -> None:
    """That is no fault, and all of that connection's spend is unattributed. An earlier failure is
    over. They are asked for once an hour all the same."""
    app.providers.openrouter.faults.add(status(500), path="/organization/members", times=3)
    report = await app.sync()
    assert [list(each.faults) for each in report.connections] == [[], ["users"]]
    app.providers.quirks.on(Quirk.NO_USERS)
    app.clock.advance(timedelta(hours=2))
    (_, later) = (await app.sync()).connections
    assert (later.faults, later.notes) == ({}, [("users", "not available for this account")])
    assert not any(each["faults"] for each in (await app.ask("status"))["states"])
    answer = await app.ask("mtd by user")
    truth = app.providers.world.truth
    everything = truth.used("openrouter", NOVEMBER)
    assert row_sums(answer, "openrouter") == expected({None: everything})
    app.providers.quirks.off(Quirk.NO_USERS)
    app.clock.advance(timedelta(hours=2))
    await app.sync()
    found = row_sums(await app.ask("mtd by user"), "openrouter")
    assert found == expected(truth.by_user("openrouter", NOVEMBER))


async def test_only_managers_and_leads_see_others(start_bot: Start) -> None:
    """Of every question by user, a member gets themselves and whom to ask, in every place, or how
    to be known. Only the manager reads the manager's answer, and not in a limited channel. A lead
    gets the same, and may change no more than a member."""
    async with start_bot(toml=KNOWN, AICOST_LEADS=LEAD) as harness:
        await harness.sync()
        harness.slack.add_person(LEAD, "lea")
        world = harness.providers.world
        _, kai, _ = world.openai.users
        noor = world.openrouter.users[0].name
        for words in QUESTIONS:
            everyone = await harness.ask(words, MANAGER)
            assert "Ines Duarte" in everyone, everyone
            assert await harness.ask(words, LEAD) == everyone
            assert "Share to channel" not in everyone
            for channel in (COSTS, ENGINEERING):
                own = await harness.ask(words, MEMBER, channel)
                assert "our own costs" in own
                assert MANAGERS_SEE_USERS in own
                assert not any(other in own for other in (kai.user_id, noor, "Share to"))
            unknown = await harness.ask(words, COLLEAGUE)
            assert MANAGERS_SEE_USERS in unknown
            assert COLLEAGUE in unknown
            assert "$" not in unknown
        assert "sees less" in await harness.ask("by user", MANAGER, ENGINEERING)
        assert MANAGERS_SEE_USERS in await harness.ask("by user", LEAD, ENGINEERING)
        assert "Only workspace admins" in await harness.ask("budget set openai 5 monthly", LEAD)
        mentioned = await harness.slack.mention(MANAGER, COSTS, "by user")
        assert "Ines Duarte" in mentioned.plain
        assert harness.posted(COSTS) == []


async def test_a_button_to_share_them_shares_nothing(start_bot: Start) -> None:
    """An earlier version had one, and its answers may still be there."""
    async with start_bot(toml=KNOWN) as harness:
        await harness.sync()
        for user in (MEMBER, MANAGER):
            answer = (await harness.slack.say(user, COSTS, "/aicost by model")).message
            assert answer is not None
            buttons = next(block for block in answer.blocks if block["type"] == "actions")
            next(each for each in buttons["elements"] if each["action_id"] == SHARE)["value"] = (
                "mtd by user"
            )
            assert "Ines Duarte" in (await harness.slack.press(answer, SHARE, MANAGER)).plain
        assert harness.posted(COSTS) == []


async def test_without_the_setting_nothing_is_read_or_answered(start_bot: Start) -> None:
    """It is neither read nor answered, and what was read before is gone."""
    async with start_bot(AICOST_BREAKDOWN_BY_USER="off") as harness:
        assert "turned off" in await harness.ask("by user")
        await harness.sync()
        assert not harness.providers.openai.requests_to("/users")
        async with harness.app(AICOST_BREAKDOWN_BY_USER="on") as app:
            rows = (await app.ask("mtd by user"))["breakdown"]["rows"]
        assert {row["name"] for row in rows} == {"(unattributed)"}
