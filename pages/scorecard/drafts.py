"""A draft: the text of a scorecard that somebody edits. It travels with the form, so that a restart loses none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import unified_diff
from pathlib import Path

from config import Mistake
from config.loading import mismatches_with
from config.mistakes import in_short
from connectors.plain_files import NotPlain
from pages.scorecard import card_file
from pages.scorecard.card_file import Reading
from pages.scorecard.forms import Refusal, filled
from pages.scorecard.merging import Merged, Side, merged
from pages.scorecard.proposals import NoProposal, Proposals
from pages.viewing import View
from scoring import Scorecard


@dataclass(frozen=True, slots=True)
class Source:
    """The proposal that a draft was made from, put into the scorecard of today."""

    number: int
    side: Side
    """Whose lines are taken where the proposal and somebody else changed the same."""
    base: str | None
    """The text that the proposal was made from; None if it is not kept."""
    text: str
    """The text of the proposal."""
    merged: Merged

    @property
    def own(self) -> list[tuple[str, str]]:
        """What the proposal changes by itself, as lines."""
        return [] if self.base is None else difference(self.base, self.text)


@dataclass(frozen=True, slots=True)
class Draft:
    """An edited text, and the text of the file that it was made from."""

    reading: Reading
    base: str
    """The digest of what the file held when the draft was begun."""
    live: str
    """What the file holds now."""
    capacity: int | None
    refused: Sequence[Refusal]
    """Fields of the form that could not be used."""
    mistakes: Sequence[Mistake]
    """What keeps the card from being used with these settings."""
    source: Source | None = None

    @property
    def card(self) -> Scorecard | None:
        """The scorecard; None while the text has mistakes."""
        return None if self.mistakes else self.reading.card

    @property
    def is_outdated(self) -> bool:
        """Whether the file was changed since the draft was begun."""
        return card_file.digest_of(self.live) != self.base

    @property
    def is_changed(self) -> bool:
        """Whether the draft differs from the file."""
        return self.reading.text != self.live

    @property
    def changes(self) -> list[tuple[str, str]]:
        """What the draft changes in the file as it is now, as lines."""
        return difference(self.live, self.reading.text)


def difference(before: str, after: str) -> list[tuple[str, str]]:
    """Return the lines by which two texts differ, each as `gone`, `new` or `same`, with what is around them."""
    lines = list(unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=2))[2:]
    kinds = {"-": "gone", "+": "new", "@": "at"}
    return [(kinds.get(line[:1], "same"), line) for line in lines]


def begun(view: View) -> Draft:
    """Return a draft of what the file holds; raise `NotPlain` if it cannot be read."""
    return of_text(view, live_of(view))


def proposals_of(view: View) -> Proposals:
    """Return the proposals for the scorecard that a page is about."""
    return Proposals(card_file.file_of(view.job, view.box), view.site.pages.proposals)


def source_of(view: View, number: int, side: Side = "today") -> Source:
    """Return a proposal put into the scorecard of today; raise `NoProposal` or `NotPlain`.

    What was changed on disk since it was made stays. If the text that it was made from is not kept, its own changes
    cannot be told from those, and its whole text is taken.
    """
    kept, live = proposals_of(view), live_of(view)
    text, base = _with_ends(kept.text(number), live), kept.base(number)
    if base is None:
        return Source(number, side, None, text, Merged(text))
    base = _with_ends(base, live)
    return Source(number, side, base, text, merged(base, text, live, side))


def reopened(view: View, number: int, side: Side) -> Draft:
    """Return a draft of what a proposal changes in the scorecard of today; raise `NoProposal` or `NotPlain`."""
    source = source_of(view, number, side)
    return replace(of_text(view, source.merged.text), source=source)


def side_of(given: Mapping[str, str]) -> Side:
    """Return whose lines are taken where a proposal and somebody else changed the same."""
    return "proposal" if given.get("overlaps") == "proposal" else "today"


def live_of(view: View) -> str:
    """Return what the file of a scorecard holds; raise `NotPlain`."""
    return card_file.text_of(card_file.file_of(view.job, view.box))


def of_text(
    view: View, text: str, base: str = "", refused: Sequence[Refusal] = (), capacity: int | None = None
) -> Draft:
    """Return a draft with a text. `base`: what it was made from; by default what the file holds now."""
    file, live = card_file.file_of(view.job, view.box), live_of(view)
    reading = card_file.read(text, file)
    mistakes = list(reading.mistakes)
    if reading.card is not None:
        mistakes += _mismatches(view, file, reading.card)
        mistakes += _lacking(view, reading.card)
    return Draft(
        reading, base or card_file.digest_of(live), live, capacity or view.job.connection.capacity, refused, mistakes
    )


def _mismatches(view: View, file: Path, card: Scorecard) -> list[Mistake]:
    """Return how a card would not fit the settings, of every connection that uses its file."""
    jobs = [view.site.job(name) for name in view.site.connections]
    using = [
        job.connection for job in jobs if any(use.file.resolve() == file.resolve() for use in job.connection.scorecards)
    ]
    return [wrong for connection in using for wrong in mismatches_with(connection, file, card)]


def _lacking(view: View, card: Scorecard) -> list[Mistake]:
    """Return a mistake if the page is about accounts and the edited card scores none."""
    if view.of == "leads" or (card.accounts is not None and card.accounts.scored):
        return []
    file = in_short(card_file.file_of(view.job, view.box))
    remedy = "Edit it on the page about leads."
    return [Mistake(file, None, "accounts", "the edited card scores no accounts any more.", remedy)]


def drafted(view: View, form: Mapping[str, str]) -> Draft:
    """Return the draft that a form holds: its text, with what differs in its fields."""
    live = live_of(view)
    text = _with_ends(form.get("text", live), live)
    made = filled(text, form, card_file.file_of(view.job, view.box))
    capacity = form.get("capacity", "").strip()
    given = int(capacity) if capacity.isascii() and capacity.isdigit() and 0 < int(capacity) < 10**9 else None
    draft = of_text(view, made.text, form.get("base", ""), made.refused, given)
    return replace(draft, source=_source_in(view, form))


def _source_in(view: View, form: Mapping[str, str]) -> Source | None:
    """Return the proposal that a form was begun from; None if it was begun from the file."""
    number = form.get("proposal", "")
    try:
        return source_of(view, int(number), side_of(form)) if number.isdecimal() else None
    except NoProposal:  # its file was taken away or changed meanwhile; the draft needs it no more
        return None


def _with_ends(text: str, live: str) -> str:
    """Return a text with the line ends of the file: a browser sends its own."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return plain.replace("\n", "\r\n") if "\r\n" in live else plain


__all__ = [
    "Draft",
    "NotPlain",
    "begun",
    "drafted",
    "live_of",
    "of_text",
    "proposals_of",
    "reopened",
    "side_of",
    "source_of",
]
