"""A certificate authority for one run: made in memory, trusted by the audited command alone, gone with the process.

Certificates as in RFC 5280, signed by ECDSA on P-256 (FIPS 186-4; curve and generator from SEC 2). It is written out
here because nothing in Python's standard library makes a certificate. It protects nothing: whoever could break it
would learn what the audited command told us.
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import secrets
from datetime import datetime, timedelta, timezone

_P = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
_A = _P - 3
_N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
_BYTES = 32

_SEQUENCE, _SET, _INTEGER, _BIT_STRING, _OCTET_STRING, _OID, _UTF8, _UTC, _TRUE = (
    0x30, 0x31, 0x02, 0x03, 0x04, 0x06, 0x0C, 0x17, b"\x01\x01\xff",
)  # fmt: skip
_EC_KEY = bytes.fromhex("06072a8648ce3d0201")
_P256 = bytes.fromhex("06082a8648ce3d030107")
_ECDSA_SHA256 = bytes.fromhex("06082a8648ce3d040302")
_COMMON_NAME = bytes.fromhex("0603550403")
_BASIC_CONSTRAINTS = bytes.fromhex("0603551d13")
_KEY_USAGE = bytes.fromhex("0603551d0f")
_EXTENDED_USAGE = bytes.fromhex("0603551d25")
_SERVER_AUTHENTICATION = bytes.fromhex("06082b06010505070301")
_SUBJECT_KEY, _AUTHORITY_KEY = bytes.fromhex("0603551d0e"), bytes.fromhex("0603551d23")
_ALTERNATIVE_NAME = bytes.fromhex("0603551d11")
_SIGN_CERTIFICATES, _SIGN = b"\x03\x02\x01\x06", b"\x03\x02\x07\x80"

_NAME = "showcase audit, this run only"
_LIFE = timedelta(days=1)

Point = tuple[int, int]


class Authority:
    """Signs certificates for names. All of them have one key, which is not the authority's."""

    def __init__(self) -> None:
        self._secret, self._public = _key_pair()
        self._leaf_secret, self._leaf_public = _key_pair()
        usage = _extension(_BASIC_CONSTRAINTS, _der(_SEQUENCE, _TRUE), critical=True)
        usage += _extension(_KEY_USAGE, _SIGN_CERTIFICATES, critical=True)
        self.certificate = self._sign(_NAME, self._public, usage)
        """Its own certificate, PEM."""

    def issue(self, host: str) -> bytes:
        """Return a certificate for a host and its private key, PEM."""
        usage = _extension(_KEY_USAGE, _SIGN, critical=True)
        usage += _extension(_EXTENDED_USAGE, _der(_SEQUENCE, _SERVER_AUTHENTICATION))
        usage += _extension(_ALTERNATIVE_NAME, _der(_SEQUENCE, _general_name(host)), critical=True)
        key = _der(
            _SEQUENCE,
            b"\x02\x01\x01",
            _der(_OCTET_STRING, self._leaf_secret.to_bytes(_BYTES, "big")),
            _der(0xA0, _P256),
        )
        return self._sign(host[:64], self._leaf_public, usage) + _pem("EC PRIVATE KEY", key)

    def _sign(self, subject: str, public: Point, extensions: bytes) -> bytes:
        now = datetime.now(timezone.utc)
        algorithm = _der(_SEQUENCE, _ECDSA_SHA256)
        extensions += _extension(_SUBJECT_KEY, _der(_OCTET_STRING, _identifier(public)))
        extensions += _extension(_AUTHORITY_KEY, _der(_SEQUENCE, _der(0x80, _identifier(self._public))))
        body = _der(
            _SEQUENCE,
            b"\xa0\x03\x02\x01\x02",  # version 3
            _integer(secrets.randbits(120) | 1),
            algorithm,
            _distinguished(_NAME),
            _der(_SEQUENCE, _moment(now - _LIFE), _moment(now + _LIFE)),
            _distinguished(subject),
            _der(_SEQUENCE, _der(_SEQUENCE, _EC_KEY, _P256), _der(_BIT_STRING, b"\0", _encoded(public))),
            _der(0xA3, _der(_SEQUENCE, extensions)),
        )
        return _pem("CERTIFICATE", _der(_SEQUENCE, body, algorithm, _der(_BIT_STRING, b"\0", self._signature(body))))

    def _signature(self, message: bytes) -> bytes:
        digest = int.from_bytes(hashlib.sha256(message).digest(), "big")
        once = secrets.randbelow(_N - 1) + 1
        r = _times(once, _G)[0] % _N
        s = pow(once, -1, _N) * (digest + r * self._secret) % _N
        return _der(_SEQUENCE, _integer(r), _integer(s))


def _key_pair() -> tuple[int, Point]:
    secret = secrets.randbelow(_N - 1) + 1
    return secret, _times(secret, _G)


def _times(factor: int, point: Point) -> Point:
    """Return a multiple of a point, by doubling and adding."""
    total: Point | None = None
    while factor:
        if factor & 1:
            total = point if total is None else _plus(total, point)
        point = _plus(point, point)
        factor >>= 1
    assert total is not None, "no multiple of zero is asked for"  # noqa: S101 - for the type
    return total


def _plus(one: Point, other: Point) -> Point:
    """Add two points; that one is the other's negative does not come up below the order of the curve."""
    if one == other:
        slope = (3 * one[0] * one[0] + _A) * pow(2 * one[1], -1, _P)
    else:
        slope = (other[1] - one[1]) * pow(other[0] - one[0], -1, _P)
    x = (slope * slope - one[0] - other[0]) % _P
    return x, (slope * (one[0] - x) - one[1]) % _P


def _encoded(point: Point) -> bytes:
    return b"\x04" + point[0].to_bytes(_BYTES, "big") + point[1].to_bytes(_BYTES, "big")


def _identifier(public: Point) -> bytes:
    return hashlib.sha256(_encoded(public)).digest()[:20]


def _der(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    length = len(content)
    if length < 0x80:  # noqa: PLR2004 - the short form of a length
        return bytes([tag, length]) + content
    digits = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(digits)]) + digits + content


def _integer(value: int) -> bytes:
    return _der(_INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _moment(at: datetime) -> bytes:
    return _der(_UTC, at.strftime("%y%m%d%H%M%SZ").encode())


def _distinguished(name: str) -> bytes:
    return _der(_SEQUENCE, _der(_SET, _der(_SEQUENCE, _COMMON_NAME, _der(_UTF8, name.encode()))))


def _extension(identifier: bytes, value: bytes, *, critical: bool = False) -> bytes:
    return _der(_SEQUENCE, identifier, _TRUE if critical else b"", _der(_OCTET_STRING, value))


def _general_name(host: str) -> bytes:
    try:
        return _der(0x87, ipaddress.ip_address(host).packed)
    except ValueError:
        return _der(0x82, host.encode("ascii", "replace"))


def _pem(kind: str, der: bytes) -> bytes:
    text = base64.b64encode(der).decode()
    lines = "\n".join(text[at : at + 64] for at in range(0, len(text), 64))
    return f"-----BEGIN {kind}-----\n{lines}\n-----END {kind}-----\n".encode()
