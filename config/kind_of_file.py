"""Whether a file is a scorecard or settings."""

from config.documents import Document
from config.mistakes import ConfigError, Mistake
from config.settings import Settings
from scoring import Scorecard


def is_scorecard(document: Document) -> bool:
    """Tell a scorecard from settings by the options that stand in it; raises ConfigError where it is neither."""
    of_scorecard = len(document.data.keys() & Scorecard.model_fields.keys())
    of_settings = len(document.data.keys() & Settings.model_fields.keys())
    if of_scorecard == of_settings:
        message = "this is neither settings nor a scorecard."
        remedy = "Settings have `connections`, a scorecard has `scorecard`, `fields` and `score`."
        raise ConfigError([Mistake(document.file, None, "", message, remedy)])
    return of_scorecard > of_settings
