"""The commands by which a person answers what an agent may not do alone: approvals list, show, approve, deny."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from occasio_core import home as places
from occasio_core.cli.output import printed, talk
from occasio_core.errors import UsageError
from occasio_core.visible import written_out

if TYPE_CHECKING:
    from occasio_core.approvals.question import Ending
    from occasio_core.approvals.store import Box
    from occasio_verify import Json

digest_option = click.option(
    "--digest", metavar="HEX", help="The call's digest, or its first 12 digits: asks for no typing."
)
message_option = click.option("--reason", "message", default="", metavar="TEXT", help="What the model is told.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def approvals() -> None:
    """Answer what an agent may not do alone.

    An answer holds for one call, as it was asked, in its run, its directory and under its policy; a question waits for
    a quarter of an hour.
    """


@approvals.command("list")
@json_option
def list_waiting(as_json: bool) -> None:
    """Show what waits for an answer."""
    from occasio_core.approvals.answering import seconds_left, waiting

    found = list(waiting(_box()))
    if as_json:
        printed([dict(question) for question in found])
        return
    for question in found:
        click.echo(f"{question['approval_id']}  {seconds_left(question):>4} s  {question['tool']}  {_first(question)}")
    if not found:
        talk("nothing waits for an answer")


@approvals.command("show")
@click.argument("approval_id")
@json_option
def show(approval_id: str, as_json: bool) -> None:
    """Show one call that waits, in full; secrets are masked."""
    from occasio_core.approvals.answering import waiting_question

    question = waiting_question(_box(), approval_id)
    if as_json:
        printed(dict(question))
    else:
        click.echo("\n".join(_lines(question)))


@approvals.command("approve")
@click.argument("approval_id")
@digest_option
@message_option
@json_option
def approve(approval_id: str, digest: str | None, message: str, as_json: bool) -> None:
    """Let one call run, once.

    At a terminal it is shown in full and confirmed by typing `yes`; elsewhere `--digest` must name it.
    """
    from occasio_core.approvals.question import Ending

    _answer(approval_id, Ending.GRANTED, digest, message, as_json)


@approvals.command("deny")
@click.argument("approval_id")
@message_option
@json_option
def deny(approval_id: str, message: str, as_json: bool) -> None:
    """Refuse one call."""
    from occasio_core.approvals.question import Ending

    _answer(approval_id, Ending.DENIED, None, message, as_json)


def _answer(approval_id: str, ending: Ending, digest: str | None, message: str, as_json: bool) -> None:
    from occasio_core.approvals.answering import check_person, put_answer, waiting_question
    from occasio_core.approvals.question import Ending

    box = _box()
    check_person(box.place, at_terminal=sys.stdin.isatty())
    question = waiting_question(box, approval_id)
    method = "cli"
    if ending is Ending.GRANTED:
        method = _confirmed(question, digest)
    put_answer(box, question, ending, method, message)
    if as_json:
        printed({"approval_id": approval_id, "answer": ending.value, "digest": question["digest"], "method": method})
    else:
        talk(f"{ending.value}: {question['tool']} of run {question['run_id']}")


def _confirmed(question: Mapping[str, Json], digest: str | None) -> str:
    """Return how the person has shown that she means this call.  Raises `UsageError`."""
    from occasio_core.approvals.answering import check_digest

    if digest is not None:
        check_digest(question, digest)
        return "cli-digest"
    if not sys.stdin.isatty():
        raise UsageError(
            "there is no terminal to confirm it at", hint="name the call with --digest, as `show` prints it"
        )
    talk("\n".join(_lines(question)))
    if click.prompt("type `yes` to let it run once", err=True).strip() != "yes":
        raise UsageError("not confirmed", hint="it still waits; `occasio approvals deny` refuses it")
    return "cli-terminal"


def _box() -> Box:
    from occasio_core.approvals.store import Box

    return Box(places.prepared(places.home()))


def _lines(question: Mapping[str, Json]) -> list[str]:
    from occasio_core.approvals.answering import seconds_left

    inputs, effects = question["tool_inputs"], question["effects"]
    assert isinstance(inputs, Mapping)
    assert isinstance(effects, list)
    rows = [
        ("approval", f"{question['approval_id']}, {seconds_left(question)} seconds left"),
        ("agent", f"{question['agent']} in {question['cwd']}"),
        ("tool", question["tool"]),
        *((f"  {name}", value) for name, value in inputs.items()),
        *(("would", effect) for effect in effects),
        ("rule", question["rule"] or "-"),
        ("why", question["message"]),
        ("run", question["run_id"]),
        ("digest", question["digest"]),
    ]
    return [f"{name:10}{_printable(value)}" for name, value in rows]


def _first(question: Mapping[str, Json]) -> str:
    inputs = question["tool_inputs"]
    values = list(inputs.values()) if isinstance(inputs, Mapping) else []
    text = _printable(values[0]) if values else ""
    return text if len(text) <= 60 else f"{text[:59]}…"


def _printable(value: Json) -> str:
    """Return `value` as a terminal shows it whole: what would move the cursor, or break the line, is written out."""
    return written_out(value if isinstance(value, str) else str(value))
