"""Our hooks go into an agent's settings and out again, and nothing of anybody else is touched."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from occasio_core.errors import OccasioError, UsageError
from occasio_core.hooks.event import Installation, Scope
from occasio_core.hooks.install import BACKUP, Target, check_posts, install, is_installed, status, targets, uninstall
from occasio_verify import Json
from tests.occasio_core.hooks.hooked import Plain

OTHERS = """{
    "model": "x",
    "hooks": {
        "Before": [{"hooks": [{"type": "command", "command": "/usr/bin/lint --agent x"}]}],
        "Other": []
    }
}
"""


class Scripted(Plain):
    """An agent with one program for each event."""

    installation = Installation(
        paths={Scope.USER: "~/.scripted/hooks", Scope.PROJECT: "./.scripted"},
        events={"Before": 110, "After": 25},
        scripts={Scope.USER: ".py", Scope.PROJECT: ""},
    )


def target(root: Path, dialect: Plain | None = None, scope: Scope = Scope.USER, **environment: str) -> Target:
    return Target(
        dialect=dialect or Plain(),
        scope=scope,
        home=root / "home",
        cwd=root / "work",
        place=root / "occasio",
        environment=environment,
    )


def written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def said(path: Path) -> Json:
    parsed: Json = json.loads(path.read_text(encoding="utf-8"))
    return parsed


def test_a_new_file_begins_as_the_agent_wants_it_and_goes_with_our_hooks(tmp_path: Path) -> None:
    one = target(tmp_path)
    assert install(one)
    assert said(one.path) == {
        "version": 1,
        "hooks": {
            "Before": [{"hooks": [{"type": "command", "command": one.command(590), "timeout": 595}]}],
            "After": [{"hooks": [{"type": "command", "command": one.command(50), "timeout": 55}]}],
        },
    }
    assert status(one).events == ("Before", "After")
    assert uninstall(one)
    assert not one.path.exists()


def test_installing_again_changes_nothing(tmp_path: Path) -> None:
    one = target(tmp_path)
    install(one)
    before = one.path.stat().st_mtime_ns, one.path.read_bytes()
    assert not install(one)
    assert (one.path.stat().st_mtime_ns, one.path.read_bytes()) == before


def test_what_others_set_stays_and_comes_back_byte_for_byte(tmp_path: Path) -> None:
    one = target(tmp_path)
    written(one.path, OTHERS)
    install(one)
    assert said(one.path)["model"] == "x"  # type: ignore[index, call-overload]
    assert len(said(one.path)["hooks"]["Before"]) == 2  # type: ignore[index, call-overload]
    assert one.path.with_name(one.path.name + BACKUP).read_text(encoding="utf-8") == OTHERS
    assert uninstall(one)
    assert one.path.read_text(encoding="utf-8") == OTHERS
    assert list(one.path.parent.iterdir()) == [one.path]


def test_what_others_changed_meanwhile_stays_too(tmp_path: Path) -> None:
    one = target(tmp_path)
    written(one.path, OTHERS)
    install(one)
    changed = {**json.loads(one.path.read_text(encoding="utf-8")), "model": "y"}
    written(one.path, json.dumps(changed))
    uninstall(one)
    assert said(one.path) == {**json.loads(OTHERS), "model": "y"}


def test_hooks_of_an_earlier_version_are_replaced(tmp_path: Path) -> None:
    one = target(tmp_path)
    old = {
        "hooks": {"Before": [{"hooks": [{"type": "command", "command": "/old/python /old/hook.py --agent tester"}]}]}
    }
    written(one.path, json.dumps(old))
    assert status(one).missing == ("After",)
    install(one)
    assert len(said(one.path)["hooks"]["Before"]) == 1  # type: ignore[index, call-overload]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"a": 1} // mine', "is not JSON with one reading"),
        ('{"a": 1,}', "is not JSON with one reading"),
        ('{"a": 1, "a": 2}', "is not JSON with one reading"),
        ("[]", "is no JSON object"),
        ('{"hooks": []}', "`hooks` is no object"),
        ('{"hooks": {"Before": {}}}', "hooks.Before is no list"),
    ],
)
def test_what_cannot_be_read_is_not_touched(tmp_path: Path, text: str, told: str) -> None:
    one = target(tmp_path)
    written(one.path, text)
    for change in (install, uninstall):
        with pytest.raises(OccasioError, match=told):
            change(one)
    assert one.path.read_text(encoding="utf-8") == text
    assert list(one.path.parent.iterdir()) == [one.path]


def test_an_agent_that_posts_is_told_where_and_starts_our_program_for_the_rest(tmp_path: Path) -> None:
    class Posts(Plain):
        installation = replace(
            Plain.installation, post=lambda event, wait, url: _posted(url) if event == "Before" else None
        )

    def _posted(url: str) -> Json:
        return {"hooks": [{"type": "http", "url": url, "onFailure": "block"}]}

    one = replace(target(tmp_path, Posts()), url=f"http://127.0.0.1:7/{'s' * 43}/tester")
    install(one)
    assert said(one.path)["hooks"] == {  # type: ignore[index, call-overload]
        "Before": [_posted(one.url)],
        "After": [{"hooks": [{"type": "command", "command": one.command(50), "timeout": 55}]}],
    }
    assert status(one).missing == ()
    assert install(replace(one, url=""))  # from one way to the other
    assert len(said(one.path)["hooks"]["Before"]) == 1  # type: ignore[index, call-overload]
    assert uninstall(one)
    assert not one.path.exists()


@pytest.mark.parametrize(
    ("script", "told"),
    [
        (
            "echo '2.1.197 (Claude Code)'",
            "agent 2.1.197 lets calls through when a post fails; 2.1.295 and later do not",
        ),
        ("echo hello", "agent of an unknown version lets calls through"),
        (None, "`agent --version` cannot be run"),
    ],
)
def test_an_agent_that_lets_calls_through_when_a_post_fails_is_not_told_to_post(
    tmp_path: Path, script: str | None, told: str
) -> None:
    installation = replace(Plain.installation, program="agent", posts_since=(2, 1, 295))
    if script is not None:
        written(tmp_path / "agent", f"#!/bin/sh\n{script}\n").chmod(0o755)
    with pytest.raises(UsageError, match=re.escape(told)):
        check_posts(installation, {"PATH": f"{tmp_path}:/usr/bin:/bin"})


def test_an_agent_of_a_later_version_may_post(tmp_path: Path) -> None:
    installation = replace(Plain.installation, program="agent", posts_since=(2, 1, 295))
    written(tmp_path / "agent", "#!/bin/sh\necho '2.2 (Claude Code)'\n").chmod(0o755)
    check_posts(installation, {"PATH": f"{tmp_path}:/usr/bin:/bin"})
    with pytest.raises(UsageError, match="cannot post its events"):
        check_posts(Plain.installation, {})


def test_a_link_to_settings_elsewhere_stays_a_link(tmp_path: Path) -> None:
    one = target(tmp_path)
    real = written(tmp_path / "dotfiles" / "settings.json", "{}")
    one.path.parent.mkdir(parents=True)
    one.path.symlink_to(real)
    install(one)
    assert one.path.is_symlink()
    assert "hooks" in said(real)  # type: ignore[operator]


def test_the_agents_own_variable_moves_the_persons_settings(tmp_path: Path) -> None:
    moved = target(tmp_path, TESTER_HOME=str(tmp_path / "moved"))
    assert moved.path == tmp_path / "moved" / "settings.json"
    assert target(tmp_path, scope=Scope.PROJECT).path == tmp_path / "work" / ".tester" / "settings.json"


def test_a_scope_that_the_agent_has_not_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="tester has no managed settings"):
        install(target(tmp_path, scope=Scope.MANAGED))


def test_an_agent_with_programs_gets_one_for_each_event(tmp_path: Path) -> None:
    one = target(tmp_path, Scripted())
    assert install(one)
    assert not install(one)
    program = one.path / "Before.py"
    assert program.stat().st_mode & 0o777 == 0o755
    (one.place).mkdir()
    (one.place / "hook.py").write_text("import sys; print(sys.argv[1:])", encoding="utf-8")
    done = subprocess.run([program], capture_output=True, text=True, check=True)
    assert done.stdout == f"['--agent', 'tester', '--wait', '110', '--home', '{one.place}']\n"
    assert status(one).events == ("Before", "After")
    assert uninstall(one)
    assert list(one.path.iterdir()) == []
    assert not uninstall(one)


def test_a_program_of_somebody_else_is_not_replaced(tmp_path: Path) -> None:
    one = target(tmp_path, Scripted())
    theirs = written(one.path / "Before.py", "print('mine')\n")
    with pytest.raises(OccasioError, match="is a hook of somebody else"):
        install(one)
    assert not uninstall(one)
    assert theirs.read_text(encoding="utf-8") == "print('mine')\n"


def test_where_an_agent_has_our_hooks_is_found_by_its_name_or_program(tmp_path: Path) -> None:
    def found(agent: str) -> bool:
        return is_installed(
            targets([Plain()], agent, tmp_path / "work", tmp_path / "occasio", {"HOME": str(tmp_path / "home")})
        )

    assert not found("tester")
    install(target(tmp_path))
    assert [found(name) for name in ("tester", "/usr/bin/tester", "test", "other")] == [True, True, True, False]
