"""The transform finds out what an output is, and shortens it so that the same text always becomes the same."""

from __future__ import annotations

from types import MappingProxyType

import pytest

from occasio_core import CallId, SessionId, ToolResult, Transform
from occasio_distill import Distill, occasio_register_transforms

LONG = "".join(f"line {number}\n" for number in range(200))


def result(text: str, **given: str) -> ToolResult:
    return ToolResult(
        session=SessionId("s"),
        call=CallId("c"),
        agent="a",
        protocol="p",
        tool="T",
        texts=(text, "second"),
        digest="0" * 64,
        size=len(text),
        input=MappingProxyType(given),
    )


def test_the_plugin_adds_the_transform_that_the_policy_names() -> None:
    (added,) = occasio_register_transforms()
    assert isinstance(added, Transform)
    assert added.name == "distill-output"


@pytest.mark.parametrize(
    ("tool", "given", "lines"),
    [
        ("grep", {}, 50),
        ("find_files", {}, 100),
        ("shell_bash", {"command": "rg line"}, 50),
        ("shell_bash", {"command": "ls -R"}, 100),
        ("shell_bash", {"command": "pytest"}, 15),
        ("shell_bash", {"cmd": "ls"}, 100),
    ],
)
def test_a_long_output_is_shortened_and_says_so(tool: str, given: dict[str, str], lines: int) -> None:
    first, second = Distill().apply(result(LONG, **given), tool)
    assert first.endswith(f"\n[distilled by Occasio: {lines} of 200 lines]")
    assert len(first.split("\n")) == lines + 1
    assert second == "second"


@pytest.mark.parametrize(
    ("tool", "given"),
    [("read_file", {}), ("shell_bash", {"command": "cat log"}), ("shell_bash", {}), ("Unheard", {"command": "grep x"})],
)
def test_other_outputs_stay_as_they_are(tool: str, given: dict[str, str]) -> None:
    assert list(Distill().apply(result(LONG, **given), tool)) == [LONG, "second"]
