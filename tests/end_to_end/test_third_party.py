"""A plugin by somebody else: built, installed in an environment of its own, named in a policy, and used."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from occasio_core.new_plugin import new_plugin

NAMED = "version: 1\nplugins:\n  occasio-no-fridays:\n    words: [frozen]\n"
ASKED = ["--tool", "Read", "--input", '{"file_path": "frozen/plan.txt"}', "--json"]


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the interpreter of an environment that has Occasio as this one has it, and the plugin from its wheel."""
    place = tmp_path_factory.mktemp("third-party")
    source = new_plugin("no_fridays", place, frozenset())
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-qq"]
    build = ["wheel", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", str(place), str(source)]
    subprocess.run([*pip, *build], check=True)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place / "venv")], check=True)
    program = place / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    found = subprocess.run(
        [program, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    )
    purelib = Path(found.stdout.strip())
    # what is installed here is there, too, editable packages included: that takes no index
    (purelib / "here.pth").write_text(
        f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n", encoding="utf-8"
    )
    (wheel,) = place.glob("*.whl")
    subprocess.run([*pip, f"--python={program}", "install", "--no-deps", "--no-index", str(wheel)], check=True)
    return program


def run(python: Path, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [python, "-m", "occasio_core", *arguments],
        env={**os.environ, "OCCASIO_HOME": str(home)},
        cwd=python.parent,
        capture_output=True,
        text=True,
    )


def decided(python: Path, home: Path) -> tuple[str, str]:
    done = run(python, home, "policy", "explain", *ASKED)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    return said["action"], said["reason"]


def test_named_in_the_policy_it_decides(python: Path, tmp_path: Path) -> None:
    (tmp_path / "policy.yml").write_text(NAMED, encoding="utf-8")
    assert decided(python, tmp_path) == ("BLOCK", "word-denied")


def test_installed_and_not_named_it_never_runs(python: Path, tmp_path: Path) -> None:
    assert decided(python, tmp_path)[0] == "PASS"


def test_it_is_listed_with_where_it_comes_from(python: Path, tmp_path: Path) -> None:
    (tmp_path / "policy.yml").write_text(NAMED, encoding="utf-8")
    assert "no_fridays  0.1.0  from occasio-no-fridays\n  rule: words\n" in run(python, tmp_path, "plugins").stdout


def test_settings_that_it_does_not_understand_stop_the_start(python: Path, tmp_path: Path) -> None:
    (tmp_path / "policy.yml").write_text(NAMED.replace("words:", "word:"), encoding="utf-8")
    done = run(python, tmp_path, "policy", "explain", *ASKED)
    assert done.returncode == 1
    assert "unknown setting `word`" in done.stderr


def test_where_it_is_not_installed_the_start_says_so(tmp_path: Path) -> None:
    (tmp_path / "policy.yml").write_text(NAMED, encoding="utf-8")
    done = run(Path(sys.executable), tmp_path, "policy", "explain", *ASKED)
    assert done.returncode == 1
    assert done.stderr.startswith("occasio: the plugin distribution `occasio-no-fridays` is not installed\nhint: ")
