"""One page: what is shown, what is folded, what is never let through."""

import re

import nbformat
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from analysis import files, render, report

HOSTILE = "</title><script>alert(1)</script>\"'&"


def html(tmp_path, *cells, title="Trang", context=None, name="p.html") -> str:
    book = nbformat.from_dict(new_notebook(cells=list(cells)))
    render.page(book, tmp_path / "p.html", title, context or report.Context(), name)
    return (tmp_path / "p.html").read_text("utf-8")


def cell(*outputs, source="x = 1", **metadata):
    return new_code_cell(source, outputs=list(outputs), metadata=metadata)


def test_titles_and_provenance_are_escaped_everywhere(tmp_path):
    context = report.Context("p", HOSTILE + " kỳ", provenance=[HOSTILE])
    page = html(tmp_path, cell(), title=HOSTILE, context=context, name="units/p.html")
    assert "<script" not in page and page.count("&lt;script&gt;") >= 4
    render.error_card(tmp_path / "e.html", HOSTILE, HOSTILE, HOSTILE, context)
    assert "<script" not in (tmp_path / "e.html").read_text("utf-8")


def test_code_and_technical_output_are_in_folds(tmp_path):
    page = html(
        tmp_path,
        cell(source="a = 1", tags=["parameters"]),
        cell(source="a = 2", tags=["injected-parameters"]),
        cell(new_output("stream", name="stderr", text="careful"), source="warn()"),
        cell(new_output("display_data", data={"text/html": "<p class=key>Câu chính</p>"})),
    )
    open_text = re.sub(r"<details.*?</details>", "", page, flags=re.S)
    for hidden in ("a = 1", "a = 2", "warn()", "careful"):
        assert hidden in page and hidden not in open_text
    assert "Câu chính" in open_text


def test_an_error_output_is_a_card_with_its_traceback_in_a_fold(tmp_path):
    lines = ["\x1b[31mTraceback\x1b[0m", "<boom>"]
    page = html(tmp_path, cell(new_output("error", ename="E", evalue="v", traceback=lines)))
    assert "card error" in page and "\x1b" not in page and "&lt;boom&gt;" in page
    assert "&lt;boom&gt;" not in re.sub(r"<details.*?</details>", "", page, flags=re.S)


def test_a_loose_svg_cannot_act_or_share_ids(tmp_path):
    svg = '<svg onload="alert(1)"><a href="https://example.org"/><g id="same"/></svg>'
    picture = new_output("display_data", data={"image/svg+xml": svg})
    page = html(tmp_path, cell(picture), cell(picture))
    assert page.count("data:image/svg+xml;base64,") == 2, "isolated, as pictures"
    assert "onload" not in page and "example.org" not in page and 'id="same"' not in page


@pytest.mark.parametrize(("name", "up"), [("p.html", ""), ("units/p.html", "../")])
def test_links_lead_up_by_the_depth_of_the_page(tmp_path, name, up):
    page = html(tmp_path, cell(), context=report.Context("p", "Kỳ"), name=name)
    assert f'href="{up}index.html"' in page and f'href="{up}../index.html"' in page
    assert f'href="{up}receipt.json"' in page and 'lang="vi"' in page


def test_a_page_without_script_allows_none():
    assert "script-src 'none'" in report.policy()
    assert "default-src 'none'" in report.policy("x") and "'none'" not in report.policy("x")[-60:]


def test_a_plain_data_frame_looks_like_a_table_of_the_house(tmp_path):
    table = pd.DataFrame({"name": ["<b>"], "score": [1.5]})._repr_html_()
    page = html(tmp_path, cell(new_output("execute_result", data={"text/html": table})))
    assert '<div class="table-wrap" tabindex="0"><div><table class="data">' in page
    assert "dataframe" not in page and "<style scoped" not in page and "&lt;b&gt;" in page
    assert page.count("<div") == page.count("</div") and "<script" not in page


def test_half_a_surrogate_pair_does_not_cost_the_page(tmp_path):
    page = html(tmp_path, cell(new_output("stream", name="stdout", text="a\ud800b")))
    assert "a?b" in page


def test_a_page_is_swapped_in_whole_or_not_at_all(tmp_path, monkeypatch):
    html(tmp_path, new_markdown_cell("cũ"))

    def fails(*_):
        raise OSError("disk full")

    monkeypatch.setattr(files.os, "replace", fails)
    with pytest.raises(OSError, match="disk full"):
        html(tmp_path, new_markdown_cell("mới"))
    assert "cũ" in (tmp_path / "p.html").read_text("utf-8")
    assert [p.name for p in tmp_path.iterdir()] == ["p.html"], "nothing left beside it"
