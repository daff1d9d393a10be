"""Drawings on a page: light, in the page's colours, marks that say what they are, nothing lost."""

import io
import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import rc_context
from matplotlib.figure import Figure

from analysis.display import palette, theme
from analysis.display.charts import svg

HOSTILE = '<script>alert(1)</script> & "x" \x0b\x00 ]]>'


def drawn(figure: Figure) -> str:
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg")
    return buffer.getvalue()


def picture():
    fig = Figure(figsize=(3, 2))
    return fig, fig.add_subplot()


def inline(fig, said="S") -> ET.Element:
    return ET.fromstring(svg.inline(drawn(fig), "c1-", said))


def titles(root: ET.Element) -> list[str]:
    return [e.find("title").text for e in root.iter() if e.get("class", "").startswith("mark")]


def test_each_shape_of_an_artist_says_what_it_is():
    fig, ax = picture()
    svg.mark(ax.scatter([1, 2], [1, 2]), ("a", "1"), (HOSTILE, "2"))
    svg.mark(ax.bar([3], [1])[0], ("b",))
    (line,) = ax.plot([1, 2, 3], [1, 2, 3], marker="o")
    svg.mark(line, ("line",))
    found = titles(inline(fig))
    shown = HOSTILE.replace("\x0b", "").replace("\x00", "")
    assert found == ["a\n1", f"{shown}\n2", "b", "line"]


def test_marks_that_do_not_fit_the_shapes_are_refused():
    fig, ax = picture()
    svg.mark(ax.scatter([1, 2], [1, 2]), ("a",), ("b",), ("c",))
    with pytest.raises(ValueError, match="2 shapes, but 3 marks"):
        inline(fig)


def test_a_line_without_values_is_no_fault_and_no_mark():
    fig, ax = picture()
    (line,) = ax.plot([1, 2], [float("nan")] * 2)
    svg.mark(line, ("a",))
    assert titles(inline(fig)) == []


def test_what_is_referred_to_is_there_under_a_name_of_its_own():
    fig, ax = picture()
    ax.bar([1, 2], [1, 2], hatch="//")
    ax.plot([1, 2], [1, 2], marker="o")
    ax.set_xlim(1.5, 1.8)  # what lies beyond stays cut off
    text = svg.inline(drawn(fig), "c1-", "S")
    ids = re.findall(r'\bid="([^"]+)"', text)
    asked = set(re.findall(r'(?:href="|url\()#([^")]+)', text))
    assert asked and asked == set(ids) and len(ids) == len(set(ids))
    assert all(name.startswith("c1-") for name in ids)
    assert "clip-path" in text


def test_a_colour_is_no_reference():
    fig, ax = picture()
    ax.plot([1, 2], [1, 2], color="#123456")
    assert "stroke:#123456" in svg.inline(drawn(fig), "c1-", "S")


def test_clip_paths_that_cut_nothing_are_left_out():
    fig, ax = picture()
    ax.plot([1, 2], [1, 2])
    assert "clip" not in svg.inline(drawn(fig), "c1-", "S")


def test_colours_are_variables_and_the_drawing_is_a_fraction_of_what_it_was():
    fig, ax = picture()
    for i in range(30):
        ax.plot(range(10), [i + k % 3 for k in range(10)], color=palette.LIGHT["accent"])
    before, after = drawn(fig), svg.inline(drawn(fig), "c1-", "S")
    assert "stroke:var(--c-accent," in after and f"stroke:{palette.LIGHT['accent']}" not in after
    assert len(theme.bare(after)) < len(before) / 2.5


@pytest.mark.filterwarnings("ignore:Glyph")
def test_letters_that_xml_has_not_do_not_cost_the_drawing():
    fig, ax = picture()
    ax.set_title("a\x0bb")
    with rc_context({"svg.fonttype": "none"}):
        assert "ab" in [e.text for e in inline(fig).iter("text")]


def test_the_text_alternative_is_escaped():
    fig, _ = picture()
    assert inline(fig, HOSTILE).get("aria-label").startswith("<script>alert(1)</script> & ")
    assert "<script" not in svg.inline(drawn(fig), "c1-", HOSTILE)


coordinate = st.decimals(-500, 900, places=6).map(str)


@given(st.lists(st.tuples(coordinate, coordinate), min_size=1, max_size=9))
def test_a_path_stays_within_a_tenth_of_a_point(points):
    text = "M " + " L ".join(f"{x} {y}" for x, y in points)
    at, found = [0.0, 0.0], []
    for command, numbers in re.findall(r"([MLlhvz])([^MLlhvz]*)", svg.shorter_path(text)):
        held = [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?", numbers)]
        step = {"h": 1, "v": 1}.get(command, 2)
        for i in range(0, len(held), step):
            part = held[i : i + step]
            if command == "M":
                at = part
            elif command == "l":
                at = [at[0] + part[0], at[1] + part[1]]
            else:
                at = [at[0] + part[0], at[1]] if command == "h" else [at[0], at[1] + part[0]]
            found.append(at)
    wanted = [points[0]]
    for point in points[1:]:
        if rounded(point) != rounded(wanted[-1]) or len(wanted) == 1:
            wanted.append(point)
    ends = [found[0], found[-1]]
    for (x, y), (wx, wy) in zip(ends, [points[0], points[-1]], strict=True):
        assert abs(x - float(wx)) <= 0.051 and abs(y - float(wy)) <= 0.051
    assert len(found) <= len(points)


def rounded(point) -> tuple[int, int]:
    return tuple(round(float(c) * 10) for c in point)
