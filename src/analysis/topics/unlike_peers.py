"""What a page shows of ratios of counts beside the limits of chance: pictures, who is outside.

A unit outside the limits is unlike its peers by more than chance and the usual spread make; the
order of those inside says nothing (:mod:`analysis.scoring.funnels`).
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.display import wordings
from analysis.language.languages import say, say_many
from analysis.language.words import number, percent
from analysis.scoring import funnels as scored_funnels
from analysis.topics.rank_evidence import called
from analysis.topics.results import labels

OUTSIDE = wordings.codes("funnel_outside")
_POINTS = 80  # at which the lines of a picture are computed


def by_peers(
    funnels: pd.DataFrame, framework: dict, names: Mapping[str, str], types: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Funnels that can be drawn, by what the units of their group are called.

    ``funnels``: schema.FUNNELS of one framework. Adds ``panel`` (the indicator) and ``name``, in
    the framework's order. Where all peers have the same ratio there is nothing to see.
    """
    order = {c: n for n, c in enumerate(framework["indicators"])}
    held = _named(funnels[funnels["reason"] == ""], framework, names)
    held = held.assign(order=held["indicator"].map(order)).sort_values("order", kind="stable")
    by = ["peer_type", "indicator"]
    differ = held.groupby(by, observed=True)["obs_value"].transform("nunique") > 1
    return {
        called(kind, types): part.reset_index(drop=True)
        for kind, part in held[differ].groupby("peer_type", sort=False, observed=True)
    }


def limits(part: pd.DataFrame, dispersion: pd.DataFrame) -> pd.DataFrame:
    """The lines of the limits over the cases that occur, for each panel of :func:`by_peers`.

    ``dispersion``: schema.DISPERSION of the same framework. Returns panel, denominator, widened
    (whether the peers differ by more than chance), and for 95 and 998 lower_, upper_, od_lower_,
    od_upper_ in percent.
    """
    if part.empty:
        return pd.DataFrame({"panel": [], "denominator": [], "widened": []})
    tau2 = dispersion.set_index(["indicator", "peer_type"])["tau2"].to_dict()
    found = []
    for panel, rows in part.groupby("panel", sort=False):
        first, cases = rows.iloc[0], rows["denominator"]
        low, high = cases.min() / 1.3, cases.max() * 1.3
        wide = max(np.sqrt(8 * low / high), 1.0)  # no narrower than eightfold
        low, high = low / wide, high * wide
        n = np.unique(np.round(np.geomspace(max(low, 1), high, _POINTS)))
        wider = tau2.get((first["indicator"], first["peer_type"]), 0.0)
        made = {"panel": panel, "denominator": n, "widened": wider > 0}
        for name, level in scored_funnels.LEVELS.items():
            target = first["target"] / 100
            ends = scored_funnels.exact(target, n, level)
            widened = scored_funnels.limits(target, n, level, wider)
            for side, own, od in zip(("lower", "upper"), ends, widened, strict=True):
                made |= {f"{side}_{name}": 100 * own, f"od_{side}_{name}": 100 * od}
        found.append(pd.DataFrame(made))
    return pd.concat(found, ignore_index=True)


def _named(rows: pd.DataFrame, framework: dict, names: Mapping[str, str]) -> pd.DataFrame:
    rows = rows.astype({"reporting_unit": object, "indicator": object, "peer_type": object})
    return rows.assign(
        panel=rows["indicator"].map(labels(framework)), name=rows["reporting_unit"].map(names)
    )


def outside(
    funnels: pd.DataFrame, framework: dict, names: Mapping[str, str], types: pd.DataFrame
) -> pd.DataFrame:
    """Who is beyond both kinds of limits, low ones first: name (indicator), peers, unit, value,
    cases ("3/120"), target, how."""
    rows = _named(funnels[funnels["outside"] != ""], framework, names)
    low = rows["outside"].str.startswith("low")
    rows = rows.assign(low=low, far=rows["z_overdispersed"].abs())
    rows = rows.sort_values(["low", "far"], ascending=False, kind="stable")
    return rows.assign(
        unit=rows["name"],
        name=rows["panel"],
        peers=[called(kind, types) for kind in rows["peer_type"]],
        value=[percent(v, 1) for v in rows["obs_value"]],
        cases=[f"{number(r.numerator)}/{number(r.denominator)}" for r in rows.itertuples()],
        target=[percent(v, 1) for v in rows["target"]],
        how=[say(OUTSIDE[o]) for o in rows["outside"]],
    )


def key(funnels: pd.DataFrame, dispersion: pd.DataFrame) -> str:
    """How many ratios are unlike their peers', and where peers differ by more than chance.

    ``dispersion``: schema.DISPERSION of the same framework.
    """
    held = funnels[(funnels["reason"] == "") & funnels["target"].notna()]
    if held.empty:
        return say(
            "Không có tỷ lệ nào kèm tử số, mẫu số của từ ba đơn vị cùng loại trở lên để so với may "
            "rủi."
        )
    low = held["outside"].str.startswith("low").sum()
    high = held["outside"].str.startswith("high").sum()
    found = [
        say(
            "Trong {of} tỷ lệ của các đơn vị, {low} thấp và {high} cao khác thường so với đơn vị "
            "cùng loại.",
            of=number(len(held)),
            low=number(low),
            high=number(high),
        )
    ]
    wide = (dispersion["tau2"] > 0).sum()
    if wide:
        text = (
            "Ở {wide} trong {of} nhóm so sánh các đơn vị khác nhau nhiều hơn may rủi (phân tán "
            "vượt mức), nên giới hạn đã được nới; vì sao khác thì số liệu không nói được."
        )
        found.append(say(text, wide=number(wide), of=number(len(dispersion))))
    none = (funnels["reason"] == "no_cases").sum()
    if none:
        text = "{n} tỷ lệ không phát sinh trường hợp nào, không so sánh."
        found.append(say_many(text, none, n=number(none)))
    return " ".join(found)
