"""What every template does with texts that come from elsewhere."""

from pages.rendering import TEMPLATES

TURNED = "\u202eevil\u202c name"


def test_signs_that_turn_a_line_are_dropped_on_every_page() -> None:
    """A name with an override of the direction is shown without it, as text and as code."""
    shown = TEMPLATES.from_string("{{ name }} {{ ('`' ~ name ~ '`') | coded }}").render(name=TURNED)
    assert shown == "evil name <code>evil name</code>"


def test_what_a_form_sends_back_is_as_it_was() -> None:
    """A value that is marked with `e` keeps every sign and is escaped: a form must give back what it got."""
    shown = TEMPLATES.from_string('<input value="{{ name | e }}">').render(name=f'{TURNED}"')
    assert shown == f'<input value="{TURNED}&#34;">'
