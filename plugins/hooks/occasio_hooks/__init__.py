"""Speaks with the hooks of Claude Code, Codex, Gemini CLI, Cline and Cursor.

Each dialect reads what its agent tells a hook, and writes nothing but what that agent accepts: agents ignore an answer
with a member too many or a value that they do not know, and run the tool.
"""

from __future__ import annotations

from collections.abc import Iterable

from occasio_core import HookDialect, hookimpl
from occasio_hooks.claude import ClaudeCode
from occasio_hooks.cline import Cline
from occasio_hooks.codex import Codex
from occasio_hooks.cursor import Cursor
from occasio_hooks.gemini import Gemini


@hookimpl
def occasio_register_hook_dialects() -> Iterable[HookDialect]:
    return (ClaudeCode(), Cline(), Codex(), Cursor(), Gemini())
