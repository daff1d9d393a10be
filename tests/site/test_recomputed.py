"""Sentences and figures of built pages hold when they are recomputed from what was sent."""

import re
import sys
from datetime import date
from statistics import median

import pytest
import recomputed
from recomputed import figure, plain, printed, share

from analysis.period import load

RECOUNT = recomputed.Recount()
ON = {"2026-Q3": date(2026, 9, 30), "2022-Q2": date(2022, 6, 14)}
NATIONAL = ("Tử số", "Mẫu số", "Đơn vị có số đo", "Không phát sinh")
TARGETS = ("Mục tiêu", "Hạn", "Giá trị chung")
PROVINCE = {"province", "district", "commune"}
STAGES = ["Đã đến hạn", "Phải giữ thường xuyên", "Chưa đến hạn", "Chưa kiểm chứng, không kết luận"]


@pytest.fixture(scope="module")
def root(built_sites, built_root):
    return built_root


@pytest.fixture(scope="module")
def pages(root):
    folder = root / "reports"
    found = {p.relative_to(folder).as_posix(): p for p in sorted(folder.rglob("*.html"))}
    own = {n: p for n, p in found.items() if not n.startswith(("templates/", "en/"))}
    return {name: path.read_text("utf-8") for name, path in own.items()}


@pytest.fixture(scope="module")
def portal(root):
    """Units of 2026-Q3 without the province, and the province."""
    held = recomputed.portal(root)
    return {u: v for u, v in held.items() if u != "H44"}, held["H44"]


@pytest.fixture(scope="module")
def names(root):
    lists = sorted((root / "data/catalogue/codelists").glob("units*.csv"))
    return {row["code"]: row["name_vi"] for path in lists for row in recomputed.rows(path)}


@pytest.fixture(scope="module")
def called(root):
    framework = recomputed.stated(root / "data/catalogue/frameworks/qd766.yml")
    return {code: i["name"]["vi"] for code, i in framework["indicators"].items()}


def targets(root, framework):
    """Target → row of targets.csv, of those that no later one has replaced."""
    every = recomputed.rows(root / "data/catalogue/codelists/targets.csv")
    return [t for t in every if t["framework"] == framework]


def national(html):
    return [row for table in recomputed.with_heads(html, *NATIONAL) for row in table]


def staged(html):
    """The targets of a page, with the heading that they stand under."""
    found, last = [], ""
    for piece in re.split(r"(?=<h3>)", html):
        head = re.match(r"<h3>(.*?)</h3>", piece)
        last = plain(head[1]) if head else last
        for table in recomputed.with_heads(piece, *TARGETS):
            found += [{**row, "stage": last} for row in table]
    return found


# denominators, and nothing measured: who had a case is counted apart from who had none


def test_shares_of_all_units_are_of_those_that_had_a_case(pages, portal, called):
    units, _ = portal
    for page in ("glance", "targets-qd766", "periodic_report"):
        name = f"2026-Q3/{page}.html"
        table = {row["Chỉ tiêu"]: row for row in national(pages[name])}
        assert len(table) == len(called)
        for code, title in called.items():
            part, whole, some, none = recomputed.summed(units.values(), code)
            expected = [printed(part), printed(whole), share(part, whole), some, none, len(units)]
            if not some:
                expected[:3] = ["…"] * 3
            row = table[title]
            shown = [row[h] for h in ("Tử số", "Mẫu số", "Tỷ lệ")]
            shown += [int(figure(row[h])) for h in (*NATIONAL[2:], "trong số")]
            RECOUNT.same(name, shown, expected)


def test_shares_follow_from_the_parts_that_stand_beside_them(pages):
    """Also of periods whose files have faults; no more units than there are."""
    seen = 0
    for name, html in pages.items():
        for row in national(html):
            some, none, of = (figure(row[h]) for h in (*NATIONAL[2:], "trong số"))
            assert some + none <= of, (name, row)
            seen += 1
            if some:
                RECOUNT.same(name, row["Tỷ lệ"], share(*(figure(row[h]) for h in NATIONAL[:2])))
            else:
                assert row["Tỷ lệ"] == "…", (name, row)
    assert seen > 100


def test_shares_of_a_form_are_those_of_its_workbooks(pages, root):
    """The e-government form: cells that count, read again from 92 workbooks."""
    held = load("2022-Q2").tables.observations
    held = held[(held["form"] == "egov") & (held["level"] != "_T") & held["obs_value"].notna()]
    wanted = ["egov_dossiers", "egov_dossiers_online", "dossiers_status_synced"]
    held = held[held["item"].isin(wanted)]
    where = ["source_file", "source_sheet", "source_cell", "reporting_unit", "level", "item"]
    found = recomputed.cells(root, "2022-Q2", held[where].itertuples(index=False, name=None))
    table = {row["Chỉ tiêu"]: row for row in national(pages["2022-Q2/targets-nq01.html"])}
    for title, item in (
        ("Tỷ lệ hồ sơ nộp trực tuyến mức độ 3, 4", "egov_dossiers_online"),
        ("Tỷ lệ hồ sơ đồng bộ trạng thái, kết quả xử lý trên Cổng DVCQG", "dossiers_status_synced"),
    ):
        levels = {}
        for (unit, level), figures in found.items():
            if {item, "egov_dossiers"} <= set(figures):
                levels.setdefault(unit, {})[level] = figures
        # of a province every level, or its sum would be a part that is taken for the whole
        units = [v for v in levels.values() if set(v) in ({"ministry"}, PROVINCE)]
        part, whole = (
            sum(f[i] for unit in units for f in unit.values()) for i in (item, "egov_dossiers")
        )
        row = table[title]
        RECOUNT.same(
            "2022-Q2/targets-nq01.html",
            [row[h] for h in ("Tử số", "Mẫu số", "Tỷ lệ", "Đơn vị có số đo")],
            [printed(part), printed(whole), share(part, whole), printed(len(units))],
        )


def test_a_province_is_not_counted_among_its_own_units(pages, portal):
    units, _ = portal
    for name in ("2026-Q3/index.html", "2026-Q3/glance.html", "2026-Q3/periodic_report.html"):
        text = plain(pages[name])
        RECOUNT.says(name, text, f"Nguồn có số liệu của {len(units)} đơn vị.")
        assert f"{len(units) + 1} đơn vị" not in text, name
    text = plain(pages["2026-Q3/service_quality.html"])
    told = f"Chưa đơn vị nào trong {len(units)} đơn vị có đủ số liệu cho cả 100 điểm"
    RECOUNT.says("2026-Q3/service_quality.html", text, told)


def test_points_of_units_are_of_what_was_measured(pages, portal, root, names):
    """0,00/30 where twenty of the thirty had no case would call nothing measured nothing done."""
    name, (units, province) = "2026-Q3/index.html", portal
    for code, unit in {**units, "25": province}.items():
        made = recomputed.points(root, unit).values()
        whole = sum(top for _, top, _ in made) >= 100
        counted = [m for m in made if m[2] or whole]
        told = f"{printed(sum(p for p, *_ in counted), 2)}/{sum(top for _, top, _ in counted)}"
        shown = re.search(
            rf">{re.escape(names[code])}<.{{1,200}}?class=.value.>(.*?)<", pages[name], re.S
        )
        RECOUNT.same(name, shown[1], told if counted else "không phát sinh")


def test_a_unit_shows_its_own_counts(pages, portal, called):
    units, province = portal
    for code, unit in (("H44.42", units["H44.42"]), ("25", province)):
        name = f"2026-Q3/units/{code}.html"
        table = recomputed.with_heads(pages[name], "Tử số", "Mẫu số", "Tình trạng")[0]
        shown = {row["Chỉ tiêu"]: [row[h] for h in ("Tử số", "Mẫu số", "Tỷ lệ")] for row in table}
        for indicator, title in called.items():
            part, whole = unit[indicator]
            expected = [printed(part), printed(whole), share(part, whole)]
            RECOUNT.same(name, shown[title], expected)


def test_the_only_one_of_its_kind_has_no_rank(pages):
    text = plain(pages["2026-Q3/units/25.html"])
    assert "So với các tỉnh" not in text.partition("Điểm và thứ hạng")[0]
    assert "Hạng 1" not in text and "đứng vững" not in text
    RECOUNT.sentences["2026-Q3/units/25.html"] += 1


# targets: when each is due, who keeps it, and nothing concluded of what no text confirms


def test_targets_stand_where_their_day_puts_them(pages):
    seen = []
    for name, html in pages.items():
        found = re.fullmatch(r"([\w-]+)/targets-\w+\.html", name)
        told = staged(html) if found else []
        stages = [STAGES.index(row["stage"]) for row in told]
        assert stages == sorted(stages), name
        for row in told:
            if row["Mức chắc chắn"] == "Chưa kiểm chứng":
                expected = STAGES[3]
                assert row["So với mức"] == "không kết luận", (name, row)
                assert "Số đơn vị đạt" not in row and "Thiếu số liệu" not in row, (name, row)
            elif row["Hạn"] == "thường xuyên":
                expected = STAGES[1]
            else:
                day = "-".join(reversed(row["Hạn"].split("/")))
                expected = STAGES[0] if day <= ON[found[1]].isoformat() else STAGES[2]
            RECOUNT.same(name, row["stage"], expected)
            seen.append(expected)
    assert set(seen) == set(STAGES) and len(seen) > 30


def test_who_keeps_the_targets_of_the_portal(pages, portal, root, called):
    """Thresholds of targets.csv against each unit's share; what only the province is asked, too."""
    units, province = portal
    name = "2026-Q3/targets-qd766.html"
    rows = {(row["Chỉ tiêu"], row["Hạn"]): row for row in staged(pages[name])}
    seen = 0
    for target in targets(root, "qd766"):
        due = "/".join(reversed(target["due"].split("-"))) or "thường xuyên"
        row = rows.get((called[target["indicator"]], due))
        if row is None:
            continue
        asked = [province] if "commune" not in target["unit_types"] else list(units.values())
        part, whole, some, none = recomputed.summed(asked, target["indicator"])
        values = [100 * p / w for p, w in (u[target["indicator"]] for u in asked) if w]
        kept = sum(v >= float(target["low"]) for v in values)
        expected = [share(part, whole) if some else "…"]
        expected += [printed(kept), printed(some - kept)] if some else ["…", "…"]
        expected += [printed(len(asked) - some - none)]
        heads = ("Giá trị chung", "Số đơn vị đạt", "Chưa đạt", "Thiếu số liệu")
        RECOUNT.same(name, [row[h] for h in heads], expected)
        seen += 1
    assert seen == len(rows) and seen > 5


def test_nothing_due_is_told_as_nothing_due(pages):
    """Key sentences against the table beneath them, on every page of targets."""
    seen = 0
    for name, html in pages.items():
        rows = staged(html) if "/targets-" in name else []
        seen += bool(rows)
        judged = [r for r in rows if r["stage"] != STAGES[3] and r["Số đơn vị đạt"] != "…"]
        if not judged:
            continue
        text = plain(html)
        due = [r for r in judged if r["stage"] in STAGES[:2]]
        if due:
            most = sum(figure(r["Số đơn vị đạt"]) > figure(r["Chưa đạt"]) for r in due)
            told = f"{most} trong {len(due)} mục tiêu đã đến hạn hoặc phải giữ thường xuyên"
        else:
            told = f"Chưa mục tiêu nào đến hạn trong {len(judged)} mục tiêu có thể kết luận"
            assert not re.search(r"\d+ trong \d+ mục tiêu", text), name
        RECOUNT.says(name, text, told)
        begun = sum("bắt đầu" in r["Mục tiêu"] for r in judged)
        if begun:
            RECOUNT.says(name, text, f"{begun} mục tiêu chỉ đòi bắt đầu làm: giá trị nào trên 0")
    assert seen > 5


FEWEST = re.compile(r"Ít đơn vị đạt nhất: “[^”]*” \([^)]*\), ([\d.]+) trong ([\d.]+) đơn vị")


def test_the_target_that_fewest_keep_is_not_one_that_all_keep(pages):
    seen = 0
    for name, html in pages.items():
        for kept, of in FEWEST.findall(plain(html)):
            assert figure(kept) < figure(of), (name, kept, of)
            RECOUNT.sentences[name] += 1
            seen += 1
        assert not re.search(r"xa nhất là “[^”]*” \([^)]*\): (\d+) trong \1 đơn vị", plain(html))
    assert seen > 10


# circular or empty claims, and promises of figures


def test_that_a_source_has_its_units_is_no_news(pages, root):
    for period in ("2024", "2026-Q3"):
        for page in ("index", "glance", "public_summary"):
            text = plain(pages[f"{period}/{page}.html"])
            assert not re.search(r"(\d+) trong \1 đơn vị có số liệu", text), (period, page)
            assert "cơ quan phải báo cáo" not in text and "100,0 % Trong" not in text
    year = [unit["total"] for unit in recomputed.published(root, "2024").values()]
    name, text = "2024/public_summary.html", plain(pages["2024/public_summary.html"])
    middle = printed(median(year), 2).rstrip("0").rstrip(",")
    RECOUNT.says(name, text, f"Tỉnh ở giữa đạt {middle} trong 100 điểm")
    RECOUNT.says(name, text, f"n = {len(year)} đơn vị được xếp hạng")
    for name in ("2024/glance.html", "2024/index.html"):
        RECOUNT.says(name, plain(pages[name]), f"Nguồn có số liệu của {len(year)} đơn vị.")


def test_published_points_stand_as_they_were_published(pages, root):
    year = recomputed.published(root, "2024")
    groups = [
        "transparency",
        "progress",
        "online_services_and_payment",
        "digitisation",
        "satisfaction",
    ]
    name = "2024/service_quality.html"
    (table,) = recomputed.with_heads(pages[name], "Tổng", "Độ phủ")
    heads = list(table[0])[1:7]
    shown = sorted([row[h] for h in heads] for row in table)
    RECOUNT.same(
        name, shown, sorted([printed(u[g], 2) for g in [*groups, "total"]] for u in year.values())
    )
    RECOUNT.figures[name] += 5 * len(shown)
    for name in ("2024/service_quality.html", "2024/glance.html"):
        spread = recomputed.with_heads(pages[name], "Nội dung", "n", "Trung vị")
        rows = {row["Nội dung"]: row for table in spread for row in table}
        for group, head in zip(groups, heads, strict=False):
            shares = [100 * u[group] / MAXIMA[group] for u in year.values()]
            expected = [len(shares), min(shares), median(shares), max(shares)]
            row = [rows[head][h] for h in ("n", "Thấp nhất", "Trung vị", "Cao nhất")]
            RECOUNT.same(name, row, [printed(expected[0]), *(printed(v, 1) for v in expected[1:])])


MAXIMA = {
    "transparency": 18,
    "progress": 20,
    "online_services_and_payment": 22,
    "digitisation": 22,
    "satisfaction": 18,
}


def test_who_reported_is_who_sent_every_form_that_was_due(pages):
    """One accepted cell is no report: what is missing is counted from the annex of the draft."""
    annex = recomputed.with_heads(pages["2022-Q2/periodic_report.html"], "Biểu", "Tình trạng")
    lacking = {row["Đơn vị"] for table in annex for row in table}
    for name in ("2022-Q2/glance.html", "2022-Q2/index.html"):
        text = plain(pages[name])
        told = re.search(r"(\d+) trong (\d+) đơn vị có mọi biểu phải nộp dùng được, (\d+) ", text)
        RECOUNT.same(name, int(told[1]), int(told[2]) - len(lacking))
        assert 0 < len(lacking) <= int(told[3]) + 93, name
        RECOUNT.sentences[name] += 1


def test_no_page_promises_a_number_of_figures(pages):
    for name, html in pages.items():
        if name.endswith("public_summary.html"):
            facts = html.count("<section class='fact'>")
            assert 0 < facts <= 3 and "ba con số" not in plain(html), name
            RECOUNT.sentences[name] += 1


# denominators, and one notion with two values


def test_facts_for_everybody_follow_from_what_was_sent(pages, portal):
    units, _ = portal
    name = "2026-Q3/public_summary.html"
    text = plain(pages[name])
    for code, sentence in (
        ("dossiers_on_time", "Trong {whole} hồ sơ, có {part} hồ sơ được xử lý đúng hạn"),
        ("dossiers_digitised", "Trong {whole} hồ sơ thuộc diện số hóa, có {part} hồ sơ đã số hóa"),
    ):
        part, whole, some, _ = recomputed.summed(units.values(), code)
        RECOUNT.says(name, text, sentence.format(part=printed(part), whole=printed(whole)))
        RECOUNT.says(name, text, share(part, whole))
        RECOUNT.says(name, text, f"n = {some} trong {len(units)} đơn vị có đủ số liệu")


def test_one_notion_with_two_values_says_why_beside_it(pages):
    """44,9 and 43,5 % online in one period: each place that states one states the other."""
    table = {}
    for page in ("glance", "targets-nq01"):
        for row in national(pages[f"2022-Q2/{page}.html"]):
            table[row["Chỉ tiêu"]] = row
    titles = ["Hồ sơ nộp trực tuyến", "Tỷ lệ hồ sơ nộp trực tuyến mức độ 3, 4"]
    told = [
        "{Tỷ lệ} ({Tử số}/{Mẫu số}, {Đơn vị có số đo} đơn vị)".format(**table[t]) for t in titles
    ]
    assert told[0] != told[1]
    for page in ("glance", "targets-nq01", "public_summary", "periodic_report"):
        name = f"2022-Q2/{page}.html"
        for value in told:
            RECOUNT.says(name, plain(pages[name]), value)
        assert "vì lấy từ hai biểu khác nhau" in plain(pages[name]), name


def test_where_a_province_states_another_value_than_its_units_it_is_said(pages, portal, called):
    units, province = portal
    differing = []
    for code, title in called.items():
        part, whole, some, _ = recomputed.summed(units.values(), code)
        if some and province[code][1] and share(*province[code]) != share(part, whole):
            own, of = share(*province[code]), len(units)
            together = share(part, whole)
            differing.append(f"{title} {own} (tổng của {some} trong {of} đơn vị: {together})")
    assert differing
    for page in ("glance", "targets-qd766", "periodic_report"):
        name = f"2026-Q3/{page}.html"
        RECOUNT.says(name, plain(pages[name]), "; ".join(differing))


def test_cells_accepted_are_told_of_figures_sent_not_of_labels(pages):
    for name in ("2022-Q2/index.html", "2022-Q2/periodic_report.html"):
        text = plain(pages[name])
        sent, labels, accepted, wrong, lost = (
            figure(n)
            for n in re.search(
                r"([\d.]+) ô đã gửi = ([\d.]+) ô tiêu đề, nhãn \+ ([\d.]+) số liệu được chấp nhận"
                r" \+ ([\d.]+) ô có vấn đề; ([\d.]+) ô",
                text,
            ).groups()
        )
        RECOUNT.same(name, sent, labels + accepted + wrong + lost)
        told = f"{printed(accepted)} trong {printed(accepted + wrong)} số liệu được chấp nhận"
        RECOUNT.says(name, text, told)


def test_enough_is_recomputed(request):
    """The floor of what the tests above hold against the files; runs after all of them."""
    collected = {
        item.originalname
        for item in request.session.items
        if getattr(item, "module", None) is MODULE
    }
    if collected < {name for name in vars(MODULE) if name.startswith("test_")}:
        pytest.skip("only some of the tests of this file run")
    assert RECOUNT.figures.total() >= 1250 and RECOUNT.sentences.total() >= 50, str(RECOUNT)
    assert len({*RECOUNT.figures, *RECOUNT.sentences}) >= 20, str(RECOUNT)


MODULE = sys.modules[__name__]
