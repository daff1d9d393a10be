"""No submitted name and no folder of a machine is told to the public, however it is written."""

import getpass
import html
import io
import json
import platform
import unicodedata
import zipfile
from pathlib import Path
from urllib.parse import quote, quote_plus
from xml.sax import saxutils

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.site import public_names

NAME = """Biểu 'số 1' & "2" Sở Nội vụ.xlsx"""
ROOT = Path("/srv/reform")


def packed(data: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as book:
        book.writestr("a.xml", data)
    return held.getvalue()


WAYS = {
    "as it is": lambda n: n,
    "HTML": html.escape,
    "HTML by other numbers": lambda n: (
        html.escape(n).replace("&#x27;", "&#39;").replace("&quot;", "&#34;")
    ),
    "XML": lambda n: saxutils.escape(n, {"'": "&apos;", '"': "&quot;"}),
    "HTML by hexadecimals": lambda n: "".join(f"&#x{ord(c):X};" for c in n),
    "HTML by decimals with noughts": lambda n: "".join(f"&#{ord(c):05d};" for c in n),
    "an address with all": lambda n: quote(n, safe=""),
    "an address in HTML": lambda n: html.escape(quote(n, safe="'")),
    "an address of a form": quote_plus,
    "JSON within JSON": lambda n: json.dumps(json.dumps(n)),
    "HTML in JSON": lambda n: json.dumps(html.escape(n)),
    "letters together": lambda n: unicodedata.normalize("NFC", n),
    "capitals": str.upper,
    "HTML without quotes": lambda n: html.escape(n, quote=False),
    "HTML twice": lambda n: html.escape(html.escape(n)),
    "JSON": lambda n: json.dumps(n),
    "JSON in Unicode": lambda n: json.dumps(n, ensure_ascii=False),
    "JSON in HTML": lambda n: html.escape(json.dumps(n)),
    "an address": quote,
    "letters in parts": lambda n: unicodedata.normalize("NFD", n),
    "elements within": lambda n: html.escape(n).replace("Sở", "<b>Sở</b>"),
}


@pytest.mark.parametrize("name", [NAME, "a.xlsx", "x' y.csv"])
@pytest.mark.parametrize("way", WAYS.values(), ids=list(WAYS))
def test_no_submitted_name_is_told_in_any_writing(way, name):
    page = f"<p>{way(name)}</p>".encode()
    for held in ({"k/p.html": page}, {"k/p.xlsx": packed(page)}, {"d.zip": packed(page)}):
        assert name in public_names.told(held, [name], ROOT)
    assert not public_names.told({"k/p.html": b"<p>b.xlsx data-a.xlsx</p>"}, [name], ROOT)


@given(st.text(alphabet="aĐể '&<>\"%\\\\;", min_size=1, max_size=8), st.sampled_from(list(WAYS)))
def test_no_name_hides_behind_its_writing(stem, way):
    name = f"{stem.strip()}.xlsx"
    told = WAYS[way](name) if way != "elements within" else html.escape(name)
    assert public_names.told({"p.html": f"<td>{told}</td>".encode()}, [name], ROOT)


@pytest.mark.parametrize(
    "path", ["/srv/reform/data/a.csv", "/home/lan/x", "C:\\Users\\lan", str(Path.home() / "x")]
)
def test_no_folder_of_a_machine_is_told(path):
    told = public_names.told({"p.html": f"<pre>{path}: warning</pre>".encode()}, [], ROOT)
    assert told.startswith("p names a folder")
    assert not public_names.told({"p.html": b"https://x.vn/home/a src='data:aa/home/b'"}, [], ROOT)


def test_a_file_of_the_archive_that_is_called_as_one_submitted_is_its_own():
    held = {"d.zip": packed(b"scores.csv"), "scores.csv": b"1"}
    assert not public_names.told(held, ["scores.csv"], ROOT)


def test_no_name_of_somebody_who_answered_is_told():
    people = ["Nguyễn Thị  Hoa", "Lan", ""]
    pages = [
        "Nguyễn Thị Hoa",
        "NGUYỄN THỊ HOA",
        html.escape("Nguyễn Thị\u00a0Hoa"),
        "Nguyễn&#32;Thị\nHoa",
    ]
    for page in pages:
        told = public_names.told({"p.html": page.encode()}, [], ROOT, people)
        assert told.startswith("p names") and told.endswith("who answered"), page
    for page in ("Hà Lan", "Nguyễn Thị Hoan", "xNguyễn Thị Hoa"):
        assert not public_names.told({"p.html": page.encode()}, [], ROOT, people)


def test_no_name_of_the_machine_and_who_is_on_it_is_told(monkeypatch):
    monkeypatch.setattr(platform, "node", lambda: "vpcp-07")
    monkeypatch.setattr(getpass, "getuser", lambda: "lan")
    for page in ("<p>lan@vpcp-07:~$</p>", "{'host': 'vpcp-07'}"):
        assert "vpcp-07" in public_names.told({"p.html": page.encode()}, [], ROOT)
    monkeypatch.setattr(platform, "node", lambda: "server")
    assert "lan@server" in public_names.told({"p.html": b"lan@server"}, [], ROOT)
    assert not public_names.told({"p.html": b"the server of lan, lan@mof.gov.vn"}, [], ROOT)
