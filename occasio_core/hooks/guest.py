"""Events of Occasio's doors that are processes of their own, such as a gateway of MCP: the form in which they travel.

An event is one JSON object, an answer another; both ends of a run's socket are this file.  Knows no sockets, and not
what a protocol of tools looks like: where the texts of a result are, the door says.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from occasio_core.errors import AgentProtocolError, OccasioError
from occasio_core.freeze import frozen
from occasio_core.hooks.event import HookAnswer, HookEvent, HookReply, Installation, Moment
from occasio_core.hooks.reading import object_of, session_of_event, text_of
from occasio_core.model import CallId, SessionId, ToolCall, ToolResult
from occasio_core.wires.splice import JsonPath, spliced, written
from occasio_verify import Json, MalformedError, canonical, parse_json

GUEST = "occasio-door"  # in the place of an agent's name
_SEVERITIES = ("info", "low", "medium", "high")
_LONGEST = 4096  # characters of a finding's message


def told_call(call: ToolCall) -> dict[str, Json]:
    """Return the event of a call that is about to be carried out."""
    return {
        **_about(Moment.CALL, call),
        "input": _thawed(call.input),
        "input_digest": call.input_digest,
        "problem": call.problem,
        "annotations": _thawed(call.annotations),
        "objection": call.objection,
        "only_here": call.only_here,
    }


def told_result(call: ToolCall, content: Json, paths: Sequence[JsonPath], *, is_error: bool) -> dict[str, Json]:
    """Return the event of the call's result; a model may read what stands at `paths` of `content`."""
    where: list[Json] = [list(path) for path in paths]
    given = {} if call.problem else _thawed(call.input)
    own: dict[str, Json] = {"input": given, "content": content, "texts": where, "is_error": is_error}
    return {**_about(Moment.RESULT, call), **own}


def told_finding(
    *,
    session: SessionId,
    agent: str,
    protocol: str,
    cwd: str,
    detector: str,
    severity: str,
    message: str,
    tags: Sequence[str],
) -> dict[str, Json]:
    """Return the event of something that people should know of; `severity` is `info`, `low`, `medium` or `high`."""
    finding: dict[str, Json] = {"detector": detector, "severity": severity, "message": message, "tags": list(tags)}
    return {**_head(Moment.FINDING, session, agent, protocol, cwd), "finding": finding}


def answer_of(data: bytes) -> HookAnswer:
    """Return the answer that came.  Raises `OccasioError` for anything else."""
    try:
        said = parse_json(data)
    except MalformedError as error:
        raise OccasioError(f"the run's answer is not JSON with one reading ({error.code})") from None
    if not isinstance(said, dict):
        raise OccasioError("the run's answer is none")
    refuses, text, failed = said.get("refuses"), said.get("text"), said.get("failed")
    if not (isinstance(refuses, bool) and isinstance(text, str) and isinstance(failed, bool)):
        raise OccasioError("the run's answer is none")
    texts, notice, given = said.get("texts"), said.get("notice"), said.get("given")
    return HookAnswer(
        refuses=refuses,
        text=text,
        texts=tuple(map(str, texts)) if isinstance(texts, list) else None,
        notice=notice if isinstance(notice, str) else None,
        given=given if isinstance(given, str) else None,
        failed=failed,
    )


class Guests:
    """Reads what such a door says, and answers it."""

    name = GUEST
    installation = Installation(paths={}, events={})

    def event(self, payload: Mapping[str, Json], /) -> HookEvent:
        """Return what the door says.  Raises `AgentProtocolError` for what it cannot say."""
        session, protocol = session_of_event(payload, "session"), text_of(payload, "protocol")
        agent, moment = text_of(payload, "agent"), text_of(payload, "moment")
        calls = results = None
        match moment:
            case Moment.CALL:
                calls = _call(payload, session)
            case Moment.RESULT:
                results = _result(payload, session)
            case Moment.FINDING:
                pass
            case _:
                raise AgentProtocolError(f"a door cannot tell of `{moment}`")
        return HookEvent(
            agent=agent,
            name=moment,
            moment=Moment(moment),
            session=session,
            cwd=text_of(payload, "cwd"),
            call=calls,
            results=(results,) if results else (),
            protocol=protocol,
            finding=_finding(payload) if moment == Moment.FINDING else MappingProxyType({}),
        )

    def reply(self, event: HookEvent, answer: HookAnswer, /) -> HookReply:
        """Return all that the answer says."""
        said: dict[str, Json] = {
            "refuses": answer.refuses,
            "text": answer.text,
            "texts": None if answer.texts is None else list(answer.texts),
            "notice": answer.notice,
            "given": answer.given,
            "failed": answer.failed,
        }
        return HookReply(stdout=written(said).encode("utf-8", "backslashreplace"))

    def refusal(self, text: str, /) -> HookReply:
        """Return a refusal."""
        return HookReply(stdout=written({"refuses": True, "text": text, "failed": False}).encode())


GUESTS = Guests()


def _about(moment: Moment, call: ToolCall) -> dict[str, Json]:
    return {**_head(moment, call.session, call.agent, call.protocol, call.cwd), "call": call.call, "tool": call.tool}


def _head(moment: Moment, session: SessionId, agent: str, protocol: str, cwd: str) -> dict[str, Json]:
    return {"moment": str(moment), "session": session, "agent": agent, "protocol": protocol, "cwd": cwd}


def _call(payload: Mapping[str, Json], session: SessionId) -> ToolCall:
    return ToolCall(
        session=session,
        call=CallId(text_of(payload, "call")),
        agent=text_of(payload, "agent"),
        protocol=text_of(payload, "protocol"),
        tool=text_of(payload, "tool"),
        input=frozen(object_of(payload, "input")),
        input_digest=text_of(payload, "input_digest"),
        cwd=text_of(payload, "cwd"),
        problem=text_of(payload, "problem"),
        annotations=frozen(object_of(payload, "annotations")),
        objection=text_of(payload, "objection"),
        only_here=payload.get("only_here") is True,
    )


def _result(payload: Mapping[str, Json], session: SessionId) -> ToolResult:
    """Return the result.  Raises `AgentProtocolError` where it has no digest, or its texts are not where it says."""
    content, paths = payload.get("content"), list(_paths(payload.get("texts")))
    try:
        form = canonical(content)
    except MalformedError as error:
        raise AgentProtocolError(f"the tool's result has no canonical form ({error.code})") from None
    text = written(content)

    def rewritten(texts: Sequence[str]) -> bytes:
        edits = {path: written(one) for path, one in zip(paths, texts, strict=True)}
        return canonical(parse_json(spliced(text, edits).encode()))

    return ToolResult(
        session=session,
        call=CallId(text_of(payload, "call")),
        agent=text_of(payload, "agent"),
        protocol=text_of(payload, "protocol"),
        tool=text_of(payload, "tool"),
        texts=tuple(_at(content, path) for path in paths),
        digest=hashlib.sha256(form).hexdigest(),
        size=len(form),
        is_error=payload.get("is_error") is True,
        input=frozen(object_of(payload, "input")),
        rewritten=rewritten,
    )


def _finding(payload: Mapping[str, Json]) -> Mapping[str, Json]:
    finding = object_of(payload, "finding")
    tags = finding.get("tags")
    told = {"severity": text_of(finding, "severity"), "message": text_of(finding, "message")[:_LONGEST]}
    if told["severity"] not in _SEVERITIES or not isinstance(tags, list):
        raise AgentProtocolError("the finding is not one that a row can hold")
    return {**told, "detector": text_of(finding, "detector"), "rows": [], "tags": [str(tag) for tag in tags]}


def _paths(value: Json) -> Iterator[JsonPath]:
    for path in value if isinstance(value, list) else ():
        steps = path if isinstance(path, list) else []
        yield tuple(step for step in steps if isinstance(step, str | int))


def _at(content: Json, path: JsonPath) -> str:
    value = content
    for step in path:
        match value, step:
            case dict(), str() if step in value:
                value = value[step]
            case list(), int() if 0 <= step < len(value):
                value = value[step]
            case _:
                raise AgentProtocolError("a text of the result is not where it should be")
    if not isinstance(value, str):
        raise AgentProtocolError("a text of the result is none")
    return value


def _thawed(value: Mapping[str, Json]) -> dict[str, Json]:
    """Return a frozen mapping as one that can be written."""
    return {name: _plain(member) for name, member in value.items()}


def _plain(value: Json) -> Json:
    match value:
        case Mapping():
            return _thawed(value)
        case list() | tuple():
            return [_plain(item) for item in value]
        case _:
            return value
