"""What holds for every test."""

from hypothesis import settings

# A deadline would be an assertion of time, and a machine under load would fail it.
settings.register_profile("leadgauge", deadline=None)
settings.load_profile("leadgauge")
