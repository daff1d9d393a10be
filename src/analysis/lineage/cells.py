"""What of a notebook decides what a page says: the sources and tags of its cells.

What was shown when somebody saved it, how often its cells ran and by which kernel decides nothing.
A parameter that a page gives takes the place of its default, so that a default concerns only the
pages that do not give it.
"""

import ast
import hashlib
import json
import math
from collections.abc import Mapping
from pathlib import Path

from analysis.storage import files

PARAMETERS, INJECTED = "parameters", "injected-parameters"
"""Tags of papermill: of the cell that gives the defaults, and of the one with what is given."""


def read(notebook: Path) -> list[dict]:
    """The cells of a notebook file: kind, source, tags, attachments (pictures of a text).

    Raises
    ------
    ValueError
        where the file is no notebook.
    """
    try:
        return [
            {
                "kind": cell["cell_type"],
                "source": "".join(cell["source"]),
                "tags": sorted(cell["metadata"].get("tags", [])),
                "attachments": cell.get("attachments", {}),
            }
            for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        ]
    except (LookupError, TypeError, AttributeError) as error:
        raise ValueError(f"{notebook.name} is no notebook") from error


def digest(notebook: Path) -> str:
    """Digest of all that the notebook says but its parameters; of a file that is no notebook, of
    its bytes."""
    try:
        held = read(notebook)
    except ValueError:
        return files.sha256(notebook)
    rest = [cell | {"source": ""} if PARAMETERS in cell["tags"] else cell for cell in held]
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()


def parameters(notebook: Path, values: Mapping[str, object] | None = None) -> str:
    """The cell of the defaults as if it gave ``values``; nothing of what is no notebook."""
    try:
        held = [cell["source"] for cell in read(notebook) if PARAMETERS in cell["tags"]]
    except ValueError:
        return ""
    return given("\n".join(held), values or {})


def names(notebook: Path) -> frozenset[str]:
    """Names that the cell tagged ``parameters`` assigns, as papermill would say (to import that
    takes longer than all else before the first page)."""
    return frozenset(name for name, _ in _assigned(parameters(notebook)))


def given(source: str, values: Mapping[str, object]) -> str:
    """A source that assigns defaults as if it assigned ``values``; all else of it stays.

    >>> given("year: str = '2024'  # which\\nlang = 'vi'", {"year": "2022"})
    "year: str = '2022'  # which\\nlang = 'vi'"
    """
    lines = source.encode().splitlines(keepends=True)  # places in a syntax tree count bytes
    for name, at in reversed(_assigned(source)):
        if name in values:
            first, last = at.lineno - 1, (at.end_lineno or at.lineno) - 1
            before, after = lines[first][: at.col_offset], lines[last][at.end_col_offset :]
            lines[first : last + 1] = [before + _literal(values[name]).encode() + after]
    return b"".join(lines).decode()


def _literal(value: object) -> str:
    """A value as Python writes it; what ``repr`` tells of an endless number is no Python."""
    endless = isinstance(value, float) and not math.isfinite(value)
    return f"float('{value}')" if endless else repr(value)


def _assigned(source: str) -> list[tuple[str, ast.expr]]:
    """Each name that a statement of the source assigns, with the value; none of what is no
    Python."""
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return []
    found = []
    for node in body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found += [(t.id, node.value) for t in targets if isinstance(t, ast.Name)]
    return found
