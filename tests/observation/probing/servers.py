"""Servers on loopback that behave as real and hostile ones do; all in the test's own event loop."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from openbeian.observation.probing.record import DnsAnswers, ResolverAnswer

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
PAGE = (
    "<!DOCTYPE html><html lang=zh-CN><head><meta charset=utf-8><title>清泉茶业官网</title></head><body><p>好茶</p>"
    '<footer><a href="https://beian.miit.gov.cn/">粤ICP备2021001858号</a></footer></body></html>'
).encode()


@asynccontextmanager
async def serve(handler: Handler, context: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A server for raw connections; gives its port."""
    tasks: set[asyncio.Task[None]] = set()

    async def guarded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await handler(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            tasks.discard(task)
            writer.transport.abort()

    server = await asyncio.start_server(guarded, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def read_head(reader: asyncio.StreamReader) -> str:
    return (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")


def answer(body: bytes = PAGE, *, status: str = "200 OK", headers: str = "", length: int | None = None) -> Handler:
    """Answers every request the same."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_head(reader)
        size = len(body) if length is None else length
        head = f"HTTP/1.1 {status}\r\nContent-Length: {size}\r\nConnection: close\r\n{headers}\r\n"
        writer.write(head.encode("latin-1") + body)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    return handler


class Table:
    """Knows names from a table; everything else is unknown."""

    def __init__(self, addresses: dict[str, tuple[str, ...]] | None = None, trouble: str = "no_such_name") -> None:
        self.addresses = addresses or {}
        self.trouble = trouble
        self.asked: list[str] = []

    async def look_up(self, host: str) -> DnsAnswers:
        self.asked.append(host)
        found = self.addresses.get(host, ())
        four, six = (tuple(a for a in found if (":" in a) is is_six) for is_six in (False, True))
        return DnsAnswers((ResolverAnswer("table", four, six, (), "" if found else self.trouble),))

    async def look_up_zone(self, domain: str) -> tuple[tuple[str, ...], str]:
        return (f"ns1.{domain}",), ""


class _NameServer(asyncio.DatagramProtocol):
    def __init__(self, records: dict[tuple[str, str], list[str]], behaviour: str) -> None:
        self._records, self._behaviour = records, behaviour

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if self._behaviour == "silent":
            return
        if self._behaviour == "garbage":
            self._transport.sendto(b"\xff" * 40, addr)  # type: ignore[attr-defined]
            return
        query = dns.message.from_wire(data)
        response = dns.message.make_response(query)
        question = query.question[0]
        name, kind = question.name.to_text(omit_final_dot=True), dns.rdatatype.to_text(question.rdtype)
        if self._behaviour == "servfail":
            response.set_rcode(dns.rcode.SERVFAIL)
        for _ in range(30):
            if values := self._records.get((name, kind)):
                response.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", kind, *values))
                break
            if not (alias := self._records.get((name, "CNAME"))):
                break
            response.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", "CNAME", *alias))
            name = alias[0].rstrip(".")
        if not response.answer and self._behaviour == "" and not any(n == name for n, _ in self._records):
            response.set_rcode(dns.rcode.NXDOMAIN)
        self._transport.sendto(response.to_wire(), addr)  # type: ignore[attr-defined]


@asynccontextmanager
async def serve_names(records: dict[tuple[str, str], list[str]], behaviour: str = "") -> AsyncIterator[str]:
    """A name server on loopback, as `address#port`; `behaviour`: silent, garbage, servfail."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        lambda: _NameServer(records, behaviour), local_addr=("127.0.0.1", 0)
    )
    try:
        yield f"127.0.0.1#{transport.get_extra_info('sockname')[1]}"
    finally:
        transport.close()


class Authority:
    """A certificate authority of the test's own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test Authority")])
        present = datetime.now(UTC)
        certificate = (
            self._begin(self._name, self._key, present - timedelta(days=900), present + timedelta(days=900))
            .add_extension(x509.BasicConstraints(ca=True, path_length=1), critical=True)
            .sign(self._key, hashes.SHA256())
        )
        self.trust_file = str(folder / "authority.pem")
        Path(self.trust_file).write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def context(
        self, names: list[str], *, days: tuple[int, int] = (-10, 90), self_signed: bool = False
    ) -> ssl.SSLContext:
        """A server's context with a certificate for these names, valid between two days counted from today."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
        present = datetime.now(UTC)
        builder = self._begin(subject, key, present + timedelta(days=days[0]), present + timedelta(days=days[1]))
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(n) for n in names]), critical=False)
        if self_signed:
            certificate = builder.issuer_name(subject).sign(key, hashes.SHA256())
        else:
            certificate = builder.issuer_name(self._name).sign(self._key, hashes.SHA256())
        path = self._folder / f"{names[0].replace('*', 'star')}-{days[0]}-{self_signed}.pem"
        path.write_bytes(
            certificate.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def _begin(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, start: datetime, until: datetime
    ) -> x509.CertificateBuilder:
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(until)
        )
        return builder.issuer_name(subject) if subject == self._name else builder
