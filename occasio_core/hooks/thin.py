"""A hook's program: hands what the agent says to the running Occasio and prints the answer; without one it says no.

Started for every tool call: one file, nothing but the standard library's core (`python -I -S`), no JSON, no typing.
A copy of it in Occasio's home is what agents run: that place is closed to them.

    python -I -S hook.py --agent NAME [--home DIRECTORY] [--wait SECONDS]

`OCCASIO_RUN` names the run that the agent was started in; nothing else in the environment is looked at, because an
agent's settings can change it.
"""

import _socket
import os
import sys

RUN = "OCCASIO_RUN"
MAX_BYTES = 64 << 20
NO = 2


def main(arguments: list[str]) -> None:
    agent, home, wait = options(arguments)
    try:
        code, out, err = asked(agent, home, wait, read_all(0))
    except Exception as error:  # noqa: BLE001 - whatever it was: no answer is no permission
        why = str(error) or type(error).__name__
        told = f"occasio is not running, or gave no answer ({why}): nothing is let through; occasio daemon start"
        code, out, err = refusal(agent, told)
    write_all(1, out)
    write_all(2, err)
    os._exit(code)


def options(arguments: list[str]) -> tuple[str, str, float]:
    found = {"--agent": "claude-code", "--home": "", "--wait": "590"}
    for name, value in zip(arguments[::2], arguments[1::2], strict=False):
        if name in found:
            found[name] = value
    return found["--agent"], found["--home"] or own_home(), float(found["--wait"])


def own_home() -> str:
    import pwd

    return f"{pwd.getpwuid(os.getuid()).pw_dir}/.occasio"


def asked(agent: str, home: str, wait: float, data: bytes) -> tuple[int, bytes, bytes]:
    connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    connection.settimeout(wait)
    connection.connect(address(home))
    send_all(connection, b"occasio-hook/1 %s %d\n" % (agent.encode(), len(data)) + data)
    pieces = []
    while piece := connection.recv(1 << 20):
        pieces.append(piece)
    head, newline, body = b"".join(pieces).partition(b"\n")
    code, out, err = map(int, head.split(b" "))
    if not newline or len(body) != out + err:
        raise OSError("the answer broke off")
    return code, body[:out], body[out:]


def address(home: str) -> str:
    """Return where Occasio listens: below its home, for the run that is named or for all others."""
    run = os.environ.get(RUN, "")
    if run.strip("0123456789abcdef-"):
        raise OSError(f"{RUN} is no run's id")
    name = f"runs/{run}.sock" if run else "daemon.sock"
    whole = f"{home}/{name}"
    if len(os.fsencode(whole)) > 100:  # unix(7): an address has 108 bytes
        os.chdir(home)
        return name
    return whole


def refusal(agent: str, text: str) -> tuple[int, bytes, bytes]:
    if agent == "cline":  # it takes no exit code for a no
        return 0, b'{"cancel": true, "errorMessage": "%s"}\n' % plain(text), b""
    return NO, b"", plain(text) + b"\n"


def plain(text: str) -> bytes:
    """Return `text` as it may stand in a JSON string."""
    return bytes(c for c in text.encode("ascii", "replace") if c >= 32 and c not in b'"\\')


def read_all(descriptor: int) -> bytes:
    pieces, size = [], 0
    while piece := os.read(descriptor, 1 << 20):
        pieces.append(piece)
        size += len(piece)
        if size > MAX_BYTES:
            raise OSError("the event is too long")
    return b"".join(pieces)


def send_all(connection: _socket.socket, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[connection.send(view) :]


def write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


if __name__ == "__main__":
    main(sys.argv[1:])
