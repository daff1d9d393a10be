"""The page above all sites: the periods and editions built, and what is asked to be followed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from analysis.batch.pages import RECEIPT, Batch
from analysis.catalogue import periods
from analysis.catalogue.catalogue import Catalogue
from analysis.language.languages import LANGUAGES, say
from analysis.project import Place
from analysis.render import report
from analysis.site import (
    across,
    across_data,
    cards,
    explorer,
    first_screen,
    menus,
    method_page,
    site_search,
)
from analysis.site.declared import EXPLORE, INDEX, INSIDE
from analysis.storage import files, locks, store_locks
from analysis.storage.owned import ENDING, Owned
from analysis.topics import scoreboard


def write(shared: Batch, catalogue: Catalogue) -> dict[str, str]:
    """Write the home above a site and the page of methods beside it; returns what of somebody else
    stands in their place → what it is called."""
    reports, lang = shared.site.parent, shared.context.lang
    record = shared.executed.parent / f"reports-{lang}{ENDING}"
    # runs of two periods may end together: the later one must see what the other wrote
    with (
        locks.turn(Place(shared.root).derived(locks.FOLDER) / "home"),
        store_locks.turn(shared.shared, "home", shared.root),
    ):
        held = Owned(reports, record)
        pages = above(shared.context, reports, catalogue)
        for name, data in pages.items():
            held.write(name, data)
        held.settle()
        for left in [left for name in pages for left in files.unfinished(reports, name)]:
            left.unlink()
    return {f"../{name}": f"../{made}" for name, made in held.beside.items()}


def above(
    context: report.Context, reports: Path, catalogue: Catalogue, followed: bool = True
) -> dict[str, bytes]:
    """The home above the sites of ``reports``, in the languages that the site of ``context`` has or
    that it was built in before, and beside it the page of methods and the one on which a reader
    asks over all periods (:mod:`site.across`), by file name.

    ``followed``: whether the home lists what the plan asks to be followed.
    """
    up = reports.parent if report.folder(context.lang).parts else reports
    others = {code for code in LANGUAGES if (up / report.folder(code) / INDEX).exists()}
    languages = [code for code in LANGUAGES if code in others | set(context.languages)]
    own = report.Context(provenance=context.provenance[1:], lang=context.lang, languages=languages)
    method = {"title": say(method_page.TITLE), "pages": method_page.searched(catalogue)}
    plan = (catalogue.systems, catalogue.task_groups) if followed else ()
    series = across_data.read(reports, sites := receipts(reports))
    name = f"{EXPLORE}.html"
    # in the other languages of a site that has one the page comes when that is built
    comes = context.languages if (reports / context.period / name).exists() else (context.lang,)
    asks = [c for c in languages if c in comes or (up / report.folder(c) / name).exists()]
    asked = across.pages(series, replace(own, languages=asks))
    own = replace(own, explorer=name) if asked else own
    return {
        INDEX: html(reports, own, *plan, searched=[{**method, "folder": ""}]),
        method_page.FILE: method_page.html(catalogue, own, sites),
        **asked,
    }


def html(
    reports: Path,
    context: report.Context,
    systems: Sequence[dict] = (),
    task_groups: Mapping[int, Mapping[str, str]] = MappingProxyType({}),
    searched: Sequence[dict] = (),
) -> bytes:
    """The page over all built periods, the newest first, then the survey editions.

    First comes what their receipts tell of the country (:mod:`site.first_screen`): the scoreboard
    of the newest period of the whole country that has figures beside targets, or else of the one
    that comes nearest to that; the map of that period, or of the newest that has one; changes and
    what is overdue of that period, or of one that is newer.

    ``systems``, ``task_groups``: what the plan asks to be followed (catalogue), each with the pages
    that follow it; of those that are not built it is said how many, and where none is built the
    plan is not there. ``searched``: what lies beside the home and can be searched for. A folder
    whose receipt is not as we write them is somebody else's and is passed over (:func:`foreign`).
    """
    found, built, listed = _built(reports)
    followed = [
        {
            **system,
            "links": [built[code] for code in system["pages"] if code in built],
            "waiting": [code for code in system["pages"] if code not in built],
        }
        for system in systems
    ]
    scripts = [site_search.script([*listed, *searched])]
    page = report.shell(say("Theo dõi cải cách hành chính"), context, scripts=scripts)
    told = report.rendered(
        "home.html.j2",
        page,
        periods=found,
        systems=followed if any(system["links"] for system in followed) else [],
        task_groups=task_groups,
        across=say(explorer.ACROSS_TITLE),
        words=scoreboard.STATES,
        **_telling(found),
    )
    return report.encoded(menus.bar(told, menus.link(method_page.FILE, say(method_page.TITLE))))


def _built(reports: Path) -> tuple[list[dict], dict[str, dict], list[dict]]:
    """What the receipts below ``reports`` hold: the sites in order, their pages by folder and name,
    and what can be searched for."""
    found, built, listed = [], {}, []
    for folder, receipt in receipts(reports).items():
        if receipt is None:
            continue
        found.append(
            {
                "href": f"{folder}/{receipt['index']}",
                "title": receipt["title"],
                "key": receipt["key"],
                "short": cards.first_sentence(receipt["key"]),
                "folder": f"{folder}/",
                "first": first_screen.held(receipt),
                "synthetic": receipt["synthetic"],
            }
        )
        if held := _searched(reports / folder / site_search.FILE):
            listed.append({**held, "folder": f"{folder}/"})
        for page in receipt["pages"]:
            built[f"{folder}/{page['name']}"] = {
                "href": f"{folder}/{page['output']}",
                "title": page["title"],
                "period": receipt["title"].partition(" – ")[0],
            }
    return found, built, listed


def _telling(found: list[dict]) -> dict[str, dict | None]:
    """Which site tells what, None where none does."""

    def has(site: dict, name: str) -> bool:
        part = {"board": "rows", "map": "tiles", "changes": "items"}.get(name)
        told = site["first"][name]
        return bool(told[part] if part else told)

    def worth(site: dict) -> tuple:
        with_targets = any(row["wanted"] for row in site["first"]["board"]["rows"])
        return site["first"]["national"], with_targets

    lead = max((site for site in found if has(site, "board")), key=worth, default=None)
    alike = [s for s in found if lead is None or worth(s)[0] == worth(lead)[0]]
    asked = [lead, *alike] if lead else alike
    news = [lead, *alike[: alike.index(lead)]] if lead else alike[:1]  # of an older one it is none
    among = {"board": asked, "map": asked, "changes": news, "overdue": news}
    return {name: next((s for s in sites if has(s, name)), None) for name, sites in among.items()}


def foreign(reports: Path) -> list[str]:
    """Folders below ``reports`` that the home leaves out: their receipt is none of ours."""
    return [folder for folder, receipt in receipts(reports).items() if receipt is None]


def receipts(reports: Path) -> dict[str, dict | None]:
    """Folder → receipt, in the order of the home page; None where it is none of ours."""
    folders = {path.parent.name: path for path in reports.glob(f"*/{RECEIPT}")}
    return {folder: _ours(folders[folder]) for folder in sorted(folders, key=_age)}


def _ours(path: Path) -> dict | None:
    """A receipt, if it holds all that the home needs and its names lead nowhere else."""
    try:
        receipt = {"index": INDEX, **json.loads(path.read_text(encoding="utf-8"))}
        texts = [receipt[k] for k in ("title", "key", "index")]
        for page in receipt["pages"]:
            page.setdefault("name", page["output"].removesuffix(".html"))
            texts += [page["name"], page["output"], page.setdefault("title", page["name"])]
        names = [receipt["index"], *(page["output"] for page in receipt["pages"])]
        whole = all(isinstance(t, str) for t in texts) and isinstance(receipt["synthetic"], bool)
        return receipt if whole and all(map(INSIDE.fullmatch, names)) else None
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None


def _searched(path: Path) -> dict | None:
    """What a site can be searched for; None where that cannot be read, or is of somebody else."""
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        rows = held["pages"]
        fit = isinstance(held["title"], str) and all(
            len(row) == 5
            and all(isinstance(t, str) for t in row[:4])
            and all(isinstance(t, str) for pair in row[4] for t in pair)
            for row in rows
        )
        return {"title": held["title"], "pages": rows} if fit else None
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None


def _age(code: str) -> tuple:
    """Order of the home page: the last month first, then series, then survey editions."""
    try:
        period = periods.parse(code.partition("@")[0])
    except ValueError:
        return 2, 0, 0, code
    return bool(period.series), -period.year, -period.months[1], code
