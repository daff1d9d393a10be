"""The page above all sites: the periods and editions built, and what is asked to be followed."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

from analysis.batch.pages import RECEIPT, Batch
from analysis.catalogue import periods
from analysis.catalogue.catalogue import Catalogue
from analysis.language.languages import LANGUAGES, say
from analysis.project import Place
from analysis.render import report
from analysis.site import menus, method_page, site_search
from analysis.site.declared import INDEX
from analysis.storage import files, locks
from analysis.storage.owned import ENDING, Owned

_INSIDE = re.compile(r"(units/)?[A-Za-z0-9][A-Za-z0-9._~-]*\.html")
"""A page in the folder of its site; "~": beside one that is not ours (:mod:`storage.owned`)."""


def write(shared: Batch, catalogue: Catalogue) -> dict[str, str]:
    """Write the home above a site and the page of methods beside it; returns what of somebody else
    stands in their place → what it is called."""
    reports, lang = shared.site.parent, shared.context.lang
    record = shared.executed.parent / f"reports-{lang}{ENDING}"
    # runs of two periods may end together: the later one must see what the other wrote
    with locks.turn(Place(shared.root).derived(locks.FOLDER) / "home"):
        held = Owned(reports, record)
        for name, data in above(shared.context, reports, catalogue).items():
            held.write(name, data)
        held.settle()
        for left in files.unfinished(reports, INDEX):
            left.unlink()
    return {f"../{name}": f"../{made}" for name, made in held.beside.items()}


def above(
    context: report.Context, reports: Path, catalogue: Catalogue, followed: bool = True
) -> dict[str, bytes]:
    """The home above the sites of ``reports``, in the languages that the site of ``context`` has or
    that it was built in before, and the page of methods beside it, by file name.

    ``followed``: whether the home lists what the plan asks to be followed.
    """
    up = reports.parent if report.folder(context.lang).parts else reports
    others = {code for code in LANGUAGES if (up / report.folder(code) / INDEX).exists()}
    languages = [code for code in LANGUAGES if code in others | set(context.languages)]
    own = report.Context(provenance=context.provenance[1:], lang=context.lang, languages=languages)
    method = {"title": say(method_page.TITLE), "pages": method_page.searched(catalogue)}
    systems = catalogue.systems if followed else ()
    return {
        INDEX: html(reports, own, systems, [{**method, "folder": ""}]),
        method_page.FILE: method_page.html(catalogue, own, receipts(reports)),
    }


def html(
    reports: Path,
    context: report.Context,
    systems: Sequence[dict] = (),
    searched: Sequence[dict] = (),
) -> bytes:
    """The page over all built periods, the newest first, then the survey editions.

    ``systems``: what the plan asks to be followed (catalogue), each with the pages that follow it;
    a page that is not built is named without a link; ``searched``: what lies beside the home and
    can be searched for. A folder whose receipt is not as we write
    them is somebody else's and is passed over (:func:`foreign`).
    """
    found, built, listed = [], {}, []
    for folder, receipt in receipts(reports).items():
        if receipt is None:
            continue
        found.append(
            {
                "href": f"{folder}/{receipt['index']}",
                "title": receipt["title"],
                "key": receipt["key"],
                "synthetic": receipt["synthetic"],
            }
        )
        if held := _searched(reports / folder / site_search.FILE):
            listed.append({**held, "folder": f"{folder}/"})
        for page in receipt["pages"]:
            built[f"{folder}/{page['name']}"] = {
                "href": f"{folder}/{page['output']}",
                "title": page["title"],
            }
    followed = [
        {
            **system,
            "links": [
                {"period": code.partition("/")[0], **built.get(code, {"href": "", "title": code})}
                for code in system["pages"]
            ],
        }
        for system in systems
    ]
    scripts = [site_search.script([*listed, *searched])]
    page = report.shell(say("Theo dõi cải cách hành chính"), context, scripts=scripts)
    text = report.rendered("home.html.j2", page, periods=found, systems=followed)
    return report.encoded(menus.bar(text, menus.link(method_page.FILE, say(method_page.TITLE))))


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
        return receipt if whole and all(map(_INSIDE.fullmatch, names)) else None
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
