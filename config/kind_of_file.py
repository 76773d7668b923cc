"""Tells scorecards from settings files."""

from config.documents import Document
from config.mistakes import ConfigError, Mistake
from config.settings import Settings
from scoring import Scorecard


def is_scorecard(document: Document) -> bool:
    """Return whether a document is a scorecard. Raise ConfigError if it is neither that nor a settings file."""
    of_scorecard = len(document.data.keys() & Scorecard.model_fields.keys())
    of_settings = len(document.data.keys() & Settings.model_fields.keys())
    if of_scorecard == of_settings:
        message = "this is neither a settings file nor a scorecard."
        remedy = "A settings file has `connections`; a scorecard has `scorecard`, `fields` and `score`."
        raise ConfigError([Mistake(document.file, None, "", message, remedy)])
    return of_scorecard > of_settings
