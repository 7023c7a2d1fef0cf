"""The made-up account at OpenRouter: its use, its balance, and its events."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from providers.money import total
from providers.period import DAY, Period, midnight, utc_day
from simulators.clock import DemoClock
from simulators.world.caps import Cap, Caps
from simulators.world.openrouter_team import (
    Endpoint,
    Member,
    Reset,
    RouterKey,
    Workspace,
    build_team,
    router_meters,
    window_of,
)
from simulators.world.rhythm import made_up_id
from simulators.world.usage import FOREVER, Metered, PriceChange, Stream, Surge, Usage

HISTORY = timedelta(days=400)
RUNWAY_AT_START = Decimal("10.5")


class ActivityRow(NamedTuple):
    """What one key used of one model at one endpoint in one UTC day; key None: the chatroom."""

    model: str
    endpoint: Endpoint
    workspace_id: str
    key_hash: str | None
    user_id: str | None
    usage: Decimal
    byok: Decimal
    is_byok: bool
    requests: int
    prompt_tokens: int
    completion_tokens: int


class KeySums(NamedTuple):
    """What one key used in one UTC day."""

    usage: Decimal
    byok: Decimal


SumsByKey = dict[str | None, KeySums]
_PASTS: dict[
    tuple[str, datetime], tuple[Decimal, dict[date, SumsByKey], dict[date, SumsByKey]]
] = {}
_MOST_PASTS = 32


@dataclass(frozen=True, slots=True)
class TopUp:
    """Credits bought, or with a negative amount refunded or expired."""

    at: datetime
    amount: Decimal


class OpenRouterAccount:
    """All figures depend only on the seed, the events and the moment asked for."""

    def __init__(self, seed: str, clock: DemoClock) -> None:
        self._seed = f"{seed}/openrouter"
        self._clock = clock
        team = build_team(self._seed, clock())
        self.workspaces: list[Workspace] = list(team.workspaces)
        self.keys: list[RouterKey] = list(team.keys)
        self.users: list[Member] = list(team.users)
        self.usage = Usage(self._seed, clock(), team.streams)
        self._endpoints = dict(team.endpoints)
        self._byok = set(team.byok)
        self._owners: dict[str | None, str | None] = {
            key.key_hash: key.user_id for key in team.keys
        }
        self._first_day = utc_day(clock() - HISTORY)
        self._top_ups: list[TopUp] = []
        self._day_sums: dict[date, SumsByKey] = {}
        self._life: dict[date, SumsByKey] = {}
        self._running: tuple[datetime, SumsByKey] | None = None
        self._byok_until = FOREVER
        start = clock()
        self._caps = Caps(self.usage, start, self._forget)
        self._key_caps: dict[str, Cap] = {}
        self._bought_before = Decimal(round(self._worth_buying(start) / 5) * 5)
        self._caps.add(
            Cap(
                hits=lambda stream: stream.stream_id not in self._byok,
                room=lambda at: self.total_credits(at) - self._used(at),
                opens_after=self._next_top_up,
                since=start,
            )
        )
        for key in self.keys:
            self._cap_key(key)

    def rows(self, day: date, until: datetime | None = None) -> list[ActivityRow]:
        """Return the day's rows up to `until`, by default now; no two share model, endpoint, key
        and whether it was BYOK."""
        return self._rows(day, self._watched(until))

    def total_usage(self, until: datetime | None = None) -> Decimal:
        """Return all credits ever used."""
        return self._used(self._watched(until))

    def total_credits(self, until: datetime | None = None) -> Decimal:
        """Return all credits ever bought."""
        now = until or self._clock()
        return self._bought_before + total(top.amount for top in self._top_ups if top.at <= now)

    def key_usage(self, key_hash: str, period: Period | None = None) -> Decimal:
        """Return the credits that one key used in a period; all it ever used if none is given."""
        now = self._watched(None)
        return total(sums.usage for sums in self._of_key(key_hash, period, now))

    def key_byok(self, key_hash: str, period: Period | None = None) -> Decimal:
        """Return the estimate of what others bill for one key."""
        now = self._watched(None)
        return total(sums.byok for sums in self._of_key(key_hash, period, now))

    def key(self, name: str) -> RouterKey:
        """Return the first key of this name. Raises `KeyError` if there is none."""
        for key in self.keys:
            if key.name == name:
                return key
        raise KeyError(name)

    def key_name(self, key_hash: str | None) -> str | None:
        """Return what analytics shows for a key; None for use without a key, or a deleted one."""
        found = (key.name for key in self.keys if key.key_hash == key_hash and not key.is_deleted)
        return next(found, None)

    def user(self, user_id: str | None) -> Member | None:
        """Return a user; None for use of nobody that analytics knows."""
        return next((user for user in self.users if user.user_id == user_id), None)

    def spike(
        self, workspace_id: str, factor: float, start: datetime, lasting: timedelta | None = None
    ) -> None:
        """Let a workspace use `factor` times as much from `start`, for some time or always."""
        end = start + lasting if lasting else FOREVER
        self.usage.surge(Surge(lambda stream: stream.owner == workspace_id, factor, start, end))
        self._happened(start)

    def new_model(self, key_hash: str, model: str, daily_dollars: float, at: datetime) -> None:
        """Let a key begin to call a model that nobody called before."""
        key = next(key for key in self.keys if key.key_hash == key_hash)
        stream_id = f"{key_hash}/{model}/{at.isoformat()}"
        raw = made_up_id(self._seed, stream_id, 32)
        endpoint_id = f"{raw[:8]}-{raw[8:12]}-4{raw[13:16]}-a{raw[17:20]}-{raw[20:]}"
        self._endpoints[stream_id] = Endpoint(endpoint_id, f"{model}-20261101", "stealth/int8")
        meters = router_meters(daily_dollars / 4, daily_dollars / 20, ("2", "10"))
        self.usage.add(
            Stream(stream_id, model, meters, owner=key.workspace_id, key=key_hash, since=at)
        )
        self._happened(at)

    def change_price(self, model: str, factor: Decimal, at: datetime) -> None:
        """From `at`, let a model cost `factor` times as much."""
        self.usage.change_price(PriceChange(model, factor, at))
        self._happened(at)

    def restate(self, day: date, factor: float) -> None:
        """Correct a day to about `factor` times its first figure."""
        self.usage.restate(day, factor)
        self._happened(midnight(day))

    def top_up(self, amount: Decimal, at: datetime | None = None) -> None:
        """Buy credits; a negative amount is a refund or an expiry."""
        self._top_ups.append(TopUp(at or self._clock(), amount))
        self._caps.reconsider()

    def exhaust_upstream_key(self, at: datetime | None = None) -> None:
        """Let the team's own provider keys stop working: their requests now use credits."""
        self._byok_until = at or self._clock()
        self._happened(self._byok_until)

    def limit_key(self, key_hash: str, limit: Decimal | None, reset: Reset | None) -> None:
        """Set, change or remove a key's limit."""
        for key in self.keys:
            if key.key_hash == key_hash:
                key.limit, key.limit_reset = limit, reset
                if key_hash in self._key_caps:
                    self._key_caps.pop(key_hash).until = self._clock()
                self._cap_key(key)
        self._caps.reconsider()

    def create_key(self, workspace_id: str, name: str) -> RouterKey:
        """Create a key that nobody uses yet."""
        key_hash = made_up_id(self._seed, f"{workspace_id}/{name}/{len(self.keys)}", 64)
        label = f"sk-or-v1-{key_hash[:3]}...{key_hash[-3:]}"
        key = RouterKey(key_hash, workspace_id, name, label, self._clock())
        self.keys.append(key)
        return key

    def delete_key(self, key_hash: str) -> None:
        """Delete a key. No list has it any more; its spend stays."""
        for key in self.keys:
            if key.key_hash == key_hash:
                key.is_deleted = True

    def run_into_limit(self, key_hash: str) -> None:
        """Limit a key to its use this month and a fifth of a day more."""
        today = utc_day(self._clock())
        used = self.key_usage(key_hash, Period(today.replace(day=1), today + DAY))
        lately = self.key_usage(key_hash, Period(today - DAY * 7, today)) / 7
        self.limit_key(key_hash, round(used + lately / 5, 2), "monthly")

    def _worth_buying(self, start: datetime) -> Decimal:
        """What makes the balance last for `RUNWAY_AT_START` days as things are.

        The past is the same in every world of one seed and start, and takes a while to add up.
        """
        if (self._seed, start) not in _PASTS:
            today = utc_day(start)
            week = Period(today - DAY * 7, today)
            of_days = (self._sums_of(day, start).values() for day in week)
            lately = total(sums.usage for day in of_days for sums in day)
            worth = self._used(start) + RUNWAY_AT_START * lately / 7
            if len(_PASTS) >= _MOST_PASTS:
                _PASTS.clear()
            _PASTS[self._seed, start] = (worth, dict(self._life), dict(self._day_sums))
        worth, life, day_sums = _PASTS[self._seed, start]
        self._life, self._day_sums = dict(life), dict(day_sums)
        return worth

    def _next_top_up(self, after: datetime) -> datetime:
        return min((top.at for top in self._top_ups if top.at > after), default=FOREVER)

    def _cap_key(self, key: RouterKey) -> None:
        limit, reset, key_hash = key.limit, key.limit_reset, key.key_hash
        if limit is None:
            return

        def room(at: datetime) -> Decimal:
            window = window_of(reset, utc_day(at)) if reset else None
            return limit - total(sums.usage for sums in self._of_key(key_hash, window, at))

        def opens_after(at: datetime) -> datetime:
            return midnight(window_of(reset, utc_day(at)).end) if reset else FOREVER

        self._key_caps[key_hash] = Cap(
            hits=lambda stream: stream.key == key_hash,
            room=room,
            opens_after=opens_after,
            since=self._clock(),
        )
        self._caps.add(self._key_caps[key_hash])

    def _happened(self, since: datetime) -> None:
        self._forget(since)
        self._caps.reconsider()

    def _watched(self, until: datetime | None) -> datetime:
        """By whole seconds, so that what is asked for many keys at once is added up once."""
        now = (until or self._clock()).replace(microsecond=0)
        self._caps.watch(now)
        return now

    def _used(self, until: datetime) -> Decimal:
        today = utc_day(until)
        sums = (self._life_until(today).values(), self._sums_of(today, until).values())
        return total(each.usage for part in sums for each in part)

    def _of_key(self, key_hash: str, period: Period | None, until: datetime) -> Iterator[KeySums]:
        today = utc_day(until)
        if period is None:
            parts = iter((self._life_until(today), self._sums_of(today, until)))
        else:
            parts = (self._sums_of(day, until) for day in period)
        for part in parts:
            if key_hash in part:
                yield part[key_hash]

    def _life_until(self, end: date) -> SumsByKey:
        """Return the sums over all whole days before `end`."""
        if end not in self._life:
            last = max((day for day in self._life if day < end), default=self._first_day)
            sums = dict(self._life.get(last, {}))
            for day in Period(last, end):
                for key, more in self._sums_of(day, midnight(day) + DAY).items():
                    sums[key] = _sum(sums.get(key, _NO_SUMS), more)
            self._life[end] = sums
        return self._life[end]

    def _sums_of(self, day: date, until: datetime) -> SumsByKey:
        if until < midnight(day) + DAY:
            return self._sums_of_running_day(day, until)
        if day not in self._day_sums:
            self._day_sums[day] = _by_key(self._rows(day, until))
        return self._day_sums[day]

    def _sums_of_running_day(self, day: date, until: datetime) -> SumsByKey:
        """Cached, because each limit asks for it at the same moment for each key."""
        if self._running is None or self._running[0] != until or day != utc_day(until):
            sums = _by_key(self._rows(day, until))
            if day != utc_day(until):
                return sums
            self._running = (until, sums)
        return self._running[1]

    def _forget(self, since: datetime) -> None:
        self._running = None
        for day in [day for day in self._day_sums if day >= utc_day(since)]:
            del self._day_sums[day]
        for day in [day for day in self._life if day > utc_day(since)]:
            del self._life[day]

    def _rows(self, day: date, until: datetime) -> list[ActivityRow]:
        streams = _by_stream(self.usage.day(day, until))
        whole = until <= self._byok_until or midnight(day) + DAY <= self._byok_until
        before = streams if whole else _by_stream(self.usage.day(day, self._byok_until))
        rows = []
        for stream_id, (stream, meters) in streams.items():
            if stream_id not in self._byok:
                rows.append(self._row(stream, meters, is_byok=False))
                continue
            _, foreign = before.get(stream_id, (stream, {}))
            own = {name: _minus(used, foreign.get(name, _NOTHING)) for name, used in meters.items()}
            for part, is_byok in ((foreign, True), (own, False)):
                if any(quantity for quantity, _ in part.values()):
                    rows.append(self._row(stream, part, is_byok=is_byok))
        return rows

    def _row(
        self, stream: Stream, meters: dict[str, tuple[int, Decimal]], *, is_byok: bool
    ) -> ActivityRow:
        cost = total(amount for _, amount in meters.values())
        prompt, completion = (meters.get(name, _NOTHING)[0] for name in ("prompt", "completion"))
        return ActivityRow(
            model=stream.model,
            endpoint=self._endpoints[stream.stream_id],
            workspace_id=stream.owner or self.workspaces[0].workspace_id,
            key_hash=stream.key,
            user_id=self._owners.get(stream.key),
            usage=Decimal(0) if is_byok else cost,
            byok=cost if is_byok else Decimal(0),
            is_byok=is_byok,
            requests=prompt // 2900 + 1,
            prompt_tokens=prompt,
            completion_tokens=completion,
        )


_NOTHING = (0, Decimal(0))
_NO_SUMS = KeySums(Decimal(0), Decimal(0))


def _by_stream(
    lines: tuple[Metered, ...],
) -> dict[str, tuple[Stream, dict[str, tuple[int, Decimal]]]]:
    streams: dict[str, tuple[Stream, dict[str, tuple[int, Decimal]]]] = {}
    for line in lines:
        _, meters = streams.setdefault(line.stream.stream_id, (line.stream, {}))
        meters[line.meter.name] = (line.quantity, line.amount)
    return streams


def _minus(used: tuple[int, Decimal], before: tuple[int, Decimal]) -> tuple[int, Decimal]:
    return used[0] - before[0], used[1] - before[1]


def _by_key(rows: list[ActivityRow]) -> SumsByKey:
    sums: SumsByKey = {}
    for row in rows:
        more = KeySums(row.usage, row.byok)
        sums[row.key_hash] = _sum(sums.get(row.key_hash, _NO_SUMS), more)
    return sums


def _sum(one: KeySums, other: KeySums) -> KeySums:
    return KeySums(total((one.usage, other.usage)), total((one.byok, other.byok)))
