"""The fields that a person names for leadgauge to take over."""

from collections.abc import Collection, Iterable

from connectors.base import ConfigurationError
from vocabulary.provisioned import Provisioned


def is_adopted(adopt: Collection[str], *names: str) -> bool:
    """Return whether one of a field's names was named, in any letter case."""
    wanted = {name.lower() for name in adopt}
    return any(name.lower() in wanted for name in names)


def refuse_strangers(adopt: Collection[str], names: Iterable[str]) -> None:
    """Raise where a name was given that no output field has."""
    known = {name.lower(): name for name in names}
    strangers = [name for name in adopt if name.lower() not in known]
    if strangers:
        raise ConfigurationError(
            f"No output field is called {', '.join(strangers)}.",
            remedy=f"`--adopt` takes one of: {', '.join(dict.fromkeys(known.values()))}.",
        )


def clash(output: str, field: str, wrong: str, *, adoptable: bool) -> Provisioned:
    """Return the clash with somebody's field, and what a person can do about it."""
    return Provisioned(output, field, "clash", f"{wrong} {remedy(output, adoptable=adoptable)}")


def remedy(output: str, *, adoptable: bool) -> str:
    """Say what to do about a field that is not ours."""
    if not adoptable:
        return "Set a `prefix` for the scorecard."
    return (
        f"Set a `prefix` for the scorecard, or run `leadgauge provision --adopt {output}` to let leadgauge overwrite "
        "what it holds."
    )
