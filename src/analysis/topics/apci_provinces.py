"""What a page shows of provinces by an area-level model, beside their direct estimates.

Nothing here estimates anything (:mod:`analysis.survey.small_areas`). Every figure of a model is
called one, and provinces stand by name: by value they would look like a ranking.
"""

from collections.abc import Mapping

import pandas as pd

from analysis.language.collation import in_order
from analysis.language.languages import choose, say
from analysis.language.words import MISSING, number, percent

MEASURE = {"hours": "Thời gian", "direct_cost": "Chi phí trực tiếp"}
REFUSED = {
    "too_few_areas": "quá ít tỉnh, thành phố có số trực tiếp",
    "singular": "các biến giải thích phụ thuộc lẫn nhau nên không tách được tác động",
    "covariates": "không đọc được biến giải thích",
}
FIGURE = {
    "intercept": "Mức chung",
    "variance": "Phương sai riêng của các tỉnh",
    "goodness": "Khoảng cách mô hình – trực tiếp (W)",
    "normality": "Phần dư có dạng chuẩn (Shapiro–Wilk)",
    "areas": "Số tỉnh, thành phố trong mô hình",
}
_KIND = {"model": "mô hình", "synthetic": "mô hình, không có phiếu riêng"}


def of_measure(table: pd.DataFrame, measure: str, names: Mapping[str, str]) -> pd.DataFrame:
    """Provinces by name with both figures as text.

    Adds name, n, direct_text, model_text,
    own (share of its own answers in the model's figure, as text).
    """
    rows = table[table["measure"] == measure]
    rows = rows.assign(name=rows["category"].map(names))
    hidden = rows["reason"] == "hidden"
    people = [
        say("che") if h else number(n) for h, n in zip(hidden, rows["respondents"], strict=True)
    ]
    direct = rows[["direct", "direct_low", "direct_high"]].to_numpy(float)
    texts = [say("che") if h else _figure(*own) for h, own in zip(hidden, direct, strict=True)]
    model = rows[["estimate", "ci_low", "ci_high"]].to_numpy(float)
    said = [
        MISSING if kind == "none" else f"{say(_KIND[kind])}: {_figure(*own)}"
        for kind, own in zip(rows["kind"], model, strict=True)
    ]
    own = [percent(100 * g) if pd.notna(g) else MISSING for g in rows["shrinkage"]]
    rows = rows.assign(n=people, direct_text=texts, model_text=said, own=own)
    return rows.sort_values("name", key=in_order).reset_index(drop=True)


def _figure(value: float, low: float, high: float) -> str:
    if pd.isna(value):
        return MISSING
    if pd.isna(low) or pd.isna(high):
        return say("{value} (không tính được khoảng)", value=number(value, 2))
    return f"{number(value, 2)} ({number(low, 2)}–{number(high, 2)})"


def on_map(table: pd.DataFrame, measure: str) -> pd.DataFrame:
    """The model's figures as values for :func:`analysis.topics.provinces.on_tiles`."""
    rows = table[table["measure"] == measure]
    return pd.DataFrame({"reporting_unit": rows["category"], "value": rows["estimate"]})


def glance(table: pd.DataFrame) -> str:
    """Key sentence: of how many provinces the model says that they differ from the nation."""
    told = [
        say("{what}: {found}", what=say(words), found=found)
        for measure, words in MEASURE.items()
        if (found := apart(table, measure))
    ]
    if not told:
        return say("Không có số theo mô hình cho tỉnh, thành phố nào.")
    return say("Theo mô hình. {parts}.", parts="; ".join(told))


def apart(table: pd.DataFrame, measure: str) -> str:
    """How many provinces lie below and above the nation by more than chance; empty without any."""
    rows = table[(table["measure"] == measure) & table["estimate"].notna()]
    if rows.empty:
        return ""
    return say(
        "{low} nơi thấp hơn, {high} nơi cao hơn cả nước, {same} nơi chưa phân biệt được",
        low=number((rows["ci_high"] < 1).sum()),
        high=number((rows["ci_low"] > 1).sum()),
        same=number(((rows["ci_low"] <= 1) & (rows["ci_high"] >= 1)).sum()),
    )


def cannot_say(table: pd.DataFrame, measure: str) -> str:
    """How few pairs of provinces the intervals tell apart: why there is no ranking."""
    rows = table[(table["measure"] == measure) & table["estimate"].notna()]
    if len(rows) < 2:
        return ""
    low, high = rows["ci_low"].to_numpy(), rows["ci_high"].to_numpy()
    apart = int((low[:, None] > high[None, :]).sum())
    return say(
        "{what}: chỉ {apart} trong {of} cặp tỉnh, thành phố có khoảng không chồng lên nhau, nên "
        "không xếp hạng: nơi có khoảng chồng nhau thì chưa thể nói nơi nào cao hơn.",
        what=say(MEASURE[measure]),
        apart=number(apart),
        of=number(len(rows) * (len(rows) - 1) // 2),
    )


def by_chance(table: pd.DataFrame) -> str:
    """How many of the intervals of a measure may lie apart from the nation by chance alone."""
    many = table[table["estimate"].notna()].groupby("measure").size().max()
    if pd.isna(many):
        return ""
    return say(
        "Trong {many} khoảng tin cậy 95 %, chừng {some} khoảng có thể không chứa mức cả nước chỉ "
        "do ngẫu nhiên, dù nơi đó không khác cả nước.",
        many=number(many),
        some=number(0.05 * many),
    )


def about(fit: pd.DataFrame, measure: str) -> str:
    """Whether there is a model, and what its fit says of its use, in sentences."""
    own = fit[fit["measure"] == measure].set_index("figure")
    what = say(MEASURE[measure])
    if "refused" in own.index:
        reason, detail = own.loc["refused", ["reason", "detail"]]
        return say(
            "{what}: không lập được mô hình, vì {why} ({detail}). Chỉ có số trực tiếp.",
            what=what, why=say(REFUSED[reason]), detail=detail,
        )  # fmt: skip
    if not {"variance", "goodness", "normality"} <= set(own.index):
        return ""
    parts = [_variance(own.loc["variance"])]
    helped = own.index.difference([*FIGURE, "refused"])
    if not (own.loc[helped, "p_value"] <= 0.05).any():
        parts.append(say("không biến giải thích nào có tác động vượt sai số"))
    if own.loc["goodness", "p_value"] < 0.05:
        parts.append(say("số mô hình xa số trực tiếp hơn mức sai số cho phép: mô hình không khớp"))
    if own.loc["normality", "p_value"] < 0.05:
        parts.append(say("phần dư không có dạng chuẩn, nên các khoảng chỉ gần đúng"))
    return say("{what}: {parts}.", what=what, parts="; ".join(parts))


def _variance(row: pd.Series) -> str:
    if row["reason"] == "no_variance":
        return say(
            "phương sai riêng của các tỉnh ước lượng bằng 0 (có thể đến {high}): mọi số mô hình "
            "chỉ là số mà biến giải thích cho biết",
            high=number(row["ci_high"], 4),
        )
    return say(
        "phương sai riêng của các tỉnh {value} ({low}–{high})",
        value=number(row["estimate"], 4), low=number(row["ci_low"], 4),
        high=number(row["ci_high"], 4),
    )  # fmt: skip


def figures(fit: pd.DataFrame, measure: str, asked: dict) -> pd.DataFrame:
    """The figures of a fit: name, value (with its interval, as text), p (as text).

    ``asked``: the survey, which names its covariates.
    """
    rows = fit[(fit["measure"] == measure) & (fit["figure"] != "refused")]
    covariates = asked.get("small_areas", {}).get("covariates", {}).get("variables", {})
    named = {code: choose(one["name"]) for code, one in covariates.items()}
    names = [named.get(f) or say(FIGURE[f]) for f in rows["figure"]]
    values = [
        number(r.estimate, 0 if r.figure == "areas" else 3)
        if pd.isna(r.ci_low)
        else f"{number(r.estimate, 3)} ({number(r.ci_low, 3)}–{number(r.ci_high, 3)})"
        for r in rows.itertuples()
    ]
    chances = [
        MISSING if pd.isna(p) else number(p, 3) if p >= 0.0005 else f"< {number(0.001, 3)}"
        for p in rows["p_value"]
    ]
    return pd.DataFrame({"name": names, "value": values, "p": chances})


def missing(rows: pd.DataFrame) -> str:
    """Which provinces have a figure without answers of their own, and which have none."""
    parts = []
    for kind, text in (
        (
            "synthetic",
            "Không có số trực tiếp dùng được, số chỉ do biến giải thích cho biết: {names}.",
        ),
        ("none", "Không có số theo mô hình vì thiếu biến giải thích: {names}."),
    ):
        names = rows.loc[rows["kind"] == kind, "name"]
        if len(names) and (rows["kind"] != "none").any():
            parts.append(say(text, names=", ".join(names)))
    return " ".join(parts)


def residuals(rows: pd.DataFrame) -> pd.DataFrame:
    """Standardised residuals (y) beside the normal quantiles of their places (x), with name."""
    held = rows.dropna(subset=["residual"])
    return pd.DataFrame(
        {"name": held["name"], "x": held["residual_quantile"], "y": held["residual"]}
    )


def pairs(rows: pd.DataFrame) -> pd.DataFrame:
    """Direct estimate and model beside each other, of provinces that have both: name, x, y."""
    held = rows.dropna(subset=["direct", "estimate"])
    return pd.DataFrame({"name": held["name"], "x": held["direct"], "y": held["estimate"]})
