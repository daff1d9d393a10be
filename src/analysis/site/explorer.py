"""The page on which a reader asks ("Khám phá"): any units side by side, any indicator, own weights.

It stands on its own, opened from disk; without its script it is a table of the same figures. What
it holds is in :mod:`analysis.site.explorer_data`.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from markupsafe import Markup

from analysis.batch.pages import Result
from analysis.display import narrative, table
from analysis.language.languages import say
from analysis.language.words import number
from analysis.period import Loaded
from analysis.render import report
from analysis.site import explorer_data, site_search
from analysis.site.declared import EXPLORE
from analysis.survey import editions
from analysis.topics.results import measured

TITLE = "Khám phá"

ACROSS_TITLE = "Khám phá qua các kỳ"
"""The page beside the home (:mod:`analysis.site.across`)."""

MOST_BYTES = 400 * 1024
"""Beyond it each framework has a page of its own: what is opened from disk may read no file, and
the policy of a page allows no script but those in it."""


def pages(
    loaded: Loaded | editions.Loaded,
    shown: Sequence[Result],
    context: report.Context,
    notes: Sequence[str],
) -> dict[str, bytes]:
    """The page by file name, or one for each framework where together they would be too heavy.

    ``shown``: the pages that the site has; only frameworks that one of them is about are in it.
    A survey edition has none: its units are samples.
    """
    if isinstance(loaded, editions.Loaded):
        return {}
    hrefs = {r.page.unit: r.output.as_posix() for r in shown if r.page.unit and r.status == "ok"}
    units = explorer_data.units(loaded, hrefs)
    held = [
        explorer_data.framework(loaded, code, shows_indicators(shown, code))
        for code in about(loaded, shown)
    ]
    if not held:
        return {}
    titled = [(one["code"], one["title"]) for one in held]

    def page(name: str, at: Sequence[int], others: Sequence[dict]) -> str:
        return written(units, [held[n] for n in at], context, notes, name, others)

    return fitted(titled, page)


def fitted(
    titled: Sequence[tuple[str, str]],
    page: Callable[[str, Sequence[int], Sequence[dict]], str],
) -> dict[str, bytes]:
    """One page of all frameworks, or one for each where that is heavier than ``MOST_BYTES``.

    ``titled``: code and title of each; ``page``: from a file name, the numbers of the frameworks on
    it, and the addresses and titles of the other pages.
    """
    first = f"{EXPLORE}.html"
    whole = report.encoded(page(first, range(len(titled)), []))
    if len(whole) <= MOST_BYTES or len(titled) == 1:
        return {first: whole}
    names = [first, *(f"{EXPLORE}-{code}.html" for code, _ in titled[1:])]
    links = [{"href": n, "title": title} for n, (_, title) in zip(names, titled, strict=True)]
    return {
        name: report.encoded(page(name, [n], [li for li in links if li["href"] != name]))
        for n, name in enumerate(names)
    }


def card() -> dict:
    """What an index says of it, as of its other pages."""
    question = say("So đơn vị nào với đơn vị nào, ở chỉ tiêu nào, với trọng số nào: bạn tự chọn.")
    return {
        "href": f"{EXPLORE}.html",
        "title": say(TITLE),
        "question": question,
        "failed": False,
        "files": [],
    }


def about(loaded: Loaded, shown: Sequence[Result]) -> list[str]:
    """The main framework, and those that a national page is about in the order of the period."""
    if not shown or not loaded.plan.frameworks:
        return []
    main = loaded.framework()["framework"]
    named = {r.page.parameters.get("framework") for r in shown if r.page.unit is None}
    return [main, *(c for c in loaded.plan.frameworks if c in named and c != main)]


def shows_indicators(shown: Sequence[Result], framework: str) -> bool:
    """Whether pages of the site show the indicators of each unit: those of the units do, which are
    in no public archive, and those that are made for each framework."""
    return any(r.page.unit or r.page.name.endswith(f"-{framework}") for r in shown)


def written(units, held, context, notes, name, others=()) -> str:
    tables = [
        {
            "title": one["title"],
            "html": _table(units, one),
            "basis": narrative.basis({"legal_basis": one["basis"]}),
        }
        for one in held
    ]
    title = say(TITLE)
    if len(held) == 1 and others:
        title += f": {held[0]['title']}"
    page = shell(title, {"units": units, "frameworks": held}, replace(context, explorer=""), name)
    across = {"href": f"../{EXPLORE}.html", "title": say(ACROSS_TITLE)}
    return report.rendered(
        "explorer.html.j2", page, notes=notes, others=others, tables=tables, across=across
    )


def shell(title: str, data: dict, context: report.Context, name: str) -> dict:
    """The shell of a page that asks of ``data``: units and frameworks, and if it does not begin
    with the ranking, ``view``."""
    scripts = [(report.TEMPLATES / n).read_text("utf-8") for n in ("explore.js", "explore_view.js")]
    script = f"const held = {site_search.literal(data)};\n" + "".join(scripts)
    tables = (report.TEMPLATES / "tables.js").read_text("utf-8")
    page = report.shell(title, context, name, scripts=[script, tables])
    page["style"] += (report.TEMPLATES / "explore.css").read_text("utf-8")
    return page


def _table(units: list[list], framework: dict) -> Markup:
    """All figures of a framework: scores and ranks, then values of indicators."""
    groups = [framework["groups"][n] for n in framework["group"]]
    figures = (table.NUM, table.NUM)
    columns = [(say("Đơn vị"), "", "", [name for _, name, _ in units])]
    if any(groups):
        columns.append((say("Loại"), "", "", groups))
    if framework["tree"]:
        *parts, whole = (e for e in framework["tree"]["entries"] if "scores" in e)
        for entry, name in [(whole, say("Tổng điểm")), *((e, e["name"]) for e in parts)]:
            columns.append((name, *figures, [number(v, 2) for v in entry["scores"]]))
            columns.append((say("Hạng"), *figures, [number(v) for v in entry["ranks"]]))
    for one in framework["indicators"]:
        unit = "percent" if one["percent"] else "points"
        columns.append((one["name"], *figures, [measured(v, unit) for v in one["values"]]))
    return table.grid(columns)
