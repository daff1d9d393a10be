"""What is expected of a period or a survey edition: ``period.yml`` and ``edition.yml``, read."""

import re
import weakref
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pandas as pd

from analysis import project
from analysis.catalogue import frameworks, periods, plan_checks
from analysis.catalogue.catalogue import Catalogue
from analysis.catalogue.reader import CatalogueError, Reader
from analysis.language import codes, languages
from analysis.language.languages import say
from analysis.language.messages import tell
from analysis.language.words import day as written_day
from analysis.project import Place
from analysis.storage import by_hand


@dataclass(frozen=True)
class PeriodPlan:
    """``period.yml`` of a period: what is expected, from whom and under which regime.

    ``units_on``: the day whose units are meant, where it is not the last one (a plan for 2008 is
    made for the provinces of 2007). ``stated_as``: how rows that name their period write this one.
    ``known_on``: the day as of which the period is seen: what arrived later does not count.
    ``frameworks``: those of which some form of the period has items; the others that are named are
    ``unfed``: nothing can come of them, and no page is about them.
    """

    period: periods.Period
    title: dict
    regime: str
    forms: list
    frameworks: list
    due: dict
    synthetic: bool
    obs_status: str = "A"
    source: dict = field(default_factory=dict)
    status_note: dict = field(default_factory=dict)
    coverage_note: dict = field(default_factory=dict)
    published: dict = field(default_factory=dict)
    unverified_targets: bool = False
    stated_as: str | None = None
    start: date | None = None
    end: date | None = None
    units_on: date | None = None
    deadline: date | None = None
    known_on: date | None = None
    unfed: list = field(default_factory=list)

    @property
    def code(self) -> str:
        return self.period.code

    @property
    def key(self) -> str:
        """The code, and the day as of which it is seen: ``2022-Q2@2022-06-25``."""
        return at_day(self.code, self.known_on)


@dataclass(frozen=True)
class EditionPlan:
    """``edition.yml`` of a survey edition: what was asked, of whom and about which months.

    ``planned``: how many firms are to answer, if it is said; ``variance``, ``clusters``,
    ``calibration`` and ``replicates``: how it was drawn and is weighted, where that is not as ever
    (:mod:`analysis.survey.weighting`); ``quantiles``: by which rule medians are read off;
    ``publication``: by which rule estimates are marked and withheld; ``province_intervals``: from
    the province's own error or a pooled one; ``regressions`` to be fitted.
    """

    survey: str
    edition: str
    title: dict
    synthetic: bool
    reference_period: list
    units_on: date
    source: dict = field(default_factory=dict)
    notes: list = field(default_factory=list)
    earlier: str | None = None
    planned: int | None = None
    variance: str = "linearised"
    clusters: dict | None = None
    calibration: dict | None = None
    replicates: dict | None = None
    quantiles: str = "math"
    publication: str | None = None
    province_intervals: str = "own"
    regressions: list = field(default_factory=list)

    @property
    def code(self) -> str:
        return f"{self.survey}-{self.edition}"

    @property
    def key(self) -> str:
        return self.code

    @property
    def day(self) -> date:
        """The day on which dated parameters are read: the middle of the months asked about."""
        start, end = self.reference_period
        return start + (end - start) / 2


def at_day(code: str, day: date | None) -> str:
    """A period's code with the day as of which it is seen, if there is one."""
    return f"{code}@{day.isoformat()}" if day else code


def of_day(time_period: object) -> tuple[str, date | None]:
    """Code and day of what :func:`at_day` gave; a code that is a number is taken as text.

    Raises
    ------
    ValueError
        if what follows ``@`` is no day (yyyy-mm-dd).
    """
    time_period = codes.text(time_period)
    code, at, day = time_period.partition("@")
    try:
        return code, date.fromisoformat(day) if at else None
    except ValueError as error:
        raise ValueError(
            tell("{time_period!r}: write the day after @ as 2022-06-25", time_period=time_period)
        ) from error


def _as_known(title: str, lang: str, day: date) -> str:
    with languages.using(lang):
        return say("{title} (như biết đến hết ngày {day})", title=title, day=written_day(day))


def plan(time_period: object, catalogue: Catalogue, root: Path | None = None) -> PeriodPlan:
    """Read ``data/submissions/<time_period>/period.yml``.

    ``time_period``: its code (a year may be a number), or code and day (``2022-Q2@2022-06-25``) for
    the period as it was known when that day ended.

    Raises
    ------
    ValueError
        if ``time_period`` is no period code, or what follows ``@`` is no day.
    CatalogueError
        if the period is unknown, its file is broken or names what does not exist.
    """
    place = Place(root or project.PROJECT)
    time_period, known_on = of_day(time_period)
    path = place.submissions(time_period) / "period.yml"
    try:
        as_is = (path, by_hand.content(path), place.reference, known_on, id(catalogue))
    except (OSError, ValueError):
        return _read(time_period, known_on, catalogue, place)  # which says what is wrong
    of, held = _known.get(as_is, (None, None))
    if of is None or of() is not catalogue or not _compared(held, place):
        held = _read(time_period, known_on, catalogue, place)
        while len(_known) >= _KEPT:
            _known.pop(next(iter(_known)))
        _known[as_is] = weakref.ref(catalogue), held
    return held


# the plans of a period and of those before it are asked for dozens of times by each page
_KEPT = 256
_known: dict[tuple, tuple[weakref.ref, PeriodPlan]] = {}


def _compared(plan: PeriodPlan, place: Place) -> bool:
    """Whether the published figures that a period is compared with are (still) there, if any."""
    return not plan.published or (place.reference / plan.published["file"]).is_file()


def _read(
    time_period: str, known_on: date | None, catalogue: Catalogue, place: Place
) -> PeriodPlan:
    try:
        period = periods.parse(time_period)
    except ValueError as error:
        raise ValueError(f"{error}{_near(time_period, place.submissions('period.yml'))}") from error
    path = place.submissions(time_period) / "period.yml"
    if not path.exists():
        absent = _absent(path, place)
        what = tell("period {period} is unknown: {absent}", period=time_period, absent=absent)
        raise CatalogueError(what)
    read = Reader(path.parent.parent)  # its name says of which: other plans are read, too
    stated = read.yaml(path, "period")
    if stated:
        if codes.text(stated["time_period"]) != time_period:
            what = tell("says {time_period}, not {folder}", folder=time_period, **stated)
            read.report(path, ("time_period",), what)
        plan_checks.period(read, path, stated, catalogue, place.reference)
    read.raise_problems()
    regime = catalogue.regimes[stated["regime"]]
    (first, end), units_on = _days(read, path, stated, period, regime)
    units = catalogue.units_on(units_on)
    plan_checks.due(read, path, stated["due"], units, catalogue.unit_types.index, units_on)
    read.raise_problems()
    details = {k: v for k, v in stated.items() if k not in ("time_period", "covered_from")}
    if known_on:
        details["title"] = {k: _as_known(v, k, known_on) for k, v in stated["title"].items()}
    fed = frameworks.fed(stated["frameworks"], stated["forms"], catalogue)
    details["unfed"] = [code for code in stated["frameworks"] if code not in fed]
    return PeriodPlan(
        known_on=known_on,
        **details | {"units_on": units_on, "frameworks": fed},
        period=period,
        start=first,
        end=end,
        deadline=periods.deadline(period, regime["deadline_day"]),
    )


def _days(
    read: Reader, path: Path, stated: dict, period: periods.Period, regime: dict
) -> tuple[tuple[date, date], date]:
    """First and last day of the figures, and the day whose units hold; what is wrong is noted."""
    if not regime.get("window_known", True):
        what = tell("{regime}: which days it covers is not known", regime=stated["regime"])
        read.report(path, ("regime",), what)
    start, end = periods.window(period, regime["closing_day"], regime.get("first_month", 1))
    first = stated.get("covered_from", start)
    if type(first) is not date or not start <= first <= end:
        what = tell("covered_from must be a day of {start} to {end}", start=start, end=end)
        read.report(path, ("covered_from",), what)
    units_on = stated.get("units_on", end)
    if type(units_on) is not date:
        read.report(path, ("units_on",), tell("units_on must be a day"))
        units_on = end
    return (first, end), units_on


def _absent(path: Path, place: Place) -> str:
    """What to say of the description of a period or edition that is not there."""
    near = _near(path.parent.name, path.parent.parent / path.name)
    return tell("{file} does not exist{near}", file=path.relative_to(place.root), near=near)


def _near(code: str, described: Path) -> str:
    """What periods or editions there are, and which of them may have been meant by ``code``."""
    known = sorted(p.parent.name for p in described.parent.glob(f"*/{described.name}"))
    called = tell("known periods" if described.name == "period.yml" else "known editions")
    return codes.hint(code, known, called)


def edition(
    survey: str, edition: object, catalogue: Catalogue, root: Path | None = None
) -> EditionPlan:
    """Read ``data/survey/<survey>-<edition>/edition.yml``.

    ``edition``: its year, which may be a number, or the whole code (``apci-2022``).

    Raises
    ------
    CatalogueError
        if the edition is unknown or its file is broken.
    """
    place = Place(root or project.PROJECT)
    edition = codes.text(edition).removeprefix(f"{survey}-")
    if not re.fullmatch(r"[0-9]{4}", edition):
        raise CatalogueError(tell("an edition is a year, not {edition!r}", edition=edition))
    path = place.survey(f"{survey}-{edition}") / "edition.yml"
    if not path.exists():
        raise CatalogueError(
            tell(
                "edition {edition} of {survey} is unknown: {absent}",
                edition=edition,
                survey=survey,
                absent=_absent(path, place),
            )
        )
    read = Reader(path.parent.parent)  # its name says of which: other plans are read, too
    stated = read.yaml(path, "edition")
    if stated and (stated["survey"], codes.text(stated["edition"])) != (survey, edition):
        read.report(
            path,
            ("edition",),
            tell("says {survey} {edition}", survey=stated["survey"], edition=stated["edition"]),
        )
    if stated:
        others = [p.parent.name for p in path.parent.parent.glob("*/edition.yml")]
        plan_checks.edition(read, path, stated, catalogue, others)
    read.raise_problems()
    earlier = stated.get("earlier")
    years = {"edition": edition, "earlier": earlier and codes.text(earlier)}
    return EditionPlan(**stated | years)


def due_units(catalogue: Catalogue, plan: PeriodPlan, form: str | None = None) -> pd.DataFrame:
    """Units that must report in the period, or must send one of its forms.

    ``due`` of ``period.yml`` names ``types``, a ``parent`` (with its parts) or single ``units``;
    several of these add up. A form with ``reporters`` (the same words) is due from those of them
    alone.
    """
    units = catalogue.units_on(plan.units_on)
    due = units[_named(units, plan.due)]
    reporters = catalogue.forms[form].get("reporters") if form else None
    return due if reporters is None else due[_named(due, reporters)]


def _named(units: pd.DataFrame, who: dict) -> pd.Series:
    """Which of ``units`` are meant by ``types``, ``parent`` and ``units`` together."""
    chosen = pd.Series(False, index=units.index)
    if "types" in who:
        chosen |= units["type"].isin(who["types"]) & (units["parent"] == "")
    if "parent" in who:
        parent = str(who["parent"])
        chosen |= (units["parent"] == parent) | (units["code"] == parent)
    return chosen | units["code"].isin(who.get("units", []))
