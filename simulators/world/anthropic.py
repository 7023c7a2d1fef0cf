"""The made-up organization at Anthropic: its workspaces, keys, and what each used, exactly."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from providers.period import midnight, utc_day
from simulators.clock import DemoClock
from simulators.world.rhythm import Rhythm, made_up_id
from simulators.world.usage import FOREVER, MILLION, Lines, Meter, Stream, Surge, Usage

ORGANIZATION_ID = "9f2c1d7e-5b80-4c3a-9e61-simulated000"
ORGANIZATION_NAME = "Fernhill Instruments"
DISCOUNT = Decimal("0.93")
"""The share of the list price that is charged."""
_MOST_KEPT = 2000
_CHANNELS = {"fast": "C0ENG", "sandbox": "C0COSTS"}
"""The use by Claude in Slack, and in which channels of the simulated workspace."""
_TOKEN_TYPES = (
    "uncached_input_tokens",
    "output_tokens",
    "cache_read_input_tokens",
    "cache_creation.ephemeral_5m_input_tokens",
    "cache_creation.ephemeral_1h_input_tokens",
)


class AnthropicRow(NamedTuple):
    """What one key of one workspace spent on one component in a span of time; None: no key
    authenticated, or no model was used."""

    workspace_id: str
    api_key_id: str | None
    model: str | None
    service_tier: str
    speed: str
    cost_type: str
    token_type: str | None
    list_amount: Decimal
    amount: Decimal
    quantity: int
    """Tokens, or the number of uses."""
    actor: str | None
    """The user's id, or the key's if only that is known."""
    slack_channel_id: str | None = None
    """Where Claude worked in Slack."""


@dataclass(slots=True)
class Workspace:
    """A workspace; `name` may change."""

    workspace_id: str
    name: str
    is_default: bool = False
    archived_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class WorkspaceKey:
    """An API key of a workspace."""

    key_id: str
    workspace_id: str
    name: str
    status: str = "active"
    user_id: str | None = None
    """The user who owns it; None: a shared key."""


@dataclass(frozen=True, slots=True)
class Person:
    """A member of the organization."""

    user_id: str
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class MonthlyLimit:
    """A monthly cap: of a workspace, of the organization, or the usage tier's own."""

    limit_id: str
    scope: str
    cents: int
    workspace_id: str | None = None
    currency: str = "USD"
    is_enabled: bool = True


class AnthropicAccount:
    """All figures depend only on the seed, the events and the moment asked for."""

    def __init__(self, seed: str, clock: DemoClock) -> None:
        self._seed = f"{seed}/anthropic"
        self._clock = clock
        year_ago = midnight(utc_day(clock())) - timedelta(days=420)
        self._between: dict[
            tuple[datetime, datetime], tuple[Lines, Lines, Sequence[AnthropicRow]]
        ] = {}
        self.default = self._workspace("Default", is_default=True)
        agents, support = self._workspace("agents"), self._workspace("support bot")
        pilot = self._workspace("old-pilot", archived_at=year_ago + timedelta(days=300))
        self.workspaces = [self.default, agents, support, pilot]
        self.people = [
            Person(f"user_{made_up_id(self._seed, email, 24)}", name, email)
            for name, email in (
                ("Ines Duarte", "ines@fernhill.example"),
                ("kai@fernhill.example", "kai@fernhill.example"),
            )
        ]
        ines, kai = (person.user_id for person in self.people)
        keys = [self._key(agents, "agents-prod", "active", ines)]
        keys += [self._key(agents, "agents-ci", "inactive", kai)]
        keys += [self._key(support, "support-prod"), self._key(pilot, "pilot", "archived")]
        self.keys = keys
        self.usage = Usage(
            self._seed,
            clock(),
            (
                self._stream("sonnet", keys[0], "claude-sonnet-5", (9, 1.6, 14, 1.2, 0.3)),
                self._stream(
                    "nightly", keys[0], "claude-haiku-5", (30, 4, 2, 0, 0), 1, "batch", "nightly"
                ),
                self._stream("ci", keys[1], "claude-sonnet-5", (2.5, 0.4, 3, 0.3, 0)),
                self._stream("support", keys[2], "claude-haiku-5", (5, 1.1, 4, 0.5, 0.1), 1),
                self._stream("pilot", keys[3], "claude-opus-4-1", (1, 0.2, 0, 0, 0), 5),
                self._stream(
                    "fast", None, "claude-opus-5", (0.6, 0.1, 0.2, 0, 0), 10, speed="fast"
                ),
                self._others("search", keys[0], "claude-sonnet-5", "web_search", "0.01", 140),
                self._others("sandbox", None, "", "code_execution", "0.00001389", 21_000),
            ),
        )
        self.limits = [
            MonthlyLimit("spl_org", "organization", 500_000),
            MonthlyLimit("spl_agents", "workspace", 350_000, agents.workspace_id),
            MonthlyLimit("spl_tier", "usage_tier", 20_000_000),
        ]

    def rows(self, day: date, until: datetime | None = None) -> list[AnthropicRow]:
        """Return the day's rows up to `until`, by default now; no two share all of their names."""
        owners = self._owners()
        return [
            self._row(stream, meter, quantity, list_amount, owners)
            for stream, meter, quantity, list_amount in self.usage.day(day, until or self._clock())
        ]

    def rows_between(self, start: datetime, end: datetime) -> Sequence[AnthropicRow]:
        """Return the use of a part of one UTC day. Rows are cached while that use is the same."""
        day = utc_day(start)
        used, earlier = self.usage.day(day, end), self.usage.day(day, start)
        known = self._between.get((start, end))
        if known is None or known[0] is not used or known[1] is not earlier:
            if len(self._between) >= _MOST_KEPT:
                self._between.clear()
            known = self._between[start, end] = used, earlier, self._rows_of(used, earlier)
        return known[2]

    def _rows_of(self, used: Lines, earlier: Lines) -> Sequence[AnthropicRow]:
        owners, found = self._owners(), []
        before = {(s.stream_id, m.name): (q, a) for s, m, q, a in earlier}
        for stream, meter, quantity, amount in used:
            counted, cost = before.get((stream.stream_id, meter.name), (0, Decimal(0)))
            if quantity > counted:
                found.append(self._row(stream, meter, quantity - counted, amount - cost, owners))
        return found

    def spike(self, workspace_id: str, factor: float, start: datetime) -> None:
        """From `start` on, let a workspace use `factor` times as much."""
        hits = Surge(lambda stream: stream.owner == workspace_id, factor, start, FOREVER)
        self.usage.surge(hits)

    def restate(self, day: date, factor: float) -> None:
        """Correct a day to about `factor` times its first figure."""
        self.usage.restate(day, factor)

    def _workspace(
        self, name: str, *, is_default: bool = False, archived_at: datetime | None = None
    ) -> Workspace:
        workspace_id = f"wrkspc_{made_up_id(self._seed, name, 24)}"
        return Workspace(workspace_id, name, is_default, archived_at)

    def _key(
        self, of: Workspace, name: str, status: str = "active", user_id: str | None = None
    ) -> WorkspaceKey:
        key_id = f"apikey_{made_up_id(self._seed, name, 24)}"
        return WorkspaceKey(key_id, of.workspace_id, name, status, user_id)

    def _stream(
        self,
        name: str,
        key: WorkspaceKey | None,
        model: str,
        millions: tuple[float, float, float, float, float],
        dollars: int = 3,
        tier: str = "standard",
        rhythm: Rhythm = "office",
        speed: str = "standard",
    ) -> Stream:
        """Tokens of each type in millions a day; fresh input costs `dollars` a million, and the
        others their usual multiples of it."""
        factors = ("1", "5", "0.1", "1.25", "2")
        half = Decimal("0.5") if tier == "batch" else Decimal(1)
        meters = tuple(
            Meter(
                f"{tier}|{speed}|tokens|{token_type}",
                dollars * Decimal(factor) * half / MILLION,
                amount * MILLION,
            )
            for token_type, factor, amount in zip(_TOKEN_TYPES, factors, millions, strict=True)
            if amount
        )
        return self._used(name, key, model, meters, rhythm)

    def _others(
        self, name: str, key: WorkspaceKey | None, model: str, kind: str, price: str, a_day: float
    ) -> Stream:
        meter = Meter(f"standard|standard|{kind}|", Decimal(price), a_day, None)
        return self._used(name, key, model, (meter,), "office")

    def _used(
        self,
        name: str,
        key: WorkspaceKey | None,
        model: str,
        meters: tuple[Meter, ...],
        rhythm: Rhythm,
    ) -> Stream:
        owner = key.workspace_id if key else self.default.workspace_id
        return Stream(name, model, meters, rhythm, owner=owner, key=key.key_id if key else None)

    def _owners(self) -> Mapping[str, str]:
        """Return the person whose key each is, by key; shared keys left out."""
        return {key.key_id: key.user_id for key in self.keys if key.user_id}

    def _row(
        self,
        stream: Stream,
        meter: Meter,
        quantity: int,
        list_amount: Decimal,
        owners: Mapping[str, str],
    ) -> AnthropicRow:
        tier, speed, cost_type, token_type = meter.name.split("|")
        return AnthropicRow(
            workspace_id=stream.owner or "",
            api_key_id=stream.key,
            model=stream.model or None,
            service_tier=tier,
            speed=speed,
            cost_type=cost_type,
            token_type=token_type or None,
            list_amount=list_amount,
            amount=list_amount * DISCOUNT,
            quantity=quantity,
            actor=owners.get(stream.key or "", stream.key),
            slack_channel_id=_CHANNELS.get(stream.stream_id),
        )
