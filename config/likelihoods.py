"""Reads and writes the likelihood file."""

from pathlib import Path

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from connectors.plain_files import NotPlain, read_text
from scoring import Likelihood


class LikelihoodError(ValueError):
    """Raised if a likelihood file cannot be used; the message says what to change."""

    exit_code = 2


def load_likelihood(path: Path | str) -> Likelihood:
    """Read a file written by `calibrate`. Raise LikelihoodError if it is not valid."""
    try:
        return Likelihood.model_validate(YAML(typ="safe", pure=True).load(read_text(Path(path))))
    except NotPlain as problem:
        raise LikelihoodError(f"{path}: {problem.reason}. {problem.remedy}") from problem
    except (YAMLError, RecursionError, ValidationError) as error:
        raise LikelihoodError(
            f"{path} is not a likelihood file: {error}. Run `calibrate` to write it again."
        ) from error


def save_likelihood(likelihood: Likelihood, path: Path | str) -> None:
    """Write the file as YAML, replacing the old one in a single step."""
    target = Path(path)
    draft = target.with_name(f".{target.name}.draft")
    with draft.open("w", encoding="utf-8") as file:
        within = "" if likelihood.horizon is None else " within the horizon"
        file.write(f"# Written by `leadgauge calibrate`: the chance of converting{within}, in log-odds.\n")
        YAML(typ="safe", pure=True).dump(likelihood.model_dump(mode="json", by_alias=True, exclude_none=True), file)
    draft.replace(target)
