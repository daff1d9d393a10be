"""What the page on compliance cost says: its sentences, and amounts of a size that can be read."""

import pandas as pd

from analysis.display import wordings
from analysis.display.charts import findings, unit_charts
from analysis.display.charts.chart import Chart
from analysis.language.languages import column, say
from analysis.language.words import number, percent

INPUT = wordings.codes("cost_input")
SCALES = {"VND": (1e9, "tỷ đồng"), "EUR": (1e6, "triệu EUR"), "GBP": (1e6, "triệu GBP")}
"""Currency → what large amounts are divided by, and what the quotient is called."""


def scale(currency: str) -> tuple[float, str]:
    """What amounts of ``currency`` are divided by, and the name of the quotient.

    >>> scale("VND")
    (1000000000.0, 'tỷ đồng')
    """
    by, name = SCALES[currency]
    return by, say(name)


def key(case: pd.Series, change: pd.Series, times: float, hours_share: float = 1) -> str:
    """Key sentence: what a change to ``times`` per year and a share of the hours saves.

    Parameters
    ----------
    case
        Row of :func:`analysis.published.apci_figures.standard_cost_cases`.
    change
        Row of :func:`analysis.survey.cost.saving`.
    """
    if change.isna().any():
        return say("Nguồn không đủ số liệu để tính chi phí một năm; chỉ có chi phí một lần.")
    by, money = scale(case["currency"])
    places = 0 if change["before"] >= 100 * by else 1
    values = {
        "times": number(case["times_per_year"]),
        "then": number(times),
        "before": number(change["before"] / by, places),
        "after": number(change["after"] / by, places),
        "gap": number(abs(change["saving"]) / by, places),
        "share": percent(abs(change["saving_percent"])),
        "money": money,
    }
    saves = say(
        "Từ {times} lần thành {then} lần một năm: {before} {money} thành {after} {money}, tiết "
        "kiệm {gap} {money} mỗi năm ({share}).",
        **values,
    )
    costs = say(
        "Từ {times} lần thành {then} lần một năm: {before} {money} thành {after} {money}, tốn thêm "
        "{gap} {money} mỗi năm ({share}).",
        **values,
    )
    hours = ""
    if hours_share != 1 and pd.notna(case["hours"]):
        hours = say("Số giờ bằng {share} hiện nay.", share=percent(100 * hours_share, 0))
    return " ".join(filter(None, [costs if change["saving"] < 0 else saves, hours]))


def sized(result: pd.DataFrame) -> tuple[float, str]:
    """What the đồng of a change (:func:`analysis.survey.what_if.compare`) are divided by, so that
    they can be read, and the name of the quotient.

    >>> sized(pd.DataFrame({"before": [3e6], "after": [0.0]}))
    (1000000.0, 'triệu đồng')
    """
    most = result[["before", "after"]].max(axis=None)
    if most < 1e6:
        return 1.0, say("đồng")
    return (1e6, say("triệu đồng")) if most < 1e9 else scale("VND")


def saved(result: pd.DataFrame) -> str:
    """What a change saves a year, with its interval where inputs are estimates.

    ``result``: of :func:`analysis.survey.what_if.compare`.
    """
    row, (by, money) = result.iloc[0], sized(result)
    if pd.isna(row["saving"]):
        return say("Thiếu đầu vào nên không tính được chi phí một năm.")
    places = 0 if max(row["before"], row["after"]) >= 100 * by else 2
    figures = {"before": row["before"], "after": row["after"], "gap": abs(row["saving"])}
    told = {name: number(value / by, places) for name, value in figures.items()}
    saves = say(
        "{before} {money} một năm thành {after} {money}: tiết kiệm {gap} {money}.",
        money=money, **told,
    )  # fmt: skip
    costs = say(
        "{before} {money} một năm thành {after} {money}: tốn thêm {gap} {money}.",
        money=money, **told,
    )  # fmt: skip
    first = costs if row["saving"] < 0 else saves
    if pd.isna(row["standard_error"]):
        return first + " " + say("Đầu vào là số cho sẵn, nên đây là một con số, không có khoảng.")
    return first + " " + say(
        "Khoảng tin cậy 95 % của tiết kiệm: {low} đến {high} {money} (phương pháp delta, coi các "
        "ước lượng là độc lập).",
        low=number(row["ci_low"] / by, places), high=number(row["ci_high"] / by, places),
        money=money,
    )  # fmt: skip


def drawn(result: pd.DataFrame, title: str) -> Chart:
    """The cost a year before and after a change as bars, with what it saves.

    ``result``: of :func:`analysis.survey.what_if.compare`.
    """
    (by, money), labels = sized(result), [say("Hiện nay"), say("Sau thay đổi")]
    amounts = (result[["before", "after"]].iloc[0].astype(float) / by).set_axis(labels)
    return unit_charts.ranked_bars(
        amounts,
        title=title,
        unit=say("{money} một năm", money=money),
        highlight=labels[1],
        decimals=0 if amounts.max() >= 100 else 2,
        finding=saved(result),
        source=say("Công thức: Thông tư 02/2017/TT-VPCP, Điều 27."),
    )


def inputs(table: pd.DataFrame) -> pd.DataFrame:
    """What goes into a cost before and after, in words, with error and number of answers.

    ``table``: ``inputs`` of :func:`analysis.survey.what_if.compare`. Returns name, before, after,
    error, n, source (of the side that has any).
    """
    return pd.DataFrame(
        {
            "name": [say(INPUT[code]) for code in table["input"]],
            **{c: table[c] for c in ("before", "after")},
            "error": table["before_error"].fillna(table["after_error"]),
            "n": [number(n) for n in table["n_before"].fillna(table["n_after"])],
            "source": table["source_before"].where(
                table["source_before"] != "", table["source_after"]
            ),
        }
    )


def found(amounts: pd.Series, own: str, decimals: int = 0) -> str:
    """What a picture of costs under several choices shows: that of ``own``, and the span of all."""
    held = amounts.dropna()
    if held.empty:
        return say("Chưa có số liệu")
    if own not in held:
        return findings.by_direction(held, pd.Series(-1, held.index), decimals)
    return say(
        "{name}: {value}; các trường hợp vẽ ở đây từ {low} đến {high}",
        name=own,
        value=number(held[own], decimals),
        low=number(held.min(), decimals),
        high=number(held.max(), decimals),
    )


def by_rate(case: pd.Series, amounts: pd.Series) -> str:
    """Between which ends the annual cost of a case lies as the hourly rate changes."""
    title = case[column("title")]
    if amounts.isna().all():
        return say("{case}: không đủ số liệu để tính chi phí một năm theo đơn giá giờ.", case=title)
    by, money = scale(case["currency"])
    return say(
        "{case}: cùng số giờ, chi phí một năm từ {low} đến {high} {money} tùy đơn giá giờ.",
        case=title,
        low=number(amounts.min() / by),
        high=number(amounts.max() / by),
        money=money,
    )
