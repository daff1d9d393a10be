"""The periodic report as a draft: official heading, sections of an outline, places left to people.

An outline (``data/catalogue/outlines``) says which blocks stand in which section. A block is a
function of the period and the section that returns pieces of HTML; :data:`BLOCKS` is the closed
list. A new source of data is one more function and its name in the outline and in the schema.
Nothing here judges: what needs judgement is left as "[… cần bổ sung: … …]".
"""

from collections.abc import Callable
from functools import partial

import pandas as pd
from IPython.display import HTML
from markupsafe import Markup

from analysis.display import narrative
from analysis.display.charts import figure, unit_charts
from analysis.display.resource import Shown, in_documents, joined
from analysis.display.table import show
from analysis.indicators import targets
from analysis.language.languages import choose, said, say, say_many
from analysis.language.words import day, number
from analysis.schema.tables import still_open
from analysis.topics import achievements, commitments, one_notion, results, submissions

MOST_CHANGES = 10
"""Changes since the period before that the report lists; the others are counted."""

_TWO_COLUMNS = Markup(
    "<table class='letter' role='presentation' data-custom-style='Letter'>"
    "<colgroup><col style='width:42%'><col style='width:58%'></colgroup>"
    "<tbody><tr><td>{}</td><td>{}</td></tr></tbody></table>"
)
_LINE = Markup("<div data-custom-style='{0}' class='{0}'><p>{1}</p></div>")


def masthead(outline: dict, period) -> HTML:
    """The head of an official letter in two columns (Decree 30/2020/NĐ-CP, annex I; the outline
    says how sure): who writes, number and draft mark; country, motto, place and day. Below: title
    and the period that is reported."""
    held, plan = outline["heading"], period.plan
    told = {name: choose(text) for name, text in held.items()}
    left = [("Centred", "agency"), ("ShortRule", ""), ("Numbered", "number"), ("Centred", "mark")]
    right = [("Centred", "state"), ("Centred", "motto"), ("LongRule", ""), ("Placed", "place")]
    columns = [
        Markup("").join(
            _LINE.format(style, told.get(name, "\N{NO-BREAK SPACE}")) for style, name in c
        )
        for c in (left, right)
    ]
    marks = Markup("")
    if plan.synthetic:
        marks = Markup("<p class='synthetic'>{}</p>").format(say(narrative.SYNTHETIC))
    title = Markup("<h2 class='Centred'>{}<br>{}</h2><p class='key Centred'>{}</p>").format(
        told["kind"],
        choose(outline["title"]),
        say(
            "{title} (số liệu từ {start} đến {end})",
            title=choose(plan.title),
            start=day(plan.start),
            end=day(plan.end),
        ),
    )
    sure = say(narrative.CERTAINTY[outline["certainty"]])
    about = Markup("<p class='note'>{} {} {}</p>").format(
        narrative.basis(outline),
        say("Mức chắc chắn của đề cương: {certainty}.", certainty=sure),
        choose(outline["note"]),
    )
    return Shown(_TWO_COLUMNS.format(*columns) + marks + title + about)


def body(outline: dict, period, before: pd.DataFrame | None = None) -> HTML:
    """All sections in the order of the outline.

    ``before``: :func:`analysis.history.history.with_before`; without it no change is told.
    """
    blocks = {**BLOCKS, "changes": partial(_changes, before=before)}
    return joined([_section(s, period, blocks) for s in outline["sections"]])


def closing(outline: dict) -> HTML:
    """Recipients and the place of the signature."""
    lines = Markup("").join(Markup("<li>{}</li>").format(choose(r)) for r in outline["recipients"])
    left = Markup("<p><strong><em>{}</em></strong></p><ul>{}</ul>").format(say("Nơi nhận:"), lines)
    sign = _to_write(say("chức vụ, họ tên người ký"))
    return Shown(_TWO_COLUMNS.format(left, _LINE.format("Centred", sign)))


def _to_write(what: str) -> str:
    return say("[… cần bổ sung: {what} …]", what=what)


def key(outline: dict, period) -> str:
    """How far the draft is: sections with figures of the period, places left to people."""
    asked = [s for s in outline["sections"] if s.get("blocks")]
    human = sum("human" in s for s in outline["sections"])
    empty = sum("group" in s and not _frameworks(s, period) for s in asked)
    return say(
        "Dự thảo có {filled} mục điền từ số liệu của kỳ, {empty} nhóm nhiệm vụ chưa có số liệu, "
        "{human} chỗ phải do người viết bổ sung.",
        filled=number(len(asked) - empty),
        empty=number(empty),
        human=number(human),
    )


def _section(section: dict, period, blocks: dict[str, Callable]) -> HTML:
    tag, title = "h4" if section.get("level", 1) == 2 else "h3", choose(section["title"])
    pieces = [Shown(Markup(f"<{tag}>{{}}</{tag}>").format(title))]
    for name in section.get("blocks", []):
        pieces += blocks[name](period, section)
    if "human" in section:
        place = _to_write(choose(section["human"]))
        pieces.append(Shown(Markup("<p class='to-write'>{}</p>").format(place)))
    return joined(pieces, title)


def _achieved(period, section: dict) -> list[HTML]:
    held = results.members(period.tables.assessments, period.plan)
    table = achievements.against_targets(held, _all(period))
    pieces = [_caption(say("Kết quả so với mục tiêu"))]
    pieces.append(narrative.paragraphs(achievements.reached(table)))
    return [*pieces, show(table, "achieved")] if len(table) else pieces


def _changes(period, section: dict, before: pd.DataFrame | None = None) -> list[HTML]:
    table = pd.DataFrame()
    if before is not None:
        table = achievements.changes(results.members(before, period.plan), _all(period))
    told = achievements.moved(table, MOST_CHANGES)
    pieces = [_caption(say("Thay đổi so với kỳ trước")), narrative.paragraphs(told)]
    if table.empty:
        return pieces
    return [*pieces, show(achievements.worded(table.head(MOST_CHANGES)), "changed")]


def _leading(period, section: dict) -> list[HTML]:
    names, types, pieces = period.names, period.catalogue.unit_types, []
    for code in period.scored:
        ranked, title = period.ranked(code), _title(period.framework(code))
        table = achievements.leaders(ranked.scores, ranked.tiers, names, types)
        if len(table):
            pieces.append(narrative.paragraphs(say("Theo điểm của khung {title}:", title=title)))
            pieces.append(show(table, "leading"))
    none = narrative.paragraphs(say("Kỳ này không xếp hạng đơn vị nào."))
    return [_caption(say("Ai dẫn đầu, ai ở cuối")), *(pieces or [none])]


def _coverage(period, section: dict) -> list[HTML]:
    plan = period.plan
    notes = [choose(plan.status_note), choose(plan.coverage_note)]
    source = say("Nguồn: {source}.", source=choose(plan.source)) if plan.source else ""
    told = narrative.paragraphs(submissions.glance(period.tables, period.due), *notes, source)
    return [_caption(say("Số liệu làm căn cứ")), told]


def _quality(period, section: dict) -> list[HTML]:
    issues = still_open(period.tables.issues)
    told = [submissions.balance(period.tables.balance)]
    if len(issues):
        kinds = issues["rule"].nunique()
        text = (
            "Các vấn đề còn mở thuộc {n} loại: số lần của từng loại ở phụ lục, từng vấn đề ở trang "
            "về các tệp đã nhận."
        )
        told.append(say(text, n=number(kinds)))
    return [narrative.paragraphs(*told)]


def _annex_quality(period, section: dict) -> list[HTML]:
    issues = still_open(period.tables.issues)
    names = {code: choose(rule["name"]) for code, rule in period.catalogue.rules.items()}
    found = issues.groupby(["severity", "rule"], observed=True).size().rename("count")
    rows = found.reset_index().astype({"severity": str, "rule": str})
    rows = rows.assign(
        order=rows["severity"].map(list(submissions.SEVERITY).index),
        rule=rows["rule"].map(names).fillna(rows["rule"]),
        severity=rows["severity"].map(said(submissions.SEVERITY)),
    ).sort_values(["order", "count"], ascending=[True, False])
    shown = show(rows, "rules_broken", empty="Không có vấn đề nào còn mở.")
    return [_caption(say("Các loại vấn đề của số liệu đã nhận")), shown]


def _frameworks(section: dict, period) -> list[dict]:
    """The period's frameworks that belong to the section's group of tasks (catalogue, systems)."""
    systems = [s for s in period.catalogue.systems if s["group"] == section["group"]]
    codes = {code for s in systems for code in s.get("frameworks", [])}
    return [period.framework(code) for code in period.plan.frameworks if code in codes]


def _group(period, section: dict) -> list[HTML]:
    frameworks = _frameworks(section, period)
    if not frameworks:
        return [narrative.paragraphs(say("Kỳ này không có số liệu của nhóm nhiệm vụ này."))]
    pieces = [narrative.paragraphs(*_lines(period, frameworks))]
    for framework in frameworks:
        pieces += _results(period, framework)
    return pieces


def _results(period, framework: dict) -> list[HTML]:
    """Shares of the whole as a picture; first and last of each scored group in words."""
    national = results.national(period.tables.national, framework)
    national = national[_in_percent(national, framework)]
    pieces = []
    if national["obs_value"].notna().any():
        draw = partial(
            unit_charts.ranked_bars,
            national.set_index("name")["obs_value"],
            title=say("Tỷ lệ của toàn thể đơn vị: {framework}", framework=_title(framework)),
            decimals=1,
            unit="%",
            source=narrative.source(period.plan),
            limit=100,
            finding=results.national_found(national, framework),
        )
        with figure.raster():  # Word draws no SVG
            printed = draw()
        pieces.append(in_documents(draw(), printed))
    names = period.names
    scores = period.tables.scores
    scores = scores[(scores["framework"] == framework["framework"])]
    scores = results.members(scores[scores["reporting_unit"].isin(names)], period.plan)
    groups = framework["dimensions"] if len(scores) else {}
    lines = [results.leaders(scores, c, choose(d["name"]), names) for c, d in groups.items()]
    return [*pieces, narrative.paragraphs(*lines)]


def _title(framework: dict) -> str:
    return choose(framework["title"])


def _in_percent(national, framework: dict):
    held = framework["indicators"]
    percent = [code for code, i in held.items() if i["unit_measure"] == "percent"]
    return national["indicator"].isin(percent)


def _lines(period, frameworks: list[dict]) -> list[str]:
    listed, last = period.catalogue.targets, period.plan.end
    return commitments.lines(period.tables, frameworks, listed, last, period.plan)


def _all(period) -> list[dict]:
    return [period.framework(code) for code in period.plan.frameworks]


def _targets(period, section: dict) -> list[HTML]:
    lines = _lines(period, _all(period)) or [say("Kỳ này không theo dõi khung nào.")]
    return [narrative.paragraphs(*lines)]


def _below_target(period, section: dict) -> list[HTML]:
    names = period.names
    pieces = []
    for framework in _all(period):
        judged, asked = _judged(period, framework)
        far = commitments.furthest(judged, asked, framework, names, most=10)
        if len(far):
            line = say(
                "Các giá trị còn xa mục tiêu nhất, {framework}:", framework=_title(framework)
            )
            pieces += [narrative.paragraphs(line), show(far, "furthest")]
    none = say("Không có giá trị nào được kết luận là dưới mục tiêu trong kỳ.")
    return pieces or [narrative.paragraphs(none)]


def _judged(period, framework: dict) -> tuple:
    held = period.tables.assessments
    held = held[held["framework"] == framework["framework"]]
    return commitments.asked(held, period.plan), _holding(period, framework)


def _holding(period, framework: dict) -> pd.DataFrame:
    return targets.holding(period.catalogue.targets, framework["framework"], period.plan.end)


def _not_usable(period, section: dict) -> list[HTML]:
    counts = submissions.reported(period.tables, period.due)
    blocking = submissions.severities(period.tables.issues)["blocking"]
    return [
        narrative.paragraphs(
            say(
                "{lacking} trong {due} đơn vị chưa có số liệu dùng được; {blocking} vấn đề phải "
                "sửa trước khi dùng số liệu.",
                lacking=number(counts["none"]),
                due=number(counts["due"]),
                blocking=number(blocking),
            )
        )
    ]


def _doubtful(period, section: dict) -> list[HTML]:
    asked = [_holding(period, framework) for framework in _all(period)]
    doubtful = sum(len(commitments.uncertain(a)) for a in asked)
    if not doubtful:
        return []
    line = say_many(
        "{n} mục tiêu trong danh mục chưa kiểm chứng nên không kết luận.",
        doubtful,
        n=number(doubtful),
    )
    return [narrative.paragraphs(line)]


def _annex_national(period, section: dict) -> list[HTML]:
    pieces = []
    for framework in _all(period):
        national = results.national(period.tables.national, framework)
        mark = say(
            "{framework} (mức chắc chắn: {certainty})",
            framework=_title(framework),
            certainty=say(narrative.CERTAINTY[framework["certainty"]]),
        )
        pieces += [_caption(mark), show(national, "national", empty=results.NO_NATIONAL)]
        code = framework["framework"]
        beside = [*one_notion.told(period, code), *one_notion.whole_beside_parts(period, code)]
        pieces.append(narrative.paragraphs(*beside))
    return pieces


def _annex_targets(period, section: dict) -> list[HTML]:
    pieces = []
    for framework in _all(period):
        judged, asked = _judged(period, framework)
        if len(asked):
            values = period.tables.indicator_values
            values = values[values["framework"] == framework["framework"]]
            summed = commitments.summary(judged, asked, values, framework, period.plan.end)
            pieces.append(_caption(say("Mục tiêu: {framework}", framework=_title(framework))))
            pieces += commitments.tables(summed)
    return pieces


def _annex_missing(period, section: dict) -> list[HTML]:
    names = period.names
    rows = submissions.missing(period.tables, names, period.catalogue.rules)
    shown = show(rows, "missing", empty="Mọi biểu phải nộp đều dùng được.", quoting=["reason"])
    return [_caption(say("Biểu chưa có hoặc chưa dùng được")), shown]


def _caption(text: str) -> HTML:
    return Shown(Markup("<h4>{}</h4>").format(text))


BLOCKS: dict[str, Callable] = {
    "achieved": _achieved,
    "changes": _changes,
    "leading": _leading,
    "coverage": _coverage,
    "quality": _quality,
    "group": _group,
    "targets": _targets,
    "below_target": _below_target,
    "not_usable": _not_usable,
    "doubtful": _doubtful,
    "annex_national": _annex_national,
    "annex_targets": _annex_targets,
    "annex_missing": _annex_missing,
    "annex_quality": _annex_quality,
}
"""Block → function of the period and the section. The schema of outlines lists the same names."""
