"""The demo's project has something to read, something to be refused, and a secret that nobody ever had."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from occasio_core.demo import project as source
from occasio_core.demo.project import script, write_policy, write_project
from occasio_core.plugins import collect, load
from occasio_core.policy import load_policy
from occasio_core.redact import scan_texts


@pytest.fixture
def project(tmp_path: Path) -> Path:
    write_project(tmp_path / "project")
    return tmp_path / "project"


def asked(project: Path) -> list[str]:
    return [str(call.input["file_path"]) for turn in script(project) for call in turn.calls]  # type: ignore[index]


def test_everything_that_the_model_asks_for_is_there(project: Path) -> None:
    assert [path for path in asked(project) if not Path(path).is_file()] == []


def test_the_model_ends_by_asking_for_nothing(project: Path) -> None:
    *before, last = script(project)
    assert not last.calls
    assert all(turn.calls for turn in before)


@pytest.mark.skipif(os.name != "posix", reason="links need rights here")
def test_a_link_leads_to_what_is_private(project: Path) -> None:
    assert (project / "docs" / "staff.csv").resolve() == (project / "private" / "salaries.csv").resolve()


def test_a_project_without_links_is_written_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(link: Path, target: str) -> None:
        raise OSError("links are not for everybody")

    monkeypatch.setattr(Path, "symlink_to", refused)
    write_project(tmp_path)
    assert (tmp_path / "README.md").is_file()
    assert not (tmp_path / "docs" / "staff.csv").exists()


def test_a_project_can_be_written_again(project: Path) -> None:
    (project / "README.md").write_text("changed", encoding="utf-8")
    write_project(project)
    assert "Tea shop" in (project / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("project", ["/work", "/a b: c", "/a #b", "/'\"", "/ä\U0001f600"])
def test_the_policy_denies_the_private_folder_and_nothing_else(project: str, tmp_path: Path) -> None:
    write_policy(tmp_path / "policy.yml", Path(project))
    policy = load_policy(tmp_path / "policy.yml", tmp_path / "home")
    assert [entry.text for entry in policy.deny_paths if entry.line] == [f"{project}/private"]


def test_the_token_is_one_that_the_scanners_find(project: Path, tmp_path: Path) -> None:
    scanners = collect(load([]), {}, tmp_path).secret_scanners
    (found,) = scan_texts([(project / "deploy.log").read_text(encoding="utf-8")], scanners)
    assert [secret.label for secret in found or ()] == ["github-pat"]


def test_the_token_is_nowhere_in_the_source() -> None:
    assert not re.search(r"gh[pousr]_[A-Za-z0-9]{36}", Path(source.__file__).read_text(encoding="utf-8"))
