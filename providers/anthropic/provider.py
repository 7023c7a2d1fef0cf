"""The Anthropic adapter: which requests an answer needs."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from providers.anthropic import mapper
from providers.anthropic.client import AnthropicClient
from providers.anthropic.costs import WHAT, WINDOW_DAYS, CostsRead, read_costs, read_report
from providers.base import Provider
from providers.concurrency import TTLCache
from providers.errors import (
    AddressNotAllowed,
    HistoryNotServed,
    NotFound,
    PermissionMissing,
    ProviderError,
    RequestRefused,
    UnexpectedResponse,
)
from providers.hours import HourCost, HoursRead, whole_hour
from providers.http import Http
from providers.models import (
    BreakdownDimension,
    BreakdownItem,
    ChargesRead,
    ItemsRead,
    Name,
    Probe,
    ProviderLimit,
)
from providers.parsing import Fields, text_if_any
from providers.period import DAY, Period, midnight, utc_day

HISTORY_DAYS = 365
FIRST_DAY = date(2026, 1, 1)
"""The analytics endpoints have no earlier days."""
_COMPONENTS = ("cost_type", "token_type")
_OF_USAGE = ("workspace_id", "model", "service_tier", "speed")
_OF_CHARGES = (*_OF_USAGE, *_COMPONENTS)
_QUANTITIES_DAYS = 62
"""Of older days quantities are not asked for: the limit of requests is a minute's 60, of all keys
together."""
_COLUMNS: Mapping[BreakdownDimension, str] = {
    "key": "api_key_id",
    "user": "actor",
    "channel": "slack_channel_id",
}
_NAMES_LAST = timedelta(minutes=50)
_MOST_ADDRESSES = 10_000
BILLED_ELSEWHERE = (
    "use through Amazon Bedrock, Google Vertex AI, Microsoft Foundry and Claude Platform on AWS, "
    "which bill it themselves"
)
_UNLISTED_DEFAULT = "default"
"""Used for the default workspace if its id isn't known: the older report has none."""
_REFUSED = (PermissionMissing, RequestRefused, NotFound)


def connect(http: Http) -> "Anthropic":
    """Return an adapter for one key."""
    return Anthropic(AnthropicClient(http))


class Anthropic(Provider):
    """One Anthropic organization; see `providers.base.Provider`."""

    def __init__(self, client: AnthropicClient) -> None:
        self._client = client
        self._workspaces = TTLCache(client.workspaces, lasts=_NAMES_LAST)
        self._addresses: dict[str, str] = {}
        """E-mail addresses in the latest costs by user; see `user_addresses`."""

    async def probe(self, now: datetime) -> Probe:
        """Request yesterday's costs, which the key is for, then names and limits."""
        read = await self.charges(Period.of_day(utc_day(now) - DAY), now)
        notes = [read.degraded] if read.degraded else []
        notes += read.unreadable.values()
        if not read.charges and not notes:
            notes.append(
                "No spend yesterday. If that is wrong, this key may belong to another organization "
                "than your other keys."
            )
        try:
            await self._workspaces.get(now)
        except ProviderError as error:
            notes.append(f"Workspaces and keys are shown by id: {error}. {error.remedy}")
        try:
            await self._client.spend_limits()
        except ProviderError:
            notes.append("Its spend limits can't be listed, so they aren't shown.")
        try:
            account = text_if_any(await self._client.organization(), "id")
        except ProviderError:
            account = None
        return Probe(
            account=account,
            kind="admin key",
            can_read_charges=True,
            can_read_balance=None,
            notes=[*notes, f"Not included: {BILLED_ELSEWHERE}."],
        )

    async def charges(self, period: Period, now: datetime) -> ChargesRead:
        """Return costs by workspace, model and component, after discounts and before credits. If
        analytics is refused, all days of the read come from the older report."""
        today = utc_day(now)
        period = period.until(today)
        _check_served(period, today)
        try:
            found = await self._costs(period, _OF_CHARGES)
        except AddressNotAllowed:
            raise
        except _REFUSED as refusal:
            return await self._older_charges(period, now, refusal)
        charges = _as_of_export(found, period, today)
        used = await self._used(found, today)
        return replace(charges, charges=mapper.with_quantities(charges.charges, used))

    async def breakdown(
        self, period: Period, by: BreakdownDimension, now: datetime
    ) -> ItemsRead[BreakdownItem]:
        """Return costs by key, user or channel of Slack. Costs that no key authenticated, as in the
        console, have no key.

        Whether an organization without Claude in Slack is refused the channels isn't documented. If
        it is, they are absent, which is no fault.
        """
        period = period.until(utc_day(now))
        _check_served(period, utc_day(now))
        items: list[BreakdownItem] = []
        unreadable: dict[date, str] = {}
        try:
            windows = await self._costs(period, (_COLUMNS[by],))
        except AddressNotAllowed:
            raise
        except _REFUSED:
            if by == "channel":
                return ItemsRead((), is_absent=True)
            raise
        for _, read in windows:
            found, faults_of = mapper.breakdown(read.rows, by)
            items += found
            unreadable |= faults_of
            if by == "user" and len(self._addresses) < _MOST_ADDRESSES:
                self._addresses |= mapper.addresses(read.rows)
        faults = sorted(unreadable.items())
        return ItemsRead(items, [f"{day}: {reason}" for day, reason in faults])

    async def user_addresses(self, now: datetime) -> Mapping[str, str]:
        """Return the addresses in the costs by user that were read since the start."""
        del now
        return self._addresses

    async def limits(self, now: datetime) -> ItemsRead[ProviderLimit]:
        """Return limits of the organization, its workspaces and the usage tier; empty if they can't
        be listed, which is early access."""
        try:
            listed = await self._client.spend_limits()
        except AddressNotAllowed:
            raise
        except _REFUSED:
            return ItemsRead([])
        names = await self._names_of_workspaces(now) if listed.items else {}
        found, not_read = [], list(listed.not_read)
        for row in listed.items:
            try:
                limit = mapper.spend_limit(row, names)
            except UnexpectedResponse as error:
                not_read.append(str(error))
            else:
                found += [limit] if limit else []
        return ItemsRead(found, not_read)

    async def names(self, projects: Collection[str], now: datetime) -> ItemsRead[Name]:
        """Return names of all workspaces and keys."""
        del projects
        workspaces = await self._workspaces.get(now)
        keys = await self._client.api_keys()
        unnamed: ItemsRead[Name] = ItemsRead((), [*workspaces.not_read, *keys.not_read])
        return ItemsRead.joined(
            [
                mapper.named("project", workspaces.items),
                mapper.named("key", keys.items),
                unnamed,
            ]
        )

    async def hours(self, start: datetime, now: datetime) -> HoursRead:
        """Return costs by model, up to the last whole hour of the latest export."""
        end = whole_hour(now)
        uses: list[HourCost] = []
        unreadable: dict[datetime, str] = {}
        at = until = start
        while at < end:
            stop = min(end, at + DAY * WINDOW_DAYS)
            read = await read_costs(self._client, at, stop, "1h", ("model", *_COMPONENTS))
            found, faults = mapper.hours(read.rows)
            uses += found
            unreadable |= faults
            if read.refreshed_at is not None:
                until = max(until, min(stop, whole_hour(read.refreshed_at)))
            at = stop
        return HoursRead(start, until, [use for use in uses if use.hour < until], unreadable)

    async def _costs(
        self, period: Period, group_by: Sequence[str]
    ) -> Sequence[tuple[Period, CostsRead]]:
        """Return the result of each window."""
        found = []
        for window in period.windows(WINDOW_DAYS):
            start, end = midnight(window.start), midnight(window.end)
            found.append((window, await read_costs(self._client, start, end, "1d", group_by)))
        return found

    async def _used(self, costs: Sequence[tuple[Period, CostsRead]], today: date) -> mapper.Rows:
        """What was used in the windows that are compared with others, by the export that their
        costs are of. Charges don't need it: where it can't be read, quantities are unknown."""
        rows: dict[datetime, Sequence[Fields]] = {}
        for window, read in costs:
            if not read.rows or window.end <= today - DAY * _QUANTITIES_DAYS:
                continue
            start, end = midnight(window.start), midnight(window.end)
            try:
                used = await read_costs(self._client, start, end, "1d", _OF_USAGE, "usage")
            except ProviderError:
                break
            if used.refreshed_at == read.refreshed_at:
                rows.update(used.rows)
        return rows

    async def _older_charges(
        self, period: Period, now: datetime, refusal: ProviderError
    ) -> ChargesRead:
        """Return the older report, because analytics was refused. Raises that refusal if the report
        is refused too."""
        rows: dict[datetime, Sequence[Fields]] = {}
        try:
            for window in period.windows(WINDOW_DAYS):
                rows.update(await read_report(self._client, window))
        except ProviderError as error:
            raise refusal if error.is_permanent else error from None
        try:
            default = mapper.default_workspace((await self._workspaces.get(now)).items)
        except ProviderError:
            default = None
        found = mapper.with_default(rows, default or _UNLISTED_DEFAULT)
        charges, unreadable = mapper.charges(found)
        came = {utc_day(at) for at in rows}
        today = utc_day(now)
        unreadable |= {
            day: f"{WHAT}: no data for this day"
            for day in period
            if day not in came and day != today
        }
        used = {charge.charge_period_start for charge in charges}
        return ChargesRead(
            period,
            [charge for charge in charges if charge.charge_period_start in period],
            frozenset(
                day for day in period if day not in unreadable and (day != today or day in used)
            ),
            degraded=f"Only the older cost report could be read; it has no keys. {refusal}",
            names=[] if default else [Name("project", _UNLISTED_DEFAULT, mapper.DEFAULT_WORKSPACE)],
            unreadable={day: why for day, why in unreadable.items() if day in period},
        )

    async def _names_of_workspaces(self, now: datetime) -> Mapping[str, str]:
        try:
            listed = mapper.named("project", (await self._workspaces.get(now)).items)
        except ProviderError:
            return {}
        return {name.item_id: name.name for name in listed.items}


def _as_of_export(
    found: Sequence[tuple[Period, CostsRead]], period: Period, today: date
) -> ChargesRead:
    """Return what is known as of the export that was read.

    A day that ended by then is covered, also without rows. One that began before it is covered so
    far, if it has rows; later ones are not published. If no export covers a window, it is unknown;
    if it has rows anyway, they are as of the time of reading. Raises `HistoryNotServed` if no
    export reaches back that far.
    """
    exports = [read.refreshed_at for _, read in found if read.refreshed_at is not None]
    if not exports and not any(read.rows for _, read in found) and period.end < today - DAY:
        raise HistoryNotServed(
            f"Anthropic has no export of days before {period.end}", earliest=period.end
        )
    rows: dict[datetime, Sequence[Fields]] = {}
    covered: set[date] = set()
    is_dated = True
    for window, read in found:
        rows.update(read.rows)
        used = {utc_day(at) for at in read.rows}
        if read.refreshed_at is not None:
            until = read.refreshed_at
            covered |= {day for day in window if midnight(day + DAY) <= until}
            covered |= {day for day in used if midnight(day) < until}
        elif used:
            covered |= {day for day in window if day < today} | used
            is_dated = False
    charges, unreadable = mapper.charges(rows)
    covered -= unreadable.keys()
    waiting = frozenset(day for day in period if day < today) - covered - unreadable.keys()
    return ChargesRead(
        period,
        [charge for charge in charges if charge.charge_period_start in covered],
        frozenset(covered),
        unreadable=unreadable,
        unpublished=waiting if is_dated else frozenset(),
        as_of=min(exports) if exports and is_dated else None,
    )


def _check_served(period: Period, today: date) -> None:
    """Raise `HistoryNotServed` for older days, which are refused."""
    earliest = max(FIRST_DAY, today - DAY * (HISTORY_DAYS - 1))
    if period.start < earliest:
        raise HistoryNotServed(f"Anthropic reports costs from {earliest}", earliest=earliest)
