"""The settings that a file can manage, as plain values: the file's and the database's are equal
where nothing has to be done."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bot.access.models import ScopeFilter
from bot.budgets.models import Budget, LowBalanceRule
from bot.db.models import DigestSettings
from bot.scope import Scope


@dataclass(frozen=True, slots=True)
class RuleSetting:
    """A budget or a low-balance rule."""

    scope: Scope
    target: Budget | LowBalanceRule
    channel: str
    mentions: frozenset[tuple[int, str]] = frozenset()
    """(threshold, Slack user or user group)."""
    is_end_quiet: bool = False


@dataclass(frozen=True, slots=True)
class DigestSetting:
    """A digest."""

    channel: str
    settings: DigestSettings
    is_sharing_allowed: bool = False
    """It is posted where people outside read it, too."""
    is_paused: bool = False
    """By a person or the file. What Slack's state pauses resumes by itself: that is no setting."""


@dataclass(frozen=True, slots=True)
class AnomalyAlertsSetting:
    """A channel gets anomaly alerts."""

    channel: str


@dataclass(frozen=True, slots=True)
class VisibilitySetting:
    """What a channel or a user group may see."""

    place: str
    part: ScopeFilter


Setting = RuleSetting | DigestSetting | AnomalyAlertsSetting | VisibilitySetting


@dataclass(frozen=True, slots=True)
class Held:
    """A setting in the database."""

    setting: Setting
    is_managed: bool
    number: int | None = None
    """Of the budget or digest."""


@dataclass(frozen=True, slots=True)
class SettingChange:
    """One thing that sets the database apart from the file.

    ``adopt``: it is set in Slack just so, and the file manages it from now on.
    """

    kind: Literal["add", "change", "adopt", "remove"]
    before: Held | None
    after: Setting | None


@dataclass(frozen=True, slots=True)
class Difference:
    """All that sets the database apart from the file."""

    changes: Sequence[SettingChange]
    warnings: Sequence[str] = ()
    """What of the file may not have been meant."""

    @property
    def is_empty(self) -> bool:
        """Whether every setting is as the file says. What is only adopted is."""
        return all(each.kind == "adopt" for each in self.changes)


def key_of(setting: Setting) -> tuple[object, ...]:
    """What no two settings share: two with the same key are one, perhaps changed."""
    match setting:
        case RuleSetting(scope, target, channel):
            kind, name = scope.kind, (scope.name or "").casefold()
            if isinstance(target, Budget):
                return ("budget", kind, name, target.period, channel)
            return ("low_balance", kind, name, target.days is None, channel)
        case DigestSetting(channel, settings):
            return ("digest", settings.scope, settings.cadence, channel)
        case AnomalyAlertsSetting(channel):
            return ("anomaly_alerts", channel)
        case VisibilitySetting(place):
            return ("visibility", place)
