"""The pages around the pages: which there are, the period's index, the home page, the receipt."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

import yaml

from analysis import exports, periods, report, site_search
from analysis.language import LANGUAGES, say

EACH = ("reporting_unit", "framework")
"""What a page may be made for each of; the parameter has the same name."""

AUDIENCES = ("public", "internal")
"""For whom a page is; one that is internal is in no public archive (:mod:`analysis.share`)."""

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


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
    path: Path,
    *,
    context: report.Context,
    key: str,
    notes: list[str],
    national: list[dict],
    groups: list[dict],
    failed: list[str],
) -> None:
    """Write a period's index, and beside it what can be searched for (:mod:`analysis.site_search`).

    ``national``: href, title, question, failed, files (href, text). ``groups``: name and
    units, each with href, name, aliases (more words to find it by), value, badges (severity, count,
    title), failed.
    """
    listed = {
        "title": context.period_title,
        "pages": site_search.entries(path.parent, national, groups),
    }
    report.write(path.with_name(site_search.FILE), json.dumps(listed, ensure_ascii=False))
    script = site_search.script([{**listed, "title": "", "folder": ""}])
    page = report.shell(context.period_title, context, scripts=[script])
    report.render_page(
        "period.html.j2",
        path,
        page,
        title=context.period_title,
        key=key,
        notes=notes,
        national=national,
        groups=groups,
        failed=failed,
    )


def home(reports: Path, context: report.Context, systems: Sequence[dict] = ()) -> Path:
    """Write ``index.html`` over all built periods, the newest first, then the survey editions.

    ``systems``: what the plan asks to be followed (catalogue), each with the pages that follow it;
    a page that is not built is named without a link.
    """
    found, built, listed = [], {}, []
    for path in sorted(reports.glob("*/receipt.json"), key=lambda path: _age(path.parent.name)):
        receipt = json.loads(path.read_text(encoding="utf-8"))
        folder = path.parent.name
        found.append(
            {
                "href": f"{folder}/index.html",
                "title": receipt["title"],
                "key": receipt["key"],
                "synthetic": receipt["synthetic"],
            }
        )
        if (search := path.with_name(site_search.FILE)).exists():
            held = json.loads(search.read_text(encoding="utf-8"))
            listed.append({**held, "folder": f"{folder}/"})
        for page in receipt["pages"]:
            code = f"{folder}/{page['output'].removesuffix('.html')}"
            built[code] = {"href": f"{folder}/{page['output']}", "title": page.get("title", code)}
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
    target = reports / "index.html"
    scripts = [site_search.script(listed)]
    page = report.shell(say("Theo dõi cải cách hành chính"), context, scripts=scripts)
    report.render_page("home.html.j2", target, page, periods=found, systems=followed)
    return target


def _age(code: str) -> tuple:
    """Order of the home page: the last month first, then series, then survey editions."""
    try:
        period = periods.parse(code.partition("@")[0])
    except ValueError:
        return 2, 0, 0, code
    return bool(period.series), -period.year, -period.months[1], code


def receipt(path: Path, **entries: object) -> None:
    """Write ``receipt.json``: what the site was made from, keys in order."""
    text = json.dumps(entries, ensure_ascii=False, indent=1, sort_keys=True, default=str)
    report.write(path, text + "\n")
