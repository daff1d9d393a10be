"""A page is made of a notebook that is looked at and not changed, in whatever order pages come."""

from copy import deepcopy

from nbformat import v4
from shared import CONTEXT

from analysis.language import languages
from analysis.render import html_page


def notebook():
    shown = v4.new_output("display_data", {"text/html": "<table class='data'></table>"})
    printed = v4.new_output("stream", name="stdout", text="<said>")
    failed = v4.new_output("error", ename="E", evalue="e", traceback=["\x1b[31mline\x1b[0m"])
    return v4.new_notebook(
        cells=[
            v4.new_markdown_cell("# Trang\n\nCâu hỏi?"),
            v4.new_markdown_cell("## Phần một\n\n*chữ* $x_1$ <b>đậm</b>"),
            v4.new_code_cell("x = 1", execution_count=1, outputs=[shown, printed, failed]),
        ],
        metadata={"language_info": {"name": "python"}},
    )


def test_a_notebook_is_the_same_after_its_page_was_made():
    held = notebook()
    before = deepcopy(held)
    first = html_page.html(held, "Trang", CONTEXT)
    assert held == before
    assert html_page.html(held, "Trang", CONTEXT) == first
    assert "<em>chữ</em>" in first and "&lt;said&gt;" in first and "line" in first


def test_text_that_was_converted_for_a_page_in_one_language_is_whole_in_the_other():
    own = html_page.html(notebook(), "Trang", CONTEXT)
    with languages.using("en"):
        other = html_page.html(notebook(), "Trang", CONTEXT)
    assert own != other and "<em>chữ</em>" in other
    assert html_page.html(notebook(), "Trang", CONTEXT) == own
