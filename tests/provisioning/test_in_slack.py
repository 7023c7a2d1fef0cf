"""What `aicost.toml` manages can't be changed in Slack, which says so and where to change it."""

from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.access.managed import CONFIG_FILE
from bot.anomalies import views as anomalies
from bot.budgets.messages.alert import RAISE
from bot.budgets.messages.budgets import REMOVE
from bot.budgets.views import budget
from bot.digests import views as digest
from bot.digests.messages.answers import ALLOW
from bot.digests.messages.digest import PAUSE, SETTINGS
from bot.digests.repository import DigestRepository
from bot.home.views import visibility
from bot.slack import openers
from simulators.slack import happenings
from simulators.slack.office import COSTS, ENGINEERING, MANAGER, MEMBER
from tests.harness import Harness
from tests.harness.fixtures import Start
from tests.home.test_forged import forged_message
from tests.home.test_modals import opened, sent

TOML = f"""
[[budget]]
provider = "openai"
amount = 100
period = "monthly"
thresholds = [100]
channel = "{COSTS}"

[[low_balance]]
provider = "openrouter"
days = 1
channel = "{COSTS}"

[[digest]]
channel = "{COSTS}"
time = "09:00"
zone = "UTC"

[[anomaly_alerts]]
channel = "{COSTS}"

[[visibility]]
channel = "{ENGINEERING}"
connections = ["openrouter"]
"""
COMMANDS = {
    "budget set openai 200 monthly": "Budget 1 is",
    "budget remove 1": "Budget 1 is",
    "budget set openrouter left 2d": "Low-balance alert (budget 2) is",
    "budget remove 2": "Low-balance alert (budget 2) is",
    "digest on 10:00": "Digest 1 is",
    "digest off": "Digest 1 is",
    "alerts spikes off": "Anomaly alerts of this channel are",
}


def refusal(what: str) -> str:
    return f"{what} managed by aicost.toml and can only be changed there."


async def state(harness: Harness) -> list[Any]:
    async with harness.database.reading() as session:
        plans = await DigestRepository(session).active()
    return [
        *(
            (rule.id, rule.version, rule.amount, rule.low_balance_days)
            for rule in await harness.rules()
        ),
        *((plan.id, plan.settings, plan.next_due_at) for plan in plans),
        *((entry.id, entry.actor) for entry in await harness.changes()),
    ]


async def test_nothing_of_it_can_be_changed_in_slack(start_bot: Start) -> None:
    """By no command, button or modal, new or old; each is answered with one sentence."""
    async with start_bot(toml=TOML) as harness:
        before = await state(harness)
        assert {actor for *_, actor in before[-5:]} == {CONFIG_FILE}
        for command, what in COMMANDS.items():
            said = await harness.ask(command, MANAGER)
            assert refusal(what) in said, command

        presses = {
            REMOVE: "Budget 1 is",
            openers.CHANGE_RULE: "Budget 1 is",
            RAISE: "Budget 1 is",
            openers.DIGEST: "Digest 1 is",
            SETTINGS: "Digest 1 is",
            PAUSE: "Digest 1 is",
            ALLOW: "Digest 1 is",
        }
        for action, what in presses.items():
            older = forged_message(harness, MANAGER, action)
            answer = await harness.slack.press(older, action, MANAGER)
            assert refusal(what) in answer.plain, action
        assert await state(harness) == before


async def test_forms_are_refused_at_their_fields(start_bot: Start) -> None:
    """A new budget, digest, limit or anomaly alerts in place of a managed one."""
    async with start_bot(toml=TOML) as harness:
        before = await state(harness)
        forms: list[tuple[str, str, dict[str, Any], str]] = [
            (
                openers.NEW_BUDGET,
                budget.SCOPE,
                {
                    budget.SCOPE: "provider:openai",
                    budget.AMOUNT: "5",
                    budget.PERIOD: "monthly",
                    budget.THRESHOLDS: "50",
                    budget.CHANNEL: COSTS,
                },
                "Budget 1 is",
            ),
            (
                openers.DIGEST,
                digest.SCOPE,
                {digest.CHANNEL: COSTS, digest.SCOPE: "all", digest.AT: "08:30"},
                "Digest 1 is",
            ),
            (
                openers.ANOMALIES,
                anomalies.CHANNEL,
                {anomalies.CHANNEL: COSTS, anomalies.STATE: anomalies.OFF},
                "Anomaly alerts of this channel are",
            ),
            (
                openers.VISIBILITY,
                visibility.CHANNEL,
                {visibility.CHANNEL: ENGINEERING, visibility.LIFT: [visibility.LIFT]},
                "This limit is",
            ),
        ]
        for action, field, filled, what in forms:
            answer = await sent(harness, await opened(harness, action), filled)
            assert answer.errors == {field: refusal(what)}, action
            await harness.slack.close(harness.slack.person(MANAGER).modals[-1], MANAGER)
        assert await state(harness) == before


async def test_a_form_opened_before_it_was_managed_is_refused(start_bot: Start) -> None:
    """The change is held against what is so now."""
    async with start_bot(toml="") as harness:
        await harness.ask("budget set openai 100 monthly at 100", MANAGER)
        await harness.ask("digest on 09:00", MANAGER)
        forms: list[tuple[str, dict[str, Any]]] = [
            (openers.CHANGE_RULE, {budget.AMOUNT: "5"}),
            (openers.CHANGE_RULE, {budget.REMOVE: [budget.REMOVE]}),
            (openers.DIGEST, {digest.AT: "08:30", digest.RHYTHM: "weekly"}),
            (openers.DIGEST, {digest.OFF: [digest.OFF]}),
        ]
        modals = [await opened(harness, action, value="1") for action, _ in forms]
        (harness.folder / "aicost.toml").write_text(TOML.replace("UTC", "Europe/London"))
        async with harness.app() as app:
            await app.services.provisioning.apply(harness.clock())
        before = await state(harness)
        for modal, (_, filled) in zip(modals, forms, strict=True):
            (message,) = (await sent(harness, modal, filled)).errors.values()
            assert "managed by aicost.toml" in message
        assert await state(harness) == before


async def test_lists_mark_it(start_bot: Start) -> None:
    """Budgets, digests, Home, and the modals; without buttons that would be refused."""
    async with start_bot(toml=TOML) as harness:
        await harness.ask("budget set all 99000 weekly", MANAGER)
        budgets = await harness.slack.say(MANAGER, COSTS, "/aicost budget list")
        assert budgets.plain.count("managed by aicost.toml") == 2
        assert str(budgets.blocks).count(openers.CHANGE_RULE) == 1
        digests = await harness.slack.say(MEMBER, COSTS, "/aicost digest list")
        assert "Managed by aicost.toml." in digests.plain
        assert PAUSE not in str(digests.blocks)
        home = await harness.home()
        assert home.count("managed by aicost.toml") == 5, home
        for action, words in (
            (openers.ANOMALIES, "(managed by aicost.toml)"),
            (openers.VISIBILITY, "(managed by aicost.toml)"),
        ):
            modal = await opened(harness, action)
            assert words in str(modal.content)
            await harness.slack.close(modal, MANAGER)


async def test_its_alerts_are_handled_as_others(start_bot: Start) -> None:
    """They are posted once, over restarts; anybody acknowledges them; what can't be posted goes to
    the managers alone, since a file gets no messages."""
    async with start_bot(toml=TOML) as harness:
        await harness.sync()
        (alert,) = harness.posted()
        assert "OpenAI" in str(alert.blocks)
        answer = await harness.ask("alerts ack 1", MEMBER)
        assert "acknowledged" in answer
        async with harness.run():
            await harness.sync()
        assert harness.posted() == [alert]
        await happenings.archive(harness.slack, COSTS)
        await harness.idle()
        assert any("archived" in str(each.blocks) for each in harness.direct(MANAGER))


@pytest.mark.parametrize("toml", ["[[digest]]\nchannel = 3\n", "[[budget]]\nprovider = 'openai'\n"])
async def test_the_bot_refuses_a_broken_file(start_bot: Start, toml: str) -> None:
    """Before anything is changed."""
    async with start_bot(toml=TOML) as harness:
        before = await state(harness)
        (harness.folder / "aicost.toml").write_text(toml)
        with pytest.raises(Exception, match=r"aicost.toml: (digest|budget) 1 "):
            async with harness.run():
                pass
        assert await state(harness) == before


async def test_a_channel_with_another_id_has_to_get_it_in_the_file(start_bot: Start) -> None:
    """Its settings follow at once. The file with the old id would move them back, which the log
    says before the next start does it."""
    async with start_bot(toml=TOML) as harness:
        event = {
            "type": "channel_id_changed",
            "old_channel_id": COSTS,
            "new_channel_id": ENGINEERING,
        }
        with capture_logs() as lines:
            await harness.slack.emit(event)
        assert [each["to"] for each in lines if each["event"] == "config.channel_moved"] == [
            ENGINEERING
        ]
        assert {rule.channel for rule in await harness.rules()} == {ENGINEERING}
        async with harness.app() as app:
            found = await app.services.provisioning.difference(app.clock())
        assert [change.kind for change in found.changes].count("change") == 2
