"""OpenAI's JSON as charges, breakdowns, limits and names. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from providers.charge import BreakdownItem, Charge, Name, NameKind, ProviderLimit
from providers.errors import AnswerNotUnderstood
from providers.http import Json
from providers.money import total
from providers.openai.line_item import read_line_item
from providers.reading import Fields, amount, fields, required_amount, required_text, text
from providers.redact import redact

_WHAT = "OpenAI's costs"
_CENTS = Decimal(100)


def charges(days: Mapping[date, Sequence[Fields]]) -> list[Charge]:
    """One charge for each day, project and line item. OpenAI splits one line item over several
    rows of a day (seen in its own cookbook), so rows are summed, exactly."""
    merged: dict[tuple[date, str | None, str | None], list[Fields]] = {}
    for day, rows in days.items():
        for row in rows:
            key = (day, text(row, "project_id"), text(row, "line_item"))
            merged.setdefault(key, []).append(row)
    return [_charge(*key, rows) for key, rows in merged.items()]


def breakdown(days: Mapping[date, Sequence[Fields]]) -> list[BreakdownItem]:
    """One item for each day and key; an item without an id is what has no key."""
    merged: dict[tuple[date, str | None], list[Decimal]] = {}
    for day, rows in days.items():
        for row in rows:
            merged.setdefault((day, text(row, "api_key_id")), []).append(_cost(row))
    return [
        BreakdownItem(day, key_id, None, total(costs)) for (day, key_id), costs in merged.items()
    ]


def project_names_in(days: Mapping[date, Sequence[Fields]]) -> list[Name]:
    """The project names that cost rows carry, though undocumented (observed live 2026-06-15)."""
    return _names("project", (row for rows in days.values() for row in rows), "project_")


def project_names(projects: Iterable[Fields]) -> list[Name]:
    """The names of listed projects."""
    return _names("project", projects, "")


def key_names(keys: Iterable[Fields]) -> list[Name]:
    """The names of listed keys."""
    return _names("key", keys, "")


def organization_in(days: Mapping[date, Sequence[Fields]]) -> str | None:
    """The organization's id, where a cost row tells it."""
    ids = (text(row, "organization_id") for rows in days.values() for row in rows)
    return next((found for found in ids if found), None)


def spend_limit(
    answer: Json, kind: str, scope_id: str, scope_name: str | None
) -> list[ProviderLimit]:
    """A cap of the organization or of a project; none where none is set. OpenAI does not tell what
    counts against it, nor in which time zone its months begin."""
    what = "OpenAI's spend limit"
    row = fields(answer or {}, what)
    if row.get("threshold_amount") is None:
        return []
    enforcement = fields(row.get("enforcement"), what)
    limit = ProviderLimit(
        kind=kind,
        scope_id=scope_id,
        scope_name=scope_name and redact(scope_name),
        amount=_dollars(row, what),
        used=None,
        remaining=None,
        interval="month",
        resets_at=None,
        is_hard=True,
        is_enforcing=required_text(enforcement, "status", what) == "enforcing",
        consequence=f"calls are refused (429 {kind}_exceeded)",
    )
    return [limit]


def spend_alert(row: Fields) -> ProviderLimit:
    """An amount at which OpenAI mails somebody; whom is not read."""
    what = "OpenAI's spend alerts"
    return ProviderLimit(
        kind="spend_alert",
        scope_id=required_text(row, "id", what),
        scope_name=None,
        amount=_dollars(row, what),
        used=None,
        remaining=None,
        interval="month",
        resets_at=None,
        is_hard=False,
        is_enforcing=False,
        consequence="an e-mail from OpenAI",
    )


def _charge(
    day: date, project_id: str | None, line_item: str | None, rows: Sequence[Fields]
) -> Charge:
    read = read_line_item(line_item) if line_item else None
    units = {text(row, "quantity_unit") for row in rows}
    quantities = [amount(row, "quantity", _WHAT) for row in rows]
    known = [quantity for quantity in quantities if quantity is not None]
    is_countable = len(known) == len(rows) and len(units) == 1
    return Charge(
        charge_period_start=day,
        effective_cost=total(_cost(row) for row in rows),
        sub_account_id=project_id,
        sku_id=line_item,
        x_model=read.model if read else None,
        sku_meter=read.meter if read else None,
        consumed_quantity=total(known) if is_countable else None,
        consumed_unit=units.pop() if is_countable else None,
    )


def _cost(row: Fields) -> Decimal:
    """A row's dollars. Without an amount only a row that says it used nothing is nothing; in
    another currency no row can be added."""
    money = fields(row.get("amount") or {}, _WHAT)
    value = amount(money, "value", _WHAT)
    if value is None:
        if amount(row, "quantity", _WHAT) == 0:
            return Decimal(0)
        raise AnswerNotUnderstood(f"{_WHAT}: a row without an amount")
    currency = text(money, "currency") or "none"
    if currency.lower() != "usd":
        raise AnswerNotUnderstood(
            f"{_WHAT}: an amount in another currency than US dollars ({redact(currency)[:12]})"
        )
    return value


def _dollars(row: Fields, what: str) -> Decimal:
    """Limits are in cents, and in "USD" where costs say "usd"."""
    currency, interval = text(row, "currency"), text(row, "interval")
    if currency is None or currency.lower() != "usd" or interval != "month":
        raise AnswerNotUnderstood(f"{what}: not in US dollars a month")
    return required_amount(row, "threshold_amount", what) / _CENTS


def _names(kind: NameKind, rows: Iterable[Fields], prefix: str) -> list[Name]:
    found: dict[str, str] = {}
    for row in rows:
        item_id, name = text(row, f"{prefix}id"), text(row, f"{prefix}name")
        if item_id and name:
            found[item_id] = redact(name)
    return [Name(kind, item_id, name) for item_id, name in found.items()]
