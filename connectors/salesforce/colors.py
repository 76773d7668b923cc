"""The colors of choices in Salesforce's charts and reports.

"The color is in hexadecimal format; for example, #FF6600. If a color isn't specified, it's assigned dynamically":
https://developer.salesforce.com/docs/atlas.en-us.api_tooling.meta/api_tooling/tooling_api_objects_globalvalueset.htm
(2026-11). Shades of one hue tell an order to people who see no colors too.
"""

from typing import Final

from vocabulary.outputs import Output

_STRONG: Final = (0x0B, 0x5C, 0xAB)
_PALE: Final = (0xD8, 0xE6, 0xF6)
_KINDS: Final = ("#0B5CAB", "#939393", "#A86403", "#4A4A4A", "#CFCFCF")
"""For choices without an order: blue, grey, brown, dark and light grey."""


def color_of(output: Output, choice: str) -> str:
    """Return the color of a choice: the better or later it is, the darker."""
    place, last = output.choices.index(choice), len(output.choices) - 1
    if output.order == "none":
        return _KINDS[place % len(_KINDS)]
    share = place / last if last else 0.0
    faded = share if output.order == "best" else 1 - share if last else 0.0
    return "#" + "".join(f"{round(a + (b - a) * faded):02X}" for a, b in zip(_STRONG, _PALE, strict=True))
