"""A built site in one archive that opens from disk: all of it, or what the public may see."""

import hashlib
import io
import os
import shutil
import stat
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from analysis.batch.pages import RECEIPT
from analysis.language import languages as language
from analysis.language.messages import tell
from analysis.period import Loaded
from analysis.project import Place
from analysis.render import report
from analysis.site import home, leads, planning, public_names, receipt
from analysis.storage import clock, files
from analysis.survey import editions

_MARK = "reform-monitor"
"""Begins the comment of an archive; site, audience and the digest of all bytes before follow."""
_DIGEST = 64  # hexadecimal digits
_BLOCK = 2**20
_NAMED = 5  # pages of each kind


class NotBuiltError(Exception):
    """The site is not as it would be built now; the message says what to do."""


class NotPublicError(Exception):
    """A page for the public names a file that was submitted, or a folder of this machine; the
    message says which."""


class NotOursError(Exception):
    """The archive cannot be written there; the message says what is in the way and what to do."""


def archive(loaded: Loaded | editions.Loaded, target: Path, public: bool) -> list[str]:
    """Write the site of a period or edition, with a home page above it, to the zip ``target``.

    What lies there is replaced only if it is :func:`allowed`.

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
    NotPublicError, NotOursError
    """
    key = loaded.plan.key
    allowed(target, key, public, loaded.root)
    languages = planning.languages_of(loaded)
    with tempfile.TemporaryDirectory() as aside:
        for lang in languages:
            planned = planning.plan(loaded, lang=lang, languages=languages)
            with language.using(lang):
                gathered(loaded, planned, Path(aside, report.folder(lang)), public)
        found = [p for p in Path(aside).rglob("*") if p.is_file()]
        held = {p.relative_to(aside).as_posix(): p.read_bytes() for p in found}
    if public and (
        what := public_names.told(held, loaded.tables.balance["source_file"], loaded.root)
    ):
        raise NotPublicError(
            tell("{what}: not for the public (audience: internal in site.yml)", what=what)
        )
    packed = archive_of(held, key, public)
    allowed(target, key, public, loaded.root)
    files.write(target, packed)
    return sorted(held)


def archive_of(held: dict[str, bytes], key: str, public: bool) -> bytes:
    """The archive, which says at its end what it is and that it is as we wrote it."""
    packed, written = io.BytesIO(), clock.built().timetuple()[:6]
    with zipfile.ZipFile(packed, "w") as book:
        for name in sorted(held):
            entry = zipfile.ZipInfo(name, written)
            entry.external_attr = 0o644 << 16
            book.writestr(entry, held[name], zipfile.ZIP_DEFLATED)
        book.comment = " ".join([_MARK, key, _audience(public), "0" * _DIGEST]).encode()
    before = packed.getvalue()[:-_DIGEST]
    return before + hashlib.sha256(before).hexdigest().encode()


def _audience(public: bool) -> str:
    return "public" if public else "internal"


def allowed(target: Path, key: str, public: bool, root: Path) -> None:
    """See that an archive of a site (``key``) may be written to ``target``: nothing lies there, or
    what we wrote of the same site for the same audience and nobody has changed since.

    Raises
    ------
    NotOursError
        if it may not, or what is received, signed or built lies in that folder.
    """
    elsewhere, data, reports = tell("name a file elsewhere"), root / "data", Place(root).reports
    if files.lies_in(target.parent, data):
        raise NotOursError(
            tell(
                "{target} would lie in {data}, which is for other files: {elsewhere}",
                target=target,
                data=data,
                elsewhere=elsewhere,
            )
        )
    real = Path(os.path.realpath(target.parent))
    above = [real, *real.parents]
    if any((p / RECEIPT).exists() for p in above if files.lies_in(p.parent, reports)):
        raise NotOursError(
            tell(
                "{target} would lie among the pages of a built site: {elsewhere}",
                target=target,
                elsewhere=elsewhere,
            )
        )
    if not next(p for p in above if os.path.lexists(p)).is_dir():
        raise NotOursError(
            tell(
                "{target}: {parent} is no folder: {elsewhere}",
                target=target,
                parent=target.parent,
                elsewhere=elsewhere,
            )
        )
    if not real.is_dir():
        raise NotOursError(
            tell(
                "{target}: there is no folder {parent}: make it, or {elsewhere}",
                target=target,
                parent=target.parent,
                elsewhere=elsewhere,
            )
        )
    if os.path.lexists(target) and (what := _in_the_way(target, key, _audience(public))):
        raise NotOursError(
            tell(
                "{target} {what}. It stays as it is: move it away, or {elsewhere}",
                target=target,
                what=what,
                elsewhere=elsewhere,
            )
        )


def _in_the_way(target: Path, key: str, audience: str) -> str:
    """What lies at ``target`` and may not be replaced; empty if it may."""
    if target.is_symlink():
        return tell("is a link, to what is somebody else's")
    if target.is_dir():
        return tell("is a folder")
    try:
        code, held = _marked(target)
        whole = _whole(target)
    except (OSError, ValueError, zipfile.BadZipFile):
        return tell(
            "is no archive that we wrote (those of before 12/2026 do not say what they are)"
        )
    if not whole:
        return tell("was changed since we wrote it")
    if (code, held) != (key, audience):
        return tell(
            "is the archive of {code} ({held}), not of {key} ({audience})",
            code=code,
            held=held,
            key=key,
            audience=audience,
        )
    return ""


def _marked(target: Path) -> tuple[str, str]:
    """Site and audience of an archive that we wrote.

    Raises
    ------
    OSError, ValueError, zipfile.BadZipFile
        if it is none.
    """
    if not stat.S_ISREG(target.stat().st_mode):
        raise ValueError("no file")
    with zipfile.ZipFile(target) as book:
        mark, code, audience, _ = book.comment.decode("utf-8").split(" ")
    if mark != _MARK:
        raise ValueError("no mark of ours")
    return code, audience


def _whole(target: Path) -> bool:
    """Whether every byte is as we wrote it."""
    total, left = hashlib.sha256(), target.stat().st_size - _DIGEST
    with target.open("rb") as file:
        while left > 0 and (block := file.read(min(left, _BLOCK))):
            total.update(block)
            left -= len(block)
        return file.read() == total.hexdigest().encode()


def gathered(loaded, planned: planning.Plan, reports: Path, public: bool) -> None:
    """Put the site as it was planned into ``reports``."""
    if planned.due:
        raise NotBuiltError(_why_not(planned))
    folder, shown = reports / planned.subject.code, planned.lying()
    if public:
        shown = [r for r in shown if r.page.audience == "public"]
    for result in shown:
        names = [result.output.name, *(file["href"] for file in result.files)]
        for name in names:
            place = result.output.with_name(name)
            (folder / place).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(planned.batch.site / place, folder / place)

    def write(name: str, data: bytes) -> str:
        files.write(folder / name, data)
        return name

    lay = leads.in_archive(folder)
    receipt.around(loaded, planned, shown, folder, write, lay, public=public)
    above = home.above(planned.batch.context, reports, loaded.catalogue, followed=False)
    for name, data in above.items():
        files.write(reports / name, data)


def _why_not(planned: planning.Plan) -> str:
    """Why the site cannot be packed: pages that fail however often they are built, that were never
    built, and that something has changed for since. What helps differs."""
    failed = [p for p in planned.due if p.record and p.record.status == "error"]
    missing = [p for p in planned.due if p.record is None]
    stale = [p for p in planned.due if p.record and p not in failed]
    told = [tell("Nothing was packed.")]
    if failed:
        told.append(
            tell(
                "{n} pages could not be built when they were last run: {pages}. Each page shows "
                "what stopped it (the notebook as far as it came: {executed}). Mend that, run the "
                "period again, then share; a page that is not wanted can be taken out of "
                "reports/site.yml.",
                n=len(failed),
                pages=_named(failed, lambda p: p.record.message),
                executed=planned.batch.executed / failed[0].page.output.with_suffix(".ipynb"),
            )
        )
    if missing:
        told.append(
            tell(
                "{n} pages are not built yet ({pages}): run the period, then share.",
                n=len(missing),
                pages=_named(missing, None),
            )
        )
    if stale:
        told.append(
            tell(
                "{n} pages are not up to date: {pages}. Run the period again, which builds these "
                "alone, then share.",
                n=len(stale),
                pages=_named(stale, lambda p: p.reasons[0]),
            )
        )
    return " ".join(told)


def _named(pages: list, why: Callable | None) -> str:
    said = [f"{p.page.name}: {why(p)}" if why else p.page.name for p in pages[:_NAMED]]
    more = tell("; and {n} more", n=len(pages) - _NAMED) if len(pages) > _NAMED else ""
    return "; ".join(said) + more
