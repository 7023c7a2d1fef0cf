"""What alerts are called for, written down as simply as it can be said; it knows nothing of how
the product decides.

A line is a percentage of a budget in one of its periods, by what was spent or by what is forecast,
or a floor, in dollars or in days of runway. Forecasts and runways are taken as they are told: this
is about what follows from them.

1. A line that fresh figures show reached is told, once: until it is armed again nothing more is
   told of it. While its rule is snoozed up to its height it is not told; it is afterwards, if it
   is still reached.
2. What was told goes on until fresh figures show the line no longer reached (a floor: until a
   tenth more than the floor is left), its period is over, or its rule is removed.
3. A line of a budget that was left and is reached again goes on without a word. It is armed again
   once fresh figures showed less than 95% of it. A floor is armed again when it is left.
4. A rule that is changed is held against fresh figures again: what is still reached goes on without
   a word, everything else is over and armed again. A change ends a snooze. A rule that is set as it
   is already is not changed.
5. Figures are fresh where the last read succeeded and every past day of the period was read; a
   balance where it was read within a day. Where they are not, the known days of a budget's period
   tell the least that was spent: which lines that reaches follows from it, and nothing else.
6. One snooze holds for a rule: the last one, unless the one before lasts as long and reaches as
   high. One that ends later than any can was set by a clock that was ahead, and does not hold.
7. A forecast's line is reached while the forecast reaches it and the spend does not. It is left
   when the spend reaches it, and is then over for its period; or when the forecast is below 95% of
   it, and then it is never armed again. Without a forecast nothing is left.
8. A connection that a sync finds to have failed for six hours is told in each channel whose rules
   it blinds, once for each time it fails; it goes on until a sync finds it well, or no such rule.
9. What one look finds reached is one message in each channel. Of a rule's lines that one message
   told, those that one look finds over alike (all by actual spend or all by forecast, for the same
   reason) are one reply in its thread.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
NO_DATA_AFTER = timedelta(hours=6)
LONGEST_SNOOZE = timedelta(days=32)
FLOOR = 0
ENDLESS = Decimal("Infinity")
"""The runway where nothing is being used."""
LONDON = ZoneInfo("Europe/London")
Height = tuple[str, int]
"""What is held against the line (``actual``, ``forecast``, ``left``, ``runway``), and how high it
is in percent of a budget; `FLOOR` of a floor."""
BLIND: Height = ("data_outage", FLOOR)


@dataclass(frozen=True, slots=True)
class Figures:
    """What a rule is held against: spent, or left (dollars or days); and the forecast, if there is
    one."""

    actual: Decimal
    forecast: Decimal | None = None
    is_least: bool = False
    """Not fresh: as much was spent, or more."""


@dataclass(slots=True)
class Line:
    """One line of one rule in one period."""

    is_told: bool = False
    is_going_on: bool = False
    is_armed: bool = True
    is_of_old_rule: bool = False
    has_come_true: bool = False
    told_at: int = 0
    """The look that found it reached: with the rule's channel, its message."""


@dataclass(slots=True)
class SpecRule:
    """One rule; `period` None is a floor."""

    amount: Decimal
    period: str | None
    heights: tuple[Height, ...]
    channel: str
    lines: dict[tuple[date | None, Height], Line] = field(default_factory=dict)
    snoozed_until: datetime | None = None
    snoozed_to: int = 0

    @property
    def connection(self) -> str:
        """What it is held against."""
        return "openrouter" if self.period is None else "openai"

    def line(self, start: date | None, height: Height) -> Line:
        return self.lines.setdefault((start, height), Line())

    def is_quiet(self, height: Height, now: datetime) -> bool:
        until = self.snoozed_until
        is_believed = until is not None and until <= now + LONGEST_SNOOZE
        return until is not None and is_believed and now < until and height[1] <= self.snoozed_to


def period_start(period: str, today: date) -> date:
    """The first day of the day, Monday week or month."""
    if period == "daily":
        return today
    return today - DAY * today.weekday() if period == "weekly" else today.replace(day=1)


def period_end(period: str, today: date) -> date:
    """The day after its last."""
    start = period_start(period, today)
    if period == "daily":
        return start + DAY
    return start + DAY * 7 if period == "weekly" else (start + DAY * 31).replace(day=1)


def tomorrow_morning(now: datetime) -> datetime:
    """09:00 on the next day in London, where whoever presses lives."""
    day = now.astimezone(LONDON).date() + DAY
    return datetime.combine(day, time(9), LONDON)


Announced = tuple[str, str, Height]
"""Channel, rule, height."""


@dataclass(slots=True)
class Specification:
    """The rules, and what has been told so far."""

    rules: dict[str, SpecRule] = field(default_factory=dict)
    shown: list[Announced] = field(default_factory=list)
    looks: int = 0
    """How often the team looked, or changed a rule, so far."""
    messages: set[tuple[int, str]] = field(default_factory=set)
    """Looks, and the channels that were told what they found."""
    replies: set[tuple[object, ...]] = field(default_factory=set)
    blind: set[tuple[str, str]] = field(default_factory=set)
    """Channels, and the connections that they know to be out of reach."""
    told_blind: set[tuple[str, str, datetime]] = field(default_factory=set)

    def watch(self, connection: str, since: datetime | None, now: datetime) -> None:
        """A connection that has failed since then (None: it is well), as a sync finds it."""
        blinded = {r.channel for r in self.rules.values() if r.connection == connection}
        for channel, other in sorted(self.blind):
            if other == connection and (since is None or channel not in blinded):
                self.blind.remove((channel, other))
                self.replies.add((self.looks, channel, other))
        if since is None or now - since < NO_DATA_AFTER:
            return
        for channel in blinded:
            once = (channel, connection, since)
            if (channel, connection) not in self.blind and once not in self.told_blind:
                self._tell(channel, connection, BLIND)
                self.told_blind.add(once)
                self.blind.add((channel, connection))

    def calendar(self, today: date) -> None:
        """Periods that are over end what goes on in them."""
        for rule in self.rules.values():
            if rule.period is None:
                continue
            start = period_start(rule.period, today)
            self.turn(rule, start)

    def turn(self, rule: SpecRule, start: date) -> None:
        """A rule's present period started then: what goes on in an earlier one is over."""
        for (of, height), line in rule.lines.items():
            if of is not None and of < start:
                self._end(rule, height, line, "period ended")

    def look(self, name: str, figures: Figures | None, now: datetime, start: date | None) -> None:
        """Hold a rule against its figures; None: nothing is known."""
        if figures is None:
            return
        rule = self.rules[name]
        for height in rule.heights:
            if not figures.is_least or _is_spent(rule, height, figures):
                self._look_at_line(name, rule, rule.line(start, height), height, figures, now)
        if figures.is_least:
            return
        for (of, height), line in rule.lines.items():
            if of == start and height not in rule.heights:
                self._end(rule, height, line, "changed")
                line.is_told = False

    def _look_at_line(
        self,
        name: str,
        rule: SpecRule,
        line: Line,
        height: Height,
        figures: Figures,
        now: datetime,
    ) -> None:
        reached, is_left, is_far = _where(rule, height, figures)
        if line.is_of_old_rule:
            if not (line.is_going_on and reached):
                self._end(rule, height, line, "changed")
                line.is_told = line.has_come_true = False
            line.is_of_old_rule = False
        elif line.is_going_on and is_left:
            line.is_armed = is_far
            line.has_come_true = height[0] == "forecast" and _is_spent(rule, height, figures)
            self._end(rule, height, line, "came true" if line.has_come_true else "left")
        elif line.is_told and not line.is_going_on and is_far:
            line.is_armed = True
        if not reached or line.is_going_on or line.has_come_true:
            return
        if line.is_told and not line.is_armed:
            line.is_going_on = True
        elif not rule.is_quiet(height, now):
            self._tell(rule.channel, name, height)
            line.is_told, line.is_going_on, line.is_armed = True, True, False
            line.told_at = self.looks

    def change(self, name: str, amount: Decimal, heights: tuple[Height, ...]) -> None:
        """A rule gets another amount or other heights."""
        rule = self.rules[name]
        rule.amount, rule.heights = amount, heights
        rule.snoozed_until = None
        for line in rule.lines.values():
            line.is_of_old_rule = True

    def remove(self, name: str) -> None:
        """A rule is gone, and what it told is over."""
        rule = self.rules.pop(name)
        for (_, height), line in rule.lines.items():
            self._end(rule, height, line, "removed")

    def snooze(self, name: str, until: datetime, height: int, now: datetime) -> None:
        """Somebody wants to hear nothing of it up to that height until then."""
        rule = self.rules[name]
        held = rule.snoozed_until
        is_believed = held is not None and held <= now + LONGEST_SNOOZE
        if held and is_believed and now < held >= until and rule.snoozed_to >= height:
            return
        rule.snoozed_until, rule.snoozed_to = until, height

    def going_on(self) -> set[tuple[str, date | None, Height]]:
        """Everything that is not over."""
        return {
            (name, start, height)
            for name, rule in self.rules.items()
            for (start, height), line in rule.lines.items()
            if line.is_going_on
        } | {(f"{connection} in {channel}", None, BLIND) for channel, connection in self.blind}

    def _tell(self, channel: str, about: str, height: Height) -> None:
        self.shown.append((channel, about, height))
        self.messages.add((self.looks, channel))

    def _end(self, rule: SpecRule, height: Height, line: Line, why: str) -> None:
        if line.is_going_on:
            self.replies.add((self.looks, id(rule), line.told_at, height[0], why))
        line.is_going_on = False


def _where(rule: SpecRule, height: Height, figures: Figures) -> tuple[bool, bool, bool]:
    """Whether the line is reached, left, and left so far that it is armed again."""
    figure, forecast = figures.actual, figures.forecast
    if rule.period is None:
        is_left = figure * 10 >= rule.amount * 11
        return figure <= rule.amount, is_left, is_left
    line = rule.amount * height[1] / 100
    if height[0] == "actual":
        return figure >= line, figure < line, figure * 100 < line * 95
    is_spent = _is_spent(rule, height, figures)
    if forecast is None:
        return False, is_spent, False
    return forecast >= line and not is_spent, is_spent or forecast * 100 < line * 95, False


def _is_spent(rule: SpecRule, height: Height, figures: Figures) -> bool:
    return figures.actual >= rule.amount * height[1] / 100
