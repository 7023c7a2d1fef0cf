"""Amounts that people chose, in the words of an answer."""

from decimal import Decimal

_CENT = Decimal("0.01")


def chosen(amount: Decimal) -> str:
    """Exactly as chosen: ``$3,550``, ``$512.50``, ``$0.005``."""
    if amount == amount.to_integral_value():
        return f"${amount:,.0f}"
    if amount == amount.quantize(_CENT):
        return f"${amount:,.2f}"
    return f"${amount.normalize():,f}"
