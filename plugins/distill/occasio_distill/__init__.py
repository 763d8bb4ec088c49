"""Shortens the long outputs of searches, listings and test runs, before they fill the model's context.

What a tool was is told by its canonical name, or by the command of a shell; how much of it stays is in `lines`.
"""

from __future__ import annotations

from collections.abc import Sequence

from occasio_core import ToolResult, Transform, hookimpl
from occasio_distill.commands import command_in, kind_of
from occasio_distill.lines import Kind, distilled

_TOOLS = {"grep": Kind.MATCHES, "find_files": Kind.LISTING, "list_directory": Kind.LISTING}
_SHELLS = frozenset({"shell_bash", "shell_powershell"})


class Distill:
    """The transform `distill-output`."""

    name = "distill-output"

    def apply(self, result: ToolResult, tool: str, /) -> Sequence[str]:
        """Return the texts, shortened where they are too long, with a note of how many lines there were."""
        kind = _TOOLS.get(tool)
        if tool in _SHELLS:
            kind = kind_of(command_in(result.input))
        return result.texts if kind is None else [distilled(text, kind) for text in result.texts]


@hookimpl
def occasio_register_transforms() -> list[Transform]:
    """Return the one transform."""
    return [Distill()]


__all__ = ["Distill", "Kind", "command_in", "distilled", "kind_of", "occasio_register_transforms"]
