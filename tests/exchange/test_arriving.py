"""What was sent becomes files: folders and zips as offices make them, and as nobody should."""

import io
import os
import zipfile
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.exchange import arriving, receipts

LIMITS = {"file_bytes": 1000}


def zipped(path, members: dict[str, bytes]):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return path


def taken(sent, limits=LIMITS) -> list[tuple[str, bytes]]:
    with arriving.files_of(sent, limits) as held:
        return [(one.path.name, one.path.read_bytes()) for one in held]


def test_a_folder_gives_its_files_in_the_order_of_their_numbers(tmp_path):
    folder = tmp_path / "thư đến"
    (folder / "sâu").mkdir(parents=True)
    for name in (
        "x (10).xlsx",
        "x (2).xlsx",
        "x.xlsx",
        ".ẩn",
        "~$x.xlsx",
        "Thumbs.db",
        "sâu/a.csv",
    ):
        (folder / name).write_bytes(name.encode())
    names = [name for name, _ in taken([folder])]
    assert names == ["a.csv", "x.xlsx", "x (2).xlsx", "x (10).xlsx"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
@pytest.mark.parametrize("name", ["a.xlsx", "a.zip", "a.eml", "thư đến/a.xlsx"])
def test_what_is_no_file_is_refused_by_name_and_not_waited_for(tmp_path, name):
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    os.mkfifo(path)
    sent = path if path.parent == tmp_path else path.parent
    with pytest.raises(FileNotFoundError, match=path.name):
        taken([sent])


def test_a_zip_gives_its_files_whatever_folders_they_lie_in(tmp_path):
    sent = zipped(tmp_path / "th.zip", {"a/x.xlsx": b"1", "b/x.xlsx": b"2", "__MACOSX/x": b"3"})
    assert taken([sent]) == [("x.xlsx", b"1"), ("x.xlsx", b"2")]
    with arriving.files_of([sent], LIMITS) as held:
        assert [one.told for one in held] == ["th.zip: x.xlsx"] * 2
        paths = [one.path for one in held]
    assert not any(path.exists() for path in paths)


def test_a_name_that_a_program_wrote_as_utf_8_without_saying_so_is_read(tmp_path):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        file.writestr("Bieu Dak Lak.xlsx", b"x")
    raw = data.getvalue().replace(b"Bieu Dak Lak.xlsx", "Biểu ĐLak.xlsx".encode()[:17].ljust(17))
    (tmp_path / "a.zip").write_bytes(raw)
    assert taken([tmp_path / "a.zip"])[0][0].startswith("Biểu ĐLak")


@given(
    st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)),
    st.sampled_from(["../../", "/", "C:\\", "..\\", "a/../../b/", ""]),
)
@settings(max_examples=60)
def test_no_name_in_a_zip_leads_out_of_its_folder(tmp_path_factory, names, before):
    folder = tmp_path_factory.mktemp("zip")
    members = {f"{before}{name}": name.encode() for name in names if not name.endswith("/")}
    sent, seen = zipped(folder / "a.zip", members), set(folder.rglob("*"))
    try:
        with arriving.files_of([sent], LIMITS) as held:
            for one in held:
                assert one.path.is_file() and "reform-monitor-" in str(one.path.resolve())
    except ValueError as error:
        assert "nothing was received" in str(error)
    assert set(folder.rglob("*")) == seen


@pytest.mark.parametrize("broken", ["bomb", "no zip", "empty", "torn", "password"])
def test_a_zip_that_cannot_be_taken_is_refused_whole_and_by_name(tmp_path, broken):
    path = tmp_path / "lô.zip"
    zipped(path, {"tốt.csv": b"1", "x.csv": b"0" * (2000 if broken == "bomb" else 500)})
    if broken == "no zip":
        path.write_bytes(b"scan")
    if broken == "empty":
        zipped(path, {})
    if broken == "torn":
        path.write_bytes(path.read_bytes()[:80])
    if broken == "password":
        data = bytearray(path.read_bytes())
        for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            start = 0
            while (start := data.find(mark, start)) >= 0:
                data[start + at] |= 1
                start += 4
        path.write_bytes(data)
    with pytest.raises(ValueError, match="nothing was received"):
        taken([path])


def test_two_files_of_one_name_are_both_taken(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        file.writestr("x.csv", b"1")
        with pytest.warns(UserWarning, match="Duplicate"):
            file.writestr("x.csv", b"2")
    assert taken([tmp_path / "a.zip"]) == [("x.csv", b"1"), ("x.csv", b"2")]


@given(st.binary(min_size=1, max_size=6), st.integers(0, 400))
@settings(max_examples=80)
def test_a_zip_with_a_torn_place_is_read_or_refused_by_name(tmp_path_factory, torn, at):
    path = tmp_path_factory.mktemp("zip") / "a.zip"
    zipped(path, {"x.csv": bytes(range(256)) * 2, "y.csv": b"1"})
    data = bytearray(path.read_bytes())
    data[at % len(data) : at % len(data) + len(torn)] = torn
    path.write_bytes(data)
    try:
        taken([path])
    except ValueError as error:
        assert str(path) in str(error) and "nothing was received" in str(error)


def mail(path, attached: list[tuple[str, bytes]], inner: bytes | None = None):
    message = EmailMessage()
    message["Subject"] = "Báo cáo quý"
    message.set_content("Kính gửi …")
    for name, data in attached:
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    if inner:
        message.add_attachment(message_from_bytes(inner, policy=policy.default))
    path.write_bytes(bytes(message))
    return path


def test_what_hangs_at_a_mail_is_taken_by_its_name_also_in_a_zip_or_a_mail_within(tmp_path):
    aside = zipped(tmp_path / "th.zip", {"b.csv": b"2"}).read_bytes()
    within = mail(tmp_path / "within.eml", [("c.csv", b"3")]).read_bytes()
    sent = mail(tmp_path / "thư.eml", [("Biểu số 1.xlsx", b"1"), ("th.zip", aside)], within)
    assert sorted(taken([sent])) == [("Biểu số 1.xlsx", b"1"), ("b.csv", b"2"), ("c.csv", b"3")]
    with arriving.files_of([sent], LIMITS) as held:
        assert all(one.told.startswith("thư.eml: ") for one in held)


@pytest.mark.parametrize("data", [b"", b"no mail at all", b"Content-Type: multipart/mixed\n\n--x"])
def test_a_mail_at_which_nothing_hangs_is_refused(tmp_path, data):
    path = tmp_path / "a.eml"
    path.write_bytes(data)
    with pytest.raises(ValueError, match="nothing was received"):
        taken([path])


def test_a_mail_that_is_larger_than_a_zip_may_unpack_to_is_refused(tmp_path):
    path = mail(tmp_path / "a.eml", [("x.csv", b"1" * 30_000)])
    with pytest.raises(ValueError, match="MB; nothing was received"):
        taken([path])


@given(data=st.binary(max_size=300))
@settings(max_examples=60)
def test_any_bytes_called_a_mail_are_read_or_refused(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "any.eml"
    path.write_bytes(b"Content-Type: multipart/mixed; boundary=x\n\n--x\n" + data)
    try:
        taken([path])
    except ValueError as error:
        assert "nothing was received" in str(error)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("=?UTF-8?B?Qmnhu4N1IHPhu5E=?= =?UTF-8?B?IDEueGxzeA==?=", "Biểu số 1.xlsx"),
        ("=_UTF-8_B_Qmnhu4N1Lnhsc3g=_=", "Biểu.xlsx"),
        ("=?utf-8?Q?Bi=E1=BB=83u_1.xlsx?=", "Biểu 1.xlsx"),
        ("=?nothing?B?QQ==?=", "=_nothing_B_QQ==_="),  # Windows has no name with ?
        ("edocs_BCA_2026-Q4.xlsx (1)", "edocs_BCA_2026-Q4 (1).xlsx"),
        ("edocs (1).xlsx", "edocs (1).xlsx"),
        ("=?UTF-8?Q?..=2F..=2Fx.csv?=", "_.._x.csv"),
    ],
)
def test_a_name_is_as_it_was_meant_and_leads_nowhere(name, meant):
    assert receipts.safe_name(name) == meant
