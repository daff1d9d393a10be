"""A table as CSV: read back as it was, and no field that a spreadsheet would calculate."""

import csv
import io

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from analysis.exchange.neutral import BEGINS
from analysis.render import open_csv

HOSTILE = st.text(alphabet="=+-@＝＋－＠,;\t\"' \r\n1aĐ", max_size=6)
FIGURES = st.floats(allow_nan=False, allow_infinity=False)


def read(data: bytes) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(data), keep_default_na=False)


@given(st.lists(FIGURES, min_size=1, max_size=20))
def test_figures_are_read_back_to_the_last_digit(figures):
    back = read(open_csv.csv(pd.DataFrame({"x": figures})))
    assert back["x"].astype(float).tolist() == figures


@given(st.lists(st.tuples(HOSTILE, HOSTILE, FIGURES), min_size=1, max_size=2))
def test_no_field_begins_a_formula_by_whichever_sign_it_is_divided(rows):
    data = open_csv.csv(pd.DataFrame(rows, columns=["a", "b", "x"])).decode()
    for sign in ",;\t":
        for fields in csv.reader(io.StringIO(data, newline=""), delimiter=sign):
            for field in fields:
                figure = field.split(",")[0].removeprefix("-").replace("e-", "").replace("e+", "")
                if not figure.replace(".", "").isdigit() and len(field) > 1:
                    assert not field.startswith(BEGINS), (sign, field)


def test_figures_stay_figures_and_gaps_stay_empty():
    table = pd.DataFrame(
        {
            "name": ["−5", "-5 %", None],
            "x": [-1.5, np.nan, 2.0],
            "n": pd.array([1, None, 3], dtype="Int64"),
            "day": pd.to_datetime(["2022-06-14", None, "2021-01-31"]),
        }
    )
    assert open_csv.csv(table).decode().split("\r\n") == [
        "name,x,n,day",
        "−5,-1.5,1,2022-06-14",
        "'-5 %,,,",
        ",2.0,3,2021-01-31",
        "",
    ]
