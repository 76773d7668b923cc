"""`leadgauge completion`: what a shell needs to complete commands and options."""

from typing import Final

import click
from click.shell_completion import get_completion_class

PROGRAM: Final = "leadgauge"
VARIABLE: Final = "_LEADGAUGE_COMPLETE"
SHELLS: Final = ("bash", "zsh", "fish")


@click.command("completion")
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def command(context: click.Context, shell: str) -> None:
    """Print the script that lets a shell complete commands, options and file names.

    Example: leadgauge completion bash > ~/.local/share/bash-completion/completions/leadgauge

    For zsh, a folder of `fpath` and the name `_leadgauge`; for fish, ~/.config/fish/completions/leadgauge.fish
    """
    made = get_completion_class(shell)
    assert made is not None, "click knows the shells of SHELLS"
    click.echo(made(context.find_root().command, {}, PROGRAM, VARIABLE).source())
