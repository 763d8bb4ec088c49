"""A to-do list kept in the agent's place: one for each session, in memory alone."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping

from occasio_core import Json, SessionId, ToolCall, canonical

MAX_SESSIONS = 256
MAX_ITEMS = 1000
MAX_BYTES = 256 << 10

# As Claude Code's TodoWrite answers.
WRITTEN = (
    "Todos have been modified successfully. Ensure that you continue to use the todo list to track your progress. "
    "Please proceed with the current tasks if applicable"
)
_STATES = frozenset({"pending", "in_progress", "completed"})


class Lists:
    """The lists of all sessions; the session that was silent longest is forgotten first."""

    def __init__(self) -> None:
        self._lists: OrderedDict[SessionId, tuple[Json, ...]] = OrderedDict()
        self._lock = threading.Lock()

    def write(self, call: ToolCall) -> str:
        """Put the list of `call` in the place of the session's.  Raises `ValueError` for what is no list."""
        todos = call.input.get("todos")
        if not isinstance(todos, list | tuple) or not all(map(_is_item, todos)):
            raise ValueError("todos is no list of items with a content and a status")
        if len(todos) > MAX_ITEMS or len(canonical(list(todos))) > MAX_BYTES:
            raise ValueError(f"a list has {MAX_ITEMS} items and {MAX_BYTES} bytes at most")
        with self._lock:
            self._lists[call.session] = tuple(todos)
            self._lists.move_to_end(call.session)
            if len(self._lists) > MAX_SESSIONS:
                self._lists.popitem(last=False)
        return WRITTEN

    def read(self, call: ToolCall) -> str:
        """Return the session's list as JSON."""
        with self._lock:
            return canonical(list(self._lists.get(call.session, ()))).decode()


def _is_item(item: Json) -> bool:
    if not isinstance(item, Mapping):
        return False
    status = item.get("status")
    return isinstance(item.get("content"), str) and isinstance(status, str) and status in _STATES
