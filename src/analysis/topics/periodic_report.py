"""The periodic report as a draft: official heading, sections of an outline, places left to people.

An outline (``data/catalogue/outlines``) says which blocks stand in which section. A block is a
function of the period and the section that returns pieces of HTML; :data:`BLOCKS` is the closed
list. A new source of data is one more function and its name in the outline and in the schema.
Nothing here judges: what needs judgement is left as "[… cần bổ sung: … …]".
"""

from collections.abc import Callable

from IPython.display import HTML
from markupsafe import Markup

from analysis.display import narrative
from analysis.display.charts import figure, unit_charts
from analysis.display.resource import Shown, joined
from analysis.display.table import show
from analysis.indicators import targets
from analysis.language.languages import choose, said, say, say_many
from analysis.language.words import day, number
from analysis.schema.tables import still_open
from analysis.topics import commitments, results, submissions


def masthead(outline: dict, period) -> HTML:
    """Draft mark, official heading, title and the period that is reported."""
    held, plan = outline["heading"], period.plan
    lines = [choose(held[n]) for n in ("state", "motto", "agency", "number", "place")]
    frame = Markup("<div data-custom-style='Centred' class='masthead'>{}</div>")
    top = Markup("").join(Markup("<p>{}</p>").format(line) for line in lines)
    marks = Markup("<p class='synthetic'><strong>{}</strong></p>").format(choose(held["mark"]))
    if plan.synthetic:
        marks += Markup("<p class='synthetic'>{}</p>").format(say(narrative.SYNTHETIC))
    title = Markup("<h2>{}</h2><p class='key'>{}</p>").format(
        f"{choose(held['kind'])}: {choose(outline['title'])}",
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
    return Shown(frame.format(top + marks) + title + about)


def body(outline: dict, period) -> HTML:
    """All sections in the order of the outline."""
    return joined([_section(s, period) for s in outline["sections"]])


def closing(outline: dict) -> HTML:
    """Recipients and the place of the signature."""
    lines = Markup("").join(Markup("<li>{}</li>").format(choose(r)) for r in outline["recipients"])
    sign = _to_write(say("chức vụ, họ tên người ký"))
    frame = Markup("<p><em>{}</em></p><ul>{}</ul><p>{}</p>")
    return Shown(frame.format(say("Nơi nhận:"), lines, sign))


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


def _section(section: dict, period) -> HTML:
    tag, title = "h4" if section.get("level", 1) == 2 else "h3", choose(section["title"])
    pieces = [Shown(Markup(f"<{tag}>{{}}</{tag}>").format(title))]
    for name in section.get("blocks", []):
        pieces += BLOCKS[name](period, section)
    if "human" in section:
        place = _to_write(choose(section["human"]))
        pieces.append(Shown(Markup("<p class='to-write'>{}</p>").format(place)))
    return joined(pieces, title)


def _coverage(period, section: dict) -> list[HTML]:
    plan = period.plan
    notes = [choose(plan.status_note), choose(plan.coverage_note)]
    source = say("Nguồn: {source}.", source=choose(plan.source)) if plan.source else ""
    return [narrative.paragraphs(submissions.glance(period.tables, period.due), *notes, source)]


def _quality(period, section: dict) -> list[HTML]:
    issues = still_open(period.tables.issues)
    pieces = [narrative.paragraphs(submissions.balance(period.tables.balance))]
    if issues.empty:
        return pieces
    names = {code: choose(rule["name"]) for code, rule in period.catalogue.rules.items()}
    found = issues.groupby(["severity", "rule"], observed=True).size().rename("count")
    rows = found.reset_index().astype({"severity": str, "rule": str})
    rows = rows.assign(
        order=rows["severity"].map(list(submissions.SEVERITY).index),
        rule=rows["rule"].map(names).fillna(rows["rule"]),
        severity=rows["severity"].map(said(submissions.SEVERITY)),
    ).sort_values(["order", "count"], ascending=[True, False])
    return [*pieces, show(rows, "rules_broken")]


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
        with figure.raster():
            pieces.append(
                unit_charts.ranked_bars(
                    national.set_index("name")["obs_value"],
                    title=say(
                        "Tỷ lệ của toàn thể đơn vị: {framework}", framework=_title(framework)
                    ),
                    decimals=1,
                    unit="%",
                    source=narrative.source(period.plan),
                    limit=100,
                    finding=results.national_found(national, framework),
                )
            )
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
    code = framework["framework"]
    held = results.members(period.tables.assessments, period.plan)
    asked = targets.holding(period.catalogue.targets, code, period.plan.end)
    return held[held["framework"] == code], asked


def _not_usable(period, section: dict) -> list[HTML]:
    lacking = set(period.due["code"]) - submissions.reporting(period.tables)
    blocking = submissions.severities(period.tables.issues)["blocking"]
    return [
        narrative.paragraphs(
            say(
                "{lacking} trong {due} đơn vị chưa có số liệu dùng được; {blocking} vấn đề phải "
                "sửa trước khi dùng số liệu.",
                lacking=number(len(lacking)),
                due=number(len(period.due)),
                blocking=number(blocking),
            )
        )
    ]


def _doubtful(period, section: dict) -> list[HTML]:
    asked = [_judged(period, framework)[1] for framework in _all(period)]
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
    return pieces


def _annex_targets(period, section: dict) -> list[HTML]:
    pieces = []
    for framework in _all(period):
        judged, asked = _judged(period, framework)
        if len(asked):
            national = results.national(period.tables.national, framework)
            summed = commitments.summary(targets.counts(judged), asked, national, framework)
            pieces.append(_caption(say("Mục tiêu: {framework}", framework=_title(framework))))
            pieces.append(show(summed, "targets", as_written=["basis"]))
    return pieces


def _annex_missing(period, section: dict) -> list[HTML]:
    names = period.names
    rows = submissions.missing(period.tables, names, period.catalogue.rules)
    shown = show(rows, "missing", empty="Mọi biểu phải nộp đều dùng được.", quoting=["reason"])
    return [_caption(say("Biểu chưa có hoặc chưa dùng được")), shown]


def _caption(text: str) -> HTML:
    return Shown(Markup("<h4>{}</h4>").format(text))


BLOCKS: dict[str, Callable] = {
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
}
"""Block → function of the period and the section. The schema of outlines lists the same names."""
