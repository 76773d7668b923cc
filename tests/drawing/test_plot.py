"""Charts are well-formed SVG, whatever their names and numbers are."""

import math
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from drawing.marks import Band, Bars, Cells, Dots, Intervals, Line, Notes, Rule
from drawing.plot import Plot
from drawing.scales import Names, Numbers
from drawing.text import shortened, width

SVG = "{http://www.w3.org/2000/svg}"
VALUES = st.lists(st.floats(-1e6, 1e6) | st.just(math.nan) | st.just(math.inf), min_size=1, max_size=8)


@given(VALUES, st.text(max_size=60))
def test_any_name_and_number_makes_well_formed_svg(values: list[float], name: str) -> None:
    """Names are text, never markup, and what has no place is left out."""
    known = [value for value in values if math.isfinite(value)] or [0.0]
    placed, said = list(enumerate(values)), shortened(name, 20)
    marks = [
        Band([(at, value, value) for at, value in placed], "red"),
        Line(placed, "red", said, dots=2, steps=True),
        Bars([(at, 0, value) for at, value in placed], "red", said),
        Dots(placed, "red", diamonds=True),
        Intervals([(at, value, value) for at, value in placed]),
        Notes([(at, value, said) for at, value in placed]),
        Rule(0, "x", (min(known), max(known))),
    ]
    drawn = Plot(400, 300, Names([said] * len(values)), Numbers(min(known), max(known)), marks, said, said).svg(name)
    assert "nan" not in drawn.replace(name, "").replace(said, "")
    root = ET.fromstring(drawn)
    assert root.get("role") == "img"
    assert sum(one.tag == f"{SVG}circle" for one in root) == sum(map(math.isfinite, values))


def test_the_highest_value_is_the_highest_on_the_page() -> None:
    """The vertical axis points up."""
    scale = Numbers(0, 10)
    root = ET.fromstring(Plot(400, 300, scale, scale, [Dots([(1, 1), (9, 9)], "red")]).svg("two"))
    low, high = (one for one in root if one.tag == f"{SVG}circle")
    assert float(low.get("cy", "")) > float(high.get("cy", ""))
    assert float(low.get("cx", "")) < float(high.get("cx", ""))


def test_lying_bars_stand_beside_their_names() -> None:
    """A bar that lies begins at the base and is as high as the room of its name."""
    plot = Plot(400, 300, Numbers(0, 10), Names(["a", "b"]), [Bars([(0, 0, 5), (1, 0, 10)], "red", lies=True)])
    short, long = (one for one in ET.fromstring(plot.svg("bars")) if one.tag == f"{SVG}rect")
    assert 2 * float(short.get("width", "")) == float(long.get("width", "")) or math.isclose(
        2 * float(short.get("width", "")), float(long.get("width", "")), abs_tol=0.2
    )
    assert float(short.get("y", "")) > float(long.get("y", ""))


def test_cells_say_their_counts() -> None:
    """Each cell holds its number, an empty one a dot."""
    names = Names(["a", "b"])
    root = ET.fromstring(Plot(300, 300, names, names, [Cells([[0, 1500], [2, 0]], "blue")]).svg("cells"))
    texts = [one.text for one in root if one.tag == f"{SVG}text"]
    assert texts[-4:] == ["·", "1,500", "2", "·"]


def test_a_legend_that_is_too_long_has_more_rows() -> None:
    """Entries that do not fit go into the next row, and the chart begins below them."""
    scale = Numbers(0, 1)
    marks = [Line([(0, 0), (1, 1)], "red", f"a name with some letters {number}") for number in range(4)]
    root = ET.fromstring(Plot(300, 300, scale, scale, marks).svg("legend"))
    tops = {one.get("y") for one in root if one.tag == f"{SVG}text" and (one.text or "").startswith("a name")}
    assert len(tops) == 4


def test_a_name_keeps_its_beginning_and_its_end() -> None:
    """A name is shortened in its middle, and wide letters count twice."""
    assert shortened("Last activity: form submitted", 15) == "Last ac…bmitted"
    assert shortened("short", 15) == "short"
    assert width("日本") > width("ab") > width("a") > width("") == 0.0
