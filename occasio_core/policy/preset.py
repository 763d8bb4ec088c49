"""What the command line lays on top of a policy: `--preset` and `--hardened`.

Knows the switches that they set.  Every call is judged and written down as before; a preset only says what follows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from occasio_core.decide import OFF
from occasio_core.model import Action, Policy, ToolPolicy

STRICT = "strict"
PRESETS = (STRICT, OFF)

# The tools whose results a run can see before the model does; those that change something stay with the agent.
_HARDENED = ("read_file", "find_files", "grep", "todo_read", "todo_write")


def laid_over(policy: Policy, preset: str | None, hardened: bool, runnable: Iterable[str] = ()) -> Policy:
    """Return `policy` under a preset, `strict`, `off` or none, and with what Occasio can run instead of the agent.

    `strict` holds every result with a secret back as a whole.  `off` lets everything happen that is not protected, and
    writes down what the rules say of it.  `hardened` makes LOCAL of those tools in `runnable`, by canonical names,
    that the policy leaves to the agent.
    """
    if preset == STRICT:
        policy = replace(policy, block_secrets_in_tool_results=True, redact_secrets_in_tool_results=False)
    if preset == OFF:
        policy = replace(
            policy,
            block_secrets_in_tool_results=False,
            redact_secrets_in_tool_results=False,
            distill_tool_results=False,
            block_requests_over_budget=False,
        )
    if hardened:
        policy = replace(policy, tools={**policy.tools, **_here(policy, set(runnable))})
    return replace(policy, preset=preset, hardened=hardened)


def _here(policy: Policy, runnable: set[str]) -> dict[str, ToolPolicy]:
    other = ToolPolicy(action=policy.default_action)  # an entry of its own takes a tool out of what holds for others
    entries = {name: policy.tools.get(name, other) for name in _HARDENED if name in runnable}
    return {name: replace(entry, action=Action.LOCAL) for name, entry in entries.items() if entry.action is Action.PASS}
