"""Charts as inline SVG that take their ink from the page, in light and in dark."""

import io
import re
import warnings
from html import escape
from threading import Lock
from typing import Any, Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from vocabulary.outside import printable

INK: Final = "#1f2a37"
STYLE: Final[Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "leadgauge",
    "font.family": "sans-serif",
    **dict.fromkeys(("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color"), INK),
}
LONGEST: Final = 32
_STYLING: Final = Lock()
"""The style, and which warnings are shown, hold for all threads together; pages are made in many."""
_METADATA: Final = re.compile("<metadata>.*?</metadata>", re.DOTALL)


def axes(width: float, height: float) -> tuple[Figure, Axes]:
    """Return an empty chart of a size in inches."""
    with _STYLING, mpl.rc_context(STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        made = figure.subplots()
    made.spines[["top", "right"]].set_visible(False)
    return figure, made


def svg(figure: Figure, label: str) -> str:
    """Return the drawing with a label for those who do not see it; its ink is the page's, in light and in dark."""
    text = io.StringIO()
    with _STYLING, mpl.rc_context(STYLE), warnings.catch_warnings():
        # The browser has the letters that our own font lacks: texts stay texts in the SVG.
        warnings.filterwarnings("ignore", "Glyph .* missing", UserWarning)
        warnings.filterwarnings("ignore", "Matplotlib currently does not support", UserWarning)
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    drawing = text.getvalue()
    bare = _METADATA.sub("", drawing[drawing.index("<svg") :]).replace(INK, "currentColor")
    return bare.replace("<svg", f'<svg role="img" aria-label="{escape(printable(label))}"', 1)


def plain(name: str) -> str:
    """Return a name in a form that fits into a chart and is not interpreted."""
    text = printable(name)
    short = text if len(text) <= LONGEST else f"{text[: LONGEST - 1].rstrip()}…"
    return short.replace("$", r"\$")
