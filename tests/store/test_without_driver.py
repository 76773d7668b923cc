"""Without the extra `[postgres]`, an address of PostgreSQL is answered in words."""

import subprocess
import sys

WITHOUT = (
    "import sys; sys.modules['psycopg'] = None; from store import Store; Store.open('postgresql://me@localhost/leads')"
)


def test_the_missing_driver_is_named_with_its_extra() -> None:
    """The error names the extra to install; the address's parts are not repeated."""
    done = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True, check=False)
    assert "StoreError" in done.stderr
    assert "pip install 'leadgauge[postgres]'" in done.stderr
    assert "me@localhost" not in done.stderr.splitlines()[-1]
