"""Rows as events of the Open Cybersecurity Schema Framework (OCSF), version 1.8.0; one event for each row.

Knows rows and OCSF.  The rows name no machine, no user and no process, so the event does not: where OCSF demands a
device, it is `unknown`.  What OCSF has no attribute for is kept, under its own name, in `unmapped`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from occasio_core import Json
from occasio_exports.members import CallNames, Fields, Members

OCSF_VERSION = "1.8.0"
PRODUCT = "Occasio"

_TECHNIQUE = re.compile(r"(?<![0-9A-Za-z])[Tt]([0-9]{4}(?:\.[0-9]{3})?)(?![0-9A-Za-z])")  # of MITRE ATT&CK

Object = dict[str, Json]


@dataclass(frozen=True, slots=True)
class _Class:
    """A class of events.  `profiles` are those whose attributes its events have here."""

    uid: int
    name: str
    category: int
    category_name: str
    profiles: tuple[str, ...] = ("security_control",)


_BASE = _Class(0, "Base Event", 0, "Uncategorized")
_PROCESS = _Class(1007, "Process Activity", 1, "System Activity")
_FINDING = _Class(2004, "Detection Finding", 2, "Findings", ("host", "security_control"))
_ENTITY = _Class(3004, "Entity Management", 3, "Identity & Access Management")
_LIFECYCLE = _Class(6002, "Application Lifecycle", 6, "Application Activity", ("host", "security_control"))
_API = _Class(6003, "API Activity", 6, "Application Activity")
_MODEL = _Class(6003, "API Activity", 6, "Application Activity", ("ai_operation", "security_control"))

# activity_id, its name
_OTHER = 99
_LAUNCH = (1, "Launch")
_CREATE = (1, "Create")
_READ = (2, "Read")
_UPDATE = (3, "Update")
_DELETE = (4, "Delete")
_START = (3, "Start")
_STOP = (4, "Stop")
_ACTIVATE = (10, "Activate")

_INFORMATIONAL = (1, "Informational")
_LOW = (2, "Low")
_MEDIUM = (3, "Medium")
_HIGH = (4, "High")
_SEVERITIES = {"info": _INFORMATIONAL, "low": _LOW, "medium": _MEDIUM, "high": _HIGH}

_SUCCESS: Object = {"status_id": 1, "status": "Success"}
_FAILURE: Object = {"status_id": 2, "status": "Failure"}

_ALLOWED: Object = {"action_id": 1, "action": "Allowed", "disposition_id": 1, "disposition": "Allowed"}
_BLOCKED: Object = {"action_id": 2, "action": "Denied", "disposition_id": 2, "disposition": "Blocked"}
_MODIFIED: Object = {"action_id": 4, "action": "Modified", "disposition_id": 99, "disposition": "Transformed"}
_APPROVED: Object = {"action_id": 1, "action": "Allowed", "disposition_id": 8, "disposition": "Approved"}
_HELD: Object = {"action_id": 3, "action": "Observed", "disposition_id": 14, "disposition": "Delayed"}
_SEEN: Object = {"action_id": 3, "action": "Observed", "disposition_id": 17, "disposition": "Logged"}

_CONTROLS = {"PASS": _ALLOWED, "LOCAL": _ALLOWED, "TRANSFORM": _MODIFIED, "BLOCK": _BLOCKED}
_APPROVALS = {
    "approval_requested": (_HELD, "Approval Requested"),
    "approval_granted": (_APPROVED, "Approval Granted"),
    "approval_denied": (_BLOCKED, "Approval Denied"),
    "approval_expired": (_BLOCKED, "Approval Expired"),
}


def ocsf_events(rows: Iterable[Fields], version: str) -> Iterator[Object]:
    """Yield the event of each row, in order; `version` is Occasio's.  Memory is that of a row and 20,000 calls."""
    names = CallNames()
    for row in rows:
        if row.get("kind") == "tool_call":
            names.note(row)
        yield _event(row, version, names.of(row))


@dataclass(frozen=True, slots=True)
class _Form:
    """What is particular to the event of one row."""

    of: _Class
    activity: tuple[int, str]
    message: str
    attributes: Object
    severity: tuple[int, str] = _INFORMATIONAL


def _event(row: Fields, version: str, tool: str | None) -> Object:
    members = Members(row)
    kind = members.text("kind")
    form = _FORMS.get(kind, _unknown)(members, kind, tool)
    number, name = form.activity
    event: Object = {
        "activity_id": number,
        "activity_name": name,
        "category_uid": form.of.category,
        "category_name": form.of.category_name,
        "class_uid": form.of.uid,
        "class_name": form.of.name,
        "type_uid": form.of.uid * 100 + number,
        "type_name": f"{form.of.name}: {name}",
        "severity_id": form.severity[0],
        "severity": form.severity[1],
        "time": members.time(),
        "message": form.message,
        "metadata": _metadata(members, kind, version, form),
        **({} if form.of is _BASE else {"actor": _actor(members)}),
        **({"src_endpoint": {"name": members.text("agent")}} if form.of in (_API, _MODEL) else {}),
        **form.attributes,
    }
    return event | {"unmapped": members.rest()}


def _actor(members: Members) -> Object:
    session = members.take("session_id")
    actor: Object = {"app_name": members.text("agent")}
    return actor | ({"session": {"uid": session}} if isinstance(session, str) else {})


def _metadata(members: Members, kind: str, version: str, form: _Form) -> Object:
    run = members.take("run_id")
    labels = members.texts("tags") if form.of is _FINDING else []
    return {
        "version": OCSF_VERSION,
        "product": {"name": PRODUCT, "vendor_name": PRODUCT, "version": version},
        "profiles": list(form.of.profiles),
        "uid": members.text("event_id"),
        "event_code": kind,
        "log_name": "pipeline-events.jsonl",
        "log_provider": members.text("protocol"),
        "log_version": str(members.number("audit_schema")),
        "sequence": members.number("seq"),
        **({"correlation_uid": run} if isinstance(run, str) else {}),
        **({"labels": list[Json](labels)} if labels else {}),
    }


def _call(members: Members, _kind: str, _tool: str | None) -> _Form:
    action, tool, call = str(members.see("action")), str(members.see("tool_name")), members.text("call_id")
    effects = [effect.partition(" ")[::2] for effect in _texts(members.see("effects"))]
    control = _CONTROLS.get(action, _SEEN)
    attributes: Object = {**control, "status_code": members.text("reason"), **_authorization(members, action)}
    if action == "BLOCK":
        attributes |= _FAILURE
    if told := members.text("message"):
        attributes["status_detail"] = told
    targets = ", ".join(target for _, target in effects if target) or "nothing that is named"
    message = f"{action} {tool}: {targets}"
    severity = _MEDIUM if action == "BLOCK" else _INFORMATIONAL
    commands = [target for kind, target in effects if kind == "execute"]
    if commands:
        attributes |= {
            "process": _process(members, call, commands[0]),
            "device": {"type_id": 0, "type": "Unknown", "name": "unknown"},
        }
        return _Form(_PROCESS, _LAUNCH, message, attributes, severity)
    request: Object = {"uid": call, "data": members.take("tool_inputs")}
    attributes["api"] = {"operation": tool, "request": request}
    if named := [{"type": kind, "name": target} for kind, target in effects if target]:
        attributes["resources"] = list[Json](named)
    return _Form(_API, _activity([kind for kind, _ in effects]), message, attributes, severity)


def _process(members: Members, call: str, program: str) -> Object:
    inputs = members.see("tool_inputs")
    line = inputs.get("command") if isinstance(inputs, Mapping) else None
    return {"uid": call, "name": program, **({"cmd_line": line} if isinstance(line, str) else {})}


def _texts(value: Json) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _activity(kinds: list[str]) -> tuple[int, str]:
    """Return the strongest thing that a call would do, as OCSF names it."""
    for kind, activity in (("delete", _DELETE), ("write", _UPDATE), ("read", _READ)):
        if kind in kinds:
            return activity
    return _OTHER, "Tool Call"


def _authorization(members: Members, action: str) -> Object:
    rule = str(members.see("rule") or "")
    policy: Object = {"policy": {"name": rule, "is_applied": True}} if rule else {}
    return {"authorizations": [{"decision": action, **policy}]}


def _result(members: Members, _kind: str, tool: str | None) -> _Form:
    failed, how = members.see("is_error") is True, members.text("result_kind")
    code = members.take("exit_code")
    response: Object = {"code": code} if isinstance(code, int) else {}
    if failed:
        response["error"] = "the tool failed"
    request: Object = {"uid": members.text("call_id")}
    control = {"withheld": _BLOCKED, "transform": _MODIFIED}.get(how, _ALLOWED)
    attributes: Object = {
        **(_FAILURE if failed else _SUCCESS),
        **control,
        "status_code": how,
        "api": {"operation": tool or "unknown", "request": request, "response": response},
    }
    kept = members.see("secrets_redacted")
    message = f"result of {tool or 'a call'}: {how}" + (f", {kept} secrets kept from the model" if kept else "")
    return _Form(_API, (_OTHER, "Tool Result"), message, attributes, _LOW if how == "withheld" else _INFORMATIONAL)


def _request(members: Members, _kind: str, _tool: str | None) -> _Form:
    model, status = members.take("model"), members.number("status")
    protocol = members.text("protocol")
    prompt, completion = _number(members, "input", "cache_read", "cache_write"), _number(members, "output")
    attributes: Object = {
        **(_SUCCESS if 200 <= status < 300 else _FAILURE),
        **_ALLOWED,
        "status_code": str(status),
        "api": {"operation": "model request", "service": {"name": protocol}},
        "message_context": {
            "service": {"name": protocol},
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "total_tokens": prompt + completion,
        },
        "dst_endpoint": {"name": protocol},
    }
    if isinstance(model, str):
        # the rows know the protocol that was spoken, and not who stands behind an address
        attributes["ai_model"] = {"name": model, "ai_provider": protocol}
    if status:
        attributes["http_response"] = {"code": status}
    return _Form(
        _MODEL, (_OTHER, "Model Request"), f"model request to {model or 'a model not named'}: {status}", attributes
    )


def _number(members: Members, *names: str) -> int:
    counts = [members.see(f"{name}_tokens") for name in names]
    return sum(count for count in counts if isinstance(count, int))


def _started(members: Members, _kind: str, _tool: str | None) -> _Form:
    command = members.text("command")
    return _Form(_LIFECYCLE, _START, f"run of {command} started", {**_SUCCESS, "app": {"name": command}})


def _ended(members: Members, _kind: str, _tool: str | None) -> _Form:
    code, why = members.take("exit_code"), members.text("reason")
    went_well = why == "exit" and code == 0
    attributes: Object = {
        **(_SUCCESS if went_well else _FAILURE),
        "status_code": str(code),
        "status_detail": why,
        "app": {"name": "run"},
    }
    return _Form(_LIFECYCLE, _STOP, f"run ended: {why}, exit code {code}", attributes)


def _policy(members: Members, kind: str, _tool: str | None) -> _Form:
    if kind == "policy_rejected":
        digest, path = members.text("policy_hash"), members.text("policy_path")
        attributes: Object = {**_FAILURE, "status_detail": members.text("error"), "entity": _entity(digest, path)}
        return _Form(_ENTITY, _ACTIVATE, "an edit of the policy was not used", attributes, _MEDIUM)
    inputs = members.take("tool_inputs")
    told = inputs if isinstance(inputs, Mapping) else {}
    named = told.get("policy_path")
    entity = _entity(str(told.get("policy_hash")), named if isinstance(named, str) else "")
    attributes = {**_SUCCESS, "entity": entity | {"version": str(told.get("version")), "data": told}}
    return _Form(_ENTITY, _ACTIVATE, "a policy is in force", attributes)


def _entity(digest: str, path: str) -> Object:
    return {"type_id": 5, "type": "Policy", "uid": digest, "name": path or "the built-in policy"}


def _finding(members: Members, _kind: str, _tool: str | None) -> _Form:
    said, message, detector = members.text("severity"), members.text("message"), members.text("detector")
    info: Object = {
        "uid": str(members.take("event_id")),
        "title": message,
        "types": [detector],
        "analytic": {"name": detector, "type_id": 0, "type": "Unknown"},
        "related_events": [{"uid": row, "type": "row"} for row in members.texts("rows")],
    }
    attributes: Object = {"finding_info": info, **_SEEN}
    tags = members.texts("tags")
    techniques = [match[1] for tag in tags for match in _TECHNIQUE.finditer(tag)]
    if techniques:
        attributes["attacks"] = [{"technique": {"uid": f"T{number}"}} for number in dict.fromkeys(techniques)]
    return _Form(_FINDING, _CREATE, message, attributes, _SEVERITIES.get(said, (0, "Unknown")))


def _limit(members: Members, _kind: str, _tool: str | None) -> _Form:
    name, most, actual = members.text("limit"), members.number("max"), members.number("actual")
    detail = f"{name} is {actual}, and may be {most}"
    attributes: Object = {
        **_FAILURE,
        **_BLOCKED,
        "status_code": name,
        "status_detail": detail,
        "api": {"operation": "limit", "request": {"uid": name, "data": {"max": most, "actual": actual}}},
    }
    return _Form(_API, (_OTHER, "Limit Exceeded"), f"limit exceeded: {detail}", attributes, _MEDIUM)


def _hook(members: Members, _kind: str, tool: str | None) -> _Form:
    event, answer = members.text("event"), members.text("answer")
    named = members.text("tool_name") or tool
    attributes: Object = {
        **(_BLOCKED if answer == "deny" else _SEEN),
        "status_code": answer,
        "api": {"operation": event, "request": {"uid": members.text("call_id")}},
    }
    if named:
        attributes["resources"] = [{"type": "tool", "name": named}]
    severity = _MEDIUM if answer == "deny" else _INFORMATIONAL
    return _Form(_API, (_OTHER, "Hook Event"), f"hook event {event}: {answer}", attributes, severity)


def _approval(members: Members, kind: str, tool: str | None) -> _Form:
    control, name = _APPROVALS[kind]
    approval = members.text("approval_id")
    named = members.text("tool_name") or tool
    attributes: Object = {**control, "api": {"operation": kind, "request": {"uid": approval}}}
    if named:
        attributes["resources"] = [{"type": "tool", "name": named}]
    return _Form(_API, (_OTHER, name), f"{name.lower()}: {named or approval}", attributes)


def _recovered(members: Members, kind: str, _tool: str | None) -> _Form:
    why = members.text("reason")
    return _Form(_BASE, (_OTHER, kind), f"the log was recovered: {why}", {**_FAILURE, "status_code": why}, _HIGH)


def _unknown(_members: Members, kind: str, _tool: str | None) -> _Form:
    return _Form(_BASE, (_OTHER, kind), kind.replace("_", " "), {})


_FORMS: Mapping[str, Callable[[Members, str, str | None], _Form]] = {
    "run_started": _started,
    "run_ended": _ended,
    "policy_loaded": _policy,
    "policy_rejected": _policy,
    "tool_call": _call,
    "tool_result": _result,
    "request": _request,
    "finding": _finding,
    "limit_exceeded": _limit,
    "hook_event": _hook,
    "recovered": _recovered,
    **dict.fromkeys(_APPROVALS, _approval),
}
