"""A survey edition ready for analysis: its tables, made by :mod:`analysis.survey.flow` and kept.

They lie under ``data/derived/<edition>`` and are made anew whenever anything they rest on has
changed: answers, catalogue, code, the edition before.
"""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis import project
from analysis.catalogue import catalogue as cat
from analysis.catalogue import dated, plans, reader
from analysis.display import contents
from analysis.exchange import returns
from analysis.language import codes
from analysis.language.languages import column
from analysis.language.messages import tell
from analysis.lineage import store
from analysis.reading import archives
from analysis.schema.tables import still_open
from analysis.storage.files import digests, name_of, visible
from analysis.survey import flow
from analysis.survey.flow import NoResponsesError, Tables, answer_files


@dataclass(frozen=True, repr=False)
class Loaded(contents.Contents, at="tables", prefix="survey."):
    """An edition as a notebook uses it."""

    plan: plans.EditionPlan
    catalogue: cat.Catalogue
    survey: dict
    tables: Tables
    root: Path
    earlier: "Loaded | None" = None

    @property
    def heading(self) -> str:
        """What the edition is."""
        return contents.heading(self.plan)

    def sizes(self) -> dict[str, tuple[int, list[str]]]:
        """Table → how many rows it has, its columns."""
        return self.tables.sizes()

    def parameter(self, name: str) -> dict:
        """A dated parameter as it held in the months asked about (value, source, certainty)."""
        return dated.value_on(self.catalogue.parameters[name], self.plan.day)

    @property
    def groups(self) -> dict[str, str]:
        """Code → name of the procedure groups."""
        return self.catalogue.procedure_groups[column("name")].to_dict()

    def regions(self, kind: str) -> dict[str, str]:
        """Code → name of the regions of ``kind`` (region, key_region)."""
        table = self.catalogue.regions
        return dict(zip(table[kind], table[column(kind)], strict=True))

    @property
    def provinces(self) -> dict[str, str]:
        """Code → name of the provinces of the edition's day."""
        units = self.catalogue.units_on(self.plan.units_on).set_index("code")
        return units[column("name")].reindex(self.catalogue.regions.index).to_dict()


def load(edition: object, survey_code: str = "apci", root: Path | None = None) -> Loaded:
    """An edition ready for analysis; its tables are built first if absent or out of date.

    ``edition``: its year, which may be a number.

    Raises
    ------
    analysis.catalogue.reader.CatalogueError, NoResponsesError
    """
    place = project.Place(root or project.PROJECT)
    catalogue = cat.load(place.root)
    plan = plans.edition(survey_code, edition, catalogue, place.root)
    before = _edition_before(plan, place)
    tables = store.kept(
        Tables,
        place.derived(plan.code),
        lambda: fingerprint(plan, catalogue, place),
        lambda: flow.build(plan, catalogue, place, before and (before.plan, before.tables)),
        held=contents.SurveyTables,
    )
    return Loaded(plan, catalogue, catalogue.surveys[survey_code], tables, place.root, before)


def edition(given: object, root: Path | None = None) -> Loaded:
    """An edition by its code (``apci-2022``), or its year where one survey alone has one of it.

    >>> edition(2022).plan.code
    'apci-2022'

    Raises
    ------
    analysis.language.codes.UnknownCodeError
        naming the nearest, and those that there are.
    analysis.catalogue.catalogue.CatalogueError, NoResponsesError
    """
    place = project.Place(root or project.PROJECT)
    known = {path.parent.name: "" for path in sorted(place.survey("").glob("*/edition.yml"))}
    of_year = [code for code in known if code.endswith(f"-{codes.text(given)}")]
    chosen = (
        of_year[0] if len(of_year) == 1 else codes.chosen(given, known, tell("no survey edition"))
    )
    survey, _, year = chosen.rpartition("-")
    return load(year, survey, place.root)


def _edition_before(plan: plans.EditionPlan, place: project.Place) -> Loaded | None:
    try:
        return load(plan.earlier, plan.survey, place.root) if plan.earlier else None
    except reader.CatalogueError as error:
        where = place.survey(plan.code).relative_to(place.root) / "edition.yml"
        raise reader.CatalogueError(
            tell("{where}: earlier: {error}", where=where, error=error)
        ) from error
    except NoResponsesError as error:  # what is to be said of its answers is said of it, not here
        raise NoResponsesError(
            tell(
                "{code} is compared with {earlier} (edition.yml, earlier). {error}",
                code=plan.code,
                earlier=plan.earlier,
                error=error,
            )
        ) from error


def sent(plan: plans.EditionPlan, place: project.Place) -> list[Path]:
    """The answer files of an edition, perhaps none."""
    try:
        return answer_files(plan, place)
    except NoResponsesError:
        return []


def kept(
    plan: plans.EditionPlan, catalogue: cat.Catalogue, place: project.Place
) -> store.Kept | None:
    """The tables of an edition if they are kept as they are now; nothing is made."""
    folder, mark = place.derived(plan.code), fingerprint(plan, catalogue, place)
    if not store.holds(folder, mark):
        return None
    return contents.SurveyTables(Tables, folder, mark)


def fingerprint(plan: plans.EditionPlan, catalogue: cat.Catalogue, place: project.Place) -> str:
    """SHA-256 over everything the tables rest on: inputs, earlier editions, catalogue, code."""
    earlier = ""
    if plan.earlier:
        before = plans.edition(plan.survey, plan.earlier, catalogue, place.root)
        earlier = fingerprint(before, catalogue, place)
    files = [*visible(place.survey(plan.code)), *_reference(catalogue.surveys[plan.survey], place)]
    return store.fingerprint(files, catalogue.sha256, "analysis.survey.flow", earlier)


def _reference(asked: dict, place: project.Place) -> list[Path]:
    """The reference files from which figures of the survey borrow."""
    stated = asked.get("small_areas")
    return [place.reference / stated["covariates"]["file"]] if stated else []


def marks(loaded: Loaded) -> dict[str, str]:
    """Folders of derived tables that pages of the edition may read → their marks, all made."""
    place, found = project.Place(loaded.root), {}
    while loaded:
        found[str(place.derived(loaded.plan.code))] = loaded.tables.mark
        loaded = loaded.earlier
    return found


def inputs(loaded: Loaded) -> dict[str, str]:
    """SHA-256 of every file of the edition, by name."""
    return digests(project.Place(loaded.root).survey(loaded.plan.code))


def send_back(loaded: Loaded) -> returns.Written:
    """Write the list of issues and an annotated copy of each answer file that has something to ask.

    Everything goes to ``data/derived/<edition>-returns``, as what firms answered lies in no folder
    of reports, which are handed on. Copies mark what is blocking or to be checked; notes stand in
    the list alone.
    """
    return give_back(
        loaded.tables.issues, loaded.plan, project.Place(loaded.root), loaded.catalogue
    )


def give_back(
    issues: pd.DataFrame, plan: plans.EditionPlan, place: project.Place, catalogue: cat.Catalogue
) -> returns.Written:
    """:func:`send_back` of an edition that could not be estimated."""
    code, copies, limits = plan.code, [], catalogue.parameters["limits"]
    sources = {name_of(p): p for p in answer_files(plan, place)}
    asked = still_open(issues)
    asked = asked[(asked["severity"] != "note") & asked["source_file"].isin(sources)]
    for file, own in asked.groupby("source_file", sort=True):
        source, rows = sources[file], None
        if source.suffix.lower() in (".csv", archives.SUFFIX):
            rows = archives.received(source, limits).cells
        copies.append(returns.Copy(Path(file).stem, source, own, rows, rules=catalogue.rules))
    target = place.returns(code)
    return returns.write(target, target.with_suffix(".json"), issues, copies, limits)
