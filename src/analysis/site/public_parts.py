"""What a public archive holds: what ``public_archive.csv`` lists, and nothing else.

The list is of kinds of files, and of the parts of those that programs read: keys of receipts and of
metadata, members of archives and documents, comments and attributes of pages. What it does not name
stays out, and is told.
"""

import csv
import hashlib
import io
import json
import re
import zipfile
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path, PurePosixPath

from analysis.batch.pages import RECEIPT
from analysis.language.languages import LANGUAGES
from analysis.language.messages import tell
from analysis.schema import open_data
from analysis.site import data_pack, site_search

FILE = Path(open_data.__file__).with_name("public_archive.csv")

_AUTHOR = ("", "Reform Monitor")
_DOCUMENTS = (".xlsx", ".docx")
_PROPERTIES = "docProps/"
_VALUE = re.compile(r"<(?:\w+:)?(\w+)(?:\s[^<>]*)?>([^<>]+)</")
_TAG = re.compile(r"<[^<>]*>")
_AGAIN = re.compile(r"~\d+(?=\.\w+$)")  # of a name that was taken (storage.owned)
_SCRIPT = re.compile(r"(<script\b[^>]*>.*?</script>|<style\b[^>]*>.*?</style>)", re.S | re.I)
_COMMENT = re.compile(r"<!--(.*?)-->", re.S)
_META = re.compile(r"<meta\b[^>]*\bname\s*=\s*[\"']?([\w.:-]+)[^>]*>", re.I)
_DATA = re.compile(r"\s(data-[\w-]+)(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s<>\"']+))?(?=[^<>]*>)")
_TYPED = re.compile(r"<script\b[^>]*\b(?:type|src)\s*=", re.I)


class UnlistedError(Exception):
    """A document holds what is not listed; the message says what."""


@cache
def listed() -> dict[str, list[str]]:
    """Part → names that may be in a public archive."""
    found = defaultdict(list)
    with FILE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found[row["part"]].append(row["name"])
    return dict(found)


def only(
    held: dict[str, bytes], code: str, pages: Collection[str]
) -> tuple[dict[str, bytes], list[str]]:
    """Of the files of an archive what may be in it, and the names of what is left out.

    Parameters
    ----------
    held
        Name → content, of the site ``code`` in each language.
    pages
        Names of the pages that are declared public (``glance``), in the site.

    Raises
    ------
    UnlistedError
        for a workbook or document that holds more than is listed: it is not taken apart.
    """
    kept, left = {}, []
    for name, data in held.items():
        place = _in_site(name)
        if _allowed(place, code, pages):
            kept[name] = _cleaned(name, place, data, left.append)
        else:
            left.append(name)
    for name in [n for n in kept if PurePosixPath(n).name == RECEIPT]:
        kept[name] = _true(name, kept)
    return kept, left


def _in_site(name: str) -> str:
    """A name without the folder of its language."""
    first, _, rest = name.partition("/")
    return rest if first in LANGUAGES else name


def _allowed(place: str, code: str, pages: Collection[str]) -> bool:
    files = (pattern.replace("SITE", code) for pattern in listed()["file"])
    if any(_fits(place, pattern) for pattern in files):
        return True
    folder, _, own = _AGAIN.sub("", place).partition("/")
    ends = [name + ending for name in pages for ending in listed()["page"]]
    return folder == code and any(_fits(own, pattern) for pattern in ends)


def _fits(name: str, pattern: str) -> bool:
    return name.count("/") == pattern.count("/") and fnmatchcase(name, pattern)


def _cleaned(name: str, place: str, data: bytes, out: Callable[[str], None]) -> bytes:
    file = PurePosixPath(place).name

    def inner(what: str) -> None:
        out(f"{name}: {what}")

    if file == RECEIPT:
        return _entries(data, listed()["receipt"], inner)
    if file == site_search.FILE:
        return _entries(data, listed()["search"], inner)
    if file == data_pack.name(place.partition("/")[0]):
        return _pack(data, inner)
    if file.endswith(_DOCUMENTS):
        _check(name, data)
    return page(data, inner) if file.endswith(".html") else data


def _entries(data: bytes, allowed: Collection[str], out: Callable[[str], None]) -> bytes:
    """An object of JSON with the keys that are listed; unchanged where it has no other."""
    whole = json.loads(data)
    kept = _keys(whole, allowed, "", out)
    if kept == whole:
        return data
    return (json.dumps(kept, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _keys(held: object, allowed: Collection[str], above: str, out: Callable[[str], None]) -> object:
    if isinstance(held, list):
        return [_keys(one, allowed, above, out) for one in held]
    if not isinstance(held, dict):
        return held
    kept = {}
    for key, value in held.items():
        path = above + key
        if path in allowed:
            kept[key] = value
        elif any(name.startswith(f"{path}.") for name in allowed):
            kept[key] = _keys(value, allowed, f"{path}.", out)
        else:
            out(path)
    return kept


def _pack(data: bytes, out: Callable[[str], None]) -> bytes:
    """Open data with the tables and columns that are listed."""
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        held = {name: book.read(name) for name in book.namelist()}
    kept = {}
    for member, content in held.items():
        if member == "metadata.json":
            kept[member] = _entries(content, listed()["metadata"], out)
        elif member in listed()["pack"] or _columns_listed(member, content):
            kept[member] = content
        else:
            out(member)
    return data if kept == held else data_pack.zipped(kept)


def _columns_listed(member: str, content: bytes) -> bool:
    known = open_data.read()
    tables = [
        known[t] for t in (member.removesuffix(".csv"), f"survey.{member[:-4]}") if t in known
    ]
    first = next(csv.reader(io.StringIO(content.decode("utf-8-sig"))), [])
    return any(set(first) <= {c.name for c in table.columns} for table in tables)


def _check(name: str, data: bytes) -> None:
    """See that a workbook or document has the members, and says of itself what is listed."""
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        for member in book.namelist():
            known = any(_fits(member, pattern) for pattern in listed()["document"])
            text = _text(book.read(member))
            # empty parts (comments, properties of one's own) are written by some programs
            if not known and not (member.endswith(".xml") and not _TAG.sub("", text).strip()):
                raise UnlistedError(tell("{file} holds {what}", file=name, what=member))
            for field, value in _VALUE.findall(text) if member.startswith(_PROPERTIES) else ():
                strange = field == "creator" and value not in _AUTHOR
                if strange or field not in listed()["property"]:
                    raise UnlistedError(
                        tell("{file} holds {what}", file=name, what=f"{field}: {value[:30]}")
                    )


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def page(data: bytes, out: Callable[[str], None]) -> bytes:
    """A page with the comments, ``meta`` and ``data-`` attributes that are listed, and no script
    but those that run."""
    shown = "".join(_pieces(_text(data), out))
    return shown.encode()


def _pieces(text: str, out: Callable[[str], None]) -> Iterator[str]:
    for n, piece in enumerate(_SCRIPT.split(text)):
        if not n % 2:
            piece = _without(_COMMENT, piece, "comment", lambda found: found[1].strip("/ "), out)
            piece = _without(_META, piece, "meta", lambda found: found[1].lower(), out)
            yield _without(_DATA, piece, "attribute", lambda found: found[1], out)
        elif _TYPED.match(piece):
            out("script")
        else:
            yield piece


def _without(
    pattern: re.Pattern, text: str, part: str, called: Callable, out: Callable[[str], None]
) -> str:
    def kept(found: re.Match) -> str:
        if (name := called(found)) in listed()[part]:
            return found[0]
        out(f"{part} {name[:30]}")
        return ""

    return pattern.sub(kept, text)


def _true(name: str, held: dict[str, bytes]) -> bytes:
    """A receipt with the digests of what is in the archive."""
    told, folder = json.loads(held[name]), PurePosixPath(name).parent
    there = {n: held.get((folder / n).as_posix()) for n in told["written"]}
    digests = {n: hashlib.sha256(data).hexdigest() for n, data in there.items() if data is not None}
    if digests == told["written"]:
        return held[name]
    told |= {"written": digests}
    return (json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
