"""What a request to a model costs: a dated list of prices, and the person's own on top of it.

Money is in micro-dollars, whole ones, rounded up.  A model that is in no list has no price: nothing is guessed.  The
price of a cache write is that of five minutes; of longer ones the list says nothing.  A model whose price depends on
the length of the prompt is left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from occasio_core.errors import UsageError
from occasio_core.model import RequestDone
from occasio_verify import Json, MalformedError, parse_json

_BUILT_IN = Path(__file__).with_name("prices.json")
_KINDS = ("input", "output", "cache_write", "cache_read")
_DOLLARS = re.compile(r"(?P<whole>[0-9]{1,6})(?:\.(?P<part>[0-9]{1,6}))?")
_DATED = re.compile(r"(?P<model>.+?)(?:-[0-9]{8}|-[0-9]{4}-[0-9]{2}-[0-9]{2}|-latest|@[0-9]{8})?")
_MILLION = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """Of one model, in micro-dollars for a million tokens."""

    input: int
    output: int
    cache_write: int
    cache_read: int

    @property
    def dearest_input(self) -> int:
        """Return what a token that is sent costs at most."""
        return max(self.input, self.cache_write, self.cache_read)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """Prices by the models' names, without dates; `as_of` is the day of the built-in list."""

    as_of: str
    models: Mapping[str, Price]

    def of(self, model: str | None) -> Price | None:
        """Return the price of a model, dated or not; None if it is not known."""
        found = _DATED.fullmatch(model or "")
        return self.models.get(model or "") or (self.models.get(found["model"]) if found else None)

    def cost(self, done: RequestDone) -> int | None:
        """Return what the request has cost, in micro-dollars; None if the model has no price."""
        price = self.of(done.model)
        if price is None:
            return None
        return dollars_up(
            done.input_tokens * price.input
            + done.output_tokens * price.output
            + done.cache_write_tokens * price.cache_write
            + done.cache_read_tokens * price.cache_read
        )


def read_prices(own: Path) -> Prices:
    """Return the built-in prices, and on top of them those of the file `own`, if there is one.

    Raises `UsageError` when that file is not a list of prices.
    """
    built_in = _document(_BUILT_IN)
    models = _models(built_in, _BUILT_IN)
    if own.exists():
        models |= _models(_document(own), own)
    return Prices(as_of=str(built_in["as_of"]), models=models)


def dollars_up(amount: int) -> int:
    """Return micro-dollars, from tokens times their price for a million; what is begun counts whole."""
    return -(-amount // _MILLION)


def micro_dollars(text: str) -> int:
    """Return an amount of dollars, such as `2.50`, in micro-dollars.  Raises `ValueError`."""
    found = _DOLLARS.fullmatch(text)
    if not found:
        raise ValueError(f"`{text}` is not an amount of dollars")
    return int(found["whole"]) * _MILLION + int((found["part"] or "").ljust(6, "0"))


def _document(path: Path) -> Mapping[str, Json]:
    try:
        document = parse_json(path.read_bytes())
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
    except MalformedError as error:
        raise _wrong(path, f"not JSON with one reading ({error.code})") from None
    if not isinstance(document, dict) or not isinstance(document.get("models"), dict):
        raise _wrong(path, "no `models`")
    return document


def _models(document: Mapping[str, Json], path: Path) -> dict[str, Price]:
    models = document["models"]
    assert isinstance(models, dict)
    return {name: _price(name, entry, path) for name, entry in models.items()}


def _price(name: str, entry: Json, path: Path) -> Price:
    if not isinstance(entry, dict) or set(entry) != set(_KINDS):
        raise _wrong(path, f"`{name}` does not have exactly {', '.join(_KINDS)}")
    amounts: dict[str, int] = {}
    for kind in _KINDS:
        try:
            amounts[kind] = micro_dollars(str(entry[kind]))
        except ValueError as error:
            raise _wrong(path, f"`{name}`: {kind}: {error}") from None
    return Price(**amounts)


def _wrong(path: Path, what: str) -> UsageError:
    return UsageError(
        f"{path}: {what}",
        hint='write {"models": {"NAME": {"input": "3", "output": "15", "cache_write": "3.75", "cache_read": "0.30"}}}',
    )
