"""The tables of `aicost.toml` that hold settings which can otherwise be made in Slack: budgets,
low-balance alerts, digests, anomaly alerts and visibility.

Channels and people are named by Slack's ids: names change, and aicost starts without asking Slack.
"""

from collections.abc import Mapping
from datetime import time
from decimal import Decimal
from typing import Annotated, Literal, Self
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from bot.access.models import ScopeFilter
from bot.budgets.models import (
    DEFAULT_THRESHOLDS,
    HIGHEST_THRESHOLD,
    LARGEST_AMOUNT,
    LONGEST_RUNWAY,
    MOST_THRESHOLDS,
    BudgetPeriod,
)
from bot.config.fields import explained, wrong
from bot.scope import EachKind, Scope, ScopeKind

MOST_MENTIONED = 50
"""People and user groups of one budget."""
MOST_ENTRIES = 2000
"""Of one table."""
SCOPES: tuple[ScopeKind, ...] = (
    *("provider", "connection", "project", "key", "model", "team", "channel", "each"),
)
SCOPE_KEYS: Mapping[ScopeKind, str] = {
    **{kind: kind for kind in SCOPES},
    "channel": "ai_in_channel",
}
"""The key of each kind of scope; `channel` is where messages are posted."""
DayName = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_AMOUNT_HINT = 'Use dollars above 0, such as 500 or "499.99".'

ChannelId = Annotated[
    str,
    StringConstraints(pattern=r"^[CDG][A-Z0-9]{2,20}$"),
    explained(
        "isn't a channel's ID",
        "Use an ID such as C0123456789. In Slack, open the channel's details: it is at the bottom. "
        "Names can change, so they aren't taken.",
    ),
]
PersonId = Annotated[
    str,
    StringConstraints(pattern=r"^[UWS][A-Z0-9]{2,20}$"),
    explained(
        "isn't the ID of a Slack user or user group",
        "Use an ID such as U0123456789 or S0123456789.",
    ),
]
Name = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200),
    explained("isn't a name", "Use 1 to 200 characters in quotes."),
]
Dollars = Annotated[
    Decimal,
    Field(gt=0, le=LARGEST_AMOUNT, decimal_places=9, allow_inf_nan=False),
    explained("isn't an amount", _AMOUNT_HINT),
]
Percentage = Annotated[int, Field(ge=1, le=HIGHEST_THRESHOLD)]
Percentages = Annotated[
    tuple[Percentage, ...],
    Field(max_length=MOST_THRESHOLDS),
    AfterValidator(lambda found: tuple(sorted(set(found)))),
    explained(
        "isn't a list of percentages",
        f"Use up to {MOST_THRESHOLDS} whole numbers from 1 to {HIGHEST_THRESHOLD}, such as "
        "[50, 80, 100].",
    ),
]
Mentioned = Annotated[tuple[PersonId, ...], Field(max_length=MOST_MENTIONED)]
LocalTime = Annotated[
    time,
    AfterValidator(lambda at: _whole_minutes(at)),
    WithJsonSchema({"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"}),
    explained("isn't a time of day", 'Use HH:MM in quotes, such as "09:00".'),
]
DayNames = Annotated[
    tuple[DayName, ...],
    Field(min_length=1, max_length=7),
    explained("isn't a list of days", 'Use days such as ["mon", "tue"].'),
]
Zone = Annotated[
    str,
    AfterValidator(lambda name: _known_zone(name)),
    explained("isn't a time zone", "Use a name such as Europe/London or UTC."),
]


def folded(scope: Scope) -> tuple[str, str]:
    """A scope with its name in lower case: names of any case mean the same."""
    return scope.kind, (scope.name or "").casefold()


def _whole_minutes(at: time) -> time:
    if at.tzinfo is not None or at.second or at.microsecond:
        raise ValueError
    return at


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError
    return name


class FileTable(BaseModel):
    """One table. Unknown keys are errors."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, defer_build=True
    )


class _Scoped(FileTable):
    """What it is about; everything where none is given."""

    provider: Name | None = Field(None, description="A provider, by its name.")
    connection: Name | None = Field(None, description="One connection, by its name.")

    @property
    def scope(self) -> Scope:
        """What it is about."""
        return next(iter(self._scopes()), Scope("all"))

    def _scopes(self) -> list[Scope]:
        named = ((kind, getattr(self, key, None)) for kind, key in SCOPE_KEYS.items())
        return [Scope(kind, name) for kind, name in named if name is not None]

    @model_validator(mode="after")
    def _has_one_scope(self) -> Self:
        if len(self._scopes()) > 1:
            raise wrong("has more than one scope", f"Keep one of {', '.join(SCOPE_KEYS.values())}.")
        return self


class BudgetEntry(_Scoped):
    """One `[[budget]]`: planned spend for a day, week or month, and alerts at percentages of it."""

    project: Name | None = Field(None, description="One project, by name or id.")
    key: Name | None = Field(None, description="One API key, by its name or id. Not the key!")
    model: Name | None = Field(None, description="One model.")
    team: Name | None = Field(None, description="One team, by the name of its [[team]].")
    ai_in_channel: ChannelId | None = Field(
        None, description="ID of a Slack channel: what AI costs in it, as a provider reports it."
    )
    each: EachKind | None = Field(
        None, description="Each [[person]], each [[team]] or each project, with the same amount."
    )
    amount: Dollars = Field(description="Dollars for each period.")
    period: BudgetPeriod = Field(description="UTC day, week from Monday, or month.")
    channel: ChannelId = Field(description="ID of the Slack channel that gets the alerts.")
    thresholds: Percentages = Field(
        DEFAULT_THRESHOLDS, description="Percentages of the amount to alert at."
    )
    forecast_thresholds: Percentages = Field(
        (), description="Percentages to alert at once the forecast for the period reaches them."
    )
    mentions: Mapping[Percentage, Mentioned] = Field(
        {}, description="Users (U…) and user groups (S…) to mention, by threshold."
    )
    notify_when_resolved: bool = Field(
        True, description="Reply in the alert's thread when it is resolved."
    )

    @property
    def identity(self) -> tuple[object, ...]:
        """What no two budgets share."""
        return ("budget", *folded(self.scope), self.period, self.channel)

    @field_validator("thresholds")
    @classmethod
    def _has_a_threshold(cls, given: tuple[int, ...]) -> tuple[int, ...]:
        if not given:
            raise wrong("is empty", "Name at least one percentage.")
        return given

    @model_validator(mode="after")
    def _mentions_at_thresholds(self) -> Self:
        unknown = sorted(set(self.mentions) - {*self.thresholds, *self.forecast_thresholds})
        if unknown:
            raise wrong(
                f"mentions people at {unknown[0]}%, which isn't a threshold",
                "Use the budget's own thresholds.",
            )
        return self


class LowBalanceEntry(_Scoped):
    """One `[[low_balance]]`: an alert when little prepaid credit is left: an amount, or days."""

    dollars: Dollars | None = Field(
        None, description="Alert at this much or less, in the currency of the balance."
    )
    days: Annotated[int, Field(ge=1, le=LONGEST_RUNWAY)] | None = Field(
        None, description="Alert when the balance lasts for this many days or less."
    )
    channel: ChannelId = Field(description="ID of the Slack channel that gets the alert.")
    mentions: Mentioned = Field((), description="Users (U…) and user groups (S…) to mention.")
    notify_when_resolved: bool = Field(
        True, description="Reply in the alert's thread when it is resolved."
    )

    @property
    def identity(self) -> tuple[object, ...]:
        """What no two low-balance alerts share."""
        return ("low_balance", *folded(self.scope), self.days is None, self.channel)

    @model_validator(mode="after")
    def _is_about_one_balance(self) -> Self:
        if self.scope.name is None:
            raise wrong("needs a provider or a connection", "Name the one whose balance it is.")
        if (self.dollars is None) == (self.days is None):
            raise wrong("needs either dollars or days", "Give exactly one of them.")
        return self


class DigestEntry(_Scoped):
    """One `[[digest]]`: a scheduled report in a channel."""

    project: Name | None = Field(None, description="One project, by name or id.")
    ai_in_channel: ChannelId | None = Field(
        None, description="The same ID as channel: what AI costs in that channel."
    )
    channel: ChannelId = Field(description="ID of the Slack channel that gets it.")
    cadence: Literal["daily", "weekly", "monthly"] = Field(
        "daily", description="The period that each digest reports."
    )
    time: LocalTime = Field(description='Local time of day, such as "09:00".')
    zone: Zone = Field(description="IANA time zone, such as Europe/London.")
    days: DayNames | None = Field(
        None,
        description="Days of the week to post on. Default: every day, or Monday for weekly.",
    )
    depth: Literal["full", "short"] = Field("full", description="full has a chart and a table.")
    settled_by: LocalTime | None = Field(
        None, description="Wait for settled figures, at the latest until this local time."
    )
    allow_external: bool = Field(
        False, description="Post also where people outside the workspace read."
    )
    paused: bool = Field(False, description="Keep it, but don't post it.")

    @property
    def identity(self) -> tuple[object, ...]:
        """What no two digests share."""
        return ("digest", *folded(self.scope), self.cadence, self.channel)

    @model_validator(mode="after")
    def _has_times_in_order(self) -> Self:
        if self.ai_in_channel not in (None, self.channel):
            raise wrong(
                "is about another channel than its own", "Use the same ID for both channels."
            )
        if self.settled_by is not None and self.settled_by <= self.time:
            raise wrong("waits until settled_by, which isn't after time", "Use a later time.")
        if self.cadence == "monthly" and self.days is not None:
            raise wrong(
                "is monthly, so it takes no days",
                "Remove days: it is posted once the month has settled.",
            )
        return self


class AnomalyAlertsEntry(FileTable):
    """One `[[anomaly_alerts]]`: a channel that gets alerts about unusual spend."""

    channel: ChannelId = Field(description="ID of the Slack channel that gets the alerts.")

    @property
    def identity(self) -> tuple[object, ...]:
        """What no two of them share."""
        return ("anomaly_alerts", self.channel)


class VisibilityEntry(FileTable):
    """One `[[visibility]]`: a channel or a user group, and what it may see."""

    channel: ChannelId | None = Field(None, description="ID of a Slack channel.")
    group: Annotated[str, StringConstraints(pattern=r"^S[A-Z0-9]{2,20}$")] | None = Field(
        None, description="ID of a Slack user group."
    )
    connections: tuple[Name, ...] | None = Field(
        None, description="Only these connections are visible."
    )
    projects: tuple[Name, ...] | None = Field(
        None, description="Only these projects are visible, by name or id."
    )

    @model_validator(mode="after")
    def _is_about_one_place(self) -> Self:
        if (self.channel is None) == (self.group is None):
            raise wrong("needs either a channel or a group", "Name exactly one of them.")
        if self.connections is None and self.projects is None:
            raise wrong("limits nothing", "List the connections or projects that are visible.")
        return self

    @property
    def identity(self) -> tuple[object, ...]:
        """What no two limits share."""
        return ("visibility", self.place)

    @property
    def place(self) -> str:
        """The channel or group."""
        return self.channel or self.group or ""

    @property
    def part(self) -> ScopeFilter:
        """What it may see."""
        return ScopeFilter(
            None if self.connections is None else frozenset(self.connections),
            None if self.projects is None else frozenset(p.casefold() for p in self.projects),
        )
