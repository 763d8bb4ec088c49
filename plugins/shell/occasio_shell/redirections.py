"""Redirections of one command: which files it reads and writes by them, and what its input and output become."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

from occasio_core import EffectKind
from occasio_shell.notes import Notes
from occasio_shell.values import LOCAL_OUTPUT, REMOTE_OUTPUT, Output, Word
from occasio_shell.words import Host, value_of

if TYPE_CHECKING:
    from tree_sitter import Node

_SOCKETS = ("/dev/tcp/", "/dev/udp/")
_BACKQUOTED = re.compile(r"(?<!\\)`((?:[^`\\]|\\.)+)`")
_INDENT = re.compile(r"^\t+", re.MULTILINE)


class _Shell(Host, Protocol):
    notes: Notes

    def evaluate(self, text: str, stdin: Output = (), arguments: Output = ()) -> Output: ...

    def statement(self, node: Node, stdin: Output = ()) -> Output: ...


class Redirections:
    """What `add` was told of, in order."""

    def __init__(self, shell: _Shell) -> None:
        self._shell = shell
        self._stdin: Output | None = None
        self._to_file = False
        self._targets: list[Word] = []
        self._behind: list[Node] = []
        self._piped: list[Node] = []

    def add(self, node: Node) -> None:
        """Note one redirection."""
        match node.type:
            case "file_redirect":
                self._file(node)
            case "herestring_redirect":
                self._stdin = tuple(word for child in node.named_children for word in value_of(child, self._shell))
            case "heredoc_redirect":
                self._document(node)

    def stdin(self, before: Output) -> Output:
        """Return what the command reads; `before` is what a pipe brings."""
        return before if self._stdin is None else self._stdin

    def stdout(self, output: Output) -> Output:
        """Return what is left of `output` behind the redirections, and behind what follows a here-document."""
        for node in self._piped:
            output = self._shell.statement(node, output)
        for node in self._behind:
            output += self._shell.statement(node)
        for word in self._targets:
            self._shell.notes.keep(word, output)
        return () if self._to_file else output

    def _file(self, node: Node) -> None:
        operators = "".join(
            (child.text or b"").decode() for child in node.children if not child.is_named or child.type == "ERROR"
        )
        operator = re.sub(r"\s", "", operators)
        descriptor = next((child.text for child in node.children if child.type == "file_descriptor"), b"")
        for target in node.children_by_field_name("destination")[:1]:
            for word in value_of(target, self._shell):
                self._target(operator, descriptor or b"", word)

    def _target(self, operator: str, descriptor: bytes, word: Word) -> None:
        if operator in {"<&", ">&"} and (word.text.rstrip("-").isdigit() or word.text == "-"):
            if "<" in operator and word.text.rstrip("-") not in {"", "0", "1", "2"} and self._shell.notes.has_socket:
                self._stdin = REMOTE_OUTPUT
            return
        if word.text.startswith(_SOCKETS):
            self._shell.notes.touch(EffectKind.READ, word)
            self._shell.notes.has_socket = True
            self._stdin = REMOTE_OUTPUT  # what is sent back comes by the same way
            self._to_file = True
            return
        if "<" in operator:
            self._shell.notes.read(word)
            self._stdin = word.stream or self._shell.notes.content(word) or LOCAL_OUTPUT
        if ">" in operator:
            self._shell.notes.write(word)
            if descriptor in {b"", b"1"} and word.text not in {"/dev/stdout", "/dev/stderr", "/dev/tty", "/dev/fd/1"}:
                self._to_file = True
                self._targets.append(word)

    def _document(self, node: Node) -> None:
        start = next((child.text or b"" for child in node.children if child.type == "heredoc_start"), b"")
        body = next((child for child in node.children if child.type == "heredoc_body"), None)
        raw = bool(set(start) & set(b"\"'\\"))
        if body is None:
            self._stdin = ()
        elif raw or body.named_child_count == 0:
            text = (body.text or b"").decode("utf-8", "replace")
            self._stdin = (Word(_INDENT.sub("", text)),)
            for found in () if raw else _BACKQUOTED.finditer(text):  # which the grammar does not see here
                self._stdin += self._shell.evaluate(found[1])
        else:
            self._stdin = value_of(body, self._shell)
        for child in node.named_children:
            if child.type == "file_redirect":
                self._file(child)
            elif child.type == "pipeline":
                self._piped.append(child)
            elif not child.type.startswith("heredoc"):
                self._behind.append(child)
