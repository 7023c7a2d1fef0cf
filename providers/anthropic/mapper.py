"""Map Anthropic's JSON to charges, breakdowns, hours, limits and names. Pure.

Amounts are cents with fractions, as text: ``"41280.000000"`` is $412.80. `amount` is after
discounts and `list_amount` before them; both are before credits.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Context, Decimal
from typing import Literal, TypeVar

from providers.anthropic.costs import WHAT
from providers.errors import CurrencyNotSupported, UnexpectedResponse
from providers.hours import HourCost, token_meter
from providers.models import (
    BreakdownDimension,
    BreakdownItem,
    Charge,
    ItemsRead,
    Name,
    NameKind,
    ProviderLimit,
)
from providers.money import LARGEST_DAY, LARGEST_QUANTITY, total
from providers.parsing import (
    Fields,
    address_in,
    fields,
    required_amount,
    required_flag,
    required_text,
    shown,
    text,
    text_if_any,
)
from providers.period import utc_day
from providers.redaction import HIDDEN

DEFAULT_WORKSPACE = "Default"
"""The console's name of it; the older report has null."""
_CENTS = Decimal(100)
_EXACT = Context(prec=110)
"""More digits than an amount may have."""
_LARGEST_CENTS = LARGEST_DAY * _CENTS
_COUNTS: Mapping[tuple[str, str | None], Sequence[str]] = {
    ("tokens", "uncached_input_tokens"): ("uncached_input_tokens",),
    ("tokens", "output_tokens"): ("output_tokens",),
    ("tokens", "cache_read_input_tokens"): ("cache_read_input_tokens",),
    **{
        ("tokens", f"cache_creation.{name}"): ("cache_creation", name)
        for name in ("ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens")
    },
    ("web_search", None): ("server_tool_use", "web_search_requests"),
}
"""Where each is in a row of usage, by its type in costs."""
_CHANNEL = re.compile(r"[CG][A-Z0-9]{1,30}")
"""Slack's ids of channels; those of direct messages begin with D."""
_INTERVALS: Mapping[str, Literal["day", "week", "month"]] = {
    "daily": "day",
    "weekly": "week",
    "monthly": "month",
}
At = TypeVar("At")
Found = TypeVar("Found")
Key = TypeVar("Key")
Rows = Mapping[datetime, Sequence[Fields]]
Place = tuple[str | None, str, str | None, str | None]
"""Workspace, line item, model and meter of a charge."""


def charges(rows: Rows) -> tuple[list[Charge], dict[date, str]]:
    """Return one charge per day, workspace and component, and why other days are unknown. One group
    may have several rows, also below zero, so rows are summed, exactly."""
    found: list[Charge] = []
    unreadable: dict[date, str] = {}
    for at, of_day in rows.items():
        try:
            sums = _summed(of_day, _place)
        except UnexpectedResponse as error:
            unreadable[utc_day(at)] = str(error)
            continue
        list_costs = _list_costs(of_day)
        found += [
            Charge(
                charge_period_start=utc_day(at),
                effective_cost=cost,
                sub_account_id=workspace,
                sku_id=sku,
                x_model=model,
                sku_meter=meter,
                list_cost=list_costs[workspace, sku, model, meter],
            )
            for (workspace, sku, model, meter), cost in sums.items()
        ]
    return found, unreadable


def with_quantities(charges: Iterable[Charge], used: Rows) -> list[Charge]:
    """The charges with what was used, where that can be read. Blocked requests are counted too,
    though they cost nothing."""
    counted: dict[tuple[date, str | None, str], list[Decimal]] = {}
    for at, of_day in used.items():
        for row in of_day:
            for place, quantity in _used(row):
                counted.setdefault((utc_day(at), *place), []).append(quantity)
    found = []
    for charge in charges:
        day, workspace = charge.charge_period_start, charge.sub_account_id
        quantity = total(counted.get((day, workspace, charge.sku_id or ""), ()))
        unit = "tokens" if charge.sku_meter else "requests"
        is_known = 0 < quantity <= LARGEST_QUANTITY
        found.append(
            replace(charge, consumed_quantity=quantity, consumed_unit=unit) if is_known else charge
        )
    return found


def breakdown(rows: Rows, by: BreakdownDimension) -> tuple[list[BreakdownItem], dict[date, str]]:
    """Return one item per day and key, user or channel. An item without an id is cost that no key
    authenticated, whose user is unknown, or that arose in no channel."""
    read = _READERS[by]
    found: list[BreakdownItem] = []
    unreadable: dict[date, str] = {}
    for at, of_day in rows.items():
        try:
            sums = _summed(of_day, read)
        except UnexpectedResponse as error:
            unreadable[utc_day(at)] = str(error)
            continue
        day = utc_day(at)
        found += [BreakdownItem(day, item, name, cost) for (item, name), cost in sums.items()]
    return found, unreadable


def addresses(rows: Rows) -> Mapping[str, str]:
    """Return the e-mail addresses of actors by id; see `Provider.user_addresses`. The newer API
    version calls an actor's `email` `email_address`."""
    found = {}
    for row in (row for of_day in rows.values() for row in of_day):
        group = row.get("group")
        actor = group.get("actor") if isinstance(group, Mapping) else None
        if not isinstance(actor, Mapping):
            continue
        user, _ = _actor({"actor": actor})
        address = address_in(actor, "email_address") or address_in(actor, "email")
        if user and address:
            found[user] = address
    return found


def hours(rows: Rows) -> tuple[list[HourCost], dict[datetime, str]]:
    """Return the cost of each model and hour."""
    found: list[HourCost] = []
    unreadable: dict[datetime, str] = {}
    for at, of_hour in rows.items():
        try:
            sums = _summed(of_hour, lambda group: component(group)[1])
        except UnexpectedResponse as error:
            unreadable[at] = str(error)
            continue
        found += [HourCost(at, model, cost) for model, cost in sums.items()]
    return found, unreadable


def component(group: Fields) -> tuple[str, str | None, str | None]:
    """Return what was sold, its model and its meter: ``claude-sonnet-5, output_tokens (batch)``.
    Costs without a model have their own name: ``code execution``."""
    cost_type, token_type = text(group, "cost_type"), text(group, "token_type")
    kind = None if cost_type in (None, "tokens") else cost_type.replace("_", " ")
    model = text(group, "model") or kind
    parts = [model or "other", token_type or (kind if kind != model else None)]
    traits = [
        trait
        for name in ("service_tier", "speed")
        if (trait := text(group, name)) not in (None, "standard")
    ]
    sku = ", ".join(filter(None, parts)) + (
        f" ({', '.join(filter(None, traits))})" if traits else ""
    )
    return sku, model, token_meter(token_type) if token_type else None


def named(kind: NameKind, listed: Iterable[Fields]) -> ItemsRead[Name]:
    """Return the names of listed workspaces or keys; parts of keys are not read."""
    found, not_read = [], []
    for row in listed:
        item_id, name = text_if_any(row, "id"), text_if_any(row, "name")
        if item_id and name:
            found.append(Name(kind, item_id, name))
        elif row.get("name") not in (None, ""):
            not_read.append(f"the name of {kind} {item_id} is {shown(row['name'])}")
    return ItemsRead(found, not_read)


def default_workspace(listed: Iterable[Fields]) -> str | None:
    """Return the default workspace's id; None if it isn't listed. How it is marked isn't
    documented."""
    rows = list(listed)
    marked = [row for row in rows if row.get("is_default") is True]
    found = marked or [row for row in rows if row.get("name") == DEFAULT_WORKSPACE]
    return text_if_any(found[0], "id") if len(found) == 1 else None


def with_default(rows: Rows, default: str) -> Rows:
    """Return the older report's rows in the format of analytics, with the default workspace by its
    id."""
    return {
        at: [
            {
                "group": {**row, "workspace_id": row.get("workspace_id") or default},
                "cost": {"amount": row.get("amount"), "currency": row.get("currency")},
            }
            for row in of_day
        ]
        for at, of_day in rows.items()
    }


def spend_limit(row: Fields, names: Mapping[str, str]) -> ProviderLimit | None:
    """Return a limit of the organization, a workspace or the usage tier; None if none is in force.

    Its use is not reported. Amounts are whole cents of the billing currency.
    """
    what = f"Anthropic's spend limit {text_if_any(row, 'id') or ''}".rstrip()
    if row.get("amount") is None or not required_flag(row, "is_enabled", what):
        return None
    scope = fields(row.get("scope"), what)
    kind, period = text(scope, "type"), text(row, "period")
    if str(text(row, "currency")).upper() != "USD":
        raise UnexpectedResponse(f"{what}: its currency is {shown(row.get('currency'))}")
    if period is None or period not in _INTERVALS:
        raise UnexpectedResponse(f"{what}: its period is {shown(row.get('period'))}")
    if kind == "workspace":
        scope_id = required_text(scope, "workspace_id", what)
    elif kind in ("organization", "usage_tier"):
        scope_id = kind
    else:
        raise UnexpectedResponse(f"{what}: its scope is {shown(scope.get('type'))}")
    return ProviderLimit(
        kind="usage_tier_limit" if kind == "usage_tier" else f"{kind}_spend_limit",
        scope_id=scope_id,
        scope_name=names.get(scope_id),
        amount=required_amount(row, "amount", what, _LARGEST_CENTS) / _CENTS,
        interval=_INTERVALS[period],
        is_hard=True,
        is_enforcing=False,
        consequence=(
            "requests of that workspace fail"
            if kind == "workspace"
            else "all Anthropic requests fail"
        ),
    )


def _used(row: Fields) -> Iterator[tuple[tuple[str | None, str], Decimal]]:
    """What a row of usage counts, by workspace and what was sold. Where the counts are isn't
    documented in full: in an object of their own, or in the row."""
    group = fields(row.get("group"), WHAT)
    counts = row.get("usage") if isinstance(row.get("usage"), Mapping) else row
    for (cost_type, token_type), path in _COUNTS.items():
        count: object = counts
        for name in path:
            count = count.get(name) if isinstance(count, Mapping) else None
        if isinstance(count, int) and not isinstance(count, bool) and count > 0:
            sku = component({**group, "cost_type": cost_type, "token_type": token_type})[0]
            yield (text(group, "workspace_id"), sku), Decimal(count)


def _key(group: Fields) -> tuple[str | None, str | None]:
    return text(group, "api_key_id"), None


def _actor(group: Fields) -> tuple[str | None, str | None]:
    """Return the id and name of a person, service account or federated identity; None if only a key
    is known. What looks like an e-mail address is no name and no id here."""
    actor = group.get("actor")
    if not isinstance(actor, Mapping) or actor.get("type") == "api_actor":
        return None, None
    ids = (text_if_any(actor, name) for name in ("user_id", "service_account_id", "subject", "id"))
    found = next((each for each in ids if each), None)
    name = text_if_any(actor, "name")
    if found is None or HIDDEN in found:
        return None, None
    return found, None if name and HIDDEN in name else name


def _channel(group: Fields) -> tuple[str | None, str | None]:
    """Return Slack's id of a channel. A direct message has none: its id stands for people."""
    found = text_if_any(group, "slack_channel_id")
    return (found if found and _CHANNEL.fullmatch(found) else None), None


_READERS: Mapping[BreakdownDimension, Callable[[Fields], tuple[str | None, str | None]]] = {
    "key": _key,
    "user": _actor,
    "channel": _channel,
}


def _place(group: Fields) -> Place:
    return (text(group, "workspace_id"), *component(group))


def _list_costs(rows: Sequence[Fields]) -> dict[Place, Decimal | None]:
    """Return the sums before discounts; None where one can't be read, which concerns no total."""
    found: dict[Place, list[Decimal | None]] = {}
    for row in rows:
        amounts = found.setdefault(_place(fields(row.get("group"), WHAT)), [])
        try:
            amounts.append(_dollars(fields(row.get("cost"), WHAT), "list_amount"))
        except UnexpectedResponse:
            amounts.append(None)
    return {
        place: None if None in amounts else total(each for each in amounts if each is not None)
        for place, amounts in found.items()
    }


def _summed(rows: Sequence[Fields], by: Callable[[Fields], Key]) -> dict[Key, Decimal]:
    """Return sums by the key that `by` returns for a group. Raises an error for a row that can't be
    read, with its name, and for a day that is too large to be right."""
    costs: dict[Key, list[Decimal]] = {}
    for row in rows:
        group = fields(row.get("group"), WHAT)
        try:
            costs.setdefault(by(group), []).append(_dollars(fields(row.get("cost"), WHAT)))
        except UnexpectedResponse as error:
            model, workspace = (text_if_any(group, each) for each in ("model", "workspace_id"))
            of = f" of workspace {workspace}" if workspace else ""
            raise UnexpectedResponse(
                f"{error}, in the row {shown(model or group.get('cost_type'))}{of}",
                remedy=error.remedy,
            ) from None
    if total(cost.copy_abs() for found in costs.values() for cost in found) > LARGEST_DAY:
        raise UnexpectedResponse(f"{WHAT}: the day's total is too large to be right")
    return {key: total(found) for key, found in costs.items()}


def _dollars(cost: Fields, name: Literal["amount", "list_amount"] = "amount") -> Decimal:
    currency = cost.get("currency")
    if not isinstance(currency, str) or currency.upper() != "USD":
        raise CurrencyNotSupported.of(WHAT, shown(currency))
    return required_amount(cost, name, WHAT, _LARGEST_CENTS).scaleb(-2, context=_EXACT)
