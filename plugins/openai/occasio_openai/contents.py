"""What in a tool's result is nothing that a model reads as text."""

from __future__ import annotations

from collections.abc import Mapping

from occasio_core import Json

_NOT_CONTENTS = frozenset({"call_id", "id", "type", "status", "role", "tool_call_id", "detail", "file_id"})
_FILES = frozenset({"computer_screenshot", "file", "image_url", "input_audio", "input_file", "input_image"})
_ENCODED = frozenset({"data", "file_data", "image_url", "url"})


def is_skipped(container: Mapping[str, Json], name: str) -> bool:
    """Return whether a member of a result is an id, the name of a kind, or a file in an encoding."""
    if name in _NOT_CONTENTS:
        return True
    value = container.get(name)
    if name not in _ENCODED or not isinstance(value, str):
        return False
    return (container.get("type") in _FILES or "type" not in container) and _is_encoded(value)


def _is_encoded(value: str) -> bool:
    return value.startswith("data:") and ";base64," in value[:128]
