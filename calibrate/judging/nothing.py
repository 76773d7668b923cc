"""The result when no rule is learned: nothing tells leads apart, so there is no card and no likelihood to propose."""

from typing import Final

from calibrate.judging.gate import Condition, Gate
from vocabulary.outputs import Of

STANDING: Final = "nothing found"


def said(fields: int, signals: int, units: Of) -> str:
    """Return the result in words, with how many fields and kinds of activity were tried."""
    tried = [_counted(fields, "field", "fields"), _counted(signals, "kind of activity", "kinds of activity")]
    where = " and ".join(one for one in tried if one)
    found = f"Nothing was found that tells {units} apart: no difference in {where} is clearer than chance."
    return f"{found} No scorecard and no likelihood are proposed."


def _counted(number: int, one: str, more: str) -> str:
    return f"{number} {one if number == 1 else more}" if number else ""


def closed(message: str) -> Gate:
    """Return a gate that stays shut."""
    return Gate((Condition("rules", met=False, message=message),))
