"""Which function sets which rule: ``docs/rules.md``, read out of the catalogue and the source.

A rule of ``data/catalogue/rules.yml`` is given by code that names it, by the check of its kind
where a form names it (``rules`` of ``data/catalogue/forms``), or by whoever looks it up where
``parameters.yml`` names it. A rule that nothing gives, or a name that is no rule, is a fault.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from analysis.catalogue import catalogue as cat

PLACE = "docs/rules.md"

ROOMS = ("reading", "checking", "exchange", "scoring", "survey")
"""The rooms that find something; elsewhere the name of a rule is shown, or means something else."""

_BLANKS = "blank_"  # modules that write blanks print names of rules, and set none
_GIVES = {"rule", "covered_by"}
_SHOWN = (ast.Compare, ast.List, ast.Set, ast.Subscript)
_NAME = re.compile(r"[a-z]+(_[a-z]+)+")
_STATED = ("survey.responses._contradictions", "src/analysis/survey/responses.py")
"""What gives the rules that surveys name (``contradictions``)."""

_OTHER = {"in_force", "file_rule"}  # a state of files, as ``superseded`` is; a column renamed

PAGE = """# Rules and where they are set

Every finding has a rule: its severity and its words stand in
[`data/catalogue/rules.yml`](../data/catalogue/rules.yml), and may be edited there. This table says
which function gives it. It is read out of the source by `python -m tools rules`; do not edit it.

**Blocking** withdraws the figures named; a **warning** marks them and they count; a **note** only
informs. Rules with a *kind* are named by forms (`rules:` in `data/catalogue/forms`), and a new one
needs no Python.
"""


@dataclass
class Found:
    """Where a rule comes from: functions (module from the room on, and name), kinds, forms."""

    functions: dict[str, str] = field(default_factory=dict)
    kinds: set[str] = field(default_factory=set)
    forms: set[str] = field(default_factory=set)


def page(root: Path) -> str:
    """The text of ``docs/rules.md``.

    Raises
    ------
    ValueError
        if nothing gives a rule, or code or catalogue name one that ``rules.yml`` lacks.
    """
    held = cat.load(root)
    found, strange = places(root, held)
    faults = [f"{rule}: nothing gives it" for rule, at in found.items() if not at.functions]
    faults += [f"{name}: no rule of rules.yml, but named in {at}" for name, at in strange.items()]
    if faults:
        raise ValueError("\n".join(faults))
    parts = [PAGE]
    text = (root / "data/catalogue/rules.yml").read_text("utf-8")
    for title, names in _sections(text, held.rules):
        parts.append(f"## {title[0].upper()}{title[1:].rstrip('.')}\n")
        parts.append("| rule | severity | meaning | set by | named in |\n|---|---|---|---|---|")
        parts.append("\n".join(_row(name, held.rules[name], found[name]) for name in names) + "\n")
    return "\n".join(parts)


def places(root: Path, held: cat.Catalogue) -> tuple[dict[str, Found], dict[str, str]]:
    """Where each rule comes from; and names given as rules that are none, with their place."""
    found, strange = {name: Found() for name in held.rules}, {}
    package = root / "src/analysis"
    sources = [p for room in ROOMS for p in sorted((package / room).rglob("*.py"))]
    modules = [_Module(p, package, held.rules) for p in sources if not p.stem.startswith(_BLANKS)]
    for module in modules:
        for name, function in module.given():
            if name in found:
                found[name].functions[function] = module.file
            else:
                strange[name] = function
    checks = {kind: at for module in modules for kind, at in module.checks().items()}
    for form in held.forms.values():
        for rule in form["rules"]:
            at = found[rule["rule"]]
            at.functions |= dict([checks[rule["kind"]]])
            at.kinds.add(rule["kind"])
            at.forms.add(form["form"])
    for survey in held.surveys.values():
        for line in survey.get("contradictions", []):
            found[line["rule"]].functions |= dict([_STATED])
            found[line["rule"]].forms.add(survey["survey"])
    for rule in {s["rule"] for s in held.parameters["missing_symbols"].values()}:
        found[rule].functions |= {f: m.file for m in modules for f in m.looks_up()}
        found[rule].forms.add("parameters")
    for name, at in found.items():  # a name that is put together, or chosen of a few
        if not at.functions:
            for module in modules:
                named = [*module.composes(name), *module.chooses(name)]
                at.functions |= {f: module.file for f in named}
    return found, strange


class _Module:
    """One module's source: each node with those above it and the function in which it stands."""

    def __init__(self, path: Path, package: Path, rules: dict) -> None:
        self.rules, self.file = rules, path.relative_to(package.parents[1]).as_posix()
        self.name = ".".join(path.relative_to(package).with_suffix("").parts)
        self.nodes = list(_walk(ast.parse(path.read_text("utf-8")), [], ""))
        self.takes = {
            node.name: _parameters(node)
            for node, _, _ in self.nodes
            if isinstance(node, ast.FunctionDef | ast.ClassDef)
        }

    def given(self) -> Iterator[tuple[str, str]]:
        """Names given as rules, each with its function."""
        texts = [
            (node.value, _outer(node, above), above[-1], scope)
            for node, above, scope in self.nodes
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
        columns = {
            (scope, *_column(*outer)) for text, outer, _, scope in texts if text in self.rules
        }
        for text, outer, directly, scope in texts:
            if text in self.rules:
                given = not _shown(*outer, directly)
            else:  # no rule, where nothing but a rule can stand
                given = self._stated(*outer) or (scope, *_column(*outer)) in columns - {(scope,)}
                given &= bool(_NAME.fullmatch(text)) and text not in _OTHER
            if given:
                yield text, self._at(scope)

    def checks(self) -> dict[str, tuple[str, str]]:
        """Kind of rule → the function that checks it: what ``kinds`` is said to be."""
        return {
            key.value: (self._at(value.id), self.file)
            for node, _, _ in self.nodes
            if isinstance(node, ast.Assign)
            and _targets(node) == ["kinds"]
            and isinstance(node.value, ast.Dict)
            for key, value in zip(node.value.keys, node.value.values, strict=True)
        }

    def composes(self, name: str) -> list[str]:
        """Functions that put the name of a rule together (``f"{kind}_unknown"``)."""
        return [
            self._at(scope)
            for node, _, scope in self.nodes
            if isinstance(node, ast.JoinedStr)
            and isinstance(node.values[-1], ast.Constant)
            and name.endswith(node.values[-1].value)
        ]

    def chooses(self, name: str) -> list[str]:
        """Functions that take the rule from a dict of a few."""
        return [
            self._at(scope)
            for node, above, scope in self.nodes
            if isinstance(node, ast.Constant) and node.value == name
            if isinstance(_outer(node, above)[1], ast.Dict)
            if any(isinstance(over, ast.Assign | ast.AugAssign) for over in above)
        ]

    def looks_up(self) -> list[str]:
        """Functions that take the rule of a sign from the catalogue."""
        return [
            self._at(scope)
            for node, _, scope in self.nodes
            if isinstance(node, ast.Subscript) and _LOOKED_UP.fullmatch(ast.unparse(node))
        ]

    def _at(self, scope: str) -> str:
        return f"{self.name}.{scope}" if scope else self.name

    def _stated(self, inner: ast.AST, outer: ast.AST) -> bool:
        """Whether nothing but a rule can stand here: ``rule=…``, ``{"rule": …}``, a parameter."""
        if isinstance(outer, ast.keyword):
            return outer.arg in _GIVES
        if isinstance(outer, ast.Dict) and inner in outer.values:
            return _key(inner, outer) in _GIVES
        if isinstance(outer, ast.Assign):
            return _targets(outer) == ["rule"]
        if isinstance(outer, ast.Call) and inner in outer.args:
            takes = self.takes.get(getattr(outer.func, "id", ""), [])
            return dict(enumerate(takes)).get(outer.args.index(inner)) == "rule"
        return False


_LOOKED_UP = re.compile(r"symbols\[.*\]\['rule'\]")


def _outer(node: ast.AST, above: list[ast.AST]) -> tuple[ast.AST, ast.AST]:
    """What holds a text, or the choice of which it is a branch; and what that stands in."""
    inner = node
    for outer in reversed(above):
        if not isinstance(outer, ast.IfExp) or inner is outer.test:
            return inner, outer
        inner = outer
    return inner, above[0]


def _shown(inner: ast.AST, outer: ast.AST, directly: ast.AST) -> bool:
    """Whether a rule's name is only looked for, or is a key or the value of another column."""
    if isinstance(outer, ast.Dict):
        key = _key(inner, outer)
        return key is inner or (isinstance(key, str) and key not in _GIVES)
    return isinstance(directly, _SHOWN)


def _key(inner: ast.AST, outer: ast.Dict) -> object:
    """The key of a value in a dict; the key itself if it is one."""
    if inner not in outer.values:
        return inner
    return getattr(outer.keys[outer.values.index(inner)], "value", None)


def _column(inner: ast.AST, outer: ast.AST) -> tuple[int, ...]:
    """The length of the tuple and the place in it, if there is one."""
    if isinstance(outer, ast.Tuple):
        return len(outer.elts), outer.elts.index(inner)
    return ()


def _walk(node: ast.AST, above: list, scope: str) -> Iterator[tuple[ast.AST, list, str]]:
    """Nodes with those above them and the function in which they stand; no docstrings."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
            continue
        yield child, [*above, node], scope
        inner = scope
        if isinstance(child, ast.FunctionDef | ast.ClassDef):
            inner = f"{scope}.{child.name}".lstrip(".")
        yield from _walk(child, [*above, node], inner)


def _parameters(node: ast.FunctionDef | ast.ClassDef) -> list[str]:
    if isinstance(node, ast.FunctionDef):
        return [a.arg for a in node.args.args]
    return [n.target.id for n in node.body if isinstance(n, ast.AnnAssign)]


def _targets(node: ast.Assign) -> list[str]:
    return [t.id for t in node.targets if isinstance(t, ast.Name)]


def _sections(text: str, rules: dict) -> list[tuple[str, list[str]]]:
    """The rules under the headings that ``rules.yml`` has as comments."""
    found: list[tuple[str, list[str]]] = []
    for line in text.partition("rules:")[2].splitlines():
        name = line.strip().partition(":")[0]
        if line.startswith("  #"):
            found.append((line.strip("# "), []))
        elif name in rules:
            found[-1][1].append(name)
    return found


def _row(name: str, rule: dict, found: Found) -> str:
    functions = ", ".join(f"[`{f}`](../{file})" for f, file in sorted(found.functions.items()))
    kinds = f" ({', '.join(sorted(found.kinds))})" if found.kinds else ""
    forms = ", ".join(f"`{form}`" for form in sorted(found.forms))
    meaning = f"{rule['name']['vi']} / {rule['name']['en']}"
    return f"| `{name}` | {rule['severity']} | {meaning} | {functions}{kinds} | {forms} |"
