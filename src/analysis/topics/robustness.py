"""What a page shows of how firm a ranking is: choices behind it, and what each indicator does."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.catalogue.tree import method
from analysis.display import wordings
from analysis.language.collation import in_order
from analysis.language.languages import choose, said, say, say_many
from analysis.language.words import MISSING, number, percent
from analysis.topics.results import labels

FACTOR = wordings.codes("factor")
METHOD = wordings.codes("method")
VERDICT = wordings.codes("discrimination_verdict")
FLAG = wordings.codes("statistics_flag")


def choices(framework: dict) -> pd.DataFrame:
    """What the framework chose and what else was tried: step, chosen, tried."""
    stated = framework["uncertainty"]
    rows = []
    for step in ("impute", "treat", "normalise", "aggregate"):
        own = method(framework, step)["method"]
        alike = {own} | ({"arithmetic"} if own == "sum" else set())
        named = [m if isinstance(m, str) else m["method"] for m in stated.get(step, [])]
        others = [say(METHOD[m]) for m in dict.fromkeys(named) if m not in alike]
        tried = ", ".join(others) or MISSING
        rows.append({"step": say(FACTOR[step]), "chosen": say(METHOD[own]), "tried": tried})
    spread, tried = stated.get("weights", {}).get("spread"), MISSING
    if spread:
        text = "mỗi trọng số nhiều hơn hoặc ít hơn đến {share}"
        tried = say(text, share=percent(100 * spread, 0))
    chosen = say(METHOD[framework["weight"]])
    rows.append({"step": say(FACTOR["weights"]), "chosen": chosen, "tried": tried})
    return pd.DataFrame(rows)


def importance(factors: pd.DataFrame) -> str:
    """Which choice moves the ranking most."""
    held = factors.dropna(subset=["total_order"]).sort_values("total_order")
    if held.empty:
        return say("Chưa đủ đơn vị được xếp hạng để hỏi lựa chọn nào quan trọng.")
    top = held.iloc[-1]
    found = [
        say(
            "Trung bình một đơn vị đổi {places} bậc so với thứ hạng đã nêu.",
            places=number(top["mean_shift"], 1),
        ),
        say(
            "{choice} giải thích {share} biến động đó.",
            choice=say(FACTOR[top["factor"]]),
            share=percent(100 * top["total_order"], 0),
        ),
    ]
    weak = [say(FACTOR[f]) for f in held.loc[held["total_order"] < 0.05, "factor"]]
    if weak:
        found.append(say("Hầu như không ảnh hưởng: {choices}.", choices="; ".join(weak)))
    return " ".join(found)


def failed(failures: pd.DataFrame, intervals: pd.DataFrame) -> str:
    """How many replicates came to nothing, and why."""
    count = int(intervals["replicates"].max()) if len(intervals) else 0
    total = int(failures["replicates"].sum()) if len(failures) else 0
    if not total + count:
        return say("Chưa có thứ hạng nào để tính lại.")
    if not total:
        text = "Cả {n} lần tính lại đều cho thứ hạng; không lần nào bị bỏ."
        return say(text, n=number(count))
    named = [f"{_in_words(r.choices)} ({number(r.replicates)})" for r in failures.itertuples()]
    return say_many(
        "{n} lần tính lại không cho thứ hạng vì các lựa chọn không hợp nhau: {choices}.",
        total,
        n=number(total),
        choices="; ".join(named),
    )


def _in_words(choices: str) -> str:
    """ "normalise: z_score, aggregate: geometric" (uncertainty.failures) as a reader says it."""
    pairs = [choice.split(": ") for choice in choices.split(", ")]
    return ", ".join(f"{say(FACTOR[step])}: {say(METHOD[method])}" for step, method in pairs)


def favourable(
    table: pd.DataFrame, scores: pd.DataFrame, names: Mapping[str, str], framework: dict
) -> pd.DataFrame:
    """:func:`scoring.diagnose.most_favourable` beside the published ranks, the lowest first."""
    whole = scores[scores["level"] == "framework"].dropna(subset=["rank"])
    joined = table.merge(whole[["reporting_unit", "rank", "ranked"]], on="reporting_unit")
    return joined.assign(
        name=joined["reporting_unit"].map(names),
        best=joined["indicator"].map(labels(framework)),
        place=[f"{number(r.rank)}/{number(r.ranked)}" for r in joined.itertuples()],
    ).sort_values(["score", "name"], key=in_order)


def favourable_said(table: pd.DataFrame) -> str:
    """How many units reach the front with weights of their own choice, and who stays behind."""
    held = table.dropna(subset=["score"])
    if held.empty:
        return say("Chưa đủ số liệu.")
    last = held.iloc[0]
    return say(
        "{front} trong {n} đơn vị đứng đầu nếu được tự chọn trọng số; thấp nhất dù vậy: {last}, "
        "{score} mức của nơi tốt nhất.",
        front=number((held["score"] > 100 - 1e-6).sum()),
        n=number(len(held)),
        last=last["name"],
        score=percent(last["score"], 1),
    )


def discrimination(table: pd.DataFrame, influence: pd.DataFrame, framework: dict) -> pd.DataFrame:
    """How well each indicator tells units apart beside its weight and its influence, with names."""
    joined = table.merge(influence, on="indicator")
    return joined.assign(
        name=joined["indicator"].map(labels(framework)),
        verdict=joined["verdict"].map(said(VERDICT)),
    )


def reliability(table: pd.DataFrame, framework: dict) -> pd.DataFrame:
    """Cronbach's alpha and first component of each aggregate, with names."""
    names = {c: choose(d["name"]) for c, d in framework["dimensions"].items()}
    return table.assign(name=table["code"].map(names).fillna(say("Toàn khung"))).assign(
        first_component=100 * table["first_component"]
    )


def close(correlations: pd.DataFrame, framework: dict, most: int = 8) -> pd.DataFrame:
    """The pairs of indicators that go together or against each other most, with names."""
    held = correlations.dropna(subset=["correlation"])
    held = held.sort_values("correlation", key=lambda c: -c.abs()).head(most)
    names = labels(framework)
    same = np.where(held["same_dimension"], say("cùng nhóm"), say("khác nhóm"))
    return held.assign(
        name=held["indicator"].map(names), other_name=held["other"].map(names), where=same
    )


def _entries(framework: dict) -> dict[str, str]:
    """Names of indicators, of dimensions and, under its own code, of the whole."""
    dimensions = {c: choose(d["name"]) for c, d in framework["dimensions"].items()}
    return {framework["framework"]: say("Toàn khung")} | dimensions | labels(framework)


def without(shifts: pd.DataFrame, names: Mapping[str, str], framework: dict) -> pd.DataFrame:
    """:func:`scoring.left_out.shifts` with names, the entry that moves the ranking most first."""
    held = shifts.sort_values("mean_shift", ascending=False, kind="stable")
    groups = {
        code: say("cả nhóm: {name}", name=choose(d["name"]))
        for code, d in framework["dimensions"].items()
    }
    named = held["code"].map(labels(framework))
    named = named.mask(held["level"] == "dimension", held["code"].map(groups))
    return held.assign(name=named, who=held["reporting_unit"].map(names))


def statistics(table: pd.DataFrame, framework: dict) -> pd.DataFrame:
    """:func:`scoring.indicator_statistics.table` with names and flags in words."""
    names = labels(framework)
    said_flags = [", ".join(say(FLAG[f]) for f in held.split()) for held in table["flags"]]
    return table.assign(
        name=table["indicator"].map(names), other_name=table["other"].map(names), flags=said_flags
    )


def deleted(table: pd.DataFrame, framework: dict) -> pd.DataFrame:
    """The indicators without which an aggregate's alpha is higher, with names."""
    held = table[table["without"] > table["alpha"]]
    names = _entries(framework)
    return held.assign(name=held["indicator"].map(names), group=held["code"].map(names))


def groups(correlations: pd.DataFrame, framework: dict) -> pd.DataFrame:
    """:func:`scoring.diagnose.group_correlations` with names, the lowest first."""
    names = _entries(framework)
    held = correlations.dropna(subset=["correlation"]).sort_values("correlation", kind="stable")
    return held.assign(name=held["code"].map(names), other_name=held["other"].map(names))


def noted(notes: pd.DataFrame, rules: Mapping[str, dict], names: Mapping[str, str], framework):
    """What the reader must know of units and indicators in this score: name, text."""
    known = labels(framework)
    who = notes["reporting_unit"].map(names).fillna(notes["indicator"].map(known)).fillna("")
    texts = [
        choose(rules[r.rule]).format(
            raw_text="", found=r.found or MISSING, expected=r.expected or MISSING
        )
        for r in notes.itertuples()
    ]
    return notes.assign(name=who, text=texts)
