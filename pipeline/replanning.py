"""What a change of the settings makes a pass read again, in words."""

from collections.abc import Mapping

from store.mirror.planning import Replanned


def replanned(found: Replanned, labels: Mapping[str, str]) -> str:
    """Return a sentence about what is read again or left out because the settings changed; empty if nothing is."""
    again = ", ".join(labels[name] for name in found.again)
    off = ", ".join(found.off)
    parts = [f"read again from the start: {again}"] if again else []
    parts += [f"no longer read, and removed from the mirror: {off}"] if off else []
    return f"The settings changed; {'; '.join(parts)}." if parts else ""
