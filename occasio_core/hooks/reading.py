"""What every dialect reads alike: members of an event, calls, and the texts in a result of any shape.

The texts of a result are its contents; names, kinds and paths around them stay as they are, because an agent takes a
changed result only in the form that the tool has.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence

from occasio_core.errors import AgentProtocolError
from occasio_core.freeze import frozen
from occasio_core.hooks.event import HOOK
from occasio_core.model import CallId, SessionId, ToolCall, ToolResult
from occasio_verify import Json, MalformedError, canonical

# The members of tools' results that hold what a tool has read or said, in the agents that are known.
_CONTENTS = frozenset(
    (
        *("content", "error", "lines", "llmContent", "matches", "newString", "oldString", "originalFile", "output"),
        *("result", "stderr", "stdout", "text"),
    )
)
_MAX_ID = 256
_UNREADABLE = hashlib.sha256(b"").hexdigest()


def text_of(payload: Mapping[str, Json], member: str, default: str | None = None) -> str:
    """Return a member that is a string.  Raises `AgentProtocolError`."""
    value = payload.get(member, default)
    if not isinstance(value, str):
        raise AgentProtocolError(f"the hook's event has no `{member}`")
    return value


def object_of(payload: Mapping[str, Json], member: str) -> Mapping[str, Json]:
    """Return a member that is an object, empty where there is none.  Raises `AgentProtocolError`."""
    value = payload.get(member, {})
    if not isinstance(value, Mapping):
        raise AgentProtocolError(f"`{member}` of the hook's event is no object")
    return value


def session_of_event(payload: Mapping[str, Json], member: str) -> SessionId:
    """Return the session, which a row can name.  Raises `AgentProtocolError`."""
    session = text_of(payload, member)
    if not 0 < len(session) <= _MAX_ID:
        raise AgentProtocolError(f"`{member}` of the hook's event names no session")
    return SessionId(session)


def call_of(*, agent: str, session: SessionId, call: str, tool: str, given: Json, cwd: str) -> ToolCall:
    """Return the call; an input without one reading is its problem."""
    problem = ""
    if not isinstance(given, Mapping):
        problem = "the input is no object"
    elif not tool:
        problem = "the call names no tool"
    elif (digest := _digest(given)) is None:
        problem = "the input has no canonical form"
    return ToolCall(
        session=session,
        call=CallId(call),
        agent=agent,
        protocol=HOOK,
        tool=tool,
        input=frozen({}) if problem or not isinstance(given, Mapping) else frozen(given),
        input_digest=_UNREADABLE if problem else digest or _UNREADABLE,
        cwd=cwd,
        problem=problem,
    )


def result_of_event(
    *, agent: str, session: SessionId, call: str, tool: str, given: Json, content: Json, is_error: bool = False
) -> ToolResult:
    """Return the result; its texts are those in `content`.  Raises `AgentProtocolError` where that has no digest."""
    try:
        form = canonical(content)
    except MalformedError as error:
        raise AgentProtocolError(f"the tool's result has no canonical form ({error.code})") from None
    return ToolResult(
        session=session,
        call=CallId(call),
        agent=agent,
        protocol=HOOK,
        tool=tool,
        texts=texts_in(content),
        digest=hashlib.sha256(form).hexdigest(),
        size=len(form),
        is_error=is_error,
        input=frozen(given) if isinstance(given, Mapping) else frozen({}),
        rewritten=lambda texts: canonical(with_texts(content, texts)),
    )


def input_digest(given: Mapping[str, Json]) -> str:
    """Return the digest of a call's input, as rows say it."""
    return _digest(given) or _UNREADABLE


def texts_in(content: Json) -> tuple[str, ...]:
    """Return the contents in a result: the whole of a string, else what stands under the names of contents.

    Where none of these names is known, every string is a content.
    """
    return tuple(text for text, _ in _leaves(content, _is_known(content)))


def with_texts(content: Json, texts: Sequence[str]) -> Json:
    """Return the result with `texts` in the place of its contents, one for one, and all else as it is."""
    following = iter(texts)
    return _replaced(content, _is_known(content), lambda text: next(following))


def with_notice(content: Json, notice: str) -> Json:
    """Return the result with `notice` for its first content, and all others empty."""
    said = iter((notice,))
    return _replaced(content, _is_known(content), lambda text: next(said, "") if text else text)


def _is_known(content: Json) -> bool:
    return any(named for _, named in _leaves(content, known=False))


def _leaves(content: Json, known: bool, named: bool = False) -> Iterator[tuple[str, bool]]:
    """Yield the strings in `content` and whether they stand under the name of a content; if `known`, only those."""
    match content:
        case str():
            if named or not known:
                yield content, named
        case Mapping():
            for name, value in content.items():
                yield from _leaves(value, known, named=name in _CONTENTS)
        case list() | tuple():
            for item in content:
                yield from _leaves(item, known, named)


def _replaced(content: Json, known: bool, change: Callable[[str], str], named: bool = False) -> Json:
    match content:
        case str():
            return change(content) if named or not known else content
        case Mapping():
            return {name: _replaced(value, known, change, name in _CONTENTS) for name, value in content.items()}
        case list() | tuple():
            return [_replaced(item, known, change, named) for item in content]
        case _:
            return content


def _digest(given: Mapping[str, Json]) -> str | None:
    try:
        return hashlib.sha256(canonical(given)).hexdigest()
    except MalformedError:
        return None
