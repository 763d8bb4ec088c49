"""A person's home and project as the tables of cases mean them: files, links, and nothing of the machine's own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_FILES = (
    ".ssh/id_rsa .ssh/config .ssh/known_hosts .aws/credentials .bashrc .occasio/policy.yml.old .claude/settings.json "
    "project/README.md project/package.json project/src/main.py project/docs/guide.md project/.env project/.env.example "
    "project/.env.sample project/config/.env.production project/keys/id_rsa project/.claude/settings.json "
    "project/.claude/settings.local.json project/.git/config project/.git/hooks/pre-commit project/data/table.csv"
)
_LINKS = {
    "project/link": "README.md",
    "project/link-env": ".env",
    "project/link-link": "link-env",
    "project/link-ssh": "../.ssh",
    "project/link-home": "..",
    "project/link-docs": "docs",
    "project/link-claude": ".claude",
    "project/link-dangling": "../.aws/not-there-yet",
    "project/loop": "loop",
    "project/linked/.env.example": "../.env",
    "project/src/outside": "/etc",
}

_HARD_LINKS = {
    "project/plain.txt": "project/.env",
    "project/docs/note": ".ssh/id_rsa",
    "project/same.md": "project/README.md",
}


@contextmanager
def world(folder: Path) -> Iterator[Path]:
    """Make the home below `folder` and work in its project, which is returned."""
    home = folder.resolve() / "person"
    for name in _FILES.split():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text("x = 1\n", encoding="utf-8")
    for name, target in _LINKS.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).symlink_to(target)
    for name, other in _HARD_LINKS.items():
        os.link(home / other, home / name)
    before = Path.cwd()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("HOME", str(home))
        environment.setenv("OCCASIO_HOME", str(home / ".occasio"))
        environment.delenv("CLAUDE_CONFIG_DIR", raising=False)
        os.chdir(home / "project")
        try:
            yield home / "project"
        finally:
            os.chdir(before)
