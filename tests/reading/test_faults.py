"""Why a file cannot be read is told in a sender's words, whatever its reader said."""

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.catalogue import catalogue as cat
from analysis.reading import faults, workbook

LIMITS = cat.load().parameters["limits"]
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.mark.parametrize(
    ("name", "content", "cause"),
    [
        ("a.xlsx", b"", "empty"),
        ("a.csv", b"", "empty"),
        ("a.csv", b"\xef\xbb\xbf", "empty"),
        ("a.xls", OLE + b"\0" * 600, "damaged"),
        ("a.xlsx", b"PK\x03\x04 nothing", "damaged"),
        ("a.xls", b"\xef\xbb\xbf\r\n<HTML><table><tr><td>1", "html_or_xml_saved_as_xls"),
        ("a.xls", b'<?xml version="1.0"?><Workbook/>', "html_or_xml_saved_as_xls"),
        ("a.xlsx", b"%PDF-1.7", "not_a_spreadsheet"),
        ("a.ods", b"plain text", "not_a_spreadsheet"),
        ("a.csv", "Đơn vị;Số\nHà Nội;1".encode("cp1258", "replace") + b"\xd0\x81", "encoding"),
    ],
)
def test_the_first_bytes_tell_why(tmp_path, name, content, cause):
    (tmp_path / name).write_bytes(content)
    cells = workbook.read(tmp_path / name, LIMITS)
    assert cells["rule"].tolist() == ["file_unreadable"]
    assert cells["found"].item().partition(":")[0] == cause


def test_a_workbook_without_any_cell_is_empty(tmp_path):
    openpyxl.Workbook().save(tmp_path / "a.xlsx")
    assert workbook.read(tmp_path / "a.xlsx", LIMITS)["found"].tolist() == ["empty"]


@given(content=st.binary(max_size=200), told=st.text(max_size=30))
def test_any_file_has_a_cause_that_has_words(tmp_path_factory, content, told):
    path = tmp_path_factory.mktemp("faults") / "a.xls"
    path.write_bytes(content)
    assert faults.cause(path, told).partition(":")[0] in faults.CAUSES


def test_what_a_reader_names_is_kept(tmp_path):
    assert faults.cause(tmp_path / "gone.xls", "marks: C12") == "marks: C12"
