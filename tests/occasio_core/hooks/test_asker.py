"""The agent is the nearest process above the hook's program that is no shell."""

from __future__ import annotations

import os
import subprocess
import sys

from occasio_core.hooks.asker import agent_process, is_below, is_running


def test_the_agent_is_found_above_the_shell_that_it_starts_hooks_with() -> None:
    child = subprocess.Popen(["sh", "-c", "sleep 60 & echo $!; wait"], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    hook = int(child.stdout.readline())
    try:
        assert agent_process(hook) == os.getpid()
    finally:
        os.kill(hook, 9)
        child.communicate()


def test_a_process_is_below_those_that_started_it_and_below_no_other() -> None:
    child = subprocess.Popen(["sh", "-c", "sleep 60 & echo $!; wait"], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    hook = int(child.stdout.readline())
    try:
        assert is_below(hook, child.pid)
        assert is_below(hook, os.getpid())
        assert not is_below(os.getpid(), hook)
    finally:
        os.kill(hook, 9)
        child.communicate()
    assert not is_below(2**22 + 1, os.getpid())


def test_a_hook_that_nobody_knows_has_no_agent() -> None:
    assert agent_process(None) is None
    assert agent_process(2**22 + 1) is None


def test_a_process_runs_until_it_has_ended() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        assert is_running(child.pid)
        child.kill()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert not is_running(child.pid)  # ended, though nobody has asked for its exit code yet
