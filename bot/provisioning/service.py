"""Apply what `aicost.toml` says, in one transaction: as a whole or not at all, and once, over all
processes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.access.managed import CONFIG_FILE
from bot.access.models import ScopeFilter, VisibilityRule, visibility_of_channel
from bot.access.repository import VisibilityRepository
from bot.access.service import limit_place
from bot.anomalies.service import manage_anomaly_alerts, turn_off_anomaly_alerts
from bot.budgets.alerting import AlertEvaluator
from bot.budgets.changing import remove_rule, save_rule
from bot.budgets.checks import check_scope
from bot.budgets.models import Budget
from bot.budgets.repository import RULE_HISTORY_DAYS, RuleRepository, load_snapshot
from bot.config.environment import Problem, SettingsError
from bot.db.database import Database
from bot.db.models import DigestSubscription, Rule
from bot.db.session import Session
from bot.digests.changing import add_digest, end_digest, record, schedule, settings_json
from bot.digests.models import PAUSED_BY_PERSON
from bot.digests.repository import DigestRepository
from bot.language.commands import BudgetSet, CommandRejected, LowBalanceSet
from bot.ledger.team_charges import TeamCharges
from bot.provisioning.difference import changes_to
from bot.provisioning.models import (
    AnomalyAlertsSetting,
    Difference,
    DigestSetting,
    Held,
    RuleSetting,
    Setting,
    SettingChange,
    VisibilitySetting,
)
from bot.provisioning.repository import held_settings
from bot.wording import plural
from providers.period import DAY, Period, utc_day

NO_FILE = (
    "Put it back, or name it with AICOST_CONFIG. To remove the settings, keep a file that has only "
    "a comment."
)


class Provisioning:
    """The use case behind `aicost apply`, `aicost export-config` and the bot's start.

    `wanted`: what the file says; None where there is no file, or an empty one. Then nothing is
    changed: a file that got lost would remove every budget and every limit of who sees what.
    """

    def __init__(
        self, database: Database, alerts: AlertEvaluator, wanted: Sequence[Setting] | None
    ) -> None:
        self._database = database
        self._alerts = alerts
        self._wanted = wanted

    async def difference(self, now: datetime) -> Difference:
        """Return what `apply` would change. Raises `SettingsError` as `apply` does."""
        async with self._database.reading() as session:
            return await self._difference(session, now)

    async def apply(self, now: datetime) -> Difference:
        """Make the settings what the file says, and return what was changed.

        Where nothing differs, nothing is written, and no writer waited for. Raises
        `SettingsError` where there is no file or an empty one, but settings that it manages.
        """
        if not (await self.difference(now)).changes:
            return Difference(())
        async with self._database.writing() as session:
            found = await self._difference(session, now)
            rules = [
                rule
                for change in found.changes
                if (rule := await _apply(session, change, now)) is not None
            ]
            if rules:
                snapshot = await load_snapshot(session, rules, now)
                await self._alerts.evaluate_rules(session, rules, snapshot)
        return found

    async def held(self) -> Sequence[Held]:
        """Return every setting that a file can manage."""
        async with self._database.reading() as session:
            return await held_settings(session)

    async def _difference(self, session: Session, now: datetime) -> Difference:
        held = await held_settings(session)
        if self._wanted is None:
            if managed := sum(each.is_managed for each in held):
                is_managed = f"{plural(managed, 'setting')} {'is' if managed == 1 else 'are'}"
                raise SettingsError(
                    Problem(
                        f"{CONFIG_FILE} is missing or empty, but {is_managed} managed by it.",
                        NO_FILE,
                    )
                )
            return Difference(())
        connections = {each.name: each.provider for each in session.configured}
        changes = changes_to(self._wanted, held, connections)
        doubts = [words for each in changes for words in await _doubts(session, each, now)]
        doubts += _held_back(self._wanted, held, [*connections])
        return Difference(changes, [*doubts, *await _doubtful_rules(session, now)])


def _held_back(
    wanted: Sequence[Setting], held: Sequence[Held], connections: Sequence[str]
) -> list[str]:
    """A budget for each person, team or project is posted only where all of them are visible."""
    settings = [*wanted, *(each.setting for each in held if not each.is_managed)]
    limits: dict[str, VisibilityRule] = {}
    for each in settings:  # the file's come first
        if isinstance(each, VisibilitySetting):
            limits.setdefault(each.place, VisibilityRule(each.place, each.part))
    return [
        f"The budget for each {each.scope.name} in {each.channel} isn't alerted for what that "
        "channel doesn't see. Name another channel."
        for each in wanted
        if isinstance(each, RuleSetting)
        and each.scope.kind == "each"
        and not visibility_of_channel(each.channel, [*limits.values()]).sees_named(
            each.scope, connections
        )
    ]


async def _doubtful_rules(session: Session, now: datetime) -> list[str]:
    """What a team's or a person's rule names may have been mistyped too. The name of a key is not
    repeated: it may be the key itself, in the wrong place."""
    today = utc_day(now)
    lately = Period(today - DAY * RULE_HISTORY_DAYS, today + DAY)
    rules = [
        rule
        for teams in (session.teams, session.person_costs)
        if teams.rules
        for rule in await TeamCharges(session, teams).unmatched(lately)
        if rule.place
    ]
    return [
        f"{rule.place} names a {rule.kind}{'' if rule.kind == 'key' else f' “{rule.name}”'} that "
        "had no spend in the last 10 weeks."
        for rule in rules
    ]


async def _doubts(session: Session, change: SettingChange, now: datetime) -> list[str]:
    """What a budget is about may have been mistyped: nothing with that name had any spend."""
    if not isinstance(change.after, RuleSetting) or change.kind == "adopt":
        return []
    try:
        await check_scope(session, change.after.scope, change.after.target, now)
    except CommandRejected as rejected:
        return [rejected.message]
    return []


async def _apply(session: Session, change: SettingChange, now: datetime) -> Rule | None:
    """Carry out one change; return the rule to evaluate, if any."""
    match change.after or (change.before and change.before.setting):
        case RuleSetting():
            return await _apply_rule(session, change, now)
        case DigestSetting():
            await _apply_digest(session, change, now)
        case AnomalyAlertsSetting(channel) if change.after is None:
            await turn_off_anomaly_alerts(session, channel, CONFIG_FILE, now)
        case AnomalyAlertsSetting(channel):
            await manage_anomaly_alerts(session, channel, now)
        case VisibilitySetting(place):
            part = (
                change.after.part if isinstance(change.after, VisibilitySetting) else ScopeFilter()
            )
            rules = await VisibilityRepository(session).rules()
            before = next((each for each in rules if each.place == place), None)
            rule = VisibilityRule(place, part, is_managed=change.after is not None)
            await limit_place(session, rule, before, CONFIG_FILE, now)
    return None


async def _apply_rule(session: Session, change: SettingChange, now: datetime) -> Rule | None:
    rules = await RuleRepository(session).in_force()
    number = change.before.number if change.before else None
    rule = next((each for each in rules if each.id == number), None)
    if not isinstance(change.after, RuleSetting):
        if rule is not None:
            await remove_rule(session, rule, CONFIG_FILE, now)
        return None
    saved = await save_rule(
        session, rule, _command(change.after), change.after.channel, CONFIG_FILE, now
    )
    return None if change.kind == "adopt" else saved.rule


def _command(setting: RuleSetting) -> BudgetSet | LowBalanceSet:
    """Return what a person would have typed."""
    target, mentions = setting.target, tuple(sorted(setting.mentions))
    if isinstance(target, Budget):
        return BudgetSet(
            setting.scope,
            target.amount,
            target.period,
            target.thresholds,
            target.forecast_thresholds,
            setting.channel,
            mentions,
            setting.is_end_quiet,
        )
    return LowBalanceSet(
        setting.scope,
        target.dollars,
        target.days,
        setting.channel,
        mentions,
        setting.is_end_quiet,
    )


async def _apply_digest(session: Session, change: SettingChange, now: datetime) -> None:
    number = change.before.number if change.before else None
    plan = None if number is None else await DigestRepository(session).get(number)
    wanted = change.after
    if not isinstance(wanted, DigestSetting):
        if plan is not None:
            await end_digest(session, plan, CONFIG_FILE, now)
        return
    before = None if plan is None else settings_json(plan) | _state(plan)
    if plan is None:
        plan = await add_digest(session, wanted.channel, wanted.settings, CONFIG_FILE, now)
        await schedule(session, plan, now)
    elif change.kind == "change":
        held = plan.settings
        plan.set(wanted.settings, CONFIG_FILE, now)
        is_same_time = replace(held, depth=wanted.settings.depth) == wanted.settings
        if plan.paused_because is None and not is_same_time:
            await schedule(session, plan, now)
    plan.is_managed, plan.is_sharing_allowed = True, wanted.is_sharing_allowed
    is_held_back = plan.paused_because == "shared_outside" and wanted.is_sharing_allowed
    if wanted.is_paused:
        plan.paused_because = None
        plan.pause(PAUSED_BY_PERSON, CONFIG_FILE, now)
    elif plan.paused_because == PAUSED_BY_PERSON or is_held_back:
        await schedule(session, plan, now)
    action = "on" if before is None else "changed"
    await record(session, action, plan, CONFIG_FILE, now, before)


def _state(plan: DigestSubscription) -> dict[str, object]:
    return {
        "is_managed": plan.is_managed,
        "is_sharing_allowed": plan.is_sharing_allowed,
        "is_paused": plan.paused_because == PAUSED_BY_PERSON,
    }
