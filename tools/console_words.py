"""The English of the command line, and whether each sentence has its Vietnamese (``locale/vi.po``).

A sentence is what :func:`~analysis.language.messages.tell` or ``noted`` is given, the help of
commands and of their parameters, and what Typer says (:mod:`analysis.commands.usage`).
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import typer
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from analysis.__main__ import app
from analysis.commands import later, usage
from analysis.language import messages

_TOLD = ("tell", "noted")


def sentences(root: Path) -> dict[str, str]:
    """Sentence → where it stands, of the modules of the project ``root`` and of all commands."""
    found: dict[str, str] = {}
    for path in sorted((root / "src" / "analysis").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for text in _given(node):
                found.setdefault(text, f"{path.name}:{node.lineno}")
    for text, place in _helps(typer.main.get_command(app), "reform-monitor"):
        found.setdefault(text, place)
    framed = (*usage.PANELS.values(), *usage.METAVARS, *usage.ERRORS, usage.HELP)
    return found | {text: "usage.py" for text in framed if text not in found}


def _given(node: ast.AST) -> list[str]:
    if not isinstance(node, ast.Call) or not node.args:
        return []
    if getattr(node.func, "id", getattr(node.func, "attr", "")) not in _TOLD:
        return []
    given = node.args[0]
    either = [given.body, given.orelse] if isinstance(given, ast.IfExp) else [given]
    return [one.value for one in either if isinstance(one, ast.Constant)]


def _helps(command, name: str) -> Iterator[tuple[str, str]]:
    command = later.called(command)
    for text in (command.help, command.epilog):
        for part in (text or "").split("\n\n"):
            if part.strip():
                yield usage.joined(part), name
    for param in command.params:
        if text := getattr(param, "help", None):
            yield usage.joined(text), f"{name} {param.name}"
    for called, inner in getattr(command, "commands", {}).items():
        yield from _helps(inner, f"{name} {called}")


def translations() -> dict[str, str]:
    """English → Vietnamese, as the file has it."""
    with open(messages.FILE, "rb") as file:
        return {m.id: m.string for m in read_po(file, locale=messages.FILE.stem) if m.id}


def update(root: Path, known: dict[str, str] | None = None) -> None:
    """Bring the file up to date: new sentences added empty, unused ones removed."""
    known = translations() if known is None else known
    made = Catalog(locale=messages.FILE.stem, charset="utf-8", fuzzy=False)
    for text in sentences(root):
        made.add(text, known.get(text, ""))
    with open(messages.FILE, "wb") as file:
        write_po(file, made, sort_output=True, omit_header=True, width=0, no_location=True)


def faults(root: Path) -> list[str]:
    """What is wrong with the file: missing, unused, other fields; each with where it stands."""
    known, found = translations(), []
    wanted = sentences(root)
    for text, place in wanted.items():
        if not known.get(text):
            found.append(f"{place}: no Vietnamese for {text!r}")
        elif fields(known[text]) != fields(text):
            found.append(f"{place}: other fields in the Vietnamese of {text!r}")
    return found + [f"vi.po: not used any more: {t!r}" for t in known if t not in wanted]


def fields(text: str) -> list[tuple]:
    """The fields of a text and how they are written, in no order."""
    return sorted({part[1:] for part in Formatter().parse(text) if part[1] is not None}, key=repr)
