"""The index of a site, and its receipt: what it was made from, and what was written."""

import json
import platform
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from importlib import metadata
from pathlib import Path, PurePosixPath
from types import MappingProxyType

from analysis.batch import lasting
from analysis.batch.pages import RECEIPT, Result
from analysis.language.languages import say
from analysis.period import Loaded
from analysis.render import report
from analysis.site import (
    cards,
    code_version,
    data_pack,
    explorer,
    first_screen,
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
from analysis.topics import scoreboard

_LIBRARIES = ["pandas", "numpy", "matplotlib", "papermill", "nbconvert", "python-calamine"]
_LIBRARIES += ["pypandoc-binary"]  # where it is installed


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
        Whether the index and the receipt leave out what was submitted: files, cells, findings.
    """
    made, context = planned.subject, planned.batch.context
    counted = {} if public else made.entries()
    told = {} if isinstance(loaded, editions.Loaded) else first_screen.of_period(loaded, shown)
    asked = explorer.pages(loaded, shown, context, made.notes)
    leads = _leads(loaded, made, shown, folder, asked)
    shown = put(shown, leads, folder, lay)
    sent = _sent(loaded, made, public)
    listed = asked | _listed(loaded, planned, shown, folder, told, notes, bool(asked), sent, public)
    written = {n: write(n, _linked(leads, n, d)) for n, d in listed.items()}
    pack = write(data_pack.name(made.code), data_pack.packed(loaded, made))
    receipt = text(
        time_period=made.code,
        title=made.title,
        synthetic=made.synthetic,
        key=told.get("key") or _sent(loaded, made, public),
        lang=context.lang,
        built_at=f"{clock.built():%d/%m/%Y %H:%M} UTC",
        code_version=code_version.version(loaded.root),
        code=code_version.digest(loaded.root),
        catalogue_sha256=loaded.catalogue.sha256,
        libraries=_libraries(),
        python=platform.python_version(),
        index=written[INDEX],
        open_data=pack,
        signed=made.signed.entry,
        first_screen=told,
        pages=[_entry(r) for r in shown],
        written=_written(shown, folder, [*written.values(), pack]),
        **counted,
    )
    write(RECEIPT, receipt)
    return written[INDEX], shown


def _leads(loaded, made: subjects.Subject, shown, folder: Path, asked: dict[str, bytes]) -> Leads:
    """What the pages of a site lead to: to each other, and to what lies around them."""
    sites, written = home.receipts(folder.parent), {INDEX, RECEIPT, data_pack.name(made.code)}
    written |= asked.keys()
    listed = [menus.Entry(INDEX, say("Tổng quan của kỳ"))]
    listed += [menus.Entry(name, say(explorer.TITLE)) for name in list(asked)[:1]]
    pages = [{"entry": entry} for entry in listed] + [
        {
            "entry": menus.Entry(r.output.as_posix(), r.page.title),
            "code": r.page.code,
            "framework": r.page.parameters.get("framework", ""),
        }
        for r in shown
        if not r.page.unit
    ]
    held = loaded.catalogue
    groups = cards.grouped(pages, made.code, held.systems, held.task_groups)
    return Leads(
        names=[*made.names(shown), *named_things.terms()],
        there=cache(lambda name: name in written or (folder / name).exists()),
        groups=[(g["name"], [page["entry"] for page in g["cards"]]) for g in groups],
        others=lambda name: menus.same(sites, folder.name, name),
        signed=made.signed.text,
        awaits=made.awaits,
    )


def _linked(leads: Leads, name: str, data: bytes) -> bytes:
    """A page around the others with its menus; what is no page as it is."""
    if not name.endswith(".html"):
        return data
    called = PurePosixPath(name).stem
    return report.encoded(leads.page(data.decode("utf-8"), name, called))


def _sent(loaded, made: subjects.Subject, public: bool) -> str:
    """What was answered or sent, in a sentence; what units sent is not the public's."""
    internal = public and not isinstance(loaded, editions.Loaded)
    return made.title if internal else made.key()


def _listed(
    loaded, planned: Plan, shown, folder, told, waiting, asked: bool, sent: str, public: bool
) -> dict[str, bytes]:
    """The index of a site, and what can be searched for: :func:`index` with what is known of it."""
    made, groups = planned.subject, planned.subject.groups(shown)
    if public:
        groups = [g | {"units": [u | {"badges": []} for u in g["units"]]} for g in groups]
    return index(
        folder,
        context=planned.batch.context,
        key=told.get("key") or sent,
        notes=[*made.notes, *([sent] if told and not public else [])],
        national=_national(folder, shown, asked),
        groups=groups,
        named=made.named(shown),
        failed=[r.page.code for r in shown if not _shows(r)],
        told=told,
        systems=loaded.catalogue.systems,
        task_groups=loaded.catalogue.task_groups,
        waiting=[*waiting, *_earlier(shown)],
        awaited=made.awaited,
    )


def _shows(r: Result) -> bool:
    """Whether the page shows what it is for: one that failed may be kept from before."""
    return r.status == "ok" or r.as_of > 0


def _earlier(shown: list[Result]) -> list[str]:
    """What the index says of pages that are kept from before."""
    kept = [f"{r.page.title} ({lasting.time_of(r.as_of)})" for r in shown if r.as_of]
    text = "Lần lập sau của các trang này không thành công, nên còn là bản lập trước: {pages}."
    return [say(text, pages="; ".join(kept))] if kept else []


def _libraries() -> dict[str, str]:
    held = {}
    for name in _LIBRARIES:
        with suppress(metadata.PackageNotFoundError):
            held[name] = metadata.version(name)
    return held


def _entry(r: Result) -> dict[str, object]:
    kept = {"as_of": lasting.time_of(r.as_of)} if r.as_of else {}
    return kept | {
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


def _national(folder: Path, shown: list[Result], asked: bool) -> list[dict]:
    """What the index says of each page that is not one unit's; ``asked``: whether a reader can."""
    national = [
        {
            "href": r.output.as_posix(),
            "title": r.page.title,
            "question": r.page.question,
            "lead": cards.lead(folder / r.output) if _shows(r) else "",
            "code": r.page.code,
            "framework": r.page.parameters.get("framework", ""),
            "failed": not _shows(r),
            "files": r.files,
        }
        for r in shown
        if r.page.unit is None
    ]
    if asked:
        national.insert(1, explorer.card())
    return national


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
    told: dict | None = None,
    systems: Sequence[dict] = (),
    task_groups: Mapping[int, Mapping[str, str]] = MappingProxyType({}),
    waiting: Sequence[str] = (),
    awaited: Sequence[str] = (),
) -> dict[str, bytes]:
    """A period's index, and what can be searched for (:mod:`site.site_search`), by file name.

    ``folder``: where the pages lie. ``national``: href, title, question, failed, files (href,
    text), and if known lead (its first sentence), code, framework (:func:`site.cards.grouped`).
    ``groups``: name and units, each with href, name, aliases (more names to find it by, "|" between
    them), value, badges (severity, count, title), failed. ``named``: what else has a name
    (:mod:`site.named_things`). ``told``: :mod:`site.first_screen`; ``systems``, ``task_groups``:
    the catalogue's; ``waiting``: what must be seen before all else; ``awaited``: a sentence for
    each form that is not here yet.
    """
    listed = {
        "title": context.period_title,
        "pages": site_search.entries(folder, national, groups, named),
    }
    scripts = [site_search.script([{**listed, "title": "", "folder": ""}]), folds()]
    shown = [p | {"said": cards.marked(p.get("lead") or p["question"])} for p in national]
    page = report.rendered(
        "period.html.j2",
        report.shell(context.period_title, context, scripts=scripts),
        title=context.period_title,
        key=key,
        notes=notes,
        waiting=waiting,
        awaited=awaited,
        national=national,
        pages=cards.grouped(shown, context.period, systems, task_groups),
        told=first_screen.held({"first_screen": told}),
        words=scoreboard.STATES,
        groups=groups,
        failed=failed,
    )
    listed = json.dumps(listed, ensure_ascii=False)
    return {site_search.FILE: report.encoded(listed), INDEX: report.encoded(page)}


def folds() -> str:
    """The script that opens what is folded for a phone."""
    return (report.TEMPLATES / "folds.js").read_text("utf-8")


def text(**entries: object) -> bytes:
    """What the site was made from, keys in order."""
    text = json.dumps(entries, ensure_ascii=False, indent=1, sort_keys=True, default=str)
    return report.encoded(text + "\n")
