"""Faults of CRMs and networks, switched on by name and drawn from a seed."""

import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any, Final, Literal

LIKELY: Final = 0.05


@dataclass(frozen=True, slots=True)
class Kind:
    """A fault that can be switched on."""

    says: str
    takes: Literal["number", "word", "chance"] = "number"
    """The type of ARG in `NAME:ARG`."""
    chance: float = LIKELY
    """Chance per call, unless ARG sets it."""


def drawn(says: str, chance: float = LIKELY) -> Kind:
    """Return a fault that strikes at random with the chance ARG."""
    return Kind(says, "chance", chance)


def hostile(sent: str | None) -> str:
    """Return a hostile error text: it repeats the request and names a person.

    Validation messages repeat the value they refuse, and users of both CRMs can write such messages.
    """
    return (
        "Property \x1b]0;owned\x07\x1b[2J\x1b[31mvalue\u202egnp.exe [bold red]markup[/] :warning: was refused\r\n"
        "2026-01-01 00:00:00 ERROR   main: forged line\n"
        f"for Anna.Meier+crm@customer.example, who sent Authorization: {sent or 'nothing'}\x9b1m " + "and so on " * 500
    )


class UnknownFault(ValueError):  # noqa: N818 - named for what it is about
    """The fault does not exist, or its argument is not a number."""


@dataclass(slots=True)
class Fault:
    """A fault that is switched on."""

    argument: str | None
    chance: float
    times: int | None = None
    """How many more times it strikes; None for no limit."""
    path: str = ""
    """Strikes only paths that contain this, or end with it if a `$` follows; empty for all."""
    skip: int = 0
    """How many matching calls to let through first."""
    each: bool = False
    """Whether `times` and `skip` count per path."""
    met: Counter[str] = field(default_factory=Counter)
    """Calls struck or let through, by path."""

    def number(self, default: float) -> float:
        """Return the argument as a number, or the default."""
        return float(self.argument) if self.argument else default

    def meets(self, path: str) -> bool:
        """Count a call and return whether to strike it."""
        counted = path if self.each else ""
        self.met[counted] += 1
        return self.skip < self.met[counted] <= (inf if self.times is None else self.skip + self.times)

    @property
    def spent(self) -> bool:
        """Whether it has used up `times` (or struck once, if unset), on any path if counted per path."""
        return any(count >= self.skip + (self.times or 1) for count in self.met.values())


class Faults:
    """The faults of a CRM that are on, and the draws that decide whether they strike."""

    def __init__(self, known: Mapping[str, Kind], seed: int) -> None:
        """Start with none; the same seed strikes the same calls of each path, in any order of paths."""
        self.known = known
        self._seed, self._random = seed, random.Random(seed)
        self._draws: Counter[tuple[str, str]] = Counter()
        self._on: dict[str, Fault] = {}

    def set(self, name: str, argument: object = None, **limits: Any) -> Fault:
        """Switch a fault on, with the limits of `Fault`; with `times` it always strikes. Raises `UnknownFault`."""
        if name not in self.known:
            raise UnknownFault(f"There is no fault '{name}'; choose from {', '.join(self.known)}.")
        kind, spelled = self.known[name], None if argument is None else str(argument)
        number = None if kind.takes == "word" or not spelled else _number(name, spelled)
        likely = kind.chance if kind.takes != "chance" or number is None else number
        self._on[name] = Fault(spelled, likely if limits.get("times") is None else 1.0, **limits)
        return self._on[name]

    def clear(self, name: str | None = None) -> None:
        """Switch one fault off, or all of them."""
        if name is None:
            self._on.clear()
        else:
            self._on.pop(name, None)

    def active(self, name: str) -> Fault | None:
        """Return a fault if it is on."""
        return self._on.get(name)

    def told(self) -> dict[str, Any]:
        """Return the faults that are on with their arguments, and a description of each known fault."""
        on = {name: fault.argument for name, fault in self._on.items()}
        return {"on": on, "known": {name: kind.says for name, kind in self.known.items()}}

    def strikes(self, name: str, path: str = "") -> bool:
        """Draw whether a fault strikes a call."""
        fault = self._on.get(name)
        if fault is None or fault.path not in f"{path}$" or self._draw(name, path) >= fault.chance:
            return False
        return fault.meets(path)

    def _draw(self, name: str, path: str) -> float:
        self._draws[name, path] += 1
        return random.Random(f"{self._seed} {name} {path} {self._draws[name, path]}").random()

    def dice(self, name: str, path: str) -> random.Random:
        """Return the random generator for the details of a fault's next strike on a path."""
        return random.Random(f"{self._seed} {name} {path} {self._draws[name, path]} details")

    def counts_down(self, name: str) -> bool:
        """Count a call and return whether a fault that lets some calls through now applies."""
        fault = self._on.get(name)
        if fault is None:
            return False
        left = fault.number(0)
        fault.argument = str(max(0, left - 1))
        return left <= 0

    def shuffle(self, rows: list[Any]) -> None:
        """Shuffle rows."""
        self._random.shuffle(rows)

    def seed_of(self) -> int:
        """Draw a seed for something else, such as an order of rows."""
        return self._random.getrandbits(32)


def spelled(text: str) -> Iterator[tuple[str, str | None]]:
    """Yield the name and argument of each fault in `NAME,NAME:ARG,…`."""
    for each in filter(None, (part.strip() for part in text.split(","))):
        name, _, argument = each.partition(":")
        yield name, argument or None


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise UnknownFault(f"The argument of fault '{name}' must be a number, not '{text}'.") from None
