"""The page on which readers ask: its figures are those of the tables, its arithmetic is Python's to
the last printed digit, its address cannot do harm, and it is complete without its script."""

import json
import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe

from analysis.catalogue.tree import MEANS, Tree
from analysis.language import languages, words
from analysis.period import load
from analysis.render import pdf, report
from analysis.scoring import aggregate, composite, score
from analysis.site import across, across_data, explorer, explorer_data, subjects

needs_browser = pytest.mark.skipif(
    pdf.browser() is None, reason="install Debian's package chromium (or set CHROMIUM=…)"
)
SCRIPT = (report.TEMPLATES / "explore.js").read_text("utf-8")
VIEW = (report.TEMPLATES / "explore_view.js").read_text("utf-8")
HELD = re.compile(r"<script>const held = (.*);$", re.M)
RNG = np.random.default_rng(20260930)


@pytest.fixture(scope="module")
def loaded():
    return load("2026-Q3")


@pytest.fixture(scope="module")
def html(loaded) -> str:
    made = subjects.of(loaded)
    context = report.Context(period=made.code, period_title=made.title, synthetic=True)
    shown = [SimpleNamespace(page=p, output=p.output, status="ok") for p in made.pages]
    (name, page), *more = explorer.pages(loaded, shown, context, made.notes).items()
    assert name == "explore.html" and not more
    return page.decode("utf-8")


@pytest.fixture(scope="module")
def held(html) -> dict:
    """What the page holds for its script."""
    return json.loads(HELD.search(html)[1])


@pytest.fixture(scope="module")
def path(html, tmp_path_factory):
    file = tmp_path_factory.mktemp("site") / "explore.html"
    file.write_text(html, "utf-8")
    return file


def _few(value, of: int, most: int = 40):
    """What is held, of the first units only: a page that opens sooner."""
    if isinstance(value, dict):
        return {key: _few(inside, of, most) for key, inside in value.items()}
    if isinstance(value, list):
        kept = value[:most] if len(value) == of else value
        return [_few(inside, of, most) for inside in kept]
    return value


@pytest.fixture(scope="module")
def shorter(held, tmp_path_factory):
    few = _few(held, len(held["units"]))
    context = report.Context(period="2026-Q3", period_title="Quý III", synthetic=True)
    file = tmp_path_factory.mktemp("short") / "explore.html"
    text = explorer.written(few["units"], few["frameworks"], context, ["Nguồn"], file.name)
    file.write_text(text, "utf-8")
    return file


@pytest.fixture(scope="module")
def page(chromium):
    """The arithmetic alone."""
    found = chromium.new_page()
    found.set_content(f"<script>{SCRIPT}</script>")
    return found


@pytest.fixture
def opened(chromium, shorter):
    """The page from disk, at an address; nothing may be asked for or complained of."""
    pages, heard = [], []

    def at(fragment: str = "", **settings):
        found = chromium.new_page(**{"viewport": {"width": 400, "height": 900}, **settings})
        pages.append(found)
        found.on("console", lambda m: m.type in ("error", "warning") and heard.append(m.text))
        found.on("pageerror", lambda error: heard.append(str(error)))
        found.on("request", lambda r: r.url.startswith("file:") or heard.append(r.url))
        found.on("dialog", lambda d: (heard.append(d.message), d.dismiss()))
        found.goto(shorter.as_uri() + fragment)
        return found

    yield at
    for one in pages:
        one.close()
    assert heard == []


# What it holds


def test_it_holds_what_the_tables_hold_and_nothing_of_who_sent_what(loaded, held, html):
    (one,), tables = held["frameworks"], loaded.tables
    assert set(one) == {
        *("code", "title", "basis", "groups", "group", "periods", "synthetic", "indicators", "tree")
    }
    assert {k for i in one["indicators"] for k in i} == {
        *("code", "name", "percent", "direction", "values", "before", "breaks")
    }
    units = [u[0] for u in held["units"]]
    values = tables.indicator_values.astype({"reporting_unit": object, "indicator": object})
    values = values.set_index(["reporting_unit", "indicator"])
    kept = {c["code"]: dict(zip(units, c["values"], strict=True)) for c in one["indicators"]}
    assert len(values) == sum(map(len, kept.values())) == 3444
    for (unit, code), value in values["obs_value"].items():
        assert (kept[code][unit] is None) == np.isnan(value)
        assert kept[code][unit] is None or kept[code][unit] == value
    scores = tables.scores.astype({"reporting_unit": object, "code": object, "level": object})
    scores = scores.set_index(["level", "code", "reporting_unit"]).sort_index()
    for entry in one["tree"]["entries"][loaded.tree().indicators :]:
        level = {"d": "dimension", "f": "framework"}[entry["id"][0]]
        own = scores.loc[(level, entry["id"][2:])].reindex(units)
        assert entry["scores"] == explorer_data.listed(own["score"])
        assert entry["ranks"] == explorer_data.listed(own["rank"])
    names = tables.submissions["source_file"].dropna().unique()
    assert len(names) and not any(name in html for name in names)
    for told in tables.issues["message_vi"].dropna().unique():
        assert told not in html


def test_where_no_page_shows_the_indicators_of_each_unit_nor_does_this_one(loaded):
    """As in public archives, which have no pages of units."""
    public = [p for p in subjects.of(loaded).pages if p.audience == "public"]
    pages = [p for p in public if p.name != "targets-qd766"]  # it draws every unit's indicators
    assert len(pages) == len(public) - 1
    shown = [SimpleNamespace(page=p, output=p.output, status="ok") for p in pages]
    assert shown and not any(p.unit for p in pages)
    (page,) = explorer.pages(loaded, shown, report.Context(), []).values()
    (one,) = json.loads(HELD.search(page.decode("utf-8"))[1])["frameworks"]
    assert one["indicators"] == one["tree"]["normalised"] == one["tree"]["granted"] == []
    assert [e["id"][0] for e in one["tree"]["entries"]] == ["d"] * 6 + ["f"]
    assert {e["parent"] for e in one["tree"]["entries"]} == {6, -1}


def test_only_frameworks_that_a_page_is_about_are_in_it(loaded):
    def shown(**parameters):
        return SimpleNamespace(page=SimpleNamespace(unit=None, parameters=parameters))

    both = replace(loaded, plan=replace(loaded.plan, frameworks=["qd766", "nq01", "tasks"]))
    assert explorer.about(both, [shown(), shown(framework="tasks")]) == ["qd766", "tasks"]
    assert explorer.about(both, []) == []


def test_more_than_a_page_may_weigh_is_a_page_for_each_framework(loaded, monkeypatch, held):
    made = dict(held["frameworks"][0])
    monkeypatch.setattr(explorer_data, "framework", lambda _, code, __: made | {"code": code})
    monkeypatch.setattr(explorer, "about", lambda *_: ["a", "b"])
    found = explorer.pages(loaded, [], report.Context(), [])
    assert list(found) == ["explore.html", "explore-b.html"]
    assert all(len(page) <= explorer.MOST_BYTES for page in found.values())
    assert b'href="explore-b.html"' in found["explore.html"]


def test_no_name_can_end_the_script_or_a_table(loaded, held):
    hostile = "</script><script>alert(1)</script>\u2028"
    units = [[code, hostile, hostile] for code, _, _ in held["units"][:2]]
    (made,) = json.loads(json.dumps(held["frameworks"]))
    made |= {"title": hostile, "basis": hostile, "groups": [hostile], "group": [0, 0]}
    for one in (*made["indicators"], *made["tree"]["entries"]):
        one["name"] = hostile
        for key in one.keys() & {"values", "scores", "ranks"}:
            one[key] = one[key][:2]
    context = report.Context(period="2026-Q3", period_title=hostile)
    text = explorer.written(units, [made], context, [hostile], "explore.html")
    assert text.count("<script") == 2 and hostile not in text


# Its arithmetic


TREE = """tree => ({scale: null, decimals: 9, unranked: [],
  normalised: tree.x, granted: tree.x.map(() => []), entries: tree.parent.map((parent, i) => ({
  parent, top: 1, mean: tree.means[i - tree.x.length], atLeast: tree.at_least }))})"""


def _tree(means: list[str], at_least: float) -> Tree:
    """Seven indicators in two dimensions, one of which lies in the third, and the whole."""
    parent = np.array([7, 7, 7, 8, 8, 9, 9, 9, 10, 10, -1])
    codes = tuple(f"e{n}" for n in range(11))
    levels = ("indicator",) * 7 + ("dimension",) * 3 + ("framework",)
    ones = np.ones(11)
    return Tree(codes, levels, 7, parent, ones, tuple(means), (at_least,) * 4, False, ones)


@needs_browser
def test_any_mean_any_gap_any_weights_give_pythons_figures(page):
    compared = 0
    for kind in (*MEANS, "mixed"):
        for at_least in (1.0, 0.5):
            means = ["harmonic", "geometric", "power_2", "arithmetic"]
            tree = _tree(means if kind == "mixed" else [kind] * 4, at_least)
            x = RNG.uniform(0, 100, (12, 7)).round(3)
            x[RNG.random(x.shape) < 0.08] = 0
            x[RNG.random(x.shape) < 0.02] = -3
            x[RNG.random(x.shape) < 0.15] = np.nan
            weights = RNG.uniform(0, 1, (15, 11))
            weights[RNG.random(weights.shape) < 0.1] = 0
            expected = aggregate.combine(x, tree, weights)
            given = {"parent": tree.parent.tolist(), "means": tree.means, "at_least": at_least}
            given |= {"x": [explorer_data.listed(column) for column in x.T]}
            found = page.evaluate(
                f"([given, weights]) => {{ const tree = ({TREE})(given); return weights.map(w => "
                "given.x[0].map((_, unit) => combine(rowOf(tree, unit), tree, w)"
                ".map(v => [Number.isNaN(v) ? null : v, printed(v, 2, 'vi')]))) }",
                [given, weights.tolist()],
            )
            cells = [cell for one in found for unit in one for cell in unit]
            figures = np.array([np.nan if f is None else f for f, _ in cells])
            np.testing.assert_allclose(figures, expected.ravel(), rtol=1e-12, atol=1e-12)
            assert [t for _, t in cells[::5]] == [words.number(f, 2) for f in expected.ravel()[::5]]
            compared += len(cells)
    assert compared == 2 * (len(MEANS) + 1) * 15 * 12 * 11


@needs_browser
def test_scores_and_ranks_of_the_period_are_pythons_with_any_weights(loaded, held, page):
    framework, tree = loaded.framework(), loaded.tree()
    (one,) = held["frameworks"]
    units = [u[0] for u in held["units"]]
    values = loaded.ranked().indicator_values
    values = values.astype({"reporting_unit": object, "indicator": object})
    peers = dict(zip(loaded.due["code"], loaded.due["type"], strict=True))
    sets = np.concatenate([tree.weights[None], RNG.uniform(0, 1, (3, len(tree.codes)))])
    sets[-1, RNG.random(len(tree.codes)) < 0.3] = 0
    found = page.evaluate(
        "([one, sets]) => sets.map(weights => one.tree.entries.map((entry, at) => entry.mean && "
        "scored(one, weights, at)).filter(Boolean).map(({ scores, ranks }) => "
        "[scores.map(x => printed(x, 2, 'vi')), ranks.map(x => printed(x, 0, 'vi'))]))",
        [one, sets.tolist()],
    )
    nothing = 0
    for weights, of_entries in zip(sets, found, strict=True):
        scores = aggregate.aggregate(values, framework, replace(tree, weights=weights))
        scores = score.rank(
            scores,
            composite.compared(framework, peers),
            list(composite.not_ranked(framework)),
            composite.decimals(framework),
        ).astype({"reporting_unit": object})
        for entry, own in zip(one["tree"]["entries"][tree.indicators :], of_entries, strict=True):
            level = {"d": "dimension", "f": "framework"}[entry["id"][0]]
            rows = scores[(scores["level"] == level) & (scores["code"] == entry["id"][2:])]
            rows = rows.set_index("reporting_unit").reindex(units)
            assert own[0] == [words.number(v, 2) for v in rows["score"]]
            assert own[1] == [words.number(v) for v in rows["rank"]]
            nothing += int(((rows["measured"] == 0) & rows["score"].notna()).sum())
    assert nothing, "units with nothing measured were among them"


@needs_browser
def test_places_and_printed_figures_are_pythons(page):
    scores = np.concatenate([RNG.uniform(0, 100, 200), RNG.integers(0, 200, 200) / 8, [np.nan]])
    for decimals in (0, 2, 9):
        found = page.evaluate(
            "([s, d]) => places(s.map(x => x ?? NaN), d).map(x => Number.isNaN(x) ? null : x)",
            [explorer_data.listed(scores), decimals],
        )
        assert found == explorer_data.listed(score.places(scores, decimals=decimals))
    values = [0.125, 0.375, 2.675, 0.5, 1.5, 2.5, -0.125, -0.001, 1234567.125, 0, 1e-9, 45.125]
    values += [*RNG.uniform(-1e5, 1e5, 300), *(RNG.integers(-4000, 4000, 300) / 16)]
    for lang in languages.LANGUAGES:
        with languages.using(lang):
            for decimals in range(4):
                assert page.evaluate(
                    "([v, d, lang]) => v.map(x => printed(x, d, lang))", [values, decimals, lang]
                ) == [words.number(v, decimals) for v in values]


@needs_browser
def test_the_share_of_the_space_of_weights_is_that_of_its_draws_and_of_the_truth(page):
    """Two units, two indicators, flat: A is above B where w > 0.3, that is in 70 % of [0, 1]."""
    tree = {"parent": [2, 2, -1], "means": ["arithmetic"], "at_least": 1}
    tree |= {"x": [[17, 10], [10, 13]]}
    found, same, draws = page.evaluate(
        f"given => {{ const tree = ({TREE})(given), draws = drawn(3); const [a, b] = [0, 1]"
        ".map(unit => over(tree, unit, draws, 2)); return [above(a, b), drawn(3)[1999][1] === "
        "draws[1999][1], draws] }",
        tree,
    )
    weights = np.array(draws)
    x = np.array([[17.0, 10.0], [10.0, 13.0]])
    flat = Tree(tuple("abc"), ("indicator",) * 2 + ("framework",), 2, np.array([2, 2, -1]),
                np.ones(3), ("arithmetic",), (1.0,), False, np.ones(3))  # fmt: skip
    scores = aggregate.combine(x, flat, weights)[..., 2]
    assert same and weights.shape == (2000, 3)
    assert found["share"] == (scores[:, 0] > scores[:, 1]).mean()
    assert found["low"] < 0.7 < found["high"] and found["high"] - found["low"] < 0.05
    ends = page.evaluate("[above([1, 1], [0, 0]), above([0, 0], [0, 0])]")
    assert [e["share"] for e in ends] == [1, 0] and ends[0]["low"] < 1 and ends[1]["high"] > 0


# What a reader does


def _text(page, selector: str) -> list[str]:
    return page.locator(selector).all_inner_texts()


@needs_browser
def test_a_view_is_in_the_address_and_comes_back_from_it(opened):
    page = opened()
    page.select_option("#unit", "H44.130")
    page.click("#add")
    page.check("[name=view][value=distribution]")
    slider = page.locator("#sliders input").first
    slider.focus()
    slider.press("End")
    assert slider.get_attribute("aria-valuetext").endswith("%")
    page.wait_for_url(re.compile("w="))
    assert page.title().startswith("[không chính thức]")
    shown = [_text(page, s) for s in ("#chosen", "#result", "#pairs", "#drawing")]
    again = opened(page.evaluate("location.hash"))
    assert [_text(again, s) for s in ("#chosen", "#result", "#pairs", "#drawing")] == shown
    assert again.is_hidden("#wrong") and "không chính thức" in shown[1][0]
    again.click("#reset")
    again.wait_for_url(re.compile("^[^&]*(&[^w][^&]*)*$"))
    cells = [re.findall(r"[\d,]+(?= \()", row) for row in _text(again, "#result tbody tr")]
    assert len(cells) == 3 and all(own == yours for own, yours in cells)


@needs_browser
@pytest.mark.parametrize(
    "fragment",
    [
        "#f=<img src=x onerror=alert(1)>",
        "#u=H44.42,<script>alert(1)</script>",
        "#u=H44.42,H44.42",
        "#i=v.nothing",
        "#v=__proto__",
        "#w=d.progress:101",
        "#w=d.progress:1e9",
        "#w=f.qd766:5",
        "#x=1",
        "#f=qd766&f=qd766",
        "#u=%E0%A4%A",
    ],
)
def test_an_address_that_was_tampered_with_shows_the_default_view_and_says_so(page, held, fragment):
    assert page.evaluate("([hash, known]) => read(hash, known)", [fragment, held]) is None


@needs_browser
def test_a_refused_address_is_told_and_an_anchor_is_none(opened):
    page = opened("#u=<img src=x onerror=alert(1)>&w=1")
    usual = page.evaluate("opening(held).units.map(unit => held.units[unit][1])")
    chosen = "#chosen span:nth-child(2)"
    assert page.is_visible("#wrong") and _text(page, chosen) == usual
    assert page.locator("main img").count() == 0
    page.evaluate("location.hash = 'weights'")
    assert _text(page, chosen) == usual
    page.evaluate("location.hash = 'u=H44.130'")
    page.locator("#chosen li").nth(1).wait_for(state="detached")
    assert page.is_hidden("#wrong")


@needs_browser
def test_axe_finds_nothing_and_text_is_large_enough_on_a_phone(opened):
    colours = {"runOnly": ["color-contrast"], "resultTypes": ["violations"]}
    for fragment, scheme, rules in (
        ("#v=distribution&w=d.progress:80", "light", {"resultTypes": ["violations"]}),
        ("", "dark", colours),
    ):
        page = opened(fragment, color_scheme=scheme)
        page.evaluate("document.querySelector('#figures ~ details').remove()")  # hundreds of rows
        found = Axe().run(page, options=rules).response["violations"]
        assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 400
        sizes = page.evaluate(
            "[...document.querySelectorAll('#drawing text')].map(t => parseFloat("
            "getComputedStyle(t).fontSize) * t.ownerSVGElement.getScreenCTM().a)"
        )
        assert sizes and min(sizes) >= 12


@needs_browser
def test_without_script_it_is_a_table_of_the_same_figures(opened, chromium, path, held):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(path.as_uri())
    assert page.locator("button:visible, input:visible, select:visible").count() == 0
    rows = page.locator("table.data:visible tbody tr")
    assert rows.count() == len(held["units"])
    cells = rows.filter(has_text="Sở Nội vụ").first.locator("td").all_inner_texts()
    context.close()
    (at,) = [n for n, u in enumerate(held["units"]) if u[1] == "Sở Nội vụ"]
    (one,) = held["frameworks"]
    values = [i["values"][at] for i in one["indicators"]]
    expected = [words.percent(np.nan if v is None else v) for v in values]
    assert cells[-len(values) :] == expected


@needs_browser
def test_over_all_periods_lines_break_and_marks_and_numbers_of_units_are_told(chromium, tmp_path):
    """The page beside the home: the same script, fed with series of units that come and go."""
    rows = {"A": [1.0, 2.0, None, 4.0], "B": [2.0, None, 3.0, 5.0], "C": [3.0, 3.0, 3.0, None]}
    known, ids = ["2020", "2021", "2022", "2023"], ("A", "B", "C")
    units = {u: across_data.Unit(f"Tỉnh {u}", "", "Tỉnh", gone=False) for u in ids}
    units["C"] = across_data.Unit("Tỉnh C", "", "Tỉnh, đến kỳ 2022", gone=True)
    about = {"code": "x", "name": "Tỷ lệ", "percent": True, "direction": 1}
    measure = across_data.Measure("v.x", about, rows, frozenset({"2023"}))
    made = dict(zip(known, [False, False, False, True], strict=True))
    one = across_data.Series("f", ("", "A"), "Khung", "Luật", made, units, {"v.x": measure})
    (data,) = across.pages([one], report.Context()).values()
    (file := tmp_path / "explore.html").write_bytes(data)
    page = chromium.new_page(viewport={"width": 400, "height": 900})
    page.goto(file.as_uri())
    assert page.is_checked("[value=series]") and page.is_hidden("#own")
    page.goto(file.as_uri() + "#f=f&u=A,C&i=v.x&v=series")
    page.reload()
    assert page.is_hidden("#wrong")
    assert "Tỉnh A 4,0 % (2/2); Tỉnh C 3,0 % (2022)" in _text(page, "figcaption")[0]
    assert page.locator("#drawing line[stroke-width='2.5']").count() == 1 + 2
    told = [t for t in page.locator("#drawing text").all_text_contents() if t[:1] in "2n"]
    assert {"2020", "2023*", "n = 2", "n = 1"} <= set(told) and "2022*" not in told
    page.click("#drawing summary")
    cells = [row.split("\t") for row in _text(page, "#drawing tbody tr")]
    assert cells == [
        ["2020", "1,0 %", "3,0 %", "2", "–"],
        ["2021", "2,0 %", "3,0 %", "1", "1"],
        ["2022", "…", "3,0 %", "1", "0"],
        ["2023*", "4,0 %", "…", "2", "1"],
    ]
    page.goto(file.as_uri() + "#f=f&u=A,C&i=v.x&v=series&w=v.x:5")
    page.reload()
    assert page.is_visible("#wrong") and "Tỉnh C" not in _text(page, "#chosen")[0]
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found] == []
    page.close()


def test_the_scripts_are_small_plain_and_make_no_html():
    for script in (SCRIPT, VIEW):
        assert max(map(len, script.splitlines())) <= 100
        assert not re.search(r"</|<!--|innerHTML|outerHTML|insertAdjacent|eval\(|fetch\(", script)
    assert len((SCRIPT + VIEW).splitlines()) <= 800
