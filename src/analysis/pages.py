"""Pages of a site: what each is built from, what became of it, and which must be built, and why."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from analysis import files, imports, incremental, language, report
from analysis.catalogue import PROJECT


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
    audience: str = "public"  # or internal (site.AUDIENCES)

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
    root: Path = PROJECT
    shared: Path | None = None
    pinned: dict[str, str] = field(default_factory=dict)
    catalogue: str = ""
    seconds: float = 300
    memory: int | None = None
    retries: int = 1

    def record(self, page: Page) -> Path:
        return self.executed / page.output.with_suffix(".json")

    def now(self) -> Callable[[str, str], str]:
        """Kind and name of something a page read → its digest now."""
        return incremental.reading(self.root / "data", self.pinned)


@dataclass(frozen=True)
class Result:
    """What became of a page. ``status``: ok, error with the message, or stopped (not built);
    ``files``: its exports; ``built``: whether it was built now; ``written``: name → digest of the
    files that it was written to, where that was recorded."""

    page: Page
    status: str
    seconds: float
    message: str = ""
    files: tuple[dict, ...] = ()
    built: bool = True
    written: dict[str, str] = field(default_factory=dict)


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
        return Result(self.page, "ok", held.seconds, "", tuple(held.files), False, held.written)


def examine(pages: list[Page], batch: Batch, force: bool = False) -> list[Planned]:
    """Each page with the reasons why it must be built, in order; no reason, no building.

    ``force``: build all, whatever their records say.
    """
    now, planned, common = batch.now(), [], rests_on(batch)
    for page in pages:
        record = incremental.load(batch.record(page))
        found = ["asked for"] if force else []
        found = found or incremental.reasons(record, basis(page, batch, common), now, batch.site)
        planned.append(Planned(page, tuple(found), record))
    return planned


def rests_on(batch: Batch) -> dict:
    """What all pages of a batch rest on."""
    sentences = language.path(batch.context.lang)
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
        "notebook": files.sha256(page.notebook),
        "parameters": incremental.digest(sorted(page.parameters.items())),
        "page": incremental.digest(*label, context.document),
        "modules": incremental.modules(page.notebook),
        **common,
    }
