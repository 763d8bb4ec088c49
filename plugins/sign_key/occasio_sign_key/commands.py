"""`occasio key`: make, list, show, export and trust keys.

Prints results on standard output, as text or as JSON; what goes wrong rises as `OccasioError` to the command line.
"""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

import click

from occasio_core import Json, OccasioError, UsageError, printed, read_trust, trust_key
from occasio_sign_key.agent import AgentKey, agent_keys
from occasio_sign_key.key import fingerprint, public_pem
from occasio_sign_key.keyfile import DEFAULT, KINDS, MAX_BYTES, Key, file_of, keep_held, key_names, make_key, read_key

_Description: TypeAlias = dict[str, Json]

_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def key_group(home: Path) -> click.Group:
    """Return the group `key` for the keys of `home`."""
    return click.Group(
        "key",
        commands=[new, held_by_agent, list_keys, show, export, trust],
        help="Make, show, export and trust signing keys.",
        context_settings={"obj": home},
    )


@click.command
@click.argument("name")
@click.option(
    "--type", "kind", type=click.Choice(list(KINDS)), default="ed25519", show_default=True, help="What kind of key."
)
@_as_json
@click.pass_obj
def new(home: Path, name: str, kind: str, as_json: bool) -> None:
    """Make the key NAME and trust it on this machine."""
    _print_key(_described(home, name, make_key(home, name, kind)), as_json)


@click.command("agent")
@click.argument("name")
@click.option("--comment", metavar="TEXT", help="Which of the agent's keys, by its comment (`ssh-add -l` shows them).")
@_as_json
@click.pass_obj
def held_by_agent(home: Path, name: str, comment: str | None, as_json: bool) -> None:
    """Sign with a key of the ssh-agent as NAME, and trust it on this machine."""
    key = _agent_key(comment)
    keep_held(home, name, key)
    _print_key(_described(home, name, key), as_json)


def _agent_key(comment: str | None) -> AgentKey:
    held = agent_keys()
    fitting = [key for key, said in held.items() if comment in {None, said}]
    if len(fitting) == 1:
        return fitting[0]
    known = ", ".join(f"`{said}`" for said in held.values()) or "none"
    wanted = "that can be used here" if comment is None else f"with the comment `{comment}`"
    raise UsageError(
        f"the ssh-agent has {len(fitting)} keys {wanted}",
        hint=f"--comment TEXT chooses one; Ed25519 and P-256 keys there are: {known}",
    )


@click.command("list")
@_as_json
@click.pass_obj
def list_keys(home: Path, as_json: bool) -> None:
    """List the keys that sign on this machine."""
    keys = [_listed(home, name) for name in key_names(home)]
    if as_json:
        printed({"keys": keys})
        return
    for key in keys:
        click.echo(f"{key['name']}  {key.get('fingerprint', key.get('problem'))}  {_trusted_as(key)}".rstrip())


@click.command
@click.argument("name", default=DEFAULT)
@_as_json
@click.pass_obj
def show(home: Path, name: str, as_json: bool) -> None:
    """Show the key NAME, or the one that bundles are signed with."""
    _print_key(_described(home, name, read_key(home, name)), as_json)


@click.command
@click.argument("name", default=DEFAULT)
@click.option("--out", type=click.Path(path_type=Path), help="Write it to this file.", metavar="FILE")
@click.pass_obj
def export(home: Path, name: str, out: Path | None) -> None:
    """Print the public half of the key NAME as PEM, for others to verify with."""
    pem = public_pem(read_key(home, name).spki)
    if out is None:
        click.echo(pem, nl=False)
    else:
        _write_new(out, pem.encode("ascii"))
        click.echo(f"wrote the public key of `{name}` to {out}", err=True)


@click.command
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--name", required=True, help="What the signer is called in reports from now on.")
@_as_json
@click.pass_obj
def trust(home: Path, file: Path, name: str, as_json: bool) -> None:
    """Accept the public key in FILE as that of a signer."""
    added = trust_key(home, name, _public_key(file))
    accepted = next(entry.key.spki for entry in read_trust(home).keys if entry.name == name)
    if as_json:
        printed({"name": name, "fingerprint": fingerprint(accepted), "added": added})
    else:
        click.echo(f"{'trusted' if added else 'already trusted'}: {name}  {fingerprint(accepted)}")


def _described(home: Path, name: str, key: Key) -> _Description:
    names: list[Json] = [entry.name for entry in read_trust(home).keys if entry.key.spki == key.spki]
    return {
        "name": name,
        "algorithm": key.algorithm,
        "fingerprint": fingerprint(key.spki),
        "file": str(file_of(home, name)),
        "kept_by": "ssh-agent" if isinstance(key, AgentKey) else "file",
        "trusted_as": names,
        "public_key": public_pem(key.spki),
    }


def _listed(home: Path, name: str) -> _Description:
    try:
        return _described(home, name, read_key(home, name))
    except OccasioError as error:  # one bad file does not hide the others
        return {"name": name, "file": str(file_of(home, name)), "problem": str(error)}


def _trusted_as(key: _Description) -> str:
    names = key.get("trusted_as")
    return "trusted as " + ", ".join(map(str, names)) if isinstance(names, list) and names else ""


def _print_key(key: _Description, as_json: bool) -> None:
    if as_json:
        printed(key)
        return
    click.echo(f"{key['name']}  {_trusted_as(key)}".rstrip())
    for title in ("algorithm", "fingerprint", "file"):
        held = " (the private half is the ssh-agent's)" if title == "file" and key["kept_by"] == "ssh-agent" else ""
        click.echo(f"  {title:<12} {key[title]}{held}")


def _public_key(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            text = opened.read(MAX_BYTES).decode("utf-8", "replace")
    except OSError as error:
        raise UsageError(f"`{file}` cannot be read: {error.strerror}") from error
    if "PRIVATE KEY-----" in text:
        raise UsageError(f"`{file}` is a private key", hint="`occasio key export` gives the half that is for others")
    return text


def _write_new(path: Path, data: bytes) -> None:
    """Write `path` unless it says so already; something else is not written over: it may be the private key."""
    try:
        if path.exists() and path.read_bytes() == data:
            return
        with path.open("xb") as file:
            file.write(data)
    except FileExistsError:
        raise UsageError(f"`{path}` is there already, and is something else", hint="choose another name") from None
    except OSError as error:
        raise UsageError(f"`{path}` cannot be written: {error.strerror}") from error
