"""A table of points becomes a scorecard that gives the same points, however people wrote it."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from config.checking import check_scorecard
from config.idle import read_text_of
from config.importing.findings import NotCarriedError
from config.importing.imported import Imported
from config.importing.spreadsheet import from_csv
from config.importing.spreadsheet.activities import kind_of
from config.importing.spreadsheet.options import decay, limit
from config.importing.spreadsheet.values import value
from config.loading import scorecard_in
from config.mistakes import ConfigError
from scoring import Scorecard
from tests.importing.scoring import Event, results

TABLE = """\
Lead scoring matrix 2026;;;;;
;;;;;
Category;Attribute;Value;Points;Decay;Limit
Demographic;Employee Count;1-10;0;;Once
;;11-1,000;10;;
;;1000+;+20;;
;Job title;CEO; CTO;20;;
;;contains Director, Head;15;;
;;other;2,5;;
;Country;Austria, Canada, France;10;;
;;Other;-5;;
;;unknown;1;;
;Student;;(30);;
Behavior;Pricing page;;25;50% per month;1/week
;Visits;1-2;5;half-life 30d;
;;3+;10;;
;Opened email;;1;;3 per week
;Playbook;;7;;every blue moon
;Total;;100;;
;Score decay;;reset;;
""".replace("CEO; CTO", '"CEO; CTO"')


def imported(folder: Path, text: str, encoding: str = "utf-8") -> tuple[Imported, Scorecard]:
    path = folder / "matrix.csv"
    path.write_text(text, encoding=encoding)
    made = from_csv(path)
    return made, scorecard_in(read_text_of(made.card))


def score(card: Scorecard, events: list[Event] | None = None, /, **lead: Any) -> int | None:
    found: int | None = results(card, lead, events or [])["lead_score"]
    return found


def test_a_matrix_of_a_spreadsheet_gives_the_points_that_a_person_works_out(tmp_path: Path) -> None:
    made, card = imported(tmp_path, TABLE)
    assert score(card, employee_count=1000.0) == 20 + 1  # where ranges touch, the upper one has it; no country
    assert score(card, employee_count=999.0, country="France", student=True) == 10 + 10 - 30
    assert score(card, job_title="cto", country="Peru") == 20 - 5
    assert score(card, job_title="Head of Sales", country="Peru") == 15 - 5
    assert score(card, job_title="Clerk", country="Canada") == 13  # 2.5 + 10, rounded
    page = [Event("page_view", days, url="https://x.example/pricing") for days in (31.0, 2.0, 2.1)]
    assert score(card, page, country="Peru") == -5 + round(25 * 0.5 + 25 + 10 * 2 ** (-2 / 30))
    told = [(one.place, one.loses) for one in made.findings]
    assert told == [("rows on 'Pricing page'", False), ("line 18", True), ("line 19", False), ("line 20", True)]
    assert "# line 18 is left out: Playbook: the limit 'every blue moon' cannot be read" in made.card


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Feld,Wert,Punkte\nLand,Österreich,10\n", "cp1252"),
        ("Score\tCriteria\tAnswer\n10\tLand\tÖsterreich\n", "utf-16"),
        ("Land|Österreich|10\n", "utf-8-sig"),
        ('"Land","Österreich","+10 pts"\r\n', "utf-8"),
        ("Points Assigned;Metric (short);Values\n\n10;Land;Österreich\n", "utf-8"),
    ],
)
def test_headers_separators_and_encodings_are_those_of_people(tmp_path: Path, text: str, encoding: str) -> None:
    _, card = imported(tmp_path, text, encoding)
    assert score(card, land="österreich") == 10


@pytest.mark.parametrize(
    ("text", "operator", "operand"),
    [
        ("11-50", "between", [11, 50]),
        ("11 \u2013 50 employees", "between", [11, 50]),
        ("$1m - $10m", "between", [1_000_000, 10_000_000]),
        ("10-50k", "between", [10_000, 50_000]),
        ("1,000+", "at_least", 1000),
        ("1000 or more", "at_least", 1000),
        ("\u2265 2,5", "at_least", 2.5),
        ("<10", "below", 10),
        ("up to 50%", "at_most", 50),
        ("more than 3 visits", "above", 3),
        ("-5", "is", -5),
        ("2nd level", "is", "2nd level"),
        ("01067", "is", "01067"),
        ("yes", "is", True),
        ("Nein", "is", False),
        ("CEO; CTO", "in", ["CEO", "CTO"]),
        ("Austria, Canada", "in", ["Austria", "Canada"]),
        ("`/pricing`, <br>`/sales`", "in", ["/pricing", "/sales"]),
        ("not in Austria, Canada", "not_in", ["Austria", "Canada"]),
        ("contains director", "contains", "director"),
        ("*director*", "contains", "director"),
        ("/blog/*", "starts_with", "/blog/"),
        ("*.edu", "ends_with", ".edu"),
        ("last 30 days", "within", "30d"),
        ("more than 2 months ago", "older_than", "60d"),
        ("Everything else", "otherwise", None),
        ("(blank)", "missing", None),
        ("*", "known", True),
    ],
)
def test_a_cell_asks_for_what_people_mean(text: str, operator: str, operand: object) -> None:
    found = value(text)
    assert (found.operator, found.operand) == (operator, operand)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("1/day", "1 per day"),
        ("3 times per week", "3 per week"),
        ("1/30 days", "1 per 30d"),
        ("1 / 6 months", "1 per 180d"),
        ("weekly", "1 per week"),
        ("Once", "1 ever"),
        ("max. 5 times", "5 ever"),
        ("Every time", None),
    ],
)
def test_a_limit_is_read(text: str, read: str | None) -> None:
    assert limit(text) == read


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("25% per month", {"steps": {"every": "30d", "lose": "25%"}}),
        ("-10% every 2 weeks", {"steps": {"every": "14d", "lose": "10%"}}),
        ("half-life: 30 days", {"half_life": "30d"}),
        ("90 days", {"lifespan": "90d"}),
        ("linearly over 12 weeks", {"lifespan": "84d"}),
        ("none", {}),
    ],
)
def test_a_decay_is_read(text: str, read: dict[str, Any]) -> None:
    assert decay(text) == read


def test_what_cannot_be_read_is_named() -> None:
    for read in (limit, decay):
        with pytest.raises(NotCarriedError, match="'now and then' cannot be read"):
            read("now and then")


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Opens marketing e-mail", "email_open"),
        ("Clicked link in newsletter", "email_click"),
        ("Visited pricing page", "page_view"),
        ("Registered for webinar", "webinar_register"),
        ("Attended conference", "event_attend"),
        ("Requested a demo", "demo_request"),
        ("Downloaded whitepaper", "content_download"),
        ("Unsubscribed from e-mail", "unsubscribe"),
        ("Something else", None),
    ],
)
def test_words_tell_the_kind_of_activity(words: str, kind: str | None) -> None:
    assert kind_of(words) == kind


@pytest.mark.parametrize(
    ("rows", "line", "why"),
    [
        ("Size,1-50,5\nSize,40-90,8\n", "line 3", "'40-90' is already in '1-50' of line 2"),
        ("Country,DE,5\nCountry,de; AT,8\n", "line 3", "'de; AT' is already in 'DE' of line 2"),
        ("Size,1-50,5\nSize,large,8\n", "line 2", "'1-50' is a number, and other rows have texts"),
        ("Size,1-50,\n", "line 2", "Size: there are no points"),
        ("Size,1-50,many\n", "line 2", "'many' is not a number of points"),
        (",1-50,5\n", "line 2", "there is no attribute"),
        ("Email clicks,0.5-2,5\n", "line 2", "'0.5-2' is no number of times"),
        ("Email clicks,1-3,5\nEmail clicks,3+,8\n", "line 3", "'3+' is already in '1-3' of line 2"),
    ],
)
def test_a_row_that_gives_no_rule_is_named_with_its_line(tmp_path: Path, rows: str, line: str, why: str) -> None:
    made, _ = imported(tmp_path, "Attribute,Value,Points\n" + rows)
    assert [(one.place, why in one.message, one.loses) for one in made.findings] == [(line, True, True)]
    assert f"# {line} is left out" in made.card


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"Name,Phone\nAda,1\n", "no row looks like the header of a table of points"),
        (b"", "no row looks like the header"),
        (b"PK\x03\x04", "is a ZIP archive or an Excel workbook, not CSV"),
        (b"a,b,1\n" * 6000, "more than 5,000 rows"),
    ],
)
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "matrix.csv"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=message):
        from_csv(path)


# --- drawn tables ---

COUNTRIES = ("Austria", "Peru", "Côte d'Ivoire", "x #y: z", "NO", "007")
POINTS = st.sampled_from([-30, -2.5, 3, 10, 25])
BOUNDS = (0, 1, 10, 11, 1000, 25_000)
SEPARATORS = st.sampled_from([",", ";", "\t"])


def shown(number: float, thousands: str) -> str:
    return f"{number:,}".replace(",", thousands)


@st.composite
def sizes(draw: st.DrawFn) -> list[tuple[str, tuple[float, float], float]]:
    """Ranges of numbers that do not meet, as people write them."""
    bounds = sorted(draw(st.lists(st.integers(1, 40_000), min_size=2, max_size=6, unique=True)))
    mark = draw(st.sampled_from(["", "'"]))
    found = []
    for low, high in zip(bounds[::2], bounds[1::2], strict=False):
        dash = draw(st.sampled_from(["-", " - ", "\u2013", " to "]))
        found.append((f"{shown(low, mark)}{dash}{shown(high, mark)}", (low, high), draw(POINTS)))
    if len(bounds) % 2:
        text = draw(st.sampled_from(["{}+", "\u2265 {}", "at least {}", "{} or more"])).format(shown(bounds[-1], mark))
        found.append((text, (bounds[-1], float("inf")), draw(POINTS)))
    return found


@st.composite
def countries(draw: st.DrawFn) -> list[tuple[str, list[str] | None, float]]:
    """Lists of texts without a text in two of them, and perhaps any other."""
    mixed = draw(st.permutations(COUNTRIES))
    cut = draw(st.integers(1, len(mixed) - 1))
    groups = [mixed[:cut], mixed[cut : cut + 1]]
    found: list[tuple[str, list[str] | None, float]] = [("; ".join(one), list(one), draw(POINTS)) for one in groups]
    return [*found, *draw(st.just([]) | st.tuples(st.just("Other"), st.none(), POINTS).map(lambda one: [one]))]


def quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


@given(sizes(), countries(), SEPARATORS, st.booleans(), st.data())
@settings(max_examples=25, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
def test_drawn_tables_give_the_points_of_their_rows(
    tmp_path_factory: pytest.TempPathFactory,
    ranges: list[tuple[str, tuple[float, float], float]],
    lists: list[tuple[str, list[str] | None, float]],
    separator: str,
    merged: bool,
    data: st.DataObject,
) -> None:
    def cells(name: str, place: int) -> str:
        return "" if merged and place else name

    rows = [("Attribute", "Value", "Points")]
    rows += [(cells("Size", place), text, f"{points:+}") for place, (text, _, points) in enumerate(ranges)]
    rows += [(cells("Country", place), text, f"{points}") for place, (text, _, points) in enumerate(lists)]
    text = "".join(separator.join(map(quoted, row)) + "\r\n" for row in rows)
    made, card = imported(tmp_path_factory.mktemp("drawn"), text)
    assert not made.findings
    for _ in range(3):
        size = data.draw(st.sampled_from([None, *BOUNDS, *(end for _, span, _ in ranges for end in span if end < 1e9)]))
        country = data.draw(st.sampled_from([None, "Elsewhere", *COUNTRIES]))
        expected = sum(points for _, (low, high), points in ranges if size is not None and low <= size <= high)
        listed = next((points for _, names, points in lists if names and country in names), None)
        others = next((points for _, names, points in lists if names is None), 0) if country else 0
        expected += others if listed is None else listed
        assert score(card, size=None if size is None else float(size), country=country) == round_away(expected)


def round_away(points: float) -> int:
    return int(abs(points) + 0.5) * (1 if points >= 0 else -1)


def test_what_is_written_is_checked_without_a_mistake(tmp_path: Path) -> None:
    made, _ = imported(tmp_path, TABLE)
    card = tmp_path / "matrix.yaml"
    card.write_text(made.card, encoding="utf-8")
    report = check_scorecard(card)
    assert not report.mistakes
    assert len(report.slips) == 1  # visits count the pricing page too, as in the table
