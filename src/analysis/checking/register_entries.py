"""The entries of registers: what was written in them → records, one row each.

In a register each row is a record with dates: it is opened, may be due and may be closed (tasks:
assigned, due, completed).
"""

import re

import pandas as pd

from analysis.checking import register_days
from analysis.language.words import day, fold, meant, plain
from analysis.reading import days
from analysis.reading.beside.sheet import STRUCK
from analysis.reading.numbers import figure
from analysis.schema.tables import RECORDS

BLANK = {"-", "–", "—", "…", "...", "x", "X", "/"}
"""What people write into a cell for which there is nothing yet."""
_DAYS = ("year_first", "day_first", "uneven", "short_year", "words")
_YEARS = range(2000, 2100)
_BARE_NUMBER = re.compile(r"\d+(?:[.,]0+)?")

Entry = tuple[str | None, str, str | None, str | None]
"""entry, obs_status, rule, found."""


def parse(cells: pd.DataFrame, forms: dict, names: dict, labels: dict) -> pd.DataFrame:
    """Add ``entry`` and ``obs_status`` to the cells of records; findings go to ``rule``, ``found``.

    Parameters
    ----------
    cells
        Located cells (schema.LOCATED).
    names, labels
        Folded unit name → code; code → name.

    Returns
    -------
    The cells with ``entry``: a day as yyyy-mm-dd, the code of a choice or unit, codes of several
    units joined by ``|``, else the text. ``obs_status`` is A, O (blank) or V (not accepted).
    """
    cells = cells.assign(entry=None)
    here = cells.index[cells["role"] == "record"]
    read: dict[tuple, Entry] = {}
    found = []
    asked = cells.loc[here, ["form", "item", "raw_text", "raw_type", "shown"]].astype(object)
    asked = asked.where(asked.notna(), None)
    for key in asked.itertuples(index=False, name=None):
        if key not in read:
            form, item, *received = key
            read[key] = _entry(*received, forms[form]["attributes"][item], names, labels)
        found.append(read[key])
    columns = ["entry", "obs_status", "rule", "found"]
    cells.loc[here, columns] = pd.DataFrame(found, index=here, columns=columns, dtype=object)
    of = zip(asked["form"], asked["item"], strict=True)
    dates = [forms[form]["attributes"][item]["kind"] == "date" for form, item in of]
    return _with_doubts(cells, here[dates])


def _with_doubts(cells: pd.DataFrame, dates: pd.Index) -> pd.DataFrame:
    """Days that may have been turned by the sender's machine are not accepted."""
    turned = register_days.doubtful(cells.loc[dates], _YEARS).dropna()
    if turned.empty:
        return cells
    at = turned.index
    cells = cells.astype({"found": object, "expected": object})
    cells.loc[at, "found"] = cells.loc[at, "entry"].map(day)
    cells.loc[at, "expected"] = turned.map(day)
    cells.loc[at, ["obs_status", "rule", "entry"]] = ("V", "date_doubtful", None)
    return cells


def _entry(
    raw_text: str, raw_type: str, shown: str | None, attribute: dict, names: dict, labels: dict
) -> Entry:
    text = plain(raw_text) if raw_type != "blank" else ""
    if shown and STRUCK in shown:
        return None, "V", "struck_out", shown
    if text == "" or text in BLANK:
        if attribute.get("required"):
            return None, "V", "required_missing", attribute["head"]["vi"]
        return None, "O", "sign_for_blank" if text else None, None
    kind = attribute["kind"]
    if kind == "date":
        return _date(text, raw_type)
    if kind == "choice":
        return _choice(text, attribute["choices"])
    if kind == "unit":
        code = _unit(text, names)
        return (code, "A", None, None) if code else (None, "V", "record_unit_unknown", None)
    if kind == "units":
        return _units(text, names, labels)
    if kind == "count":
        read = figure(raw_text, raw_type, "count", "vietnamese", {}, shown=shown)
        entry = None if read.value is None else f"{read.value:.0f}"
        return entry, read.obs_status, read.rule, read.found
    return text, "A", None, None


def _date(text: str, raw_type: str) -> Entry:
    """A day as a spreadsheet or a person writes it; nothing ambiguous is guessed."""
    found = days.read(text, [*_DAYS, *["serial"] * (raw_type == "number")], _YEARS)
    if not found:
        return None, "V", "record_date_unreadable", None
    value, note = found.value, "date_as_text"
    if found.way == "serial":
        note = "date_serial"
    elif raw_type != "text" or found.way == "year_first" or text == day(value):
        note = None
    return value.isoformat(), "A", note, day(value)


def _choice(text: str, choices: dict) -> Entry:
    for code, words in choices.items():
        known = [code, words["vi"], words["en"], *words.get("aliases", [])]
        if fold(text) in map(fold, known):
            return code, "A", None, None
    return None, "V", "choice_unknown", ", ".join(w["vi"] for w in choices.values())


def _unit(text: str, names: dict) -> str | None:
    """The code of a unit by its name; a number is a number before it is the code of a province."""
    return None if _BARE_NUMBER.fullmatch(text) else meant(text, names)


def _units(text: str, names: dict, labels: dict) -> Entry:
    """Several units; one that is not known stays in the raw text and is named in the finding."""
    written = [t.strip() for t in text.split(";") if t.strip()]
    codes = {t: _unit(t, names) for t in written}
    unknown = [t for t, code in codes.items() if code is None]
    entry = "|".join(dict.fromkeys(filter(None, codes.values()))) or None
    return entry, "A", "with_unknown" if unknown else None, "; ".join(unknown) or None


def records(cells: pd.DataFrame, forms: dict) -> pd.DataFrame:
    """The cells of records as schema.RECORDS: one row per record and attribute.

    A record's unit is that of the column which its form names as ``lead``, else the sender's.
    """
    held = cells[cells["role"] == "record"]
    held = held.rename(columns={"item": "attribute"}).reset_index(drop=True)
    key = ["source_file", "row"]
    for column, role in (("record", "record"), ("owner", "lead")):
        named = held["attribute"] == held["form"].map(lambda f, r=role: forms[f].get(r))
        own = held.loc[named, [*key, "entry"]].rename(columns={"entry": column})
        held = held.merge(own, on=key, how="left")
    has_lead = held["form"].map(lambda f: "lead" in forms[f]).astype(bool)
    entry = held["entry"].where(held["obs_status"] != "V")
    held = held.assign(
        sender=held["reporting_unit"],
        reporting_unit=held["owner"].where(has_lead, held["reporting_unit"]),
        record=held["record"].where(held["record"].notna(), "dòng " + held["row"].astype(str)),
        entry=entry.where(entry.notna(), None),
    )
    return RECORDS.take(held)


def table(held: pd.DataFrame, form: dict) -> pd.DataFrame:
    """Records of one form, one row each: its attributes, dates read.

    Parameters
    ----------
    held
        schema.RECORDS.

    Returns
    -------
    reporting_unit, sender, record, row, source_file, ``placed`` (nothing in it is refused and
    nothing required is missing) and one column for each attribute of the form.
    """
    own = held[held["form"] == form["form"]]
    key = ["source_file", "row"]
    attributes = form["attributes"]
    wide = own.pivot(index=key, columns="attribute", values="entry")
    wide = wide.reindex(columns=list(attributes)).astype(object)
    wide = wide.where(wide.notna(), None)
    for code, attribute in attributes.items():
        if attribute["kind"] == "date":
            wide[code] = pd.to_datetime(wide[code])
    required = [c for c, a in attributes.items() if a.get("required")]
    refused = (own["obs_status"] == "V").groupby([own[k] for k in key]).any()
    placed = wide[required].notna().all(axis=1) & ~refused.reindex(wide.index, fill_value=False)
    whose = own.groupby(key)[["reporting_unit", "sender", "record"]].first()
    return whose.join(placed.rename("placed")).join(wide.rename_axis(columns=None)).reset_index()
