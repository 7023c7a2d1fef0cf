"""The settings that a file says. Pure."""

from collections.abc import Sequence

from bot.budgets.models import Budget, LowBalanceRule
from bot.config.config_file import ConfigFile
from bot.config.managed_tables import BudgetEntry, DigestEntry, LowBalanceEntry
from bot.db.models import DigestSettings
from bot.provisioning.models import (
    AnomalyAlertsSetting,
    DigestSetting,
    RuleSetting,
    Setting,
    VisibilitySetting,
)
from bot.schedule import EVERY_DAY, MONDAYS, Schedule
from bot.scope import Connections, Scope, usual_scope

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def settings_of(file: ConfigFile, connections: Connections) -> Sequence[Setting]:
    """Return them: visibility first, for alerts of the other settings to keep to it."""

    def scope(entry: BudgetEntry | LowBalanceEntry | DigestEntry) -> Scope:
        return usual_scope(entry.scope, connections)

    return [
        *(VisibilitySetting(each.place, each.part) for each in file.visibility),
        *(_budget(each, scope(each)) for each in file.budget),
        *(_low_balance(each, scope(each)) for each in file.low_balance),
        *(_digest(each, scope(each)) for each in file.digest),
        *(AnomalyAlertsSetting(each.channel) for each in file.anomaly_alerts),
    ]


def _budget(entry: BudgetEntry, scope: Scope) -> RuleSetting:
    return RuleSetting(
        scope,
        Budget(entry.amount, entry.period, entry.thresholds, entry.forecast_thresholds),
        entry.channel,
        frozenset((at, who) for at, people in entry.mentions.items() for who in people),
        not entry.notify_when_resolved,
    )


def _low_balance(entry: LowBalanceEntry, scope: Scope) -> RuleSetting:
    return RuleSetting(
        scope,
        LowBalanceRule(entry.dollars, entry.days),
        entry.channel,
        frozenset((0, who) for who in entry.mentions),
        not entry.notify_when_resolved,
    )


def _digest(entry: DigestEntry, scope: Scope) -> DigestSetting:
    usual = MONDAYS if entry.cadence == "weekly" else EVERY_DAY
    days = frozenset(map(DAYS.index, entry.days)) if entry.days else usual
    schedule = Schedule(entry.time, days, entry.zone)
    settings = DigestSettings(scope, entry.cadence, entry.depth, schedule, entry.settled_by)
    return DigestSetting(entry.channel, settings, entry.allow_external, entry.paused)
