"""A chart as an object: what it shows, of what, as a picture, and how a page shows all of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import pandas as pd
from markupsafe import Markup
from matplotlib.figure import Figure

from analysis.display import table, theme
from analysis.display.charts import svg
from analysis.display.resource import MIME, resource
from analysis.language.languages import say
from analysis.language.words import MISSING

_FRAME = Markup(
    "<figure class='chart'><figcaption><strong>{}</strong><br><span>{}</span></figcaption>{}"
    "<p class='source'>{}</p>{}</figure>"
)
_NOTHING = Markup("<p class='note'>{}: {}.</p>")


@dataclass(frozen=True, eq=False, repr=False)
class Chart:
    """A picture with its finding and its data; shown by a cell as a page shows it.

    ``data`` are the values drawn, as exact as they are printed; ``figure`` is matplotlib's, drawn
    for a page (None where there was nothing to draw): both can be gone on with.
    """

    finding: str
    title: str
    figure: Figure | None = None
    what: str = ""
    source: str = ""
    image: Markup = Markup("")
    printed: pd.DataFrame | None = None

    @cached_property
    def data(self) -> pd.DataFrame:
        """The values drawn, under the heads that a reader sees; empty where nothing was drawn."""
        if self.printed is None:
            return pd.DataFrame()
        held = self.resources[0]
        return pd.DataFrame(held["data"], columns=self.printed.columns)

    @cached_property
    def resources(self) -> list[dict]:
        """The same as Frictionless resources (:mod:`display.resource`)."""
        if self.printed is None:
            return []
        kinds = zip(self._columns, self._figures, strict=True)
        return [{"title": self.title, **resource([(c, c, v, v, f) for (c, v), f in kinds])}]

    @cached_property
    def html(self) -> Markup:
        """Finding, what is drawn, the picture, its source, its data in a fold."""
        if self.printed is None:
            return _NOTHING.format(self.title, self.finding)
        kinds = [table.NUM if f else Markup("") for f in self._figures]
        columns = zip(self._columns, kinds, strict=True)
        behind = Markup("<details class='behind'><summary>{}</summary>{}</details>").format(
            say("Số liệu của hình"), table.grid((c, k, k, v) for (c, v), k in columns)
        )
        return _FRAME.format(self.finding, self.what, self.image, self.source, behind)

    def also(self, narrow: "Chart") -> "Chart":
        """The same with what was drawn for a telephone beside it."""
        return replace(self, image=self.image + svg.untold(narrow.image, self.image))

    @property
    def _columns(self) -> list[tuple[str, list]]:
        return [(c, self.printed[c].tolist()) for c in self.printed]

    @property
    def _figures(self) -> Sequence[bool]:
        """Which columns are figures: these are right-aligned."""
        return [all(_is_figure(v) for v in values) for _, values in self._columns]

    def __repr__(self) -> str:
        return f"<Chart: {self.finding}>"

    def _repr_html_(self) -> str:
        return theme.dressed(self.html)

    def _repr_mimebundle_(self, **_) -> dict:
        held = {MIME: {"resources": self.resources}} if self.resources else {}
        return {"text/html": self._repr_html_(), **held}

    def __html__(self) -> str:
        return self.html


def _is_figure(text: object) -> bool:
    return str(text) == MISSING or str(text)[:1] in set("0123456789+-−")
