"""`occasio key`: make, list, show, export and trust keys.

Prints results on standard output, as text or as JSON; what goes wrong rises as `OccasioError` to the command line.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TypeAlias

import click

from occasio_core import Json, OccasioError, UsageError, read_trust, trust_key
from occasio_sign_key.key import PrivateKey, fingerprint
from occasio_sign_key.keyfile import DEFAULT, MAX_BYTES, key_names, key_path, make_key, read_key

_Description: TypeAlias = dict[str, Json]

_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def key_group(home: Path) -> click.Group:
    """Return the group `key` for the keys of `home`."""
    return click.Group(
        "key",
        commands=[new, list_keys, show, export, trust],
        help="Make, show, export and trust signing keys.",
        context_settings={"obj": home},
    )


@click.command
@click.argument("name")
@_as_json
@click.pass_obj
def new(home: Path, name: str, as_json: bool) -> None:
    """Make the key NAME and trust it on this machine."""
    _print_key(_described(home, name, make_key(home, name)), as_json)


@click.command("list")
@_as_json
@click.pass_obj
def list_keys(home: Path, as_json: bool) -> None:
    """List the keys that sign on this machine."""
    keys = [_listed(home, name) for name in key_names(home)]
    if as_json:
        _print_json({"keys": keys})
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
    pem = read_key(home, name).public_pem
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
        _print_json({"name": name, "fingerprint": fingerprint(accepted), "added": added})
    else:
        click.echo(f"{'trusted' if added else 'already trusted'}: {name}  {fingerprint(accepted)}")


def _described(home: Path, name: str, key: PrivateKey) -> _Description:
    names: list[Json] = [entry.name for entry in read_trust(home).keys if entry.key.spki == key.spki]
    return {
        "name": name,
        "algorithm": "ed25519",
        "fingerprint": fingerprint(key.spki),
        "file": str(key_path(home, name)),
        "trusted_as": names,
        "public_key": key.public_pem,
    }


def _listed(home: Path, name: str) -> _Description:
    try:
        return _described(home, name, read_key(home, name))
    except OccasioError as error:  # one bad file does not hide the others
        return {"name": name, "file": str(key_path(home, name)), "problem": str(error)}


def _trusted_as(key: _Description) -> str:
    names = key.get("trusted_as")
    return "trusted as " + ", ".join(map(str, names)) if isinstance(names, list) and names else ""


def _print_key(key: _Description, as_json: bool) -> None:
    if as_json:
        _print_json(key)
        return
    click.echo(f"{key['name']}  {_trusted_as(key)}".rstrip())
    for title in ("algorithm", "fingerprint", "file"):
        click.echo(f"  {title:<12} {key[title]}")


def _print_json(value: Json) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


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
