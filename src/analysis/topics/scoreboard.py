"""The country at a glance: themes against their targets by group of units, what changed since the
period before, what is overdue.

Everything is taken from the period's tables and is data for a page: no page is known here.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from analysis.catalogue.tree import scored
from analysis.checking import register_states
from analysis.indicators import targets
from analysis.language.languages import choose, column, say, say_many
from analysis.language.words import day, number, short, within
from analysis.schema.tables import still_open
from analysis.scoring.score import judged
from analysis.topics import awaited, commitments, results, submissions
from analysis.topics.results import measured, members

MOST = 3
"""How many changes, and how much that is overdue, a first screen tells."""

STATES = {
    "met": "đạt",
    "started": "đã bắt đầu",
    "on_way": "đúng tiến độ",
    "not_met": "chưa đạt",
    "not_due": "chưa đến hạn",
    "no_data": "chưa có số liệu",
    "no_target": "không đặt mục tiêu",
}
"""State of a figure → the words that stand beside its colour. Before a target is due a figure is on
its way if it would reach the bound in time by moving on as it did since the period before, on a
straight line; without a period before nobody says so. Who only had to begin reached nothing yet."""

_SINGLE = 6  # units up to which each has its own column
_VERDICTS = {"met", "not_met", "not_due", "no_data"}


@dataclass(frozen=True)
class Earlier:
    """The period before as far as it is compared: its plan, indicator values, and the units that
    are the same in both."""

    period: object
    same: frozenset[str]

    @classmethod
    def of(cls, period, before) -> "Earlier | None":
        """What is compared of ``before`` (:func:`analysis.history.history.before`), if there is
        such a period."""
        if before is None:
            return None
        days = (before.plan.units_on, period.plan.units_on)
        return cls(before, frozenset(period.catalogue.same_units(*days)))

    @property
    def title(self) -> str:
        """What the period is called, without what it is about."""
        return choose(self.period.plan.title).partition(" – ")[0]


def key(period, before) -> str:
    """The first sentences on a period, for the country: :func:`sentence` of all there is."""
    earlier = Earlier.of(period, before)
    return sentence(period, board(period, earlier), changes(period, earlier), earlier)


def sentence(period, shown: dict, changed: list[dict], earlier: Earlier | None) -> str:
    """The result, the distance to targets of a board, the largest change; without any of them who
    has sent figures. Where little is here yet, that comes first."""
    told = [distance(shown), moved(changed, earlier.title if earlier else "")]
    if period.scored:
        told.insert(0, results.result(period.ranked().scores, period.names))
    plan, catalogue = period.plan, period.catalogue
    lacking = awaited.forms(period.tables, plan, catalogue)
    few = awaited.headline(lacking, plan, awaited.asked(plan, catalogue))
    told = told if any(told) else [submissions.usable(period.tables, period.due)]
    return " ".join(filter(None, [few, *told]))


def columns(period) -> tuple[dict[str, str], dict[str, str]]:
    """Unit → its column, and column → its name: the types of units, or few units themselves."""
    due = members(period.due.rename(columns={"code": "reporting_unit"}), period.plan)
    if len(due) <= _SINGLE:
        units = due["reporting_unit"]
        return dict(zip(units, units, strict=True)), {u: period.names[u] for u in units}
    kinds = dict(zip(due["reporting_unit"], due["type"], strict=True))
    named = period.catalogue.unit_types[column("name")]
    return kinds, {k: named[k] for k in due["type"].unique()}


def board(period, earlier: Earlier | None = None) -> dict:
    """Themes × groups of units.

    Returns groups (names) and rows, each with framework, theme, what (the indicator), wanted and by
    (the target; empty where there is none), more (other targets of the theme) and cells: state,
    figure, gap (on the good side of the target, or below 0), n (units with a figure), reached (of
    those that are judged) and judged; None where the theme asks nothing of the group. Rows
    without a target, of points, come last. No rows where there is nothing to show.
    """
    placed, named = columns(period)
    rows = []
    for code in period.plan.frameworks:
        framework = period.framework(code)
        found = list(_against_targets(period, framework, placed, list(named), earlier))
        if not found and scored(framework):
            found = [_by_points(period, framework, placed, list(named))]
        rows += [r for r in found if any(cell and cell["n"] for cell in r["cells"])]
    rows.sort(key=lambda r: r["wanted"] == "")
    return {"groups": list(named.values()), "rows": rows}


def _against_targets(period, framework: dict, placed, order: list, earlier) -> Iterator[dict]:
    """A row for each target that comes first for some group: of the framework's first indicator
    that asks something of it, the day that is nearest."""
    code, plan = framework["framework"], period.plan
    held = targets.holding(period.catalogue.targets, code, plan.end)
    if held.empty:
        return
    values = members(_of(period.tables.indicator_values, code), plan)
    whole = _grouped(values, framework, placed)
    types = {c: c for c in order} | dict(zip(period.due["code"], period.due["type"], strict=True))
    unsure = plan.unverified_targets
    found = targets.assess(whole, held, types, plan.end, unsure).merge(
        held[["code", "due"]], left_on="target", right_on="code"
    )
    found = found[found["verdict"].isin(_VERDICTS)]
    rank = {c: i for i, c in enumerate(framework["indicators"])}
    found = found.assign(order=found["indicator"].map(rank)).sort_values(
        ["order", "due"], kind="stable"
    )
    first = found.drop_duplicates("reporting_unit")
    first = first.assign(state=_states(first, found, period, framework, placed, held, earlier))
    single = members(_of(period.tables.assessments, code), plan)
    worded = commitments.worded(held).set_index("code")
    others = found["indicator"].nunique() - first["indicator"].nunique()
    for target in first.sort_values(["order", "due"], kind="stable")["target"].unique():
        own = first[first["target"] == target].set_index("reporting_unit")
        asked = worded.loc[target]
        one = framework["indicators"][asked["indicator"]]
        mine = commitments.judged(single[single["target"] == target])
        has = values[(values["indicator"] == asked["indicator"]) & values["obs_value"].notna()]
        verdicts: dict[str, list[str]] = {}
        for unit, verdict in zip(mine["reporting_unit"], mine["verdict"], strict=True):
            verdicts.setdefault(placed.get(unit), []).append(verdict)
        having = Counter(map(placed.get, has["reporting_unit"]))
        yield {
            "framework": code,
            "theme": choose(framework["title"]),
            "what": choose(one["name"]),
            "wanted": asked["wanted"],
            "by": _by(asked),
            "more": others,
            "cells": [_cell(own, c, verdicts, having, one) for c in order],
        }
        others = 0


def _by(asked: pd.Series) -> str:
    """By when a target asks; empty where its words say so or it asks all the time."""
    if asked["kind"] == "started_by" or pd.isna(asked["due"]):
        return ""
    return say("hạn {day}", day=day(asked["due"]))


def _cell(own, group: str, told: dict, having: Counter, described: dict) -> dict | None:
    """``told``: group → verdicts of its units; ``having``: group → how many have a figure."""
    if group not in own.index:
        return None
    row, verdicts = own.loc[group], told.get(group, [])
    return {
        "state": row["state"],
        "figure": measured(row["obs_value"], described["unit_measure"]),
        "gap": None if pd.isna(row["gap"]) else float(row["gap"]),
        "n": having[group],
        "reached": verdicts.count("met"),
        "judged": len(verdicts),
    }


def _grouped(values: pd.DataFrame, framework: dict, placed: Mapping[str, str]) -> pd.DataFrame:
    """Indicators of each group of units: reporting_unit (the group), indicator, obs_value.

    Ratios from summed counts, as :func:`indicators.indicators.together` has them of all units; of
    stated values the median.
    """
    kind = values["reporting_unit"].astype(object).map(placed)
    by = [kind.rename("reporting_unit"), values["indicator"].astype(object)]
    parts = ["numerator", "denominator"]
    both = values[parts].where(values[parts].notna().all(axis=1))
    groups = both.assign(obs_value=values["obs_value"]).groupby(by)
    sums = groups[parts].sum(min_count=1)
    ratio = 100 * sums["numerator"] / sums["denominator"].where(sums["denominator"] > 0)
    stated = groups["obs_value"].median()
    is_ratio = [_is_ratio(framework, code) for code in sums.index.get_level_values("indicator")]
    return ratio.where(is_ratio, stated).rename("obs_value").reset_index()


def _is_ratio(framework: dict, indicator: str) -> bool:
    return "value" not in framework["indicators"][indicator]["formula"]


def _states(first, found, period, framework: dict, placed, held, earlier) -> pd.Series:
    """The verdicts, with what is on its way told from what is merely not due."""
    begun = first["target"].map(held.set_index("code")["kind"]) == "started_by"
    state = first["verdict"].mask(begun & (first["verdict"] == "met"), "started")
    if not (state == "not_due").any():
        return state
    before, now = _matched(period, earlier, framework)
    if before.empty:
        return state
    ends = [pd.Timestamp(p.plan.end) for p in (earlier.period, period)]
    gaps = []
    for values, on in zip((before, now), (earlier.period.plan.end, period.plan.end), strict=True):
        types = {c: c for c in placed.values()}
        types |= dict(zip(period.due["code"], period.due["type"], strict=True))
        whole = _grouped(values, framework, placed)
        gaps.append(
            targets.assess(whole, held, types, on, period.plan.unverified_targets).set_index(
                ["reporting_unit", "target"]
            )["gap"]
        )
    key = pd.MultiIndex.from_frame(first[["reporting_unit", "target"]])
    then, last = (g.reindex(key).to_numpy() for g in gaps)
    pace = (last - then) / (ends[1] - ends[0]).days
    left = (first["due"] - ends[1]).dt.days.to_numpy()
    return state.mask((state == "not_due") & (pace > 0) & (last + pace * left >= 0), "on_way")


def _by_points(period, framework: dict, placed, order: list) -> dict:
    """A row of the points of a framework that has no target to judge: the median of each group."""
    rows = members(_of(period.tables.scores, framework["framework"]), period.plan)
    rows = rows[(rows["level"] == "framework") & judged(rows)]
    kind = rows["reporting_unit"].map(placed)
    cells = []
    for group in order:
        own = rows.loc[kind == group, "score"]
        figure = f"{number(own.median(), 1)}/{short(framework['max_score'])}"
        told = {"figure": figure, "gap": None, "n": len(own), "reached": 0, "judged": 0}
        cells.append({"state": "no_target", **told} if len(own) else None)
    return {
        "framework": framework["framework"],
        "theme": choose(framework["title"]),
        "what": say("điểm")
        if all(c is None or c["n"] == 1 for c in cells)
        else say("điểm, trung vị"),
        "wanted": "",
        "by": "",
        "more": 0,
        "cells": cells,
    }


def _of(table: pd.DataFrame, framework: str) -> pd.DataFrame:
    return table[table["framework"] == framework]


def _matched(period, earlier: Earlier | None, framework: dict) -> tuple:
    """Values of the indicators that are defined alike in both periods, of the units that have one
    in both: before, now."""
    code, values = framework["framework"], period.tables.indicator_values
    if earlier is None or code not in earlier.period.plan.frameworks:
        return values.iloc[:0], values.iloc[:0]
    then = earlier.period.framework(code)["indicators"]
    alike = [c for c, i in framework["indicators"].items() if _means(i) == _means(then.get(c))]
    both = []
    for held in (earlier.period, period):
        rows = members(_of(held.tables.indicator_values, code), held.plan)
        rows = rows[rows["indicator"].isin(alike) & rows["reporting_unit"].isin(earlier.same)]
        both.append(rows[rows["obs_value"].notna()])
    then, now = (list(zip(t["reporting_unit"], t["indicator"], strict=True)) for t in both)
    in_both = {*then} & {*now}
    return both[0][[k in in_both for k in then]], both[1][[k in in_both for k in now]]


def _means(indicator: dict | None) -> tuple | None:
    return indicator and (indicator["formula"], indicator["unit_measure"])


def changes(period, earlier: Earlier | None) -> list[dict]:
    """What changed most since the period before, among the units that have a figure in both.

    One indicator of each framework, the largest change first (in percentage points, or points); if
    that gives fewer than three, more of them. Each has framework, what, before, now, change (in
    words), moved, n. Empty where nothing is comparable.
    """
    found = []
    for code in period.plan.frameworks:
        framework = period.framework(code)
        before, now = _matched(period, earlier, framework)
        if before.empty:
            continue
        together = {u: "_T" for u in earlier.same}
        then, last = (
            _grouped(t, framework, together).set_index("indicator")["obs_value"]
            for t in (before, now)
        )
        count = now.groupby("indicator", observed=True)["reporting_unit"].nunique()
        for own in then.index[(last - then).notna()]:
            told = _change(framework, own, then[own], last[own])
            found.append({"framework": code, "n": int(count[own]), **told})
    ordered = sorted((c for c in found if c["moved"]), key=lambda c: -abs(c["moved"]))
    ahead = list({c["framework"]: c for c in ordered[::-1]}.values())[::-1]
    ahead.sort(key=ordered.index)
    return (ahead + [c for c in ordered if c not in ahead])[:MOST]


def _change(framework: dict, indicator: str, then: float, last: float) -> dict:
    """The change is that of the printed figures, so that a reader finds it by subtracting."""
    described = framework["indicators"][indicator]
    share = described["unit_measure"] == "percent"
    places = 1 if share else 2
    moved = round(round(last, places) - round(then, places), places)
    told = say("{n} điểm phần trăm" if share else "{n} điểm", n=number(moved, places))
    name = choose(described["name"])
    return {
        "what": name if _is_ratio(framework, indicator) else say("{name} (trung vị)", name=name),
        "before": measured(then, described["unit_measure"]),
        "now": measured(last, described["unit_measure"]),
        "change": f"+{told}" if moved > 0 else told,
        "moved": float(moved),
    }


def overdue(period) -> list[dict]:
    """What should be done by now and is not, the largest share first: records of registers past
    their day, targets past theirs, forms that have not come.

    Each has text and what it is about: form, framework or nothing (forms that have not come).
    """
    kinds: list[Callable] = [_late_records, _late_targets, _late_forms]
    found = [one for kind in kinds for one in kind(period)]
    found.sort(key=lambda one: -one["share"])
    return [{k: v for k, v in one.items() if k != "share"} for one in found[:MOST]]


def _late_records(period) -> Iterator[dict]:
    """Of registers whose days tell the state of a record: those of which what falls due is told."""
    for code in period.plan.forms:
        form = period.catalogue.forms[code]
        held = period.tables.records
        held = held[held["form"] == code]
        if "forecast" not in form or held.empty:
            continue
        rows = register_states.followed(held, form, period.plan)
        late = rows[rows["state"] == "open_overdue"]
        still = int(rows["state"].isin(register_states.OPEN).sum())
        if late.empty:
            continue
        text = say_many(
            "{n} trong {all} {what} chưa xong đã quá hạn tại ngày {day}; lâu nhất {days} ngày.",
            len(late),
            n=number(len(late)),
            all=number(still),
            what=choose(form["unit_text"]),
            day=day(period.plan.end),
            days=number(late["days_over"].max()),
        )
        yield {"share": len(late) / still, "text": text, "form": code}


def _late_targets(period) -> Iterator[dict]:
    """The past target of each framework that most units have missed."""
    plan = period.plan
    for code in plan.frameworks:
        held = targets.holding(period.catalogue.targets, code, plan.end)
        past = commitments.worded(held[held["due"] <= pd.Timestamp(plan.end)]).set_index("code")
        rows = commitments.judged(members(_of(period.tables.assessments, code), plan))
        missed = rows["verdict"].eq("not_met").groupby(rows["target"].astype(object))
        table = missed.agg(["sum", "size"]).reindex(past.index).dropna()
        table = table[table["sum"] > 0].assign(share=lambda t: t["sum"] / t["size"])
        if table.empty:
            continue
        worst = table["share"].idxmax()
        asked, counted = past.loc[worst], table.loc[worst]
        text = say_many(
            "{n} trong {all} đơn vị chưa đạt “{what}” ({wanted}), hạn {day}.",
            int(counted["sum"]),
            n=number(counted["sum"]),
            all=number(counted["size"]),
            what=commitments.labels(period.framework(code))[asked["indicator"]],
            wanted=asked["wanted"],
            day=asked["by"],
        )
        yield {"share": counted["share"], "text": text, "framework": code}


def _late_forms(period) -> Iterator[dict]:
    """Forms of which nothing is in force; only where a day was set."""
    issues = still_open(period.tables.issues)
    rows = issues[issues["rule"] == "not_received"]
    if period.plan.deadline is None or rows.empty:
        return
    units = rows["reporting_unit"].nunique()
    text = say_many(
        "{units} trong {all} đơn vị còn biểu chưa có bản dùng được ({n} biểu), hạn gửi {day}.",
        units,
        units=number(units),
        all=number(len(period.due)),
        n=number(len(rows)),
        day=day(period.plan.deadline),
    )
    yield {"share": units / len(period.due), "text": text}


def distance(board: dict) -> str:
    """How many figures of the scoreboard reach their target, in a sentence; empty where nothing is
    compared with one."""
    states = Counter(cell["state"] for _, _, cell in _compared(board))
    if not states:
        return ""
    if states["met"] or states["not_met"]:
        text = "{met} trong {all} kết quả của các nhóm đơn vị đã đạt mục tiêu"
    else:  # nothing is told as not reached while no target is due
        text = "Chưa kết quả nào trong {all} kết quả của các nhóm đơn vị đến hạn mục tiêu"
    told = [say(text, met=number(states["met"]), all=number(states.total()))]
    for state, text in (("on_way", "{n} đúng tiến độ"), ("not_met", "{n} không đạt khi phải đạt")):
        if states[state]:
            told.append(say(text, n=number(states[state])))
    return f"{', '.join(told)}."


def furthest(board: dict) -> str:
    """Which figure of the scoreboard is furthest below its target; empty where none is."""
    below = [one for one in _compared(board) if one[2]["state"] != "met"]
    if not below:
        return ""
    row, group, cell = min(below, key=lambda one: one[2]["gap"])
    return say(
        "Xa mục tiêu nhất: {what}, {group}: {figure} ({target}).",
        what=row["what"],
        group=within(group),
        figure=cell["figure"],
        target=", ".join(filter(None, [say("mục tiêu {wanted}", wanted=row["wanted"]), row["by"]])),
    )


def _compared(board: dict) -> list[tuple]:
    """Row, name of the group and cell of each figure that is compared with a target."""
    return [
        (row, group, cell)
        for row in board["rows"]
        for group, cell in zip(board["groups"], row["cells"], strict=True)
        if cell and cell["state"] in ("met", "on_way", "not_due", "not_met")
    ]


def moved(told: list[dict], before: str) -> str:
    """The largest change in a sentence; empty without any. ``before``: title of that period."""
    if not told:
        return ""
    first = told[0]
    text = (
        "Tăng nhiều nhất từ {before}: {what}, {change} (n = {n})."
        if first["moved"] > 0
        else "Giảm nhiều nhất từ {before}: {what}, {change} (n = {n})."
    )
    figures = {name: first[name] for name in ("what", "change")}
    written = say(text, before=within(before), n=number(first["n"]), **figures)
    return written.replace("n = ", "n\u00a0=\u00a0")  # no line ends within it
