"""Corrections of closed months: what each line of a day changed by, kept when the day is replaced.

A month closes once each of its days has settled. The ledger has a day as it was read last. With
what its lines changed by since the close, an export can show both: the charge as it was, and the
correction.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select as select_columns
from sqlmodel import col

from bot.db.models import StoredCharge, StoredCorrection
from bot.db.session import Session, chunks, insert_rows
from bot.ledger.models import ChargeRow
from providers.money import total

_Key = tuple[str, date, str | None, str | None]
"""Connection, day, project and line item: a day has one charge for each."""
_Line = tuple[str | None, str | None]
_Charges = Mapping[date, Mapping[_Line, Mapping[str, Any]]]
_FIELDS = (
    "sub_account_id",
    "sku_id",
    "model",
    "meter",
    "effective_cost",
    "byok_estimate",
    "quantity",
    "unit",
    "list_cost",
)


async def stored_charges(session: Session, connection: str, days: Sequence[date]) -> _Charges:
    """Return the charges of these days by project and line item, rounded as they are stored."""
    charge = StoredCharge
    found: dict[date, dict[_Line, Mapping[str, Any]]] = {day: {} for day in days}
    for chunk in chunks(days):
        rows = await session.transaction.execute(
            select_columns(col(charge.day), *(getattr(charge, name) for name in _FIELDS)).where(
                col(charge.connection) == connection, col(charge.day).in_(chunk)
            )
        )
        for day, *values in rows:
            fields = dict(zip(_FIELDS, values, strict=True))
            found[day][fields["sub_account_id"], fields["sku_id"]] = fields
    return found


async def put_corrections(
    session: Session, connection: str, before: _Charges, after: _Charges, found_at: datetime
) -> None:
    """Store what each line of these days changed by."""
    rows = (
        {"connection": connection, "day": day, "found_at": found_at, "position": position, **change}
        for day, lines in before.items()
        for position, change in enumerate(_changes(lines, after[day]))
    )
    await insert_rows(session.transaction, StoredCorrection, rows)


def _changes(
    before: Mapping[_Line, Mapping[str, Any]], after: Mapping[_Line, Mapping[str, Any]]
) -> Iterator[Mapping[str, Any]]:
    """Yield a row for each line that differs."""
    for line in dict.fromkeys((*before, *after)):
        old, new = before.get(line), after.get(line)
        named = new or old or {}
        change = {
            **named,
            **{name: _change(old, new, name) for name in ("effective_cost", "byok_estimate")},
            "list_cost": _change(old, new, "list_cost"),
            "quantity": _change(old, new, "quantity"),
        }
        if old and new and old["unit"] != new["unit"]:
            change["quantity"] = None
        if change["quantity"] is None:
            change["unit"] = None
        change["is_credit"] = named["effective_cost"] < 0 and not named["quantity"]
        amounts = ("effective_cost", "byok_estimate", "quantity", "list_cost")
        if any(change[name] for name in amounts):
            yield change


def _change(
    old: Mapping[str, Any] | None, new: Mapping[str, Any] | None, name: str
) -> Decimal | None:
    """Return the later amount less the earlier one; a line that isn't there has none. None if one
    isn't known."""
    amounts = [row[name] for row in (old, new) if row is not None]
    if None in amounts:
        return None
    return total((new[name] if new else Decimal(0), -old[name] if old else Decimal(0)))


class Corrections:
    """The corrections of an export's charges. Each charge becomes two or more rows with the same
    sum: what it was when its month closed, and each correction since."""

    def __init__(self, rows: Sequence[ChargeRow]) -> None:
        self._left: dict[_Key, list[ChargeRow]] = defaultdict(list)
        for row in rows:
            self._left[_key(row)].append(row)

    def split(self, charge: ChargeRow) -> Iterator[ChargeRow]:
        """Yield the rows of a charge."""
        since = self._left.pop(_key(charge), ()) if self._left else ()
        if not since:
            yield charge
            return
        closed = replace(
            charge,
            effective_cost=total((charge.effective_cost, *(-row.effective_cost for row in since))),
            byok_estimate=total((charge.byok_estimate, *(-row.byok_estimate for row in since))),
            quantity=_before(charge.quantity, [row.quantity for row in since]),
            list_cost=_before(charge.list_cost, [row.list_cost for row in since]),
        )
        if closed.effective_cost or closed.byok_estimate or closed.quantity:
            yield closed if closed.quantity is not None else replace(closed, unit=None)
        yield from since

    def rest(self) -> Iterator[ChargeRow]:
        """Yield the rows of lines that are no longer charged. Their sum is zero."""
        for since in list(self._left.values()):
            nothing = replace(
                since[-1],
                corrected_at=None,
                effective_cost=Decimal(0),
                byok_estimate=Decimal(0),
                quantity=Decimal(0),
                list_cost=Decimal(0),
                unit=next((row.unit for row in since if row.unit), None),
            )
            yield from self.split(nothing)


def _before(now: Decimal | None, changes: Sequence[Decimal | None]) -> Decimal | None:
    """Return an amount before the changes; None if one of them isn't known."""
    known = [change for change in changes if change is not None]
    if now is None or len(known) < len(changes):
        return None
    return total((now, *(-change for change in known)))


def _key(row: ChargeRow) -> _Key:
    return row.connection, row.day, row.sub_account_id, row.sku_id
