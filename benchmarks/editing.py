"""How well errors are located in blocks whose errors are known, and how fast.

    python benchmarks/editing.py FOLDER
    python benchmarks/editing.py --unseen 300 [--seed 7]

FOLDER holds blocks of form II.06a with known errors (``cells.csv``: block, row, column, submitted,
true, error; ``blocks.csv``: block, kinds) and, perhaps, all minimal solutions as an exact
enumeration finds them (``out/solutions.csv``). ``--unseen`` makes blocks of its own.
"""

import argparse
import csv
import random
import time
from collections import defaultdict
from pathlib import Path

from analysis.catalogue import catalogue, linear_rules
from analysis.editing import causes, localise, slips
from analysis.editing.blocks import TOTAL, Shape

FORM, FIRST = "II.06a", 3  # the number of the form's first column of figures
KINDS = ["transposed", "digit", "digit_missing", "digit_extra", "times_10", "times_1000", "sign"]
KINDS += ["swapped", "missing", "total_not_updated", "copied_above"]


def shapes() -> dict[str, Shape]:
    """Rule set → shape: ``hard`` without warnings, ``soft`` with them."""
    known = catalogue.load()
    form = known.forms[FORM]
    severities = {code: rule["severity"] for code, rule in known.rules.items()}
    linear = linear_rules.rows(form, severities)
    items = tuple(form["items"])
    of = {"hard": [x for x in linear if not x.soft], "soft": linear}
    return {k: Shape(items, tuple(v), "total_row", frozenset(items)) for k, v in of.items()}


# --- blocks -------------------------------------------------------------------------------------


def read(folder: Path) -> dict[str, dict]:
    """Block → rows (names), submitted and true (rows × columns), kinds."""
    with (folder / "blocks.csv").open(encoding="utf-8") as file:
        kinds = {r["block"]: [k for k in r["kinds"].split("+") if k] for r in csv.DictReader(file)}
    found = {b: {"rows": [], "submitted": [], "true": [], "kinds": k} for b, k in kinds.items()}
    with (folder / "cells.csv").open(encoding="utf-8") as file:
        for r in csv.DictReader(file):
            block, row = found[r["block"]], TOTAL if r["row"] == "T" else r["row"]
            if row not in block["rows"]:
                block["rows"].append(row)
                block["submitted"].append([])
                block["true"].append([])
            block["submitted"][-1].append(int(r["submitted"]) if r["submitted"] else None)
            block["true"][-1].append(int(r["true"]))
    return found


def made(count: int, seed: int) -> dict[str, dict]:
    """Blocks with errors, by a generator of our own."""
    draw, found = random.Random(seed), {}
    while len(found) < count:
        fields = draw.choice([1, 1, 2, 3, 3, 4, 5, 6, 7, 8])
        true = [_row(draw, 10 ** draw.uniform(1, 5)) for _ in range(fields)]
        rows = [str(n + 1) for n in range(fields)]
        if fields > 1:
            true.append([sum(c) for c in zip(*true, strict=True)])
            rows.append(TOTAL)
        sent, kinds = [list(r) for r in true], []
        for _ in range(draw.choice([1, 1, 1, 2, 2, 3])):
            kind = draw.choice(KINDS)
            if _spoil(draw, kind, sent, true, rows):
                kinds.append(kind)
        if kinds and sent != true:
            block = {"rows": rows, "submitted": sent, "true": true, "kinds": kinds}
            found[f"N{len(found) + 1}"] = block
    return found


def _row(draw: random.Random, size: float) -> list[int]:
    def split(total: int, shares: list[float]) -> list[int]:
        cut = [int(total * s * draw.uniform(0.5, 1.5) / sum(shares)) for s in shares[1:]]
        cut = [min(c, total // len(shares)) for c in cut]
        return [total - sum(cut), *cut]

    received = int(draw.uniform(0.2, 2) * size)
    pending = int(received * draw.uniform(0, 0.3))
    resolved = received - pending
    if draw.random() < 0.1:  # dossiers withdrawn
        resolved -= min(resolved, draw.randint(1, 9))
    parts = [split(received, [5, 4, 1]), split(resolved, [5, 4, 0.5]), split(pending, [5, 1])]
    draw.shuffle(parts[0])
    return [received, *parts[0], resolved, *parts[1], pending, *parts[2]]


def _spoil(draw: random.Random, kind: str, sent: list, true: list, rows: list[str]) -> bool:
    """Put one error into ``sent``; False if it would change nothing there."""
    last, width = len(sent) - 1, len(sent[0])
    if kind == "total_not_updated":
        return rows[-1] == TOTAL and _revised(draw, sent, true)
    r, c = draw.randrange(len(sent)), draw.randrange(width)
    value = sent[r][c]
    if value is None or value != true[r][c]:
        return False
    if kind == "missing":
        sent[r][c] = None
        return rows[r] != TOTAL and c not in (0, 4, 8)
    if kind == "swapped":
        to = draw.choice([(r, c + 1), (r + 1, c)])
        if to[0] > last or to[1] >= width or sent[to[0]][to[1]] in (None, value):
            return False
        if sent[to[0]][to[1]] != true[to[0]][to[1]]:
            return False
        sent[r][c], sent[to[0]][to[1]] = sent[to[0]][to[1]], value
        return True
    if kind == "copied_above":
        new = sent[r - 1][c] if r and rows[r] != TOTAL else value
    elif kind in slips.SCALED:
        new = value * slips.SCALED[kind][0]
    elif kind == "sign":
        new = -value
    else:
        new = _mistyped(draw, kind, str(abs(value)))
    if new in (None, value):
        return False
    sent[r][c] = new
    return True


def _mistyped(draw: random.Random, kind: str, text: str) -> int:
    i, d = draw.randrange(len(text)), str(draw.randrange(10))
    if kind == "transposed":
        return int(text[:i] + text[i + 1 : i + 2] + text[i] + text[i + 2 :])
    if kind == "digit":
        return int(text[:i] + d + text[i + 1 :])
    if kind == "digit_missing":
        return int(text[:i] + text[i + 1 :] or text)
    return int(text[:i] + draw.choice([d, text[i]]) + text[i:])


def _revised(draw: random.Random, sent: list, true: list) -> bool:
    """A row is revised after the total row was added up: that stays as it was."""
    r, size = draw.randrange(len(sent) - 1), draw.randint(1, 9)
    group = draw.choice([(1, 2, 3), (5, 6, 7), (9, 10)])
    one, other = draw.sample(group, 2)
    change = {one: size, other: -size}
    if draw.random() < 0.5:
        total, end = draw.choice([(4, (5, 6, 7)), (8, (9, 10))])
        change = {0: size, draw.choice((1, 2, 3)): size, total: size, draw.choice(end): size}
    cells = [(row, c) for row in (r, len(sent) - 1) for c in change]
    if any(sent[row][c] != true[row][c] for row, c in cells):
        return False
    if any(true[r][c] + d < 0 for c, d in change.items()):
        return False
    for c, d in change.items():
        true[r][c] += d
        sent[r][c] += d
        true[-1][c] += d
    return True


# --- figures ------------------------------------------------------------------------------------


def measure(blocks: dict[str, dict], shape: Shape, known: dict | None) -> dict[str, tuple]:
    """What → (count, of)."""
    count: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    seconds = []

    def note(what: str, right: bool) -> None:
        count[what][0] += right
        count[what][1] += 1

    for name, truth in blocks.items():
        block = shape.block(truth["rows"], truth["submitted"])
        begun = time.perf_counter()
        try:
            minimal = localise.solutions(block)
            found = causes.explanations(block, minimal)
        except localise.UnsettledError:
            note("unsettled", True)
            continue
        seconds.append(time.perf_counter() - begun)
        if known:
            note("all minimal solutions, and no other", _sets(block, minimal) == known[name])
        if not truth["kinds"]:
            continue
        true = [x for row in truth["true"] for x in row]
        wrong = {i for i, x in enumerate(true) if block.values[i] != x}
        _note(note, block, minimal, found, true, wrong)
    count["milliseconds a block"] = [round(1000 * sum(seconds), 1), len(seconds)]
    count["milliseconds, the slowest"] = [round(1000 * max(seconds), 1), 1]
    return {what: tuple(pair) for what, pair in count.items()}


def _note(note, block, minimal, found, true, wrong) -> None:
    gaps = set(block.missing)
    if len(minimal) == 1 and (minimal[0].cost or gaps):
        note("unique minimal solution: the injected cells", minimal[0].cells | gaps == wrong)
    by_slips = causes.of_minimal(block, minimal)[0].cells | gaps == wrong
    note("minimal, slips break ties: the injected cells", by_slips)
    right = bool(found) and found[0].cells | gaps == wrong
    note("causes, ranked first: the injected cells", right)
    exact = right and all(s.only == true[v] for v, s in found[0].values.items())
    note("causes, ranked first: and every value true", exact)
    likely = found[: causes.tied(found)] if found else []
    note("causes, among those as likely", any(e.cells | gaps == wrong for e in likely))
    note("false certainty: one cause named, another true", len(likely) == 1 and not right)
    if len(likely) != 1:
        return
    for cause in found[0].causes:
        if cause.code in slips.CODES:
            for v, span in cause.values.items():
                note("not tied, a slip of one cell: the true value", span.only == true[v])


def _sets(block, minimal) -> set[frozenset]:
    width = len(block.columns)
    return {
        frozenset(divmod(v, width) for v in s.cells | set(block.missing))
        | frozenset((block.lets_go[v][1], None) for v in s.let_go)
        for s in minimal
    }


def known_solutions(folder: Path, blocks: dict, rule_set: str) -> dict[str, set] | None:
    """Block → its minimal solutions as sets of (row, column; None: the rule let go)."""
    path = folder / "out" / "solutions.csv"
    if not path.exists():
        return None
    cells: dict = {b: defaultdict(set) for b in blocks}
    with path.open(encoding="utf-8") as file:
        for r in csv.DictReader(file):
            if r["rule_set"] == rule_set:
                rows = blocks[r["block"]]["rows"]
                row = rows.index(TOTAL if r["row"] == "T" else r["row"])
                column = None if r["kind"] == "rule" else int(r["column"]) - FIRST
                cells[r["block"]][r["solution"]].add((row, column))
    return {b: {frozenset(s) for s in of.values()} or {frozenset()} for b, of in cells.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--unseen", type=int, default=0, metavar="N")
    parser.add_argument("--seed", type=int, default=20261130)
    given = parser.parse_args()
    if not given.folder and not given.unseen:
        parser.error("name the folder of the truth, or --unseen N")
    blocks = read(given.folder) if given.folder else made(given.unseen, given.seed)
    for rule_set, shape in shapes().items():
        known = known_solutions(given.folder, blocks, rule_set) if given.folder else None
        print(f"{rule_set} ({len(blocks)} blocks)")
        for what, (count, of) in measure(blocks, shape, known).items():
            print(f"  {what:55} {count:8} of {of:5} {count / of:9.3f}")


if __name__ == "__main__":
    main()
