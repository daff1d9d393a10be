"""What a page shows of the answers to a survey: how many came and count, and from what sample."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.display import wordings
from analysis.language.languages import choose, said, say
from analysis.language.words import number, percent

STATE = wordings.codes("answer_state")


def answer_count(records: pd.DataFrame) -> str:
    """How many answer rows came and how many count."""
    if records.empty:
        return say("Chưa có dòng trả lời nào.")
    used = (records["state"] == "accepted").sum()
    return say(
        "{used} trong {all} dòng trả lời được tính; {left} dòng không được tính, mỗi dòng có lý "
        "do.",
        used=number(used),
        all=number(len(records)),
        left=number(len(records) - used),
    )


def states(records: pd.DataFrame) -> pd.DataFrame:
    """Rows by what became of them."""
    counts = records["state"].map(said(STATE)).value_counts()
    return counts.rename_axis("state").rename("rows").reset_index()


def weights(sample: pd.DataFrame, answers: pd.DataFrame) -> str:
    """How the sample came about: selected, answered, the spread of the weights."""
    asked, held = sample["selected"].sum(), sample["responded"].sum()
    if not held:
        return say("Chưa có doanh nghiệp nào trong mẫu trả lời.")
    low, high = np.floor(answers["design_weight"].min()), np.ceil(answers["design_weight"].max())
    return say(
        "{asked} doanh nghiệp được chọn từ {all} doanh nghiệp trong {strata} tầng; {held} trả lời "
        "({rate}). Mỗi doanh nghiệp trả lời đại diện cho từ {low} đến {high} doanh nghiệp.",
        asked=number(asked),
        all=number(sample["population"].sum()),
        strata=number(len(sample)),
        held=number(held),
        rate=percent(100 * held / asked, 0),
        low=number(low),
        high=number(high),
    )


def strata(sample: pd.DataFrame, regions: Mapping[str, str], sizes: dict) -> pd.DataFrame:
    """The sample by stratum with names and response rate."""
    return sample.assign(
        region_name=sample["region"].map(regions),
        size_name=sample["firm_size"].map({k: choose(v) for k, v in sizes.items()}),
        rate=100 * sample["responded"] / sample["selected"],
    ).sort_values(["region_name", "population"], ascending=[True, False])


def together(sample: pd.DataFrame, regions: Mapping[str, str], sizes: dict) -> str:
    """Which strata are one cell of the design, as too few answered in one of them."""
    joined = strata(sample[sample["together"] != ""], regions, sizes)
    if joined.empty:
        return ""
    joined = joined.assign(name=joined["region_name"] + ", " + joined["size_name"].str.lower())
    cells = joined.groupby("together", sort=False)["name"].agg(" + ".join)
    return say(
        "Quá ít doanh nghiệp trả lời ở một số tầng, nên các tầng sau được gộp khi tính quyền số và "
        "sai số: {cells}.",
        cells="; ".join(cells),
    )


def questions(table: pd.DataFrame, asked: dict) -> pd.DataFrame:
    """How each question was answered; ``head`` is the question and its column in the file."""
    heads = {i: f"{choose(c['name'])} ({c['head']})" for i, c in asked["columns"].items()}
    return table.assign(head=table["item"].map(heads))
