"""Who may speak to a cluster: one certificate, and the authority that signed it and no other.

Dask's scheduler, workers and clients run what they are told by whoever can speak to them. With
these files they speak TLS, and only to who shows a certificate of the same authority. Its own key
is thrown away as soon as it has signed, so that nobody can sign another.
"""

import os
import stat
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from platformdirs import user_config_path

from analysis.language.messages import tell
from analysis.language.words import day
from analysis.storage import clock

FOLDER = "REFORM_MONITOR_CLUSTER"
"""Environment variable: the folder of certificates, where it is not that of :func:`folder`."""

_YEARS = 2


class CertificateError(Exception):
    """The certificates cannot be made or used; the message says why, and what to do."""


@dataclass(frozen=True)
class Certificates:
    """Files of a folder that lets its owner speak to a cluster."""

    folder: Path

    @property
    def authority(self) -> Path:
        return self.folder / "authority.pem"

    @property
    def certificate(self) -> Path:
        return self.folder / "certificate.pem"

    @property
    def key(self) -> Path:
        return self.folder / "key.pem"

    def checked(self) -> "Certificates":
        """The same, if they can be used.

        Raises
        ------
        CertificateError
            if a file is missing, others may read the key, or the certificate is out of date.
        """
        for path in (self.authority, self.certificate, self.key):
            if not path.is_file():
                text = tell("{path} is missing: python -m analysis cluster init", path=path)
                raise CertificateError(text)
        if os.name == "posix" and stat.S_IMODE(self.key.stat().st_mode) & 0o077:
            raise CertificateError(
                tell(
                    "{path}: others may read it, and who has it can run code as you: "
                    "chmod 600 {path}; if somebody may have read it, make new ones",
                    path=self.key,
                )
            )
        if (until := self._until()) < clock.wall():
            raise CertificateError(
                tell(
                    "{path}: was valid until {day}: take {folder} away, then: "
                    "python -m analysis cluster init",
                    path=self.certificate,
                    day=day(until.date()),
                    folder=self.folder,
                )
            )
        return self

    def _until(self) -> datetime:
        from cryptography import x509  # only where there is a cluster

        try:
            held = x509.load_pem_x509_certificate(self.certificate.read_bytes())
        except ValueError as error:
            text = tell("{path}: no certificate: {why}", path=self.certificate, why=error)
            raise CertificateError(text) from error
        return held.not_valid_after_utc


def folder() -> Path:
    """Where certificates lie if nothing else is said: :data:`FOLDER`, or among what this user has
    set for programs."""
    named = os.environ.get(FOLDER)
    return Path(named) if named else user_config_path("reform-monitor", False) / "cluster"


def make(where: Path) -> Certificates:
    """Make an authority, a certificate and its key (0600) in a folder (0700).

    Raises
    ------
    CertificateError
        if anything lies there already: nothing is overwritten.
    """
    if os.path.lexists(where) and not (where.is_dir() and not any(where.iterdir())):
        raise CertificateError(tell("{path} is there already and stays as it is", path=where))
    where.mkdir(mode=0o700, parents=True, exist_ok=True)
    where.chmod(0o700)
    made = Certificates(where)
    authority, certificate, key = _signed(clock.wall())
    for path, data in (
        (made.key, key),
        (made.authority, authority),
        (made.certificate, certificate),
    ):
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
    return made


def _signed(now: datetime) -> tuple[bytes, bytes, bytes]:
    """PEM of an authority, of a certificate that it signed, and of that one's key.

    RFC 5280: the authority signs certificates alone (4.2.1.9, 4.2.1.3); each is used by both ends.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    def named(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    def begun(who: str, key: ec.EllipticCurvePrivateKey, signs: bool) -> x509.CertificateBuilder:
        usage = {name: False for name in _USAGES} | {_SIGNS if signs else _SPEAKS: True}
        return (
            x509.CertificateBuilder()
            .subject_name(named(who))
            .issuer_name(named(_AUTHORITY))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))  # clocks of machines differ
            .not_valid_after(now + timedelta(days=365 * _YEARS))
            .add_extension(x509.BasicConstraints(signs, 0 if signs else None), critical=True)
            .add_extension(x509.KeyUsage(**usage), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
            .add_extension(by, False)
        )

    above, own = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    by = x509.AuthorityKeyIdentifier.from_issuer_public_key(above.public_key())
    ends = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
    authority = begun(_AUTHORITY, above, True).sign(above, hashes.SHA256())
    member = begun("reform-monitor", own, False).add_extension(ends, False)
    pem = serialization.Encoding.PEM
    key = own.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    certificate = member.sign(above, hashes.SHA256())
    return authority.public_bytes(pem), certificate.public_bytes(pem), key


_AUTHORITY = "reform-monitor cluster"
_SIGNS, _SPEAKS = "key_cert_sign", "digital_signature"
_USAGES = (
    _SIGNS,
    _SPEAKS,
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)
