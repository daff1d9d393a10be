"""Addresses of a scheduler, and the certificates that let somebody speak to it."""

import os
import stat
import sys
from datetime import timedelta

import distributed
import pytest
from shared import call

from analysis.batch import certificates, cluster
from analysis.storage import clock

posix = pytest.mark.skipif(sys.platform == "win32", reason="no modes")


@pytest.mark.parametrize(
    "given, meant",
    [
        ("127.0.0.1", "tls://127.0.0.1:8786"),
        ("monitor.vn:9000", "tls://monitor.vn:9000"),
        ("tls://monitor.vn", "tls://monitor.vn:8786"),
        ("tls://[::1]", "tls://[::1]:8786"),
        ("tls://[::1]:9", "tls://[::1]:9"),
    ],
)
def test_an_address_is_one_with_tls(given, meant):
    assert cluster.address(given) == meant


@pytest.mark.parametrize("given", ["tcp://10.0.0.1:8786", "tcp://127.0.0.1:8786", "ws://u:pw@h:1"])
def test_an_address_without_tls_is_refused_with_what_to_do(given):
    with pytest.raises(cluster.ClusterError, match="cluster init") as error:
        cluster.address(given)
    assert "pw" not in str(error.value)


@posix
def test_certificates_are_its_owners_alone_whatever_the_umask(tmp_path):
    before = os.umask(0)
    try:
        made = certificates.make(tmp_path / "a" / "cluster")
    finally:
        os.umask(before)
    assert stat.S_IMODE(made.folder.stat().st_mode) == 0o700
    lying = sorted(made.folder.iterdir())
    assert lying == sorted([made.authority, made.certificate, made.key])
    assert {stat.S_IMODE(path.stat().st_mode) for path in lying} == {0o600}
    assert made.checked() == made
    made.key.chmod(0o640)
    with pytest.raises(certificates.CertificateError, match="chmod 600"):
        made.checked()


def test_nothing_that_lies_there_is_overwritten(tmp_path):
    made = certificates.make(tmp_path / "cluster")
    before = made.key.read_bytes()
    for where in (made.folder, made.key):
        status, said = call(tmp_path, "cluster", "init", str(where))
        assert status == 2, said
    assert made.key.read_bytes() == before
    assert call(tmp_path, "cluster", "init", str(tmp_path / "other"))[0] == 0
    assert (tmp_path / "other" / "key.pem").read_bytes() != before


def test_what_is_missing_no_certificate_or_out_of_date_is_told(tmp_path, monkeypatch):
    made = certificates.make(tmp_path / "cluster")
    old = certificates.make(tmp_path / "old")
    torn = certificates.make(tmp_path / "torn")
    torn.certificate.write_bytes(b"-----BEGIN")
    made.authority.unlink()
    for held in (made, torn):
        with pytest.raises(certificates.CertificateError):
            held.checked()
    old.checked()
    later = clock.wall() + timedelta(days=5 * 365)
    monkeypatch.setattr(clock, "wall", lambda: later)
    with pytest.raises(certificates.CertificateError, match="cluster init"):
        old.checked()


def test_a_run_is_refused_before_it_reads_anything(tmp_path, monkeypatch):
    monkeypatch.setenv(certificates.FOLDER, str(tmp_path / "none"))
    for address in ("tcp://127.0.0.1:8786", "tls://127.0.0.1:8786"):
        status, said = call(".", "run", "2024", "--scheduler", address)
        assert status == 2 and "cluster init" in said


def test_who_finds_no_scheduler_is_told_where_its_certificates_were_sought(tmp_path, monkeypatch):
    def nobody(*_, **__):
        raise OSError("timed out")

    monkeypatch.setenv(certificates.FOLDER, str(tmp_path / "own"))
    certificates.make(tmp_path / "own")
    monkeypatch.setattr(distributed, "Client", nobody)
    with pytest.raises(cluster.ClusterError, match="own"), cluster.connected("tls://127.0.0.1:1"):
        pass
