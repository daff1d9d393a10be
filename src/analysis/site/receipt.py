"""The index of a site, and its receipt: what it was made from, and what was written."""

import json
import platform
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cache
from importlib import metadata
from pathlib import Path, PurePosixPath

from analysis.batch.pages import RECEIPT, Result
from analysis.language.languages import say
from analysis.period import Loaded
from analysis.render import report
from analysis.site import (
    code_version,
    data_pack,
    explorer,
    home,
    menus,
    named_things,
    site_search,
    subjects,
)
from analysis.site.declared import INDEX
from analysis.site.leads import Leads, put
from analysis.site.planning import Plan
from analysis.storage import clock, files
from analysis.survey import editions

_LIBRARIES = ["pandas", "numpy", "matplotlib", "papermill", "nbconvert", "python-calamine"]
_LIBRARIES += ["pypandoc-binary"]


def around(
    loaded: Loaded | editions.Loaded,
    planned: Plan,
    shown: list[Result],
    folder: Path,
    write: Callable[[str, bytes], str],
    lay: Callable[[Result, bytes], Result],
    *,
    notes: Sequence[str] = (),
    public: bool = False,
) -> tuple[str, list[Result]]:
    """Give the pages that lie in ``folder`` their links and menus, and write open data, index and
    receipt; returns the name of the index, and the pages as they are then.

    Parameters
    ----------
    shown
        The pages to name.
    write
        Writes a file into ``folder`` under a name, and returns the name that it got.
    lay
        As of :func:`analysis.site.leads.put`.
    notes
        More that the index says.
    public
        Whether the receipt leaves out what was submitted, file by file.
    """
    made, context = planned.subject, planned.batch.context
    key, counted = made.key(), made.entries()
    if public:
        counted.pop("inputs", None)
    listed = replace(made, notes=[*made.notes, *notes])
    asked = explorer.pages(loaded, shown, context, made.notes)
    leads = _leads(loaded, made, shown, folder, asked)
    shown = put(shown, leads, folder, lay)
    around = _index(folder, listed, context, shown, key, asked)
    index = {n: write(n, _linked(leads, n, d)) for n, d in around.items()}
    pack = write(data_pack.name(made.code), data_pack.packed(loaded, made))
    receipt = text(
        time_period=made.code,
        title=made.title,
        synthetic=made.synthetic,
        key=key,
        lang=context.lang,
        built_at=f"{clock.built():%d/%m/%Y %H:%M} UTC",
        code_version=code_version.version(loaded.root),
        code=code_version.digest(loaded.root),
        catalogue_sha256=loaded.catalogue.sha256,
        libraries={n: metadata.version(n) for n in _LIBRARIES},
        python=platform.python_version(),
        index=index[INDEX],
        open_data=pack,
        pages=[_entry(r) for r in shown],
        written=_written(shown, folder, [*index.values(), pack]),
        **counted,
    )
    write(RECEIPT, receipt)
    return index[INDEX], shown


def _leads(loaded, made: subjects.Subject, shown, folder: Path, asked: dict[str, bytes]) -> Leads:
    """What the pages of a site lead to: to each other, and to what lies around them."""
    sites, written = home.receipts(folder.parent), {INDEX, RECEIPT, data_pack.name(made.code)}
    written |= asked.keys()
    first = [menus.Entry(INDEX, say("Tổng quan của kỳ"))]
    first += [menus.Entry(name, say(explorer.TITLE)) for name in list(asked)[:1]]
    return Leads(
        names=[*made.names(shown), *named_things.terms()],
        there=cache(lambda name: name in written or (folder / name).exists()),
        groups=menus.grouped(
            [
                (p, menus.Entry(r.output.as_posix(), p.title))
                for r in shown
                if not (p := r.page).unit
            ],
            loaded.catalogue.systems,
            menus.titles(loaded.catalogue.outlines),
            first,
        ),
        others=lambda name: menus.same(sites, folder.name, name),
    )


def _linked(leads: Leads, name: str, data: bytes) -> bytes:
    """A page around the others with its menus; what is no page as it is."""
    if not name.endswith(".html"):
        return data
    called = PurePosixPath(name).stem
    return report.encoded(leads.page(data.decode("utf-8"), name, called))


def _entry(r: Result) -> dict[str, object]:
    return {
        "name": r.page.name,
        "output": r.output.as_posix(),
        "title": r.page.title,
        "notebook": r.page.notebook.name,
        "parameters": r.page.parameters,
        "status": r.status,
        "files": [file["href"] for file in r.files],
    }


def _written(shown: list[Result], folder: Path, index: Iterable[str]) -> dict[str, str]:
    """Every file of the site but its receipt, with its SHA-256."""
    found = {name: files.sha256(folder / name) for name in index}
    return found | {name: digest for result in shown for name, digest in result.written.items()}


def _index(
    folder: Path,
    made: subjects.Subject,
    context: report.Context,
    results: list[Result],
    key: str,
    asked: dict[str, bytes],
) -> dict[str, bytes]:
    """The index and what can be searched for, with the pages on which readers ask."""
    national = [
        {
            "href": r.output.as_posix(),
            "title": r.page.title,
            "question": r.page.question,
            "failed": r.status != "ok",
            "files": r.files,
        }
        for r in results
        if r.page.unit is None
    ]
    if asked:
        national.insert(1, explorer.card())
    return asked | index(
        folder,
        context=context,
        key=key,
        notes=made.notes,
        national=national,
        groups=made.groups(results),
        named=made.named(results),
        failed=[r.page.code for r in results if r.status != "ok"],
    )


def index(
    folder: Path,
    *,
    context: report.Context,
    key: str,
    notes: list[str],
    national: list[dict],
    groups: list[dict],
    failed: list[str],
    named: Sequence[dict] = (),
) -> dict[str, bytes]:
    """A period's index, and what can be searched for (:mod:`site.site_search`), by file name.

    ``folder``: where the pages lie. ``national``: href, title, question, failed, files (href,
    text). ``groups``: name and units, each with href, name, aliases (more names to find it by, "|"
    between them), value, badges (severity, count, title), failed. ``named``: what else has a name
    (:mod:`site.named_things`).
    """
    listed = {
        "title": context.period_title,
        "pages": site_search.entries(folder, national, groups, named),
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


def text(**entries: object) -> bytes:
    """What the site was made from, keys in order."""
    text = json.dumps(entries, ensure_ascii=False, indent=1, sort_keys=True, default=str)
    return report.encoded(text + "\n")
