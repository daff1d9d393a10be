"""What the cells of forms say: numbers, fields, units, windows. The raw text always stays."""

import hashlib
from difflib import get_close_matches

import pandas as pd

from analysis.language.words import MISSING, fold, meant, plain
from analysis.reading import days
from analysis.reading.numbers import Figure, figure

SUGGESTIONS = 200
_LONGEST = 60  # characters of a code


def numbers(cells: pd.DataFrame, forms: dict, parameters: dict) -> pd.DataFrame:
    """Add ``obs_value`` and ``obs_status`` to value cells; findings go to ``rule``, ``found``."""
    cells = cells.assign(obs_value=float("nan"), obs_status=None)
    values = cells.index[cells["role"] == "value"]
    largest = parameters["limits"]["count_max"]
    known: dict[tuple, Figure] = {}
    parsed = []
    for form, item, text, raw_type in cells.loc[
        values, ["form", "item", "raw_text", "raw_type"]
    ].itertuples(index=False):
        described = forms[form]["items"].get(item, {})
        kind, style = described.get("kind", "decimal"), forms[form]["numbers"]
        key = (text, raw_type, kind, style, described.get("maximum", largest), form)
        if "choices" in described and plain(text) in described["choices"]:
            parsed.append((float(described["choices"][plain(text)]), "A", None, None))
            continue
        if key not in known:
            symbols = parameters["missing_symbols"] | forms[form].get("missing_symbols", {})
            known[key] = figure(*key[:4], symbols, key[4])
        value, status, rule, found = known[key]
        if rule == "blank" and described.get("nullable"):
            rule = None
        parsed.append((value, status, rule, found))
    result = pd.DataFrame(parsed, index=values, columns=["value", "status", "rule", "found"])
    cells.loc[values, "obs_value"] = pd.to_numeric(result["value"])
    cells.loc[values, "obs_status"] = result["status"]
    free = values[cells.loc[values, "rule"].isna()]
    cells.loc[free, ["rule", "found"]] = result.loc[free, ["rule", "found"]].to_numpy()
    return cells


def units(cells: pd.DataFrame, names: dict[str, str], labels: dict[str, str]) -> pd.DataFrame:
    """Add ``reporting_unit`` from ``unit_text``; unknown names are found at the naming cell.

    ``names`` maps folded names to codes (:func:`analysis.catalogue.unit_lists.unit_names`),
    ``labels`` codes to names for the suggestion.
    """
    written = cells["unit_text"].dropna().unique()
    codes = {text: meant(text, names) for text in written}
    cells = cells.assign(reporting_unit=cells["unit_text"].map(codes))
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
    close = get_close_matches(fold(text), names, n=1, cutoff=0.6)
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
    """First and last day that each sheet says it covers.

    Returns one row per file with a stated window: source_file, source_sheet, source_cell,
    raw_text, start, end (dates; None where they cannot be read).
    """
    place = ["source_file", "source_sheet", "source_cell", "raw_text"]
    lines: dict[str, list[tuple]] = {}
    for line in cells.loc[cells["role"] == "window", place].itertuples(index=False):
        lines.setdefault(line.source_file, []).append(line)
    stated = []
    for own in lines.values():
        written = [d for d in days.within(" ".join(line.raw_text for line in own)) if d]
        at = next((line for line in own if days.within(line.raw_text)), own[0])
        start, end = (written[0], written[-1]) if len(written) >= 2 else (None, None)
        stated.append((*at, start, end))
    return pd.DataFrame(stated, columns=[*place, "start", "end"])
