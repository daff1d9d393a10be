"""A period ready for analysis: its tables, made by :mod:`analysis.pipeline` and kept as Parquet.

They lie under ``data/derived/<period>`` and are made anew whenever anything they rest on has
changed: submissions, catalogue, code, the periods before.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path

import pandas as pd

from analysis import pipeline, project
from analysis.catalogue import catalogue as cat
from analysis.catalogue import frameworks, plans, reader, unit_lists
from analysis.catalogue import tree as trees
from analysis.catalogue.tree import Tree
from analysis.display import contents
from analysis.exchange import receipts, replies, returns, sendings
from analysis.language import codes, languages
from analysis.language.languages import say
from analysis.language.messages import tell
from analysis.lineage import store
from analysis.pipeline import Earlier, Tables, submitted_files
from analysis.storage.files import digests, name_of, visible


@dataclass(frozen=True, repr=False)
class OfFramework(contents.Contents):
    """The rows of one framework in tables that have frameworks, each when it is asked for."""

    tables: Tables
    framework: str

    def __getattr__(self, name: str) -> pd.DataFrame:
        if name.startswith("_") or name in self.__dataclass_fields__:  # while it is copied
            raise AttributeError(name)
        table = getattr(self.tables, name)
        if "framework" not in table:
            raise AttributeError(f"{name} is not by framework: ask the period for tables.{name}")
        return table[table["framework"] == self.framework]

    def sizes(self) -> dict[str, tuple[int, list[str]]]:
        """Table → how many rows it has of the framework, its columns."""
        held = {n: columns for n, (_, columns) in self.tables.sizes().items()}
        return {n: (len(getattr(self, n)), c) for n, c in held.items() if "framework" in c}

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.sizes()]


@dataclass(frozen=True, repr=False)
class Loaded(contents.Contents, at="tables"):
    """A period as a notebook uses it: its plan, the catalogue, its units and its tables."""

    plan: plans.PeriodPlan
    catalogue: cat.Catalogue
    due: pd.DataFrame
    tables: Tables
    root: Path

    @property
    def heading(self) -> str:
        """What the period is, who must report, and the frameworks that it is followed by."""
        due = say("{n} đơn vị phải báo cáo", n=len(self.due))
        return f"{contents.heading(self.plan)}\n{due}; {', '.join(self.plan.frameworks)}"

    def sizes(self) -> dict[str, tuple[int, list[str]]]:
        """Table → how many rows it has, its columns."""
        return self.tables.sizes()

    @property
    def names(self) -> dict[str, str]:
        """Code → name of the units that are due, in the language in use."""
        return dict(zip(self.due["code"], self.due[languages.column("name")], strict=True))

    def framework(self, code: str | None = None) -> dict:
        """The framework ``code``, or the period's main one, as it holds on its last day.

        The main one is the first that is scored, or the first if none is.
        """
        known = self.catalogue.frameworks
        if code:
            titles = {c: languages.choose(known[c]["title"]) for c in known}
            chosen = codes.chosen(code, titles, tell("no framework of {key}", key=self.plan.key))
        else:
            chosen = next(iter([*self.scored, *self.plan.frameworks]), None)
        if chosen is None:
            raise ValueError(tell("{key}: period.yml names no framework", key=self.plan.key))
        return frameworks.on_day(known[chosen], self.plan.end)

    def unit(self, given: object) -> str:
        """The code of the unit due that is meant: by its code, a number (1 is 01) or a name.

        Raises
        ------
        analysis.language.codes.UnknownCodeError
            naming the nearest, and all that are due.
        """
        return unit_lists.unit_code(
            self.due, given, tell("unit not due in {key}", key=self.plan.key)
        )

    @property
    def scored(self) -> list[str]:
        """The period's frameworks that give scores; the others are followed only."""
        known = self.catalogue.frameworks
        return [c for c in self.plan.frameworks if trees.scored(known[c])]

    def ranked(self, code: str | None = None, held: Tables | None = None) -> "OfFramework":
        """What is known of one framework: scores, rank_intervals, rank_pairs …

        ``held``: tables of which it is taken; the period's own, or some of their rows.
        """
        return OfFramework(held or self.tables, self.framework(code)["framework"])

    def tree(self, code: str | None = None) -> Tree:
        """Structure of the framework with the weights that were used."""
        framework = self.framework(code)
        held = self.tables.weights
        used = held.loc[held["framework"] == framework["framework"], "weight"]
        return replace(trees.of(framework), weights=used.to_numpy(float))


def inputs(loaded: Loaded) -> dict[str, str]:
    """SHA-256 of every file of the period, by name: submissions as they were read.

    Of a period as of a day without the tables to which lines are added that do not concern it.
    """
    added = {receipts.LEDGER, receipts.ANSWERS}
    auxiliary = receipts.OURS - (added if loaded.plan.known_on else set())
    held = digests(project.Place(loaded.root).submissions(loaded.plan.code))
    own = loaded.tables.submissions.dropna(subset=["sha256"])
    read = dict(zip(own["source_file"], own["sha256"], strict=True))
    return {name: d for name, d in held.items() if name.lower() in auxiliary} | read


def _plan_before(
    plan: plans.PeriodPlan, catalogue: cat.Catalogue, place: project.Place
) -> plans.PeriodPlan | None:
    """Plan of the period before, if one has begun under the same regime."""
    code = plan.period.previous.code
    if not (place.submissions(code) / "period.yml").exists():
        return None
    before = plan_of(code, plan, catalogue, place.root)
    return before if before.regime == plan.regime and pipeline.begun(before, place) else None


def plan_of(
    code: str, seen: plans.PeriodPlan, catalogue: cat.Catalogue, root: Path
) -> plans.PeriodPlan:
    """Plan of another period, seen as of the same day as ``seen``.

    Where all of it had arrived by then it is that period as it is now.
    """
    day = seen.known_on
    if day is not None:
        arrived = receipts.days(project.Place(root).submissions(code))
        held = pipeline.arrived_files(plans.plan(code, catalogue, root), project.Place(root))
        if all(arrived.get(name_of(p), date.max) <= day for p in held):
            day = None
    return plans.plan(plans.at_day(code, day), catalogue, root)


def _before(
    plan: plans.PeriodPlan, catalogue: cat.Catalogue, place: project.Place
) -> Loaded | None:
    """The period before with its tables, if there is one under the same regime."""
    before = _plan_before(plan, catalogue, place)
    return load(before.key, place.root, catalogue) if before else None


def earlier(plan: plans.PeriodPlan, catalogue: cat.Catalogue, place: project.Place) -> Earlier:
    """What the periods before tell, back to where the regime changed or a period is missing."""
    found, before = [], _before(plan, catalogue, place)
    while before:
        found.append((before.plan, before.tables))
        before = _before(before.plan, catalogue, place)
    return Earlier.of(plan, catalogue, found)


def meant(plan: plans.PeriodPlan, catalogue: cat.Catalogue, column: str, given: object) -> str:
    """The value of a key of the tables: units that send without being due have rows, too."""
    code = codes.text(given)
    if column != "reporting_unit" or code in set(catalogue.units["code"]):
        return code
    return unit_lists.unit_code(
        plans.due_units(catalogue, plan), given, tell("unit not due in {key}", key=plan.key)
    )


def load(
    time_period: object,
    root: Path | None = None,
    catalogue: cat.Catalogue | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Loaded:
    """A period ready for analysis; its tables are built first if they are absent or out of date.

    ``time_period``: its code (a year may be a number), or with a day (``2022-Q2@2022-06-25``) the
    period as it was known then. ``catalogue``: where it has been loaded already.
    ``progress``: called with the number of files read and of all, where they are read.

    >>> period = load("plan-2022")
    >>> period.plan.end.year, period.tables.balance["unaccounted"].sum().item()
    (2022, 0)

    Raises
    ------
    ValueError, analysis.catalogue.reader.CatalogueError, NoSubmissionsError
    """
    place = project.Place(root or project.PROJECT)
    catalogue = catalogue or cat.load(place.root)
    plan = plans.plan(time_period, catalogue, place.root)
    tables = store.kept(
        Tables,
        place.derived(plan.key),
        lambda: fingerprint(plan, catalogue, place),
        lambda: build(plan, catalogue, place.root, progress),
        partial(meant, plan, catalogue),
        contents.Tables,
    )
    return Loaded(plan, catalogue, plans.due_units(catalogue, plan), tables, place.root)


def kept(
    plan: plans.PeriodPlan, catalogue: cat.Catalogue, place: project.Place
) -> store.Kept | None:
    """The tables of a period if they are kept as they are now; nothing is made."""
    folder, mark = place.derived(plan.key), fingerprint(plan, catalogue, place)
    if not store.holds(folder, mark):
        return None
    return contents.Tables(Tables, folder, mark, meant=partial(meant, plan, catalogue))


def build(
    plan: plans.PeriodPlan, catalogue: cat.Catalogue, root: Path | None = None, progress=None
) -> Tables:
    """The tables of a period from its files, whatever is kept (:func:`analysis.pipeline.build`)."""
    place = project.Place(root or project.PROJECT)
    before = earlier(plan, catalogue, place)
    return pipeline.build(plan, catalogue, place.root, progress, before)


def check(
    plan: plans.PeriodPlan, catalogue: cat.Catalogue, root: Path | None = None, progress=None
) -> dict[str, pd.DataFrame]:
    """What of the files of a period counts and what is wrong (:func:`analysis.pipeline.check`)."""
    place = project.Place(root or project.PROJECT)
    before = earlier(plan, catalogue, place)
    return pipeline.check(plan, catalogue, place.root, progress, before)


def fingerprint(plan: plans.PeriodPlan, catalogue: cat.Catalogue, place: project.Place) -> str:
    """SHA-256 over everything the tables rest on: inputs, earlier periods, catalogue, code.

    The tables of the period before rest on the one before that (imputed values, stocks carried
    over), and so on: hence on its fingerprint, not on its files.
    """
    before = _plan_before(plan, catalogue, place)
    folder, seen = place.submissions(plan.code), ""
    files = visible(folder)
    if plan.known_on:  # whatever arrives later changes nothing
        files = [folder / "period.yml", *submitted_files(plan, place)]
        answered = replies.known(folder, plan.known_on)
        seen = f"{plan.known_on} {receipts.read(folder, plan.known_on).to_csv()} {answered}"
    if plan.published:
        files.append(place.reference / plan.published["file"])
    chain = fingerprint(before, catalogue, place) if before else ""
    return store.fingerprint(files, catalogue.sha256, "analysis.pipeline", f"{chain} {seen}")


def send_back(
    tables: Tables, plan: plans.PeriodPlan, root: Path | None = None, progress=None
) -> returns.Written:
    """Write the list of issues, and for each file or unit a receipt, and its annotated
    workbook where something is to be mended (:mod:`analysis.exchange.sendings`).

    Everything goes to ``data/derived/<period>-returns``: a long file holds all units, and what one
    office sent lies in no folder of reports, which are handed on.
    """
    place = project.Place(root or project.PROJECT)
    catalogue, folder = cat.load(place.root), place.returns(plan.key)
    sources = {name_of(p): p for p in place.submissions(plan.code).iterdir()}
    hours = receipts.hours(place.submissions(plan.code))
    due = sendings.due(tables, plan, catalogue, sources, hours)
    record = folder.with_suffix(".json")
    limits = catalogue.parameters["limits"]
    return returns.write(folder, record, tables.issues, due, limits, progress)


def periods(root: Path | None = None) -> pd.DataFrame:
    """The periods that there are, whether or not anything was sent for them; none is made ready.

    Returns period (the code to load it by), title (in the language in use), start, end, deadline
    (days), forms, frameworks (codes), synthetic (made by machine), files (how many were sent) and
    fault: why it cannot be loaded, where that is so.

    >>> listed = periods().set_index("period")
    >>> bool(listed.loc["2024", "synthetic"]), int(listed.loc["2024", "files"])
    (False, 1)
    """
    place, rows = project.Place(root or project.PROJECT), []
    catalogue = cat.load(place.root)
    for path in sorted(place.submissions("").glob("*/period.yml")):
        code = path.parent.name
        try:
            plan = plans.plan(code, catalogue, place.root)
            files = len(pipeline.arrived_files(plan, place))
        except (reader.CatalogueError, ValueError, OSError) as error:
            rows.append({"period": code, "files": 0, "fault": str(error)})
            continue
        days = {"start": plan.start, "end": plan.end, "deadline": plan.deadline}
        stated = {"forms": ", ".join(plan.forms), "frameworks": ", ".join(plan.frameworks)}
        title, last = languages.choose(plan.title), {"files": files, "fault": ""}
        own = {"period": code, "title": title} | days | stated
        rows.append(own | {"synthetic": plan.synthetic} | last)
    columns = ["period", "title", "start", "end", "deadline", "forms", "frameworks", "synthetic"]
    return pd.DataFrame(rows, columns=[*columns, "files", "fault"])
