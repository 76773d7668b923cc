"""Fields that a person tells leadgauge to adopt."""

from collections.abc import Collection, Iterable
from typing import Final

from connectors.base import ConfigurationError
from vocabulary.provisioned import Provisioned

BY_SALES: Final = "people fill it; leadgauge only reads it"
"""What is said of a field that is there and that sales fills, whoever made it."""


def is_adopted(adopt: Collection[str], *names: str) -> bool:
    """Return whether `adopt` contains one of a field's names, ignoring case."""
    wanted = {name.lower() for name in adopt}
    return any(name.lower() in wanted for name in names)


def refuse_unknown(adopt: Collection[str], names: Iterable[str]) -> None:
    """Raise `ConfigurationError` if `adopt` contains a name that no output field has."""
    known = {name.lower(): name for name in names}
    unknown = [name for name in adopt if name.lower() not in known]
    if unknown:
        raise ConfigurationError(
            f"No output field is called {', '.join(unknown)}.",
            remedy=f"`--adopt` takes one of: {', '.join(dict.fromkeys(known.values()))}.",
        )


def clash(output: str, field: str, wrong: str, *, adoptable: bool) -> Provisioned:
    """Return a clash with a field that is not ours, including what to do about it."""
    return Provisioned(output, field, "clash", f"{wrong} {remedy(output, adoptable=adoptable)}")


def remedy(output: str, *, adoptable: bool) -> str:
    """Return what to do about a field that is not ours."""
    if not adoptable:
        return "Set a `prefix` for the scorecard."
    return (
        f"Set a `prefix` for the scorecard, or run `leadgauge provision --adopt {output}` to let leadgauge overwrite "
        "what it holds."
    )
