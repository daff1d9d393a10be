"""What must not be told to the public: names of files that were submitted, people who answered,
folders of a machine, and what it is called.

It is looked for in every file of an archive, those in archives and workbooks too, in whatever way
its letters are written there: HTML, JSON, addresses, composed or not, with elements between them.
"""

import getpass
import html
import io
import json
import platform
import re
import sys
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from analysis.batch import nowhere
from analysis.language.messages import tell
from analysis.storage import files

_FOLDERS = rf"/(?:{'|'.join(nowhere.FOLDERS)})/[\w.-]+|[A-Za-z]:\\{{1,2}}Users\b"
_BEFORE = r"(?<![\w/+=.:-])"  # an address goes on here, or what is no text at all
_CODED = re.compile(r"((?:\\u[0-9a-fA-F]{4})+)|\\([\"'/\\])")
_TAG = re.compile(r"<[^<>]*>")
_PACKED = (".zip", ".xlsx", ".docx")


def told(
    held: dict[str, bytes], submitted: Iterable[str], root: Path, people: Iterable[str] = ()
) -> str:
    """What the first file of ``held`` (name → content) tells that is not for the public; empty if
    none does. Files of an archive that are called as something submitted are its own.

    ``people``: names of those who answered; one of a single word is not looked for, as other words
    are like it."""
    parts = sorted(_parts(held), key=lambda part: not part[0].endswith(".html"))
    own = {PurePosixPath(name).name for name, _ in parts}
    names = {n: files.alike(n) for n in sorted(set(submitted)) if n}
    found = {n: re.compile(rf"(?<![\w.-]){re.escape(m)}") for n, m in names.items()}
    places, persons = _places(root), _persons(people)
    for name, data in parts:
        if name.endswith((".png", ".pdf")):
            continue
        page = name.endswith(".html")
        called = name.removesuffix(".html")
        asked = [n for n in found if page or ("." in n and n not in own)]
        for text in _readings(data):
            alike = files.alike(text)
            named = next((n for n in asked if names[n] in alike and found[n].search(alike)), "")
            if named:
                return tell("{page} names {file}, which was submitted", page=called, file=named)
            if place := places(text):
                return tell(
                    "{page} names a folder of this machine, {file}", page=called, file=place
                )
            if person := persons(text):
                return tell("{page} names {who}, who answered", page=called, who=person)
    return ""


def _persons(people: Iterable[str]) -> Callable[[str], str]:
    asked = {unicodedata.normalize("NFC", " ".join(p.split())) for p in people}
    ways = [re.escape(p).replace(r"\ ", r"\s+") for p in sorted(asked) if " " in p]
    known = re.compile(rf"(?<!\w)(?:{'|'.join(ways)})(?!\w)", re.I) if ways else None

    def person(text: str) -> str:
        found = known.search(text) if known else None
        return found[0] if found else ""

    return person


def _places(root: Path) -> Callable[[str], str]:
    machine = {str(p) for p in (root, root.resolve(), Path.home(), Path(sys.prefix))} - {"/"}
    known = re.compile(f"{_BEFORE}(?:{'|'.join(map(re.escape, machine))}|{_FOLDERS})|{_named()}")

    def place(text: str) -> str:
        found = known.search(text)
        return found[0] if found else ""

    return place


def _named() -> str:
    """What finds the name of this machine, where it is no word of the language, or who is on it."""
    node, user = re.escape(platform.node()), ""
    with suppress(OSError, KeyError, ImportError):  # systems where nobody has a name
        user = re.escape(getpass.getuser())
    ways = [rf"{user}@{node}"] if user and node else []
    ways += [node] if re.search(r"[\d.-]", platform.node()) else []
    return rf"(?<![\w.-])(?:{'|'.join(ways)})(?![\w-])" if ways else r"(?!)"


def _parts(held: dict[str, bytes]) -> Iterator[tuple[str, bytes]]:
    for name, data in held.items():
        yield name, b"" if name.endswith(_PACKED) else data
        if name.endswith(_PACKED) and zipfile.is_zipfile(io.BytesIO(data)):
            with zipfile.ZipFile(io.BytesIO(data)) as book:
                inside = {f"{name}/{inner}": book.read(inner) for inner in book.namelist()}
            yield from _parts(inside)


def _readings(data: bytes) -> set[str]:
    """The text of a file, and what programs that show it make of it, whatever is within what."""
    text = unicodedata.normalize("NFC", data.decode("utf-8", "replace"))
    found = set()
    for shown in {text, _TAG.sub("", text)}:
        for way in _WAYS * _DEEP:
            found.add(shown)
            shown = way(shown)
        found |= {shown, _TAG.sub("", shown), shown.replace("+", " ")}
    return {unicodedata.normalize("NFC", t) for t in found}


def _uncoded(text: str) -> str:
    return _CODED.sub(_letters, text) if "\\" in text else text


def _letters(found: re.Match) -> str:
    return json.loads(f'"{found[0]}"') if found[1] else found[2]


_WAYS = (html.unescape, _uncoded, unquote)
_DEEP = 3  # what is written so within what is written so
