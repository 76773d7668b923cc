"""`leadgauge sandbox`: a fake HubSpot or Salesforce on this machine, from the package leadgauge-sandbox."""

import click

NEEDED = "it needs the package leadgauge-sandbox. Install it with: pip install 'leadgauge[sandbox]'"


class SandboxMissing(Exception):  # noqa: N818 - named for the problem
    """The package leadgauge-sandbox is not installed."""

    exit_code = 2


try:
    from leadgauge_sandbox.command import command
except ModuleNotFoundError as error:
    if not (error.name or "").startswith("leadgauge_sandbox"):
        raise

    @click.command("sandbox", context_settings={"ignore_unknown_options": True})
    @click.argument("words", nargs=-1)
    def command(words: tuple[str, ...]) -> None:
        """Run a fake HubSpot or Salesforce on this machine; needs the package leadgauge-sandbox."""
        raise SandboxMissing(f"sandbox {' '.join(words[:1])}: {NEEDED}")
