"""The names of countries by ISO 3166-1 code, from pycountry: `python -m reference.countries` writes the table.

pycountry takes 23 MB, nearly all of it translations of other things. leadgauge needs the names of countries in some
languages, which are 50 KB, so it brings a table of them instead.
"""

import gettext
from collections.abc import Iterator, Mapping
from typing import Final

import pycountry

from meaning.countries import TABLE, folded_names

LANGUAGES: Final = (
    *("de", "fr", "es", "pt", "pt_BR", "it", "nl", "ja", "zh_CN", "zh_TW", "pl", "sv", "da", "nb", "fi", "cs", "tr"),
)
"""The languages whose names are known besides English, as pycountry's translations (Debian's iso-codes) spell them."""
_HEAD: Final = """\
# Names of countries in several languages, in folded words, by their ISO 3166-1 code. `make countries` writes this file.
# The names are those of Debian's iso-codes, translated by its contributors, as pycountry distributes them, here without
# accents, marks and repetitions. This file alone is under the LGPL-2.1-or-later (LGPL-2.1.txt beside it); as text it
# can be replaced in an installed leadgauge.
"""


def codes() -> Mapping[str, str]:
    """Return the codes by folded name: what is ambiguous, or the folded name of two countries, keeps the first."""
    names: dict[str, str] = {}
    for name, code in _names():
        names.setdefault(name, code)
    found: dict[str, str] = {}
    for name, code in zip(folded_names(names), names.values(), strict=True):
        found.setdefault(name, code)
    return found


def _names() -> Iterator[tuple[str, str]]:
    countries = list(pycountry.countries)
    for each in countries:
        yield each.alpha_2, each.alpha_2
        yield each.alpha_3, each.alpha_2
    for each in countries:
        for kind in ("name", "common_name", "official_name"):
            if name := getattr(each, kind, None):
                yield name, each.alpha_2
                yield name.partition(",")[0], each.alpha_2
    for language in LANGUAGES:
        translate = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, [language]).gettext
        for each in countries:
            yield translate(each.name), each.alpha_2


def rendered() -> str:
    """Return the table: a line for each country."""
    names: dict[str, list[str]] = {}
    for name, code in codes().items():
        names.setdefault(code, []).append(name)
    return _HEAD + "".join(f"{code}: {', '.join(names[code])}\n" for code in sorted(names))


if __name__ == "__main__":
    TABLE.write_text(rendered(), encoding="utf-8")
