"""A shell that runs nothing: walks the syntax tree of a command line and notes what each program would touch.

Both branches of every condition are walked, a loop's body once with every value of its variable, and what one branch
assigns is added to what the variable may be by then.  What flows through pipes and substitutions is followed as far as
it is plain text.  Knows the structure of commands; words are expanded in `words`, what a program does with its
arguments is in `programs`.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from occasio_core import Effect, EffectKind
from occasio_shell.grammar import parsed
from occasio_shell.notes import Notes
from occasio_shell.programs import run
from occasio_shell.redirections import Redirections
from occasio_shell.values import (
    LOCAL_OUTPUT,
    MAX_WORDS,
    Output,
    State,
    TooMuchError,
    Word,
    is_secret,
    listed,
    names_a_secret,
)
from occasio_shell.words import expanded, value_of

if TYPE_CHECKING:
    from tree_sitter import Node

MAX_STEPS = 4000  # statements and words of one call
ENDLESS = "a function that starts itself"  # in a pipe, so each time twice
MAX_DEPTH = 12  # functions, substitutions and shells in shells

_HISTORY = "~/.bash_history"
_HISTORY_KEPT = frozenset({"HISTFILE", "HISTSIZE", "HISTFILESIZE"})
# Variables whose text other programs run as a command, and those that name a file which is run or loaded at the start.
_COMMANDS = frozenset(
    listed(
        """
    GIT_SSH_COMMAND GIT_SSH GIT_PROXY_COMMAND GIT_EXTERNAL_DIFF GIT_PAGER PAGER MANPAGER GIT_EDITOR GIT_SEQUENCE_EDITOR
    EDITOR VISUAL GIT_ASKPASS SSH_ASKPASS SUDO_ASKPASS BROWSER PROMPT_COMMAND RSYNC_RSH CVS_RSH LD_PRELOAD LD_AUDIT
    DYLD_INSERT_LIBRARIES PYTHONSTARTUP BASH_ENV
    """
    )
)
_ASIDE = frozenset({"comment", "heredoc_start", "heredoc_end", "file_descriptor", "test_operator", "regex"})


class Shell:
    """Evaluates commands in one working directory; `notes` has what they would touch."""

    def __init__(self, cwd: str, notes: Notes | None = None) -> None:
        self.notes = notes or Notes(cwd)
        self._variables: dict[str, Output] = {}
        self._functions: dict[str, Node] = {}
        self._uncertain = 0
        self._steps = 0
        self._depth = 0
        self._pipes = 0  # that we are in
        self._running: list[str] = []  # functions, the innermost last

    def evaluate(self, text: str, stdin: Output = (), arguments: Output = ()) -> Output:
        """Note what the commands in `text` would touch and return what they print.

        Raises `TooMuchError` when that is more work than a command is worth.
        """
        with self._deeper(), self._arguments(arguments):
            root = parsed(text.encode("utf-8", "replace"))
            if root.has_error:
                self.notes.garbled = True
            return self.statement(root, stdin)

    def finish(self, output: Output) -> None:
        """Note what it means that `output` is shown to whoever asked for the commands."""
        if is_secret(output):
            self.notes.environment()

    def statement(self, node: Node, stdin: Output = ()) -> Output:
        """Return what the statement at `node` prints."""
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise TooMuchError(f"more than {MAX_STEPS} steps")
        walk = _STATEMENTS.get(node.type)
        return walk(self, node, stdin) if walk else self._each(node, stdin)

    def call(self, words: list[Word], stdin: Output) -> Output:
        """Return what the program that the first of `words` names prints when it gets the others."""
        while words and not words[0].text and words[0].state is not State.KNOWN and not words[0].stream:
            if words[0].state >= State.BUILT:
                self.notes.unknown(EffectKind.EXECUTE, "a command that is put together")
            words = words[1:]  # an empty variable is no word at all
        if not words or (not words[0].text and not words[0].stream):
            return ()  # `""` is the name of no program
        function = self._functions.get(words[0].text)
        if function is None or self._depth >= MAX_DEPTH:
            return run(self, words, stdin)
        if self._running.count(words[0].text) and self._pipes:
            self.notes.execute(ENDLESS, ENDLESS)
            return ()
        self._running.append(words[0].text)
        try:
            with self._deeper(), self._arguments(tuple(words[1:])):
                return self.statement(function, stdin)
        finally:
            self._running.pop()

    # What words need.

    def variable(self, name: str) -> Output:
        """Return every value that the variable can have."""
        if (values := self._variables.get(name)) is not None:
            return values
        if name == "HOME":
            return (Word(os.path.expanduser("~")),)  # noqa: PTH111 - as the rules expand it
        if name in {"PWD", "OLDPWD"}:
            return (Word(self.notes.cwd),)
        if name == "IFS":
            return (Word(" "),)
        secret = names_a_secret(name)
        return (Word("" if secret else os.environ.get(name, ""), State.LOCAL, secret=secret),)

    def assigned(self, name: str) -> Output:
        """Return every value that the commands themselves have put into the variable."""
        return self._variables.get(name, ())

    def assign(self, name: str, values: Output) -> None:
        """Set a variable, or where it is not sure that this happens add to what it can be."""
        if self._uncertain:
            values = (*self._variables.get(name, ()), *values)
        self._variables[name] = tuple(dict.fromkeys(values))[:MAX_WORDS]
        if name in _COMMANDS:
            for word in values:
                if word.text.strip():
                    self.evaluate(word.text)

    def substituted(self, node: Node) -> Output:
        """Return what the commands in a substitution print."""
        with self._deeper():
            into = (node.text or b"").startswith(b">(")
            output = self._each(node, LOCAL_OUTPUT if into else ())
            return () if into else output

    # Statements.

    def _each(self, node: Node, stdin: Output) -> Output:
        output: Output = ()
        for child in node.named_children:
            if child.type not in _ASIDE:
                output += self.statement(child, stdin)
        return output[:MAX_WORDS]

    def _list(self, node: Node, stdin: Output) -> Output:
        first, *others = node.named_children
        output = self.statement(first, stdin)
        with self._perhaps():
            for child in others:
                output += self.statement(child, stdin)
        return output

    def _pipeline(self, node: Node, stdin: Output) -> Output:
        self._pipes += 1
        for child in node.named_children:
            if child.type != "comment":
                stdin = self.statement(child, stdin)
        self._pipes -= 1
        return stdin

    def _subshell(self, node: Node, stdin: Output) -> Output:
        with self.apart():
            return self._each(node, stdin)

    def _branches(self, node: Node, stdin: Output) -> Output:
        with self._perhaps():
            return self._each(node, stdin)

    def _loop(self, node: Node, stdin: Output) -> Output:
        name = node.child_by_field_name("variable")
        if name is not None:
            values = [word for child in node.children_by_field_name("value") for word in self._words(child)]
            with self._perhaps():
                known = name.text or b""
                self._variables[known.decode()] = tuple(values) or self.variable("@")
        body = node.child_by_field_name("body")
        with self._perhaps():
            return self.statement(body, stdin) if body is not None else ()

    def _case(self, node: Node, stdin: Output) -> Output:
        if (value := node.child_by_field_name("value")) is not None:
            list(self._words(value))
        items = [child for child in node.named_children if child.type == "case_item"]
        with self._perhaps():
            return tuple(word for item in items for word in self._case_item(item, stdin))

    def _case_item(self, node: Node, stdin: Output) -> Output:
        patterns = {child.id for child in node.children_by_field_name("value")}
        statements = [child for child in node.named_children if child.id not in patterns]
        return tuple(word for child in statements for word in self.statement(child, stdin))

    def _function(self, node: Node, stdin: Output) -> Output:
        name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        if name is not None and body is not None:
            self._functions[(name.text or b"").decode("utf-8", "replace")] = body
        return ()

    def _assignment(self, node: Node, stdin: Output) -> Output:
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if name is None:
            return ()
        target = name.named_children[0] if name.type == "subscript" else name
        key = (target.text or b"").decode("utf-8", "replace")
        if value is None:
            values: Output = (Word(""),)
        elif value.type == "array":
            values = tuple(word for child in value.named_children for word in self._words(child))
        else:
            values = value_of(value, self)
        if (node.text or b"").startswith(f"{key}+=".encode()):
            values = tuple(old.with_text(old.text + new.text) for old in self.variable(key) for new in values)
        self.assign(key, values)
        if key in _HISTORY_KEPT and any(word.text in {"0", "", "/dev/null"} for word in values):
            self.notes.write(Word(_HISTORY))
        return ()

    def _declaration(self, node: Node, stdin: Output) -> Output:
        words: list[Word] = [Word((node.children[0].text or b"").decode())]
        for child in node.named_children:
            if child.type == "variable_assignment":
                self._assignment(child, stdin)
                words.append(Word("="))
            else:
                words += self._words(child)
        return run(self, words, stdin)

    def _command(self, node: Node, stdin: Output) -> Output:
        words: list[Word] = []
        redirections: Redirections | None = None
        before: dict[str, Output] | None = None
        for child in node.children:
            match child.type:
                case "word" | "command_name" | "string" | "concatenation" | "raw_string":
                    words += self._words(child)
                case "variable_assignment":
                    before = dict(self._variables) if before is None else before
                    self._assignment(child, stdin)
                case "file_redirect" | "herestring_redirect" | "heredoc_redirect":
                    redirections = redirections or Redirections(self)
                    redirections.add(child)
                case kind if kind not in _ASIDE:
                    words += self._words(child)
        output = self.call(words, redirections.stdin(stdin) if redirections else stdin)
        if before is not None and words:
            self._forget(before)
        return redirections.stdout(output) if redirections else output

    def _redirected(self, node: Node, stdin: Output) -> Output:
        redirections = Redirections(self)
        for child in node.children_by_field_name("redirect"):
            redirections.add(child)
        body = node.child_by_field_name("body")
        output = self.statement(body, redirections.stdin(stdin)) if body is not None else redirections.stdin(())
        return redirections.stdout(output)

    def _bare(self, node: Node, stdin: Output) -> Output:
        """Return what `$(<file)` reads."""
        redirections = Redirections(self)
        redirections.add(node)
        return redirections.stdout(redirections.stdin(()))

    def _test(self, node: Node, stdin: Output) -> Output:
        """Expand what is compared: asking about a file does not open it."""
        for child in node.named_children:
            if child.type.endswith("_expression"):
                self._test(child, stdin)
            elif child.type not in _ASIDE:
                list(self._words(child))
        return ()

    def _unset(self, node: Node, stdin: Output) -> Output:
        if any(child.text == b"HISTFILE" for child in node.named_children):
            self.notes.write(Word(_HISTORY))  # what follows is not in it
        return ()

    def _stray(self, node: Node, stdin: Output) -> Output:
        """Take a word that stands where the grammar has no place for it for whatever it can be."""
        for word in self._words(node):
            self.notes.read(word)
            self.notes.write(word)
        return ()

    def _words(self, node: Node) -> Iterable[Word]:
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise TooMuchError(f"more than {MAX_STEPS} steps")
        return expanded(node, self)

    def _forget(self, before: dict[str, Output]) -> None:
        """Take back what was assigned for one command alone."""
        for name in [name for name in self._variables if name not in before]:
            # Kept where nothing else is known: a subshell, `eval` or `read` may have set it for good.
            before[name] = self._variables[name]
        self._variables = before

    @contextmanager
    def apart(self) -> Iterator[None]:
        """Have what runs within change variables and directories for itself alone."""
        variables, cwds = dict(self._variables), self.notes.cwds
        try:
            yield
        finally:
            self._variables, self.notes.cwds = variables, cwds

    @contextmanager
    def _perhaps(self) -> Iterator[None]:
        self._uncertain += 1
        try:
            yield
        finally:
            self._uncertain -= 1

    @contextmanager
    def _deeper(self) -> Iterator[None]:
        self._depth += 1
        try:
            if self._depth > MAX_DEPTH:
                raise TooMuchError(f"commands in commands, more than {MAX_DEPTH} deep")
            yield
        finally:
            self._depth -= 1

    @contextmanager
    def _arguments(self, words: Output) -> Iterator[None]:
        given: dict[str, Output] = {str(place): (word,) for place, word in enumerate(words[:9], 1)}
        if words:
            given |= {"@": words, "*": words}
        before = {name: self._variables.get(name) for name in given}
        self._variables |= given
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    self._variables.pop(name, None)
                else:
                    self._variables[name] = value


_Walk = Callable[[Shell, "Node", Output], Output]
_STATEMENTS: dict[str, _Walk] = {
    "list": Shell._list,
    "pipeline": Shell._pipeline,
    "command": Shell._command,
    "redirected_statement": Shell._redirected,
    "file_redirect": Shell._bare,
    "subshell": Shell._subshell,
    "if_statement": Shell._branches,
    "while_statement": Shell._branches,
    "for_statement": Shell._loop,
    "c_style_for_statement": Shell._loop,
    "case_statement": Shell._case,
    "function_definition": Shell._function,
    "variable_assignment": Shell._assignment,
    "declaration_command": Shell._declaration,
    "unset_command": Shell._unset,
    "test_command": Shell._test,
    **dict.fromkeys(
        ("word", "concatenation", "string", "raw_string", "ansi_c_string", "simple_expansion", "expansion"),
        Shell._stray,
    ),
}


def effects_of(commands: Iterable[str], cwd: str) -> tuple[tuple[Effect, ...], bool]:
    """Return what the commands, one after the other, would touch, and whether they could be read to the end."""
    notes = noted(commands, cwd)
    return notes.effects(), not notes.garbled


def noted(commands: Iterable[str], cwd: str, since: float = math.inf) -> Notes:
    """Return everything that is to be said of the commands, one after the other.

    Programs on the disk that were changed after `since`, in seconds since 1970, are looked into.
    """
    shell = Shell(cwd, Notes(cwd, since))
    # What comes out of a named pipe is put into it further down the line: it is known the second time.
    twice = (command for command in commands for _ in range(2 if "mkfifo" in command or "mknod" in command else 1))
    for command in twice:
        try:
            shell.finish(shell.evaluate(command))
        except (TooMuchError, RecursionError):
            shell.notes.garbled = True
    return shell.notes
