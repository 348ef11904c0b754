"""Price replies, in millionths of a US dollar.

Source: Anthropic's price list as of 2026-11-21, per million tokens. Reading from the cache costs a tenth of input
except where said; writing to it 1.25 times input for five minutes, twice for an hour. A model that is not listed costs
0 here: no money budget is kept for it, and `known` says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Price:
    """Dollars per million tokens; `beyond` is (prompt tokens, the price above them) where long prompts cost more."""

    fresh: float
    out: float
    read: float
    write_5m: float
    write_1h: float
    beyond: tuple[int, Price] | None = None


def _price(fresh: float, out: float, read: float | None = None, beyond: tuple[int, Price] | None = None) -> Price:
    return Price(fresh, out, fresh * 0.1 if read is None else read, fresh * 1.25, fresh * 2, beyond)


PRICES = {
    "claude-opus-5-5": _price(4, 20, read=0.20),
    "claude-sonnet-5-5": _price(2, 10),
    "claude-haiku-5-5": _price(0.10, 0.50, beyond=(100_000, _price(0.50, 2.50))),
    "claude-fable-5-2": _price(8, 40),
    "claude-fable-5-1": _price(10, 50),
}


_SNAPSHOT = re.compile(r"-20\d{6}$")
"""The day that a reply may name behind its model."""


def known(model: str) -> bool:
    """Return whether money can be counted for a model."""
    return _SNAPSHOT.sub("", model) in PRICES


def micros(model: str, fresh: int, read: int, write_5m: int, write_1h: int, out: int) -> int:
    """Return the cost of a reply by its tokens: uncached input, read, written for 5 minutes and an hour, and output."""
    price = PRICES.get(_SNAPSHOT.sub("", model))
    if price is None:
        return 0
    if price.beyond is not None and fresh + read + write_5m + write_1h > price.beyond[0]:
        price = price.beyond[1]
    return round(
        fresh * price.fresh
        + read * price.read
        + write_5m * price.write_5m
        + write_1h * price.write_1h
        + out * price.out
    )
