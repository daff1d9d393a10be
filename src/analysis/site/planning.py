"""Which pages of a site must be built, and why: of a loaded period or survey edition."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from upath import UPath

from analysis.batch import batch, incremental
from analysis.batch.pages import RECEIPT, Batch, Page, Planned, Result, as_recorded, examine, stated
from analysis.history import versions
from analysis.language import codes
from analysis.language import languages as language
from analysis.language.languages import LANGUAGES, SOURCE, current, say
from analysis.language.messages import tell
from analysis.language.words import day
from analysis.period import Loaded
from analysis.project import Place
from analysis.render import pdf, report
from analysis.site import code_version, data_pack, declared, subjects
from analysis.storage import clock
from analysis.survey import editions


class PlanError(Exception):
    """The pages cannot be planned: unknown unit, parameter, broken site.yml or versions."""


@dataclass(frozen=True)
class Plan:
    """Which pages of a site will be built, and why."""

    subject: subjects.Subject
    batch: Batch
    pages: list[Planned]
    whole: bool  # all pages of the site are here; others in its folder are left over

    @property
    def due(self) -> list[Planned]:
        return [p for p in self.pages if p.reasons]

    def lying(self, results: Sequence[Result] = ()) -> list[Result]:
        """All pages of the site: the results given, and the others as they lie there."""
        built = {r.page.output: r for r in results}
        found = []
        for page in self.subject.pages:
            record = incremental.load(self.batch.record(page))
            if page.output in built:
                found.append(built[page.output])
            elif record:
                result = as_recorded(page, record)
                if (self.batch.site / result.output).exists():
                    found.append(result)
        return found


def plan(
    loaded: Loaded | editions.Loaded,
    units: list[str] | None = None,
    only: list[str] | None = None,
    force: bool = False,
    seconds: float = 300,
    shared: str | None = None,
    lang: str = SOURCE,
    languages: Sequence[str] = (),
    with_pdf: bool | None = None,
) -> Plan:
    """Which pages of a period or edition must be built, and why.

    Parameters
    ----------
    units
        Only these units' pages (and the national ones).
    only
        Only these pages, by name (``glance``, ``units/H44``).
    force
        Build them whatever their records say.
    seconds
        Time limit of a page.
    shared
        Where reports, executed notebooks and derived tables are kept instead of in the project: a
        folder or object store that all machines reach, by any address that fsspec knows.
    lang
        The language of the site.
    languages
        All that it is or will be built in (:func:`languages_of`), so that pages lead to each other.
    with_pdf
        Whether national pages, or those of ``only``, have a PDF beside them; None: those that have.

    Raises
    ------
    PlanError
        naming the unit, page or parameter that does not exist, or the browser that is missing.
    """
    if with_pdf:
        try:
            pdf.needed()
        except pdf.PrintError as error:
            raise PlanError(str(error)) from error
    with language.using(lang):
        languages = languages or languages_of(loaded, (lang,))
        return _plan(loaded, units, only, force, seconds, shared, languages, with_pdf)


def languages_of(
    loaded: Loaded | editions.Loaded,
    asked: Sequence[str] = (),
    shared: str | None = None,
) -> list[str]:
    """The languages of a site: Vietnamese, those asked for, and those it was built in before, which
    are kept up to date."""
    reports = _reports(loaded, shared)
    held = {SOURCE, *asked}
    held |= {
        code
        for code in LANGUAGES
        if (reports / report.folder(code) / loaded.plan.key / RECEIPT).exists()
    }
    return [code for code in LANGUAGES if code in held]


def _reports(loaded: Loaded | editions.Loaded, shared: str | None) -> Path:
    return UPath(shared) / "reports" if shared else Place(loaded.root).reports


def _plan(loaded, units, only, force, seconds, shared, languages, with_pdf) -> Plan:
    try:
        made = subjects.of(loaded, units)
    except (declared.SiteError, versions.VersionsError) as error:
        raise PlanError(str(error)) from error
    pages = made.pages
    if only:
        known = [p.name for p in pages]
        unknown = [f"{name}{codes.near(name, known)}" for name in sorted(set(only) - set(known))]
        if unknown:
            unknown = ", ".join(unknown)
            raise PlanError(
                tell("no such page in {code}: {unknown}", code=made.code, unknown=unknown)
            )
        pages = [p for p in pages if p.name in only]
    common = _shared(loaded, made, seconds, shared, languages)
    pages = [printed(p, common, with_pdf, bool(only)) for p in pages]
    planned = Plan(made, common, examine(pages, common, force), not (units or only))
    try:
        batch.check_parameters([p.page for p in planned.due])
    except batch.UnknownParameterError as error:
        raise PlanError(str(error)) from error
    return planned


def _shared(loaded, made: subjects.Subject, seconds: float, shared, languages) -> Batch:
    """What all pages of a site share."""
    address, lang = UPath(shared) if shared else None, current()
    parameters = loaded.catalogue.parameters
    notebooks = f"{made.code}-notebooks" + (f"-{lang}" if lang != SOURCE else "")
    context = report.Context(
        period=made.code,
        period_title=made.title,
        synthetic=made.synthetic,
        provenance=(
            made.label,
            say("Phiên bản {version}", version=code_version.version(loaded.root)),
            say("Danh mục {digest}", digest=loaded.catalogue.sha256[:12]),
            say("Lập lúc {time}", time=f"{day(clock.built())} {clock.built():%H:%M} UTC"),
        ),
        lang=lang,
        languages=tuple(languages),
        document=parameters.get("document", {}),
        notes=tuple(made.notes),
        warning=made.warning,
        explorer=made.explorer,
        pack=data_pack.name(made.code),
    )
    return Batch(
        site=_reports(loaded, shared) / report.folder(lang) / made.code,
        executed=address / notebooks if address else Place(loaded.root).derived(notebooks),
        shared=address,
        context=context,
        root=loaded.root,
        pinned=made.pinned,
        catalogue=loaded.catalogue.sha256,
        seconds=seconds,
        memory=parameters.get("page", {}).get("memory_bytes"),
    )


def printed(page: Page, shared: Batch, with_pdf: bool | None, chosen: bool) -> Page:
    """The page, with a PDF if it shall have one: asked for, or made before by a browser still here
    (one that we did not make is somebody's own).

    ``chosen``: whether the page was asked for by name.
    """
    if with_pdf is None:
        name = page.output.with_suffix(".pdf")
        with_pdf = (shared.site / name).exists() and pdf.browser() is not None
        if with_pdf:
            record = incremental.load(shared.record(page))
            made = record.written if record else stated(shared.site)
            own = re.compile(re.escape(page.name) + r"(~\d+)?\.pdf")
            with_pdf = any(map(own.fullmatch, made))
    elif page.unit and not chosen:
        with_pdf = False
    return replace(page, also=tuple(dict.fromkeys([*page.also, "pdf"]))) if with_pdf else page
