"""What a page shows of what arrived: who reported, what was accepted, what must be mended."""

import pandas as pd
from IPython.display import HTML
from markupsafe import Markup

from analysis.display import narrative, wordings
from analysis.display.resource import Shown
from analysis.display.table import show
from analysis.language.languages import choose, column, said, say, say_many
from analysis.language.words import MISSING, number
from analysis.schema.tables import still_open

STATE = wordings.codes("file_state")
SEVERITY = wordings.codes("severity")
_BASIS = wordings.codes("bounded_by")


def reporting(tables) -> set[str]:
    """Units with at least one accepted figure, or a register of theirs."""
    held = tables.observations
    figures = set(held.loc[held["obs_value"].notna(), "reporting_unit"])
    return figures | set(tables.records["sender"].dropna())


def compared(due: pd.DataFrame) -> pd.DataFrame:
    """The units due but for the one whose parts the others are: it is not one of its own parts."""
    return due[~due["code"].isin(due["parent"])] if "parent" in due else due


def sent_by_units(tables) -> bool:
    """Whether units sent files of their own; otherwise the figures are a source's that has many of
    them, and that it has those that it has says nothing of anybody."""
    held = tables.submissions["reporting_unit"]
    return bool(held.empty or held.notna().any())


def reported(tables, due: pd.DataFrame) -> dict[str, int]:
    """How many units sent what: ``all``, every form due is usable; ``some``, a form at least;
    ``none``; and ``due``, their sum."""
    codes = set(compared(due)["code"])
    have = reporting(tables) & codes
    lacking = set(tables.issues.loc[tables.issues["rule"] == "not_received", "reporting_unit"])
    counts = {"all": have - lacking, "some": have & lacking, "none": codes - have, "due": codes}
    return {how: len(units) for how, units in counts.items()}


def figures_sent(tables) -> tuple[int, int]:
    """Figures accepted, and figures sent: cells of heads and labels are none."""
    accepted, refused = tables.balance[["accepted", "in_issues"]].sum()
    return int(accepted), int(accepted + refused)


def glance(tables, due: pd.DataFrame) -> str:
    """Key sentence of a period: who reported, what was accepted, what must be mended."""
    counts, (accepted, sent) = reported(tables, due), figures_sent(tables)
    blocking = severities(tables.issues)["blocking"]
    figures = {how: number(n) for how, n in counts.items()}
    figures |= {"accepted": number(accepted), "sent": number(sent)}
    if counts["none"] == counts["due"]:
        return say_many(
            "Chưa có số liệu dùng được của đơn vị nào trong {due} đơn vị phải báo cáo ({sent} số "
            "liệu đã gửi, {n} vấn đề phải sửa).",
            blocking,
            n=number(blocking),
            **figures,
        )
    return f"{_sent(tables, counts, figures)} {_to_mend(blocking, accepted, sent, figures)}"


def _sent(tables, counts: dict[str, int], figures: dict[str, str]) -> str:
    """Who sent what; of a source in common only of how many units it has figures."""
    if sent_by_units(tables):
        return say(
            "{all} trong {due} đơn vị có mọi biểu phải nộp dùng được, {some} mới có một phần, "
            "{none} chưa có số liệu.",
            **figures,
        )
    units = number(counts["all"] + counts["some"])
    if counts["none"]:
        return say("Nguồn có số liệu của {units} trong {due} đơn vị.", units=units, **figures)
    return say("Nguồn có số liệu của {units} đơn vị.", units=units)


def _to_mend(blocking: int, accepted: int, sent: int, figures: dict[str, str]) -> str:
    said = say("{accepted} trong {sent} số liệu được chấp nhận", **figures)
    if accepted == sent:
        said = say("Cả {sent} số liệu được chấp nhận", **figures)
    if not blocking:
        return say("{said}; không có vấn đề nào phải sửa.", said=said)
    return say_many("{said}; {n} vấn đề phải sửa.", blocking, said=said, n=number(blocking))


def usable(tables, due: pd.DataFrame) -> str:
    """How many of the units that must report have figures that can be used."""
    units = reporting(tables) & set(due["code"])
    if not units and (told := nothing_usable(tables)):
        return told
    return say(
        "{units} trong {due} đơn vị có số liệu dùng được.",
        units=number(len(units)),
        due=number(len(due)),
    )


def nothing_usable(tables) -> str:
    """What every page of a period says of which no cell was accepted; empty for any other."""
    if tables.balance["accepted"].sum():
        return ""
    files = len(tables.balance)
    if not files:
        return say(
            "Chưa nhận được tệp nào của kỳ này. Chỗ trống, số 0 hay “không có” dưới đây không phải "
            "là kết quả của đơn vị nào."
        )
    return say_many(
        "Chưa có số liệu nào của kỳ này dùng được: đã nhận {n} tệp, không ô nào được chấp nhận. "
        "Chỗ trống, số 0 hay “không có” dưới đây không phải là kết quả của đơn vị nào; lý do của "
        "từng tệp nằm ở trang về các tệp đã nhận.",
        files,
        n=number(files),
    )


def overview(tables, due: pd.DataFrame) -> HTML:
    """The period's four figures: due, reported, accepted, to be mended."""
    issues, counts = severities(tables.issues), reported(tables, due)
    accepted, sent = figures_sent(tables)
    words = {how: number(n) for how, n in counts.items()}
    entries = {"Đơn vị phải báo cáo": (counts["due"], say("theo danh mục tại ngày cuối kỳ"))}
    if sent_by_units(tables):
        detail = say("{some} mới có một phần, {none} chưa có số liệu", **words)
        entries["Đơn vị có mọi biểu phải nộp dùng được"] = (counts["all"], detail)
    else:
        detail = say("trong một nguồn chung; đơn vị không tự gửi")
        entries["Đơn vị có số liệu"] = (counts["all"] + counts["some"], detail)
    among = say("trong {n} số liệu", n=number(sent)) if sent else say("chưa có số liệu nào")
    entries["Số liệu được chấp nhận"] = (accepted, among)
    warning = say_many("và {n} điều cần kiểm tra", issues["warning"], n=number(issues["warning"]))
    entries["Vấn đề phải sửa"] = (issues["blocking"], warning)
    return narrative.cards(
        (say(label), number(n), detail) for label, (n, detail) in entries.items()
    )


def balance(table: pd.DataFrame) -> str:
    """Every submitted cell is accounted for, in one sentence."""
    total = table.sum(numeric_only=True)
    parts = ["submitted", "labels", "accepted", "in_issues", "unaccounted"]
    return say(
        "{submitted} ô đã gửi = {labels} ô tiêu đề, nhãn + {accepted} số liệu được chấp nhận + "
        "{in_issues} ô có vấn đề; {unaccounted} ô không rõ đi đâu.",
        **{part: number(total[part]) for part in parts},
    )


def missing(held, names: dict[str, str], rules: dict) -> pd.DataFrame:
    """Forms that are due and not usable: unit (name), form and reason (nothing came, or what was
    wrong, with the file quoted: :func:`display.table.show` with ``quoting=["reason"]``).

    ``held`` are the period's tables.
    """
    rows = held.issues[held.issues["rule"] == "not_received"]
    refused = held.submissions[held.submissions["state"] == "refused"]
    reasons = {
        (r.reporting_unit, r.form): say(
            "Có gửi tệp “{file}” nhưng không dùng được ({why}).",
            file=r.source_file,
            why=choose(rules[r.rule]["name"]),
        )
        for r in refused.itertuples()
        if pd.notna(r.reporting_unit)
    }
    none = say("Không có tệp nào nhận ra là của đơn vị")
    reason = [
        reasons.get(key, none) for key in zip(rows["reporting_unit"], rows["form"], strict=True)
    ]
    return pd.DataFrame(
        {"unit": rows["reporting_unit"].map(names), "form": rows["form"], "reason": reason}
    )


def issues(table: pd.DataFrame, names: dict[str, str], most: int = 200) -> Shown:
    """The issues (schema.ISSUES) that are open, worst first; more than ``most`` are counted."""
    table = still_open(table)
    shown = table.head(most)
    shown = shown.assign(
        severity=shown["severity"].astype(str).map(said(SEVERITY)),
        unit=shown["reporting_unit"].map(names).fillna(MISSING),
        place=_place(shown),
        message=shown[column("message")],
    )
    html = show(
        shown, "issues", empty="Không có vấn đề nào.", as_written=["place"], quoting=["message"]
    )
    if len(table) <= most:
        return html
    left = len(table) - most
    more = say_many("Còn {n} dòng nữa trong tệp issues.csv.", left, n=number(left))
    more = Markup("<p class='note'>{}</p>").format(more)
    return Shown(html.data + more, html.resources)


def proposed(table: pd.DataFrame) -> list[str]:
    """In how many blocks of figures that rules bind together it is known what is probably wrong
    (schema.PROPOSALS), and in how many it is not; no sentence where no rule is broken."""
    blocks = table.drop_duplicates("block")
    tied = table.groupby("block")["causes_tied"].any()
    unsettled = int((blocks["status"] == "unsettled").sum())
    counts = {
        "n": number(len(blocks)),
        "one": number(len(blocks) - unsettled - int(tied.sum())),
        "several": number(int(tied.sum())),
    }
    told = [
        say(
            "Quy tắc của biểu sai ở {n} khối số liệu. Ở {one} khối có một cách giải thích rõ hơn "
            "hẳn, ở {several} khối có vài cách ngang nhau; các cách ấy nằm ở bản gửi trả, chỉ là "
            "đề xuất, số liệu không bị sửa.",
            **counts,
        )
    ]
    if unsettled:
        told.append(
            say_many(
                "{n} khối chưa tìm được ô sai trong thời gian cho phép: vẫn như đã phát hiện.",
                unsettled,
                n=number(unsettled),
            )
        )
    return told if len(blocks) else []


def rule_results(
    table: pd.DataFrame, names: dict[str, str], rules: dict, most: int = 3
) -> pd.DataFrame:
    """What the rules of forms found (schema.RULE_RESULTS), a row for each form and rule, most
    broken first: name, form, severity, applied, passed, failed, not_applicable, and ``worst``, the
    at most ``most`` units where it failed most often.
    """
    rows = table.astype({c: object for c in ("form", "rule", "reporting_unit")})
    counts = ["applied", "passed", "failed", "not_applicable"]
    found = rows.groupby(["form", "rule"], sort=False)[counts].sum().reset_index()
    failing = rows[rows["failed"] > 0].sort_values("failed", ascending=False, kind="stable")
    unit = failing["reporting_unit"].map(names).fillna(failing["reporting_unit"])
    said = [f"{u} ({number(n)})" for u, n in zip(unit, failing["failed"], strict=True)]
    worst = failing.assign(said=said).groupby(["form", "rule"])["said"]
    worst = worst.agg(lambda told: "; ".join(told.head(most))).rename("worst").reset_index()
    found = (
        found.merge(worst, on=["form", "rule"], how="left")
        .astype({"worst": object})
        .fillna({"worst": MISSING})
    )
    found = found.assign(
        name=[choose(rules[r]["name"]) for r in found["rule"]],
        severity=[say(SEVERITY[rules[r]["severity"]]) for r in found["rule"]],
    )
    return found.sort_values("failed", ascending=False, kind="stable", ignore_index=True)


def to_ask(influence: pd.DataFrame, period, most: int = 12) -> pd.DataFrame:
    """The findings that move most, in words: unit, place, rule, indicator, value, score, rank,
    national and basis.

    Findings of one cause, which hide the same figures of a unit, are one row. What was not sent at
    all is told by :func:`missing`.

    Parameters
    ----------
    influence
        schema.INFLUENCE, or some of its rows.
    """
    moves = influence[(influence["influence"] > 0) & (influence["rule"] != "not_received")]
    same = ["reporting_unit", "form", "indicator", "value_low", "value_high"]
    shown = moves.drop_duplicates(same).head(most)
    rules, rows = period.catalogue.rules, []
    for row in shown.itertuples():
        indicator = period.framework(row.framework)["indicators"][row.indicator]
        sign = "" if "value" in indicator["formula"] else " %"
        basis = said(_BASIS)[row.bounded_by]
        rows.append(
            {
                "unit": period.names.get(row.reporting_unit, MISSING),
                "rule": choose(rules[row.rule]["name"]),
                "indicator": choose(indicator["name"]),
                "value": _between(row.value_low, row.value_high, 2, sign),
                "score": _between(row.score_low, row.score_high, 2),
                "rank": _ranks(row),
                "national": _between(row.national_low, row.national_high, 2, sign),
                "basis": say("{basis}; rộng, gần như chưa biết gì", basis=basis)
                if row.wide
                else basis,
            }
        )
    columns = ["unit", "rule", "indicator", "value", "score", "rank", "national", "basis"]
    return pd.DataFrame(rows, columns=columns).assign(place=_place(shown))


def _between(low: float, high: float, decimals: int, sign: str = "") -> str:
    """Two ends, or one figure where they are written alike."""
    if pd.isna(low) or pd.isna(high):
        return MISSING
    ends = dict.fromkeys(number(value + 0.0, decimals) for value in (low, high))
    return " – ".join(ends) + sign


def _ranks(row) -> str:
    ends = _between(row.rank_low, row.rank_high, 0)
    if ends == MISSING:
        return ends
    if pd.isna(row.rank):
        return say("chưa có hạng → {ends}", ends=ends)
    return say("{now} → {ends}", now=number(row.rank), ends=ends)


def _place(table: pd.DataFrame) -> list[str]:
    parts = table[["source_file", "source_sheet", "source_cell"]].fillna("")
    return [" · ".join(filter(None, row)) or MISSING for row in parts.itertuples(index=False)]


def severities(table: pd.DataFrame) -> dict[str, int]:
    """How many issues of each severity are open."""
    table = still_open(table)
    return {code: int((table["severity"] == code).sum()) for code in SEVERITY}


def answered(table: pd.DataFrame, names: dict[str, str], rules: dict) -> pd.DataFrame:
    """How often findings were answered rather than mended, most often first: unit and rule (names),
    then confirmed, set_aside, closed and, last, open, of the same rule and unit."""
    shown = table.assign(
        unit=[names.get(unit, MISSING) for unit in table["reporting_unit"]],
        rule=table["rule"].map({code: choose(rule["name"]) for code, rule in rules.items()}),
    )
    counts = pd.crosstab([shown["unit"], shown["rule"]], shown["state"])
    counts = counts.reindex(columns=[*_ANSWERED, "open"], fill_value=0)
    counts = counts[counts[_ANSWERED].sum(axis=1) > 0]
    return counts.sort_values(_ANSWERED, ascending=False, kind="stable").reset_index()


_ANSWERED = ["confirmed", "set_aside", "closed"]


def confirmations(table: pd.DataFrame) -> str:
    """In one sentence how many findings were answered rather than mended."""
    counts = table["state"].value_counts().reindex([*_ANSWERED, "open"], fill_value=0)
    return say(
        "{confirmed} vấn đề được đơn vị xác nhận là đúng, {set_aside} để riêng vì không ai sửa "
        "được, {closed} được người phân tích đóng; {open} còn mở.",
        **{state: number(n) for state, n in counts.items()},
    )
