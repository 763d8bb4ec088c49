"""The commands about the policy itself: show, validate, init, lock, diff, test; explain and doctor are elsewhere."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from occasio_core.cli.doctor import doctor
from occasio_core.cli.explain import explain_call
from occasio_core.cli.gate import cwd_option, policy_option
from occasio_core.cli.output import printed, talk
from occasio_core.errors import PolicyError, UsageError
from occasio_verify import Json

if TYPE_CHECKING:
    from occasio_core.model import Policy
    from occasio_core.policy.describe import Statement
    from occasio_core.policy.difference import Difference
    from occasio_core.policy.lock import Locked
    from occasio_core.trials import Tried

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def policy() -> None:
    """Write, check, explain and test the policy."""


policy.add_command(explain_call)
policy.add_command(doctor)


@policy.command()
@click.option("--diff", "only_diff", is_flag=True, help="Only what differs from the built-in policy.")
@policy_option
@json_option
def show(only_diff: bool, policy: Path | None, as_json: bool) -> None:
    """Print the policy in force, rule by rule, and where each rule stands."""
    from occasio_core.policy.describe import statements

    loaded = _loaded(policy)
    said = [one for one in statements(loaded) if not only_diff or one.line]
    if as_json:
        printed(
            {
                "source": loaded.source,
                "path": loaded.path,
                "sha256": loaded.sha256,
                "rules": [{"key": one.key, "name": one.name, "value": one.value, "line": one.line} for one in said],
                "protected": [entry.text for entry in loaded.protected_paths],
            }
        )
        return
    talk(f"policy: {loaded.path or 'the built-in one; occasio policy init writes one of your own'}")
    talk(f"sha256: {loaded.sha256}")
    for line in _shown(said, is_own=loaded.source == "user"):
        click.echo(line)
    if not only_diff:
        click.echo("protected in every policy, against writing")
        for entry in loaded.protected_paths:
            click.echo(f"  {entry.text}")


def _shown(said: list[Statement], *, is_own: bool) -> Iterator[str]:
    key = ""
    for one in said:
        origin = f"line {one.line}" if one.line else "built in" if is_own else ""
        if one.key != key and one.name:
            yield one.key
        key = one.key
        label = f"  {origin:<9} {one.name}" if is_own and one.name else f"  {one.name}" if one.name else one.key
        yield from _beside(label, one.value if one.name else f"{one.value:<6} {origin}".rstrip())


def _beside(label: str, value: str) -> Iterator[str]:
    """Yield `value` behind the label where there is room, else below it."""
    width = shutil.get_terminal_size().columns
    if len(line := f"{label:<36} {value}".rstrip()) <= width:
        yield line
        return
    yield label
    yield from textwrap.wrap(
        value, width, initial_indent=" " * 6, subsequent_indent=" " * 6, break_long_words=False, break_on_hyphens=False
    )


@policy.command()
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@json_option
def validate(file: Path | None, as_json: bool) -> None:
    """Check FILE, by default the policy in force: whether it says one thing, which plugins can do.

    Exit codes: 0 it can be used, 1 it cannot, 2 wrong use.
    """
    from occasio_core.home import home, policy_path
    from occasio_core.validity import problems

    path = file or policy_path(home())
    if file is None and not path.exists():
        talk(f"there is no {path}: the built-in policy is in force, which is valid")
        return
    found = problems(_bytes(path), path, home(), Path.cwd())
    if as_json:
        printed({"valid": not found, "problems": [{"message": str(one), "hint": one.hint} for one in found]})
    else:
        for one in found:
            click.echo(f"{one}" + (f"\n  hint: {one.hint}" if one.hint else ""))
        talk(f"{path}: {len(found)} problem{'s'[: len(found) != 1]}" if found else f"{path}: valid")
    click.get_current_context().exit(1 if found else 0)


@policy.command()
@click.option(
    "--template", "name", default="dev-default", show_default=True, metavar="NAME", help="What to begin with."
)
@click.option(
    "--force", is_flag=True, help="Replace a policy that is there already; the old one is kept as policy.yml.old."
)
@click.option(
    "--path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where to write it (default: policy.yml in Occasio's home).",
)
def init(name: str, force: bool, path: Path | None) -> None:
    """Write a policy to begin with: dev-default, strict or finance; beside it the schema for editors."""
    from occasio_core import home as places
    from occasio_core.files import write_whole
    from occasio_core.policy.schema import NAME, schema_bytes
    from occasio_core.policy.templates import template

    data = template(name)
    file = path or places.policy_path(places.prepared(places.home()))
    if file.exists():
        if not force:
            raise UsageError(f"`{file}` is there already", hint="--force replaces it and keeps the old one beside it")
        write_whole(file.with_name(f"{file.name}.old"), file.read_bytes(), 0o600)
    write_whole(file, data, 0o600)
    write_whole(file.with_name(NAME), schema_bytes(), 0o644)
    talk(f"wrote {file} from the template {name}; occasio policy show prints what is in force now")
    click.echo(str(file))


@policy.command()
@policy_option
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="Where to write it (default: beside the policy)."
)
def lock(policy: Path | None, out: Path | None) -> None:
    """Write policy.lock: the hash of the policy and every rule in force, for version control and `policy diff`."""
    from occasio_core.files import write_whole
    from occasio_core.policy.lock import lock_bytes

    loaded = _loaded(policy)
    path = out or _lock_beside(loaded)
    write_whole(path, lock_bytes(loaded), 0o644)
    talk(f"locked {loaded.path or 'the built-in policy'} ({loaded.sha256[:12]})")
    click.echo(str(path))


@policy.command()
@click.argument("before", required=False, type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.argument("after", required=False, type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--exact", is_flag=True, help="Other bytes are a difference too, though they say the same.")
@json_option
def diff(before: Path | None, after: Path | None, exact: bool, as_json: bool) -> None:
    """Compare what two policies or locks say.

    BEFORE is policy.lock if it is not given, AFTER the policy in force.

    Exit codes: 0 they say the same, 1 they differ, 2 wrong use.
    """
    from occasio_core.policy.difference import differences
    from occasio_core.policy.lock import locked

    loaded = _loaded(None)
    new = locked(loaded) if after is None else _said(after)
    if before is None and not _lock_beside(loaded).exists():
        raise UsageError(f"there is no {_lock_beside(loaded)} to compare with", hint="occasio policy lock writes it")
    old = _said(before or _lock_beside(loaded))
    found = differences(old.rules, new.rules)
    same_bytes = old.sha256 == new.sha256
    if as_json:
        printed(
            {
                "same_bytes": same_bytes,
                "differences": [
                    {"kind": one.kind.value, "rule": one.subject, "before": one.before, "after": one.after}
                    for one in found
                ],
            }
        )
    else:
        for one in found:
            click.echo(_difference(one))
        talk(_verdict(len(found), same_bytes=same_bytes))
    click.get_current_context().exit(1 if found or (exact and not same_bytes) else 0)


def _difference(one: Difference) -> str:
    mark, color = {"added": ("+", "green"), "removed": ("-", "red"), "changed": ("~", "yellow")}[one.kind]
    said = " -> ".join(text for text in (one.before, one.after) if text)
    return click.style(f"{mark} {one.subject}" + (f"  {said}" if said else ""), fg=color)


def _verdict(count: int, *, same_bytes: bool) -> str:
    if count:
        return f"{count} rule{'s' if count > 1 else ''} differ{'' if count > 1 else 's'}"
    return "the same, byte for byte" if same_bytes else "the bytes differ; they say the same"


def _said(path: Path) -> Locked:
    """Return what the lock or the policy at `path` says."""
    from occasio_core.policy.lock import locked, read_lock

    data = _bytes(path)
    return read_lock(data, str(path)) if data.lstrip().startswith(b"{") else locked(_loaded(path))


def _lock_beside(loaded: Policy) -> Path:
    from occasio_core.home import home
    from occasio_core.policy.lock import NAME

    return (Path(loaded.path).parent if loaded.path else home()) / NAME


def _loaded(path: Path | None) -> Policy:
    from occasio_core.home import home
    from occasio_core.policy import load_policy

    return load_policy(path, home(), Path.cwd())


@policy.command("test")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@cwd_option
@policy_option
@json_option
def test_policy(file: Path, cwd: Path | None, policy: Path | None, as_json: bool) -> None:
    """Decide the cases in FILE and compare each with what it expects; nothing is run and nothing is recorded.

    A case has `tool` and `input`, or `command`, then the `action` that is expected, and if they matter `reason`, `rule`
    and `message`.  The policy is that of --policy, else that of the file, else the one in force.

    Exit codes: 0 all as expected, 1 some are not, 2 the file or a policy cannot be used.
    """
    from occasio_core.home import home
    from occasio_core.policy.cases import cases
    from occasio_core.trials import tried

    place, here = home(), cwd or Path.cwd()
    found = cases(_bytes(file), str(file), cwd=str(here), home=str(Path.home()))
    done = list(tried(found, file, policy, place, here))
    wrong = [each for each in done if each.differences]
    if as_json:
        printed({"cases": len(done), "failed": [_failed(each) for each in wrong]})
    else:
        for each in wrong:
            place_of = each.trial.place
            click.echo(f"{place_of.file}:{place_of.line}:{place_of.column}: {each.trial.name}")
            for difference in each.differences:
                click.echo(f"  {difference}")
        talk(f"{len(done)} cases: {len(done) - len(wrong)} as expected, {len(wrong)} not")
    click.get_current_context().exit(1 if wrong else 0)


def _failed(each: Tried) -> dict[str, Json]:
    trial, decision = each.trial, each.ruling.decision
    return {
        "case": trial.name,
        "line": trial.place.line,
        "expected": {"action": trial.action.value, "reason": trial.reason, "rule": trial.rule},
        "decided": {"action": decision.action.value, "reason": decision.first.reason, "rule": decision.first.rule},
        "differences": list(each.differences),
    }


def _bytes(file: Path) -> bytes:
    from occasio_core.policy import policy_bytes

    try:
        return policy_bytes(file)
    except PolicyError as error:
        raise UsageError(f"`{file}` {str(error).removeprefix(f'{file}:1:1: ')}") from error
