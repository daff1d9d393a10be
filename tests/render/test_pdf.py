"""Printing: without a browser it says so; with one a page is a tagged A4 document."""

import re
import sys
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from analysis.batch import incremental
from analysis.batch.pages import Batch, Page
from analysis.display import palette
from analysis.render import exports, pdf, report
from analysis.site import planning

needs_browser = pytest.mark.skipif(
    pdf.browser() is None, reason="install Debian's package chromium (or set CHROMIUM=…)"
)


def test_without_a_browser_it_says_what_to_install(monkeypatch):
    monkeypatch.setenv(pdf.VARIABLE, "/nowhere/chromium")
    with pytest.raises(pdf.PrintError, match="package chromium.*CHROMIUM="):
        pdf.printed("<p>")


def test_a_browser_that_prints_nothing_is_reported(monkeypatch):
    monkeypatch.setenv(pdf.VARIABLE, sys.executable)
    with pytest.raises(pdf.PrintError, match="did not print"):
        pdf.printed("<p>")


def test_a_run_that_cannot_print_says_so_before_it_reads_anything(monkeypatch):
    monkeypatch.setenv(pdf.VARIABLE, "/nowhere/chromium")
    with pytest.raises(planning.PlanError, match="package chromium"):
        planning.plan(None, with_pdf=True)


def printed(page: Page, shared: Batch, *how) -> bool:
    return "pdf" in planning.printed(page, shared, *how).also


def test_national_pages_are_printed_and_units_only_if_named(tmp_path):
    shared = Batch(tmp_path, tmp_path, report.Context())
    national = Page("a", Path("n"), Path("a.html"), "A", also=("xlsx",))
    unit = replace(national, output=Path("units/01.html"), unit="01")
    assert printed(national, shared, True, False) and not printed(unit, shared, True, False)
    assert printed(unit, shared, True, True) and not printed(national, shared, False, True)


def test_what_was_printed_before_is_printed_again_where_there_is_a_browser(tmp_path, monkeypatch):
    shared = Batch(tmp_path, tmp_path, report.Context())
    page = Page("a", Path("n"), Path("a.html"), "A")
    monkeypatch.setenv(pdf.VARIABLE, sys.executable)
    assert not printed(page, shared, None, False)
    (tmp_path / "a.pdf").touch()
    assert not printed(page, shared, None, False), "one of somebody else"
    written = {"a.html": "0" * 64, "a.pdf": "0" * 64}
    incremental.Record("ok", "", {}, [], written, [], 1.0, 1.0).save(shared.record(page))
    assert printed(page, shared, None, False) and not printed(page, shared, False, False)
    monkeypatch.setenv(pdf.VARIABLE, "/nowhere/chromium")
    assert not printed(page, shared, None, False), "a PDF of earlier figures would be left"


def test_a_page_that_cannot_be_printed_loses_nothing_else(monkeypatch):
    monkeypatch.setenv(pdf.VARIABLE, sys.executable)
    shown = new_output("display_data", data={"image/png": "AA=="})
    book = nbformat.from_dict(new_notebook(cells=[new_code_cell("x", outputs=[shown])]))
    kinds = ("pdf", "png")
    made, message = exports.written(kinds, book, "p", "T", report.Context(), lambda name, _: name)
    assert [file["href"] for file in made] == ["p-1.png"] and "did not print" in message


@pytest.mark.parametrize("text", ["'};x{", "</style>", '"', "\\", "a\nb", "Ấp 2"])
def test_no_text_can_end_a_string_of_a_style_sheet(text):
    made = palette.css_string(text)
    assert not re.search(r"[^\w\\ ]", made[1:-1]) and made[0] == made[-1] == "'"
    back = re.sub(r"\\([0-9a-f]+) ", lambda m: chr(int(m[1], 16)), made[1:-1])
    assert back == text


@needs_browser
def test_a_page_is_a_tagged_document_of_a4_pages_with_the_same_bytes_each_time():
    html = "<!DOCTYPE html><html lang='vi'><title>Thử</title><style>@page{size:A4}</style><p>Đỗ ữ"
    once, again = (pdf.printed(html, "20220615000000") for _ in range(2))
    assert once == again and once.startswith(b"%PDF-")
    assert b"/StructTreeRoot" in once and b"/Lang (vi)" in once
    boxes = [float(n) for n in re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", once).groups()]
    assert boxes == pytest.approx([595.28, 841.89], abs=1)
    assert b"(D:20220615000000" in once
