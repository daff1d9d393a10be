"""The pages around the pages: which there are, the period's index, the home page, the receipt."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

import yaml

from analysis.batch.pages import RECEIPT
from analysis.catalogue import periods
from analysis.language.languages import LANGUAGES, say
from analysis.render import exports, report
from analysis.site import site_search

EACH = ("reporting_unit", "framework")
"""What a page may be made for each of; the parameter has the same name."""

AUDIENCES = ("public", "internal")
"""For whom a page is; one that is internal is in no public archive (:mod:`analysis.site.share`)."""

INDEX = "index.html"

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_INSIDE = re.compile(r"(units/)?[A-Za-z0-9][A-Za-z0-9._~-]*\.html")
"""A page in the folder of its site; "~": beside one that is not ours (:mod:`storage.owned`)."""


class SiteError(Exception):
    """``reports/site.yml`` is broken; the message says where."""


def load(path: Path, notebooks: Path) -> dict:
    """Read ``site.yml``.

    Raises
    ------
    SiteError
        if it cannot be read, a key is missing or unknown, or a notebook does not exist.
    """
    try:
        site = yaml.safe_load(path.read_text(encoding="utf-8"))
        pages = dict(site["pages"])
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise SiteError(f"{path.name}: cannot be read: {error}") from error
    allowed = {"notebook", "title", "question", "needs", "for_each", "parameters", "survey"}
    allowed |= {"synthetic", "also", "audience"}
    for code, page in pages.items():
        if not isinstance(code, str) or not _CODE.fullmatch(code) or code == "index":
            raise SiteError(f"{path.name}: page code {code!r} must be plain ASCII, and not index")
        if not isinstance(page, dict):
            raise SiteError(f"{path.name}: page {code}: must name its notebook, title, question")
        wrong = set(page) - allowed | {"notebook", "title", "question", "needs"} - set(page)
        if wrong:
            raise SiteError(f"{path.name}: page {code}: missing or unknown: {sorted(wrong)}")
        for text in ("title", "question"):
            if not isinstance(page[text], dict) or set(page[text]) != set(LANGUAGES):
                raise SiteError(
                    f"{path.name}: page {code}: {text} must have {', '.join(LANGUAGES)}"
                )
        if page.get("for_each", EACH[0]) not in EACH:
            raise SiteError(f"{path.name}: page {code}: for_each must be {' or '.join(EACH)}")
        if not set(page.get("also", [])) <= set(exports.KINDS):
            raise SiteError(f"{path.name}: page {code}: also must be of {', '.join(exports.KINDS)}")
        if page.get("audience", AUDIENCES[0]) not in AUDIENCES:
            raise SiteError(f"{path.name}: page {code}: audience must be {' or '.join(AUDIENCES)}")
        if not isinstance(page.get("parameters", {}), dict):
            raise SiteError(f"{path.name}: page {code}: parameters must be a mapping")
        if not (notebooks / f"{page['notebook']}.ipynb").exists():
            raise SiteError(f"{path.name}: page {code}: no notebook {page['notebook']}.ipynb")
    return site


def output(code: str, unit: str | None = None) -> Path:
    """Where a page lies in the site. Made of codes only, never of names.

    Raises
    ------
    SiteError
        if a code could lead out of the folder.
    """
    for part in (code,) if unit is None else (code, unit):
        if not _CODE.fullmatch(part):
            raise SiteError(f"{part!r} cannot be a file name")
    return Path(f"{code}.html") if unit is None else Path("units") / f"{unit}.html"


def index(
    folder: Path,
    *,
    context: report.Context,
    key: str,
    notes: list[str],
    national: list[dict],
    groups: list[dict],
    failed: list[str],
) -> dict[str, bytes]:
    """A period's index, and what can be searched for (:mod:`site.site_search`), by file name.

    ``folder``: where the pages lie. ``national``: href, title, question, failed, files (href,
    text). ``groups``: name and units, each with href, name, aliases (more words to find it by),
    value, badges (severity, count, title), failed.
    """
    listed = {
        "title": context.period_title,
        "pages": site_search.entries(folder, national, groups),
    }
    script = site_search.script([{**listed, "title": "", "folder": ""}])
    page = report.rendered(
        "period.html.j2",
        report.shell(context.period_title, context, scripts=[script]),
        title=context.period_title,
        key=key,
        notes=notes,
        national=national,
        groups=groups,
        failed=failed,
    )
    listed = json.dumps(listed, ensure_ascii=False)
    return {site_search.FILE: report.encoded(listed), INDEX: report.encoded(page)}


def home(reports: Path, context: report.Context, systems: Sequence[dict] = ()) -> bytes:
    """The page over all built periods, the newest first, then the survey editions.

    ``systems``: what the plan asks to be followed (catalogue), each with the pages that follow it;
    a page that is not built is named without a link. A folder whose receipt is not as we write
    them is somebody else's and is passed over (:func:`foreign`).
    """
    found, built, listed = [], {}, []
    for folder, receipt in _receipts(reports).items():
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
    scripts = [site_search.script(listed)]
    page = report.shell(say("Theo dõi cải cách hành chính"), context, scripts=scripts)
    return report.encoded(report.rendered("home.html.j2", page, periods=found, systems=followed))


def foreign(reports: Path) -> list[str]:
    """Folders below ``reports`` that the home leaves out: their receipt is none of ours."""
    return [folder for folder, receipt in _receipts(reports).items() if receipt is None]


def _receipts(reports: Path) -> dict[str, dict | None]:
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


def receipt(**entries: object) -> bytes:
    """What the site was made from, keys in order."""
    text = json.dumps(entries, ensure_ascii=False, indent=1, sort_keys=True, default=str)
    return report.encoded(text + "\n")
