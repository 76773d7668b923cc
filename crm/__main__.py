"""`python -m crm`: rewrite the generated files of both projects."""

import sys

from crm.projects import refresh

for name, count in refresh().items():
    sys.stdout.write(f"crm/{name}: {count} generated files\n")
