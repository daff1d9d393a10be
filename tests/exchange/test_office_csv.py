"""Lists that people open: columns in their Excel, no formula, and what is meant can be had back."""

import csv
import io

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from analysis.exchange import neutral, office_csv

SIGNS = tuple(s for s in neutral.BEGINS if s.strip())  # behind blanks, too, in some programs
TEXTS = st.text(alphabet="=+-@＝＋－＠,;\t\"'' \r\n1aĐ\ufeff\u2028", max_size=8) | st.text(
    max_size=5
)


def fields(data: bytes, sign: str) -> list[str]:
    read = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=sign)
    return [field for line in read for field in line]


@given(
    st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=3),
    TEXTS,
    st.sampled_from("vi en".split()),
)
def test_no_field_begins_a_formula_by_whichever_sign_it_is_divided(rows, head, language):
    data = office_csv.csv(pd.DataFrame(rows, columns=[head, "b"]), language)
    for sign in ",;\t":
        assert not [f for f in fields(data, sign) if f.lstrip().startswith(SIGNS)], sign


@given(TEXTS)
def test_a_field_says_what_was_meant(text):
    assert neutral.meant(neutral.safe_field(text)) == neutral.fitting(text)


def test_columns_stand_apart_in_a_vietnamese_excel():
    table = pd.DataFrame({"tệp": ["a, b.xlsx", None], "x": [-1234.5, 2]})
    assert office_csv.csv(table) == "\ufefftệp;x\na, b.xlsx;-1234,5\n;2,0\n".encode()
    assert b'"a, b.xlsx",-1234.5\n' in office_csv.csv(table, "en")
