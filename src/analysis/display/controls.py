"""What JupyterLab moves: boxes, lists and sliders beside a picture that follows them.

A view is any function that gives something a cell can show. Its first result, for the values that
the controls begin with, is an ordinary output of the cell: it stands there where nobody can move
anything (nbconvert, papermill, a page). Every later one takes its place, also where it is an error,
which is said in words. ipywidgets is imported when a control is made, and not before: no page and
no command needs it.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from IPython.display import display
from markupsafe import Markup

from analysis.display.resource import Shown
from analysis.language.languages import say

PAUSE = 0.25
"""Seconds without a change before anything is computed: one result for a slider that is dragged,
one for a key that is held down."""

_WIDE = {"description_width": "initial"}


def one_of(label: str, options: Mapping[Any, str], value: Any) -> Any:
    """A list to choose one from (by keyboard: Space, the arrows, Enter): code → what is read; gives
    the code."""
    import ipywidgets

    offered = [(text, code) for code, text in options.items()]
    return ipywidgets.Dropdown(
        options=offered, value=value, description=label, style=_WIDE, layout={"width": "auto"}
    )


def named(label: str, options: Iterable[str], value: str) -> Any:
    """A box to write a name in, which offers those there are; gives what is written.

    A list in which several are marked cannot be used by keyboard in JupyterLab, which takes the
    arrows for itself outside of text: several are chosen in several such boxes.
    """
    import ipywidgets

    return ipywidgets.Combobox(
        options=tuple(options),
        value=value,
        description=label,
        continuous_update=False,
        style=_WIDE,
        layout={"width": "20rem"},
    )


def number_box(label: str, value: float) -> Any:
    """A box to write a number in; nothing that is written is moved to where it may be."""
    import ipywidgets

    return ipywidgets.FloatText(
        value=value, description=label, style=_WIDE, layout={"width": "26rem"}
    )


def slider(label: str, value: float, low: float, high: float, step: float) -> Any:
    """A :func:`number_box` with a slider beside it, for whoever has a mouse: it moves the number,
    and follows it as far as it goes."""
    import ipywidgets

    box = number_box(label, value)
    box.beside = ipywidgets.FloatSlider(
        value=value,
        min=low,
        max=high,
        step=step,
        readout=False,
        continuous_update=False,
        tabbable=False,
        layout={"width": "16rem"},
    )

    def moved(change: Any) -> None:
        box.value = change.new

    def written(change: Any) -> None:
        if low <= change.new <= high:
            box.beside.value = change.new

    box.beside.observe(moved, "value")
    box.observe(written, "value")
    return box


class Explorer:
    """Controls and the view that follows them; a cell shows both.

    Parameters
    ----------
    view
        Called with the values of the controls, by their names; gives what is shown.
    controls
        Name → widget (:func:`one_of`, :func:`named`, :func:`number_box`, :func:`slider`).
    """

    def __init__(self, view: Callable[..., Any], controls: Mapping[str, Any]) -> None:
        self.controls = dict(controls)
        self._view, self._handle, self._waits = view, None, None
        self.shown = self._result()
        for control in self.controls.values():
            control.observe(self._changed, "value")

    def _result(self) -> Any:
        try:
            return self._view(**{name: c.value for name, c in self.controls.items()})
        except Exception as error:  # whatever it is, who moved a slider is told
            return _failed(error)

    def _changed(self, _: Any) -> None:
        """Compute when nothing has moved for a while; at once where no kernel runs."""
        if self._waits:
            self._waits.cancel()
        try:
            self._waits = asyncio.get_running_loop().call_later(PAUSE, self._follow)
        except RuntimeError:
            self._follow()

    def _follow(self) -> None:
        self._waits, self.shown = None, self._result()
        if self._handle is not None:
            self._handle.update(self.shown)

    def _ipython_display_(self) -> None:
        import ipywidgets

        row = {"display": "flex", "flex_flow": "row wrap", "grid_gap": ".2rem 1.5rem"}
        placed = [
            ipywidgets.HBox([c, c.beside]) if hasattr(c, "beside") else c
            for c in self.controls.values()
        ]
        shown = ipywidgets.Box(placed, layout=row)._repr_mimebundle_()
        shown["text/plain"] = say("(Các ô để đổi lựa chọn có trong JupyterLab.)")
        display(shown, raw=True)
        self._handle = display(self.shown, display_id=True)


def _failed(error: Exception) -> Shown:
    why = str(error) if isinstance(error, ValueError) else f"{type(error).__name__}: {error}"
    said = say("Không tính được với lựa chọn này: {why}", why=why)
    return Shown(Markup("<p class='to-write' role='alert'>{}</p>").format(said))
