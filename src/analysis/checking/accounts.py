"""Whether all that was submitted is accounted for: no cell is lost, none withdrawn in silence.

Either would be a fault of this software and not of the sender. It is a finding all the same: what
nobody can explain must be seen.
"""

import pandas as pd

from analysis.checking import claims, fates
from analysis.language.words import MISSING
from analysis.schema.tables import FINDINGS

_CELL = ["source_file", "source_sheet", "source_cell"]
_ADDRESS = r"^(?P<column>[A-Z]+)(?P<row>\d+)$"
_MEMBER = r"^(/(?:[^/]*/)*?\d+)/"  # of a list in JSON
_TOP = "/"
"""Where a value of JSON stands that is in no list: it holds for all."""
_OF_SHEETS = {"header_not_found", "column_disagrees", "encoding_unknown", "sheet_unused",
              "sheet_missing", "sheet_twice", "sheet_hidden", "sheet_repeated", "table_twice",
              "column_in_two_places", "column_twice", "measure_unknown"}  # fmt: skip
"""Rules whose one finding explains all cells of its sheet; others, those of a row or a column."""


def held_to(cells: pd.DataFrame, counted: pd.DataFrame) -> pd.DataFrame:
    """Cells, and what :func:`miscounted` says of their files."""
    rows = miscounted(cells, counted)
    return pd.concat([cells, rows], ignore_index=True) if len(rows) else cells


def miscounted(cells: pd.DataFrame, counted: pd.DataFrame) -> pd.DataFrame:
    """A row ``cells_unaccounted`` for each file of which not all cells were read, or more.

    ``cells``: columns of schema.CELLS and ``form``, which the result has, too. ``counted``:
    source_file, source_sheet and cells: how many that are not empty the file itself holds. A file
    of which nothing could be read says so itself.
    """
    sheet = ["source_file", "source_sheet"]
    read = fates.submitted(cells).groupby(sheet).size().rename("read")
    both = pd.concat([counted.set_index(sheet)["cells"], read], axis=1).fillna(0).astype(int)
    apart = both.index[both["cells"] != both["read"]].get_level_values("source_file").unique()
    both = both.groupby(level="source_file").sum()
    whole = read.index.get_level_values("source_file")
    rows = [
        dict(source_file=file, source_sheet="", source_cell="", row=0, column=0, raw_text="")
        | dict(raw_type="file", role="file", form=form, rule="cells_unaccounted")
        | dict(found=str(both["read"][file]), expected=str(both["cells"][file]))
        for file in apart.intersection(whole)
        for form in cells.loc[cells["source_file"] == file, "form"].unique()
    ]
    return pd.DataFrame(rows, columns=cells.columns)


def unexplained(cells: pd.DataFrame, issues: pd.DataFrame) -> pd.DataFrame:
    """Findings ``withdrawn_unexplained``: cells that do not count although no issue says why.

    A cell is explained by a blocking issue, or one of its own rule, that stands at its place or
    names it among its ``cells``; by an issue of the rule that covers it, in its row or column, or
    its sheet where that is what the rule is about; or by why its file, or its unit in it, does not
    count.

    Parameters
    ----------
    cells
        With their fate (:func:`analysis.checking.fates.decide`).
    issues
        schema.ISSUES.
    """
    lost = cells[(cells["fate"] == "issue") & (cells["raw_type"] != "file")]
    if lost.empty:
        return FINDINGS.of([])
    at = fates.places(issues)
    lost = lost[~(_at_place(lost, at) | _covered(lost, at) | _of_file(lost, issues))]
    why = lost["covered_by"].fillna(lost["rule"]).fillna(lost["file_rule"]).fillna(lost["role"])
    return FINDINGS.take(lost.assign(rule="withdrawn_unexplained", found=why.fillna(MISSING)))


def _among(rows: pd.DataFrame, others: pd.DataFrame, keys: list[str], as_: list[str]) -> pd.Series:
    """Which ``rows`` have what some of ``others`` have under ``as_``."""
    held = set(others[as_].itertuples(index=False, name=None))
    own = zip(*(rows[k] for k in keys), strict=True)
    return pd.Series([o in held for o in own], index=rows.index, dtype=bool)


def _at_place(lost: pd.DataFrame, at: pd.DataFrame) -> pd.Series:
    blocking = _among(lost, at[at["severity"] == "blocking"], _CELL, _CELL)
    return blocking | _among(lost, at, [*_CELL, "rule"], [*_CELL, "rule"])


def _covered(lost: pd.DataFrame, at: pd.DataFrame) -> pd.Series:
    sheet = ["source_file", "source_sheet"]
    at, lost = _lined(at), _lined(lost)
    whole = at[at["rule"].isin(_OF_SHEETS)]
    found = _among(lost, whole, [*sheet, "covered_by"], [*sheet, "rule"])
    # a finding on the file as a whole has no sheet
    everywhere = at[(at["source_cell"] == "") | (at["of_row"] == _TOP)]
    found |= _among(lost, everywhere, ["source_file", "covered_by"], ["source_file", "rule"])
    for line in ("of_row", "of_column"):
        found |= _among(lost, at, [*sheet, line, "covered_by"], [*sheet, line, "rule"])
    return found


def _lined(table: pd.DataFrame) -> pd.DataFrame:
    """With the row and column of each cell; a member of a list is a row of JSON."""
    place = table["source_cell"].str.extract(_ADDRESS)
    pointer = table["source_cell"].str.startswith("/", na=False)
    member = table["source_cell"].str.extract(_MEMBER)[0].fillna(_TOP)
    return table.assign(of_column=place["column"], of_row=place["row"].mask(pointer, member))


def _of_file(lost: pd.DataFrame, issues: pd.DataFrame) -> pd.Series:
    file, unit = ["source_file", "form"], ["source_file", "form", "reporting_unit"]
    lost = lost.assign(of_unit=lost["state"].map(claims.RULES))
    whole = _among(lost, issues, [*file, "file_rule"], [*file, "rule"])
    return (lost["state"] != "in_force") & (
        whole | _among(lost, issues, [*unit, "of_unit"], [*unit, "rule"])
    )
