"""Controls moved in Python, as the front end moves them: what is shown follows."""

import ast
import asyncio

import pytest

from analysis.display import controls
from analysis.display.resource import Shown
from analysis.project import PROJECT


def doubled(n: float, unit: str = "", level: float = 0) -> Shown:
    if n < 0:
        raise ValueError("<b>âm</b>")
    return Shown(f"<p>{2 * n} {unit} {level}</p>")


def explorer(view=doubled, **more) -> controls.Explorer:
    return controls.Explorer(view, {"n": controls.number_box("Số", 3), **more})


@pytest.fixture
def outputs(monkeypatch):
    """What a cell would hold, each output in its place."""
    held = []

    class Handle:
        def __init__(self, place):
            self.place = place

        def update(self, shown):
            held[self.place] = shown

    def display(shown, **_):
        held.append(shown)
        return Handle(len(held) - 1)

    monkeypatch.setattr(controls, "display", display)
    return held


def test_what_is_shown_follows_each_control():
    units = controls.named("Đơn vị", ["Huế", "Cà Mau"], "Huế")
    kinds = controls.one_of("Mức", {1: "một", 2: "hai"}, 1)
    held = explorer(unit=units, level=kinds)
    assert held.shown.data == "<p>6.0 Huế 1</p>"
    held.controls["n"].value = 4
    kinds.value = 2
    units.value = "không có"  # what is written is never moved to what there is
    assert held.shown.data == "<p>8.0 không có 2</p>"


def test_the_first_result_is_a_plain_output_and_the_next_takes_its_place(outputs):
    held = explorer()
    held._ipython_display_()
    assert list(outputs[0]) == ["text/plain", "application/vnd.jupyter.widget-view+json"]
    assert "(" in outputs[0]["text/plain"] and "Box" not in outputs[0]["text/plain"]
    assert outputs[1].data == "<p>6.0  0</p>"
    held.controls["n"].value = 5
    assert len(outputs) == 2 and outputs[1].data == "<p>10.0  0</p>"


def test_an_error_is_said_in_words_and_is_gone_with_its_cause(outputs):
    held = explorer()
    held._ipython_display_()
    held.controls["n"].value = -1
    assert "Không tính được" in outputs[1].data and "&lt;b&gt;âm" in outputs[1].data
    held.controls["n"].value = 1
    assert outputs[1].data == "<p>2.0  0</p>"
    broken = explorer(lambda n: {}[n])
    assert "KeyError" in broken.shown.data


def test_many_changes_are_computed_once(monkeypatch):
    monkeypatch.setattr(controls, "PAUSE", 0.01)
    counted = []

    async def dragged():
        held = explorer(lambda n: counted.append(n))
        for n in range(20):
            held.controls["n"].value = n
            await asyncio.sleep(0)
        await asyncio.sleep(0.1)

    asyncio.run(dragged())
    assert counted == [3, 19]


def test_a_slider_moves_its_number_and_follows_it_as_far_as_it_goes():
    box = controls.slider("Trọng số", 20, 0, 100, 1)
    held = controls.Explorer(lambda n: Shown(str(n)), {"n": box})
    box.beside.value = 40
    assert held.shown.data == "40.0"
    box.value = 150
    assert (held.shown.data, box.beside.value) == ("150.0", 40)
    box.value = 70
    assert box.beside.value == 70


def test_widgets_are_imported_by_whoever_uses_them_alone():
    found = []
    for path in (PROJECT / "src").rglob("*.py"):
        if "ipywidgets" in (text := path.read_text("utf-8")):
            for node in ast.parse(text).body:
                if isinstance(node, ast.Import | ast.ImportFrom):
                    found += [
                        path
                        for a in node.names
                        if "ipywidgets" in (a.name, node.__dict__.get("module"))
                    ]
    assert not found
