"""`python -m crm`: rewrite the generated files of the repository."""

import sys

from crm.projects import refresh

sys.stdout.write(f"{refresh()} generated files\n")
