"""Sharing what SQLAlchemy compiled among all stores of a process, since each test opens its own.

A statement is compiled for a dialect, and each engine has one of its own; those of a database are all alike.
"""

from functools import cache
from typing import Any

from sqlalchemy import Dialect, Engine, create_engine
from sqlalchemy.util import LRUCache


def sharing(*given: Any, **options: Any) -> Engine:
    """Create an engine as SQLAlchemy does, with the compiled statements of others."""
    engine = create_engine(*given, **options)
    engine.dialect.__class__ = _alike(type(engine.dialect))
    engine._compiled_cache = _compiled(engine.dialect.name)
    return engine


@cache
def _alike(kind: type[Dialect]) -> type[Dialect]:
    """Return a kind of dialect of which all are equal."""
    equal = {"__eq__": lambda self, other: type(self) is type(other), "__hash__": lambda _: hash(kind)}
    return type(kind.__name__, (kind,), {**equal, "supports_statement_cache": True})


@cache
def _compiled(_database: str) -> LRUCache[Any, Any]:
    return LRUCache(5_000)
