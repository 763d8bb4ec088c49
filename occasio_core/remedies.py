"""What a person can do about a decision, by its reason code: one sentence each.

Knows codes and rules.  It does not know files, nor whether the decision was right.
"""

from __future__ import annotations

import re

from occasio_core.model import Action

_DENIED = re.compile(r"(?P<list>(?:(?:read|write)\.)?deny_paths): (?P<entry>.+)", re.DOTALL)
_OTHERS = "find the rule with `occasio policy show`, and change it in policy.yml if it is wrong"

_BY_REASON = {
    "path-not-allowed": "add the path to `allow_paths` in policy.yml if agents may use it",
    "path-protected": "do it yourself outside of the agent: this is protected in every policy",
    "path-unknown": "let the agent name the file outright; what is made up at run time cannot be judged",
    "host-denied": "take the host out of `deny_hosts` in policy.yml if agents may connect to it",
    "host-not-allowed": "add the host to `allow_hosts` in policy.yml if agents may connect to it",
    "host-unknown": "let the agent name the host outright; what is made up at run time cannot be judged",
    "command-denied": "run the command yourself, or change `deny_commands` in policy.yml",
    "command-unknown": "let the agent name the program outright; what is made up at run time may be any command",
    "secret-in-input": "take the secret out of the call, or send it yourself",
    "tool-denied": "change the tool's entry below `tools:`, or `default_action`, in policy.yml",
    "approval-required": "answer it with `occasio approvals list` and `occasio approvals approve`",
    "approval-denied": "nothing: a person said no; the agent may ask again, and so may she answer",
    "approval-expired": "answer within a quarter of an hour next time, with `occasio approvals list`",
    "approval-stale": "let the agent ask again: what it asked for is not what it would be by now",
    "approval-unavailable": "run it yourself, or let the policy say PASS or BLOCK: nobody could be asked",
    "no-local-handler": "let the policy say PASS, ASK or BLOCK for this tool: no plugin can run it",
    "not-local": "write `otherwise: PASS` beside LOCAL in the tool's entry if the agent may run the rest",
    "effects-unknown": "let the agent write it more plainly: what it would touch could not be told",
    "malformed-input": "nothing: no agent may send such an input; report it to the agent's makers",
    "rule-failed": "report it to the makers of the rule: it failed, and a broken rule refuses",
    "not-recordable": "let the agent make the call smaller: what is not recorded is not released",
    "keyboard-pattern": "type it yourself, or change `computer_use: deny_keyboard_patterns` in policy.yml",
    "command-pattern": "type it yourself, or change `computer_use: deny_command_patterns` in policy.yml",
    "reserved-command": "do it yourself outside of the agent: no policy lets one type this",
    "screen-region": "click there yourself, or change `computer_use: deny_screen_regions` in policy.yml",
    "click-rate": "let the agent go slower, or raise `computer_use: max_clicks_per_minute` in policy.yml",
    "tool-changed": "look at what changed with `occasio mcp pins list`, and accept it with `occasio mcp pins accept`",
    "limit-exceeded": "raise the limit below `limits:` in policy.yml, or start a new run",
    "budget-exceeded": "raise the budget with `--budget`, or start a new run",
}


def remedy(action: Action, reason: str, rule: str | None) -> str:
    """Return what a person can do about the decision, empty if there is nothing to be done about it."""
    if action not in {Action.BLOCK, Action.ASK}:
        return ""
    if reason == "path-denied" and rule and (found := _DENIED.fullmatch(rule)):
        return f'add `- "!{found["entry"]}"` to `{found["list"]}` in policy.yml if agents may use it'
    return _BY_REASON.get(reason, _OTHERS)
