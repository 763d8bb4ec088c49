"""A run's budget: what each request could cost is set aside before it goes, and settled when it is answered.

Because the most that a request can cost is reserved first, requests under way at the same time cannot together spend
more than there is.  Knows prices and numbers.  It does not know requests' bodies, rows or the policy.
"""

from __future__ import annotations

import threading

from occasio_core.model import RequestDone
from occasio_core.money import dollars
from occasio_core.prices import Price, Prices, dollars_up

LIMIT = "budget_micro_usd"

# A token is four bytes of text or code on average, and hardly ever less than two.
_BYTES_OF_A_TOKEN = 2


class OverBudgetError(Exception):
    """Raised when a request could cost more than is left; `actual` is what the run could come to with it."""

    def __init__(self, message: str, actual: int) -> None:
        super().__init__(message)
        self.actual = actual


class Budget:
    """What a run may spend, in micro-dollars; without a `maximum` it only counts.  For several threads at once."""

    def __init__(self, prices: Prices, maximum: int | None = None) -> None:
        self.maximum = maximum
        self._prices = prices
        self._spent = 0
        self._reserved = 0
        self._lock = threading.Lock()

    @property
    def spent(self) -> int:
        """What the answered requests have cost, those without a price left out."""
        return self._spent

    def reserve(self, model: str | None, size: int, output_tokens: int) -> int:
        """Set aside the most that a request can cost, and return it: `size` bytes sent, `output_tokens` come back.

        Raises `OverBudgetError` when that is more than is left, and for a model without a price.
        """
        if self.maximum is None:
            return 0
        price = self._prices.of(model)
        if price is None:
            raise OverBudgetError(
                f"the price of the model `{model}` is not known; a person can add it to prices.json", self.maximum + 1
            )
        cost = most(price, size, output_tokens)
        with self._lock:
            possible = self._spent + self._reserved + cost
            if possible > self.maximum:
                raise OverBudgetError(self._told(cost), possible)
            self._reserved += cost
        return cost

    def settle(self, reserved: int, done: RequestDone) -> int | None:
        """Take back what was set aside, and count what it was; return that, None if the model has no price.

        An answer that broke off has cost nobody knows how much: all that was set aside stays spent.
        """
        cost = self._prices.cost(done)
        is_answered = 200 <= done.status < 300
        with self._lock:
            self._reserved -= reserved
            self._spent += max(cost or 0, reserved if is_answered and not done.complete else 0)
        return cost

    def _told(self, cost: int) -> str:
        assert self.maximum is not None
        left = max(0, self.maximum - self._spent - self._reserved)
        return (
            f"the request could cost up to {dollars(cost)}, and {dollars(left)} is left of the budget of "
            f"{dollars(self.maximum)}"
        )


def most(price: Price, size: int, output_tokens: int) -> int:
    """Return the most that a request of `size` bytes can cost, in micro-dollars."""
    return dollars_up(-(-size // _BYTES_OF_A_TOKEN) * price.dearest_input + output_tokens * price.output)
