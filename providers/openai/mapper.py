"""Map OpenAI's JSON to charges, breakdowns, limits and names. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache

from providers.errors import CurrencyNotSupported, UnexpectedResponse
from providers.hours import spelled, token_meter
from providers.http import Json
from providers.models import BreakdownItem, Charge, ItemsRead, Name, NameKind, ProviderLimit
from providers.money import LARGEST_DAY, LARGEST_QUANTITY, total
from providers.parsing import (
    Fields,
    address_in,
    amount,
    epoch,
    fields,
    required_amount,
    required_text,
    shown,
    text,
    text_if_any,
)
from providers.redaction import HIDDEN

_WHAT = "OpenAI's costs"
_CENTS = Decimal(100)
_MODALITIES = frozenset({"text", "audio", "image", "video"})

Unreadable = dict[date, str]
"""Days with a row that can't be read, and the reason."""


@dataclass(frozen=True, slots=True)
class _Row:
    """One valid row of costs."""

    dimensions: tuple[str | None, ...]
    cost: Decimal
    quantity: Decimal | None
    unit: str | None


@dataclass(frozen=True, slots=True)
class LineItem:
    """The parts of a line item. Its format, as seen live in 2026 (OpenAI documents none):
    ``[<surface> | ]<model>[ <modality>], <component>``, or a bare phrase for a service. It changes:
    components have been seen as ``input`` and as ``input_tokens``, and with words added."""

    model: str
    """With its date, as OpenAI writes it; the whole phrase for a service."""
    meter: str | None
    """``input``, ``cached input``, ``audio output`` …; None for a service."""


def charges(days: Mapping[date, Sequence[Fields]]) -> tuple[list[Charge], Unreadable]:
    """Return one charge per day, project and line item. OpenAI splits one line item over several
    rows of a day (seen in its own cookbook), so rows are summed, exactly."""
    found, unreadable = _merged(days, ("project_id", "line_item"))
    read = [
        _charge(day, project_id, line_item, rows)
        for (day, (project_id, line_item)), rows in found.items()
    ]
    return read, unreadable


def breakdown(
    days: Mapping[date, Sequence[Fields]], column: str
) -> tuple[list[BreakdownItem], Unreadable]:
    """Return one item per day and value of a column; an item without an id is cost without one."""
    found, unreadable = _merged(days, (column,))
    read = [
        BreakdownItem(day, item_id, None, total(row.cost for row in rows))
        for (day, (item_id,)), rows in found.items()
    ]
    return read, unreadable


def named_users(
    items: Iterable[BreakdownItem], listed: Iterable[Fields]
) -> Sequence[BreakdownItem]:
    """Return the items with the users' names. A user without a name is shown by id. What looks like
    an e-mail address is no name and no id here."""
    known = {
        text_if_any(row, "id"): text_if_any(row, "name")
        for row in listed
        if "@" not in str(row.get("name"))
    }
    return [
        replace(item, item_id=None)
        if HIDDEN in (item.item_id or "")
        else replace(item, item_name=known.get(item.item_id))
        for item in items
    ]


def addresses(listed: Iterable[Fields]) -> Mapping[str, str]:
    """Return the e-mail addresses of listed users by id; see `Provider.user_addresses`."""
    found = ((text_if_any(row, "id"), address_in(row, "email")) for row in listed)
    return {user: address for user, address in found if user and address}


def project_names_in(days: Mapping[date, Sequence[Fields]]) -> list[Name]:
    """Return the project names in cost rows, which are undocumented (observed live 2026-06-15)."""
    found = {}
    for rows in days.values():
        for row in rows:
            project_id, name = text_if_any(row, "project_id"), text_if_any(row, "project_name")
            if project_id and name:
                found[project_id] = name
    return [Name("project", project_id, name) for project_id, name in found.items()]


def names(kind: NameKind, listed: Iterable[Fields]) -> ItemsRead[Name]:
    """Return the names of listed projects or keys, and when keys expire (`openai` 3.57.0 on PyPI).
    One without a name is left out, unless it expires; then its id is used."""
    found, not_read = [], []
    for row in listed:
        item_id, name = text_if_any(row, "id"), text_if_any(row, "name")
        expires = None
        if row.get("expires_at") is not None:
            try:
                expires = epoch(row, "expires_at", f"{kind} {item_id}")
            except UnexpectedResponse as error:
                not_read.append(str(error))
        if item_id and (name or expires):
            found.append(Name(kind, item_id, name or item_id, expires))
        elif row.get("name") not in (None, ""):
            not_read.append(f"the name of {kind} {item_id} is {shown(row['name'])}")
    return ItemsRead(found, not_read)


def organization_in(days: Mapping[date, Sequence[Fields]]) -> str | None:
    """Return the organization's id, if a cost row has it."""
    ids = (text_if_any(row, "organization_id") for rows in days.values() for row in rows)
    return next((found for found in ids if found), None)


def spend_limit(
    answer: Json, kind: str, scope_id: str, scope_name: str | None
) -> ProviderLimit | None:
    """Return a limit of the organization or of a project; None if none is in force.

    OpenAI does not report what counts against it, nor in which time zone its months begin. It
    documents neither the answer without a limit nor an inactive limit: its own example has a
    threshold of 0 and is inactive. Neither stops anything.
    """
    what = "OpenAI's spend limit"
    row = fields(answer or {}, what)
    threshold = amount(row, "threshold_amount", what)
    if not threshold:
        return None
    status = fields(row.get("enforcement"), what).get("status")
    if status == "inactive":
        return None
    if status != "enforcing":
        raise UnexpectedResponse(f"{what}: its status is {shown(status)}")
    return ProviderLimit(
        kind=kind,
        scope_id=scope_id,
        scope_name=scope_name,
        amount=_dollars_a_month(row, what),
        interval="month",
        is_hard=True,
        is_enforcing=True,
        consequence=(
            "requests of that project fail"
            if kind == "project_spend_limit"
            else "all OpenAI requests fail"
        ),
    )


def spend_alert(row: Fields) -> ProviderLimit | None:
    """Return an amount at which OpenAI sends an e-mail; the recipients are not read. None if there
    is no amount."""
    what = f"OpenAI's spend alert {text_if_any(row, 'id') or ''}".rstrip()
    if not amount(row, "threshold_amount", what):
        return None
    return ProviderLimit(
        kind="spend_alert",
        scope_id=required_text(row, "id", what),
        scope_name=None,
        amount=_dollars_a_month(row, what),
        interval="month",
        is_hard=False,
        is_enforcing=False,
        consequence="OpenAI sends an e-mail",
    )


def _merged(
    days: Mapping[date, Sequence[Fields]], dimensions: Sequence[str]
) -> tuple[dict[tuple[date, tuple[str | None, ...]], list[_Row]], Unreadable]:
    """Return the rows by day and dimensions, without the days that have an unreadable row."""
    merged: dict[tuple[date, tuple[str | None, ...]], list[_Row]] = {}
    unreadable: Unreadable = {}
    for day, rows in days.items():
        try:
            read = _readable(rows, dimensions)
        except UnexpectedResponse as error:
            unreadable[day] = str(error)
            continue
        for row in read:
            merged.setdefault((day, row.dimensions), []).append(row)
    return merged, unreadable


def _readable(rows: Sequence[Fields], dimensions: Sequence[str]) -> list[_Row]:
    read, faults = [], []
    for row in rows:
        try:
            read.append(_row(row, dimensions))
        except UnexpectedResponse as error:
            faults.append(f"{error}, in {_row_words(row)}")
    if faults:
        more = f", and in {len(faults) - 1} more" if len(faults) > 1 else ""
        raise UnexpectedResponse(faults[0] + more)
    if total(row.cost.copy_abs() for row in read) > LARGEST_DAY:
        raise UnexpectedResponse(f"{_WHAT}: the day's total is too large to be right")
    return read


def _row(row: Fields, dimensions: Sequence[str]) -> _Row:
    return _Row(
        dimensions=tuple(text(row, name) for name in dimensions),
        cost=_cost(row),
        quantity=amount(row, "quantity", _WHAT, LARGEST_QUANTITY),
        unit=text(row, "quantity_unit"),
    )


def _row_words(row: Fields) -> str:
    """Return which row it is: ``the row “gpt-5, input” of project proj_1``."""
    line_item, project = row.get("line_item"), text_if_any(row, "project_id")
    named = f"the row {shown(line_item)}" if isinstance(line_item, str) else "a row"
    key = text_if_any(row, "api_key_id")
    named += f" of project {project}" if project else ""
    return named + (f" of key {key}" if key else "")


def _charge(
    day: date, project_id: str | None, line_item: str | None, rows: Sequence[_Row]
) -> Charge:
    read = read_line_item(line_item) if line_item else None
    units = {row.unit or _unit_in_name(line_item) for row in rows}
    quantities = [row.quantity for row in rows if row.quantity is not None]
    quantity = total(quantities)
    is_countable = (
        len(quantities) == len(rows) and len(units) == 1 and quantity.copy_abs() <= LARGEST_QUANTITY
    )
    return Charge(
        charge_period_start=day,
        effective_cost=total(row.cost for row in rows),
        sub_account_id=project_id,
        sku_id=line_item,
        x_model=read.model if read else None,
        sku_meter=read.meter if read else None,
        consumed_quantity=quantity if is_countable else None,
        consumed_unit=units.pop() if is_countable else None,
    )


def _unit_in_name(line_item: str | None) -> str | None:
    """Return the unit in the name: OpenAI gives none for ``web search tool calls``."""
    return "calls" if line_item and line_item.casefold().endswith(" calls") else None


def _cost(row: Fields) -> Decimal:
    """Return a row's dollars. A row without an amount is zero only if it reports that nothing was
    used; another currency can't be added."""
    money = fields({} if row.get("amount") is None else row["amount"], _WHAT)
    value = amount(money, "value", _WHAT)
    if value is None:
        if amount(row, "quantity", _WHAT, LARGEST_QUANTITY) == 0:
            return Decimal(0)
        raise UnexpectedResponse(f"{_WHAT}: no amount")
    currency = text(money, "currency")
    if currency is None:
        raise UnexpectedResponse(f"{_WHAT}: an amount without a currency")
    if currency.lower() != "usd":
        raise CurrencyNotSupported.of(_WHAT, shown(currency))
    return value


def _dollars_a_month(row: Fields, what: str) -> Decimal:
    """Return a limit's dollars. Limits are in cents, and in "USD" where costs have "usd"."""
    currency, interval = row.get("currency"), row.get("interval")
    if not isinstance(currency, str) or currency.lower() != "usd":
        raise CurrencyNotSupported.of(what, shown(currency))
    if interval != "month":
        raise UnexpectedResponse(f"{what}: its interval is {shown(interval)}")
    threshold = required_amount(row, "threshold_amount", what)
    if threshold < 0:
        raise UnexpectedResponse(f"{what}: its threshold is below zero")
    return threshold / _CENTS


@lru_cache(maxsize=1_000)
def read_line_item(line_item: str) -> LineItem:
    """Parse a line item. One that doesn't match the format is kept whole, never dropped."""
    thing, _, component = (part.strip() for part in line_item.rpartition(","))
    if token_meter(component) is None and token_meter(thing) == spelled(thing):
        thing, component = component, thing
    model = thing.rpartition("|")[2].strip()
    if not model or not component:
        return LineItem(line_item, None)
    before, _, modality = model.rpartition(" ")
    if before and modality.lower() in _MODALITIES:
        return LineItem(before, f"{modality.lower()} {spelled(component)}")
    return LineItem(model, spelled(component))
