"""A certificate authority for one run: made in memory, trusted by the audited command alone, gone with the process.

It is a process of its own, as no supervisor loads what makes certificates (`cryptography`, the extra `reveal`): it was
started, and has issued one, before the command runs, which could rewrite packages. Told a host, it answers with a
certificate for it. It protects nothing: whoever could break it would learn what the audited command told us.
"""

from __future__ import annotations

import ipaddress
import socket
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes

MOST_BYTES = 1 << 16
"""What a message has at most, a host or an answer."""

_NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "showcase audit, this run only")])
_LONGEST_COMMON_NAME = 64  # ub-common-name (RFC 5280, appendix A.1); clients read the alternative name
_LIFE = timedelta(days=1)
_SIGN = x509.KeyUsage(
    digital_signature=True, content_commitment=False, key_encipherment=False, data_encipherment=False,
    key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
)  # fmt: skip
_SIGN_CERTIFICATES = x509.KeyUsage(
    digital_signature=False, content_commitment=False, key_encipherment=False, data_encipherment=False,
    key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
)  # fmt: skip


class Authority:
    """Signs certificates for hosts (profile of RFC 5280, ECDSA on P-256). All have one key, not the authority's."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._leaf_key = ec.generate_private_key(ec.SECP256R1())
        own = self._begun(_NAME, self._key.public_key())
        own = own.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        own = own.add_extension(_SIGN_CERTIFICATES, critical=True)
        self.certificate = own.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM)
        """Its own certificate, PEM."""

    def issue(self, host: str) -> bytes:
        """Return a certificate for a host and its private key, PEM.

        Raises:
            ValueError: It can be in no certificate: it is empty, or not ASCII.
        """
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host[:_LONGEST_COMMON_NAME])])
        leaf = self._begun(subject, self._leaf_key.public_key())
        leaf = leaf.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        leaf = leaf.add_extension(_SIGN, critical=True)
        leaf = leaf.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        leaf = leaf.add_extension(x509.SubjectAlternativeName([_general_name(host)]), critical=False)
        key = self._leaf_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return leaf.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM) + key

    def _begun(self, subject: x509.Name, public: CertificatePublicKeyTypes) -> x509.CertificateBuilder:
        now = datetime.now(timezone.utc)
        return (
            x509.CertificateBuilder()
            .issuer_name(_NAME)
            .subject_name(subject)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - _LIFE)
            .not_valid_after(now + _LIFE)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        )


def _general_name(host: str) -> x509.GeneralName:
    """Return a host as a certificate names it: any name that a client may ask for, also one that IDNA would refuse."""
    try:
        return x509.IPAddress(ipaddress.ip_address(host.partition("%")[0]))
    except ValueError:
        return x509.DNSName(host)


def main(descriptor: int) -> None:
    """Say the authority's certificate on a socket that keeps messages apart, then answer hosts until nobody asks.

    An answer is empty where there can be no certificate for the host.
    """
    authority = Authority()
    authority.issue("once.example")  # whatever is imported by the first one is imported before the command runs
    with socket.socket(fileno=descriptor) as channel, suppress(OSError):
        channel.sendall(authority.certificate)
        while host := channel.recv(MOST_BYTES):
            try:
                answer = authority.issue(host.decode("ascii"))
            except ValueError:
                answer = b""
            channel.sendall(answer or b"\0")
