"""What pictures and sentences of built pages say is held against the pages' own figures, and
against what is declared of periods and indicators. Each kind of untruth is shown to be noticed."""

import re
from collections.abc import Iterator

import numpy as np
import pytest
import yaml
from reading import crooked, drawings, figures, value, words

from analysis.catalogue import catalogue, periods
from analysis.language.languages import choose
from analysis.period import load
from analysis.project import PROJECT

UP_DOWN = re.compile(r"(?:tăng|giảm) từ (\S+) (?:lên|xuống) (\S+?), từ (\S+) đến (\S+)")
HIGH_LOW = re.compile(r"^.+? cao nhất, (?P<most>[\d.,]+)(?: %)?; .+? thấp nhất, (?P<least>[\d.,]+)")
MOST = re.compile(r"^Nhiều nhất: .+, ([\d.]+) trong ([\d.]+) \((\d+) %\)")
CUT = re.compile(r"(?:thấp|cao) điểm nhất|điểm cao nhất|^(?:Mười|Hai mươi)")


@pytest.fixture(scope="module")
def pages(built_sites, built_root):
    """Vietnamese pages of the built sites, by address."""
    found = {}
    for path in sorted((built_root / "reports").rglob("*.html")):
        name = path.relative_to(built_root / "reports").as_posix()
        if not name.startswith(("templates/", "en/")):
            found[name] = path.read_text("utf-8")
    return found


def faults(check, pages) -> list[tuple]:
    return [(name, fault) for name, html in pages.items() for fault in check(html)]


def off_ticks(html: str) -> list:
    return [ticks for drawing in drawings(html) for ticks in crooked(drawing)]


def told_wrong(html: str) -> Iterator[str]:
    """Captions of highest and lowest, or of the most frequent, that their data do not bear out."""
    for caption, what, rows in figures(html):
        held = {row[0]: value(row[1]) for row in rows[1:] if len(row) > 1}
        if found := HIGH_LOW.match(caption):
            ends = value(found["most"]), value(found["least"])
            values = np.array([*held.values()])
            one_unit = len(rows[0]) == 2
            if CUT.search(what) or len(directions_of(held)) > 1:
                yield caption
            elif one_unit and ends != (np.nanmax(values), np.nanmin(values)):
                yield caption
        if found := MOST.match(caption):
            n, of, share = map(value, found.groups())
            if n != max(held.values()) or of < n or round(100 * n / of) != share:
                yield caption


def directions_of(names) -> set[int]:
    return {_DIRECTION[name] for name in names if name in _DIRECTION}


_DIRECTION = {
    choose(indicator["name"]): indicator["direction"]
    for framework in catalogue.load().frameworks.values()
    for indicator in framework["indicators"].values()
}


def untrue_trends(html: str) -> Iterator[str]:
    """Rises and falls of a median over sets that change, or over a break that period.yml declares,
    or other than the data of the picture."""
    for caption, _, rows in figures(html):
        if not (found := UP_DOWN.search(caption)):
            continue
        first, last, start, end = found[1], found[2], found[3], found[4]
        table = {row[0]: row for row in rows[1:]}
        between = [t for t in table if start <= t <= end]
        heads = rows[0]
        column = heads.index("Trung vị của n") if "Trung vị của n" in heads else 1
        if (table[start][column], table[end][column]) != (first, last):
            yield f"{caption}: {table[start][column]}, {table[end][column]}"
        if "Trung vị của n" in heads and len({table[t][heads.index("n")] for t in between}) > 1:
            yield f"{caption}: n"
        if any(_breaks(*pair) for pair in zip(between, between[1:], strict=False)):
            yield f"{caption}: break"


def _breaks(one: str, other: str) -> bool:
    files = [PROJECT / "data/submissions" / code / "period.yml" for code in (one, other)]
    before, now = [yaml.safe_load(file.read_text("utf-8")) for file in files]
    part = [plan.get("covered_from") is not None for plan in (before, now)]
    other_units = before.get("coverage_note") != now.get("coverage_note")
    return part[0] != part[1] or other_units or periods.parse(other).previous.code != one


def counts_stand(html: str) -> Iterator[str]:
    """Pictures over periods without n under each of them."""
    for drawing in drawings(html):
        said = [" ".join("".join(t.itertext()).split()) for t in drawing.iter() if _is_text(t)]
        if "Trung vị" not in (drawing.get("aria-label") or "").split(".")[0]:
            continue
        codes = [t for t in said if re.fullmatch(r"\d{4}(?:-Q\d)?", t)]
        if len(codes) > 1 and sum(bool(re.fullmatch(r"n ?= ?\d+", t)) for t in said) < len(codes):
            yield drawing.get("aria-label")


def _is_text(element) -> bool:
    return element.tag.rpartition("}")[2] == "text"


def contradicted(html: str) -> list[str]:
    """Pages that know of no period before and yet tell a change."""
    text = words(html)
    none = re.search(r"[Cc]hưa có kỳ (?:liền )?trước", text)
    moved = [c for c, _, _ in figures(html) if UP_DOWN.search(c)]
    return moved if none else []


def overclaimed(html: str) -> list[str]:
    """Pairs said to be told apart whatever is done, which were so in 95 of 100 replicates."""
    return re.findall(r"[^.>]*số cặp[^.<]*phân biệt được(?: dù[^.<]*|</strong>)", html)


def misprinted(html: str) -> list[str]:
    """A hyphen for a minus, a nought below zero, a percentage without its space, in drawings,
    captions and figures of tables."""
    said = [words(text) for text in re.findall(r"<text\b.*?</text>", html, re.S)]
    said += [words(c) for c in re.findall(r"<td class=['\"]num['\"]>(.*?)</td>", html, re.S)]
    said += [caption for caption, _, _ in figures(html)]
    wrong = re.compile(r"(?<![\w.,/–-])-\d|[−-]0(?:,0+)?(?![\d,])|\d%")
    return [text for text in said if wrong.search(text)]


CHECKS = [off_ticks, told_wrong, untrue_trends, counts_stand, contradicted, overclaimed, misprinted]


@pytest.mark.parametrize("check", CHECKS)
def test_pages_hold(check, pages):
    assert faults(check, pages) == []


def test_there_is_something_to_hold(pages):
    """The checks would be as green if nothing were found."""
    every = [figure for html in pages.values() for figure in figures(html)]
    assert len(every) > 60 and sum(len(rows) > 1 for *_, rows in every) > 60
    for known in (HIGH_LOW, MOST, UP_DOWN):
        assert any(known.search(caption) for caption, *_ in every), known.pattern
    assert "n = 34" in pages["2024/over_time.html"]


def test_a_unit_is_better_only_than_those_that_are_worse(pages):
    """Of equal ones nobody is better than half of the others."""
    period = load("2024")
    values, own = period.ranked().indicator_values, "46"
    wide = values.pivot(index="indicator", columns="reporting_unit", values="normalised")
    worse = wide.round(9).lt(wide[own].round(9), axis=0).sum(axis=1)
    table = period.framework()["indicators"]
    shown = re.sub(r"</?a\b[^>]*>", "", pages["2024/units/46.html"])
    for code, of in wide.drop(columns=own).notna().sum(axis=1).items():
        name = re.escape(choose(table[code]["name"]))
        rows = re.findall(rf"<t[dh][^>]*>{name}</t[dh]>((?:<td[^>]*>[^<]*</td>)+)", shown)
        told = [[words(c) for c in re.findall(r"<td[^>]*>([^<]*)</td>", row)] for row in rows]
        assert any(f"{100 * worse[code] / of:.0f} %" in cells for cells in told), (name, told)


def figure(caption: str, *rows: tuple, what: str = "T", drawing: str = "") -> str:
    held = "".join(f"<tr>{''.join(f'<td>{c}</td>' for c in row)}</tr>" for row in rows)
    return (
        f"<figure class='chart'><figcaption><strong>{caption}</strong><br><span>{what}</span>"
        f"</figcaption>{drawing}<details><table>{held}</table></details></figure>"
    )


def ticks(*said: str) -> str:
    drawn = (
        f"<text x='10' y='{90 - 20 * i}' style='fill:var(--c-soft)'>{t}</text>"
        for i, t in enumerate(said)
    )
    return f"<svg viewBox='0 0 99 99'>{''.join(drawn)}</svg>"


HEADS = ("Kỳ", "Trung vị của n", "n")
ROSE = "Trung vị của 9 đơn vị có điểm ở mọi kỳ tăng từ 50,0 lên 70,0, từ {} đến {}"
OVERDUE, ON_TIME = "Hồ sơ đang giải quyết quá hạn", "Hồ sơ giải quyết trước hạn, đúng hạn"
BROKEN = [
    (off_ticks, ticks("80", "82", "85", "88", "90")),
    (off_ticks, ticks("0,5", "0,8", "1,0")),
    (told_wrong, figure(f"{ON_TIME} cao nhất, 97; {OVERDUE} thấp nhất, 5", ("Tên", "%"),
                        (ON_TIME, "97"), (OVERDUE, "5"))),
    (told_wrong, figure("A cao nhất, 9; B thấp nhất, 5", ("Tên", "điểm"), ("A", "9"), ("B", "5"),
                        what="Mười lăm đơn vị thấp điểm nhất")),
    (told_wrong, figure("A cao nhất, 9; B thấp nhất, 6", ("Tên", "điểm"), ("A", "9"), ("B", "5"))),
    (told_wrong, figure("Nhiều nhất: A, 3 trong 4 (60 %)", ("Tên", "tệp"), ("A", "3"), ("B", "1"))),
    (untrue_trends, figure(ROSE.format("2023", "2024"), HEADS, ("2023", "50,0", "93"),
                           ("2024", "70,0", "77"))),
    (untrue_trends, figure(ROSE.format("2022", "2023"), HEADS, ("2022", "50,0", "9"),
                           ("2023", "70,0", "9"))),
    (untrue_trends, figure(ROSE.format("2022-Q2", "2025-Q3"), HEADS, ("2022-Q2", "50,0", "9"),
                           ("2025-Q3", "70,0", "9"))),
    (counts_stand, "<svg aria-label='Trung vị tăng. T.' viewBox='0 0 9 9'><text>2023</text>"
                   "<text>2024</text></svg>"),
    (contradicted, "<p>Chưa có kỳ liền trước cùng khung.</p>" + figure(
        ROSE.format("2023", "2024"), HEADS)),
    (overclaimed, "<p>75 % số cặp đơn vị phân biệt được dù chọn cách tính nào.</p>"),
    (overclaimed, "<strong>75 % số cặp phân biệt được</strong>"),
    (misprinted, "<td class='num'>-3,2</td>"),
    (misprinted, "<svg><text x='1'>−0,0</text></svg>"),
    (misprinted, figure("Tăng 95%")),
]  # fmt: skip


@pytest.mark.parametrize(("check", "page"), BROKEN)
def test_each_kind_of_untruth_is_noticed(check, page):
    assert [*check(page)]


TRUE = [
    (off_ticks, ticks("80,0", "82,5", "85,0", "87,5", "90,0")),
    (told_wrong, figure("A cao nhất, 9; B thấp nhất, 5", ("Tên", "điểm"), ("A", "9"), ("B", "5"))),
    (untrue_trends, figure(ROSE.format("2023", "2024"), HEADS, ("2023", "50,0", "9"),
                           ("2024", "70,0", "9"))),
    (misprinted, "<td class='num'>−3,2</td><td class='num'>2022-Q2</td><td class='num'>95 %</td>"),
]  # fmt: skip


@pytest.mark.parametrize(("check", "page"), TRUE)
def test_what_is_true_passes(check, page):
    assert [*check(page)] == []
