"""Interest rates in a message, each given to the product it is of.

A rate a day becomes a yearly one by 365 days.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from xieshang.case.fields import RATES
from xieshang.case.heard import Heard
from xieshang.case.record import Case
from xieshang.knowledge import PRODUCT_NAMES

DAYS_A_YEAR = 365

_PARTS = re.compile(r"[，,。；;、]|[和跟](?=[花借]呗)|(?<=[%％])(?=[花借]呗)")
_YEARLY = re.compile(
    r"(?:年利率|年化(?:利率)?|利率|年息)[^\d%]{0,6}(\d{1,2}(?:\.\d+)?)\s*(?:%|％|个点)?"
)
_DAILY = re.compile(
    r"日(?:利率|息)[^\d%万]{0,4}(?:(0?\.\d+)\s*[%％]|万分之([\d.一二三四五六七八九]+)|万([\d.]+))"
)
_IS_OF_RATES = re.compile("年利率|年化|利率|年息|日息")
# "年利率都是15%"
_OF_BOTH = re.compile("都是?|两个|一样")
_BESIDE = re.compile(
    r"(?:我|的|那|一个)*[花借]呗(?:的|那边|是|为|有|大概|大约|约|\s)*(\d{1,2}(?:\.\d+)?)\s*(?:%|％|个点)\D{0,6}"
)
_BESIDE_DAILY = re.compile(
    r"[花借]呗[^\d%万]{0,4}(?:()万分之([\d.一二三四五六七八九]+)|万([\d.]+))"
)
_BARE = re.compile(r"\D{0,6}(\d{1,2}(?:\.\d+)?)\s*(?:%|％|个点)?\D{0,4}")
_DIGITS = {numeral: rank for rank, numeral in enumerate("一二三四五六七八九", start=1)}


def read(heard: Heard, asked: str | None, case: Case) -> dict[str, Decimal]:
    """The yearly rates that a message tells, as fractions, by field.

    Args:
        heard: the message.
        asked: the field that was asked for.
        case: a rate without a product is of its only product.
    """
    said = heard.statement
    of_rates = bool(_IS_OF_RATES.search(said))
    found: dict[str, Decimal] = {}
    spoken_of: str | None = None
    for part in _PARTS.split(said):
        spoken_of = _named(part) or spoken_of
        rate = _rate_in(part, of_rates)
        if rate is None:
            continue
        if spoken_of is None and _OF_BOTH.search(part):
            return dict.fromkeys((f"{one}_rate" for one in case.products), rate)
        name = f"{spoken_of}_rate" if spoken_of else _field(asked, case)
        if name:
            found.setdefault(name, rate)
    bare = _BARE.fullmatch(said)
    if not found and asked in RATES and bare:
        found[str(asked)] = _percent(bare.group(1))
    return found


def unclear_field(heard: Heard, found: Mapping[str, Any], case: Case) -> str | None:
    """The field to ask for when a rate was told that may be of either product.

    Args:
        heard: the message.
        found: what was read of it.
        case: what is known.
    """
    told = any(_rate_in(part, False) for part in _PARTS.split(heard.statement))
    if not told or RATES & found.keys() or not case.products:
        return None
    return f"{case.products[0]}_rate"


def _named(part: str) -> str | None:
    """The product of a part: the last one that it names."""
    places = {part.rfind(name): product for product, name in PRODUCT_NAMES.items()}
    last = max(places)
    return places[last] if last >= 0 else None


def _field(asked: str | None, case: Case) -> str | None:
    if asked in RATES:
        return asked
    return f"{case.products[0]}_rate" if len(case.products) == 1 else None


def _rate_in(part: str, of_rates: bool) -> Decimal | None:
    daily = _DAILY.search(part) or (_BESIDE_DAILY.search(part) if of_rates else None)
    if daily:
        percent, ten_thousandth, short = daily.groups()
        if percent:
            return (_percent(percent) * DAYS_A_YEAR).normalize()
        number = ten_thousandth or short
        share = Decimal(_DIGITS.get(number, number)) / 10_000
        return (share * DAYS_A_YEAR).normalize()
    yearly = _YEARLY.search(part) or (_BESIDE.fullmatch(part) if of_rates else None)
    return _percent(yearly.group(1)) if yearly else None


def _percent(number: str) -> Decimal:
    return (Decimal(number) / 100).normalize()
