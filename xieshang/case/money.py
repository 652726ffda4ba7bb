"""Sums of money: rounding, and how they are written."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


def cents(value: Decimal) -> Decimal:
    """A sum rounded half-up to 0.01 yuan.

    Args:
        value: yuan.
    """
    return value.quantize(CENT, ROUND_HALF_UP)


def yuan(value: Decimal) -> str:
    """A sum as it is written, without its unit: 1,260 or 998.48.

    Args:
        value: yuan; rounded to cents, which show only when there are any.
    """
    rounded = cents(value)
    whole = rounded == rounded.to_integral_value()
    return f"{rounded:,.0f}" if whole else f"{rounded:,.2f}"
