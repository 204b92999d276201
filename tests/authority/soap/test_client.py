"""The SOAP client against our bureau, zeep against our WSDL, and the client against answers nobody should send."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
import zeep
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from tests.authority.bureau import KEYS, connect, make_bureau, serve
from tests.authority.samples import PROVIDER, make_filing, make_upload

from openbeian.authority import envelope
from openbeian.authority.errors import (
    AuthorityError,
    CredentialsRefused,
    DocumentNotSendable,
    DocumentUnreadable,
    EnvelopeRefused,
    FileRefused,
    NotAnswered,
    RightRefused,
    SequenceBroken,
    TryLater,
    UnclearRefusal,
)
from openbeian.authority.interface import Algorithms, get_interface
from openbeian.authority.messages.reader import read_download
from openbeian.authority.messages.writer import write
from openbeian.authority.profiles import Profile
from openbeian.authority.soap.calls import read_answer, read_call, write_answer, write_call, write_fault
from openbeian.authority.soap.client import AuthorityClient
from openbeian.authority.soap.returns import FilingStatus, Return, ReturnedFile, read_return, write_return

PARAMETERS = {"ispId": 1, "userName": "u", "randVal": "r", "pwdHash": "h", "hashAlgorithm": 0, "fileName": "a.xml"}


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    with serve(make_bureau(tmp_path)) as address:
        yield address


def pack(number: int = 1) -> bytes:
    return envelope.compress(write(make_upload(make_filing(number))), "beianinfo.xml")


def test_a_report_travels_there_and_its_answers_travel_back(url: str) -> None:
    with connect(url) as client:
        tables = client.download()
        assert tables is not None
        client.acknowledge(tables.name)
        assert client.query_previous().sequence == 0
        client.upload(pack(), 1)
        previous = client.query_previous()
        assert (previous.sequence, previous.archive) == (1, pack())
        received = client.download()
        assert received is not None
        news = read_download(received.xml).document.icp
        assert news is not None
        assert news.reviews[0].outcome == 1
        assert not client.query_status("other.cn").is_filed
        status = client.query_status("example1.cn")
        assert status.is_filed
        assert client.verify_password(status.site_number, "00000000x") is False


def test_an_upload_without_encryption_is_taken_and_the_download_is_encrypted_all_the_same(url: str) -> None:
    with connect(url, upload=Algorithms(0, 0, 0)) as client:
        client.upload(pack(), 1)
        assert client.query_previous().archive == pack()


def test_zeep_as_an_independent_client_understands_our_wsdl(url: str) -> None:
    described = zeep.Client(f"{url}/ISPWebService/upDownLoad?wsdl")
    random_value = envelope.make_random_value()
    hashed = envelope.hash_password("demo-password", random_value)
    sealed = envelope.seal(pack(), KEYS, get_interface().upload)
    answer = read_return(
        described.service.isp_upload(PROVIDER, "demo", random_value, hashed, sealed.content, sealed.digest, 1, 1, 0, 0)
    )
    assert (answer.code, answer.message) == (0, "成功。")
    random_value = envelope.make_random_value()
    hashed = envelope.hash_password("demo-password", random_value)
    answer = read_return(
        described.service.isp_download(
            ispID=PROVIDER, userName="demo", randVal=random_value, pwdHash=hashed, hashAlgorithm=0
        )
    )
    assert answer.file is not None
    assert envelope.expand(envelope.unseal(answer.file.sealed, KEYS)).file_name == answer.file.name
    status = zeep.Client(f"{url}/BeianStatusWebService/queryBeianStatus?wsdl").service.isp_querybeianstatus
    password = zeep.Client(f"{url}/BeianStatusWebService/verifyBamm?wsdl").service.isp_verifybamm
    found = read_return(status(*sign(), 0, 0, "example1.cn")).status
    assert found is not None
    assert found.is_filed
    assert read_return(password(*sign(), 0, found.site_number, "wrong")).password_matches is False
    for method, more in (("isp_querypreviousupload", ()), ("isp_downloadack", (answer.file.name,))):
        assert read_return(getattr(described.service, method)(*sign(), 0, *more)).code == 0


def sign() -> tuple[int, str, str, str]:
    random_value = envelope.make_random_value()
    return PROVIDER, "demo", random_value, envelope.hash_password("demo-password", random_value)


def test_both_spellings_of_the_providers_number_are_understood() -> None:
    for method in ("isp_download", "isp_querypreviousupload"):
        raw = write_call(method, PARAMETERS)
        assert (b"<ispID" in raw) == (method == "isp_download")
        assert read_call(raw).parameters["ispId"] == "1"


def test_parameters_travel_in_the_specified_order_and_without_a_namespace() -> None:
    root = etree.fromstring(write_call("isp_downloadack", PARAMETERS))
    wrapper = root[0][0]
    assert wrapper.tag == "{http://www.miibeian.gov.cn}isp_downloadack"
    assert [child.tag for child in wrapper] == ["ispID", "userName", "randVal", "pwdHash", "hashAlgorithm", "fileName"]


def answering(body: bytes | Callable[[], bytes], status: int = 200) -> AuthorityClient:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(status, stream=httpx.ByteStream(body() if callable(body) else body))

    profile = Profile("http://bureau.invalid", PROVIDER, "demo", "demo-password", KEYS)
    return AuthorityClient(profile, transport=httpx.MockTransport(answer))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (4, CredentialsRefused),
        (5, CredentialsRefused),
        (6, FileRefused),
        (7, FileRefused),
        (12, CredentialsRefused),
        (13, RightRefused),
        (14, SequenceBroken),
        (15, TryLater),
        (16, CredentialsRefused),
        (18, FileRefused),
        (19, RightRefused),
        (20, TryLater),
        (22, TryLater),
        (901, TryLater),
        (902, TryLater),
        (999, UnclearRefusal),
        (555, UnclearRefusal),
    ],
)
def test_each_class_of_answer_is_an_exception_of_its_own(code: int, expected: type[AuthorityError]) -> None:
    text = write_return(Return(code, "允许时段 {08}:00-20:00", missing=(3, 4) if code == 14 else ()))
    with pytest.raises(AuthorityError) as refusal:
        answering(write_answer("isp_upload", text)).upload(pack(), 1)
    assert type(refusal.value) is expected
    assert refusal.value.result_code == code
    assert "允许时段 {08}:00-20:00" in refusal.value.text.zh
    if isinstance(refusal.value, SequenceBroken):
        assert refusal.value.missing == (3, 4)


def no_elements() -> bytes:
    return b"<a>" + b"<b/>" * 3_000_000 + b"</a>"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 200),
        (b"<html>502</html>", 502),
        (b"<html>hello</html>", 200),
        (b"\x00\x01", 200),
        (write_answer("isp_download", "<return"), 200),
        (write_answer("isp_download", "   "), 200),
        (write_answer("isp_download", "<other/>"), 200),
        (write_answer("isp_download", "<return><msg_code>zero</msg_code></return>"), 200),
        (write_answer("isp_download", '<!DOCTYPE a [<!ENTITY b "c">]><return><msg_code>0</msg_code></return>'), 200),
        (write_fault("no"), 500),
        (write_fault("no"), 200),
        (no_elements, 200),
        (lambda: b"x" * (97 * 1024 * 1024), 200),
    ],
    ids=[
        "empty",
        "502",
        "html",
        "bytes",
        "cut",
        "blank",
        "root",
        "number",
        "dtd",
        "fault",
        "fault-200",
        "elements",
        "oversize",
    ],
)
def test_what_is_no_answer_leaves_the_outcome_unknown(body: bytes | Callable[[], bytes], status: int) -> None:
    with pytest.raises(NotAnswered) as refusal:
        answering(body, status).download()
    assert not refusal.value.outcome_known


def test_a_connection_that_fails_or_hangs_leaves_the_outcome_unknown() -> None:
    for error in (httpx.ConnectError("no"), httpx.ReadTimeout("slow"), httpx.RemoteProtocolError("cut")):

        def fail(request: httpx.Request, error: httpx.HTTPError = error) -> httpx.Response:
            raise error

        profile = Profile("http://bureau.invalid", PROVIDER, "demo", "demo-password", KEYS)
        with pytest.raises(NotAnswered):
            AuthorityClient(profile, transport=httpx.MockTransport(fail)).query_previous()


def test_a_download_that_cannot_be_opened_names_the_code_and_is_not_acknowledged() -> None:
    sealed = envelope.seal(pack(), KEYS, get_interface().download)
    damaged = envelope.Sealed(sealed.content, "AAAAAAAAAAAAAAAAAAAAAA==", sealed.algorithms)
    text = write_return(Return(0, "好", file=ReturnedFile("a.xml", damaged)))
    with pytest.raises(EnvelopeRefused) as refusal:
        answering(write_answer("isp_download", text)).download()
    assert refusal.value.result_code == 7


def test_an_answer_whose_declaration_says_gbk_is_read_from_its_text() -> None:
    text = write_return(Return(0, "操作成功"))
    assert text.startswith('<?xml version="1.0" encoding="GBK"?>')
    assert read_return(read_answer(write_answer("isp_upload", text))).message == "操作成功"


@pytest.mark.parametrize("query", ["exa\x00mple.cn", "\ud800.cn"])
def test_a_text_that_xml_cannot_hold_is_refused_before_it_is_sent(query: str) -> None:
    with pytest.raises(DocumentNotSendable):
        answering(b"").query_status(query)


def test_secrets_stay_out_of_a_profiles_repr_and_out_of_the_call() -> None:
    client = answering(b"")
    assert "demo-password" not in repr(client.profile)
    assert "0123456789abcdef" not in repr(client.profile)
    assert b"demo-password" not in write_call("isp_download", PARAMETERS)


RETURNS = st.builds(
    Return,
    code=st.integers(0, 999),
    message=st.text(st.characters(codec="gbk", exclude_categories=["Cc", "Cs", "Z"]), max_size=30),
    missing=st.lists(st.integers(1, 10**9), max_size=3).map(tuple),
    status=st.none()
    | st.builds(FilingStatus, st.integers(0, 12), st.just("example.cn"), st.booleans(), st.just("网站")),
    password_matches=st.none() | st.booleans(),
)


@settings(max_examples=100, deadline=None)
@given(RETURNS)
def test_a_return_document_reads_back_as_it_was(answer: Return) -> None:
    assert read_return(read_answer(write_answer("isp_upload", write_return(answer)))) == answer


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=200)
    | st.text(max_size=100).map(lambda text: write_answer("isp_upload", "x").replace(b">x<", f">{text}<".encode()))
)
def test_arbitrary_answers_and_calls_are_refused_and_never_break_the_parser(raw: bytes) -> None:
    with pytest.raises(DocumentUnreadable):
        read_call(raw)
    with pytest.raises(DocumentUnreadable):
        read_return(read_answer(raw))


@pytest.mark.needs_shared
@pytest.mark.parametrize(
    "name", ["upload_return", "download_return", "downloadack_return", "prevupload_return", "beianstatus_return"]
)
def test_returns_keep_to_the_official_schemas_but_for_their_impossible_message_length(
    name: str, schema_folder: Path
) -> None:
    source = (
        (schema_folder / f"{name}.xsd")
        .read_bytes()
        .replace(b'<xs:length value="256"/>', b'<xs:maxLength value="256"/>')
    )
    schema = etree.XMLSchema(etree.fromstring(source))
    sealed = envelope.seal(pack(), KEYS, get_interface().download)
    answers = {
        "upload_return": Return(14, "有缺失", missing=(1, 2)),
        "download_return": Return(0, "好", file=ReturnedFile("a.xml", sealed)),
        "downloadack_return": Return(21, "空"),
        "prevupload_return": Return(0, "好", file=ReturnedFile("a.xml", sealed, 7)),
        "beianstatus_return": Return(
            0, "好", status=FilingStatus(0, "example.cn", True, "网站", "京ICP备1号", "京ICP备1号-1")
        ),
    }
    text = write_return(answers[name]).partition("?>")[2]
    schema.assertValid(etree.fromstring(text))
