"""What an edition asks of its estimates beyond showing them: marks of quality, regressions.

Nothing here estimates anything (:mod:`analysis.survey.reliability`,
:mod:`analysis.survey.edition_regressions`). Without ``publication`` and ``regressions`` in
``edition.yml`` all is empty.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.language.languages import choose, say
from analysis.language.words import MISSING, number

REASON = {
    "no_answer": "quá ít câu trả lời",
    "singular": "có yếu tố suy ra được từ các yếu tố khác",
    "separated": "có yếu tố cho biết chắc chắn câu trả lời nên hệ số không có giới hạn",
    "no_degrees_of_freedom": "quá ít doanh nghiệp so với số hệ số",
    "one_answer": "mọi câu trả lời như nhau",
}
TERM = {
    "intercept": "Mức chung",
    "procedure_group": "Nhóm thủ tục",
    "key_region": "Vùng kinh tế trọng điểm",
    "region": "Vùng",
    "firm_size": "Quy mô",
}


def of_edition(held) -> str:
    """:func:`marked` of a loaded edition."""
    if not held.plan.publication:
        return ""
    limits = [held.parameter(name) for name in ("cv_caution_percent", "cv_withheld_percent")]
    return marked(held.plan.publication, *limits)


def marked(publication: str | None, caution: Mapping, withheld: Mapping) -> str:
    """By which rule estimates are marked and withheld; empty where none is.

    ``caution``, ``withheld``: dated parameters (value, source).
    """
    if not publication:
        return ""
    return say(
        "Số có hệ số biến thiên (sai số chuẩn ÷ số ước lượng) từ {caution} % trở lên được ghi "
        "“thận trọng”, trên {most} % thì không công bố; nguồn: {source}.",
        caution=number(caution["value"], 1),
        most=number(withheld["value"], 1),
        source=choose(withheld["source"]),
    )


def regressions(
    table: pd.DataFrame, stated: list, labels: Mapping[str, Mapping[str, str]]
) -> pd.DataFrame:
    """The terms of all regressions as text.

    ``stated``: of the edition (code, name); ``labels``: term → category → its name. Returns model,
    name, n, coefficient (with its interval; of a logistic regression the odds ratio, of a logarithm
    the ratio), p.
    """
    names = {one["code"]: choose(one["name"]) for one in stated}
    lines = []
    for row in table.itertuples():
        own = labels.get(row.term, {}).get(row.category, row.category)
        term = say(TERM.get(row.term, row.term))
        lines.append(
            {
                "model": names[row.regression],
                "name": f"{term}: {own}" if row.category else term,
                "n": say("quá ít") if row.hidden == "primary" else number(row.respondents),
                "coefficient": _coefficient(row),
                "p": _chance(row.p_value),
            }
        )
    return pd.DataFrame(lines, columns=["model", "name", "n", "coefficient", "p"])


def _coefficient(row) -> str:
    if row.obs_status == "Q":
        return say("che")
    if row.reason == "reference":
        return say("mốc so sánh")
    if pd.isna(row.estimate):
        return MISSING
    ratio = row.kind == "logistic" or row.transform == "log"
    own = np.array([row.estimate, row.ci_low, row.ci_high])
    value, low, high = (number(x, 2) for x in (np.exp(own) if ratio else own))
    text = f"{value} ({low}–{high})"
    # of the intercept it is a level (or odds) of its own
    return say("gấp {text} lần", text=text) if ratio and row.category else text


def _chance(p: float) -> str:
    if pd.isna(p):
        return MISSING
    return number(p, 3) if p >= 0.0005 else f"< {number(0.001, 3)}"


def not_fitted(table: pd.DataFrame, stated: list) -> list[str]:
    """Why there is no regression where there is none, in sentences."""
    names, found = {one["code"]: choose(one["name"]) for one in stated}, []
    for code, own in table.groupby("regression", sort=False):
        first = own.iloc[0]
        if first["obs_status"] == "M":
            detail = f" ({first['detail']})" if first["detail"] else ""
            why = say(REASON[first["reason"]])
            found.append(
                say("{name}: không tính được, vì {why}{detail}.", name=names[code], why=why,
                    detail=detail)
            )  # fmt: skip
        elif first["obs_status"] == "Q":
            found.append(
                say(
                    "{name}: che, vì hệ số sẽ để lộ tổng của quá ít doanh nghiệp.",
                    name=names[code],
                )
            )
    return found
