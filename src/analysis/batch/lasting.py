"""The last good page of a notebook that cannot be built any more: it stays, marked as of its time,
and what stopped the newer attempt lies on a page of its own beside it, which is internal."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from html import escape
from pathlib import Path, PurePosixPath

from analysis.batch import incremental
from analysis.batch.incremental import Record
from analysis.language.languages import say
from analysis.language.words import day
from analysis.storage import files
from analysis.storage.owned import Owned

REASON = ".failed.html"
"""Ending of the page that says why a newer attempt failed; no page of site.yml is called so."""

_MARKED = re.compile(r"<!--earlier-->.*?<!--/earlier-->", re.S)
_WHY = re.compile(r" <a href='[^']*'>[^<]*</a>(?=</p><!--/earlier-->)")
_MAIN = re.compile(r"<main\b[^>]*>")


@dataclass(frozen=True)
class Shown:
    """What lies there of a page after an attempt: its exports; the time that it states (seconds
    since 1970, 0 of an error card); whether it is kept from an attempt before."""

    files: list[dict]
    as_of: float
    kept: bool = False


def begin(path: Path) -> Record | None:
    """Note in the record at ``path`` that a new attempt begins; returns that of before, if its page
    may outlast the attempt."""
    before = incremental.load(path)
    if before is None or not _good(before):
        path.unlink(missing_ok=True)
        return None
    replace(before, begun=True).save(path)
    return before


def failed(before: Record | None, site: Owned, name: str, card: bytes) -> Shown:
    """Leave the last good page ``name`` in the site, marked, with its exports and the ``card``
    beside it; without one that lies there as it was written the card is the page."""
    if before is None or not (_good(before) and _lies(before, site)):
        site.write(name, card)
        return Shown([], 0.0)
    as_of = before.as_of or before.built_at
    page = (site.folder / before.beside.get(name, name)).read_bytes().decode("utf-8")
    wanted = {made: asked for asked, made in before.beside.items()}
    for file in before.files:
        placed = PurePosixPath(name).with_name(file["href"]).as_posix()
        site.keep(placed, wanted.get(placed, placed))
    reason = site.write(PurePosixPath(name).with_suffix(REASON).as_posix(), card)
    site.write(name, _marked(page, as_of, PurePosixPath(reason).name).encode())
    return Shown(before.files, as_of, kept=True)


def time_of(as_of: float) -> str:
    """When a page was built, in words."""
    when = datetime.fromtimestamp(as_of, UTC)
    return f"{day(when)} {when:%H:%M} UTC"


def without_reason(page: bytes) -> bytes:
    """A page whose mark, if it has one, leads to no reason: that is internal."""
    return _WHY.sub("", page.decode("utf-8")).encode()


def _good(record: Record) -> bool:
    return record.status == "ok" or record.as_of > 0  # records of before 12/2026 hold no time


def _lies(record: Record, site: Owned) -> bool:
    """Whether all that was written lies there so, and is ours."""
    folder, held = site.folder, record.written
    return all(site.ours(n) and files.sha256(folder / n) == held[n] for n in held)


def _marked(page: str, as_of: float, reason: str) -> str:
    """The page with the mark that it is of an earlier time; one that it had gives way."""
    told = say(
        "Trang này lập lúc {time}. Lần lập sau không thành công, nên trang chưa có số liệu mới "
        "hơn.",
        time=time_of(as_of),
    )
    link = f"<a href='{escape(reason)}'>{escape(say('Lý do'))}</a>"
    mark = f"<p class='banner' role='note'><strong>{escape(told)}</strong> {link}</p>"
    mark = f"<!--earlier-->{mark}<!--/earlier-->"
    return _MAIN.sub(lambda main: main[0] + mark, _MARKED.sub("", page), count=1)
