"""The page of a scorecard."""

from starlette.responses import Response

from connectors.plain_files import NotPlain
from pages.scorecard import card_file, counting
from pages.scorecard.card_file import Reading
from pages.scorecard.editing import proposals_of
from pages.scorecard.reading import in_words
from pages.viewing import View, about_a_scorecard


@about_a_scorecard
def shown(view: View) -> Response:
    """Show the scorecard in use in words."""
    file = card_file.file_of(view.job, view.box)
    reading = _on_disk(view)
    mine = (
        reading is not None
        and reading.card is not None
        and reading.card.digest == card_file.use_of(view.job, view.box).card.digest
    )
    slips = reading.slips if reading is not None and mine else ()
    read = in_words(view.box.card, slips)
    figures = counting.figures(view.site.desk, view.job, view.box) if view.of == "leads" else None
    return view.render(
        "scorecard/card.html",
        read=read,
        file=file,
        is_on_disk=mine,
        also=_also(view),
        figures=figures,
        waiting=_waiting(view),
        link=view.job.mirror.links().of,
    )


def _on_disk(view: View) -> Reading | None:
    """Return what the file says now; None if it cannot be read."""
    file = card_file.file_of(view.job, view.box)
    try:
        return card_file.read(card_file.text_of(file), file)
    except NotPlain:
        return None


def _also(view: View) -> list[str]:
    """Return the other connections that use the same file."""
    file = card_file.file_of(view.job, view.box).resolve()
    jobs = [view.site.job(name) for name in view.site.connections if name != view.job.name]
    return [job.name for job in jobs if any(use.file.resolve() == file for use in job.connection.scorecards)]


def _waiting(view: View) -> int:
    """Return how many proposals nobody has decided on; 0 if the log cannot be read, which its own page says."""
    try:
        return sum(one.is_open for one in proposals_of(view).all())
    except NotPlain:
        return 0
