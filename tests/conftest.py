"""What holds for every test."""

import os

from hypothesis import settings

# A deadline would be an assertion of time, and a machine under load would fail it. CI judges a commit, so it draws
# the same examples each time; everywhere else new ones are drawn, which is how rare mistakes are found.
settings.register_profile("leadgauge", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("leadgauge")
