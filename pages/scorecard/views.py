"""The page of a scorecard."""

from pathlib import Path

from starlette.responses import Response

from connectors.plain_files import NotPlain
from pages.scorecard import card_file, counting
from pages.scorecard.card_file import Reading
from pages.scorecard.desk import Count, desk_of
from pages.scorecard.drafts import proposals_of
from pages.scorecard.reading import in_words
from pages.viewing import View, about_a_scorecard
from watch.rules import NAME
from watch.tables import join, key


@about_a_scorecard
def shown(view: View) -> Response:
    """Show the scorecard in use in words."""
    file = card_file.file_of(view.job, view.box)
    linted, mine = _linted(view, file)
    slips = linted.result.slips if linted is not None and linted.result is not None and mine else ()
    figures = counting.figures(desk_of(view.site), view.job, view.box) if view.of == "leads" else None
    return view.render(
        "scorecard/card.html",
        read=in_words(view.box.card, slips),
        file=file,
        is_on_disk=mine,
        also=_also(view),
        figures=figures,
        busy=any(one is not None and not one.is_over for one in (figures, linted)),
        waiting=_waiting(view),
        records=lambda part, rule: view.url("report/records", key=join(key(NAME, part, rule), "fired")),
    )


def _linted(view: View, file: Path) -> tuple[Count | None, bool]:
    """Return what the file says now with its lint, a second of work for a large card, and whether that is in use."""
    try:
        text = card_file.text_of(file)
    except NotPlain:
        return None, False
    name = ("read", str(file), card_file.digest_of(text))
    read = desk_of(view.site).counted(name, lambda _: card_file.read(text, file), quick=True)
    if not isinstance(read.result, Reading):
        return read, True
    card = read.result.card
    return read, card is not None and card.digest == card_file.use_of(view.job, view.box).card.digest


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
