"""What a site is about, a reporting period or a survey edition: its pages out of ``site.yml``, and
what its index and receipt say of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from analysis import pipeline
from analysis.batch.pages import Page, Result
from analysis.catalogue import plans
from analysis.history import history, revisions, versions
from analysis.language import codes
from analysis.language.collation import in_order
from analysis.language.languages import SOURCE, choose, column, current, say
from analysis.period import Loaded, inputs, load
from analysis.project import Place
from analysis.published import cleaned_tables
from analysis.schema.tables import still_open
from analysis.site import awaiting, named_things, signature
from analysis.site import declared as site
from analysis.survey import editions
from analysis.topics import apci_survey, awaited, results, submissions


@dataclass(frozen=True)
class Subject:
    """What a site is about: a reporting period or a survey edition, as its shell needs it.

    ``pinned``: folders of derived tables its pages may read → their marks; ``key``, ``entries``:
    what was answered or sent, in a sentence, and more of the receipt (inputs, cells, issues);
    ``groups``: from results to the groups of units on the index, ``named``: to what else can be
    searched for; ``warning``: what each page on the period's figures begins with, if anything;
    ``explorer``: the page on which
    a reader asks, if there is one; ``signed``: whether and by whom its figures were signed;
    ``awaits``: from a page to what it says of forms that are not here yet; ``awaited``: the same of
    each form, for the index.
    """

    code: str
    label: str
    title: str
    synthetic: bool
    pages: list[Page]
    pinned: dict[str, str]
    notes: list[str]
    key: Callable[[], str]
    entries: Callable[[], dict]
    groups: Callable[[list[Result]], list[dict]]
    named: Callable[[list[Result]], list[dict]] = lambda results: []
    names: Callable[[list[Result]], list[named_things.Name]] = lambda results: []
    warning: str = ""
    explorer: str = ""
    signed: signature.Signature = signature.Signature()
    awaits: Callable[[Page], Sequence[str]] = lambda page: ()
    awaited: list[str] = field(default_factory=list)


def of(loaded: Loaded | editions.Loaded, units: list[str] | None = None) -> Subject:
    """The subject of a period or edition; of a period with ``units`` only these units' pages.

    Raises
    ------
    analysis.site.declared.SiteError
        where site.yml is broken, or a unit is not due in the period.
    """
    return _edition(loaded) if isinstance(loaded, editions.Loaded) else _period(loaded, units)


def _period(loaded: Loaded, units: list[str] | None) -> Subject:
    plan = loaded.plan
    notes = [choose(plan.status_note), choose(plan.coverage_note), *_left_out(loaded)]
    notes.append(_source(plan))
    pages = plan_pages(loaded, units)
    return Subject(
        code=plan.key,
        label=say("Kỳ {code}", code=plan.key),
        title=choose(plan.title),
        synthetic=plan.synthetic,
        pages=pages,
        pinned=history.marks(loaded, any(p.unit for p in pages), _compared_with(loaded)),
        notes=[n for n in notes if n],
        key=lambda: submissions.glance(loaded.tables, loaded.due),
        entries=lambda: {"inputs": inputs(loaded), **_counts(loaded.tables)},
        groups=lambda results: _units(loaded, results),
        named=lambda results: named_things.of_period(loaded, results),
        names=lambda results: named_things.on_pages(loaded, results),
        warning=submissions.nothing_usable(loaded.tables),
        explorer=f"{site.EXPLORE}.html" if plan.frameworks else "",
        signed=signature.of(loaded),
        awaits=awaiting.on_pages(loaded, _declared(loaded)),
        awaited=awaited.sentences(awaited.forms(loaded.tables, plan, loaded.catalogue), plan),
    )


def _declared(loaded: Loaded | editions.Loaded) -> dict[str, dict]:
    return site.load(loaded.root / "reports" / "site.yml", loaded.root / "notebooks")["pages"]


def _source(plan) -> str:
    return say("Nguồn: {source}", source=choose(plan.source)) if plan.source else ""


def _edition(loaded: editions.Loaded) -> Subject:
    plan, asked = loaded.plan, {"edition": loaded.plan.edition}
    pages = [
        _page(code, page, loaded.root, asked if "edition" in page["needs"] else {})
        for code, page in _declared(loaded).items()
        if page.get("survey") == plan.survey and set(page["needs"]) <= _has_edition(loaded)
    ]
    notes = [*map(choose, plan.notes), _source(plan)]
    return Subject(
        code=plan.code,
        label=choose(plan.title),
        title=choose(plan.title),
        synthetic=plan.synthetic,
        pages=pages,
        pinned=editions.marks(loaded),
        notes=[n for n in notes if n],
        key=lambda: apci_survey.glance(
            loaded.tables.answers, loaded.tables.estimates, loaded.groups
        ),
        entries=lambda: {"inputs": editions.inputs(loaded), **_counts(loaded.tables)},
        groups=lambda results: [],
    )


def _has_edition(loaded: editions.Loaded) -> set[str]:
    """What an edition can offer to the ``needs`` of a page."""
    held = loaded.tables
    if "interviews" not in loaded.survey:  # nothing says how they are judged
        return {"edition"}
    recorded = len(held.interviews) or (held.contacts["reported"] != "").any()
    return {"edition", *(["fieldwork"] if loaded.plan.planned or recorded else [])}


def _counts(held: pipeline.Tables | editions.Tables) -> dict:
    total = held.balance.sum(numeric_only=True).astype(int).to_dict()
    return {"cells": total, "issues": submissions.severities(held.issues)}


def _page(code: str, page: dict, root: Path, parameters: dict, unit=None, title=None) -> Page:
    return Page(
        code=code,
        notebook=root / "notebooks" / f"{page['notebook']}.ipynb",
        output=site.output(code, unit),
        title=title or choose(page["title"]),
        question=choose(page["question"]),
        parameters=parameters | ({} if current() == SOURCE else {"lang": current()}),
        unit=unit,
        synthetic=page.get("synthetic"),
        also=tuple(dict.fromkeys(["xlsx", *page.get("also", [])])),
        audience=page.get("audience", site.INTERNAL),
    )


def plan_pages(loaded: Loaded, units: list[str] | None = None) -> list[Page]:
    """The pages that ``site.yml`` declares for what the period has."""
    root, has = loaded.root, _has(loaded)
    try:
        units = [loaded.unit(given) for given in units or []]
    except codes.UnknownCodeError as error:
        raise site.SiteError(str(error)) from error
    held = (loaded.tables.observations, loaded.tables.submissions.dropna(subset="reporting_unit"))
    reported = set().union(*(table["reporting_unit"] for table in held))
    pages = []
    for code, page in _declared(loaded).items():
        given = {"time_period": loaded.plan.key} | page.get("parameters", {})
        needs = set(page["needs"])
        if "survey" in page:
            continue
        if page.get("for_each") == "framework":
            for f in loaded.plan.frameworks:
                if needs <= has | _has_of(loaded, f):
                    title = f"{choose(page['title'])}: {choose(loaded.framework(f)['title'])}"
                    asked = given | {"framework": f}
                    pages.append(_page(f"{code}-{f}", page, root, asked, title=title))
        elif not needs <= has:
            continue
        elif "for_each" not in page:
            pages.append(_page(code, page, root, given))
        else:
            pages += [
                _page(code, page, root, given | {"reporting_unit": u}, u, name)
                for u, name in loaded.names.items()
                if u in (units or reported)
            ]
    return pages


def _has(loaded: Loaded) -> set[str]:
    """What a period can offer to the ``needs`` of a page."""
    plan = loaded.plan
    offered = {
        "values": plan.frameworks,
        "scores": plan.frameworks and plan.frameworks[0] in loaded.scored,
        "deadline": plan.deadline,
        "planned": {f for s in loaded.catalogue.systems for f in s.get("frameworks", [])}
        & set(plan.frameworks),
        "published": plan.published,
        "cleaned": plan.code in cleaned_tables.covered(loaded.root),
        "ranking": loaded.scored and len(loaded.ranked().rank_pairs),
        "revised": _compared_with(loaded),
        "signed": not plan.known_on and versions.read(plan.code, Place(loaded.root)),
        "earlier": plan.frameworks and history.followed_before(loaded),
    }
    held = {name for name, there in offered.items() if there}
    held |= {f"framework:{code}" for code in plan.frameworks}
    return held | {f"form:{code}" for code in plan.forms}


def _left_out(loaded: Loaded) -> list[str]:
    """What the index says of pages that are not there because something has not come yet."""
    has, asked = _has(loaded), set(loaded.plan.frameworks)
    followed = set().union(*(_has_of(loaded, f) for f in asked), has)
    why = {
        "ranking": "Chưa đủ đơn vị có điểm để xếp hạng nên chưa có trang: {pages}.",
        "earlier": "Chưa có kỳ trước để so sánh nên chưa có trang: {pages}.",
    }
    same = {"followed_before": "earlier"}
    lacking = {name: [] for name in why}
    if not loaded.scored:
        lacking.pop("ranking")
    for page in _declared(loaded).values() if asked else ():
        for need in page["needs"]:
            name = same.get(need, need)
            if "survey" not in page and need not in followed and name in lacking:
                lacking[name].append(choose(page["title"]))
                break
    found = [say(why[name], pages="; ".join(pages)) for name, pages in lacking.items() if pages]
    known = loaded.catalogue.frameworks
    if unfed := "; ".join(choose(known[code]["title"]) for code in loaded.plan.unfed):
        text = "Không biểu nào của kỳ này có số liệu của khung sau nên không có trang: {unfed}."
        found.append(say(text, unfed=unfed))
    return found


def _compared_with(loaded: Loaded) -> date | None:
    """The day whose state the period's scores are compared with, if files arrived later."""
    plan = loaded.plan
    day = revisions.last_day(loaded.tables.submissions, plan.deadline) if loaded.scored else None
    try:
        if day:
            load(plans.at_day(plan.code, day), loaded.root, loaded.catalogue)
    except pipeline.NoSubmissionsError:  # when files of an earlier period arrived is not known
        return None
    return day


def _has_of(loaded: Loaded, framework: str) -> set[str]:
    """What one framework offers to a page that is made for each: whether it is scored, whether it
    is followed (against targets, or because there is no score), whether earlier periods use it."""
    asked = loaded.tables.assessments["framework"]
    scored = framework in loaded.scored
    held = {
        "scored": scored,
        "followed": not scored or (asked == framework).any(),
        "followed_before": history.followed_before(loaded, framework),
    }
    return {name for name, there in held.items() if there}


def _units(loaded: Loaded, results: list[Result]) -> list[dict]:
    """The units of a period by type, with link, figure and badges; none where no unit has either,
    as who has sent nothing is awaited above."""
    issues = still_open(loaded.tables.issues)
    built = {r.page.unit: r for r in results if r.page.unit}
    counts = issues.groupby(["reporting_unit", "severity"], observed=True).size().to_dict()
    figures = _figures(loaded)
    if not built and not figures:
        return []
    missing = set(loaded.due["code"]) - submissions.reporting(loaded.tables)
    groups = []
    for kind, rows in loaded.due.groupby("type", sort=False):
        rows = rows[rows["code"].isin(set(built) | set(figures) | missing)]
        units = [
            {
                "href": built[u.code].output.as_posix() if u.code in built else "",
                "name": getattr(u, column("name")),
                "aliases": "|".join([u.aliases, u.name_vi, u.name_en, u.code]),
                "value": say("chưa có số liệu") if u.code in missing else figures.get(u.code, "…"),
                "failed": u.code in built and built[u.code].status != "ok",
                "badges": [
                    {
                        "severity": s,
                        "count": counts[u.code, s],
                        "title": say(submissions.SEVERITY[s]),
                    }
                    for s in ("blocking", "warning")
                    if (u.code, s) in counts
                ],
            }
            for u in rows.sort_values(column("name"), key=in_order).itertuples()
        ]
        if units:
            groups.append(
                {
                    "code": kind,
                    "name": loaded.catalogue.unit_types.loc[kind, column("name")],
                    "units": units,
                }
            )
    return groups


def _figures(loaded: Loaded) -> dict[str, str]:
    """Per unit: points reached of those that were measured, or of all where all could be given;
    or that nothing was to measure."""
    if not loaded.plan.frameworks:
        return {}
    scores = loaded.tables.scores
    first = scores[
        (scores["level"] == "dimension")
        & scores["score"].notna()
        & (scores["framework"] == loaded.framework()["framework"])
    ]
    return {
        unit: results.points(rows, loaded.framework()["max_score"]) or say("không phát sinh")
        for unit, rows in first.groupby("reporting_unit", observed=True)
    }
