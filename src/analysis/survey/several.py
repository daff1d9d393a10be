"""A question with several answers: one column with all that was chosen, one for each choice, or
both. Every cell keeps its own place; the ``lead`` one carries the answer, codes in the order of the
survey's file with spaces between."""

import pandas as pd

from analysis.language.words import plain
from analysis.reading import ticks
from analysis.survey import answers, questionnaire

_COLUMNS = ["value", "obs_status", "rule", "found", "expected"]


def parse(cells: pd.DataFrame, spec: dict) -> pd.DataFrame:
    """Read the cells of one item.

    Parameters
    ----------
    cells
        Value cells of the item with ``record``, ``part`` (the choice, of a column of its own) and
        ``raw_text``.
    spec
        The column, with ``choices``.

    Returns
    -------
    value, obs_status, rule, found, expected, lead (bool), on the index of ``cells``. Where the
    columns contradict each other, or one cannot be read, nothing is taken.
    """
    parts = [_one(own, spec) for _, own in cells.groupby("record", sort=False)]
    return pd.concat(parts) if parts else pd.DataFrame(columns=[*_COLUMNS, "lead"])


def _one(own: pd.DataFrame, spec: dict) -> pd.DataFrame:
    found = pd.DataFrame(None, index=own.index, columns=_COLUMNS, dtype=object)
    texts, boxes = own["raw_text"].map(plain), own["part"].fillna("") != ""
    filled = texts != ""
    lead = next(iter(own.index[~boxes]), own.index[0])
    found = found.assign(lead=own.index == lead)
    if not filled.any():
        return found.assign(obs_status="O", rule="blank")
    found["obs_status"] = "A"
    ticked = texts[boxes].map(ticks.ticked)
    strange = ticked.index[ticked.isna()]
    found.loc[strange, ["obs_status", "rule", "found"]] = ["V", "choice_unknown", "0, 1"]
    yes = set(own.loc[ticked.index[ticked.eq(True)], "part"])
    by_box = [code for code in spec["choices"] if code in yes]
    said = None
    for at in own.index[~boxes & filled]:
        said = _written(texts[at], spec)
        found.loc[at, _COLUMNS[:4]] = list(said)
    value = said.value.split() if said and said.value else None
    if value is not None and filled[boxes].any() and value != by_box:
        found.loc[lead, "rule"] = "choices_disagree"
        found.loc[lead, ["obs_status", "found"]] = ["V", ", ".join(by_box) or "0"]
    if (found["obs_status"] == "V").any():
        found["obs_status"] = "V"
    elif value is None and not said and not by_box:  # "0" in all says as little as nothing
        found[["obs_status", "rule"]] = ["O", "blank"]
    elif said and said.value is None:
        found["obs_status"] = said.obs_status
    found["value"] = None
    if (found["obs_status"] == "A").all():
        found.loc[lead, "value"] = " ".join(value or by_box)
    return found


def _written(text: str, spec: dict) -> answers.Answer:
    """What one column with all of them says."""
    told = answers.parse(pd.Series([text]), "choice", questionnaire.spelled(spec), {}).iloc[0]
    if told["rule"] != "choice_unknown":
        return answers.Answer(*told[["value", "obs_status", "rule", "found"]])
    codes = questionnaire.chosen(text, spec)
    if codes is None:
        return answers.Answer(None, "V", "choice_unknown", told["found"])
    return answers.Answer(" ".join(codes), "A", None)
