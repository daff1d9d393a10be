"""Small changes to the code, one at a time: does a test notice?

Run: ``python tools/mutants.py [--module WORD …] [--n 5] [--seed 1] [--own] [--write]``; it needs
``pip install cosmic-ray==8.7.0``.

Of each module that ``mutants.yml`` lists, places are drawn at random where a comparison, a sign, a
constant or a condition stands, and at each one of the changes that Cosmic Ray's operators make
there. A change is judged by the tests of its module (the file of its name, its docstrings' examples
and what the list names), then by the other tests of its room that name the module. All of that
happens in a copy of the project, in which these tests must pass first.

Cosmic Ray judges a change by a new process, which takes longest to import libraries, and tries all
places with the same tests. Here the process is forked once the libraries are there, and the place
is drawn first, so that one that allows eleven changes is no likelier than one that allows two.

Prints each change that no test notices and, by room, how many were tried, noticed, listed as
changing nothing, and unnoticed; ``--write`` puts these figures into docs/trust.md. Exits 1 if any
is unnoticed, 2 where the list does not fit the project.
"""

import argparse
import ast
import difflib
import importlib
import os
import random
import re
import resource
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import guards
import yaml

LIST = Path(__file__).with_suffix(".yml")
FIGURES = "docs/trust.md"
_OPERATORS = re.compile(
    r"core/(AddNot|NumberReplacer|Replace(AndWithOr|OrWithAnd|TrueWithFalse|FalseWithTrue"
    r"|BreakWithContinue|ContinueWithBreak|UnaryOperator_(USub_UAdd|Delete_Not|Delete_Invert)"
    r"|BinaryOperator_(Add_Sub|Sub_Add|Mul_Div|Div_Mul|FloorDiv_Div|Mod_Mul|Pow_Mul|BitOr_BitAnd"
    r"|BitAnd_BitOr)|ComparisonOperator_(Eq_NotEq|NotEq_Eq|Lt_LtE|LtE_Lt|Gt_GtE|GtE_Gt|Lt_GtE"
    r"|LtE_Gt|Gt_LtE|GtE_Lt|Is_IsNot|IsNot_Is)))"
)
_SIGNATURE = ("parameters", "typedargslist", "lambdef", "varargslist")
_LIBRARIES = (
    "babel hypothesis jinja2 jsonschema matplotlib.pyplot openpyxl pandas playwright.sync_api "
    "polars pyarrow.parquet pytest rich scipy.optimize scipy.stats typer"
).split()
_PYTEST = ["-x", "-q", "--hypothesis-profile=quick", "--hypothesis-seed=1"]
_PYTEST += ["-p", "no:cacheprovider", "-p", "no:xdist"]
_MEMORY = 4 << 30  # bytes of one process: a change may well build without end
COLUMNS = ("tried", "noticed", "listed", "unnoticed")


@dataclass(frozen=True)
class Mutant:
    """A module's whole ``source`` after the change of ``line`` (its text) into ``becomes``."""

    file: str
    at: int
    line: str
    becomes: str
    source: str

    def __str__(self) -> str:
        return f"{self.file}:{self.at}\n      {self.line}\n      {self.becomes}"


def places(source: str, operators: list) -> dict[tuple, list[tuple]]:
    """Where something can be changed → the (operator, occurrence) that do it there."""
    from cosmic_ray.ast import ast_nodes, get_ast

    nodes, said, found = list(ast_nodes(get_ast(source))), _said(source), {}
    for operator in operators:
        spans = ((node, *span) for node in nodes for span in operator.mutation_positions(node))
        for occurrence, (node, start, end) in enumerate(spans):
            mark = node.type == "operator" and node.parent.type in _SIGNATURE  # a lone * or /
            if not mark and not any(a <= start and end <= b for a, b in said):
                found.setdefault(start, []).append((operator, occurrence))
    return found


def _said(source: str) -> list[tuple]:
    """Spans that compute nothing: texts, annotations, decorators, what is raised, and options of
    libraries that are on or off (in which order rows come, whether lengths must agree)."""
    spans = []
    for node in ast.walk(ast.parse(source)):
        held = [node] if isinstance(node, ast.JoinedStr | ast.Raise) else []
        held += getattr(node, "decorator_list", [])
        held += [getattr(node, name, None) for name in ("annotation", "returns")]
        held += [node.value] if isinstance(node, ast.keyword) and _switch(node.value) else []
        spans += [((n.lineno, n.col_offset), (n.end_lineno, n.end_col_offset)) for n in held if n]
    return spans


def _switch(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, bool)


def drawn(file: str, source: str, n: int, seed: int) -> list[Mutant]:
    """Up to ``n`` changes of one module, at different places."""
    from cosmic_ray import plugins
    from cosmic_ray.mutating import mutate_code

    names = [name for name in plugins.operator_names() if _OPERATORS.fullmatch(name)]
    found = places(source, [plugins.get_operator(name)() for name in names])
    rng = random.Random(f"{seed} {file}")
    made = []
    for place in sorted(rng.sample(sorted(found), min(n, len(found)))):
        changed = mutate_code(source, *rng.choice(found[place]))
        diff = list(difflib.ndiff(source.splitlines(), changed.splitlines()))
        old, new = (" ".join(d[2:].strip() for d in diff if d[0] == sign) for sign in "-+")
        made.append(Mutant(file, place[0], old, new, changed))
    return made


def judged(tests: list[str], seconds: int) -> int:
    """What pytest answers in a process of its own, by which nothing is compiled or kept."""
    pid = os.fork()
    if not pid:
        os.setsid()
        quiet = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(quiet, stream)
        resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY, _MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        try:
            os._exit(importlib.import_module("pytest").main([*_PYTEST, *tests]))
        finally:
            os._exit(70)
    until = time.monotonic() + 10 * seconds  # of the wall: other processes run, too
    while time.monotonic() < until:
        ended, status, used = os.wait4(pid, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.02)
    os.killpg(pid, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def stages(root: Path, file: str, held: dict) -> list[list[str]]:
    """The tests of a module: its own, then others of its room that name it."""
    module = Path(file)
    room = Path("tests", module.relative_to("src/analysis").parts[0])
    own = [file, f"{room}/test_{module.stem}.py", *held["tests"].get(file, [])]
    own = [name for name in own if (root / name).is_file()]
    named = re.compile(rf"\b{module.stem}\b")
    others = [p.relative_to(root).as_posix() for p in sorted((root / room).glob("test_*.py"))]
    others = [name for name in others if name not in (*own, *held["slow"])]
    return [own, [o for o in others if named.search((root / o).read_text(encoding="utf-8"))]]


def tried(root: Path, file: str, mutants: list[Mutant], held: dict, own: bool) -> Counter:
    """What becomes of a module's changes; each that is unnoticed is printed.

    Raises
    ------
    ValueError
        where its tests do not pass without any change.
    """
    path, counted = root / file, Counter(tried=len(mutants))
    before, left = path.read_bytes(), [m for m in mutants if not listed(m, held)]
    counted["listed"] = len(mutants) - len(left)
    for tests in stages(root, file, held)[: 1 if own else 2]:
        if not left or not tests:
            continue
        path.write_bytes(before)
        used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        if judged(tests, 300):
            raise ValueError(f"{file}: without any change {' '.join(tests)} do not pass")
        limit = 10 + 4 * int(resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - used)
        unnoticed = []
        for mutant in left:
            path.write_text(mutant.source, encoding="utf-8")
            unnoticed += [] if judged(tests, limit) else [mutant]
        left = unnoticed
    for mutant in left:
        print(f"unnoticed: {mutant}", flush=True)
    counted.update(unnoticed=len(left), noticed=counted["tried"] - counted["listed"] - len(left))
    path.write_bytes(before)
    return counted


def listed(mutant: Mutant, held: dict) -> bool:
    """Whether the list says that a change changes nothing."""
    return any(
        one["line"] == mutant.line and mutant.becomes in one["becomes"]
        for one in held["nothing changes"].get(mutant.file, [])
    )


def written(by_room: dict[str, Counter], text: str, asked: str) -> str:
    """A page with the figures between its two marks; the interval is that of Wilson (1927)."""
    from scipy.stats import binomtest

    rows = [[room, *(str(by_room[room][c]) for c in COLUMNS)] for room in by_room]
    total = sum(by_room.values(), Counter())
    rows.append(["all", *(str(total[c]) for c in COLUMNS)])
    head = [["room", *COLUMNS], ["---", *["---:"] * len(COLUMNS)]]
    table = "\n".join(f"| {' | '.join(row)} |" for row in head + rows)
    noticed, of = total["noticed"], total["tried"] - total["listed"]
    ends = binomtest(noticed, of).proportion_ci(method="wilson")
    share = (
        f"{noticed} of {of}, {noticed / of:.0%} (95 % interval {ends.low:.0%} to {ends.high:.0%})"
    )
    said = f"<!-- mutants: {asked} -->\n{table}\n\nNoticed: {share}.\n<!-- /mutants -->"
    return re.sub(r"<!-- mutants.*?<!-- /mutants -->", lambda _: said, text, flags=re.DOTALL)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--module", nargs="+", default=[""], help="in a module's path")
    parser.add_argument("--n", type=int, default=5, help="changes of each module")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--own", action="store_true", help="a module's own tests alone")
    parser.add_argument("--write", action="store_true", help=f"the figures into {FIGURES}")
    asked = parser.parse_args()
    held = yaml.safe_load(LIST.read_text(encoding="utf-8"))
    files = [f"src/analysis/{room}/{m}.py" for room in held["rooms"] for m in held["rooms"][room]]
    files = [file for file in files if any(word in file for word in asked.module)]
    by_room: dict[str, Counter] = {}
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        root = guards.copied(Path(folder))
        os.chdir(root)
        sys.path[:0] = [str(root), str(root / "src")]
        os.environ |= {"PYTHONPATH": str(root / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
        os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as in all tests; said before numpy is imported
        sys.dont_write_bytecode = True  # what is compiled with a change must not stay
        for name in _LIBRARIES:
            importlib.import_module(name)
        importlib.import_module("analysis.catalogue.catalogue").load()  # below all that is changed
        quick = {"max_examples": 15, "deadline": None, "database": None}
        hypothesis = importlib.import_module("hypothesis")
        phases = [hypothesis.Phase.explicit, hypothesis.Phase.generate]
        hypothesis.settings.register_profile("quick", phases=phases, **quick)
        for number, file in enumerate(files, 1):
            began, source = time.monotonic(), (root / file).read_text(encoding="utf-8")
            try:
                found = tried(root, file, drawn(file, source, asked.n, asked.seed), held, asked.own)
            except ValueError as error:
                print(error)
                return 2
            by_room.setdefault(file.split("/")[2], Counter()).update(found)
            said = ", ".join(f"{found[c]} {c}" for c in COLUMNS)
            took = time.monotonic() - began
            print(f"{number}/{len(files)} {file}: {said}, {took:.0f} s", flush=True)
    print({room: dict(found) for room, found in by_room.items()})
    if asked.write:
        page = guards.PROJECT / FIGURES
        text = page.read_text(encoding="utf-8")
        page.write_text(written(by_room, text, " ".join(sys.argv[1:])), encoding="utf-8")
    return 1 if any(found["unnoticed"] for found in by_room.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
