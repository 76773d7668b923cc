"""The fields in the CRM, as `vocabulary.outputs` lists them."""

from collections.abc import Iterator
from typing import Final

from config.docs import table
from vocabulary.outputs import OUTPUTS, Output

CAUSES: Final = {
    "band": "it changes",
    "text": "it changes",
    "drift": "it moves far enough",
    "along": "another field is written",
}
HEADINGS: Final = ("field", "type", "by default", "written when", "what it says")


def outputs() -> str:
    """Return a table of the fields of leads, another of those of accounts, and what the choices mean."""
    return "\n\n".join(_parts())


def _parts() -> Iterator[str]:
    for of in ("leads", "accounts"):
        yield f"## Fields of {of}"
        yield table(HEADINGS, [_row(one) for one in OUTPUTS if one.of == of])
    yield "## What the choices mean"
    rows = [
        (f"`{one.name}`", f"`{choice}`", said)
        for one in OUTPUTS
        for choice in one.choices
        if (said := one.sentence_of(choice))
    ]
    yield table(("field", "choice", "means"), rows)


def _row(one: Output) -> tuple[str, ...]:
    return (
        f"`{one.name}`",
        _type(one),
        "yes" if one.default else "",
        "the priority moves" if one.lasting else CAUSES[one.why],
        f"**{one.label}.** {one.description}",
    )


def _type(one: Output) -> str:
    if one.type == "text":
        return f"text of up to {one.length} characters"
    if one.type == "number":
        return "number with a decimal" if one.decimals else "whole number"
    return "choice" if one.type == "choice" else "time"
