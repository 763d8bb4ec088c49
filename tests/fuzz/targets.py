"""Everything that is fuzzed, by name; a target has a corpus of the same name."""

from __future__ import annotations

from collections.abc import Callable

from tests.fuzz import doors, evidence

TARGETS: dict[str, Callable[[bytes], None]] = {
    "bundles": evidence.bundles,
    "canonical_form": evidence.canonical_form,
    "commands": doors.commands,
    "event_streams": doors.event_streams,
    "hook_events": doors.hook_events,
    "json_documents": evidence.json_documents,
    "logs": evidence.logs,
    "mcp_frames": doors.mcp_frames,
    "policies": doors.policies,
    "rows": evidence.rows,
}
