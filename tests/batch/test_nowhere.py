"""What a notebook prints tells no folder of the machine, on its page and in what is made of it."""

import sys
from html import escape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_notebook, new_output

from analysis.batch import nowhere

ROOT = Path("/srv/cải cách/bộ '1'")


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        (f"{ROOT}/data/a.csv:3", "./data/a.csv:3"),
        (escape(f"{ROOT}/data/a.csv"), "./data/a.csv"),
        (f"({ROOT})", "(.)"),
        (f"{Path.home()}/x.py", "~/x.py"),
        (f"{sys.prefix}/lib/a.py", "…/lib/a.py"),
        ("/tmp/ipykernel_77/12.py:1: UserWarning", "12.py:1: UserWarning"),
        ("'/mnt/chung/vpcp/a.xlsx'", "'a.xlsx'"),
        ("/var/data", "data"),
        (r"C:\Users\lan\a.csv", "a.csv"),
        (repr(r"C:\Users\lan\a.csv"), "'a.csv'"),
        ("https://x.vn/tmp/a/b and 3/4/2022", "https://x.vn/tmp/a/b and 3/4/2022"),
        ("src='data:aa/home/b+/tmp/c'", "src='data:aa/home/b+/tmp/c'"),
        ("/srv/cải cách/bộ '1'0/a", None),
    ],
)
def test_a_path_is_shown_from_the_project_on_or_by_its_name(printed, shown):
    told = nowhere.told(printed, ROOT)
    assert told == (shown if shown is not None else told)
    assert "/srv" not in told and "lan" not in told


NAMES = st.text("abcđễ_-0", min_size=1, max_size=6)


ELSEWHERE = [top for top in nowhere.FOLDERS if top not in Path.home().parts]


@given(st.sampled_from(ELSEWHERE), st.lists(NAMES, min_size=1, max_size=4), NAMES)
def test_of_a_path_elsewhere_only_its_name_is_left(top, folders, name):
    path = "/".join(["", top, *folders, name])
    for text in (path, f"<pre>{path}:3</pre>", f"'{path}'"):
        assert nowhere.told(text, ROOT) == text.replace(path, name)


def test_outputs_of_a_notebook_hold_no_more_than_its_page():
    table = "application/x+json"
    data = {"text/html": f"<p>{ROOT}/a</p>", "image/png": "/srv/x", table: {"a": ["/tmp/b/c"]}}
    made = [new_output("display_data", data), new_output("stream", text=f"{ROOT}/b")]
    made.append(new_output("error", ename="E", evalue="/home/lan/c", traceback=["/tmp/d/e"]))
    notebook = nowhere.outputs(new_notebook(cells=[new_code_cell("x", outputs=made)]), ROOT)
    shown, printed, stopped = notebook.cells[0].outputs
    assert shown.data == {"text/html": "<p>./a</p>", "image/png": "/srv/x", table: {"a": ["c"]}}
    assert (printed.text, stopped.evalue, stopped.traceback) == ("./b", "c", ["e"])
