"""What a call says is a name, an id and JSON text, or has a flaw."""

from __future__ import annotations

from typing import Any

import pytest

from occasio_openai.said import custom_said, function_said


def test_a_functions_input_is_its_own_text() -> None:
    said = function_said("c", "n", '{ "x": 1 }')
    assert (said.call, said.tool, said.input, said.flaw, said.arguments) == ("c", "n", '{ "x": 1 }', "", {"x": 1})


def test_a_custom_tools_input_is_one_member() -> None:
    assert custom_said("c", "n", 'a"\n').arguments == {"input": 'a"\n'}


@pytest.mark.parametrize("value", [None, 7, {}, []])
def test_what_is_no_text_is_a_flaw(value: Any) -> None:
    assert function_said("c", "n", value).flaw == custom_said("c", "n", value).flaw == "input is not a text"


@pytest.mark.parametrize("text", ["{", "x", '{"a":1,"a":2}', "\ud800"])
def test_what_is_no_json_has_no_arguments(text: str) -> None:
    assert function_said("c", "n", text).arguments is None
