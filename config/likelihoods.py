"""The fitted file of a likelihood: read and written as a whole."""

from pathlib import Path

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from connectors.plain_files import NotPlain, read_text
from scoring import Likelihood


class LikelihoodError(ValueError):
    """A likelihood file cannot be used; says what to change."""

    exit_code = 2


def load_likelihood(path: Path | str) -> Likelihood:
    """Read a file written by `calibrate`; `LikelihoodError` says what is wrong with it."""
    try:
        return Likelihood.model_validate(YAML(typ="safe", pure=True).load(read_text(Path(path))))
    except NotPlain as problem:
        raise LikelihoodError(f"{path}: {problem.reason}. {problem.remedy}") from problem
    except (YAMLError, RecursionError, ValidationError) as error:
        raise LikelihoodError(f"{path}: is no likelihood file: {error}. Write it anew with `calibrate`.") from error


def save_likelihood(likelihood: Likelihood, path: Path | str) -> None:
    """Write the file as YAML, replacing it as a whole."""
    target = Path(path)
    draft = target.with_name(f".{target.name}.draft")
    with draft.open("w", encoding="utf-8") as file:
        file.write("# Written by `leadgauge calibrate`: the chance to convert within the horizon, in log-odds.\n")
        YAML(typ="safe", pure=True).dump(likelihood.model_dump(mode="json", by_alias=True, exclude_none=True), file)
    draft.replace(target)
