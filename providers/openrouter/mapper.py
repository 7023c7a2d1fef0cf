"""Map OpenRouter's JSON to charges, breakdowns, balance and names. Pure.

Only `usage` and `credits_usage` reduce the account's credits. Fields named `byok…` are OpenRouter's
estimate of what another provider bills for a user's own key, and are kept apart from cost.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Generic, NamedTuple, TypeVar

from providers.errors import UnexpectedResponse
from providers.hours import HOUR, HourCost, whole_hour
from providers.models import BreakdownItem, Charge, ItemsRead, Name, PrepaidBalance
from providers.money import LARGEST_DAY, total
from providers.openrouter.client import MOST_ROWS
from providers.parsing import (
    Fields,
    amount,
    day,
    fields,
    items,
    moment,
    required_amount,
    required_flag,
    shown,
    text,
    text_if_any,
)
from providers.period import Period

_ANALYTICS = "OpenRouter's analytics"
_ACTIVITY = "OpenRouter's activity"
TOKENS = ("tokens_prompt", "tokens_completion")
"""Token metrics of analytics, served as far back as its costs. Cached tokens are prompt tokens, and
reasoning tokens completion tokens."""
MOST_TOKENS = Decimal(10) ** 15
At = TypeVar("At", date, datetime)
Item = TypeVar("Item")
Key = TypeVar("Key")
Identity = tuple[str | None, str | None]
"""An id and a name; neither if a cost can't be attributed."""


@dataclass(frozen=True, slots=True)
class Mapped(Generic[At, Item]):
    """The content of rows, by day or by hour."""

    items: Sequence[Item]
    unreadable: dict[At, str] = field(default_factory=dict)
    """Days or hours with a row that can't be read, and the reason."""
    undated: str | None = None
    """A row has no requested day or hour, so any of them may lack it."""
    is_foreign: bool = False
    """All rows have none, and there are many: the request was not understood."""


class _Of(NamedTuple):
    """What a charge is of."""

    model: str | None
    workspace: str | None


class _Used(NamedTuple):
    """What one row says was used."""

    credits: Decimal
    byok: Decimal = Decimal(0)
    tokens: Decimal | None = None
    """None if unknown, or if another provider billed some of them: what the credits paid for is
    then unknown."""


@dataclass(slots=True)
class _Rows(Generic[At, Key]):
    """Valid rows by day or hour and their other identifiers."""

    merged: dict[tuple[At, Key], list[_Used]] = field(default_factory=dict)
    unreadable: dict[At, str] = field(default_factory=dict)
    undated: list[str] = field(default_factory=list)
    dated: int = 0

    def mapped(
        self,
        make: Callable[[At, Key, Sequence[_Used]], Item],
        only: At | None,
    ) -> Mapped[At, Item]:
        """Return one item per day or hour and identifier, without unreadable ones. If `only` one
        was requested, a row without a time belongs to it."""
        if only is not None and self.undated:
            self.unreadable.setdefault(only, self.undated[0])
        spent: dict[At, list[Decimal]] = {}
        for (at, _), rows in self.merged.items():
            costs = (part for row in rows for part in (row.credits, row.byok))
            spent.setdefault(at, []).extend(part.copy_abs() for part in costs)
        for at, parts in spent.items():
            if total(parts) > LARGEST_DAY:
                self.unreadable.setdefault(at, "its total is too large to be right")
        return Mapped(
            [
                make(at, name, rows)
                for (at, name), rows in self.merged.items()
                if at not in self.unreadable
            ],
            self.unreadable,
            self.undated[0] if self.undated else None,
            is_foreign=not self.dated and len(self.undated) >= _MANY,
        )


_MANY = 10


def is_truncated(answer: Fields) -> bool:
    """Return True if an analytics answer leaves rows out."""
    metadata = fields(answer.get("metadata"), _ANALYTICS)
    is_full = len(items(answer.get("data"), _ANALYTICS)) >= MOST_ROWS
    return required_flag(metadata, "truncated", _ANALYTICS) or is_full


def charges_from_analytics(answer: Fields, window: Period) -> Mapped[date, Charge] | None:
    """Return one charge per day, workspace and model of the window; None if rows are left out. A
    workspace goes by its name, as analytics gives no id."""
    if is_truncated(answer):
        return None
    return _rows(
        items(answer.get("data"), _ANALYTICS),
        lambda row: _day_of(row, window),
        lambda at: at in window,
        _charged,
        lambda row: _Of(text(row, "model"), text(row, "workspace")),
    ).mapped(_charge, _only(window))


def breakdown(
    answer: Fields, window: Period, item_of: Callable[[Fields], Identity]
) -> Mapped[date, BreakdownItem] | None:
    """Return one item per day and id that `item_of` returns for a row; None if rows are left
    out."""
    if is_truncated(answer):
        return None
    names: dict[str | None, str | None] = {}

    def id_of(row: Fields) -> str | None:
        item_id, name = item_of(row)
        names[item_id] = name or names.get(item_id)
        return item_id

    return _rows(
        items(answer.get("data"), _ANALYTICS),
        lambda row: _day_of(row, window),
        lambda at: at in window,
        _credits,
        id_of,
    ).mapped(
        lambda at, item_id, rows: BreakdownItem(
            at, item_id, names[item_id], total(row.credits for row in rows)
        ),
        _only(window),
    )


def key_of(row: Fields) -> Identity:
    """Return a key's name, which is all that analytics has of it: keys with the same name are
    merged."""
    name = text(row, "api_key_id")
    return name, name


def costs_of_hours(
    answer: Fields, start: datetime, end: datetime
) -> Mapped[datetime, HourCost] | None:
    """Return one cost per model and hour from `start` to `end`; None if rows are left out. The
    answer may include the hour after."""
    if is_truncated(answer):
        return None

    def hour_of(row: Fields) -> datetime:
        hour = moment(row, _time_column(row, "hour"), _ANALYTICS)
        if hour is None or not start <= hour <= end or hour != whole_hour(hour):
            raise UnexpectedResponse(f"{_ANALYTICS}: hour {hour} wasn't requested")
        return hour

    return _rows(
        items(answer.get("data"), _ANALYTICS),
        hour_of,
        lambda at: at < end,
        _credits,
        lambda row: text(row, "model"),
    ).mapped(
        lambda at, model, rows: HourCost(at, model, total(row.credits for row in rows)),
        start if end - start <= HOUR else None,
    )


def charges_from_activity(
    activity: Sequence[object], served: Period, names: Mapping[str, str]
) -> Mapped[date, Charge]:
    """Return one charge per day, workspace and model of the served days; `names` are those of
    workspaces by id. Dates come with a time, contrary to the documentation (observed live
    2026-08)."""

    def used(row: Fields) -> _Used:
        estimate = amount(row, "byok_usage_inference", _ACTIVITY) or Decimal(0)
        tokens = _tokens(row, ("prompt_tokens", "completion_tokens"), _ACTIVITY)
        paid = required_amount(row, "usage", _ACTIVITY)
        return _Used(paid, estimate, None if estimate else tokens)

    return _rows(
        activity,
        lambda row: _asked_for(day(row.get("date"), _ACTIVITY), served, _ACTIVITY),
        lambda at: at in served,
        used,
        lambda row: _Of(text(row, "model"), _workspace(row, names)),
    ).mapped(_charge, _only(served))


def balance(account: Fields) -> PrepaidBalance:
    """Return the balance, which is negative if running requests overdrew the account."""
    what = "OpenRouter's credits"
    bought = required_amount(account, "total_credits", what)
    used = required_amount(account, "total_usage", what)
    if used < 0:
        raise UnexpectedResponse(f"{what}: total_usage is below zero")
    return PrepaidBalance(total([bought, used.copy_negate()]), bought, used)


def key_names(keys: Iterable[Fields]) -> ItemsRead[Name]:
    """Return names of keys. A key's label, which contains a part of it, is never read."""
    found, not_read = [], []
    for key in keys:
        key_hash, name = text(key, "hash") or "", text_if_any(key, "name")
        expires = None
        if key.get("expires_at") is not None and key.get("disabled") is not True:
            try:
                expires = moment(key, "expires_at", f"key {key_hash[:8]}…")
            except UnexpectedResponse as error:
                not_read.append(str(error))
        if name:
            found.append(Name("key", key_hash, name, expires))
        elif key.get("name") not in (None, ""):
            not_read.append(f"the name of key {key_hash[:8]}… is {shown(key['name'])}")
    return ItemsRead(found, not_read)


def _rows(
    listed: Sequence[object],
    at_of: Callable[[Fields], At],
    is_wanted: Callable[[At], bool],
    used: Callable[[Fields], _Used],
    name_of: Callable[[Fields], Key],
) -> _Rows[At, Key]:
    """Parse rows one by one. The day or hour after the window may be included, and is ignored. Any
    other one means that the request was not understood, and that missing ones aren't zero."""
    rows: _Rows[At, Key] = _Rows()
    for item in listed:
        try:
            row = fields(item, "a row")
            at = at_of(row)
        except UnexpectedResponse as error:
            rows.undated.append(str(error))
            continue
        rows.dated += 1
        if not is_wanted(at):
            continue
        try:
            rows.merged.setdefault((at, name_of(row)), []).append(used(row))
        except UnexpectedResponse as error:
            rows.unreadable[at] = f"{error}{_row_words(row)}"
    return rows


def _only(window: Period) -> date | None:
    return window.start if len(window) == 1 else None


def _asked_for(of_day: date, window: Period, what: str) -> date:
    if of_day not in window and of_day != window.end:
        raise UnexpectedResponse(f"{what}: {of_day} wasn't requested")
    return of_day


def _day_of(row: Fields, window: Period) -> date:
    of_day = day(row.get(_time_column(row, "day")), _ANALYTICS)
    return _asked_for(of_day, window, _ANALYTICS)


def _credits(row: Fields) -> _Used:
    return _Used(_unused_is_none(row, "credits_usage"))


def _charged(row: Fields) -> _Used:
    byok = _unused_is_none(row, "byok_usage")
    tokens = _tokens(row, TOKENS, _ANALYTICS)
    return _Used(_unused_is_none(row, "credits_usage"), byok, None if byok else tokens)


def _tokens(row: Fields, names: Sequence[str], what: str) -> Decimal | None:
    """Return all tokens of a row. Analytics writes counts as text; null means none were used. None
    if one is missing or isn't a count: the cost is right without it."""
    try:
        counts = [amount(row, name, what, MOST_TOKENS) or Decimal(0) for name in names]
    except UnexpectedResponse:
        return None
    is_known = all(name in row for name in names) and min(counts) >= 0
    return total(counts) if is_known else None


def _time_column(row: Fields, unit: str) -> str:
    """Return the name of the time column: ``date__day`` or ``created_at__day``."""
    columns = [name for name in row if name.endswith(f"__{unit}")]
    if len(columns) != 1:
        raise UnexpectedResponse(f"{_ANALYTICS}: a row without its {unit}")
    return columns[0]


def _unused_is_none(row: Fields, metric: str) -> Decimal:
    """Return a metric of a row. Null is documented as "not used"; a missing one is an error."""
    if metric not in row:
        raise UnexpectedResponse(f"{_ANALYTICS}: {metric} is missing")
    return amount(row, metric, _ANALYTICS) or Decimal(0)


def _row_words(row: Fields) -> str:
    """Return which row it is: ``, in the row of “openai/gpt-5”``."""
    name = row.get("model") or row.get("api_key_id")
    return f", in the row of {shown(name)}" if isinstance(name, str) else ""


def _workspace(row: Fields, names: Mapping[str, str]) -> str | None:
    workspace = text(row, "workspace_id")
    return None if workspace is None else names.get(workspace, workspace)


def _charge(of_day: date, of: _Of, rows: Sequence[_Used]) -> Charge:
    tokens = [row.tokens for row in rows if row.tokens is not None]
    is_counted = len(tokens) == len(rows) and any(tokens)
    return Charge(
        charge_period_start=of_day,
        effective_cost=total(row.credits for row in rows),
        sub_account_id=of.workspace,
        sku_id=of.model,
        x_model=of.model,
        consumed_quantity=total(tokens) if is_counted else None,
        consumed_unit="tokens" if is_counted else None,
        x_byok_estimate=total(row.byok for row in rows),
    )
