"""Which items are calls and results, and by which id they go."""

from __future__ import annotations

from typing import Any

import pytest

from occasio_openai.responses.items import call_id, is_call, is_result


@pytest.mark.parametrize(
    "item",
    [
        {"type": "function_call"},
        {"type": "custom_tool_call"},
        {"type": "mcp_approval_request"},
        {"type": "shell_call", "call_id": "c"},
        {"type": "unknown_of_2030_call", "call_id": "c"},
    ],
)
def test_what_a_client_must_do_is_a_call(item: dict[str, Any]) -> None:
    assert is_call(item)


@pytest.mark.parametrize(
    "item",
    [
        {},
        {"type": 7},
        {"type": "message", "call_id": "c"},
        {"type": "web_search_call", "id": "w"},
        {"type": "tool_search_call", "call_id": None},
        {"type": "function_call_output", "call_id": "c"},
    ],
)
def test_everything_else_is_none(item: dict[str, Any]) -> None:
    assert not is_call(item)


def test_results_are_told_by_their_kind() -> None:
    kinds = ["function_call_output", "tool_search_output", "mcp_approval_response", "message", "function_call"]
    assert [is_result({"type": kind}) for kind in kinds] == [True, True, True, False, False]


@pytest.mark.parametrize(
    ("item", "name"),
    [
        ({"type": "function_call", "id": "fc", "call_id": "c"}, "c"),
        ({"type": "function_call", "id": "fc"}, None),
        ({"type": "mcp_approval_request", "id": "m"}, "m"),
        ({"type": "mcp_approval_response", "id": "x", "approval_request_id": "m"}, "m"),
        ({"type": "local_shell_call_output", "id": "l"}, "l"),
        ({"type": "shell_call_output", "call_id": 7}, None),
    ],
)
def test_an_item_goes_by_the_id_of_its_call(item: dict[str, Any], name: Any) -> None:
    assert call_id(item) == name
