"""Lines run here beside lines run by a real Bash, in the same folder and the same environment."""

from __future__ import annotations

import re
import subprocess

import pytest

from occasio_shell.local import carry_out
from occasio_shell.local.git import ENVIRONMENT as GIT
from occasio_shell.local.processes import ENVIRONMENT

QUIET_ONES = ("grep", "rg", "find", "diff")


def everything(effect):
    """Permit everything."""
    return True


@pytest.fixture(scope="session")
def here():
    """How a line is run here."""
    return _here


@pytest.fixture(scope="session")
def bash():
    """How a line is run by Bash."""
    return _bash


@pytest.fixture(scope="session")
def git():
    """How git is run."""
    return _git


def _here(text, cwd, permit=everything, **more):
    """Return what the line prints when it is run here."""
    return carry_out(text, str(cwd), permit, **more)


def _bash(text, cwd):
    """Return what the line prints when Bash runs it, in the form of Claude Code's shell tool."""
    done = subprocess.run(
        ["bash", "--norc", "-c", text],
        cwd=cwd,
        env={**ENVIRONMENT, **GIT},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    printed = re.sub(r"\A(?:\s*\n)+", "", done.stdout.decode("utf-8", "replace")).rstrip()
    last = re.split(r"\||&&|;", text.rstrip("; "))[-1].split()[0]
    if done.returncode > (1 if last in QUIET_ONES else 0):
        return f"Exit code {done.returncode}\n{printed}".rstrip("\n"), True
    return printed or "(Bash completed with no output)", False


def _git(cwd, *words):
    """Run git as a person would who makes a repository."""
    settings = ("user.name=Ada", "user.email=ada@example.com", "init.defaultBranch=main", "commit.gpgsign=false")
    subprocess.run(
        ["git", *(word for setting in settings for word in ("-c", setting)), *words],
        cwd=cwd,
        env={
            **ENVIRONMENT,
            **GIT,
            "GIT_AUTHOR_DATE": "2026-01-02T03:04:05Z",
            "GIT_COMMITTER_DATE": "2026-01-02T03:04:05Z",
        },
        check=True,
        capture_output=True,
    )
