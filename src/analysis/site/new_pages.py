"""A page of one's own: a notebook to go on from, and its lines in ``site.yml``.

The lines are put into the text of the file, after the last page; comments, order and quotation
marks of the rest stay byte for byte.
"""

import codecs
import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import yaml

from analysis.language.languages import say
from analysis.language.messages import tell
from analysis.language.words import fold
from analysis.lineage import cells
from analysis.project import Place
from analysis.site import declared
from analysis.storage import files

SKELETON = Path(__file__).with_name("new_page.ipynb")
_NAME = re.compile(r"(?:(?P<number>\d+)_)?(?P<code>[a-z][a-z0-9_]*)")


@dataclass(frozen=True)
class NewPage:
    """What was written for a page; ``line``: where its lines begin in ``site.yml``, from 1."""

    code: str
    notebook: Path
    line: int
    period: str


def begin(name: str, root: Path, title: str = "", question: str = "") -> NewPage:
    """Write the notebook of a page and its lines in ``site.yml``; nothing is overwritten.

    ``name``: the code of the page, as ``waiting`` or, with the number that says where its notebook
    stands in reading order, ``23_waiting``. ``title`` and ``question``, in the one language that
    they are given in, stand in ``site.yml`` for each.

    Raises
    ------
    SiteError
        where the name is taken or none, or the lines have no sure place in ``site.yml``.
    OSError
        where nothing can be written.
    """
    notebooks, path = root / "notebooks", root / "reports" / "site.yml"
    site = declared.load(path, notebooks)
    if not (meant := _NAME.fullmatch(name)):
        near = re.sub(r"[^a-z0-9]+", "_", fold(name)).strip("_0123456789")
        raise declared.SiteError(
            tell(
                "{name}: write the name as {near}, or 23_waiting", name=name, near=near or "waiting"
            )
        )
    code = meant["code"]
    notebook = notebooks / f"{meant['number'] or _next(notebooks)}_{code}.ipynb"
    if code in (*declared.TAKEN, *site["pages"]) or os.path.lexists(notebook):
        raise declared.SiteError(
            tell("{code}: there is a page or a notebook of this name already", code=code)
        )
    title = title or say("Trang {name}", name=code)
    question = question or say("Trang này trả lời câu hỏi gì, cho ai?")
    page = {
        "notebook": notebook.stem,
        "title": {"vi": title, "en": title},
        "question": {"vi": question, "en": question},
        "needs": [],
    }
    if path.is_symlink():
        raise declared.SiteError(
            tell("{path} is a link: write the lines of the page where it leads", path=path)
        )
    before = path.read_bytes()
    after, line = with_page(before, code, page)
    period = _period(site.get("report", ()), root)
    files.write(notebook, _notebook(title, question, period))
    try:
        files.write(path, after)
    except OSError:
        notebook.unlink()  # written a moment ago, under a name that was free
        raise
    return NewPage(code, notebook, line, period)


def with_page(before: bytes, code: str, page: dict) -> tuple[bytes, int]:
    """``site.yml`` with one page more, after the last one; and the line at which it stands.

    Raises
    ------
    SiteError
        where pages are not written one below the other: the lines to write are told.
    """
    mark = codecs.BOM_UTF8 if before.startswith(codecs.BOM_UTF8) else b""
    text = before.removeprefix(mark).decode("utf-8")
    ending = "\r\n" if "\r\n" in text else "\n"
    pages = next((value for key, value in yaml.compose(text).value if key.value == "pages"), None)
    lines = [f"{code}:", *(f"  {k}: {_flow(v)}" for k, v in page.items())]
    if isinstance(pages, yaml.MappingNode) and pages.value and not pages.flow_style:
        indent = " " * pages.value[0][0].start_mark.column
        at = _after(text, pages)
        put = "".join(f"{indent}{line}{ending}" for line in lines)
        put = ending + put if at and text[at - 1] != "\n" else put
        after = text[:at] + put + text[at:]
        stated = yaml.safe_load(text)
        if yaml.safe_load(after) == stated | {"pages": stated["pages"] | {code: page}}:
            return mark + after.encode(), after[: at + len(put)].count("\n") - len(lines) + 1
    told = "\n".join(f"  {line}" for line in lines)
    raise declared.SiteError(
        tell("site.yml: write these lines under pages: yourself\n{told}", told=told)
    )


def _after(text: str, node: yaml.Node) -> int:
    """Where the line after the last one of a node begins, comments below it not counted."""
    while isinstance(node, yaml.CollectionNode) and node.value and not node.flow_style:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    end = node.end_mark
    if end.column == 0:
        return end.index
    line = text.find("\n", end.index)
    return len(text) if line < 0 else line + 1


def _flow(value: object) -> str:
    """A value of ``site.yml`` in one line; strings as JSON writes them, which YAML reads alike."""
    if isinstance(value, dict):
        held = (f"{key}: {_flow(one)}" for key, one in value.items())
        return "{" + ", ".join(held) + "}"
    return json.dumps(value, ensure_ascii=False)


def _next(notebooks: Path) -> int:
    """The first number after those that notebooks have."""
    held = (re.match(r"\d+", path.name) for path in notebooks.glob("*.ipynb"))
    return max((int(number[0]) for number in held if number), default=0) + 1


def _period(report: Iterable[object], root: Path) -> str:
    """The first period that ``make report`` builds; without one, that of the skeleton."""
    held = Place(root).submissions
    return next((c for c in map(str, report) if (held(c) / "period.yml").exists()), "")


def _notebook(title: str, question: str, period: str) -> bytes:
    held = json.loads(SKELETON.read_text("utf-8"))
    head, parameters = held["cells"][:2]
    text = "".join(head["source"]).replace("{title}", title).replace("{question}", question)
    head["source"] = text.splitlines(keepends=True)
    if period:
        source = cells.given("".join(parameters["source"]), {"time_period": period})
        parameters["source"] = source.splitlines(keepends=True)
    return (json.dumps(held, ensure_ascii=False, indent=1) + "\n").encode()
