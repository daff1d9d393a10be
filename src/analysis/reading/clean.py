"""What the cells of forms say: numbers, fields, units, windows. The raw text always stays."""

import hashlib
import re
from difflib import get_close_matches

import pandas as pd

from analysis.language.words import MISSING, day, fold, meant, plain
from analysis.reading import columns, days, ticks
from analysis.reading.numbers import Asked, Figure, digits, read

SUGGESTIONS = 200
_BARE_NUMBER = re.compile(r"\d+(?:\.0)?")
_COLUMN = ["source_file", "source_sheet", "form", "item"]
_RECEIVED = ["raw_text", "raw_type", "shown", "measure_text"]
_LONGEST = 60  # characters of a code


def numbers(
    cells: pd.DataFrame, forms: dict, parameters: dict, mappings: dict | None = None
) -> pd.DataFrame:
    """Add ``obs_value`` and ``obs_status`` to value cells; findings go to ``rule``, ``found``,
    ``expected``. In exports figures are written as their mapping says, else as their form does.

    A figure is read by itself, then held against its column: the same item on the same sheet.
    """
    cells = cells.assign(obs_value=float("nan"), obs_status=None)
    values = cells.index[cells["role"] == "value"]
    held = cells.reindex(columns=[*_COLUMN, *_RECEIVED, "mapping"]).loc[values].astype(object)
    held = held.where(held.notna(), None)
    each = _each(held[["form", "item", "mapping", *_RECEIVED]], forms, parameters, mappings or {})
    figures = [one.figure for one in each]
    together: dict[tuple, list[int]] = {}
    for n, column in enumerate(held[_COLUMN].itertuples(index=False, name=None)):
        if each[n].digits is not None or each[n].asked.kind == "percent":
            together.setdefault(column, []).append(n)
    for rows in together.values():
        for n, judged in zip(rows, columns.judged([each[n] for n in rows]), strict=True):
            figures[n] = judged
    result = pd.DataFrame(figures, index=values, columns=list(Figure.__annotations__))
    cells.loc[values, "obs_value"] = pd.to_numeric(result["value"])
    cells.loc[values, "obs_status"] = result["obs_status"]
    free = values[cells.loc[values, "rule"].isna()]
    said = ["rule", "found", "expected"]
    cells.loc[free, said] = result.loc[free, said].to_numpy()
    return cells


def _each(held: pd.DataFrame, forms: dict, parameters: dict, mappings: dict) -> list[columns.Cell]:
    """Each cell by itself; the same of the same item is read once."""
    known: dict[tuple, columns.Cell] = {}
    signs = {
        code: parameters["missing_symbols"] | form.get("missing_symbols", {})
        for code, form in forms.items()
    }
    largest, each = parameters["limits"]["count_max"], []
    for key in held.itertuples(index=False, name=None):
        if key not in known:
            code, item, mapping, *received = key
            form, known_signs = forms[code], signs[code]
            if mapping:
                stated = mappings[mapping]
                form = form | {"numbers": stated.get("numbers", "plain")}
                known_signs = known_signs | _signs(stated)
                text, _, shown, _ = received
                if shown and not plain(text):  # there is no figure, and its status says why
                    received = [shown, "text", None, None]
            cell = _cell(*received, form, item, known_signs, largest)
            if mapping and received[0] != text:
                said = cell.figure._replace(found=f"status: {shown}")
                cell = cell._replace(figure=said)
            known[key] = cell
        each.append(known[key])
    return each


_WHY = {
    "missing": {"obs_status": "O", "rule": "missing_symbol"},
    "not_applicable": {"obs_status": "M", "rule": "not_applicable"},
}


def _signs(mapping: dict) -> dict:
    """What stands for a missing figure in an export: texts instead of it, and its status."""
    stated = mapping.get("status", {}).get("codes", {}) | mapping.get("missing", {})
    return {sign: _WHY[why] for sign, why in stated.items() if why in _WHY}


def _cell(
    text: str,
    raw_type: str,
    shown: str | None,
    measure: str | None,
    form: dict,
    item: str,
    signs: dict,
    largest: float,
) -> columns.Cell:
    described = form["items"].get(item, {})
    if described.get("kind") == "tick":
        return _box(text, form, described, largest)
    asked = _asked(form, described, measure, largest)
    chosen = described.get("choices", {}).get(plain(text))
    if chosen is not None:
        return columns.Cell(None, False, asked, Figure(float(chosen), "A"))
    found = read(text, raw_type, shown, asked, signs)
    if found.rule == "blank" and described.get("nullable"):
        found = found._replace(rule=None)
    percent = plain(text if shown is None else shown).endswith("%")
    return columns.Cell(digits(text, shown) if raw_type == "text" else None, percent, asked, found)


def _box(text: str, form: dict, described: dict, largest: float) -> columns.Cell:
    """A cell that is ticked or not: 1 or 0; a blank one is not."""
    ticked = ticks.ticked(text)
    asked = _asked(form, described, None, largest)
    if ticked is None:
        return columns.Cell(None, False, asked, Figure(None, "V", "choice_unknown", "X"))
    if not plain(text):
        return columns.Cell(None, False, asked, Figure(None, "O"))
    return columns.Cell(None, False, asked, Figure(float(ticked), "A"))


def _asked(form: dict, described: dict, measure: str | None, largest: float) -> Asked:
    units = [described.get("unit_text"), form.get("unit_text")]
    factors = {fold(text): factor for text, factor in form.get("measures", {}).items()}
    return Asked(
        described.get("kind", "decimal"),
        form["numbers"],
        described.get("maximum", largest),
        tuple(text for named in units if named for text in named.values()),
        factors.get(fold(measure), 1) if measure else 1,
    )


def units(cells: pd.DataFrame, names: dict[str, str], labels: dict[str, str]) -> pd.DataFrame:
    """Add ``reporting_unit`` from ``unit_text``; unknown names are found at the naming cell.

    ``names`` maps folded names to codes (:func:`analysis.catalogue.unit_lists.unit_names`),
    ``labels`` codes to names for the suggestion.
    """
    written = cells["unit_text"].dropna().unique()
    codes = {text: meant(text, names) for text in written}
    cells = cells.assign(reporting_unit=cells["unit_text"].map(codes))
    stray = _stray_numbers(cells)
    if "mapping" in cells:  # what means a unit there is said by the mapping
        stray &= cells["mapping"].isna()
    cells["reporting_unit"] = cells["reporting_unit"].mask(stray, None)
    unknown = cells["unit_text"].notna() & cells["reporting_unit"].isna()
    naming = unknown & (cells["role"] == "unit")
    # to look for the nearest of all names takes long: nobody needs it for thousands of strange ones
    strange = cells.loc[unknown, "unit_text"].unique()
    near = dict.fromkeys(strange, MISSING)
    near |= {t: nearest(t, names, labels) for t in strange[:SUGGESTIONS]}
    cells.loc[naming, "rule"] = "unit_unknown"
    cells.loc[naming, "found"] = cells.loc[naming, "unit_text"].map(near)
    # whatever else a cell of such a row was covered by: this is what its naming cell now says
    cells.loc[unknown & ~naming, "covered_by"] = "unit_unknown"
    return cells


def _stray_numbers(cells: pd.DataFrame) -> pd.Series:
    """Where a bare number names the unit though the others of its file are named by their names.

    01 is a code by itself; 10 is one among other codes, else a number before it is a province.
    """
    numbers = {t for t in cells["unit_text"].dropna().unique() if _BARE_NUMBER.fullmatch(str(t))}
    bare = cells["unit_text"].isin(numbers)
    if not bare.any():
        return bare
    of = [cells["source_file"], cells["form"]]
    once = cells.assign(bare=bare)[cells["reporting_unit"].notna()]
    once = once.drop_duplicates(["source_file", "form", "unit_text"])
    counted = once.groupby(["source_file", "form"], observed=True)["bare"].agg(["sum", "size"])
    coded = counted[(counted["sum"] > 1) & (counted["sum"] * 2 >= counted["size"])].index
    among = pd.MultiIndex.from_arrays(of).isin(coded)
    naming = (cells["role"] == "unit") & bare
    said = [str(t) in plain(r) for t, r in cells.loc[naming, ["unit_text", "raw_text"]].to_numpy()]
    # what the form itself says a name stands for is no number that somebody wrote
    stated = cells.loc[naming][said]
    theirs = pd.MultiIndex.from_frame(stated[["source_file", "form", "unit_text"]])
    written = pd.MultiIndex.from_arrays([*of, cells["unit_text"]]).isin(theirs)
    return bare & written & ~among & ~cells["unit_text"].astype(str).str.startswith("0")


def repeated_units(cells: pd.DataFrame) -> pd.DataFrame:
    """One unit under two names in a file (an alias, a slip): neither figure counts.

    Looks at value cells with ``reporting_unit``; the names are marked ``duplicate_row``, their
    figures covered by it.
    """
    place = ["source_file", "form", "reporting_unit"]
    values = cells[(cells["role"] == "value") & cells["reporting_unit"].notna()]
    names = values[[*place, "unit_text"]].drop_duplicates()
    if not names.duplicated(place).any():
        return cells
    times = values.groupby([*place, "item", "level", "field"])["unit_text"].transform("nunique")
    twice = values[times > 1]
    named = ["source_file", "form", "unit_text"]
    naming = pd.MultiIndex.from_frame(cells[named]).isin(pd.MultiIndex.from_frame(twice[named]))
    naming &= (cells["role"] == "unit") & cells["rule"].isna()
    covered = cells.index.isin(twice.index) & cells["covered_by"].isna()
    return cells.assign(
        rule=cells["rule"].mask(naming, "duplicate_row"),
        covered_by=cells["covered_by"].mask(covered, "duplicate_row"),
    )


def nearest(text: str, names: dict, labels: dict) -> str:
    """The name that is most like ``text``; "…" where none is."""
    close = get_close_matches(fold(text), names, cutoff=0.6)
    return labels[names[close[0]]] if close else MISSING


def fields(cells: pd.DataFrame, field_names: dict[str, str]) -> pd.DataFrame:
    """Replace the written field by its code; a field outside the list keeps its own, as "_name"."""
    written = cells["field"].dropna().unique()
    codes = {t: t if t == "_T" else field_names.get(fold(t)) for t in written}
    unknown = {fold(t) for t, code in codes.items() if code is None}
    codes = {t: code or _own_code(t) for t, code in codes.items()}
    naming = (cells["role"] == "field") & cells["rule"].isna()
    naming &= cells["raw_text"].map(fold).isin(unknown)
    return cells.assign(
        field=cells["field"].map(codes), rule=cells["rule"].mask(naming, "field_unknown")
    )


def _own_code(name: str) -> str:
    """A code for a name outside the list; two long names that begin alike have two."""
    written = fold(name).replace(" ", "_")
    if len(written) <= _LONGEST:
        return "_" + written
    return f"_{written[:_LONGEST]}_{hashlib.sha256(written.encode()).hexdigest()[:8]}"


def windows(cells: pd.DataFrame) -> pd.DataFrame:
    """First and last day that each file says it covers.

    Returns one row per file with a stated window: source_file, source_sheet, source_cell,
    raw_text, start, end (dates; None where they cannot be read, or where the file states several)
    and several: those, in words; None where they agree.
    """
    place = ["source_file", "source_sheet", "source_cell", "raw_text"]
    lines: dict[str, list[tuple]] = {}
    for line in cells.loc[cells["role"] == "window", place].itertuples(index=False):
        lines.setdefault(line.source_file, []).append(line)
    stated = []
    for own in lines.values():
        # a window may be written in two cells, and each sheet has its own
        sheets = dict.fromkeys(line.source_sheet for line in own)
        texts = (" ".join(n.raw_text for n in own if n.source_sheet == s) for s in sheets)
        spans = list(dict.fromkeys(span for text in texts for span in days.spans(text)))
        at = next((line for line in own if days.within(line.raw_text)), own[0])
        start, end = spans[0] if len(spans) == 1 and None not in spans[0] else (None, None)
        several = "; ".join(f"{day(a)}–{day(b)}" for a, b in spans) if len(spans) > 1 else None
        stated.append((*at, start, end, several))
    return pd.DataFrame(stated, columns=[*place, "start", "end", "several"])
