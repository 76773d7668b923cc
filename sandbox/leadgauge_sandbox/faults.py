"""The unpleasant things that CRMs and networks do now and then, switched on by name and drawn from a seed."""

import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any, Final, Literal

LIKELY: Final = 0.05


@dataclass(frozen=True, slots=True)
class Kind:
    """One fault that a CRM has."""

    says: str
    takes: Literal["number", "word", "chance"] = "number"
    """What ARG is in `NAME:ARG`."""
    chance: float = LIKELY
    """How likely it strikes a call unless ARG says so."""


def drawn(says: str, chance: float = LIKELY) -> Kind:
    """Return a fault that strikes at random, by the chance ARG."""
    return Kind(says, "chance", chance)


def hostile(sent: str | None) -> str:
    """Return error text as whoever may write into a CRM can make it: it repeats what was sent, a person, and more.

    Validation messages repeat the value that they refuse, and both CRMs let people write such rules themselves.
    """
    return (
        "Property \x1b]0;owned\x07\x1b[2J\x1b[31mvalue\u202egnp.exe [bold red]markup[/] :warning: was refused\r\n"
        "2026-01-01 00:00:00 ERROR   main: forged line\n"
        f"for Anna.Meier+crm@customer.example, who sent Authorization: {sent or 'nothing'}\x9b1m " + "and so on " * 500
    )


class UnknownFault(ValueError):  # noqa: N818 - named for what it is about
    """There is no fault of that name, or its argument is no number."""


@dataclass(slots=True)
class Fault:
    """One fault that is on."""

    argument: str | None
    chance: float
    times: int | None = None
    """How many more times it strikes; None for ever."""
    path: str = ""
    """Part of the paths it strikes, their end where a `$` follows; empty for all."""
    skip: int = 0
    """How many calls that it would strike it lets through first."""
    each: bool = False
    """True where `times` and `skip` count for each path alone."""
    met: Counter[str] = field(default_factory=Counter)
    """The calls that it struck or let through, by path."""

    def number(self, default: float) -> float:
        """Return the argument as a number, or what it is where none was given."""
        return float(self.argument) if self.argument else default

    def meets(self, path: str) -> bool:
        """Count a call, and return whether it is one of those to strike."""
        counted = path if self.each else ""
        self.met[counted] += 1
        return self.skip < self.met[counted] <= (inf if self.times is None else self.skip + self.times)

    @property
    def spent(self) -> bool:
        """Whether it has struck as often as it may; where each path counts alone, whether it has struck at all."""
        return any(count >= self.skip + (self.times or 1) for count in self.met.values())


class Faults:
    """Which faults of a CRM are on, and whether they strike."""

    def __init__(self, known: Mapping[str, Kind], seed: int) -> None:
        """Start with none; the same seed strikes at the same calls of each path, whatever comes in between."""
        self.known = known
        self._seed, self._random = seed, random.Random(seed)
        self._draws: Counter[tuple[str, str]] = Counter()
        self._on: dict[str, Fault] = {}

    def set(self, name: str, argument: object = None, **limits: Any) -> Fault:
        """Switch a fault on, with the limits of `Fault`: certain where `times` is given; raises `UnknownFault`."""
        if name not in self.known:
            raise UnknownFault(f"There is no fault '{name}'; choose from {', '.join(self.known)}.")
        kind, spelled = self.known[name], None if argument is None else str(argument)
        number = None if kind.takes == "word" or not spelled else _number(name, spelled)
        likely = kind.chance if kind.takes != "chance" or number is None else number
        self._on[name] = Fault(spelled, likely if limits.get("times") is None else 1.0, **limits)
        return self._on[name]

    def clear(self, name: str | None = None) -> None:
        """Switch one fault off, or all."""
        if name is None:
            self._on.clear()
        else:
            self._on.pop(name, None)

    def active(self, name: str) -> Fault | None:
        """Return a fault that is on."""
        return self._on.get(name)

    def told(self) -> dict[str, Any]:
        """Return which faults are on, with their arguments, and what each known one does."""
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
        """Return what draws the details of a fault's next strike at a path."""
        return random.Random(f"{self._seed} {name} {path} {self._draws[name, path]} details")

    def counts_down(self, name: str) -> bool:
        """Tell whether a fault that lets some calls through has come into force; each call counts."""
        fault = self._on.get(name)
        if fault is None:
            return False
        left = fault.number(0)
        fault.argument = str(max(0, left - 1))
        return left <= 0

    def shuffle(self, rows: list[Any]) -> None:
        """Bring rows into a drawn order."""
        self._random.shuffle(rows)

    def seed_of(self) -> int:
        """Draw a seed for something else, such as an order of rows."""
        return self._random.getrandbits(32)


def spelled(text: str) -> Iterator[tuple[str, str | None]]:
    """Yield name and argument of the faults spelled `NAME,NAME:ARG,…`."""
    for each in filter(None, (part.strip() for part in text.split(","))):
        name, _, argument = each.partition(":")
        yield name, argument or None


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise UnknownFault(f"The argument of fault '{name}' must be a number, not '{text}'.") from None
