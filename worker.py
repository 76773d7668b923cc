"""The entry point. Each command is a module in `commands/`, imported only when it is called."""

import importlib
import os
import sys
from keyword import iskeyword
from typing import Any, Final

INTERRUPTED: Final = 130
WRONG: Final = 2

try:
    import click
except KeyboardInterrupt:
    sys.exit(INTERRUPTED)

COMMANDS: Final[dict[str, str]] = {
    "init": "Write settings and a scorecard to start from.",
    "import": "Turn a HubSpot score or a table of points into a scorecard.",
    "check": "Check settings, scorecard, examples and access to the CRM.",
    "inventory": "List what is read, kept, written and called, for approval.",
    "upgrade": "Bring settings, scorecards and the database up to date.",
    "provision": "Create the output fields in the CRM.",
    "crm": "Write the project that shows the results inside the CRM.",
    "plan": "Show what a run would change, without changing it.",
    "backfill": "Read everything, score every lead, write the results.",
    "sync": "Run one pass: changes in, results out.",
    "run": "Run the daemon.",
    "score": "Score leads from files, without a CRM.",
    "leads": "List leads, the most urgent first.",
    "explain": "Show why a lead has its score.",
    "pages": "Show what leadgauge does in a browser.",
    "report": "Show what became of the leads, and what to do about the score.",
    "calibrate": "Fit points and likelihood to past conversions.",
    "notify": "Show whom alerts go to, or send a test message.",
    "status": "Show the state of every connection.",
    "undo": "Restore the field values from before a run.",
    "export": "Print everything stored about a person.",
    "forget": "Erase a lead from everything leadgauge stores.",
    "schema": "Print the JSON Schema of the settings or a scorecard.",
    "completion": "Print what a shell needs to complete commands.",
    "sandbox": "Run a fake HubSpot or Salesforce on this machine.",
    "demo": "Run everything on 2,000 made-up leads.",
}


class LazyGroup(click.Group):
    """Imports a command's module only when that command runs, so that `--help` and small commands start fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the commands in the order in which a new user needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Import `commands.<name>` and return its `command`."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"commands.{cmd_name}_" if iskeyword(cmd_name) else f"commands.{cmd_name}")
        command = module.command
        assert isinstance(command, click.Command)
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse what stands before the command. Its options belong after it."""
        given = list(args)
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            command = next((word for word in given if word in COMMANDS), None)
            if command is None:
                raise
            option = _printable(error.option_name)
            raise click.UsageError(f"Write {option} after the command: leadgauge {command} {option}", ctx) from None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command; for an unknown name, say which one was probably meant."""
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            from vocabulary.closest import closest  # noqa: PLC0415 - only a mistake needs it

            near = closest(args[0], COMMANDS)
            remedy = f"Did you mean `{near}`?" if near else f"There are {', '.join(COMMANDS)}."
            raise click.UsageError(f"There is no command '{_printable(args[0])}'. {remedy}", ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. An error with an `exit_code` is printed as one message, without a traceback."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            _leave()
        except OSError as error:
            if error.filename is None:
                raise
            told = f"Error: {error.filename}: {error.strerror}. Check the name, the folder and its permissions."
            click.echo(_printable(told), err=True)
            ctx.exit(WRONG)
        except Exception as error:
            code = getattr(error, "exit_code", None)
            if not isinstance(code, int) or isinstance(error, click.ClickException | click.exceptions.Exit):
                raise
            prefix = "leadgauge" if code in {0, INTERRUPTED} else "Error"
            click.echo(_printable("\n  ".join([f"{prefix}: {error}", *getattr(error, "__notes__", ())])), err=True)
            ctx.exit(code)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """List the commands with their one-line help, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _leave() -> None:
    """End the process after Ctrl-C without waiting for threads in a call to the CRM."""
    click.echo("leadgauge: stopped.", err=True)
    sys.stdout.flush()
    os._exit(INTERRUPTED)


def _printable(text: str) -> str:
    from vocabulary.outside import printable  # noqa: PLC0415 - only failing calls need it

    return printable(text)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="leadgauge")
def main() -> None:
    """Score, grade and rank the leads of HubSpot or Salesforce inside the CRM."""


if __name__ == "__main__":
    sys.exit(main())
