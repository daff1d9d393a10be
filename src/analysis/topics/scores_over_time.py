"""What a page shows of scores and indicators over periods: lines, what moved, what is missing."""

from collections.abc import Mapping

import pandas as pd

from analysis.display import wordings
from analysis.language.languages import say
from analysis.language.words import MISSING, number
from analysis.scoring.score import idle
from analysis.topics.results import labels, measured

RECAST = wordings.codes("recast_how")
BREAK = wordings.codes("series_break")


def over_time(scores: pd.DataFrame, names: Mapping[str, str], breaks: pd.DataFrame) -> pd.DataFrame:
    """Scores of the whole over periods with names and ``segment``: for ``period_charts.history``;
    none where there was nothing to measure.

    ``breaks``: of :func:`analysis.history.breaks.listed`.
    """
    held = scores[(scores["level"] == "framework") & ~idle(scores)]
    held = held.assign(name=held["reporting_unit"].map(names)).dropna(subset=["name"])
    return held.assign(segment=_segments(held["time_period"], breaks))


def growth(table: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """:func:`analysis.history.history.on_one_scale` with names, the fastest first."""
    held = table.assign(name=table["reporting_unit"].map(names)).dropna(subset=["name"])
    return held.sort_values("growth", ascending=False, kind="stable")


def _segments(times: pd.Series, breaks: pd.DataFrame, indicator: str = "") -> pd.Series:
    """How many breaks lie before each period: periods of one number may be joined."""
    starts = breaks.loc[breaks["indicator"] == indicator, "time_period"]
    return times.map({t: sum(start <= t for start in starts) for t in times.unique()}).astype(int)


def broken(breaks: pd.DataFrame) -> str:
    """Before which periods a series of scores or of any indicator breaks, and why."""
    held = breaks[breaks["why"] != "gap"].drop_duplicates(["time_period", "why"])
    told = [
        say("trước {period}: {why}", period=r.time_period, why=say(BREAK[r.why]))
        for r in held.itertuples()
    ]
    if not told:
        return ""
    return say("Chuỗi gãy, hai bên không nối, không so: {told}.", told="; ".join(told))


def against_peers(own: pd.DataFrame, deciles: pd.DataFrame, breaks: pd.DataFrame) -> pd.DataFrame:
    """A unit's total over periods beside its peers': for ``period_charts.against_peers``.

    Parameters
    ----------
    own, deciles
        Rows of the unit in history.SCORES, and of its peers in schema.PEER_SCORES by period.
    breaks
        Of :func:`analysis.history.breaks.listed`.
    """
    held = own[(own["level"] == "framework") & ~idle(own)]
    held = held.assign(value=100 * held["score"] / held["max_score"])
    rows = deciles[deciles["level"] == "framework"]
    both = rows.merge(held[["time_period", "value"]], on="time_period", how="left")
    both = both.assign(segment=_segments(both["time_period"], breaks))
    return both[["time_period", "segment", "value", "low", "median", "high", "n"]]


def indicators_over_time(
    values: pd.DataFrame, framework: dict, names: Mapping[str, str], breaks: pd.DataFrame
) -> pd.DataFrame:
    """Values by period, indicator and unit with names and ``segment``:
    ``period_charts.indicators_over_time``.

    ``breaks``: of :func:`analysis.history.breaks.listed`.
    """
    order = pd.CategoricalDtype(list(framework["indicators"]), ordered=True)
    measures = {c: i["unit_measure"] for c, i in framework["indicators"].items()}
    held = values[values["indicator"].isin(measures)]
    segments = [_segments(t, breaks, c) for c, t in held.groupby("indicator")["time_period"]]
    held = held.assign(
        name=held["reporting_unit"].map(names),
        segment=pd.concat(segments) if segments else 0,
        label=held["indicator"].map(labels(framework)),
        unit_measure=held["indicator"].map(measures),
        order=held["indicator"].astype(order),
    )
    return held.dropna(subset=["name"]).sort_values(["order", "time_period"], kind="stable")


def gaps_over_time(table: pd.DataFrame, latest: str) -> str:
    """How many values there are in each period, and why others are not there."""
    held = table.assign(there=table["obs_value"].notna())
    if not held["there"].any():
        return say(
            "Chưa có giá trị nào theo các đơn vị của kỳ {latest}; không ước tính thay.",
            latest=latest,
        )
    counts = held.groupby("time_period")["there"].agg(["sum", "size"])
    told = [
        say("{period}: {held} trong {of}", period=t, held=number(r["sum"]), of=number(r["size"]))
        for t, r in counts.iterrows()
    ]
    return say(
        "Số giá trị có được ({counts}) tính theo các đơn vị của kỳ {latest}. Chỗ thiếu: đơn vị "
        "không gửi, số liệu bị trả lại, hoặc không quy đổi được vì chức năng đã chuyển, vì thiếu "
        "một phần của đơn vị sáp nhập; không ước tính thay.",
        counts=", ".join(told),
        latest=latest,
    )


def national_over_time(table: pd.DataFrame, framework: dict) -> tuple[pd.DataFrame, dict]:
    """All units together by indicator and period, and the heads of that table."""
    wide = table.pivot(index="indicator", columns="time_period", values="obs_value")
    measures = {c: i["unit_measure"] for c, i in framework["indicators"].items()}
    wide = wide.reindex([c for c in measures if c in wide.index])
    n = table.pivot(index="indicator", columns="time_period", values="units").reindex(wide.index)
    shown = pd.DataFrame(
        {t: [_of_n(v, measures[c], n.at[c, t]) for c, v in wide[t].items()] for t in wide},
        index=wide.index,
    )
    shown = shown.assign(name=shown.index.map(labels(framework))).reset_index(drop=True)
    return shown, {"name": "Chỉ tiêu", **{t: t for t in wide}}


def _of_n(value: float, measure: str, units: float) -> str:
    """A figure of all units together, and of how many: they are not the same in each period."""
    if pd.isna(value):
        return MISSING
    return say("{value} (n = {n})", value=measured(value, measure), n=number(units))


def movers(effect: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Change on the period before by unit, the largest gain first, with names."""
    held = effect.dropna(subset=["earlier", "later"])
    held = held.assign(
        name=held["reporting_unit"].map(names), change=held["later"] - held["earlier"]
    )
    return held.sort_values("change", ascending=False).reset_index(drop=True)


def across(breaks: pd.DataFrame, later: str) -> str:
    """What is said of a change on the period before, where the series breaks between the two."""
    held = breaks[(breaks["indicator"] == "") & (breaks["time_period"] == later)]
    if held.empty or held["why"].iloc[0] == "gap":
        return ""
    text = "Giữa hai kỳ này chuỗi gãy ({why}): chênh lệch không phải là tiến bộ hay sụt giảm."
    return say(text, why=say(BREAK[held["why"].iloc[0]]))


def movement(table: pd.DataFrame, earlier: str, broken: str = "") -> str:
    """How the scores of all units moved, real change and change of the rules apart.

    ``broken``: of :func:`across`.
    """
    if table.empty:
        text = "Không so với kỳ liền trước ({earlier}): không có kỳ ấy, hoặc kỳ ấy dùng khung khác."
        return say(text, earlier=earlier)
    found = [
        say(
            "So với kỳ {earlier}: {up} đơn vị tăng, {down} đơn vị giảm; thay đổi trung vị {change} "
            "điểm.",
            earlier=earlier,
            up=number((table["real"] > 0.005).sum()),
            down=number((table["real"] < -0.005).sum()),
            change=number(table["real"].median(), 2),
        ),
        *filter(None, [broken]),
    ]
    rules = table["method"].abs().max()
    if rules > 0.005:
        text = "Riêng việc đổi cách tính làm điểm thay đổi đến {points} điểm, đã tách riêng."
        found.append(say(text, points=number(rules, 2)))
    else:
        found.append(say("Cách tính và trọng số không đổi giữa hai kỳ."))
    if not table["comparable"].all():
        text = "Thang phụ thuộc vào các đơn vị khác nên điểm hai kỳ không so trực tiếp được."
        found.append(say(text))
    return " ".join(found)


def recast_counts(table: pd.DataFrame) -> pd.DataFrame:
    """How the units of the later day came about: how, units, scored."""
    held = table[table["level"] == "framework"]
    found = held.groupby("recast")["score"].agg(["size", "count"])
    found = found.reindex([r for r in RECAST if r in found.index])
    return found.rename(columns={"size": "units", "count": "scored"}).assign(
        how=[say(RECAST[r]) for r in found.index]
    )
