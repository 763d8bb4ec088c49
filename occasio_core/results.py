"""What a run remembers of tools' results: agents send their whole history with each request, and scanning is slow.

Knows results by their calls and digests.  It does not know what is found in them, nor what is written down.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from typing import TypeAlias

from occasio_core.commands import Command, Return, Withhold
from occasio_core.model import CallId, Policy, ToolResult
from occasio_core.redact import Shaped, told_without_secrets
from occasio_core.shape import Shaper

_Key: TypeAlias = "tuple[CallId, str]"


class Results:
    """Shapes each result once for each policy.  For several threads at once."""

    def __init__(self, shaper: Shaper) -> None:
        self._shaper = shaper
        self._lock = threading.Lock()
        self._policy: Policy | None = None
        self._transforms: dict[CallId, str] = {}
        self._recorded: set[_Key] = set()
        self._withheld: dict[_Key, Shaped] = {}
        self._clean: set[_Key] = set()
        self._changed: dict[_Key, Shaped] = {}
        self._told: dict[bytes, Shaped | None] = {}  # None: as it is, without a secret
        self._told_before: set[bytes] = set()

    def remember(self, call: CallId, transform: str | None) -> None:
        """Keep in mind that the decision on `call` asked for a transform of its result."""
        if transform is not None:
            with self._lock:
                self._transforms[call] = transform

    def withhold(self, result: ToolResult, shaped: Shaped) -> None:
        """Keep in mind that the model never gets `result`, under whatever policy."""
        with self._lock:
            self._withheld[_key(result)] = shaped

    def is_new(self, result: ToolResult) -> bool:
        """Return whether `result` is seen for the first time."""
        with self._lock:
            is_new = _key(result) not in self._recorded
            self._recorded.add(_key(result))
        return is_new

    def shaped(self, result: ToolResult, policy: Policy, tool: str) -> Shaped:
        """Return what the model may see of `result` of the tool with that canonical name."""
        with self._lock:
            transform = self._transforms.get(result.call)
        return self._shaper.shape(result, policy, tool, transform)

    def shaped_once(self, result: ToolResult, policy: Policy, tool: str) -> Shaped:
        """As `shaped`, from memory where it is known."""
        key = _key(result)
        with self._lock:
            self._follow(policy)
            known = self._withheld.get(key) or self._changed.get(key)
            if known is None and key in self._clean:
                return Shaped(texts=result.texts)
        if known is None:
            known = self.shaped(result, policy, tool)
            self._keep(key, known, policy, is_clean=known.texts == result.texts and known.notice is None)
        return known

    def told(self, texts: Sequence[str], policy: Policy) -> tuple[Shaped, bool]:
        """Return what the model may be told of texts that are no result, and whether they are seen for the first time.

        From memory where it is known.
        """
        key = hashlib.sha256("\0".join(texts).encode("utf-8", "surrogatepass")).digest()
        with self._lock:
            self._follow(policy)
            is_new = key not in self._told_before
            self._told_before.add(key)
            if key in self._told:
                known = self._told[key]
                return known or Shaped(texts=tuple(texts)), is_new
        shaped = told_without_secrets(texts, policy, self._shaper.scanners_of(policy))
        with self._lock:
            if policy is self._policy:
                self._told[key] = shaped if shaped.labels else None
        return shaped, is_new

    def _follow(self, policy: Policy) -> None:
        if policy is not self._policy:
            self._policy = policy
            self._clean.clear()
            self._changed.clear()
            self._told.clear()

    def _keep(self, key: _Key, shaped: Shaped, policy: Policy, *, is_clean: bool) -> None:
        with self._lock:
            if policy is not self._policy:
                return  # replaced meanwhile: the next request shapes it anew
            if is_clean:
                self._clean.add(key)  # the text itself is in every request: no need to keep it
            else:
                self._changed[key] = shaped


def _key(result: ToolResult) -> _Key:
    return result.call, result.digest


def changes(result: ToolResult, shaped: Shaped) -> list[Command]:
    """Return what must be put in the place of a result, if anything."""
    if shaped.notice is not None:
        return [Withhold(result.call, shaped.notice)]
    return [Return(result.call, shaped.texts)] if shaped.texts != result.texts else []
