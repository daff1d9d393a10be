"""The Vietnamese sentences of the project, and whether each has its English (``locale/en.po``).

A sentence is a text with Vietnamese letters in a module or notebook, whatever is given to ``say``
and its like (:mod:`analysis.language.languages`), the words of columns and codes
(:mod:`analysis.display.wordings`), and each paragraph of a notebook. What offices
and firms read or write – forms, samples, spellings to recognise – is data, not a sentence:
:data:`DATA`.
"""

import ast
import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from analysis.language import languages

DATA = set(
    "annotate answers appended blank_checks blank_forms blank_guides blank_inputs cost_form "
    "blank_register_checks blank_registers blank_rules cells codebook collation columns console "
    "delimited disarm displayed entry_sheet exported first_sheet gathered identity languages "
    "ledger legacy_text letters locate locate_long locate_register locate_sheet locate_table "
    "long_heads neutral new_plans paper parcels preload question_files questionnaire "
    "ready_sheet receipts register_entries reminders replies reply_sheet row_words sampling "
    "sdmx self_checks sendings sheet sheet_heads sheet_rows sheet_top slips spreadsheets "
    "stated_measures table_heads unit_lines versions words workbook xlsform".split()
)
"""Modules whose Vietnamese is data, or stands beside its English."""

_SAYING = ("say", "say_many")
_VIETNAMESE = re.compile("[\u00c0-\u1ef9]")
_FIELD = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class Sentence:
    """A Vietnamese text and where it stands.

    ``plural``: given to ``say_many``; ``glued``: a piece of a sentence that is put together from
    pieces (an f-string), so that nobody can translate it.
    """

    text: str
    place: str
    plural: bool = False
    glued: bool = False


def sentences(root: Path) -> list[Sentence]:
    """All sentences of the modules, wordings, notebooks and templates of the project ``root``."""
    found = []
    for path in sorted((root / "src" / "analysis").rglob("*.py")):
        if path.stem not in DATA:
            found += _of_code(path.read_text(encoding="utf-8"), path.name)
    found += _of_wordings(root / "src" / "analysis" / "display" / "wordings.csv")
    skeleton = root / "src" / "analysis" / "site" / "new_page.ipynb"
    notebooks = sorted((root / "notebooks").glob("*.ipynb"))
    for path in [*notebooks, *([skeleton] if skeleton.exists() else [])]:
        found += _of_notebook(path)
    for path in sorted((root / "reports" / "templates").rglob("*.j2")):
        found += _of_template(path)
    return found


def _of_code(source: str, place: str) -> Iterator[Sentence]:
    tree = ast.parse(source)
    described = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        where = f"{place}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.JoinedStr):
            for part in node.values:
                described.add(id(part))
                if isinstance(part, ast.Constant) and _VIETNAMESE.search(str(part.value)):
                    yield Sentence(part.value, where, glued=True)
        elif isinstance(node, ast.Call) and _called(node) in _SAYING and node.args:
            text = node.args[0]
            if isinstance(text, ast.Constant) and isinstance(text.value, str):
                yield Sentence(text.value, where, _called(node) == "say_many")
                described.add(id(text))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if id(node) not in described and _VIETNAMESE.search(node.value):
                yield Sentence(node.value, f"{place}:{node.lineno}")


def _called(node: ast.Call) -> str:
    return getattr(node.func, "id", getattr(node.func, "attr", ""))


def _of_wordings(path: Path) -> Iterator[Sentence]:
    with open(path, encoding="utf-8", newline="") as file:
        for line, row in enumerate(csv.DictReader(file), 2):
            if row["heading"]:
                yield Sentence(row["heading"], f"{path.name}:{line}")


def _of_notebook(path: Path) -> Iterator[Sentence]:
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "markdown":
            for text in languages.blocks(cell.source):
                if text.strip():
                    yield Sentence(text, path.name)
        elif cell.cell_type == "code":
            plain = "\n".join(x for x in cell.source.splitlines() if not x.startswith(("%", "!")))
            yield from _of_code(plain, path.name)


def _of_template(path: Path) -> Iterator[Sentence]:
    for keyword in _SAYING:
        with open(path, "rb") as file:
            for line, text, _, _ in extract("jinja2", file, keywords={keyword: None}):
                said = text if isinstance(text, str) else text[0]
                yield Sentence(said, f"{path.name}:{line}", keyword == "say_many")
    bare = re.sub(r"\{[{%#].*?[}%#]\}", "", path.read_text(encoding="utf-8"), flags=re.S)
    for line in bare.splitlines():
        if _VIETNAMESE.search(line):
            yield Sentence(line, path.name, glued=True)


def update(root: Path, code: str) -> Catalog:
    """Bring the file of a language up to date: new sentences added empty, unused ones removed."""
    path = languages.path(code)
    old = _read(path, code)
    new = Catalog(locale=code, charset="utf-8", fuzzy=False)
    for sentence in sentences(root):
        if sentence.glued:
            continue
        text = (sentence.text, sentence.text) if sentence.plural else sentence.text
        held = old.get(sentence.text)
        known = held.string if held else ""
        if sentence.plural and isinstance(known, str):
            known = (known, known)
        new.add(text, known, auto_comments=[])
    path.parent.mkdir(exist_ok=True)
    with open(path, "wb") as file:
        write_po(file, new, sort_output=True, omit_header=True, width=0, no_location=True)
    return new


def _read(path: Path, code: str) -> Catalog:
    if not path.exists():
        return Catalog(locale=code)
    with open(path, "rb") as file:
        return read_po(file, locale=code)


def faults(root: Path, code: str) -> list[str]:
    """What is wrong with the file of a language: missing, unused, still Vietnamese, other fields.

    Each line says where the sentence stands and what to do.
    """
    held = _read(languages.path(code), code)
    found, used = [], set()
    for sentence in sentences(root):
        if sentence.glued:
            found.append(f"{sentence.place}: {sentence.text!r}: write say('… {{n}} …', n=…)")
            continue
        used.add(sentence.text)
        message = held.get(sentence.text)
        known = [message.string] if message and isinstance(message.string, str) else []
        known = list(message.string) if message and not known else known
        if not known or not all(known):
            found.append(f"{sentence.place}: no {code} for {sentence.text!r}")
            continue
        for text in known:
            if set(_FIELD.findall(text)) != set(_FIELD.findall(sentence.text)):
                found.append(f"{sentence.place}: other fields in the {code} of {sentence.text!r}")
    unused = [m.id if isinstance(m.id, str) else m.id[0] for m in held if m.id]
    found += [f"{code}.po: not used any more: {t!r}" for t in unused if t not in used]
    return found
