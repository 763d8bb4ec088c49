"""Each name has a canonical one that rows can hold."""

from __future__ import annotations

import re

from occasio_agents.names import QUIET


def test_canonical_names_are_plain_words() -> None:
    assert [name for name in QUIET.values() if not re.fullmatch(r"[a-z]+(_[a-z]+)*", name)] == []


def test_every_agent_of_the_readme_has_tools() -> None:
    assert {"Skill", "spawn_agent", "update_plan", "report_intent", "ask_user", "question"} <= set(QUIET)
