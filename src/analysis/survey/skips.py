"""Which questions were asked of whom, by the skip rules of the survey (``asked_if``)."""

import numpy as np
import pandas as pd

KINDS = ["answered", "approximate", "dont_know", "refused", "blank", "not_accepted"]
"""How a question that was asked is answered."""


def asked(records: pd.DataFrame, survey: dict) -> pd.DataFrame:
    """Record × question: whether it was asked.

    A question with ``asked_if`` was where one of these choices was given and accepted; where the
    earlier question was not answered, the form does not ask the later one.
    """
    found = {}
    for item, column in survey["columns"].items():
        held = np.ones(len(records), bool)
        for other, codes in column.get("asked_if", {}).items():
            given = records[other].map(lambda said: set(str(said).split()))
            held &= given.map(lambda said, codes=codes: bool(said & set(codes))).to_numpy(bool)
        found[item] = held
    return pd.DataFrame(found, index=pd.Index(records["record"], name="record"))


def kinds(cells: pd.DataFrame, records: pd.DataFrame, survey: dict) -> pd.DataFrame:
    """One row per record and question: record, item, ``kind`` of KINDS, or ``not_asked`` for a
    blank of which nothing was asked."""
    held = cells[(cells["role"] == "value") & cells["lead"].astype(bool)]
    statuses = {"A": "answered", "E": "approximate", "O": "dont_know", "M": "refused"}
    kind = held["obs_status"].map(statuses).fillna("not_accepted")
    kind = kind.mask(held["raw_type"] == "blank", "blank")
    table = held[["record", "item"]].assign(kind=kind)
    was = asked(records, survey).stack()
    pairs = pd.MultiIndex.from_frame(table[["record", "item"]])
    skipped = (table["kind"] == "blank") & ~was.reindex(pairs).fillna(True).to_numpy(bool)
    return table.assign(kind=table["kind"].mask(skipped, "not_asked")).reset_index(drop=True)


def by_question(kinds: pd.DataFrame, survey: dict) -> pd.DataFrame:
    """Number of answers of each kind by question (``item``), in the order of the survey's file."""
    counted = pd.crosstab(kinds["item"], kinds["kind"])
    counted = counted.reindex(list(survey["columns"]), fill_value=0)
    counted = counted.reindex(columns=[*KINDS, "not_asked"], fill_value=0)
    counted.columns.name = None
    return counted.rename_axis("item").reset_index()


def by_record(kinds: pd.DataFrame, survey: dict) -> pd.DataFrame:
    """Record → ``asked`` (questions of the questionnaire) and ``unanswered`` (of these: does not
    know, refused, blank)."""
    sections = survey.get("questionnaire")
    items = [i for s in sections for i in s["items"]] if sections else list(survey["columns"])
    own = kinds[kinds["item"].isin(items) & (kinds["kind"] != "not_asked")]
    gone = own["kind"].isin(["dont_know", "refused", "blank"])
    return (
        own.assign(gone=gone)
        .groupby("record")
        .agg(asked=("item", "size"), unanswered=("gone", "sum"))
    )
