"""The settings in the database that a file can manage."""

from collections.abc import Sequence
from dataclasses import replace

from bot.access.repository import VisibilityRepository
from bot.anomalies.repository import AnomalyRepository
from bot.budgets.evaluate import thresholds_of
from bot.budgets.repository import RuleRepository
from bot.db.models import DigestSubscription, Rule
from bot.db.session import Session
from bot.digests.models import PAUSED_BY_PERSON
from bot.digests.repository import DigestRepository
from bot.provisioning.models import (
    AnomalyAlertsSetting,
    DigestSetting,
    Held,
    RuleSetting,
    VisibilitySetting,
)
from bot.schedule import EVERY_DAY


async def held_settings(session: Session) -> Sequence[Held]:
    """Return every setting that a file can manage, in the order of its tables."""
    limits = await VisibilityRepository(session).rules()
    rules = await RuleRepository(session).in_force()
    digests = await DigestRepository(session).active()
    channels = await AnomalyRepository(session).channels()
    managed = await AnomalyRepository(session).managed()
    return [
        *(Held(VisibilitySetting(each.place, each.part), each.is_managed) for each in limits),
        *(Held(_rule(each), each.is_managed, each.id) for each in rules),
        *(Held(_digest(each), each.is_managed, each.id) for each in digests),
        *(Held(AnomalyAlertsSetting(each), each in managed) for each in channels),
    ]


def _rule(rule: Rule) -> RuleSetting:
    """With the mentions that have an effect."""
    thresholds = {level.percent for level in thresholds_of(rule.target)}
    mentions = frozenset((at, who) for at, who in rule.mentions if at in thresholds)
    return RuleSetting(rule.scope, rule.target, rule.channel, mentions, rule.is_end_quiet)


def _digest(plan: DigestSubscription) -> DigestSetting:
    settings = plan.settings
    if settings.cadence == "monthly":  # it comes on one day of any week
        settings = replace(settings, schedule=replace(settings.schedule, days=EVERY_DAY))
    is_paused = plan.paused_because == PAUSED_BY_PERSON
    return DigestSetting(plan.channel, settings, plan.is_sharing_allowed, is_paused)
