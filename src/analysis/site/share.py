"""A built site in one archive that opens from disk: all of it, or what the public may see."""

import hashlib
import io
import os
import shutil
import stat
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from analysis.batch import lasting
from analysis.batch.pages import RECEIPT, Result
from analysis.history import versions
from analysis.language import languages as language
from analysis.language.messages import tell
from analysis.period import Loaded
from analysis.project import Place
from analysis.render import report
from analysis.site import declared, home, leads, planning, public_names, public_parts, receipt
from analysis.storage import clock, files, scratch
from analysis.survey import editions

_MARK = "reform-monitor"
"""Begins the comment of an archive; site, audience and the digest of all bytes before follow."""
_DIGEST = 64  # hexadecimal digits
_BLOCK = 2**20
_FIRST = (1980, 1, 1, 0, 0, 0)  # no zip holds a time before it
_NAMED = 5  # pages of each kind


class NotBuiltError(Exception):
    """The site is not as it would be built now; the message says what to do."""


class NotPublicError(Exception):
    """A page for the public names a file or somebody that was submitted, or tells of this machine;
    or a document holds what is not listed; the message says which."""


class NotOursError(Exception):
    """The archive cannot be written there; the message says what is in the way and what to do."""


@dataclass(frozen=True)
class Packed:
    """What is in an archive: ``names`` of files; ``earlier``: titles of pages that are kept from
    before, as a newer attempt failed, each with its time; ``left``: what is not for the public."""

    names: list[str]
    earlier: list[str]
    left: list[str]


def archive(loaded: Loaded | editions.Loaded, target: Path, public: bool) -> Packed:
    """Write the site of a period or edition, with a home page above it, to the zip ``target``.

    What lies there is replaced only if it is :func:`allowed`.

    Parameters
    ----------
    public
        Only what is for the public: pages that site.yml declares so, and of these and all files
        around them what :mod:`analysis.site.public_parts` lists.

    Raises
    ------
    NotBuiltError
        if a page is missing, failed without a good one of before, or would be built anew.
    NotPublicError, NotOursError
    """
    key = loaded.plan.key
    allowed(target, key, public, loaded.root)
    languages, shown = planning.languages_of(loaded), []
    left: dict[str, None] = {}
    with scratch.folder() as aside:
        for lang in languages:
            planned = planning.plan(loaded, lang=lang, languages=languages)
            with language.using(lang):
                shown += gathered(loaded, planned, Path(aside, report.folder(lang)), public)
            left |= dict.fromkeys(_internal(planned)) if public else {}
        found = [p for p in Path(aside).rglob("*") if p.is_file()]
        held = {p.relative_to(aside).as_posix(): p.read_bytes() for p in found}
    held, more = _for_public(loaded, held, shown) if public else (held, [])
    left |= dict.fromkeys(more)
    packed = archive_of(held, key, public)
    allowed(target, key, public, loaded.root)
    files.write(target, packed)
    earlier = [f"{r.page.name} ({lasting.time_of(r.as_of)})" for r in shown if r.as_of]
    return Packed(sorted(held), list(dict.fromkeys(earlier)), list(left))


def _internal(planned: planning.Plan) -> list[str]:
    """Names of the pages that are not declared public; those of units are told together."""
    hidden = [r.page for r in planned.lying() if r.page.audience != declared.PUBLIC]
    return [f"{page.code}/*" if page.unit else page.name for page in hidden]


def _for_public(loaded, held: dict[str, bytes], shown: list[Result]) -> tuple[dict, list[str]]:
    try:
        held, left = public_parts.only(held, loaded.plan.key, {r.page.name for r in shown})
    except public_parts.UnlistedError as error:
        raise NotPublicError(
            tell("{what}: not for the public (audience in site.yml)", what=error)
        ) from error
    tables = loaded.tables
    answered = tables.issues["answered_by"].dropna() if "answered_by" in tables.issues else ()
    signed = versions.read(
        loaded.plan.key.partition("@")[0], Place(loaded.root)
    )  # who signed is told on each page
    people = set(answered) - {version.by for version in signed}
    if what := public_names.told(held, tables.balance["source_file"], loaded.root, people):
        raise NotPublicError(tell("{what}: not for the public (audience in site.yml)", what=what))
    return held, left


def archive_of(held: dict[str, bytes], key: str, public: bool) -> bytes:
    """The archive, which says at its end what it is and that it is as we wrote it."""
    packed, written = io.BytesIO(), max(clock.built().timetuple()[:6], _FIRST)
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


def gathered(loaded, planned: planning.Plan, reports: Path, public: bool) -> list[Result]:
    """Put the site as it was planned into ``reports``; returns its pages."""
    if any(not page.lasts for page in planned.due):
        raise NotBuiltError(_why_not(planned))
    folder, shown = reports / planned.subject.code, planned.lying()
    if public:
        shown = [_bare(r) for r in shown if r.page.audience == declared.PUBLIC]
    for result in shown:
        for name in result.written:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(planned.batch.site / name, folder / name)
        if public and result.as_of:
            page = folder / result.output
            page.write_bytes(lasting.without_reason(page.read_bytes()))

    def write(name: str, data: bytes) -> str:
        files.write(folder / name, data)
        return name

    lay = leads.in_archive(folder)
    receipt.around(loaded, planned, shown, folder, write, lay, public=public)
    above = home.above(planned.batch.context, reports, loaded.catalogue, followed=False)
    for name, data in above.items():
        files.write(reports / name, data)
    return shown


def _bare(result: Result) -> Result:
    """A page and its files, without what says why a newer attempt failed."""
    names = [result.output.name, *(file["href"] for file in result.files)]
    names = {result.output.with_name(name).as_posix() for name in names}
    return replace(result, written={n: d for n, d in result.written.items() if n in names})


def _why_not(planned: planning.Plan) -> str:
    """Why the site cannot be packed: pages that fail however often they are built, that were never
    built, and that something has changed for since. What helps differs."""
    due = [p for p in planned.due if not p.lasts]
    missing = [p for p in due if p.record is None]
    stale = [p for p in due if p.record and (p.record.status == "ok" or p.record.kept)]
    failed = [p for p in due if p not in missing and p not in stale]
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
