"""pytest finds the fixture by itself."""

from __future__ import annotations

from collections.abc import Callable

from occasio_core import Action
from occasio_core.testing import TestGate


def test_the_fixture_makes_gates_in_a_folder_of_their_own(occasio_gate: Callable[..., TestGate]) -> None:
    gate = occasio_gate(policy="version: 1\ndeny_paths: [private]\n")
    assert list(gate.cwd.iterdir()) == []
    assert gate.call("Read", file_path="private/a").action is Action.BLOCK
    assert occasio_gate().cwd == gate.cwd
