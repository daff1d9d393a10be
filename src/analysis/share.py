"""A built site in one archive that opens from disk: all of it, or what the public may see."""

import html
import io
import shutil
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

from analysis import clock, files, language, pipeline, publish, report, surveys


class NotBuiltError(Exception):
    """The site is not as it would be built now; the message says what to do."""


class NotPublicError(Exception):
    """A page for the public names a file that was submitted; the message says which."""


def archive(loaded: pipeline.Loaded | surveys.Loaded, target: Path, public: bool) -> list[str]:
    """Write the site of a period or edition, with a home page above it, to the zip ``target``.

    Parameters
    ----------
    public
        Leave out pages for internal use (``audience: internal`` in site.yml), their downloads, and
        the names of the files that were submitted.

    Returns
    -------
    The names of what is in the archive.

    Raises
    ------
    NotBuiltError
        if a page is missing, failed, or would be built anew.
    NotPublicError
    """
    languages = publish.languages_of(loaded)
    with tempfile.TemporaryDirectory() as aside:
        for lang in languages:
            planned = publish.plan(loaded, lang=lang, languages=languages)
            with language.using(lang):
                _gather(loaded, planned, Path(aside, report.folder(lang)), public)
        held = {p.relative_to(aside).as_posix(): p for p in Path(aside).rglob("*") if p.is_file()}
        packed, written = io.BytesIO(), clock.built().timetuple()[:6]
        with zipfile.ZipFile(packed, "w") as book:
            for name in sorted(held):
                entry = zipfile.ZipInfo(name, written)
                entry.external_attr = 0o644 << 16
                book.writestr(entry, held[name].read_bytes(), zipfile.ZIP_DEFLATED)
        files.write(target, packed.getvalue())
    return sorted(held)


def _gather(loaded, planned: publish.Plan, reports: Path, public: bool) -> None:
    """Put the site as it was planned into ``reports``."""
    if planned.due:
        raise NotBuiltError(_why_not(planned))
    folder, shown = reports / planned.subject.code, publish.lying(planned)
    if public:
        shown = [r for r in shown if r.page.audience == "public"]
        _name_no_file(shown, planned.batch.site, loaded.tables.balance["source_file"])
    for result in shown:
        names = [result.output.name, *(file["href"] for file in result.files)]
        for name in names:
            place = result.output.with_name(name)
            (folder / place).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(planned.batch.site / place, folder / place)

    def write(name: str, data: bytes) -> str:
        files.write(folder / name, data)
        return name

    publish.around(loaded, planned, shown, folder, write, public=public)
    context = planned.batch.context
    files.write(reports / "index.html", publish.home(loaded, context, reports, archive=True))


def _why_not(planned: publish.Plan) -> str:
    """Why the site cannot be packed: pages to be built, or that fail however often they are."""
    failed = [p for p in planned.due if p.record and p.record.status == "error"]
    if len(failed) < len(planned.due):
        names = ", ".join(p.page.name for p in planned.due[:5])
        return f"{len(planned.due)} pages are not up to date ({names} …): run first"
    why = "; ".join(f"{p.page.name}: {p.record.message}" for p in failed[:5])
    more = f"; and {len(failed) - 5} more" if len(failed) > 5 else ""
    executed = planned.batch.executed / failed[0].page.output.with_suffix(".ipynb")
    return (
        f"{len(failed)} pages could not be built when they were last run, so nothing was packed. "
        f"{why}{more}. Each page shows what stopped it (the notebook as far as it came: "
        f"{executed}). Mend that, run the period again, then share; a page that is not wanted can "
        "be taken out of reports/site.yml."
    )


def _name_no_file(shown: list, site: Path, submitted: Iterable[str]) -> None:
    """Whatever is public by site.yml: where a file is named, its cells are told as well."""
    names = {html.escape(name): name for name in submitted}
    for result in shown:
        page = (site / result.output).read_text(encoding="utf-8")
        found = [name for escaped, name in names.items() if escaped in page]
        if found:
            what = f"{result.page.name} names {found[0]}, which was submitted"
            raise NotPublicError(f"{what}: not for the public (audience: internal in site.yml)")
