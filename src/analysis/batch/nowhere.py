"""What a page prints tells no folder of the machine it was made on, nor whose it is: warnings and
tracebacks carry them, and so may whatever a notebook shows."""

import re
import sys
from collections.abc import Callable
from functools import cache
from html import escape
from pathlib import Path

from nbformat import NotebookNode

from analysis.project import PROJECT

FOLDERS = ("home", "Users", "root", "work", "tmp", "var", "opt", "srv", "mnt", "media", "private")
"""Where machines keep what is theirs or somebody's: a path that begins with one is of a machine."""

_BEFORE = r"(?<![\w/.:+=-])"  # an address goes on here, or what is no text at all
_STEP = r"[^\s/\\'\"<>&:;,()]+"
_OTHER = re.compile(
    rf"{_BEFORE}/(?:{'|'.join(FOLDERS)})/(?:{_STEP}/)*(?={_STEP})"
    rf"|(?<!\w)[A-Za-z]:\\{{1,2}}Users\\{{1,2}}(?:{_STEP}\\{{1,2}})*"
)


def told(page: str, root: Path) -> str:
    """A text without folders of this machine: what lies in the project ``root`` from there on,
    libraries behind "…", the rest of a home behind "~", what lies elsewhere by its name.

    >>> told("<pre>/srv/reform/notebooks/a.py:3: warning</pre>", Path("/srv/reform"))
    '<pre>./notebooks/a.py:3: warning</pre>'
    >>> told("/tmp/ipykernel_7/1.py:3 https://x.vn/tmp/a C:\\\\Users\\\\lan\\\\b.csv", Path("/srv"))
    '1.py:3 https://x.vn/tmp/a b.csv'
    """
    if "/" not in page and "\\" not in page:
        return page
    for folder, known, shown in _known(root):
        if folder in page or escape(folder) in page:
            page = known.sub(lambda _, s=shown: s, page)
    return _OTHER.sub("", page)


def outputs(notebook: NotebookNode, root: Path) -> NotebookNode:
    """The notebook, whose outputs are :func:`told` so: what is made of it beside the page holds no
    more than the page. Pictures are as they are."""
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            for name, held in output.items():
                output[name] = _in_all(held, lambda text: told(text, root))
    return notebook


def _in_all(held: object, change: Callable[[str], str]) -> object:
    if isinstance(held, str):
        return change(held)
    if isinstance(held, dict):
        for name in held:
            if not str(name).startswith("image/"):
                held[name] = _in_all(held[name], change)
    elif isinstance(held, list):
        held[:] = [_in_all(one, change) for one in held]
    return held


@cache
def _known(root: Path) -> list[tuple[str, re.Pattern, str]]:
    """Folder, what finds it as it is and in HTML, what is shown for it."""
    folders = [(root, "."), (root.resolve(), "."), (PROJECT, "."), (Path(sys.prefix), "…")]
    folders += [(Path(sys.base_prefix), "…"), (Path.home(), "~")]
    found = []
    for folder, shown in dict(reversed(folders)).items():
        if len(folder.parts) > 1:
            ways = "|".join(re.escape(way) for way in (str(folder), escape(str(folder))))
            known = re.compile(rf"{_BEFORE}(?:{ways})(?![\w.-])")
            found.append((str(folder), known, shown))
    return sorted(found, key=lambda held: -len(held[0]))  # the inner before the outer
