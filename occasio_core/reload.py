"""Puts an edited policy in force while a run goes on: checked, kept, written down, and only then obeyed.

Knows the order of these steps.  It does not know what a policy says, nor when to look.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from occasio_core import home as places
from occasio_core.errors import PolicyError
from occasio_core.model import Policy
from occasio_core.policy.watch import Rejected, Watch
from occasio_core.session import Session
from occasio_verify import Json

Write = Callable[[str, Mapping[str, Json]], object]


class Reload:
    """Looks after the policy of one run.  For several threads at once."""

    def __init__(
        self, watch: Watch, session: Session, place: Path, prepared: Callable[[Policy], Policy], write: Write
    ) -> None:
        """`prepared` checks a policy and lays the presets over it; `write` appends a row of a kind, durably."""
        self._watch = watch
        self._session = session
        self._place = place
        self._prepared = prepared
        self._write = write
        self._lock = threading.Lock()

    def look(self) -> None:
        """Put the policy in force if it was edited; an edit that cannot be used is written down, and that is all.

        Raises `OccasioError` when a row or the policy's copy cannot be written.
        """
        with self._lock:
            found = self._watch.changed()
            if isinstance(found, Policy):
                found = self._usable(found)
            match found:
                case Policy():
                    places.keep_policy(self._place, found)
                    self._write("policy_loaded", loaded_members(found))
                    self._session.policy = found
                case Rejected():
                    self._write(
                        "policy_rejected",
                        {"error": found.error, "policy_hash": found.sha256, "policy_path": found.path},
                    )

    def _usable(self, policy: Policy) -> Policy | Rejected:
        path = policy.path or ""
        if dict(policy.plugins) != dict(self._session.policy.plugins):
            error = f"{path}: `plugins:` cannot change while a run goes on"
            return Rejected(error=error, path=path, sha256=policy.sha256)
        try:
            return self._prepared(policy)
        except PolicyError as error:
            return Rejected(error=str(error), path=path, sha256=policy.sha256)


def loaded_members(policy: Policy) -> dict[str, Json]:
    """Return the members of a `policy_loaded` row (SPEC section 5)."""
    denied = (*policy.deny_paths, *policy.read.deny, *policy.write.deny)
    members: dict[str, Json] = {
        "policy_source": policy.source,
        "tool_inputs": {
            "policy_hash": policy.sha256,
            "policy_path": policy.path,
            "rules_digest": {
                "block_secrets": policy.block_secrets_in_tool_results,
                "deny_paths_count": sum(not entry.is_exception for entry in denied),
                "deny_patterns_count": len(policy.deny_patterns),
            },
            "version": policy.version,
        },
    }
    if policy.preset is not None:
        members["preset"] = policy.preset
    if policy.hardened:
        members["hardened"] = True
    return members
