"""The postman alone: what it keeps of each attempt, and what is read from that."""

from __future__ import annotations

import os
import socket
import ssl
import stat
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.notifications.receivers import Mailbox, open_mail_server

from openbeian.notifications.postman.office import PostOffice
from openbeian.notifications.postman.outcomes import OutcomeFile, forget_outcomes, recall_outcome
from openbeian.notifications.postman.posting import Fate, Letter, MailServer, Outcome, post_letter

LETTER = Letter("beian@example.cn", "person@example.cn", b"Message-ID: <k1@example.cn>\r\nSubject: x\r\n\r\nbody\r\n")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[PostOffice]:
    office = PostOffice(tmp_path / "postman")
    yield office
    office.close()


def close_file(file: OutcomeFile) -> None:
    os.close(file._file)


def test_a_letter_handed_over_arrives_and_its_outcome_can_be_recalled(office: PostOffice, tmp_path: Path) -> None:
    with open_mail_server() as (mailbox, port):
        name = office.find_postman()
        outcome = office.hand_over(MailServer("127.0.0.1", port), LETTER, "k1", 1)
    assert outcome == Outcome(Fate.DELIVERED)
    assert mailbox.message_ids == ["<k1@example.cn>"]
    assert office.recall_attempt(name, "k1", 1) == Outcome(Fate.DELIVERED)
    office.close()
    assert PostOffice(tmp_path / "postman").recall_attempt(name, "k1", 1) == Outcome(Fate.DELIVERED)


def test_the_outcomes_are_the_owners_only_and_name_no_address(office: PostOffice, tmp_path: Path) -> None:
    with open_mail_server() as (_, port):
        name = office.find_postman()
        office.hand_over(MailServer("127.0.0.1", port, user="", password="geheim"), LETTER, "k1", 1)
    file = tmp_path / "postman" / f"{name}.jsonl"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert "person@example.cn" not in file.read_text()
    assert "geheim" not in file.read_text()


@pytest.mark.parametrize(("reply", "fate"), [("554 no", Fate.REFUSED), ("451 later", Fate.UNDELIVERED)])
def test_the_servers_no_is_kept_like_its_yes(office: PostOffice, reply: str, fate: Fate) -> None:
    with open_mail_server() as (mailbox, port):
        mailbox.replies.append(reply)
        name = office.find_postman()
        assert office.hand_over(MailServer("127.0.0.1", port), LETTER, "k1", 1) == Outcome(fate, reply)
    assert office.recall_attempt(name, "k1", 1) == Outcome(fate, reply)


def test_what_never_began_is_unsent_and_what_never_ended_unknown(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    file = OutcomeFile(path)
    file.note_begun("k1", 1)
    assert recall_outcome(path, "k1", 1, 0.1) == Outcome(Fate.UNKNOWN)
    close_file(file)
    assert recall_outcome(path, "k1", 1, 60) == Outcome(Fate.UNKNOWN)
    assert recall_outcome(path, "k1", 2, 60) == Outcome(Fate.UNSENT)
    assert recall_outcome(path, "k2", 1, 60) == Outcome(Fate.UNSENT)
    assert recall_outcome(tmp_path / "other.jsonl", "k1", 1, 60) == Outcome(Fate.UNKNOWN)


def test_a_line_cut_off_by_a_crash_counts_for_nothing(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    file = OutcomeFile(path)
    file.note_begun("k1", 1)
    os.write(file._file, b'{"letter": "k1", "attempt": 1, "fate": "deliv')
    close_file(file)
    assert recall_outcome(path, "k1", 1, 60) == Outcome(Fate.UNKNOWN)


def test_who_recalls_waits_for_a_postman_at_work(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    file = OutcomeFile(path)
    file.note_begun("k1", 1)
    later = threading.Timer(0.4, lambda: file.note_outcome("k1", 1, Outcome(Fate.DELIVERED)))
    later.start()
    assert recall_outcome(path, "k1", 1, 30) == Outcome(Fate.DELIVERED)
    later.join()
    close_file(file)


def test_files_of_postmen_long_gone_are_removed_and_no_others(tmp_path: Path) -> None:
    gone, at_work, fresh = (OutcomeFile(tmp_path / f"{name}.jsonl") for name in ("gone", "at_work", "fresh"))
    close_file(gone)
    close_file(fresh)
    for name in ("gone", "at_work"):
        os.utime(tmp_path / f"{name}.jsonl", (1000, 1000))
    forget_outcomes(tmp_path, before=2000)
    assert sorted(path.stem for path in tmp_path.iterdir()) == ["at_work", "fresh"]
    close_file(at_work)


def test_a_name_that_is_no_name_is_not_looked_for(office: PostOffice) -> None:
    assert office.recall_attempt("../../etc/passwd", "k1", 1) == Outcome(Fate.UNKNOWN)
    assert office.recall_attempt("", "k1", 1) == Outcome(Fate.UNKNOWN)


def test_a_connection_that_breaks_after_the_content_is_unknown_and_before_it_undelivered() -> None:
    for until, fate in ((b"RCPT", Fate.UNDELIVERED), (b".\r\n", Fate.UNKNOWN)):
        with socket.create_server(("127.0.0.1", 0)) as server:
            thread = threading.Thread(target=_hang_up_at, args=(server, until))
            thread.start()
            outcome = post_letter(MailServer("127.0.0.1", server.getsockname()[1]), LETTER)
            thread.join()
        assert (outcome.fate, outcome.answer, until) == (fate, "SMTPServerDisconnected", until)


def test_nobody_listening_is_undelivered() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert post_letter(MailServer("127.0.0.1", port), LETTER) == Outcome(Fate.UNDELIVERED, "ConnectionRefusedError")


# The test server does not know that a connection it answers over TLS from the start is one.
@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_password_goes_only_over_tls_to_a_server_whose_certificate_holds(
    security: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = make_certificate(tmp_path)
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(certificate)
    seen: list[tuple[bytes, bytes]] = []

    def check(server: Any, session: Any, envelope: Any, mechanism: str, login: Any) -> AuthResult:
        seen.append((login.login, login.password))
        return AuthResult(success=login.password == b"geheim", handled=False)

    mailbox, port = Mailbox(), free_port()
    over_tls: dict[str, Any] = {"ssl_context": theirs} if security == "tls" else {"tls_context": theirs}
    kind = Controller if security == "starttls" else ControllerOverTLS
    controller = kind(
        mailbox, hostname="127.0.0.1", port=port, authenticator=check, auth_required=True,
        auth_require_tls=security == "starttls", **over_tls,
    )  # fmt: skip
    controller.start()
    try:
        server = MailServer("127.0.0.1", port, "beian", "geheim", security)
        assert post_letter(server, LETTER).fate is Fate.UNDELIVERED
        assert seen == []
        trusting = ssl.create_default_context(cafile=str(certificate))
        monkeypatch.setattr("openbeian.notifications.postman.posting.ssl.create_default_context", lambda: trusting)
        assert post_letter(server, LETTER) == Outcome(Fate.DELIVERED)
        assert post_letter(replace(server, password="falsch"), LETTER).fate is Fate.REFUSED
    finally:
        controller.stop()
    assert mailbox.message_ids == ["<k1@example.cn>"]
    assert seen[0] == (b"beian", b"geheim")


class ControllerOverTLS(Controller):
    """Its own trial connection at the start does not know the certificate either."""

    def _trigger_server(self) -> None:
        with socket.create_connection((self.hostname, self.port)), suppress(OSError):
            return


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def make_certificate(folder: Path) -> Path:
    """A self-signed certificate for 127.0.0.1 with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=36500))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(secret + built.public_bytes(pem))
    return path


def _hang_up_at(server: socket.socket, until: bytes) -> None:
    """Answers as a mail server does, and hangs up without an answer at that line."""
    connection, _ = server.accept()
    with connection, connection.makefile("rb") as lines:
        connection.sendall(b"220 x\r\n")
        is_content = False
        for line in lines:
            if line.upper().startswith(until):
                return
            if not is_content:
                is_content = line.upper().startswith(b"DATA")
                connection.sendall(b"354 go\r\n" if is_content else b"250 ok\r\n")
