"""What cells show is readable wherever it is shown: it brings its colours, and takes the place's
side in light and dark; a page of ours carries none of that twice."""

import re
from datetime import date
from xml.etree import ElementTree as ET

import labs
import nbformat
import pandas as pd
import pytest
from IPython.core.formatters import DisplayFormatter
from nbformat.v4 import new_code_cell, new_notebook, new_output
from playwright.sync_api import sync_playwright
from test_unit_charts import DRAWN

from analysis import project
from analysis.catalogue import catalogue, plans
from analysis.display import narrative, palette, theme
from analysis.display.charts import tile_map
from analysis.display.table import show
from analysis.render import exports, html_page, pdf, report
from analysis.topics import provinces

PAINTED = ("fill", "stroke", "color", "background", "background-color", "stop-color")
OWN = {f"var(--c-{name},{colour})" for name, colour in palette.LIGHT.items()}


def on_tiles() -> pd.DataFrame:
    """Values of some provinces, where others have none (hatched)."""
    values = {"code": "f", "reporting_unit": ["01", "22", "96"], "value": [1.0, 50.0, 99.0]}
    tiles = catalogue.load().tiles_on(date(2025, 7, 1))
    return provinces.on_tiles(pd.DataFrame(values), tiles)


EVERY = {
    **DRAWN,
    "tile_map": lambda: tile_map.tile_map(on_tiles(), title="T", unit="điểm", source="S."),
    "tile_maps": lambda: tile_map.tile_maps(
        on_tiles().assign(panel="P"), title="T", unit="%", source="S."
    ),
}


def declared(style: str) -> list[tuple[str, str]]:
    return [tuple(line.split(":", 1)) for line in style.split(";") if ":" in line]


def strange(html: str) -> list[str]:
    """Colours of a drawing that are not there where no page defines them."""
    root = ET.fromstring(re.search("<svg.*?</svg>", html, re.S)[0])
    sheet = "".join(e.text for e in root.iter("style"))
    rules = [inner for _, inner in re.findall(r"([^{}]+)\{([^{}]*)\}", sheet)]
    found = [
        f"{name}:{value}"
        for style in [*rules, *(e.get("style", "") for e in root.iter())]
        for name, value in declared(style)
        if name in PAINTED
        and value not in OWN | {"none"}
        and not re.fullmatch(r"url\(#.+\)", value)
    ]
    found += [m for m in re.findall(r"var\([^)]*\)", html) if m not in OWN]
    found += [
        f"{e.tag} {name}={e.get(name)}"
        for e in root.iter()
        for name in PAINTED
        if e.get(name) not in (None, "none")
    ]
    return found


@pytest.mark.parametrize("name", EVERY)
def test_a_drawing_names_no_colour_that_only_a_page_knows(name):
    html = EVERY[name]().html
    assert strange(html) == []
    root = ET.fromstring(re.search("<svg.*?</svg>", html, re.S)[0])
    own = dict(declared(root.get("style")))
    assert own["fill"] in OWN and own["background"] in OWN, "ink of text, and ground"
    assert "sans-serif" in own["font-family"] and own["max-width"].endswith("rem")


def test_a_colour_without_its_light_one_would_be_noticed():
    for bad in ("fill:var(--c-ink)", "fill:var(--c-ink,#c0a-1)", "fill:black", "stroke:#123456"):
        assert strange(f"<svg><style>.a{{{bad}}}</style></svg>"), bad
        assert strange(f'<svg><path style="{bad}"/></svg>'), bad
    assert strange('<svg><rect fill="#123456"/></svg>')


def page(*shown: str) -> str:
    outputs = [new_output("display_data", data={"text/html": html}) for html in shown]
    book = nbformat.from_dict(new_notebook(cells=[new_code_cell("x", outputs=outputs)]))
    return html_page.html(book, "T", report.Context())


def displayed(shown) -> str:
    return DisplayFormatter().format(shown)[0]["text/html"]


@pytest.mark.parametrize("name", ["bars", "tile_map"])
def test_a_page_is_given_what_its_style_sheet_does_not_say(name):
    drawn = EVERY[name]()
    html = page(displayed(drawn))
    assert "class='reform'" not in html and theme.DRAWING not in html
    assert re.findall(r"var\(--c-[\w-]+,", html) == []
    assert theme.bare(displayed(drawn)) == theme.bare(drawn.html)
    assert len(theme.bare(drawn.html)) < len(drawn.html) < len(displayed(drawn))
    assert html == page(drawn.html), "a notebook may also hold the HTML alone"


def test_words_that_look_like_ours_stay():
    told = "<p>&lt;div class='reform'&gt; var(--c-ink) style=\"x\"</p></div>"
    assert theme.bare(theme.dressed(told)) == told == theme.bare(told)


def test_exports_hold_no_rules_of_style(tmp_path):
    shown = new_output(
        "display_data", data={"text/html": displayed(narrative.paragraphs("Căn cứ"))}
    )
    book = new_notebook(cells=[new_code_cell("x", outputs=[shown])])
    style = {"document": catalogue.load().parameters["document"]}

    def lay(name: str, data: bytes) -> str:
        (tmp_path / name).write_bytes(data)
        return name

    exports.write(("docx",), book, "p", "T", report.Context(**style), lay)
    import pypandoc

    assert pypandoc.convert_file(str(tmp_path / "p.docx"), "plain").strip() == "Căn cứ"


def test_every_class_with_a_colour_has_it_outside_pages_too():
    sheet = (report.TEMPLATES / "style.css").read_text("utf-8")
    coloured = {
        name
        for heads, inner in re.findall(r"([^{}]+)\{([^{}]*)\}", sheet)
        if "var(--c-" in inner
        for name in re.findall(r"\.([a-z][\w-]*)", heads)
    }
    rooms = (project.PROJECT / "src/analysis" / room for room in ("display", "topics"))
    code = [path.read_text("utf-8") for room in rooms for path in room.rglob("*.py")]
    given = {c for text in code for found in re.findall(r"class='([^']+)'", text)
             for c in found.split()}  # fmt: skip
    told = set(re.findall(r"\.([a-z][\w-]*)", theme.dressed("x")))
    assert given & coloured - {"behind", "tip"} <= told and "note" in given & coloured
    assert re.findall(r"var\(--c-[\w-]+\)", theme.dressed("x")) == []


def test_whatever_is_shown_is_dressed():
    found = {
        p.name
        for p in (project.PROJECT / "src/analysis").rglob("*.py")
        if re.search(r'(?<![\w.])HTML\((?!""\))', p.read_text("utf-8"))
    }
    assert found == {"explore.py"}, "a page in a frame of its own"


# In a browser

VS_CODE = """table, thead, tr, th, td, tbody { border: none !important; border-spacing: 0 }
table, th, tr { text-align: left !important }
tr:nth-child(even) { background-color: rgba(130, 130, 130, 0.08) } a { color: pink }"""
LAB = """.lab td, .lab th, .lab tr { text-align: right; vertical-align: middle }
.lab table { table-layout: fixed } .lab tbody tr:nth-child(odd) { background: black }
.lab tbody tr:hover { background: yellow } .lab p, .lab h1, .lab td { color: grey }"""
PLACES = {
    "nothing known": ("", "", "light"),
    "nothing known, on black": ("style='background:black;color:white'", "", "light"),
    "JupyterLab": ("class='lab' data-jp-theme-light='true'", LAB, "light"),
    "JupyterLab, dark": ("class='lab' data-jp-theme-light='false'", LAB, "dark"),
    "VS Code": ("class='vscode-light' data-vscode-theme-kind='vscode-light'", VS_CODE, "light"),
    "VS Code, dark": ("class='vscode-dark' data-vscode-theme-kind='vscode-dark'", VS_CODE, "dark"),
    "VS Code, class alone": ("class='vscode-dark'", VS_CODE, "dark"),
    "VS Code, contrast": ("class='vscode-high-contrast'", VS_CODE, "dark"),
    "VS Code, light contrast": (
        "class='vscode-high-contrast vscode-high-contrast-light'"
        " data-vscode-theme-kind='vscode-high-contrast-light'",
        VS_CODE,
        "light",
    ),
}
LOOKS = """() => [...document.querySelectorAll('table.data :is(td, th)')].map(cell => {
  const style = getComputedStyle(cell);
  return [cell.className, style.textAlign, style.borderBottomWidth];
})"""


@pytest.fixture(scope="module")
def shown() -> str:
    table = pd.DataFrame({"name": ["Hà Nội", "Huế"], "score": [1.5, 2.5]})
    pieces = [
        narrative.heading("Tên", "Câu chính"),
        narrative.cards([("Nhãn", "12", "chi tiết")]),
        narrative.links("Cùng loại", [("a.html", "Trang a")]),
        narrative.caveats(plans.plan("2022-Q2", catalogue.load())),
        show(table, {"name": "Đơn vị", "score": "Điểm"}, {"score": "points"}),
        *(EVERY[name]() for name in ("bars", "profile", "tile_map", "quadrants", "attendance")),
    ]
    return "".join(f"<div>{displayed(piece)}</div>" for piece in pieces)


@pytest.fixture(scope="module")
def tab():
    if pdf.browser() is None:
        pytest.skip("install Debian's package chromium (or set CHROMIUM=…)")
    with sync_playwright() as playwright, labs.browser(playwright) as browser:
        yield browser.new_page(viewport=labs.VIEW)


@pytest.mark.parametrize("place", PLACES)
def test_what_is_shown_takes_the_side_of_its_place(tab, shown, place):
    body, rules, side = PLACES[place]
    tab.set_content(f"<!doctype html><style>{rules}</style><body {body}>{shown}</body>")
    seen = labs.drawings(tab, "body")
    assert len(seen) == 5 and [s.faults(labs.COLOURS[side]) for s in seen] == [[]] * 5
    texts = labs.words(tab, "body")
    assert len(texts) > 15 and [t for t in texts if t[0] < 4.5] == []
    for kind, align, line in tab.evaluate(LOOKS):
        assert (align, line) == ("right" if kind == "num" else "left", "1px")


@pytest.mark.parametrize("body", ["", "style='background:black;color:white'"])
def test_where_sheets_of_style_are_taken_away_it_is_dark_on_light(tab, shown, body):
    left = re.sub("<style>.*?</style>", "", shown, flags=re.S)
    tab.set_content(f"<!doctype html><body {body}>{left}</body>")
    seen = labs.drawings(tab, "body")
    assert len(seen) == 5 and [s.faults(palette.LIGHT) for s in seen] == [[]] * 5
    assert [t for t in labs.words(tab, "body") if t[0] < 4.5] == []
