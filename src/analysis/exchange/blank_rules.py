"""The rules of a form of layout ``sheet`` as formulas, one column of checks for each rule.

A rule is applied to a row exactly where :mod:`analysis.checking.validate` applies it: where every
figure of it is there. Each cell says in words whether it holds.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial
from itertools import groupby

from openpyxl.utils import get_column_letter

from analysis.catalogue import linear_rules
from analysis.exchange.blank_inputs import TICK
from analysis.language.words import number
from analysis.reading.layouts.self_checks import OPEN, RIGHT, WRONG

_NOISE = "0.000000001"  # what adding decimals leaves, as in validate
_LONGEST = 8_000  # characters; Excel takes 8,192


@dataclass(frozen=True)
class Known:
    """What is known beside the form: ``rules`` (rules.yml), ``parameters``, and the ``previous``
    figures of the unit in the form: (level, name of the field or "_T", item) → figure."""

    rules: dict
    parameters: dict
    previous: dict[tuple[str, str, str], float] = field(default_factory=dict)

    def severities(self) -> dict[str, str]:
        """Code of a rule → its severity."""
        return {code: rule["severity"] for code, rule in self.rules.items()}

    def signs(self, form: dict, status: str | None = None) -> list[str]:
        """What stands for a missing figure (of one status), each once whatever its case."""
        held = self.parameters["missing_symbols"] | form.get("missing_symbols", {})
        chosen = [s for s, said in held.items() if status in (None, said["obs_status"])]
        return list(dict.fromkeys(s.casefold() for s in chosen))


Formula = Callable[[object], str | None]
"""Row → the formula of a check in it; None where there is nothing to check."""


@dataclass
class Column:
    """A check to be written: ``items`` whose cells turn red with it."""

    name: str
    states: str
    blocking: bool
    formula: Formula
    items: list[str] = field(default_factory=list)
    start: Callable[[object], str] = lambda _: OPEN  # what it says in the untouched blank
    later: bool = False  # held against what is not known here


class Rules:
    """The checks of one sheet."""

    def __init__(self, form: dict, rows: list, known: Known) -> None:
        self.form, self.known = form, known
        self.rows = [r for r in rows if r.kind != "heading"]
        self.numbers = {c["item"]: c["number"] for c in form["columns"] if "item" in c}
        self.boxes = {i for i in self.numbers if form["items"][i]["kind"] == "tick"}
        self.label = next((c["number"] for c in form["columns"] if c.get("role") == "field"), 2)
        self.first, self.last = rows[0].row, rows[-1].row
        self.severities = known.severities()

    # --- words and places -------------------------------------------------------------------------

    def at(self, item: str, row: int) -> str:
        return f"{get_column_letter(self.numbers[item])}{row}"

    def said(self, item: str) -> str:
        return f"({self.numbers[item]})"

    def named(self, row) -> str:
        """Whether a row counts: a spare one only where somebody has named it."""
        return f'${get_column_letter(self.label)}{row.row}<>""'

    def where_named(self, row, formula: str) -> str:
        return f'IF({self.named(row)},{formula},"{OPEN}")' if row.kind == "spare" else formula

    # --- the checks -------------------------------------------------------------------------------

    def columns(self) -> list[Column]:
        found = self._in_pieces(self._figures)
        if any(row.kind == "spare" for row in self.rows):
            found += [self._names(), self._unnamed()]
        made = self.form.get("combine", {}).values()
        found += [self._choice(list(how["ticked"])) for how in made if "ticked" in how]
        linear = map(self._in_cells, linear_rules.rows(self.form, self.severities))
        held = [rule for rule in linear if rule is not None and rule.rule is not None]
        for code in dict.fromkeys(rule.rule for rule in held):
            found.append(self._linear(code, [rule for rule in held if rule.rule == code]))
        for rule in self.of("total_row") if self._adds() else []:
            found += self._in_pieces(partial(self._totals, rule))
        if self.known.previous:
            for kind, states in (("equals_previous", self._equals), ("jump", self._jumps)):
                own = self.of(kind)
                for code in dict.fromkeys(rule["rule"] for rule in own):
                    same = [rule for rule in own if rule["rule"] == code]
                    found.append(self._previous(code, same, states))
            own = self.of("expected_range")
            for code in dict.fromkeys(rule["rule"] for rule in own):
                found.append(self._expected(code, [r for r in own if r["rule"] == code]))
        return found

    def of(self, kind: str) -> list[dict]:
        """The rules of a kind, without those on items that stand in no cell of their own."""
        own = (rule for rule in self.form["rules"] if rule["kind"] == kind)
        return [rule for rule in own if rule.get("item") in (None, *self.numbers)]

    def _in_cells(self, rule: linear_rules.Linear) -> linear_rules.Linear | None:
        """The rule with the cells of which combined items are made; None where these are boxes."""
        terms: dict[str, float] = {}
        for item, c in rule.coefficients.items():
            parts = {item: 1} if item in self.numbers else self.form["combine"][item].get("columns")
            if parts is None:
                return None
            for part, share in parts.items():
                terms[part] = terms.get(part, 0) + c * float(Fraction(str(share)))
        return replace(rule, coefficients=terms)

    def _column(self, code: str, states: str, formula: Formula, items: list[str]) -> Column:
        rule = self.known.rules[code]
        blocking = rule["severity"] == "blocking"
        return Column(rule["name"]["vi"], states, blocking, formula, items)

    def bad(self, item: str, place: str) -> str:
        """Whether what stands in a cell is no figure that the form takes, nor a sign for none."""
        spec, limits = self.form["items"][item], self.known.parameters["limits"]
        if item in self.boxes:
            return f"AND(COUNTA({place})=1,NOT(OR({place}=0,{self._ticked(place)})))"
        most = spec.get("maximum", 100 if spec["kind"] == "percent" else limits["count_max"])
        wrong = [f"{place}<0", f"{place}>{most:.15g}"]
        wrong += [f"{place}<>INT({place})"] * (spec["kind"] == "count")
        signs = ",".join(f'{place}="{sign}"' for sign in self.known.signs(self.form))
        signs = f"OR({signs})" if signs else "FALSE"
        figure = f"IF(COUNT({place})=1,OR({','.join(wrong)}),NOT({signs}))"
        return f"IFERROR(IF(COUNTA({place})=0,FALSE,{figure}),TRUE)"

    @staticmethod
    def _ticked(place: str) -> str:
        return f'{place}="{TICK}",{place}="v",{place}=1'

    def _choice(self, items: list[str]) -> Column:
        """No two boxes of a choice are ticked."""

        def formula(row) -> str:
            places = [self.at(item, row.row) for item in items]
            n = "+".join(f"IF(OR({self._ticked(place)}),1,0)" for place in places)
            one = f'IF(({n})=1,"{RIGHT}","{OPEN}")'
            return self.where_named(row, f'IF(({n})>1,"{WRONG} chọn "&({n})&" ô",{one})')

        states = f"Chọn nhiều nhất một trong {', '.join(map(self.said, items))}"
        return self._column("choice_several", states, formula, items)

    def _in_pieces(self, made: Callable[[list[str]], Column]) -> list[Column]:
        """A check of all items, in as many columns as its formulas need not to be too long."""
        items = list(self.numbers)
        for size in range(len(items), 0, -1):
            pieces = [items[n : n + size] for n in range(0, len(items), size)]
            columns = [made(piece) for piece in pieces]
            formulas = [column.formula(row) or "" for column in columns for row in self.rows]
            if max(map(len, formulas)) < _LONGEST:
                break
        if len(columns) > 1:
            for column, piece in zip(columns, pieces, strict=True):
                column.states += f", cột {self.said(piece[0])}–{self.said(piece[-1])}"
        return columns

    def _figures(self, items: list[str]) -> Column:
        def formula(row) -> str:
            first, last = self.at(items[0], row.row), self.at(items[-1], row.row)
            told = "&".join(f'IF({self.bad(i, self.at(i, row.row))},"{self.said(i)} ","")'
                            for i in items)  # fmt: skip
            wrong = f"OR({','.join(self.bad(i, self.at(i, row.row)) for i in items)})"
            right = f'IF(COUNT{"A" * bool(self.boxes)}({first}:{last})>0,"{RIGHT}","{OPEN}")'
            return f'IF({wrong},"{WRONG} cột "&{told},{right})'

        kinds = {spec["kind"] for spec in self.form["items"].values()}
        states = "Số không âm, không kèm chữ" + ", số đếm là số nguyên" * ("count" in kinds)
        return Column("Ô ghi không phải số của biểu", states, True, formula)

    def _names(self) -> Column:
        """A spare row whose field the level has already; a field counts once."""
        column = get_column_letter(self.label)
        levels = {k: list(g) for k, g in groupby(self.rows, key=lambda r: r.level)}

        def formula(row) -> str | None:
            if row.kind != "spare":
                return None
            own = [r.row for r in levels[row.level] if r.kind in ("field", "spare")]
            area, here = f"${column}${own[0]}:${column}${own[-1]}", f"${column}{row.row}"
            twice = f'SUMPRODUCT(({area}={here})*1)>1,"{WRONG} lĩnh vực đã có dòng","{RIGHT}"'
            return f'IF({here}="","{OPEN}",IF({twice}))'

        return self._column("duplicate_row", "Mỗi lĩnh vực một dòng ở mỗi cấp", formula, [])

    def _unnamed(self) -> Column:
        def formula(row) -> str | None:
            if row.kind != "spare":
                return None
            places = [self.at(item, row.row) for item in self.numbers]
            return (
                f'IF(COUNTA({places[0]}:{places[-1]})=0,"{OPEN}",'
                f'IF({self.named(row)},"{RIGHT}","{WRONG} chưa ghi lĩnh vực: số không được tính"))'
            )

        states = "Dòng có số phải có tên lĩnh vực"
        return Column("Dòng chưa có tên", states, False, formula, list(self.numbers))

    def _linear(self, code: str, rules: list[linear_rules.Linear]) -> Column:
        states = [self._stated(rule) for rule in rules]
        items = list(dict.fromkeys(item for rule in rules for item in rule.coefficients))

        def formula(row) -> str:
            held = [self._held(rule, row.row) for rule in rules]
            if len(rules) == 1 and rules[0].equal:
                ((there, wrong, left, right),) = held
                apart = f'", lệch "&IF({left}>{right},"+","")&ROUND({left}-({right}),6)'
                adds = f'"{WRONG} cộng được "&ROUND({right},6)&{apart}'
                told = f'IF({there},IF({wrong},{adds},"{RIGHT} "&ROUND({right},6)),"{OPEN}")'
            else:
                each = [f"IF({there},{wrong},FALSE)" for there, wrong, _, _ in held]
                words = "&".join(
                    f'IF({w},"{said.replace("≤", ">")}; ","")'
                    for w, said in zip(each, states, strict=True)
                )
                any_there = f"OR({','.join(there for there, *_ in held)})"
                right = f'IF({any_there},"{RIGHT}","{OPEN}")'
                told = f'IF(OR({",".join(each)}),"{WRONG} "&{words},{right})'
            return self.where_named(row, told)

        return self._column(code, ", ".join(states), formula, items)

    def _stated(self, rule: linear_rules.Linear) -> str:
        sides = [
            " + ".join(self.said(i) for i, c in rule.coefficients.items() if c * sign > 0)
            for sign in (1, -1)
        ]
        return (" = " if rule.equal else " ≤ ").join(sides)

    def _held(self, rule: linear_rules.Linear, row: int) -> tuple[str, str, str, str]:
        """Formulas: whether all figures are there, whether they are wrong, and the two sides."""
        places = {item: self.at(item, row) for item in rule.coefficients}
        there = f"COUNT({','.join(places.values())})={len(places)}"
        left, right = (
            "+".join(
                places[i] if abs(c) == 1 else f"{abs(c)}*{places[i]}"
                for i, c in rule.coefficients.items()
                if c * sign > 0
            )
            for sign in (1, -1)
        )
        noise = f"{rule.tolerance:g}+{_NOISE}" if rule.tolerance else _NOISE
        wrong = f"ABS({left}-({right}))>{noise}" if rule.equal else f"{left}>{right}"
        return there, wrong, left, right

    # --- totals of rows ---------------------------------------------------------------------------

    def parts(self, row) -> list:
        """The rows that a row adds."""
        part = {"field", "spare"} if any(r.kind == "field" for r in self.rows) else {"total"}
        rows = [r for r in self.rows if r.kind in part and r.level != "_T"]
        spares = any(r.kind == "spare" for r in self.rows)
        if row.kind != "total" or (not spares and row.level != "_T"):
            return []
        if spares:
            rows = [r for r in self.rows if r.kind in ("field", "spare")]
        return [r for r in rows if row.level in ("_T", r.level)]

    def _adds(self) -> bool:
        return any(len(self.parts(row)) > 1 for row in self.rows)

    def total_wrong(self, item: str, row) -> tuple[str, str]:
        """Formulas: whether a total differs from its rows where all of these have a figure (or say
        that there can be none), and what these add up to."""
        parts, column = self.parts(row), get_column_letter(self.numbers[item])
        areas = [f"{column}{a}:{column}{b}" for a, b in runs(r.row for r in parts
                                                              if r.kind != "spare")]  # fmt: skip
        spares = [r for r in parts if r.kind == "spare"]
        fixed = len(parts) - len(spares)
        whole = [f"SUM({','.join(areas)})"] if areas else []
        whole += [f"IF({self.named(r)},SUM({column}{r.row}),0)" for r in spares]
        have = [f"COUNT({','.join(areas)})"] if areas else []
        have += [f"IF({self.named(r)},COUNT({column}{r.row}),0)" for r in spares]
        nil = [f'COUNTIF({a},"{s}")' for a in areas for s in self.known.signs(self.form, "M")]
        nil += [f'IF({self.named(r)},COUNTIF({column}{r.row},"{s}"),0)'
                for r in spares for s in self.known.signs(self.form, "M")]  # fmt: skip
        asked = "+".join([str(fixed), *(f"IF({self.named(r)},1,0)" for r in spares)])
        place, figures = f"{column}{row.row}", "+".join(have)
        there = f"AND(COUNT({place})=1,{figures}>0,{'+'.join([*have, *nil])}={asked})"
        added = "+".join(whole)
        return f"IF({there},ABS({place}-({added}))>{_NOISE},FALSE)", added

    def _totals(self, rule: dict, items: list[str]) -> Column:
        def formula(row) -> str | None:
            if not self.parts(row):
                return None
            each = [(item, *self.total_wrong(item, row)) for item in items]
            told = "&".join(
                f'IF({wrong},"{self.said(item)} cộng được "&ROUND({added},6)&"; ","")'
                for item, wrong, added in each
            )
            wrong = "+".join(f"IF({w},1,0)" for _, w, _ in each)
            there = f"COUNT({','.join(self.at(i, row.row) for i, _, _ in each)})>0"
            return f'IF({wrong}>0,"{WRONG} "&{told},IF({there},"{RIGHT}","{OPEN}"))'

        return self._column(rule["rule"], "Dòng tổng bằng tổng các dòng", formula, [])

    # --- the period before ------------------------------------------------------------------------

    def _before(self, row, item: str) -> float | None:
        name = "_T" if row.kind == "total" else row.label
        return self.known.previous.get((row.level, name, item))

    def _previous(self, code: str, rules: list[dict], states: Callable) -> Column:
        """``states``: rule, place and figure before → what must be so in words, wrong, what is."""

        def each(row) -> list[tuple[str, str, str]]:
            found = []
            for rule in rules:
                then = self._before(row, rule.get("previous_item", rule["item"]))
                if then is not None:
                    place = self.at(rule["item"], row.row)
                    found.append((place, states(rule, place, then), f"{then:.15g}"))
            return found

        def formula(row) -> str | None:
            held = each(row)
            if not held:
                return None
            told = "&".join(f'"{then.replace(".", ",")} "' for _, _, then in held)
            wrong = [f"IF(COUNT({place})=1,{is_wrong},FALSE)" for place, is_wrong, _ in held]
            there = f"COUNT({','.join(place for place, *_ in held)})"
            mark = f'IF(OR({",".join(wrong)}),"{WRONG}",IF({there}>0,"{RIGHT}","{OPEN}"))'
            return f'{mark}&" kỳ trước "&{told}'

        items = [rule["item"] for rule in rules]
        kind = rules[0]["kind"]
        words = ", ".join(
            f"{self.said(r['item'])} = {self.said(r['previous_item'])} của kỳ trước"
            if kind == "equals_previous"
            else f"{self.said(r['item'])} không tăng, giảm quá {number(r['factor'])} lần"
            for r in rules
        )
        column = self._column(code, words, formula, items)

        def start(row) -> str:
            return f"{OPEN} kỳ trước " + "".join(f"{t.replace('.', ',')} " for *_, t in each(row))

        column.start = start
        return column

    def _expected(self, code: str, rules: list[dict]) -> Column:
        """Last period's figures, to be looked at: the range is taken from what is not here."""

        def start(row) -> str | None:
            then = (self._before(row, rule["item"]) for rule in rules)
            told = "".join(f"{f:.15g} ".replace(".", ",") for f in then if f is not None)
            return f"{OPEN} kỳ trước {told}" if told else None

        def formula(row) -> str | None:
            return f'"{said}"' if (said := start(row)) else None

        items = [rule["item"] for rule in rules]
        states = f"{', '.join(map(self.said, items))}: xem số kỳ trước; khi nhận sẽ so với các kỳ"
        column = self._column(code, f"{states} trước, ở đây không kiểm tra", formula, [])
        column.start, column.later = start, True
        return column

    @staticmethod
    def _equals(rule: dict, place: str, then: float) -> str:
        return f"{place}<>{then:.15g}"

    @staticmethod
    def _jumps(rule: dict, place: str, then: float) -> str:
        high, low = f"MAX({place},{then:.15g})", f"MIN({place},{then:.15g})"
        return f"AND({high}>={rule['at_least']},{high}>{rule['factor']}*{low})"


def runs(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """First and last of each run of numbers that follow each other.

    >>> runs([3, 4, 5, 9])
    [(3, 5), (9, 9)]
    """
    found: list[tuple[int, int]] = []
    for n in numbers:
        if found and found[-1][1] == n - 1:
            found[-1] = (found[-1][0], n)
        else:
            found.append((n, n))
    return found
