"""The command line finds commands, suggests near ones, and tells every error in one line."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import click
import pytest

from occasio_core import cli, errors
from occasio_core.cli import COMMANDS, exit_code
from occasio_core.version import __version__


def raising(error: BaseException) -> click.Command:
    def body() -> None:
        raise error

    return click.Command("broken", callback=body)


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[BaseException]]:
    """The command `broken` raises what the test puts here."""
    to_raise: list[BaseException] = []
    monkeypatch.setattr(cli, "_plugin_commands", lambda: {"broken": raising(to_raise[0])})
    yield to_raise


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_help_of_at_least_a_sentence(name: str) -> None:
    with click.Context(cli.occasio) as context:
        command = cli.occasio.get_command(context, name)
    assert command is not None
    assert "." in (command.help or "")


def test_the_version_is_told_without_importing_a_server() -> None:
    code = (
        "import sys; from occasio_core.cli import exit_code; code = exit_code(['--version']);"
        "sys.exit(code or bool({'aiohttp', 'asyncio', 'yaml', 'rich'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, f"occasio {__version__}\n")


def test_the_help_names_our_commands_and_those_of_plugins(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["--help"]) == 0
    listed = {line.split()[0] for line in capsys.readouterr().out.split("Commands:")[1].strip().splitlines()}
    assert {*COMMANDS, "key"} <= listed


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (["rnu"], "there is no command `rnu`", "did you mean `occasio run`?"),
        (["qqqq"], "there is no command `qqqq`", "occasio --help lists the commands"),
        (["run", "--polcy", "x"], "No such option '--polcy'. Did you mean '--policy'?", "occasio run --help"),
        (["--verbose"], "No such option '--verbose'. Did you mean '--version'?", "occasio --help"),
        (["run"], "Missing argument 'COMMAND...'.", "occasio run --help"),
        (["audit", "vrify"], "No such command 'vrify'. Did you mean 'verify'?", "occasio audit --help"),
    ],
)
def test_wrong_use_is_told_in_one_line_with_what_to_do(
    arguments: list[str], message: str, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code(arguments) == 2
    assert capsys.readouterr() == ("", f"occasio: {message}\nhint: {hint}\n")


def test_without_a_command_the_last_run_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code([]) == 0
    assert capsys.readouterr().out.startswith("log  ")


TOO_MANY = "hint: this process may not have so many files open at a time: ulimit -n\n"


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (errors.UsageError("no such thing", hint="try another"), 2, "occasio: no such thing\nhint: try another\n"),
        (errors.PolicyError("policy.yml:1:2: bad"), 2, "occasio: policy.yml:1:2: bad\n"),
        (errors.LedgerError("no space"), 1, "occasio: no space\n"),
        (OSError(24, "Too many open files"), 2, "occasio: a file: Too many open files\n" + TOO_MANY),
        (errors.OccasioError("two\nlines"), 1, "occasio: two lines\n"),
        (FileNotFoundError(2, "No such file or directory", "/x"), 2, "occasio: /x: No such file or directory\n"),
        (KeyboardInterrupt(), 130, "\n"),
        (click.Abort(), 130, ""),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
def test_an_error_is_one_line_a_hint_and_a_code(
    broken: list[BaseException], error: BaseException, code: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    broken.append(error)
    assert exit_code(["broken"]) == code
    assert capsys.readouterr() == ("", told)


def test_an_error_that_nobody_foresaw_is_one_line_too(
    broken: list[BaseException], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(cli.DEBUG, raising=False)
    broken.append(RuntimeError("boom"))
    assert exit_code(["broken"]) == 1
    assert capsys.readouterr().err.startswith("occasio: an unforeseen RuntimeError: boom\nhint: OCCASIO_DEBUG=1")


def test_an_error_that_nobody_foresaw_shows_where_when_asked(
    broken: list[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(cli.DEBUG, "1")
    broken.append(RuntimeError("boom"))
    with pytest.raises(RuntimeError):
        exit_code(["broken"])


def test_the_code_that_a_command_exits_with_is_ours(broken: list[BaseException]) -> None:
    broken.append(click.exceptions.Exit(42))
    assert exit_code(["broken"]) == 42


def test_a_reader_that_has_had_enough_is_no_error() -> None:
    command = [sys.executable, "-c", "from occasio_core.cli import main; main()", "--help"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
