"""Fields that are declared but not used."""

from collections.abc import Iterator

from config.lint.scene import Scene, Slip
from scoring.card.walking import named_fields


def slips(scene: Scene) -> Iterator[Slip]:
    """Yield the declared fields that no rule, criterion, stage, urgency or priority uses."""
    used = named_fields(scene.card)
    for name in scene.card.fields:
        if name not in used:
            message = f"the field `{name}` is declared but not used."
            yield Slip(("fields", name), message, "Use it or remove it.", (name,))
