"""Of a result everything is read but ids, kinds and files in an encoding."""

from __future__ import annotations

from typing import Any

import pytest

from occasio_openai.contents import is_skipped

FILE = "data:image/png;base64,AAAA"


@pytest.mark.parametrize(
    ("container", "name"),
    [
        ({"type": "input_text"}, "type"),
        ({"call_id": "c"}, "call_id"),
        ({"type": "input_image", "image_url": FILE}, "image_url"),
        ({"type": "input_file", "file_data": FILE}, "file_data"),
        ({"url": FILE}, "url"),
    ],
)
def test_what_no_model_reads_as_text_is_skipped(container: dict[str, Any], name: str) -> None:
    assert is_skipped(container, name)


@pytest.mark.parametrize(
    ("container", "name"),
    [
        ({"output": FILE}, "output"),
        ({"text": FILE}, "text"),
        ({"type": "input_image", "image_url": "https://h.example/x"}, "image_url"),
        ({"type": "news", "url": FILE}, "url"),
        ({"url": f"data:{'x' * 200};base64,"}, "url"),
        ({"url": {"deep": FILE}}, "url"),
    ],
)
def test_everything_else_is_read(container: dict[str, Any], name: str) -> None:
    assert not is_skipped(container, name)
