"""Pages of a site: what each is built from, what became of it, and which must be built, and why."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from analysis import project
from analysis.batch import incremental
from analysis.language import languages
from analysis.language.messages import tell
from analysis.lineage import cells, imports
from analysis.render import report
from analysis.storage import files
from analysis.storage.owned import ENDING, Owned

RECEIPT = "receipt.json"
"""Beside the pages of a site: what it was made from, and the digests of what was written."""


@dataclass(frozen=True)
class Page:
    """One page to build: a notebook with parameters. ``output`` is relative to the site."""

    code: str
    notebook: Path
    output: Path
    title: str
    question: str = ""
    parameters: dict = field(default_factory=dict)
    unit: str | None = None
    synthetic: bool | None = None  # where it differs from the rest of the site
    also: tuple[str, ...] = ()  # exports beside the page (exports.KINDS)
    audience: str = "internal"  # or public, where it is declared so (site.declared)

    @property
    def name(self) -> str:
        """What a page is called on the command line: its output without ending."""
        return self.output.with_suffix("").as_posix()


@dataclass(frozen=True)
class Batch:
    """What all pages of a batch share.

    ``site``: where pages go; ``executed``: where executed notebooks, records and logs go;
    ``shared``: a store that all machines reach, to which the three belong;
    ``pinned``: folder of derived tables → the mark to be read there, so that all pages read the
    same state; ``catalogue``: its digest; ``seconds``: the time limit of a page; ``memory``: bytes
    that its notebook may use, if limited; ``retries``: how often a page is tried again whose
    kernel died.
    """

    site: Path
    executed: Path
    context: report.Context
    root: Path = field(default_factory=lambda: project.PROJECT)
    shared: Path | None = None
    pinned: dict[str, str] = field(default_factory=dict)
    catalogue: str = ""
    seconds: float = 300
    memory: int | None = None
    retries: int = 1

    @property
    def records(self) -> Path:
        """Where records lie: hidden, as nobody but us has anything to do there."""
        return self.executed / ".records"

    def record(self, page: Page) -> Path:
        return self.records / f"{page.name}.json"

    def owned(self, name: str) -> tuple[Owned, Owned]:
        """The files of a page, by its name, that are ours: in the site, and executed."""
        return (
            Owned(self.site, self.records / f"{name}.site{ENDING}", stated(self.site)),
            Owned(self.executed, self.records / f"{name}.executed{ENDING}"),
        )

    def now(self) -> Callable[[str, str], str]:
        """Kind and name of something a page read → its digest now."""
        return incremental.reading(self.root / "data", self.pinned)


@dataclass(frozen=True)
class Result:
    """What became of a page. ``status``: ok, error with the message, or stopped (not built);
    ``files``: its exports; ``built``: whether it was built now; ``written``: name → digest of the
    files that it was written to, where that was recorded; ``beside``: name of what was not ours,
    and stayed → name of what was written beside it; ``as_of``: of a page that failed and whose last
    good one stays, when that was built (seconds since 1970)."""

    page: Page
    status: str
    seconds: float
    message: str = ""
    files: tuple[dict, ...] = ()
    built: bool = True
    written: dict[str, str] = field(default_factory=dict)
    beside: dict[str, str] = field(default_factory=dict)
    as_of: float = 0.0

    @property
    def output(self) -> Path:
        """Where the page lies in the site."""
        name = self.page.output.as_posix()
        return Path(self.beside.get(name, name))


@dataclass(frozen=True)
class Planned:
    """A page and why it must be built; ``record``: what became of it, if it need not be."""

    page: Page
    reasons: tuple[str, ...]
    record: incremental.Record | None = None

    @property
    def result(self) -> Result:
        """Of a page that is as it should be."""
        held = self.record
        return as_recorded(self.page, held)

    @property
    def lasts(self) -> bool:
        """Whether it failed, would fail so again, and its last good page is there."""
        return self.record is not None and self.record.kept and len(self.reasons) == 1


def as_recorded(page: Page, record: incremental.Record) -> Result:
    """What became of a page when it was built last."""
    return Result(
        page,
        record.status,
        record.seconds,
        "",
        tuple(record.files),
        built=False,
        written=record.written,
        beside=record.beside,
        as_of=record.as_of if record.kept else 0.0,
    )


def stated(site: Path) -> dict[str, str]:
    """What the receipt of a site says was written there, name → digest; empty without one."""
    path = site / RECEIPT
    return _stated(path, files.sha256(path)) if path.is_file() else {}


@lru_cache(maxsize=8)
def _stated(path: Path, _digest: str) -> dict[str, str]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))["written"]
        return {str(n): str(d) for n, d in found.items()}
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return {}  # of somebody else


def examine(pages: list[Page], batch: Batch, force: bool = False) -> list[Planned]:
    """Each page with the reasons why it must be built, in order; no reason, no building.

    ``force``: build all, whatever their records say.
    """
    now, planned, common = batch.now(), [], rests_on(batch)
    for page in pages:
        record = incremental.load(batch.record(page))
        found = [tell("asked for")] if force else []
        found = found or incremental.reasons(record, basis(page, batch, common), now, batch.site)
        planned.append(Planned(page, tuple(found), record))
    return planned


def rests_on(batch: Batch) -> dict:
    """What all pages of a batch rest on."""
    sentences = languages.path(batch.context.lang)
    return {
        "catalogue": batch.catalogue,
        "template": incremental.template(report.TEMPLATES),
        "libraries": imports.libraries(),
        "sentences": files.sha256(sentences) if sentences else "",
    }


def basis(page: Page, batch: Batch, common: dict) -> dict:
    """What a page rests on before its notebook reads anything; ``common``: :func:`rests_on`."""
    context = batch.context
    synthetic = context.synthetic if page.synthetic is None else page.synthetic
    label = (page.title, page.question, page.also, synthetic)
    label += (context.period, context.period_title, tuple(context.notes))
    label += (context.lang, *context.languages, context.warning if page.synthetic is None else "")
    return {
        "notebook": cells.digest(page.notebook),
        "parameters": incremental.digest(
            sorted(page.parameters.items()), cells.parameters(page.notebook, page.parameters)
        ),
        "page": incremental.digest(*label, context.document),
        "modules": incremental.modules(page.notebook),
        **common,
    }
