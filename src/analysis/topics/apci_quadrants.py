"""What a page shows of provinces by time and direct cost, each beside the nation."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.language.languages import said, say
from analysis.language.words import MISSING, number
from analysis.topics.apci_survey import TOO_FEW

_MATRIX = ["hours", "direct_cost"]
QUADRANT = {
    (True, True): "Hiệu quả: nhanh, rẻ",
    (True, False): "Nhanh nhưng tốn tiền",
    (False, True): "Rẻ nhưng mất thời gian",
    (False, False): "Chậm và tốn tiền",
}


def quadrants(estimates: pd.DataFrame, names: Mapping[str, str], small: int = 25) -> pd.DataFrame:
    """Provinces by time and direct cost, each as a ratio to the nation (1).

    Returns category, name, hours, hours_low, hours_high, hours_free (the figure of the nation is 0,
    there is nothing to compare with), direct_cost, …_low, …_high, …_free, respondents, quadrant,
    ``small`` (fewer than ``small`` respondents; n = 5·m with m = 5 steps is the rule that the APCI
    2020 report cites), ``clear`` (not small, and both intervals leave out 1: the quadrant is not
    chance), suppressed.
    """
    rows = estimates[estimates["domain"] == "province"]
    held, both = ["estimate", "ci_low", "ci_high", "respondents", "obs_status"], _MATRIX
    wide = rows.pivot(index="category", columns="measure", values=held)
    wide = wide.reindex(columns=pd.MultiIndex.from_product([held, both]))
    table = pd.DataFrame({"category": wide.index, "name": wide.index.map(names)}, index=wide.index)
    for measure in _MATRIX:
        table[measure] = wide["estimate", measure].astype(float)
        table[f"{measure}_low"] = wide["ci_low", measure].astype(float)
        table[f"{measure}_high"] = wide["ci_high", measure].astype(float)
        table[f"{measure}_free"] = (wide["obs_status", measure] == "M").to_numpy()
    table["respondents"] = wide["respondents"].min(axis=1).fillna(0).astype(int)
    table["suppressed"] = (wide["obs_status"] == "Q").any(axis=1)
    held = table[_MATRIX].notna().all(axis=1)
    sides, labels = zip(table["hours"] < 1, table["direct_cost"] < 1, strict=True), said(QUADRANT)
    table["quadrant"] = [labels[s] if h else MISSING for s, h in zip(sides, held, strict=True)]
    apart = [(table[f"{m}_high"] < 1) | (table[f"{m}_low"] > 1) for m in _MATRIX]
    few = table["respondents"] < small
    return table.assign(clear=apart[0] & apart[1] & ~few, small=few).reset_index(drop=True)


def quadrant_counts(table: pd.DataFrame) -> str:
    """How many provinces stand in each quadrant, and of how many that can be said."""
    held = table[table["quadrant"] != MISSING]
    if held.empty:
        return say("Chưa tỉnh, thành phố nào có đủ phiếu để so với cả nước.")
    counts = held["quadrant"].value_counts()
    names = said(QUADRANT).values()
    return say(
        "{n} tỉnh, thành phố có đủ số liệu ({hidden} bị che vì quá ít phiếu). {listed}. Chỉ "
        "{clear} nơi có vị trí vượt khỏi sai số mẫu ở cả hai chiều; {small} nơi có dưới 25 doanh "
        "nghiệp trả lời, nên vị trí chỉ để tham khảo.",
        n=number(len(held)),
        hidden=number(table["suppressed"].sum()),
        listed="; ".join(f"{name}: {number(counts.get(name, 0))}" for name in names),
        clear=number(held["clear"].sum()),
        small=number(held["small"].sum()),
    )


def ratios(matrix: pd.DataFrame) -> pd.DataFrame:
    """The four-quadrant table as text, the fastest province first."""
    hidden = say("che")

    def text(row, measure):
        if row["suppressed"]:
            return hidden
        if row[f"{measure}_free"]:
            return say("mức cả nước bằng 0")
        if pd.isna(row[measure]):
            return MISSING
        low, high = row[f"{measure}_low"], row[f"{measure}_high"]
        if pd.isna(low) or pd.isna(high):
            return say("{value} (không tính được khoảng)", value=number(row[measure], 2))
        return f"{number(row[measure], 2)} ({number(low, 2)}–{number(high, 2)})"

    table = matrix.sort_values("hours")
    rows = table.to_dict("records")
    table = table.assign(
        hours_text=[text(row, "hours") for row in rows],
        direct_text=[text(row, "direct_cost") for row in rows],
    )
    states = [table["quadrant"] == MISSING, table["clear"], table["small"]]
    firm = np.select(states, [MISSING, say("rõ"), say("ít phiếu")], say("trong sai số"))
    quadrant = table["quadrant"].where(~table["suppressed"], hidden)
    people = table["respondents"].map(number).where(~table["suppressed"], say(TOO_FEW))
    return table.assign(
        firm=np.where(table["suppressed"], hidden, firm), quadrant=quadrant, n=people
    )
