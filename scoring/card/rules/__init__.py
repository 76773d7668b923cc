"""The rule types. To add one, write a module in this folder and add its class to `TYPES`."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Final, Union

from pydantic import ValidationInfo, ValidatorFunctionWrapHandler, WrapValidator

from scoring.card.rules.activity import ActivityRule
from scoring.card.rules.base import BaseRule, Conditional, Decaying, Given, Naming
from scoring.card.rules.lead import LeadRule
from scoring.card.rules.number import NumberRule
from scoring.card.rules.people import CoverageRule, PersonRule
from scoring.card.rules.table import TableRule

__all__ = [
    "TYPES",
    "ActivityRule",
    "BaseRule",
    "Conditional",
    "CoverageRule",
    "Decaying",
    "Given",
    "LeadRule",
    "Naming",
    "NumberRule",
    "PersonRule",
    "Rule",
    "TableRule",
]

TYPES: Final[tuple[type[BaseRule], ...]] = (LeadRule, TableRule, NumberRule, ActivityRule)
"""All rule types, in the order of the documentation."""


def _by_key(raw: object, handler: ValidatorFunctionWrapHandler, info: ValidationInfo) -> object:
    """Choose the type of a rule by its key, so that mistakes are reported for that type only."""
    if not isinstance(raw, Mapping):
        return handler(raw)
    keys = {rule.key: rule for rule in TYPES}
    chosen = [key for key in keys if key in raw]
    if len(chosen) != 1:
        *others, last = (f"`{key}`" for key in keys)
        raise ValueError(f"a rule must have exactly one of {', '.join(others)} and {last}: write one of them")
    return keys[chosen[0]].model_validate(raw, context=info.context)


if TYPE_CHECKING:
    Rule = BaseRule
else:
    Rule = Annotated[Union[TYPES], WrapValidator(_by_key)]  # noqa: UP007 - the members come from a tuple
