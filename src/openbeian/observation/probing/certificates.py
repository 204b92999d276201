"""Looks at the certificate a site shows: chain, host, term; the verdict on the chain is OpenSSL's own."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from datetime import timedelta
from functools import lru_cache
from typing import Any

import certifi
from cryptography import x509

from openbeian.kernel.clock import now
from openbeian.observation.probing.record import Certificate, Whose
from openbeian.observation.probing.settings import ProbeSettings

_SELF_SIGNED_LEAF = 18
_MOST_NAMES = 200
_MOST_CHAIN = 10


async def look_at_certificate(host: str, address: str, settings: ProbeSettings) -> Certificate:
    """The certificate shown at an address (already checked) for a host. Never raises for what the site does."""
    try:
        async with asyncio.timeout(settings.connect_timeout_s + settings.read_timeout_s):
            try:
                return _read(host, await _shake_hands(host, address, settings, _verifying(settings.trust_file)), 0)
            except ssl.SSLCertVerificationError as refusal:
                shown = await _shake_hands(host, address, settings, _accepting())
                return _read(host, shown, refusal.verify_code)
    except ssl.SSLError:
        return Certificate(trouble="tls_failed")
    except TimeoutError:
        return Certificate(trouble="timeout", whose=Whose.UNKNOWN)
    except (ConnectionRefusedError, ConnectionResetError, BrokenPipeError):
        return Certificate(trouble="no_https")
    except OSError:
        return Certificate(trouble="network_unreachable", whose=Whose.OURS)


async def _shake_hands(host: str, address: str, settings: ProbeSettings, context: ssl.SSLContext) -> list[bytes]:
    """The certificates shown, the site's own first, each in DER."""
    _, writer = await asyncio.open_connection(address, settings.https_port, ssl=context, server_hostname=host)
    try:
        shaken: ssl.SSLObject = writer.get_extra_info("ssl_object")
        own = shaken.getpeercert(binary_form=True) or b""
        return [own, *(each for each in _chain(shaken) if each != own)][:_MOST_CHAIN]
    finally:
        writer.transport.abort()


def _chain(shaken: Any) -> list[bytes]:
    # Public from Python 3.13 on; before, only on the object behind.
    behind = shaken if hasattr(shaken, "get_unverified_chain") else getattr(shaken, "_sslobj", None)
    shown: list[Any] = getattr(behind, "get_unverified_chain", list)() or []
    return [each if isinstance(each, bytes) else ssl.PEM_cert_to_DER_cert(each.public_bytes()) for each in shown]


def _read(host: str, shown: list[bytes], verify_code: int) -> Certificate:
    der = shown[0]
    try:
        own = x509.load_der_x509_certificate(der)
        subject, issuer, names = own.subject.rfc4514_string(), own.issuer.rfc4514_string(), _names(own)
        valid_from, valid_until = own.not_valid_before_utc, own.not_valid_after_utc
        # The last second counts: 23:59:59 is still valid.
        is_over, is_early = now() > valid_until + timedelta(seconds=1), now() < valid_from
    except ValueError:
        return Certificate(sha256=hashlib.sha256(der).hexdigest(), trouble="certificate_untrusted", der=der)
    matches = any(_covers(name, host) for name in names)
    trouble = ""
    if is_over:
        trouble = "certificate_expired"
    elif is_early:
        trouble = "certificate_not_yet_valid"
    elif not matches:
        trouble = "certificate_host_mismatch"
    elif verify_code:
        trouble = "certificate_self_signed" if verify_code == _SELF_SIGNED_LEAF else "certificate_untrusted"
    return Certificate(
        subject=subject,
        issuer=issuer,
        names=names,
        valid_from=valid_from,
        valid_until=valid_until,
        sha256=hashlib.sha256(der).hexdigest(),
        chain=tuple(_subject(each) for each in shown),
        matches_host=matches,
        is_trusted=not verify_code,
        trouble=trouble,
        der=der,
    )


def _subject(der: bytes) -> str:
    try:
        return x509.load_der_x509_certificate(der).subject.rfc4514_string()
    except ValueError:
        return ""


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    return tuple(name.lower() for name in names.get_values_for_type(x509.DNSName)[:_MOST_NAMES])


def _covers(name: str, host: str) -> bool:
    """Whether a name on a certificate is the host's; a star stands for exactly one label. Source: RFC 6125 6.4.3."""
    host = host.rstrip(".").lower()
    return name == host or (name.startswith("*.") and host.partition(".")[2] == name[2:] != "")


@lru_cache(maxsize=4)
def _verifying(trust_file: str) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=trust_file or None)
    if not trust_file and not context.cert_store_stats()["x509_ca"]:
        context.load_verify_locations(certifi.where())  # a bare machine has no authorities of its own
    return context


@lru_cache(maxsize=1)
def _accepting() -> ssl.SSLContext:
    """Reads any certificate; what is sent over such a connection is nothing but a handshake."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
