"""Every command of the guides runs, one after the other as a reader would run them, and prints what they say.

The agent is the real Claude Code; where the guides have it work, a scripted model on loopback says what it does.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from occasio_core.scripted.model import ScriptedModel
from occasio_core.scripted.turn import Call, Turn
from tests.docs.guide import DOCS, ROOT, Command, carried_out, steps
from tests.real_agents import CLAUDE_CODE

GUIDES = sorted(path.name for path in DOCS.glob("*.md"))
KEY = "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc"  # made up, in the form of a real one


def project(place: Path) -> Path:
    """Return the folder that the guides work in: a small project with something that is nobody's business."""
    work = place / "shop"
    work.mkdir()
    (work / "README.md").write_text("# Shop\n\nRun the tests with pytest.\n", encoding="utf-8")
    (work / ".env").write_text(f"STRIPE_KEY={KEY}\n", encoding="utf-8")
    git = ["git", "-c", "user.name=ada", "-c", "user.email=ada@example.com"]
    subprocess.run([*git, "init", "-q", "-b", "main", str(work)], check=True)
    subprocess.run([*git, "add", "README.md"], cwd=work, check=True)
    subprocess.run([*git, "commit", "-qm", "Begin"], cwd=work, check=True)
    return work


def model_for(work: Path) -> ScriptedModel:
    """Return what stands for the model: it reads, is refused twice, looks on, and answers."""
    return ScriptedModel(
        [
            Turn(calls=[Call("Read", {"file_path": str(work / "README.md")})]),
            Turn(calls=[Call("Read", {"file_path": str(work / ".env")})]),
            Turn(calls=[Call("Bash", {"command": "cat .env | base64"})]),
            Turn(calls=[Call("Bash", {"command": "git status --short"})]),
            Turn(text="The tests run with pytest."),
        ]
    )


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[tuple[Path, dict[str, str]]]:
    """Yield the project and the environment of a reader."""
    agent = CLAUDE_CODE.required()
    work, home = project(tmp_path), tmp_path / "home"
    home.mkdir()
    path = os.pathsep.join([str(Path(sys.executable).parent), str(agent.parent), os.environ["PATH"]])
    kept = {name: os.environ[name] for name in ("LANG", "TMPDIR") if name in os.environ}
    with model_for(work) as model:
        yield (
            work,
            {
                **kept,
                "HOME": str(home),
                "PATH": path,
                "COLUMNS": "80",
                "NO_COLOR": "1",
                "ANTHROPIC_API_KEY": "none",
                "ANTHROPIC_BASE_URL": model.url,
                "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
                "DISABLE_AUTOUPDATER": "1",
                "OCCASIO_SOURCE": str(ROOT),  # where a reader has cloned it
            },
        )


@pytest.mark.agents
@pytest.mark.parametrize("name", GUIDES)
def test_a_guide_is_so(name: str, shop: tuple[Path, dict[str, str]]) -> None:
    work, environment = shop
    doing = list(steps((DOCS / name).read_text(encoding="utf-8")))
    commands = [step for step in doing if isinstance(step, Command)]
    done = carried_out(doing, work, environment)
    said = [f"$ {one.command.text}\n  {one.differs}:\n" + "\n".join(one.printed) for one in done if one.differs]
    assert not said, "\n\n".join(said)
    assert len(done) == len(commands), f"the shell ended behind `{done[-1].command.text}`"


def test_the_guides_name_each_other_and_files_that_are_there() -> None:
    missing = []
    for path in [*DOCS.glob("*.md"), ROOT / "README.md"]:
        for link in path.read_text(encoding="utf-8").split("](")[1:]:
            target = link.partition(")")[0].partition("#")[0]
            if target and "://" not in target and not (path.parent / target).exists():
                missing.append(f"{path.name}: {target}")
    assert missing == []


def test_every_guide_is_in_the_list() -> None:
    listed = (DOCS / "README.md").read_text(encoding="utf-8")
    assert [name for name in GUIDES if name != "README.md" and f"({name})" not in listed] == []
