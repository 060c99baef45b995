"""Create a certificate for the emulator on loopback, and the authority that signs it.

Clients that accept only https need it.
"""

import datetime as dt
import ipaddress
import ssl
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

HOSTS = (
    "localhost",
    "oauth.bitrix.info",
    "oauth.bitrix24.tech",
    *(f"*.bitrix24.{zone}" for zone in ("com", "de", "eu", "es", "fr", "it", "pl", "ru", "by", "kz", "net", "tech")),
)
"""Host names of the certificate: `localhost`, and servers that clients have built in and reach through the proxy."""
DAYS = 365
BACKDATE = dt.timedelta(hours=1)
"""Time by which a certificate is valid before it is made, because the clock of a container may be slow."""


class Files(NamedTuple):
    """Paths of the files of a certificate; clients must trust `authority`."""

    authority: Path
    certificate: Path
    key: Path


def context(folder: Path, *, now: dt.datetime) -> ssl.SSLContext:
    """Return the TLS context of a server; create the certificate in the folder when it is missing or expired.

    A certificate of your own is not replaced: `certificate.pem` and `key.pem` without an `authority.pem`.
    """
    files = files_in(folder)
    own = files.certificate.exists() and not files.authority.exists()
    if not own and not _is_valid(files.certificate, now):
        make(files, now=now)
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(files.certificate, files.key)
    return made


def files_in(folder: Path) -> Files:
    """Return the paths of the certificate files in a folder."""
    return Files(folder / "authority.pem", folder / "certificate.pem", folder / "key.pem")


def _is_valid(certificate: Path, now: dt.datetime) -> bool:
    if not certificate.exists():
        return False
    try:
        return x509.load_pem_x509_certificate(certificate.read_bytes()).not_valid_after_utc > now
    except ValueError:  # cut off while it was written
        return False


def make(files: Files, *, now: dt.datetime) -> None:
    """Create an authority and a certificate that it signs for HOSTS and 127.0.0.1, and write the files.

    The key of the authority is not saved.
    """
    files.key.parent.mkdir(parents=True, exist_ok=True)
    signer, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = _make_authority(signer, now)
    # The file gets its permissions before it gets the key.
    files.key.touch(mode=0o600)
    files.key.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    files.authority.write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    signed = _sign(key.public_key(), authority, signer, now)
    files.certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))


def _start_certificate(name: str, public: ec.EllipticCurvePublicKey, now: dt.datetime) -> x509.CertificateBuilder:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    key_id = x509.SubjectKeyIdentifier.from_public_key(public)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATE)
        .not_valid_after(now + dt.timedelta(days=DAYS))
        .add_extension(key_id, critical=False)
    )


def _make_authority(signer: ec.EllipticCurvePrivateKey, now: dt.datetime) -> x509.Certificate:
    name = "Emulated Bitrix24, for tests on this machine only"
    built = _start_certificate(name, signer.public_key(), now).issuer_name(
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    )
    built = built.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    return built.add_extension(_key_usage(signs=True), critical=True).sign(signer, hashes.SHA256())


def _sign(
    public: ec.EllipticCurvePublicKey,
    authority: x509.Certificate,
    signer: ec.EllipticCurvePrivateKey,
    now: dt.datetime,
) -> x509.Certificate:
    loopback = x509.IPAddress(ipaddress.IPv4Address("127.0.0.1"))
    names = x509.SubjectAlternativeName([loopback, *(x509.DNSName(host) for host in HOSTS)])
    by = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    built = _start_certificate("127.0.0.1", public, now).issuer_name(authority.subject)
    built = built.add_extension(names, critical=False).add_extension(by, critical=False)
    built = built.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    built = built.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    return built.add_extension(_key_usage(signs=False), critical=True).sign(signer, hashes.SHA256())


def _key_usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )
