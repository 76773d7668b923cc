import subprocess
import sys

POOL = """
import os, worker, connectors.hubspot, connectors.salesforce, connectors.hubspot.kinds, meaning.forms
names = [open(f"/proc/self/task/{task}/comm").read().strip() for task in os.listdir("/proc/self/task")]
print([name for name in names if name.startswith("polars-0")])
"""


def test_importing_the_connectors_starts_no_pool_of_polars() -> None:
    """A process forked after the pool started would wait for its threads forever."""
    done = subprocess.run([sys.executable, "-c", POOL], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
