"""What the first screens say of the country: the result of a period in a sentence, its scoreboard,
its map, what changed, what is overdue.

It is taken from the period's tables once, when its index is written, and stands in the receipt of
its site: the home above reads receipts and computes nothing.
"""

import numpy as np
import pandas as pd

from analysis.batch.pages import Result
from analysis.display.palette import SEQUENCE
from analysis.history import history
from analysis.language.languages import choose, say
from analysis.language.words import number, percent, short
from analysis.period import Loaded
from analysis.scoring.score import judged
from analysis.site import declared
from analysis.site.declared import INSIDE
from analysis.topics import provinces, results, scoreboard
from analysis.topics.results import members

_ROW = {"theme": str, "what": str, "wanted": str, "by": str, "more": int, "href": INSIDE}
_SHADES = frozenset(["", *SEQUENCE])
_CELL = {
    "state": frozenset(scoreboard.STATES),
    "figure": str,
    "n": int,
    "reached": int,
    "judged": int,
}
_TILE = {"row": int, "column": int, "short": str, "part": str, "name": str, "figure": str}
_TILE |= {"shade": _SHADES, "href": INSIDE}
_CHANGE = {"what": str, "before": str, "now": str, "change": str, "n": int, "href": INSIDE}
_SHAPE = {
    "national": bool,
    "furthest": str,
    "board": {"groups": [str], "rows": [_ROW | {"cells": [(_CELL, None)]}]},
    "map": {"unit": str, "n": int, "classes": [{"shade": _SHADES, "words": str}], "tiles": [_TILE]},
    "bars": [{"name": str, "figure": str, "share": (int, float), "n": int}],
    "changes": {"before": str, "items": [_CHANGE]},
    "overdue": [{"text": str, "href": INSIDE}],
}
_EMPTY = {
    "national": False,
    "furthest": "",
    "board": {"groups": [], "rows": []},
    "map": {"unit": "", "n": 0, "classes": [], "tiles": []},
    "bars": [],
    "changes": {"before": "", "items": []},
    "overdue": [],
}


def of_period(loaded: Loaded, shown: list[Result]) -> dict:
    """All of it, as it stands in a receipt; what leads to no page of ``shown`` is not told.

    ``key``: the sentence; ``furthest``: the figure furthest below its target; ``national``: whether
    the units are not parts of one; board, changes, overdue: :mod:`topics.scoreboard`, each with
    href; map: provinces as tiles with figure and shade; bars (only without a map): dimensions of
    the main framework in percent of their points.
    """
    pages = _Pages(loaded, shown)
    earlier = scoreboard.Earlier.of(loaded, history.before(loaded))
    board = scoreboard.board(loaded, earlier)
    aimed = pages.linked([row for row in board["rows"] if row["wanted"]])
    scored = pages.linked([row for row in board["rows"] if not row["wanted"]], "scores")
    board |= {"rows": aimed + scored}
    changed = pages.linked(scoreboard.changes(loaded, earlier), "followed_before")
    drawn = _map(loaded, pages)
    return {
        "key": scoreboard.sentence(loaded, board, changed, earlier),
        "furthest": scoreboard.furthest(board),
        "national": "parent" not in loaded.plan.due,
        "board": board,
        "map": drawn,
        "bars": [] if drawn["tiles"] else _bars(loaded),
        "changes": {"before": earlier.title if earlier else "", "items": changed},
        "overdue": pages.linked(scoreboard.overdue(loaded)),
    }


class _Pages:
    """Where what is told is shown: national pages by framework and what they are declared to need,
    units' pages by unit."""

    def __init__(self, loaded: Loaded, shown: list[Result]) -> None:
        place = loaded.root
        asked = declared.load(place / "reports/site.yml", place / "notebooks")["pages"]
        main = loaded.framework()["framework"] if loaded.plan.frameworks else ""
        self.units, self.national = {}, {}
        for page, href in ((r.page, r.output.as_posix()) for r in shown if r.status == "ok"):
            if page.unit:
                self.units[page.unit] = href
                continue
            framework = page.parameters.get("framework", main)
            base = page.code if page.code in asked else page.code.removesuffix(f"-{framework}")
            for need in asked[base]["needs"] if base in asked else ():
                self.national.setdefault((framework, need), href)
        self.main = main

    def linked(self, told: list[dict], *needs: str) -> list[dict]:
        """What is told with href: the first page on its framework or form that is declared to need
        one of ``needs`` or is on it at all. What no page shows is left out."""
        found = []
        for one in told:
            framework, form = one.get("framework", self.main), one.get("form")
            keys = [*needs, *_SHOWING, f"framework:{framework}"]
            keys = [f"form:{form}"] if form else keys if "framework" in one else ["deadline"]
            href = next((h for k in keys if (h := self.national.get((framework, k)))), "")
            found += [one | {"href": href}] if href else []
        return found


_SHOWING = ("followed", "scores", "scored", "followed_before", "values")
"""What pages on a framework are declared to need, the nearest to its results first."""


_DRAWN = 1 / 3
"""Share of the tiles with a figure below which a drawing of the country shows gaps only."""


def _map(loaded: Loaded, pages: _Pages) -> dict:
    """Totals of the main framework of the provinces that are ranked, on the drawing."""
    if not loaded.scored:
        return _EMPTY["map"]
    from analysis.display.charts import tile_map  # and with it matplotlib: no command waits for it

    framework = loaded.framework()
    scores = loaded.ranked().scores
    held = provinces.totals(scores[scores["rank"].notna()])
    placed = provinces.on_tiles(held, loaded.catalogue.tiles_on(loaded.plan.units_on))
    if placed.empty or placed["value"].notna().mean() < _DRAWN:
        return _EMPTY["map"]
    values = placed["value"].round(1)
    edges = tile_map.limits(values)
    shades = [
        SEQUENCE[i] for i in np.linspace(0, len(SEQUENCE) - 1, len(edges) - 1).round().astype(int)
    ]
    level = tile_map.classes(values, edges)
    tiles = [
        {
            "row": int(t.row),
            "column": int(t.column),
            "short": t.short,
            "part": t.part,
            "name": t.name,
            "figure": number(value, 1),
            "shade": "" if pd.isna(one) else shades[int(one)],
            "href": pages.units.get(t.code, ""),
        }
        for t, value, one in zip(placed.itertuples(), values, level, strict=True)
    ]
    words = tile_map.cell_labels(edges)
    return {
        "unit": say("điểm, tối đa {top}", top=short(framework["max_score"])),
        "n": int(values[placed["part"] == ""].notna().sum()),
        "classes": [{"shade": s, "words": w} for s, w in zip(shades, words, strict=True)],
        "tiles": tiles,
    }


def _bars(loaded: Loaded) -> list[dict]:
    """Dimensions of the main framework: the median share of their points; of a framework without
    points its ratios, all units together."""
    if not loaded.plan.frameworks:
        return []
    framework = loaded.framework()
    if not loaded.scored:
        rows = results.national(loaded.tables.national, framework)
        rows = rows[rows["obs_value"].between(0, 100)]
        return [
            {"name": r.name, "figure": percent(r.obs_value), "share": r.obs_value, "n": r.units}
            for r in rows.itertuples(index=False)
        ]
    rows = members(loaded.ranked().scores, loaded.plan)
    rows = rows[(rows["level"] == "dimension") & judged(rows)]
    share = (100 * rows["score"] / rows["max_score"]).groupby(rows["code"].astype(object))
    table = share.agg(["median", "size"]).reindex(list(framework["dimensions"])).dropna()
    return [
        {
            "name": choose(framework["dimensions"][r.Index]["name"]),
            "figure": percent(r.median),
            "share": r.median,
            "n": int(r.size),
        }
        for r in table.itertuples()
    ]


def held(receipt: dict) -> dict:
    """What a receipt holds of it; nothing of what is not of its shape."""
    told = receipt.get("first_screen")
    return {
        name: told[name] if isinstance(told, dict) and _fits(told.get(name), shape) else empty
        for (name, shape), empty in zip(_SHAPE.items(), _EMPTY.values(), strict=True)
    }


def _fits(value: object, shape: object) -> bool:
    if isinstance(shape, dict):
        return isinstance(value, dict) and all(_fits(value.get(k), s) for k, s in shape.items())
    if isinstance(shape, list):
        return isinstance(value, list) and all(_fits(v, shape[0]) for v in value)
    if isinstance(shape, tuple):
        return any(value is None if s is None else _fits(value, s) for s in shape)
    if isinstance(shape, frozenset):
        return isinstance(value, str) and value in shape
    if shape is INSIDE:
        return value == "" or (isinstance(value, str) and INSIDE.fullmatch(value) is not None)
    return isinstance(value, shape)
