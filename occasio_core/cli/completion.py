"""The command that prints what a shell needs to complete commands and options: completion."""

from __future__ import annotations

import click

_VARIABLE = "_OCCASIO_COMPLETE"  # click looks for it in every start of `occasio`


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion of SHELL, to be read by it.

    \b
    bash, in ~/.bashrc:   eval "$(occasio completion bash)"
    zsh, in ~/.zshrc:     eval "$(occasio completion zsh)"
    fish:                 occasio completion fish > ~/.config/fish/completions/occasio.fish
    """
    from click.shell_completion import get_completion_class

    from occasio_core.cli import occasio

    found = get_completion_class(shell)
    assert found is not None
    click.echo(found(occasio, {}, "occasio", _VARIABLE).source())
