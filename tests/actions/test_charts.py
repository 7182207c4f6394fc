"""Charts: the drawing, its sentence and its table say the same, and nothing in them needs a style."""

import re
from xml.etree import ElementTree as ET  # the drawings are our own

import pytest

from actions import charts
from actions.charts import Bar

HOSTILE = '<script>alert("x")</script>&'


def shapes(chart, name):
    """Attributes of every element of that name, numbers as numbers."""
    found = ET.fromstring(chart.svg).iter(name)  # noqa: S314
    return [{k: float(v) if re.fullmatch(r"-?[\d.]+", v) else v for k, v in e.attrib.items()} for e in found]


def words(chart):
    return [e.text for e in ET.fromstring(chart.svg).iter("text")]  # noqa: S314


def test_bars_are_to_scale_with_the_late_part_apart():
    chart = charts.bars("Open by team", [Bar("Network", 8, 2), Bar("Billing", 4)], head="Team")
    good, late, other = shapes(chart, "rect")
    assert (good["class"], late["class"], other["class"]) == ("b1", "b2", "b1")
    assert good["width"] == pytest.approx(other["width"] * 6 / 4, abs=0.2)
    assert late["x"] == pytest.approx(good["x"] + good["width"] + charts.GAP, abs=0.2)
    assert late["x"] + late["width"] <= charts.WIDTH
    assert chart.sentence == "Open by team: Network 8 (2 overdue), Billing 4."
    assert (chart.head, chart.rows) == (["Team", "Open", "Overdue"], [["Network", "8", "2"], ["Billing", "4", "0"]])
    assert words(chart) == ["Network", "8", "Billing", "4"]


def test_one_late_among_thousands_is_still_seen():
    chart = charts.bars("Open", [Bar("All", 5000, 1)], head="x")
    assert [s["width"] >= 1 for s in shapes(chart, "rect")] == [True, True]


def test_bars_of_nothing():
    chart = charts.bars("Open by type", [], head="Type")
    assert (chart.sentence, shapes(chart, "rect")) == ("Open by type: none.", [])


def test_a_long_name_is_short_in_the_drawing_and_whole_in_the_table():
    name = "Search and discovery infrastructure"
    chart = charts.bars("Open by team", [Bar(name, 1)], head="Team")
    assert words(chart)[0].endswith("…")
    assert len(words(chart)[0]) < 24
    assert chart.rows[0][0] == name
    assert name in chart.sentence


def test_bars_begin_where_the_names_end():
    chart = charts.bars("Open by team", [Bar("Storage and compute", 1), Bar("Web", 2)], head="Team")
    assert words(chart)[0] == "Storage and compute"
    assert {float(bar["x"]) for bar in shapes(chart, "rect")} == {140.0}


@pytest.mark.parametrize(("value", "aside"), [(83, -8), (78, 16), (60, 4), (100, 4)])
def test_the_newest_figure_stands_clear_of_the_goal(value, aside):
    chart = charts.line("On time", [("1 Nov", 70), ("8 Nov", value)], unit="%", goal=80, top=100)
    dot, figure = shapes(chart, "circle")[-1], next(t for t in shapes(chart, "text") if t.get("class") == "v")
    assert round(float(figure["y"]) - float(dot["cy"]), 1) == aside


def test_names_are_text_never_markup():
    chart = charts.bars(HOSTILE, [Bar(HOSTILE, 1)], head="x")
    assert "<script" not in chart.svg
    root = ET.fromstring(chart.svg)  # noqa: S314
    assert HOSTILE in root.attrib["aria-label"]


def test_no_chart_carries_a_style_or_an_identity():
    drawn = (
        charts.bars("a", [Bar("a", 3, 1)], head="x"),
        charts.line("b", [("1 Nov", 3), ("8 Nov", 5)], goal=4, is_filled=True, marks=[(0, "Nov")]),
        charts.boxes("c", [("Nov", 2, 3)]),
    )
    for chart in drawn:
        root = ET.fromstring(chart.svg)  # noqa: S314
        assert root.attrib["role"] == "img"
        assert root.attrib["aria-label"] == chart.sentence
        assert not {"style", "id", "onload"} & {name for e in root.iter() for name in e.attrib}


def test_a_line_rises_to_its_newest_value():
    chart = charts.line("Open actions", [("1 Nov", 4), ("8 Nov", 26), ("15 Nov", 23)], marks=[(0, "Nov")])
    points = [tuple(map(float, p.split(","))) for p in shapes(chart, "polyline")[0]["points"].split()]
    assert [x for x, _ in points] == sorted(x for x, _ in points)
    assert points[1][1] < points[2][1] < points[0][1]  # upwards is less
    (dot,) = shapes(chart, "circle")
    assert (dot["cx"], dot["cy"]) == points[-1]
    assert "23" in words(chart)
    assert chart.sentence == "Open actions rose from 4 to 23, with 26 at the highest."
    assert chart.rows == [["1 Nov", "4"], ["8 Nov", "26"], ["15 Nov", "23"]]


def test_the_newest_number_stands_clear_of_the_line_and_inside_the_drawing():
    chart = charts.line("Share", [("1 Nov", 50), ("8 Nov", 100)], unit="%", top=100)
    number = next(t for t in shapes(chart, "text") if t.get("class") == "v")
    last = float(shapes(chart, "polyline")[-1]["points"].split()[-1].split(",")[0])
    assert number["x"] > last + 4
    assert number["x"] + 4 * 7 <= charts.WIDTH


def test_a_week_without_a_figure_is_a_gap():
    chart = charts.line("Share", [("a", 50), ("b", 60), ("c", None), ("d", 70)], unit="%", top=100)
    assert len(shapes(chart, "polyline")) == 1
    assert len(shapes(chart, "circle")) == 2  # the lone point, and the newest value on it
    assert chart.rows[2] == ["c", "no figure"]
    assert chart.has_figures


def test_a_line_without_any_figure_says_so():
    chart = charts.line("Share", [("a", None), ("b", None)], goal=80, unit="%", top=100)
    assert not chart.has_figures
    assert chart.sentence == "Share: nothing to show yet."
    assert shapes(chart, "circle") == []


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([5, 5], "Open stayed at 5."),
        ([9, 2], "Open fell from 9 to 2."),
        ([5, 9, 5], "Open stayed at 5, with 9 at the highest."),
        ([7], "Open stayed at 7."),
    ],
)
def test_the_sentence_says_which_way(values, said):
    assert charts.line("Open", [(str(n), v) for n, v in enumerate(values)]).sentence == said


def test_the_goal_is_drawn_and_said():
    chart = charts.line("Share", [("a", 50), ("b", 60)], goal=80, unit="%", top=100)
    assert chart.sentence.endswith("The goal is 80%.")
    assert [s["class"] for s in shapes(chart, "polyline")] == ["l2", "l1"]
    assert "goal" in words(chart)


@pytest.mark.parametrize(("value", "top"), [(0, 4), (3, 4), (7, 8), (23, 30), (112, 120), (941, 1000), (9000, 10_000)])
def test_the_scale_ends_on_a_round_number(value, top):
    assert str(top) in words(charts.line("Open", [("a", 0), ("b", value)]))


def test_boxes_fill_those_on_time_and_leave_the_others_hollow():
    chart = charts.boxes("Reviews", [("Oct", 2, 3), ("Nov", 1, 1)])
    assert [s["class"] for s in shapes(chart, "rect")] == ["b1", "b1", "b0", "b1"]
    assert "2 of 3" in words(chart)
    assert chart.sentence == "Reviews: Oct 2 of 3, Nov 1 of 1."


def test_many_reviews_become_one_bar_of_two_parts():
    chart = charts.boxes("Reviews", [("Oct", 52, 76), ("Nov", 10, 10)])
    assert len(shapes(chart, "rect")) == 3
    good, late, other = shapes(chart, "rect")
    assert good["width"] + late["width"] > other["width"] * 6
    assert max(s["x"] + s["width"] for s in shapes(chart, "rect")) < charts.WIDTH - 40  # room for "52 of 76"
