"""One answer given in several columns: classes of which one is ticked, hours and minutes.

A survey says so in ``combine``: item → ``columns`` (head → what one of its figures counts in the
measure of the item) or ``ticked`` (head → choice). Every cell keeps its own place; the ``lead``
one carries the answer, and what is wrong with one of them is wrong with the answer.
"""

from fractions import Fraction

import pandas as pd

from analysis.language.words import plain
from analysis.reading import ticks
from analysis.reading.numbers import figure
from analysis.survey import answers

_COLUMNS = ["value", "obs_status", "rule", "found", "expected"]


def heads(survey: dict) -> dict[str, dict[str, object]]:
    """Item → head of a column → what its cells stand for, of the answers of several columns."""
    said = survey.get("combine", {})
    return {item: how.get("columns") or how["ticked"] for item, how in said.items()}


def parse(cells: pd.DataFrame, survey: dict, item: str, parameters: dict) -> pd.DataFrame:
    """Read the cells of one item.

    Parameters
    ----------
    cells
        Value cells of the item with ``record``, ``part`` (head of the column) and ``raw_text``.
    parameters
        See :func:`analysis.survey.answers.parse`.

    Returns
    -------
    value, obs_status, rule, found, expected, lead (bool), on the index of ``cells``. The answer
    stands at the lead cell of a record. A blank part of a sum is none of it if another is filled;
    no tick is no answer, two are ``choice_several``, and none of them counts.
    """
    how, spec = survey["combine"][item], survey["columns"][item]
    read = _ticks if "ticked" in how else _sum
    parts = [read(own, how, spec, parameters) for _, own in cells.groupby("record", sort=False)]
    return pd.concat(parts) if parts else pd.DataFrame(columns=[*_COLUMNS, "lead"])


def _ticks(own: pd.DataFrame, how: dict, spec: dict, parameters: dict) -> pd.DataFrame:
    texts = own["raw_text"].map(plain)
    boxes = texts.map(ticks.ticked)
    ticked, strange = boxes.eq(True), boxes.isna()
    found = _blank(own).assign(obs_status="A")
    found.loc[texts == "", ["obs_status", "rule"]] = ["O", "blank"]
    if strange.any():
        found["obs_status"] = "V"
        found["rule"] = None
        found.loc[strange, "rule"] = "choice_unknown"
        found.loc[strange, "found"] = "X"
    elif ticked.sum() > 1:
        chosen = ", ".join(own.loc[ticked, "part"])
        found["obs_status"] = "V"
        found["rule"] = None
        found.loc[ticked, ["rule", "found"]] = ("choice_several", chosen)
    elif ticked.any():
        lead = own.index[ticked][0]
        found["rule"] = None
        found.loc[lead, "value"] = str(how["ticked"][own.at[lead, "part"]])
        return _led(found, lead)
    else:  # "0" in all classes says as little as nothing
        found[["obs_status", "rule"]] = ["O", "blank"]
    return _led(found, own.index[0])


def _sum(own: pd.DataFrame, how: dict, spec: dict, parameters: dict) -> pd.DataFrame:
    found, total = _blank(own), Fraction(0)
    filled = own["raw_text"].map(plain) != ""
    lead = own.index[filled][0] if filled.any() else own.index[0]
    for at, text, part in own[["raw_text", "part"]].itertuples(name=None):
        value, status, rule, said, _ = figure(text, "text", "decimal", "vietnamese", {})
        if filled[at] and value is None:
            told = answers.parse(pd.Series([text]), "count", {}, parameters).iloc[0]
            unknown = told["obs_status"] in ("O", "M")  # does not know, does not want to say
            status, rule = (told["obs_status"], told["rule"]) if unknown else ("V", rule)
        found.loc[at, ["obs_status", "rule", "found"]] = [status, rule, said]
        if value is not None:
            total += Fraction(value).limit_denominator(10**6) * Fraction(str(how["columns"][part]))
    missing = found.loc[filled & (found["obs_status"] != "A"), "obs_status"]
    if not filled.any():
        return _led(found, lead)
    if missing.empty:
        limits = spec.get("range")
        if limits and not limits[0] <= total <= limits[1]:
            found["obs_status"] = "V"
            found.loc[filled, "rule"] = "out_of_range"
        else:
            found.loc[lead, "value"] = float(total)
            found.loc[~filled, ["obs_status", "rule"]] = ["A", None]
    else:  # what is known of the answer is not the answer
        found["obs_status"] = "V" if (missing == "V").any() else missing.iloc[0]
    return _led(found, lead)


def _blank(own: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(None, index=own.index, columns=_COLUMNS, dtype=object)


def _led(found: pd.DataFrame, lead: object) -> pd.DataFrame:
    return found.assign(lead=found.index == lead)
