"""Fields that are declared and that nothing asks for."""

from collections.abc import Iterator

from config.lint.scene import Scene, Slip
from scoring.conditions import named_fields


def slips(scene: Scene) -> Iterator[Slip]:
    """Yield the declared fields that no rule, criterion, stage, urgency or priority names."""
    used = named_fields(scene.card)
    for name in scene.card.fields:
        if name not in used:
            message = f"the field `{name}` is declared and not used."
            yield Slip(("fields", name), message, "Use it in a rule, or take it out.", (name,))
