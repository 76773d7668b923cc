"""Every error that ends a command, by its exit code."""

import importlib
import pkgutil
from collections.abc import Iterator
from itertools import chain
from typing import Final

from config.docs import table

PARTS: Final = (
    *("calibrate", "commands", "config", "connectors", "crm", "pages"),
    *("pipeline", "scoring", "store", "vocabulary", "watch"),
)
CODES: Final = {
    0: "Done.",
    1: "Failed, or held back until a person decides.",
    2: "Wrong usage or settings, or a right that is missing: nothing goes on until somebody changes it.",
    3: "Done, but the CRM refused some rows. `leadgauge status` names them, with the reason.",
    4: "`plan` alone: the guard would stop the run.",
    130: "Stopped by Ctrl-C or SIGTERM.",
    143: "`run` alone: after SIGTERM something did not end within 25 seconds and was given up. The next start resumes.",
}
REMEDIES: Final = {
    "commands.calibrate.Refused": "What the message says: another file, column or option.",
    "commands.plan.NothingMirrored": "`leadgauge plan --read`, or `leadgauge backfill`.",
    "commands.sandbox.SandboxMissing": "`pip install 'leadgauge[sandbox]'`.",
    "commands.score.Refused": "What the message says: another file, column or option.",
    "commands.single_pass.Accepted": "Nothing. `leadgauge status` shows when it was done.",
    "commands.tracing.NoTraces": "`pip install 'leadgauge[traces]'`, or remove `traces`.",
    "config.likelihoods.LikelihoodError": "Mend the file, or write it again: `leadgauge calibrate --likelihood FILE`.",
    "config.mistakes.ConfigError": "Correct each line that is named; `leadgauge check` shows them all.",
    "connectors.base.ConnectorError": "What the message says. The next pass tries again.",
    "connectors.base.ConfigurationError": "Change the setting, or grant the right; `leadgauge check` tries both.",
    "connectors.base.Unavailable": "Nothing for an hour; then look at the network, and at the CRM's status page.",
    "connectors.base.BudgetSpent": "Nothing. If it happens daily, lower `budget` or raise the CRM's limit.",
    "connectors.base.Interrupted": "Nothing. The next run resumes.",
    "connectors.hubspot.answers.NotGranted": "Add the [scope](hubspot.md#scopes), or switch off what needs it.",
    "connectors.hubspot.answers.PropertiesGone": "Restore the properties, or take them out of the settings.",
    "connectors.hubspot.answers.Rejected": "What HubSpot's reason says.",
    "connectors.hubspot.transport.FileRefused": "Nothing. The export is made again by the next pass.",
    "connectors.salesforce.errors.Rejected": "What Salesforce's reason says: often a right that is missing.",
    "crm.projects.SameName": "Give one of the scorecards another `prefix`.",
    "crm.writing.NotOurs": "Name an empty folder.",
    "pages.server.PagesPortTaken": "Choose another port with `--port` or `pages.port`.",
    "pipeline.clock.ClockError": "Set this machine's clock, for example with NTP.",
    "pipeline.daemon.connection.TooManyHung": "Look for a proxy that keeps calls open; then restart the daemon.",
    "pipeline.daemon.serving.PortTaken": "Choose another `metrics.port`.",
    "pipeline.explain.NoResults": "Score [accounts](accounts.md), or ask for a lead.",
    "pipeline.forgetting.SeveralPeople": "Say which with `--connection`.",
    "pipeline.handing.StoppedWaiting": "Nothing. What the daemon had not begun is withdrawn.",
    "pipeline.job.NotReady": "What the message says for each reason; often `leadgauge provision`.",
    "pipeline.job.WhichConnection": "Name one with `--connection`.",
    "pipeline.lookup.UnknownAccount": "Look the id up in the CRM; an account that is new comes with the next pass.",
    "pipeline.lookup.UnknownLead": "Look the id up in the CRM; a lead that is new comes with the next pass.",
    "pipeline.notify.undelivered.Undelivered": "What the sink answered; `leadgauge notify SINK --test` tries it again.",
    "pipeline.supervision.Cut": "Nothing. The next run resumes.",
    "pipeline.supervision.GivenUp": "Nothing. The next run resumes.",
    "pipeline.supervision.Stuck": "Nothing once. If it comes again, look at the network and proxies.",
    "pipeline.trial.WhichScorecard": "Give the edited scorecard the name of the one that it replaces.",
    "pipeline.undo.NothingToUndo": "Look the number up in `leadgauge status`.",
    "scoring.outputs.UndeclaredOutput": "Report it: it is a bug.",
    "store.sql.errors.LeaseHeld": "Wait for the other process, or stop it. The lease of a dead one expires by itself.",
    "store.sql.errors.LeaseLost": "Nothing: the process that took over goes on.",
    "store.sql.errors.StoreError": "What the message says: free the disk, start the database, correct its address.",
    "store.sql.identity.Replaced": "Put the file back, or restart the daemon to work with the new one.",
    "watch.report.NoSuchFigure": "Take a key from `leadgauge report --json`.",
    "watch.report.NotAllowed": "Name the field with the owner as `person` under `report`, if your people agree.",
}
"""What to do about each error, by its class."""


def errors() -> str:
    """Return the exit codes, and for each code the errors that end with it."""
    return "\n\n".join(_parts())


def _parts() -> Iterator[str]:
    yield "## Exit codes"
    yield table(("code", "means"), [(f"`{code}`", said) for code, said in CODES.items()])
    found = raised()
    for code in CODES:
        rows = [(_said(one), remedy(one)) for one in found.values() if _code(one) == code]
        if rows:
            yield f"## Errors that end with {code}"
            yield table(("what happened", "what to do"), sorted(set(rows)))


def raised() -> dict[str, type[Exception]]:
    """Return every class of errors with an exit code, by its full name."""
    for part in PARTS:
        package = importlib.import_module(part)
        for module in pkgutil.walk_packages(package.__path__, f"{part}."):
            if not module.name.endswith("__main__") and not module.name.startswith("store.sql.migrations"):
                importlib.import_module(module.name)
    named = {f"{one.__module__}.{one.__name__}": one for one in _below(Exception)}
    return {
        name: one
        for name, one in sorted(named.items())
        if name.partition(".")[0] in PARTS and hasattr(one, "exit_code")
    }


def remedy(error: type[Exception]) -> str:
    """Return what to do about an error, or else about what it is a kind of."""
    return next(REMEDIES[name] for one in error.__mro__ if (name := f"{one.__module__}.{one.__name__}") in REMEDIES)


def _below(base: type[Exception]) -> Iterator[type[Exception]]:
    return chain.from_iterable([one, *_below(one)] for one in base.__subclasses__())


def _code(error: type[Exception]) -> int:
    code = getattr(error, "exit_code", None)
    assert isinstance(code, int)
    return code


def _said(error: type[Exception]) -> str:
    """Return what its docstring says first, which begins with words for developers where it is `Raised if`."""
    first = (error.__doc__ or "").partition("\n")[0].removeprefix("Raised if ")
    return first[:1].upper() + first[1:]
