"""The root says everything that plugins need, and costs little to import."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import occasio_core
from occasio_core import errors, interfaces, model

ROOT = Path(occasio_core.__file__).parents[1]
HEAVY = ("aiohttp", "asyncio", "click", "cryptography", "rich", "yaml", "occasio_core.ledger", "occasio_core.policy")


def test_every_name_of_the_root_is_there():
    assert [name for name in occasio_core.__all__ if not hasattr(occasio_core, name)] == []


@pytest.mark.parametrize("module", [model, interfaces, errors])
def test_the_root_has_every_noun_verb_and_error(module):
    own = {name for name, value in vars(module).items() if getattr(value, "__module__", None) == module.__name__}
    assert {name for name in own if not name.startswith("_")} <= set(occasio_core.__all__)


def test_every_name_of_the_root_is_found_when_it_is_asked_for():
    assert sorted(occasio_core._HOMES) == sorted(occasio_core.__all__)


def test_importing_the_root_loads_nothing_else_of_it():
    code = "import sys, occasio_core; print([name for name in sys.modules if name.startswith('occasio')], 'typing' in sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); {code}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert loaded.stdout.strip() == "['occasio_core'] False"


def test_importing_the_root_loads_nothing_heavy():
    code = f"import sys, occasio_core; print([name for name in {HEAVY} if name in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"


def test_a_name_that_is_not_there_is_an_ordinary_error():
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        _ = occasio_core.nonsense
