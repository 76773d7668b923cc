"""HTML from templates: all text is escaped, and loses signs that turn or hide what stands around it."""

import re
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from vocabulary.outside import printable

_CODE: Final = re.compile("`([^`]+)`")


def coded(text: str) -> Markup:
    """Return a text in which what stands between backticks is code."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(printable(text)))))  # noqa: S704 - it is escaped


def environment(package: str) -> Environment:
    """Return what renders the templates of a package; what a form sends back whole is marked `e` there."""
    made = Environment(
        loader=PackageLoader(package),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalized,
    )
    made.filters["coded"] = coded
    return made


def _finalized(value: Any) -> Any:
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value
