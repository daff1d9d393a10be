"""Series of frameworks over all built periods, from what the pages of these periods hold on which
readers ask (:mod:`analysis.site.explorer_data`): nothing that they do not show, no table anew."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from pathlib import Path

from analysis.catalogue import periods
from analysis.language.languages import say
from analysis.language.messages import tell
from analysis.site.declared import EXPLORE
from analysis.site.explorer_data import DECIMALS, listed
from analysis.storage import files

_PAGE = re.compile(rf"{EXPLORE}(-[A-Za-z0-9][A-Za-z0-9._-]*)?(~\d+)?\.html")
_HELD = re.compile(r"<script>const held = (.*);$", re.M)

Rows = dict[str, list[float | None]]
"""Unit → figures, in the order of the periods."""


@dataclass(frozen=True)
class Unit:
    """A unit as its newest period names it, the address of its page as seen from the home (empty
    without one), among whom it stands, and whether the last period has it no longer."""

    name: str
    href: str
    group: str
    gone: bool = False


@dataclass(frozen=True)
class Measure:
    """An indicator (``v.CODE``), a dimension (``d.CODE``) or the whole (``f.CODE``).

    ``about``: what the script of the page knows of it besides figures. ``rows``: printed decimals.
    ``breaks``: periods before which its lines break. ``ranks``: in the last period, scores only.
    """

    id: str
    about: dict
    rows: Rows
    breaks: frozenset[str]
    ranks: dict[str, float | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Series:
    """A framework over periods of one series and frequency, the earliest first.

    ``synthetic``: period → whether its figures are made by machine. The measures begin with
    dimensions and the whole where it is scored.
    """

    code: str
    kind: tuple[str, str]
    title: str
    basis: str
    synthetic: dict[str, bool]
    units: dict[str, Unit]
    measures: dict[str, Measure]

    @property
    def periods(self) -> list[str]:
        return list(self.synthetic)

    def groups(self) -> list[str]:
        """Of the units of the last period."""
        return list(dict.fromkeys(unit.group for unit in self.units.values() if not unit.gone))

    def some(self, period: str, group: str) -> set[str]:
        """Units of a group with any figure in a period."""
        at = self.periods.index(period)
        return {
            unit
            for measure in self.measures.values()
            for unit, row in measure.rows.items()
            if row[at] is not None and self.units[unit].group == group
        }


def read(reports: Path, receipts: Mapping[str, Mapping | None]) -> list[Series]:
    """The series of all sites below ``reports``, those over the most periods first.

    ``receipts``: folder → receipt (:func:`analysis.site.home.receipts`). A page that is not as its
    receipt says is passed over, and so is a period as it was known on an earlier day.
    """
    found: dict[tuple, list[Series]] = {}
    for folder, receipt in receipts.items():
        if receipt is None or not (kind := _kind(folder)):
            continue
        for one in _site(reports / folder, kind, receipt):
            found.setdefault((one.code, kind), []).append(one)
    newest_first = (sorted(all_, key=_newest, reverse=True) for all_ in found.values())
    merged = [reduce(_joined, series) for series in newest_first]
    return sorted(merged, key=lambda one: -len(one.periods))


def held(series: Iterable[Series]) -> dict:
    """What the script of the page holds: ``units`` and ``frameworks`` as of
    :mod:`analysis.site.explorer_data`, without anything to compute other scores from. A unit that a
    framework does not ask has group -1."""
    series = list(series)
    units: dict[str, Unit] = {}
    for one in series:
        units = one.units | units
    named = zip(series, titles(series), strict=True)
    return {
        "units": [[code, unit.name, unit.href] for code, unit in units.items()],
        "frameworks": [_framework(one, code, title, list(units)) for one, (code, title) in named],
        "view": "series",
    }


def titles(series: Iterable[Series]) -> list[tuple[str, str]]:
    """What each is called in an address, and on the page: a framework in several series is told
    apart by series and frequency, but for the first."""
    said = {"M": say("theo tháng"), "Q": say("theo quý"), "S": say("theo nửa năm")}
    found: dict[str, str] = {}
    for one in series:
        name, frequency = one.kind
        apart = ", ".join(filter(None, [name, said.get(frequency, say("theo năm"))]))
        if one.code in found:
            found[".".join(filter(None, [one.code, *one.kind]))] = f"{one.title} ({apart})"
        else:
            found[one.code] = one.title
    return list(found.items())


def _kind(folder: str) -> tuple[str, str] | None:
    try:
        period = periods.parse(folder)
    except ValueError:
        return None
    return period.series, period.frequency


def _order(period: str) -> tuple[int, int]:
    parsed = periods.parse(period)
    return parsed.year, parsed.months[1]


def _newest(one: Series) -> tuple[int, int]:
    return _order(one.periods[-1])


def _site(site: Path, kind: tuple[str, str], receipt: Mapping) -> list[Series]:
    """What the pages of a site hold on which readers ask."""
    found = []
    written = receipt.get("written")
    for name, digest in written.items() if isinstance(written, dict) else ():
        try:
            if _PAGE.fullmatch(name) and files.sha256(site / name) == digest:
                data = json.loads(_HELD.findall((site / name).read_text("utf-8"))[0])
                told = (site.name, kind, receipt["synthetic"], data["units"])
                found += [_series(*told, framework) for framework in data["frameworks"]]
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            continue
    return found


def _series(folder: str, kind, synthetic: bool, units: list[list], framework: dict) -> Series:
    """A framework as a page holds it; ValueError where that is of periods of another kind."""
    codes, last = [code for code, _, _ in units], framework["periods"]
    if any(_kind(period) != kind for period in last):
        raise ValueError(tell("{folder} tells of periods of another kind", folder=folder))
    tree = framework["tree"] or {"entries": [], "breaks": []}
    # the page of a period knows of its periods since which release each is made by machine
    made = framework.get("synthetic", [synthetic] * len(last))

    def measure(own: str, about: dict, one: dict, now: list, breaks: list[int]) -> Measure:
        decimals = DECIMALS["percent" if about.get("percent") else "points"]
        columns = [*one["before"], listed([_number(v) for v in now], decimals)]
        rows = {c: list(row) for c, *row in zip(codes, *columns, strict=True)}
        ranks = dict(zip(codes, one.get("ranks", []), strict=False))
        return Measure(own, about, rows, frozenset(last[n] for n in breaks), ranks)

    measures = []
    for entry in tree["entries"]:
        if "scores" in entry:
            about = {"name": entry["name"], "whole": entry["parent"] < 0}
            measures.append(measure(entry["id"], about, entry, entry["scores"], tree["breaks"]))
    for one in framework["indicators"]:
        about = {k: one[k] for k in ("code", "name", "percent", "direction")}
        measures.append(measure(f"v.{one['code']}", about, one, one["values"], one["breaks"]))
    groups = [framework["groups"][n] for n in framework["group"]]
    return Series(
        code=framework["code"],
        kind=kind,
        title=framework["title"],
        basis=framework["basis"],
        synthetic=dict(zip(last, made, strict=True)),
        units={
            code: Unit(name, f"{folder}/{href}" if href else "", group)
            for (code, name, href), group in zip(units, groups, strict=True)
        },
        measures={m.id: m for m in measures},
    )


def _number(value: float | None) -> float:
    return float("nan") if value is None else value


def _joined(newer: Series, older: Series) -> Series:
    """Both as one: figures of a period as the newer site shows them of its own units, recast, and
    units of the older one alone as that shows them, in a group of their own up to its last period.

    Periods that neither shows one after the other are not joined.
    """
    known = sorted({*newer.periods, *older.periods}, key=_order)
    until = say("đến kỳ {period}", period=older.periods[-1])
    gone = {
        code: unit
        if unit.gone
        else replace(unit, group=", ".join(filter(None, [unit.group, until])), gone=True)
        for code, unit in older.units.items()
        if code not in newer.units
    }
    units = newer.units | gone
    ids = [i for part in "dfv" for one in (newer, older) for i in one.measures if i[0] == part]
    measures = {}
    for own in dict.fromkeys(ids):
        held = [one for one in (newer, older) if own in one.measures]
        rows = {unit: [_figure(held, own, unit, period) for period in known] for unit in units}
        pairs = zip(known, known[1:], strict=False)
        breaks = frozenset(now for before, now in pairs if _breaks(held, own, before, now))
        ranks = newer.measures[own].ranks if held[0] is newer else {}
        measures[own] = Measure(own, held[0].measures[own].about, rows, breaks, ranks)
    synthetic = older.synthetic | newer.synthetic
    return replace(
        newer, synthetic={p: synthetic[p] for p in known}, units=units, measures=measures
    )


def _figure(held: list[Series], own: str, unit: str, period: str) -> float | None:
    for one in held:
        if period in one.synthetic and unit in one.units:
            return one.measures[own].rows[unit][one.periods.index(period)]
    return None


def _breaks(held: list[Series], own: str, before: str, now: str) -> bool:
    for one in held:
        if (before, now) in zip(one.periods, one.periods[1:], strict=False):
            return now in one.measures[own].breaks
    return True


def _framework(one: Series, code: str, title: str, units: list[str]) -> dict:
    groups = list(dict.fromkeys(unit.group for unit in one.units.values()))
    at = {unit: groups.index(known.group) for unit, known in one.units.items()}
    scores = [m for m in one.measures.values() if "whole" in m.about]
    entries = [
        {
            "id": score.id,
            "name": score.about["name"],
            "parent": -1 if score.about["whole"] else 0,
            "ranks": [score.ranks.get(unit) for unit in units],
            **_figures(one, score, "scores", units),
        }
        for score in scores
    ]
    breaks = [n for n, p in enumerate(one.periods) if any(p in score.breaks for score in scores)]
    return {
        "code": code,
        "title": title,
        "basis": one.basis,
        "groups": groups,
        "group": [at.get(unit, -1) for unit in units],
        "periods": one.periods,
        "synthetic": list(one.synthetic.values()),
        "indicators": [
            {
                **value.about,
                **_figures(one, value, "values", units),
                "breaks": [n for n, p in enumerate(one.periods) if p in value.breaks],
            }
            for value in one.measures.values()
            if "whole" not in value.about
        ],
        "tree": {"entries": entries, "normalised": [], "breaks": breaks} if entries else None,
    }


def _figures(one: Series, measure: Measure, now: str, units: list[str]) -> dict[str, list]:
    """Figures by period, in the order of ``units``: those of the last under the name ``now``."""
    missing: list[float | None] = [None] * len(one.synthetic)
    columns = [list(c) for c in zip(*(measure.rows.get(u, missing) for u in units), strict=True)]
    return {"before": columns[:-1], now: columns[-1]}
