"""Map DeepSeek's JSON to a balance. Pure.

Amounts are text in whole units of their currency. An account has one for each currency. Their order
changes between answers, and an empty one next to a funded one is usual (observed live 2026-08).
They are never added or converted: the price lists of both currencies are separate.
"""

import re
from decimal import Decimal

from providers.errors import UnexpectedResponse
from providers.models import PrepaidBalance
from providers.parsing import (
    fields,
    items,
    required_amount,
    required_flag,
    required_text,
    shown,
)

_WHAT = "DeepSeek's balance"
_CURRENCY = re.compile(r"[A-Z]{3}")


def balance(answer: object) -> PrepaidBalance:
    """Return the balance in the currency that has money; if several have, the first by its code.

    Raises `UnexpectedResponse` if there is none: an empty list says nothing about the account.
    """
    read = fields(answer, _WHAT)
    amounts: dict[str, Decimal] = {}
    for item in items(read.get("balance_infos"), _WHAT):
        row = fields(item, _WHAT)
        currency = required_text(row, "currency", _WHAT)
        if not _CURRENCY.fullmatch(currency) or currency in amounts:
            raise UnexpectedResponse(
                f"{_WHAT}: {shown(currency)} isn't a currency, or is listed twice"
            )
        amounts[currency] = required_amount(row, "total_balance", _WHAT)
    if not amounts:
        raise UnexpectedResponse(f"{_WHAT}: no currency is listed")
    is_available = required_flag(read, "is_available", _WHAT)
    main = min(amounts, key=lambda currency: (not amounts[currency], currency))
    is_refused = not is_available and amounts[main] > 0
    return PrepaidBalance(
        remaining=amounts[main],
        currency=main,
        others={currency: amounts[currency] for currency in sorted(amounts) if currency != main},
        note="DeepSeek says that requests can't be paid from it now." if is_refused else None,
    )
