"""Layout ``long``: the row of heads of a sheet, and what stands in each of its columns."""

from collections import Counter
from dataclasses import dataclass
from itertools import islice

from analysis.language.words import fold, plain

_WITHIN = 200  # rows with anything in them: heads stand at the top, below titles
_MOST = 0.6  # of the heads: the sheet is meant to be the form's, and lacks the others
_BEGINS = 3  # one of its first cells is a head in a row of heads: not all of every row is looked at

Line = dict[int, dict]


@dataclass(frozen=True)
class Head:
    """The row of heads: ``where`` what the rows say of themselves stands (columns), ``asked`` which
    items are read from a column (of rows with several figures; else none), ``labels`` columns that
    only repeat, heads that are ``absent``, and cells of heads that stand ``twice``."""

    row: int
    where: dict[str, list[int]]
    asked: dict[int, list[str]]
    labels: set[int]
    absent: list[str]
    twice: list[dict]

    @property
    def of_form(self) -> set[int]:
        """The columns of the form."""
        return {c for columns in self.where.values() for c in columns} | set(self.asked)


def find(grid: dict[int, Line], form: dict) -> Head | None:
    """The row that holds most heads of the form, the first of these; None where none holds most."""
    wanted = _wanted(form)
    best: tuple[int, int] | None = None
    for number, line in islice(grid.items(), _WITHIN):
        held = len({name(r["raw_text"]) for r in line.values()} & set(wanted))
        if held and (best is None or held > best[1]):
            best = (number, held)
    if best is None or best[1] < max(2, _MOST * len(wanted)):
        return None
    return _head(best[0], grid[best[0]], form, wanted)


def name(text: str) -> str:
    """A head as it is compared: without accents, case, spaces and signs, if anything is left."""
    return fold(text) or plain(text).casefold()


def again(line: Line, first: Line, head: Head) -> bool | None:
    """Whether a row repeats the heads; False where it does so over other columns, None where it is
    no row of heads."""
    heads = {c: name(first[c]["raw_text"]) for c in head.of_form}
    wanted, cells = set(heads.values()), list(line.items())
    if not any(name(r["raw_text"]) in wanted for _, r in cells[:_BEGINS]):
        return None
    hits = {c: t for c, r in cells if (t := name(r["raw_text"])) in wanted}
    if len(hits) < max(2, _MOST * len(wanted)):
        return None
    return all(heads.get(c) == t for c, t in hits.items())


def _wanted(form: dict) -> dict[str, str]:
    """The heads that a sheet must have: as compared → as the form writes them."""
    heads = [h for named in _named(form).values() for h in named]
    if "value" not in form["columns"]:
        heads += [item["read_from"]["column"] for item in form["items"].values()]
    return {name(h): h for h in heads}


def _named(form: dict) -> dict[str, list[str]]:
    return {k: [n] if isinstance(n, str) else n for k, n in form["columns"].items()}


def _head(number: int, line: Line, form: dict, wanted: dict[str, str]) -> Head:
    texts = {c: name(line[c]["raw_text"]) for c in sorted(line)}
    times = Counter(texts.values())
    column = {t: c for c, t in reversed(texts.items())}
    where = {
        k: [column[name(n)] for n in names if name(n) in column]
        for k, names in _named(form).items()
    }
    asked: dict[int, list[str]] = {}
    if "value" not in form["columns"]:
        for item, described in form["items"].items():
            if (c := column.get(name(described["read_from"]["column"]))) is not None:
                asked.setdefault(c, []).append(item)
    return Head(
        row=number,
        where=where,
        asked=asked,
        labels={column[name(t)] for t in form.get("labels", []) if name(t) in column},
        absent=[head for t, head in wanted.items() if t not in column],
        twice=[line[c] for c, t in texts.items() if t in wanted and times[t] > 1],
    )
