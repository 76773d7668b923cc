"""Walks the parts of a scorecard, whatever they are, with the names of what they belong to."""

from collections.abc import Iterator

from pydantic import BaseModel


def models(part: object, where: str, leaves: tuple[type[BaseModel], ...] = ()) -> Iterator[tuple[BaseModel, str]]:
    """Yield the models in a part, and where each is: the nearest name around it. What is inside `leaves` is left out.

    Examples are left out too.
    """
    if isinstance(part, BaseModel):
        yield part, where
        if isinstance(part, leaves):
            return
        name = getattr(part, "name", None) or getattr(part, "is_", None)
        inner = f"'{name}'" if isinstance(name, str) else where
        values = [getattr(part, field) for field in type(part).model_fields if field != "examples"]
        for value in (*values, *(part.__pydantic_extra__ or {}).values()):
            yield from models(value, inner, leaves)
    elif isinstance(part, dict):
        for name, value in part.items():
            yield from models(value, f"'{name}'" if isinstance(value, BaseModel) else where, leaves)
    elif isinstance(part, list | tuple):
        for value in part:
            yield from models(value, where, leaves)


def listed(places: Iterator[str] | list[str]) -> str:
    """Return places for a message, each once."""
    return ", ".join(dict.fromkeys(places))
