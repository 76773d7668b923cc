"""Which outputs are written to the CRM: `all`, or switches for single ones."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field

from scoring.card.mistakes import meant
from vocabulary.outputs import STAMPS, SWITCHED

_ONE_OF: Final = f"write one of {', '.join(SWITCHED)}"


def _known_outputs(given: Any) -> Any:
    """Refuse anything but `all` and a mapping from outputs to true or false."""
    if given == "all":
        return given
    if not isinstance(given, Mapping):
        raise ValueError("this is neither `all` nor a section: write `all`, or fields such as `lead_score: true`")  # noqa: TRY004 - pydantic collects ValueErrors
    for name, on in given.items():
        if name in STAMPS:
            raise ValueError(f"'{name}' is always written: remove it here")
        if name not in SWITCHED:
            raise ValueError(f"'{name}' is not an output field: {meant(str(name), SWITCHED, _ONE_OF)}")
        if not isinstance(on, bool):
            raise ValueError(f"'{name}' is neither on nor off: write true or false")  # noqa: TRY004 - as above
    return given


Switches = Annotated[
    Literal["all"] | Annotated[dict[str, bool], Field(json_schema_extra={"propertyNames": {"enum": [*SWITCHED]}})],
    BeforeValidator(_known_outputs),
]
"""`all`, or outputs with true or false; the others are as by default."""
