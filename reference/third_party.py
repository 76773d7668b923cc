"""The licences of what is installed beside leadgauge, from the lock of its image: `python -m reference.third_party`."""

import re
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import Final

from packaging.markers import Marker

from config.docs import table

ROOT: Final = Path(__file__).parents[1]
LOCK: Final = ROOT / "requirements-image.lock"
PAGE: Final = ROOT / "THIRD_PARTY.md"
OBLIGED: Final = ("GPL", "MPL", "EPL", "CDDL")
"""Parts of the names of licences that ask something of whoever passes the software on."""
_PINNED: Final = re.compile(r"^([\w.-]+)==([\w.+!-]+)(?: ; (.+?))? \\$", re.MULTILINE)
_LINUX: Final = {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"}
_HEAD: Final = """# Third-party software

Made from `requirements-image.lock` and the metadata of the packages by `make third-party`; a test fails while it is
out of date. It lists what the image and `pip install 'leadgauge[feeds,oidc,postgres,traces]'` install on Linux.

One thing is copied into leadgauge's own files: the names of countries in `meaning/countries.txt`, which are those of
Debian's iso-codes, by way of pycountry. That file is under the LGPL-2.1-or-later, whose text is beside it; it is plain
text, made by `reference/countries.py`, and can be replaced in an installed leadgauge.

## With conditions for whoever passes them on

psycopg and psycopg-binary are under the LGPL, certifi and orjson in part under the MPL. leadgauge uses them
unmodified, as packages of their own that can be replaced. A container or an installation may be passed on with them,
together with their licences, which are in each package's `*.dist-info`, and with their sources, which are on the
package index under the same version. psycopg and its binary come only with the extra `postgres`.

"""


def pinned(lock: Path = LOCK) -> dict[str, str]:
    """Return the version of each package that a lock installs on Linux."""
    found = _PINNED.findall(lock.read_text(encoding="utf-8"))
    return {name: version for name, version, marker in found if not marker or Marker(marker).evaluate(_LINUX)}


def licence(package: Distribution) -> str:
    """Return the licence of a package as its metadata says it."""
    said = package.metadata
    if "License-Expression" in said:
        return said["License-Expression"]
    classified = [one.rpartition(" :: ")[2] for one in said.get_all("Classifier") or () if one.startswith("License ::")]
    stated = said["License"].strip().partition("\n")[0] if "License" in said else ""
    return " AND ".join(one for one in classified if one != "OSI Approved") or stated or "see its files"


def rendered() -> str:
    """Return the page."""
    rows = [[name, version, licence(distribution(name))] for name, version in sorted(pinned().items())]
    headings = ["package", "version", "licence"]
    obliged = [row for row in rows if any(part in row[2] or "Mozilla" in row[2] for part in OBLIGED)]
    return f"{_HEAD}{table(headings, obliged)}\n\n## All\n\n{table(headings, rows)}\n"


if __name__ == "__main__":
    PAGE.write_text(rendered(), encoding="utf-8")
