"""Read a score from a file that holds HubSpot's answer, and say by its JSON path what is not of the published shape."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import orjson
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from config.importing.hubspot.associations import NAMES
from config.importing.hubspot.objects import KINDS
from config.importing.hubspot.shapes import Score
from config.mistakes import ConfigError, Mistake, in_short
from config.translation import path_in
from connectors.plain_files import NotPlain, read_text

ONE: Final = "Fetch one score: GET /marketing/lead-scoring/2027-03-beta/scores/{scoreId}."
SHAPE: Final = "The published shape is PublicScoreConfiguration of HubSpot's Lead Scoring API (docs/importing.md)."


def read_score(path: Path) -> Score:
    """Return the score in a JSON file. Raise ConfigError with everything that is not of the published shape."""
    name = in_short(path)
    raw = _parsed(path, name)
    if not isinstance(raw, Mapping):
        raise ConfigError([Mistake(name, None, "", "this is not a JSON object.", ONE)])
    if "groupConfigs" not in raw and "results" in raw:
        raise ConfigError([Mistake(name, None, "results", "this is a list of scores without their rules.", ONE)])
    raw = _without_nulls(raw)
    try:
        score = Score.model_validate(raw)
    except ValidationError as problem:
        raise ConfigError([_mistake(details, raw, name) for details in problem.errors(include_url=False)]) from None
    if score.object not in KINDS:
        what = NAMES.get(score.object, f"objects of the type {score.object}")
        message = f"this is a score of {what}, and leadgauge scores contacts and companies."
        raise ConfigError([Mistake(name, None, "objectTypeId", message, ONE)])
    return score


def _parsed(path: Path, name: str) -> Any:
    try:
        return orjson.loads(read_text(path))
    except NotPlain as problem:
        raise ConfigError([Mistake(name, None, "", f"{problem.reason}.", problem.remedy)]) from None
    except orjson.JSONDecodeError as problem:
        said = f"this is not JSON: {problem.msg[:1].lower()}{problem.msg[1:]}."
        raise ConfigError([Mistake(name, problem.lineno, "", said, ONE, column=problem.colno)]) from None


def _without_nulls(raw: Any) -> Any:
    """Return the data without keys that are null: HubSpot writes an option that is not set in either way."""
    if isinstance(raw, Mapping):
        return {key: _without_nulls(value) for key, value in raw.items() if value is not None}
    return [_without_nulls(value) for value in raw] if isinstance(raw, list) else raw


def _mistake(details: ErrorDetails, raw: Any, name: str) -> Mistake:
    path = path_in(raw, details)
    if details["type"] == "extra_forbidden":
        path = (*path, details["loc"][-1]) if path[-1:] != details["loc"][-1:] else path
        return Mistake(name, None, json_path(path), "this is not of the published shape.", SHAPE)
    if details["type"] == "missing":
        return Mistake(name, None, json_path(path), "this is missing.", SHAPE)
    if details["type"] in {"union_tag_invalid", "literal_error"}:
        known = details["ctx"].get("expected_tags", details["ctx"].get("expected", "")).replace("'", "")
        given = details["ctx"].get("tag", details["input"])
        return Mistake(name, None, json_path(path), f"'{given}' is not known.", f"Known are {known}.")
    if details["type"] == "union_tag_not_found":
        selector = str(details["ctx"]["discriminator"]).split("'")[-2]
        return Mistake(name, None, json_path(path), f"its `{selector}` is missing.", SHAPE)
    if details["type"] == "value_error":
        return Mistake(name, None, json_path(path), f"{details['ctx']['error']}.")
    return Mistake(name, None, json_path(path), f"{details['msg'][:1].lower()}{details['msg'][1:]}.", SHAPE)


def json_path(path: Sequence[str | int]) -> str:
    """Return a path as JSON tools write it: `groupConfigs[0].ruleConfigurations[2]`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")
