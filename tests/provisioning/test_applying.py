"""What applying a file does to a database: once, as a whole, and nothing to what Slack set."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlmodel import col, select

from bot.access.managed import CONFIG_FILE
from bot.access.models import Policy, ScopeFilter, VisibilityRule
from bot.access.repository import AuditRepository
from bot.access.service import VisibilityService
from bot.anomalies.repository import AnomalyRepository
from bot.budgets.repository import RuleRepository
from bot.config.config_file import ConfigFile, read_config
from bot.config.environment import SettingsError
from bot.db.database import Database
from bot.db.models import Alert, AuditEntry, DigestSettings, DigestSubscription
from bot.db.session import Session
from bot.digests.changing import add_digest, schedule
from bot.digests.models import PAUSED_BY_PERSON
from bot.digests.repository import DigestRepository
from bot.provisioning.as_toml import toml_of
from bot.provisioning.file_settings import settings_of
from bot.provisioning.models import Difference
from bot.provisioning.service import Provisioning
from bot.schedule import EVERY_DAY, Schedule
from bot.scope import Scope
from tests.budgets.budget_harness import BudgetHarness
from tests.conftest import CONNECTIONS

BUDGET = """
[[budget]]
provider = "openai"
amount = 100
period = "monthly"
thresholds = [50, 100]
channel = "C1AA"
mentions = { 100 = ["UANN"] }
"""
ALL = f"""{BUDGET}
[[low_balance]]
connection = "openrouter"
dollars = 20
channel = "C1AA"

[[digest]]
channel = "C1AA"
time = "09:00"
zone = "Europe/London"
days = ["mon", "tue"]

[[anomaly_alerts]]
channel = "C1AA"

[[visibility]]
channel = "C2AA"
connections = ["openai"]
"""


@pytest.fixture
def team(database: Database) -> BudgetHarness:
    return BudgetHarness(database)


def file_of(folder: Path, text: str) -> ConfigFile:
    """Return what a file with that text says."""
    (folder / "aicost.toml").write_text(text, encoding="utf-8")
    return read_config({}, folder)


async def audited(team: BudgetHarness) -> list[AuditEntry]:
    async with team.database.reading() as session:
        return list(await AuditRepository(session).since(datetime(2026, 1, 1, tzinfo=UTC)))[::-1]


async def alerts_of(team: BudgetHarness) -> list[Alert]:
    async with team.database.reading() as session:
        return list((await session.exec(select(Alert).order_by(col(Alert.id)))).all())


CONNECTED = {each.name: each.provider for each in CONNECTIONS}


async def applied(team: BudgetHarness, folder: Path, text: str | None) -> Difference:
    wanted = None if text is None else settings_of(file_of(folder, text), CONNECTED)
    provisioning = Provisioning(team.database, team.alerts, wanted)
    found = await provisioning.apply(team.now)
    again = await provisioning.difference(team.now)
    assert not again.changes, "applying twice changes something"
    return found


def kinds(difference: Difference) -> list[str]:
    return [each.kind for each in difference.changes]


async def digests(session: Session) -> list[DigestSubscription]:
    return list(await DigestRepository(session).active())


async def test_a_file_is_applied_once(team: BudgetHarness, tmp_path: Path) -> None:
    """Every table, on both databases; the second time nothing is written or alerted of."""
    team.spend("60")
    await team.sync()
    assert kinds(await applied(team, tmp_path, ALL)) == ["add"] * 5
    said, changes = await team.said(), await audited(team)
    assert [row.channel for row in said] == ["C1AA"]
    assert {each.actor for each in changes} == {CONFIG_FILE}
    assert len(changes) == 5
    assert kinds(await applied(team, tmp_path, ALL)) == []
    await team.sync()
    assert await team.said() == said
    assert await audited(team) == changes
    async with team.database.reading() as session:
        rules = await RuleRepository(session).in_force()
        (plan,) = await digests(session)
        assert await AnomalyRepository(session).managed() == {"C1AA"}
    assert [rule.is_managed for rule in rules] == [True, True]
    assert rules[0].mentions == ((100, "UANN"),)
    assert (plan.is_managed, plan.settings.schedule.days) == (True, frozenset({0, 1}))
    assert plan.next_due_at is not None
    visibility = await VisibilityService(team.database, Policy()).rules()
    assert visibility == (
        VisibilityRule("C2AA", ScopeFilter(frozenset({"openai"})), is_managed=True),
    )


async def test_what_leaves_the_file_is_removed(team: BudgetHarness, tmp_path: Path) -> None:
    """With its alerts resolved; what was made in Slack stays."""
    team.spend("60")
    await team.sync()
    await team.budget(100, 50, channel="C9AA")
    await applied(team, tmp_path, ALL)
    assert sorted(kinds(await applied(team, tmp_path, ""))) == ["remove"] * 5
    async with team.database.reading() as session:
        rules = await RuleRepository(session).in_force()
        assert await digests(session) == []
        assert await AnomalyRepository(session).channels() == []
    assert [rule.channel for rule in rules] == ["C9AA"]
    assert await VisibilityService(team.database, Policy()).rules() == ()
    alerts = {row.channel: row.state for row in await alerts_of(team)}
    assert alerts == {"C1AA": "resolved", "C9AA": "open"}


async def test_a_changed_budget_keeps_its_alerts(team: BudgetHarness, tmp_path: Path) -> None:
    """As a change in Slack does: past the threshold still, it is not alerted of again; below it, it
    is resolved; moved to another channel, it is the same budget."""
    team.spend("60")
    await team.sync()
    await applied(team, tmp_path, BUDGET)
    said = len(await team.said())
    for text in (
        BUDGET.replace("100\nperiod", "110\nperiod"),
        BUDGET.replace("100\nperiod", "110\nperiod").replace("C1AA", "C3AA"),
    ):
        assert kinds(await applied(team, tmp_path, text)) == ["change"]
        await team.sync()
        alerts = [(row.state, row.rule_id) for row in await alerts_of(team)]
        assert alerts == [("open", 1)]
        new = [row.kind for row in (await team.said())[said:] if row.kind == "alert"]
        assert new == []
    dearer = BUDGET.replace("100\nperiod", "1000\nperiod").replace("C1AA", "C3AA")
    await applied(team, tmp_path, dearer)
    assert [row.state for row in await alerts_of(team)] == ["resolved"]


async def test_an_equal_setting_is_taken_over(team: BudgetHarness, tmp_path: Path) -> None:
    """What Slack set just so is managed by the file from then on, with its number and its alerts.
    That is no difference, and an export of everything takes over everything."""
    team.spend("60")
    await team.sync()
    await team.budget(100, 50, channel="C9AA")
    await VisibilityService(team.database, Policy()).limit(
        VisibilityRule("C2AA", ScopeFilter(None, frozenset({"search"}))), "U1", team.now
    )
    async with team.database.writing() as session:
        settings = DigestSettings(
            Scope("all"), "daily", "short", Schedule(time(9), EVERY_DAY, "UTC")
        )
        running = await add_digest(session, "C9AA", settings, "U1", team.now)
        await schedule(session, running, team.now)
        resting = await add_digest(session, "C8AA", settings, "U1", team.now)
        resting.pause(PAUSED_BY_PERSON, "U1", team.now)
        await AnomalyRepository(session).turn_on("C9AA", "U1", team.now)
    said = len(await team.said())
    held = await Provisioning(team.database, team.alerts, None).held()
    text = toml_of(read_config({}, tmp_path), [each.setting for each in held])
    found = await applied(team, tmp_path, text)
    assert kinds(found) == ["adopt"] * 5
    assert found.is_empty
    async with team.database.reading() as session:
        (rule,) = await RuleRepository(session).in_force()
        first, second = await digests(session)
    assert (rule.id, rule.version, rule.is_managed, rule.made_by) == (1, 1, True, "UMANAGER")
    assert first.next_due_at is not None
    assert (second.next_due_at, second.paused_because) == (None, PAUSED_BY_PERSON)
    await team.sync()
    assert len(await team.said()) == said


async def test_a_digest_keeps_its_next_slot(team: BudgetHarness, tmp_path: Path) -> None:
    """Unless its time changes: what is due while the file is applied is still posted. What paused
    it in Slack is not undone; what the file pauses, it resumes."""
    digest = '[[digest]]\nchannel = "C1AA"\ntime = "09:00"\nzone = "UTC"\n'
    await applied(team, tmp_path, digest)

    async def plan() -> DigestSubscription:
        async with team.database.reading() as session:
            (only,) = await digests(session)
        return only

    due = (await plan()).next_due_at
    assert due is not None
    team.now = due + timedelta(minutes=1)
    await applied(team, tmp_path, digest + 'depth = "short"\n')
    assert (await plan()).next_due_at == due
    await applied(team, tmp_path, digest.replace("09:00", "10:00"))
    assert (await plan()).next_due_at == due + timedelta(hours=1)
    await applied(team, tmp_path, digest + "paused = true\n")
    assert ((await plan()).next_due_at, (await plan()).changed_by) == (None, CONFIG_FILE)
    await applied(team, tmp_path, digest)
    assert (await plan()).next_due_at == due + timedelta(days=1)
    async with team.database.writing() as session:
        (there,) = (await session.exec(select(DigestSubscription))).all()
        there.pause("shared_outside", "aicost", team.now)
    await applied(team, tmp_path, digest)
    assert (await plan()).paused_because == "shared_outside"
    await applied(team, tmp_path, digest + "allow_external = true\n")
    assert (await plan()).next_due_at == due + timedelta(days=1)


async def test_a_lost_file_removes_nothing(team: BudgetHarness, tmp_path: Path) -> None:
    """Without a file, what one manages is an error. Where nothing is managed, none is needed."""
    await team.budget(100, 50, channel="C9AA")
    assert kinds(await applied(team, tmp_path, None)) == []
    await applied(team, tmp_path, ALL)
    with pytest.raises(
        SettingsError, match=r"is missing or empty, but 5 settings are managed by it"
    ):
        await applied(team, tmp_path, None)
    async with team.database.reading() as session:
        assert len(await RuleRepository(session).in_force()) == 3


async def test_what_may_be_mistyped_is_warned_of(team: BudgetHarness, tmp_path: Path) -> None:
    """A budget of a project that nothing was spent on is made, with a warning."""
    found = await applied(
        team, tmp_path, BUDGET.replace('provider = "openai"', 'project = "serach"')
    )
    assert kinds(found) == ["add"]
    (warning,) = found.warnings
    assert warning.startswith("No project called “serach” had any spend in the last 10 weeks.")


async def test_a_budget_that_its_channel_may_not_see(team: BudgetHarness, tmp_path: Path) -> None:
    """Each project in a channel that the same file limits: a warning."""
    each = BUDGET.replace('provider = "openai"', 'each = "project"')
    assert (await applied(team, tmp_path, each)).warnings == []
    limited = f'{each}\n[[visibility]]\nchannel = "C1AA"\nconnections = ["openai"]\n'
    (warning,) = (await applied(team, tmp_path, limited)).warnings
    assert warning.startswith("The budget for each project in C1AA isn't alerted for what")


async def test_amounts_are_kept_exactly(team: BudgetHarness, tmp_path: Path) -> None:
    """To the last of the nine decimals that are stored."""
    await applied(team, tmp_path, BUDGET.replace("100\nperiod", '"123456789.123456789"\nperiod'))
    async with team.database.reading() as session:
        (rule,) = await RuleRepository(session).in_force()
    assert rule.amount == Decimal("123456789.123456789")
