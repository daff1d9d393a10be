"""A public archive holds what is listed, and says what it leaves out."""

import hashlib
import io
import json
import zipfile

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.site import data_pack, public_parts

CODE = "2022-Q2"
PAGE = (
    "<!DOCTYPE html><meta charset='utf-8'><!--menus--><!--/menus--><p>7</p><script>run()</script>"
)


def workbook(change=lambda book: None) -> bytes:
    held, book = io.BytesIO(), openpyxl.Workbook()
    book.properties.creator = "Reform Monitor"
    change(book)
    book.save(held)
    return held.getvalue()


def pack(**more: bytes) -> bytes:
    head = b"framework,reporting_unit,time_period,indicator,obs_value\n"
    held = {"indicator_values.csv": head, "metadata.json": b'{"code": "2022-Q2"}', "codes.csv": b""}
    return data_pack.zipped(held | more)


WORKBOOK = workbook()


def archive(**more: bytes) -> dict[str, bytes]:
    receipt = {"title": "Q2", "pages": [{"name": "glance", "title": "x"}], "written": {}}
    held = {
        "index.html": PAGE.encode(),
        "method.html": PAGE.encode(),
        "en/2022-Q2/glance.html": PAGE.encode(),
        "2022-Q2/glance.html": PAGE.encode(),
        "2022-Q2/glance.xlsx": WORKBOOK,
        "2022-Q2/glance~2.xlsx": WORKBOOK,
        "2022-Q2/glance-1.png": b"\x89PNG",
        "2022-Q2/explore-nq68.html": PAGE.encode(),
        "2022-Q2/search.json": b'{"title": "", "pages": []}',
        "2022-Q2/2022-Q2-data.zip": pack(),
        "2022-Q2/receipt.json": json.dumps(receipt).encode(),
    }
    return held | more


def only(held):
    return public_parts.only(held, CODE, ["glance"])


def test_what_is_listed_stays_as_it_is():
    held = archive()
    assert only(held) == (held, [])


@pytest.mark.parametrize(
    "name",
    [
        "2022-Q2/tasks.html",
        "2022-Q2/glance.csv",
        "2022-Q2/glance.failed.html",
        "2022-Q2/glance-detail.png",
        "2022-Q2/units/01.html",
        "2022-Q2/units/glance.html",
        "2022-Q2/returns/a.xlsx",
        "2022-Q1/glance.html",
        "glance.html",
        "2022-Q2/.hidden",
        "2022-Q2/other-data.zip",
    ],
)
def test_a_file_of_another_kind_is_left_out_by_name(name):
    assert only(archive(**{name: b"x"})) == (archive(), [name])


@given(
    st.text("aglnce0./~-[*", min_size=1, max_size=12),
    st.sampled_from(["html", "json", "xlsx", "zip", "log", "ipynb"]),
)
def test_no_file_comes_in_by_its_name_alone(stem, ending):
    name = f"{stem}.{ending}"
    kept, left = only({f"2022-Q2/units/{name}": b"x"})
    assert not kept and left == [f"2022-Q2/units/{name}"]


def test_keys_of_receipts_and_metadata_that_are_not_listed_are_left_out():
    receipt = {"title": "Q2", "cells": {"read": 9}, "inputs": {"a.xlsx": "0"}, "written": {}}
    receipt |= {
        "pages": [{"name": "glance", "reason": "/home"}],
        "signed": {"by": "A", "note": "x"},
    }
    metadata = {"code": "2022-Q2", "user": "lan"}
    kept, left = only(
        archive(
            **{
                "2022-Q2/receipt.json": json.dumps(receipt).encode(),
                "2022-Q2/2022-Q2-data.zip": pack(
                    **{"metadata.json": json.dumps(metadata).encode()}
                ),
            }
        )
    )
    told = json.loads(kept["2022-Q2/receipt.json"])
    assert told == {
        "title": "Q2", "pages": [{"name": "glance"}], "signed": {"by": "A"}, "written": {}
    }  # fmt: skip
    assert set(left) == {
        *(f"2022-Q2/receipt.json: {key}" for key in ("cells", "inputs", "pages.reason")),
        "2022-Q2/receipt.json: signed.note",
        "2022-Q2/2022-Q2-data.zip: user",
    }
    with zipfile.ZipFile(io.BytesIO(kept["2022-Q2/2022-Q2-data.zip"])) as book:
        assert json.loads(book.read("metadata.json")) == {"code": "2022-Q2"}


def test_tables_and_columns_that_are_not_open_data_are_left_out():
    more = {
        "scores.csv": b"framework,source_file\n1,a.xlsx\n",
        "issues.csv": b"rule\n",
        "notes.txt": b"x",
    }
    kept, left = only(archive(**{"2022-Q2/2022-Q2-data.zip": pack(**more)}))
    assert left == [f"2022-Q2/2022-Q2-data.zip: {name}" for name in sorted(more)]
    assert kept == archive()


def test_of_a_page_only_listed_comments_metadata_and_attributes_stay():
    more = "<!-- by lan --><meta name='author' content='lan'><meta name=viewport content=x>"
    more += "<p data-user='lan' data-group='1' class='a'>data-user is a word</p>"
    more += "<script type='application/json'>{\"user\": 1}</script>"
    kept, left = only({"2022-Q2/glance.html": (PAGE + more).encode()})
    shown = (
        PAGE + "<meta name=viewport content=x><p data-group='1' class='a'>data-user is a word</p>"
    )
    assert kept["2022-Q2/glance.html"].decode() == shown
    assert left == [
        f"2022-Q2/glance.html: {what}"
        for what in ("comment by lan", "meta author", "attribute data-user", "script")
    ]


def _author(book):
    book.properties.creator = "Lan"


def _last(book):
    book.properties.lastModifiedBy = "lan"


def _comment(book):
    book.active["A1"].comment = openpyxl.comments.Comment("x", "lan")


@pytest.mark.parametrize("change", [_author, _last, _comment])
def test_a_workbook_that_holds_more_is_refused(change):
    with pytest.raises(public_parts.UnlistedError, match="2022-Q2/glance.xlsx holds"):
        only(archive(**{"2022-Q2/glance.xlsx": workbook(change)}))


def test_a_receipt_holds_the_digests_of_what_is_in_the_archive():
    page = (PAGE + "<!-- lan -->").encode()
    written = {n: hashlib.sha256(page).hexdigest() for n in ("glance.html", "tasks.html")}
    receipt = json.dumps({"title": "Q2", "written": written}).encode()
    held = {
        "2022-Q2/glance.html": page,
        "2022-Q2/tasks.html": page,
        "2022-Q2/receipt.json": receipt,
    }
    kept, _ = only(held)
    told = json.loads(kept["2022-Q2/receipt.json"])["written"]
    assert told == {"glance.html": hashlib.sha256(PAGE.encode()).hexdigest()}
