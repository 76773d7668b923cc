"""Tells scorecards from settings files."""

from typing import Literal

from config.documents import Document
from config.mistakes import ConfigError, Mistake
from config.settings import Settings
from scoring import Scorecard


def expect(document: Document, kind: Literal["settings", "scorecard"]) -> None:
    """Raise ConfigError if a document clearly is of the other kind: its options would all be called unknown."""
    clear = document.data.keys() & ({"connections", "database"} if kind == "scorecard" else {"scorecard", "score"})
    own = document.data.keys() & ({"scorecard", "score"} if kind == "scorecard" else {"connections", "database"})
    if clear and not own:
        said, wanted = ("settings", "a scorecard") if kind == "scorecard" else ("a scorecard", "a settings file")
        message = f"this file has {said}, and {wanted} belongs here."
        raise ConfigError([Mistake(document.file, None, "", message, f"Name {wanted} instead.")])


def is_scorecard(document: Document) -> bool:
    """Return whether a document is a scorecard. Raise ConfigError if it is neither that nor a settings file."""
    of_scorecard = len(document.data.keys() & Scorecard.model_fields.keys())
    of_settings = len(document.data.keys() & Settings.model_fields.keys())
    if of_scorecard == of_settings:
        message = "this is neither a settings file nor a scorecard."
        remedy = "A settings file has `connections`; a scorecard has `scorecard`, `fields` and `score`."
        raise ConfigError([Mistake(document.file, None, "", message, remedy)])
    return of_scorecard > of_settings
