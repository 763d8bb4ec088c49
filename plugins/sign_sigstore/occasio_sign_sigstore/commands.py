"""`occasio identity`: whose keyless signatures are accepted on this machine."""

from __future__ import annotations

from pathlib import Path

import click

from occasio_core import Json, TrustedIdentity, printed, read_trust, trust_identity


def identity_group(home: Path) -> click.Group:
    """Return the group `identity` for the trust file of `home`."""
    return click.Group(
        "identity",
        commands=[trust, list_identities],
        help="Accept identities that sign keyless, and list them.",
        context_settings={"obj": home},
    )


@click.command
@click.argument("name")
@click.option("--identity", required=True, metavar="ID", help="The identity in the certificate.")
@click.option("--issuer", required=True, metavar="URL", help="Who must have vouched for it.")
@click.option("--repository", metavar="OWNER/NAME", help="The repository whose workflow signed, for GitHub.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def trust(home: Path, name: str, identity: str, issuer: str, repository: str | None, as_json: bool) -> None:
    """Accept who signs as --identity; reports call them NAME from now on."""
    entry = TrustedIdentity(name, identity, issuer, repository)
    added = trust_identity(home, entry)
    if as_json:
        printed({**_described(entry), "added": added})
    else:
        click.echo(f"{'trusted' if added else 'already trusted'}: {name}  {identity}")


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def list_identities(home: Path, as_json: bool) -> None:
    """List the identities that are accepted on this machine."""
    entries = read_trust(home).identities
    if as_json:
        printed({"identities": [_described(entry) for entry in entries]})
        return
    for entry in entries:
        in_repository = f", repository {entry.repository}" if entry.repository else ""
        click.echo(f"{entry.name}  {entry.identity} (issuer {entry.issuer}{in_repository})")


def _described(entry: TrustedIdentity) -> dict[str, Json]:
    return {
        "name": entry.name,
        "identity": entry.identity,
        "issuer": entry.issuer,
        "repository": entry.repository,
    }
