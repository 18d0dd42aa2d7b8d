"""The prices of one stream of OddsJam v2 or OpticOdds v3, in the notation that it was asked for. Pure.

Facts: docs/wire/opticodds.md, 2.3 and 5: the scale of probabilities is not documented, and one holds for a stream.
"""

from __future__ import annotations

from typing import Any

from oddstail.model import Event, Memory, Notice, Request
from oddstail.price import Price
from oddstail.providers import fields
from oddstail.providers.optic_words import NOTATIONS

#: Prices that are kept ready.
_MOST = 200_000


class Prices:
    """Reads prices. `known` has those that a feed repeats, a few hundred: only what converted is kept."""

    def __init__(self, request: Request, memory: Memory, name: str) -> None:
        notation = request.options.get("odds_format", "AMERICAN")
        self._of = NOTATIONS[notation]
        #: The field of a row that has its price.
        self._name = name
        self._percent: set[bool] | None = None
        if notation == "PROBABILITY":
            self._percent = memory.keep(f"percent {request.url} {request.label}", set)
        self.known: dict[float, Price] = {}

    def read(self, value: Any, out: list[Event]) -> Price | None:
        """The price that a row has; None for none (`""` too), and None and a notice for what cannot be read as one."""
        amount = value
        if type(value) is str:
            if fields.text(value) is None:
                return None
            amount = fields.number(value)
        try:
            if self._percent and isinstance(amount, int | float) and amount <= 1:
                amount = amount / 100
            price = self._of(amount)
        except (ValueError, TypeError):
            out.append(fields.odd_field("price", value))
            return None
        if type(value) is int or type(value) is float:
            if len(self.known) > _MOST:
                self.known.clear()
            self.known[value] = price
        return price

    def look(self, rows: list[Any]) -> list[Event]:
        """Look at rows before they are read: probabilities are in percent as soon as one exceeds 1."""
        if self._percent is None or self._percent:
            return []
        sent = (fields.number(row.get(self._name)) for row in rows if isinstance(row, dict))
        if not any(amount is not None and amount > 1 for amount in sent):
            return []
        self._percent.add(True)
        was_read = bool(self.known)
        self.known.clear()
        text = "the provider sends probabilities in percent; those up to 1 that came before were read as parts of 1"
        return [Notice(code="scale", text=text)] if was_read else []
